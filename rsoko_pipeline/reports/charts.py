"""Charts of the workbooks: bars over the cells of a table.

Belongs here: how a chart looks. Does not belong here: which chart a page has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rsoko_pipeline.reports.workbook import Block

#: Colours of the marks 2 to 5, told apart without seeing red and green.
MARK_COLOURS = {2: "C8553D", 3: "F2C14E", 4: "8FBCE6", 5: "2E6DA4"}
CHANGE_COLOURS = ("C8553D", "BFBFBF", "2E6DA4")
COMPARISON_COLOURS = ("2E6DA4", "F2C14E", "BFBFBF")
SINGLE_COLOUR = "2E6DA4"


@dataclass(frozen=True)
class Bars:
    """A bar chart over columns of a block.

    Attributes:
        title: title of the chart.
        categories: head of the column of categories.
        series: heads of the columns of values; the head names the series.
        colours: a colour for each series, RRGGBB.
        grouping: ``clustered``, ``stacked`` or ``percentStacked``.
        horizontal: bars from left to right, the first category on top.
        x_title, y_title: titles of the axes.
        number_format: how the axis of values is written.
        top: the greatest value of the axis, where it is fixed.
        gap: width between bars in per cent of a bar.
    """

    title: str
    categories: str
    series: Sequence[str]
    colours: Sequence[str]
    grouping: str = "clustered"
    horizontal: bool = False
    x_title: str | None = None
    y_title: str | None = None
    number_format: str = "0%"
    top: float | None = None
    gap: int = 60


def bars_height(rows: int) -> float:
    """Height in centimetres of a chart with a horizontal bar for each of ``rows`` rows."""
    return min(5 + 0.55 * rows, 40)


def add_bars(block: Block, bars: Bars, *, anchor: str = "", width: float, height: float = 9) -> None:
    """Draw the chart on the block's page.

    Args:
        block: the table with the numbers; without rows nothing is drawn.
        bars: what to draw.
        anchor: cell under the chart's upper left corner; by default below the table.
        width: in centimetres.
        height: in centimetres.
    """
    from openpyxl.chart import BarChart, Series

    if block.last < block.first:
        return
    chart = BarChart()
    chart.type = "bar" if bars.horizontal else "col"
    chart.grouping = bars.grouping
    chart.overlap = 0 if bars.grouping == "clustered" else 100
    chart.gapWidth = bars.gap
    chart.width, chart.height = width, height
    chart.title = bars.title
    chart.title.tx.rich.p[0].pPr = _paragraph(size=12, bold=True)
    chart.title.overlay = False
    for head, colour in zip(bars.series, bars.colours, strict=False):
        series = Series(block.reference(head, with_head=True), title_from_data=True)
        series.graphicalProperties.solidFill = colour
        series.graphicalProperties.line.solidFill = "FFFFFF" if bars.grouping != "clustered" else colour
        series.invertIfNegative = False
        chart.series.append(series)
    chart.set_categories(block.reference(bars.categories, with_head=False))
    _dress_axes(chart, bars)
    if len(bars.series) > 1:
        chart.legend.position = "b"
    else:
        chart.legend = None
    below = block.last + 3
    if not anchor:
        block.page.keep_together(block, from_row=below)
    block.page.sheet.add_chart(chart, anchor or f"A{below}")


def _dress_axes(chart: Any, bars: Bars) -> None:
    from openpyxl.chart.shapes import GraphicalProperties

    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.title, chart.y_axis.title = bars.x_title, bars.y_title
    for axis in (chart.x_axis, chart.y_axis):
        axis.txPr = _text_properties(size=9)
        if axis.title is not None:
            axis.title.tx.rich.p[0].pPr = _paragraph(size=9, bold=False)
            axis.title.overlay = False
    chart.y_axis.number_format = bars.number_format
    chart.y_axis.scaling.min = 0
    chart.y_axis.scaling.max = bars.top
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=_line("D9D9D9"))
    chart.x_axis.tickLblPos = "low"
    if bars.horizontal:
        chart.x_axis.scaling.orientation = "maxMin"
        chart.y_axis.crosses = "max"


def _line(colour: str) -> Any:
    from openpyxl.drawing.line import LineProperties

    return LineProperties(solidFill=colour, w=6350)


def _paragraph(*, size: int, bold: bool) -> Any:
    from openpyxl.drawing.text import CharacterProperties, ParagraphProperties

    return ParagraphProperties(defRPr=CharacterProperties(sz=size * 100, b=bold))


def _text_properties(*, size: int) -> Any:
    from openpyxl.chart.text import RichText
    from openpyxl.drawing.text import Paragraph

    properties = _paragraph(size=size, bold=False)
    return RichText(p=[Paragraph(pPr=properties, endParaRPr=properties.defRPr)])

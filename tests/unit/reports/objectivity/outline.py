"""What an HTML page says, and whether its tags open and close."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"meta", "br", "col"}


class Outline(HTMLParser):
    """Tags that open and close, links, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self._words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(word for word in self._words if word)


def outline(page: str) -> Outline:
    """The page, parsed; every tag must have been closed."""
    parser = Outline()
    parser.feed(page)
    assert not parser.open
    return parser

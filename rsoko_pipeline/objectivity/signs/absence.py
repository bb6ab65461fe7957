"""ABSENCE: more pupils stayed away from the work than elsewhere.

Belongs here: absent of enrolled. Does not belong here: coverage of statistics.
"""

from __future__ import annotations

from numpy.typing import NDArray

from rsoko_pipeline.objectivity.result import SignRows
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.signs.journal import share
from rsoko_pipeline.objectivity.work import NotAvailable, Work


def compute(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Beta-binomial test of the absent among the enrolled."""
    if work.enrolled is None or work.absent is None:
        raise NotAvailable("неизвестно число обучающихся: нет контингента и нет строк об отсутствовавших")
    if not work.absent.any():
        raise NotAvailable("отсутствовавших нет ни в одной школе")
    return share(work, work.absent, work.enrolled, reference, settings, curved=False)

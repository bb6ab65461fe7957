"""Seeded streams of random numbers by name: what is drawn in one place never depends on what is drawn in another.

Belongs here: naming streams. Does not belong here: what is drawn from them.
"""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *names: object) -> np.random.Generator:
    """The generator of the stream ``names`` under ``seed``; equal arguments give equal numbers on every machine."""
    return np.random.default_rng([seed, *(zlib.crc32(repr(name).encode()) for name in names)])

"""Independent random numbers for every part of every sample, from one root seed."""

from __future__ import annotations

import hashlib

import numpy as np


def random_stream(seed: int, stream: str, chunk: int) -> np.random.Generator:
    """Return the random numbers of one chunk of a named stream.

    The stream depends on nothing else: not on the order of chunks, the number of processes or other samples.

    Args:
        seed: root seed, not negative.
        stream: name, e.g. that of the sample.
        chunk: number of the chunk.

    Example:
        >>> a, b = random_stream(1, "signal", 0), random_stream(1, "signal", 0)
        >>> bool(a.random() == b.random())
        True
    """
    # Python's own hash of a text changes from process to process
    words = np.frombuffer(hashlib.sha256(stream.encode()).digest()[:16], dtype="<u4")
    return np.random.default_rng(np.random.SeedSequence([seed, *(int(word) for word in words), chunk]))

"""How likely tracks pass cuts on their identification: 1 or 0 by the answer of the detector, or its probability."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.response.identification import pass_probability
from darkreach.response.track_hypotheses import HYPOTHESES
from darkreach.searches.displaced_events import TRACK_TRUTH_COLUMNS, DisplacedList

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class TrackIdentification(Protocol):
    """Answers for tracks of a chunk."""

    def passes(self, hypothesis: str, rows: Indices, threshold: float) -> Floats:
        """Return the share (n,), 0 to 1, that counts of tracks (n,) for the variable to be above a threshold."""


class SampledIdentification:
    """What the detector answered: 1 or 0. NaN passes nothing."""

    def __init__(self, tracks: DisplacedList) -> None:
        """Take the tracks of the chunk."""
        self._tracks = tracks

    def passes(self, hypothesis: str, rows: Indices, threshold: float) -> Floats:
        """Return 1 where the variable is above the threshold, else 0."""
        return np.asarray(self._tracks.values(f"track_{HYPOTHESES[hypothesis]}", rows) > threshold, dtype=np.float64)


class WeightedIdentification:
    """What the detector answers on average, by the true particle: all tracks of simulated background say something.

    The variables of one track, and those of different tracks, are independent in the response, so that products of
    these numbers are the expectation of what is counted with ``SampledIdentification``.
    """

    def __init__(self, tracks: DisplacedList, detector: DetectorConfig) -> None:
        """Take the tracks of the chunk, with their truth, and the tables."""
        self._tracks = tracks
        self._detector = detector

    def passes(self, hypothesis: str, rows: Indices, threshold: float) -> Floats:
        """Return the probability to be above the threshold; it is that of the tables at the working point.

        Elsewhere it follows the distribution of the variable, 1 - (1 - p)^(ln threshold/ln working point).
        """
        pdg, momentum, theta = (self._tracks.values(name, rows) for name in TRACK_TRUTH_COLUMNS)
        probability = pass_probability(hypothesis, pdg.astype(np.int32), momentum, theta, self._detector)
        point = getattr(self._detector.identification, hypothesis).working_point
        if threshold == point:
            return probability
        if not 0.0 < threshold < 1.0:
            return np.full(len(rows), float(threshold <= 0.0))
        return np.asarray(1.0 - (1.0 - probability) ** (np.log(threshold) / np.log(point)))

"""Identification of tracks: one variable between 0 and 1 for each hypothesis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.response.forced_number import force_outcome
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.object_rows import ObjectRows
from darkreach.response.track_hypotheses import HYPOTHESES, SPECIES

Array = NDArray[np.float64]


def pass_probability(
    hypothesis: str, pdg: NDArray[np.int32], momentum: Array, theta: Array, detector: DetectorConfig
) -> Array:
    """Return the probability (n,) that tracks pass the working point of a hypothesis.

    Args:
        hypothesis: ``electron``, ``muon``, ``pion`` or ``kaon``.
        pdg: (n,) true particle codes.
        momentum: (n,) true momentum, GeV.
        theta: (n,) true polar angle, rad.
        detector: tables and scales.
    """
    section, scales = getattr(detector.identification, hypothesis), detector.scales
    size = np.abs(pdg)
    probability = np.zeros(len(pdg))
    for code, species in SPECIES.items():
        rows = np.flatnonzero(size == code)
        if not len(rows):
            continue
        value = getattr(section, species).at(momentum[rows], theta[rows])
        if species == hypothesis:
            value = 1.0 - scales.identification_inefficiency.value * (1.0 - value)
        else:
            value = scales.misidentification.value * value
        probability[rows] = np.clip(value, 0.0, 1.0)
    return probability


def identification_variable(probability: Array, working_point: float, uniform: Array) -> Array:
    """Return values (n,) in [0, 1] that exceed the working point with the given probability.

    Their distribution function is x^k with k from the probability: one curve for each track, so that looser and
    tighter cuts have sensible efficiencies too, but only those at the working point are those of the tables.

    Args:
        probability: (n,) to pass the working point.
        working_point: between 0 and 1.
        uniform: (n,) random numbers in [0, 1).

    Example:
        >>> identification_variable(np.array([0.0, 0.5, 1.0]), 0.9, np.full(3, 0.5)).round(3).tolist()
        [0.0, 0.9, 1.0]
    """
    with np.errstate(divide="ignore"):
        exponent = np.log(working_point) / np.log1p(-probability)
        return np.asarray(uniform ** np.where(probability > 0.0, exponent, np.inf))


def identify_tracks(
    tracks: ObjectRows,
    events: int,
    detector: DetectorConfig,
    random: np.random.Generator,
    *,
    forced: ForcedOutcomes,
) -> tuple[dict[str, Array], Array]:
    """Return the variables of all hypotheses by name, and the weight (events,) of what is forced.

    The variables of one track are independent of each other.

    Args:
        tracks: ordered by event, with their truth.
        events: number of events.
        detector: tables and scales.
        random: source of random numbers.
        forced: wrong identifications that are forced.
    """
    truth = tracks.columns
    weight, result, numbers = np.ones(events), {}, forced.wrong_by_hypothesis
    for hypothesis, name in HYPOTHESES.items():
        probability = pass_probability(hypothesis, truth["mcPDG"], truth["mcP"], truth["mcTheta"], detector)
        uniform = random.random(len(tracks))
        if hypothesis in numbers:
            wrong = np.flatnonzero(np.abs(truth["mcPDG"]) != _code(hypothesis))
            passes, chance = force_outcome(
                tracks.event[wrong], probability[wrong], events, random, wanted=numbers[hypothesis]
            )
            weight = weight * chance
            # values above 1 - p pass: the draw is moved to its side and keeps its distribution there
            fails = 1.0 - probability[wrong]
            uniform[wrong] = np.where(passes, fails + probability[wrong] * uniform[wrong], fails * uniform[wrong])
        point = getattr(detector.identification, hypothesis).working_point
        result[name] = identification_variable(probability, point, uniform)
    return result, weight


def _code(hypothesis: str) -> int:
    return next(code for code, species in SPECIES.items() if species == hypothesis)

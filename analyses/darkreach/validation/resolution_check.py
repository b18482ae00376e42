"""The width of a measured quantity against the resolution it should have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig, ValidationConfig
from darkreach.configuration.validation import ResolutionCheck
from darkreach.generators import random_stream
from darkreach.response import measure_events
from darkreach.validation.check_result import CheckResult
from darkreach.validation.generated_sample import generated_chunks
from darkreach.validation.resolution_observables import observe
from darkreach.validation.weighted_width import central_width, central_width_with_error, weighted_quantile

Array = NDArray[np.float64]

UNITS: Final = {"": 1.0, "%": 1e-2, "MeV": 1e-3, "GeV": 1.0, "GeV^2": 1.0}
"""Size of the units a reference may have, in GeV, GeV^2 or one."""

SHOWN_WIDTHS: Final = 5.0
BINS: Final = 60


@dataclass(frozen=True)
class ResolutionResult:
    """A width with the distribution it is of.

    Attributes:
        result: the width beside its reference.
        edges: (n + 1,) of the histogram, in the unit of the result.
        content: (n,) share of each bin.
        median: of all events.
    """

    result: CheckResult
    edges: Array
    content: Array
    median: float


def check_resolution(check: ResolutionCheck, config: ValidationConfig, detector: DetectorConfig) -> ResolutionResult:
    """Generate, measure and compare half of the central 68 %.

    Raises:
        ConfigError: the process cannot be generated as configured.
    """
    beams = config.beams[check.beams].beams()
    parts = []
    for chunk, part in enumerate(generated_chunks(check, config)):
        measured = measure_events(part, detector, random_stream(config.seed, f"{check.name}/detector", chunk))
        parts.append(observe(check.observable, measured, beams, check.tracks_within))
    values, weights = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
    values /= UNITS[check.reference.unit]
    width, error = central_width_with_error(values, weights)
    squared = float(np.sum(weights**2))
    result = CheckResult(
        name=check.name,
        group="resolution",
        process=check.process,
        unit=check.reference.unit,
        computed=width,
        error=error,
        reference=check.reference.value,
        source=check.reference.source,
        tolerance=check.tolerance,
        effective_events=float(np.sum(weights)) ** 2 / squared if squared > 0.0 else 0.0,
    )
    return _with_histogram(result, values, weights)


def _with_histogram(result: CheckResult, values: Array, weights: Array) -> ResolutionResult:
    median = weighted_quantile(values, weights, 0.5)
    half = SHOWN_WIDTHS * central_width(values, weights)
    edges = np.linspace(median - half, median + half, BINS + 1)
    content = np.histogram(values, bins=edges, weights=weights)[0] / np.sum(weights)
    return ResolutionResult(result, edges, content, median)

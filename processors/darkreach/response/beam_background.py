"""Clusters of beam background: no particle of the event makes them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import DetectorConfig
from darkreach.response.object_rows import ObjectRows


def background_clusters(events: int, detector: DetectorConfig, random: np.random.Generator) -> ObjectRows:
    """Return clusters above the energy threshold: Poisson number, exponential energy, uniform in solid angle.

    Their time, which real selections cut on, is not modelled: the configured number is what such a cut leaves.

    Args:
        events: number of events.
        detector: spectrum, threshold and polar ranges of the calorimeter, scales.
        random: source of random numbers.
    """
    settings, photon = detector.beam_background, detector.photon_response
    # only those above the threshold are drawn
    lowest = max(photon.minimum_energy.value, settings.minimum_energy.value)
    above = math.exp(-(lowest - settings.minimum_energy.value) / settings.energy_scale.value)
    mean = detector.scales.beam_background.value * settings.mean_clusters.value * above
    counts = random.poisson(mean, events)
    n = int(counts.sum())
    energy = lowest + settings.energy_scale.value * random.standard_exponential(n)
    edges = np.cos(np.radians([[polar.low, polar.high] for polar in photon.polar_ranges]))
    sizes = edges[:, 0] - edges[:, 1]
    polar_range = random.choice(len(sizes), size=n, p=sizes / sizes.sum())
    theta = np.arccos(edges[polar_range, 0] - sizes[polar_range] * random.random(n))
    phi = random.uniform(-np.pi, np.pi, n)
    zero = np.zeros(n, dtype=np.int32)
    columns: dict[str, NDArray[Any]] = {
        "E": energy,
        "theta": theta,
        "phi": phi,
        "mcPDG": zero,
        "mcE": np.zeros(n),
        "mcTheta": theta,
        "mcPhi": phi,
        "genMotherPDG": zero,
    }
    return ObjectRows(np.repeat(np.arange(events), counts), columns)

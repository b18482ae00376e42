"""From a configuration to a source of generated events."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from darkreach.configuration import DetectorConfig, ThreePhotonSimulation
from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.three_photon_background import generate_three_photons
from darkreach.generators.generated_events import GeneratedEvents
from darkreach.generators.hard_photon_cuts import HardPhotonCuts
from darkreach.generators.signals.axion_signal import generate_axion_signal

EventSource: TypeAlias = Callable[[int, np.random.Generator], GeneratedEvents]
"""Draws a number of trials; the mean weight is a cross-section in fb."""


def axion_source(settings: ThreePhotonSimulation, detector: DetectorConfig, mass_gev: float) -> EventSource:
    """Return the signal at the reference coupling.

    Raises:
        ConfigError: the mass is not between 0 and the CM energy.
    """
    beams = detector.beams.beams()
    if not 0.0 < mass_gev < beams.sqrt_s:
        raise ConfigError(
            "no such axion-like particle can be produced",
            where="mass",
            allowed=f"above 0 and below the CM energy {beams.sqrt_s:.3f} GeV",
            given=f"{mass_gev} GeV",
            next_step="choose another mass",
        )
    coupling, radiation = settings.reference_coupling.value, _radiation(settings)

    def source(n: int, random: np.random.Generator) -> GeneratedEvents:
        return generate_axion_signal(beams, mass_gev, coupling, n, random, maximum_isr_fraction=radiation)

    return source


def three_photon_source(settings: ThreePhotonSimulation, detector: DetectorConfig) -> EventSource:
    """Return the background inside the generator cuts of the configuration."""
    cuts = HardPhotonCuts(
        settings.background_minimum_energy_cm.value,
        math.radians(settings.background_polar_range.low),
        math.radians(settings.background_polar_range.high),
    )
    return partial(generate_three_photons, detector.beams.beams(), cuts, maximum_isr_fraction=_radiation(settings))


def _radiation(settings: ThreePhotonSimulation) -> float:
    return settings.maximum_isr_fraction.value if settings.initial_state_radiation else 0.0

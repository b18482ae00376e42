"""From the configuration of a search for displaced vertices to the samples it needs."""

from __future__ import annotations

from collections import Counter
from typing import Final

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedPreset, DisplacedSearchConfig, DisplacedSignal
from darkreach.errors import ConfigError
from darkreach.generators.process_registry import find_process
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.recoil_requests import background_requests

LOGARITHMIC: Final = 1.0
"""Value of ``decay_spread`` that forces decays evenly in the logarithm of their distance."""


def displaced_signal_name(label: str, mass_gev: float) -> str:
    """Return the name of a signal sample, with its mass in MeV.

    Example:
        >>> displaced_signal_name("kplus_mumu", 0.5)
        'signal_kplus_mumu_500MeV'
    """
    return f"signal_{label}_{1000.0 * mass_gev:.10g}MeV"


def displaced_requests(
    config: DisplacedSearchConfig, preset: DisplacedPreset, detector: DetectorConfig, *, seed: int | None = None
) -> list[ProcessRequest]:
    """Return the signals at the anchors of a preset, each in the mass range of its process, and the backgrounds.

    Args:
        config: the search.
        preset: anchors, events of each signal, and the factor on the events of each background.
        detector: whose beams collide and which measures.
        seed: instead of that of the configuration.

    Raises:
        UnknownNameError: no such process or parameter; proposes the closest name.
        ConfigError: a parameter without default is missing, or two samples have one name.
    """
    root = config.simulation.seed if seed is None else seed
    requests = [
        _signal(config, signal, preset, detector, mass, root)
        for signal in config.simulation.signals
        for mass in preset.anchor_masses
        if signal.mass.low <= mass <= signal.mass.high
    ]
    for background in config.simulation.backgrounds:
        requests += background_requests(background, preset.background_factor, detector, root, config.simulation.formats)
    twice = [name for name, times in Counter(request.sample for request in requests).items() if times > 1]
    if twice:
        raise ConfigError(
            "two samples have the same name",
            where=f"{config.search}: simulation.backgrounds, presets.anchor_masses",
            given=", ".join(twice),
            next_step="give backgrounds of one process different labels, and each anchor once",
        )
    return requests


def _signal(
    config: DisplacedSearchConfig,
    signal: DisplacedSignal,
    preset: DisplacedPreset,
    detector: DetectorConfig,
    mass: float,
    seed: int,
) -> ProcessRequest:
    simulation, process = config.simulation, find_process(signal.process)
    given = {
        **signal.parameters,
        "mass_gev": mass,
        simulation.coupling_parameter: simulation.generated_coupling.value,
        "lifetime_ctau_cm": simulation.generated_ctau_cm.value,
        "decay_radius_from_cm": simulation.decay_radius.low,
        "decay_radius_to_cm": simulation.decay_radius.high,
        "decay_spread": LOGARITHMIC,
    }
    usual = process.usual_isr_fraction
    radiation = usual if signal.maximum_isr_fraction is None else signal.maximum_isr_fraction
    return ProcessRequest(
        displaced_signal_name(signal.label, mass),
        process,
        process.values(given),
        preset.signal_events,
        seed,
        radiation,
        detector,
        simulation.formats,
    )

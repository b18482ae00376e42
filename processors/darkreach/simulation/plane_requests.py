"""From the configuration of a plane search to the samples it needs."""

from __future__ import annotations

from collections import Counter

from darkreach.configuration import DetectorConfig
from darkreach.configuration.plane_search import PlanePreset, PlaneSearchConfig, PlaneSignal, Point
from darkreach.errors import ConfigError
from darkreach.generators.process_registry import find_process
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.recoil_requests import background_requests


def plane_signal_name(label: str, point: Point) -> str:
    """Return the name of a signal sample, with both masses in MeV.

    Example:
        >>> plane_signal_name("visible", (0.5, 4.0))
        'signal_visible_500_4000MeV'
    """
    return f"signal_{label}_{1000.0 * point[0]:.10g}_{1000.0 * point[1]:.10g}MeV"


def plane_requests(
    config: PlaneSearchConfig, preset: PlanePreset, detector: DetectorConfig, *, seed: int | None = None
) -> list[ProcessRequest]:
    """Return the signals at the anchors and the backgrounds of a preset.

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
        _signal(config, signal, preset, detector, point, root)
        for signal in config.simulation.signals
        for point in preset.anchors
    ]
    for background in config.simulation.backgrounds:
        requests += background_requests(background, preset.background_factor, detector, root, config.simulation.formats)
    twice = [name for name, times in Counter(request.sample for request in requests).items() if times > 1]
    if twice:
        raise ConfigError(
            "two samples have the same name",
            where=f"{config.search}: simulation.backgrounds, presets.anchors",
            given=", ".join(twice),
            next_step="give backgrounds of one process different labels, and each anchor once",
        )
    return requests


def _signal(
    config: PlaneSearchConfig,
    signal: PlaneSignal,
    preset: PlanePreset,
    detector: DetectorConfig,
    point: Point,
    seed: int,
) -> ProcessRequest:
    process = find_process(signal.process)
    given = {
        **signal.parameters,
        "dark_photon_mass_gev": point[0],
        "dark_higgs_mass_gev": point[1],
        "kinetic_mixing": config.simulation.kinetic_mixing.value,
        "dark_coupling": config.simulation.dark_coupling,
    }
    usual = process.usual_isr_fraction
    radiation = usual if signal.maximum_isr_fraction is None else signal.maximum_isr_fraction
    return ProcessRequest(
        plane_signal_name(signal.label, point),
        process,
        process.values(given),
        preset.signal_events,
        seed,
        radiation,
        detector,
        config.simulation.formats,
    )

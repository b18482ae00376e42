"""From the configuration of a recoil search to the samples it needs."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import replace

from darkreach.configuration import DetectorConfig, RecoilSearchConfig
from darkreach.configuration.recoil_search import MASS_PARAMETER, BackgroundSettings, RecoilPreset
from darkreach.errors import ConfigError
from darkreach.generators.process_registry import find_process
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.simulation.campaign_requests import entry_requests
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.sample_request import signal_name


def recoil_requests(
    config: RecoilSearchConfig, preset: RecoilPreset, detector: DetectorConfig, *, seed: int | None = None
) -> list[ProcessRequest]:
    """Return the signals at the anchor masses, ``signal_<mass>MeV``, and the backgrounds of a preset.

    Args:
        config: the search.
        preset: anchor masses, events of each signal, and the factor on the events of each background.
        detector: whose beams collide and which measures.
        seed: instead of that of the configuration.

    Raises:
        UnknownNameError: no such process or parameter; proposes the closest name.
        ConfigError: a parameter without default is missing, a mass is given twice, or two samples have one name.
    """
    root = config.simulation.seed if seed is None else seed
    requests = [_signal(config, preset, detector, mass, root) for mass in preset.anchor_masses]
    for background in config.simulation.backgrounds:
        requests += background_requests(background, preset.background_factor, detector, root, config.simulation.formats)
    twice = [name for name, times in Counter(request.sample for request in requests).items() if times > 1]
    if twice:
        raise ConfigError(
            "two samples have the same name",
            where=f"{config.search}: simulation.backgrounds, presets.anchor_masses",
            given=", ".join(twice),
            next_step="give backgrounds of one process different labels, and each anchor mass once",
        )
    return requests


def _signal(
    config: RecoilSearchConfig, preset: RecoilPreset, detector: DetectorConfig, mass: float, seed: int
) -> ProcessRequest:
    settings = config.simulation.signal
    process = find_process(settings.process)
    given = {
        **settings.parameters,
        settings.coupling_parameter: config.simulation.reference_coupling.value,
        MASS_PARAMETER: mass,
    }
    usual = process.usual_isr_fraction
    radiation = usual if settings.maximum_isr_fraction is None else settings.maximum_isr_fraction
    return ProcessRequest(
        signal_name(mass),
        process,
        process.values(given),
        preset.signal_events,
        seed,
        radiation,
        detector,
        config.simulation.formats,
    )


def background_requests(
    background: BackgroundSettings, factor: float, detector: DetectorConfig, seed: int, formats: tuple[str, ...]
) -> list[ProcessRequest]:
    """Return the samples of one entry of the backgrounds, with that factor on their numbers of events."""
    forced = ForcedOutcomes(**background.forced.model_dump())
    # samples of one process that differ in what is forced must not share their events
    own_seed = seed + zlib.crc32(background.label.encode()) if background.label else seed
    requests = list(entry_requests(background, detector, seed=own_seed, formats=formats))
    return [
        replace(
            request,
            # the manifest holds the parameters; the name needs them only to tell samples apart
            sample="_".join(
                word
                for word in (background.process if len(requests) == 1 else request.sample, background.label)
                if word
            ),
            events=max(1, round(factor * background.events)),
            forced=forced,
        )
        for request in requests
    ]

"""Which samples a search needs, each as a small request that can be sent to another process."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from darkreach.configuration import AxionConfig, DetectorConfig, ThreePhotonPreset
from darkreach.errors import ConfigError
from darkreach.provenance import digest_json, source_digest

BACKGROUND_NAME = "three_photons"
PSEUDO_DATA_NAME = "pseudo_data"


@dataclass(frozen=True)
class SampleRequest:
    """One sample to simulate.

    Attributes:
        sample: unique name, also that of its folder.
        process: which generator.
        events: number of generated events; 0 for pseudo-data, whose number the luminosity gives.
        mass_gev: mass of the signal; None otherwise.
        luminosity_inverse_fb: luminosity of pseudo-data; None otherwise.
        seed: root seed.
        injected_mass_gev: mass of a signal in the pseudo-data; None for none.
        injected_signal_strength: its strength in units of the reference coupling's cross-section.
    """

    sample: str
    process: Literal["axion_signal", "three_photons", "pseudo_data"]
    events: int
    mass_gev: float | None
    luminosity_inverse_fb: float | None
    seed: int
    injected_mass_gev: float | None = None
    injected_signal_strength: float = 0.0


def signal_name(mass_gev: float) -> str:
    """Return the name of a signal sample.

    Example:
        >>> signal_name(1.75)
        'signal_1750MeV'
    """
    return f"signal_{1000.0 * mass_gev:.10g}MeV"


def sample_requests(
    config: AxionConfig,
    preset: ThreePhotonPreset,
    *,
    luminosity_inverse_fb: float,
    seed: int | None = None,
    pseudo_data_seed: int | None = None,
) -> list[SampleRequest]:
    """Return the signals at the anchor masses, the background and the pseudo-data of a preset.

    Args:
        config: the search.
        preset: numbers of events and anchor masses.
        luminosity_inverse_fb: luminosity of the pseudo-data.
        seed: replaces the seed of the configuration for signals and background.
        pseudo_data_seed: replaces the seed of the configuration for the pseudo-data.

    Raises:
        ConfigError: two anchor masses give the same sample.
    """
    settings = config.simulation
    root = settings.seed if seed is None else seed
    requests = [
        SampleRequest(signal_name(mass), "axion_signal", preset.signal_events, mass, None, root)
        for mass in preset.anchor_masses
    ]
    twice = [name for name, times in Counter(request.sample for request in requests).items() if times > 1]
    if twice:
        raise ConfigError(
            "an anchor mass stands twice", where="presets.anchor_masses", given=twice[0], next_step="remove one of them"
        )
    requests.append(SampleRequest(BACKGROUND_NAME, "three_photons", preset.background_events, None, None, root))
    data_seed = settings.pseudo_data_seed if pseudo_data_seed is None else pseudo_data_seed
    requests.append(SampleRequest(PSEUDO_DATA_NAME, "pseudo_data", 0, None, luminosity_inverse_fb, data_seed))
    return requests


def check_request(request: SampleRequest) -> None:
    """Refuse requests that contradict themselves.

    Raises:
        ConfigError: a number is missing, superfluous or out of range.
    """
    data = request.process == "pseudo_data"
    injected = request.injected_mass_gev is not None
    luminosity = request.luminosity_inverse_fb
    rules = (
        (data or request.events > 0, "events", "a positive number of events", str(request.events)),
        (not data or request.events == 0, "events", "0: the luminosity gives the number", str(request.events)),
        (
            (request.mass_gev is None) == (request.process != "axion_signal"),
            "mass_gev",
            "a mass for a signal, none otherwise",
            str(request.mass_gev),
        ),
        (
            luminosity is not None and luminosity > 0.0 if data else luminosity is None,
            "luminosity_inverse_fb",
            "a positive luminosity for pseudo-data, none otherwise",
            str(luminosity),
        ),
        (
            injected == (request.injected_signal_strength > 0.0) and (data or not injected),
            "injected_signal_strength",
            "pseudo-data only: a mass together with a positive strength, or neither",
            f"mass {request.injected_mass_gev}, strength {request.injected_signal_strength}",
        ),
        (request.seed >= 0, "seed", "0 or above", str(request.seed)),
    )
    for fulfilled, key, allowed, given in rules:
        if not fulfilled:
            where = f"sample {request.sample}: {key}"
            raise ConfigError("the sample cannot be simulated", where=where, allowed=allowed, given=given)


def request_digest(request: SampleRequest, config: AxionConfig, detector: DetectorConfig) -> str:
    """Return the identity of a sample: request, simulation settings, what it uses of the detector, this code and NumPy.

    Settings of later stages (selection, binning, workspace) do not enter: changing them keeps the samples.
    """
    return digest_json(
        {
            "request": asdict(request),
            "simulation": config.simulation.model_dump(mode="json"),
            "detector": detector.model_dump(mode="json", include=set(config.detector_sections)),
            "code": source_digest(),
            "numpy": np.__version__,
        }
    )

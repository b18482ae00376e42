"""Pairs of fermions of Pythia, normalised to reference cross-sections, their radiation corrected.

The weights are the reference cross-section times the ratio of the radiator to Pythia's own radiation, divided by the
mean of that ratio: the total is that of the reference, the distribution of s'/s that of the radiator. With radiation
limited, the total is the reference times the part of it that the radiator has within the limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.pythia.charged_stratum import charged_stratum
from darkreach.generators.pythia.pythia_configuration import PythiaConfig, load_pythia_config
from darkreach.generators.pythia.pythia_library import beam_settings, pythia_identity, shared_pythia
from darkreach.generators.pythia.pythia_source import PythiaSource
from darkreach.generators.pythia.radiative_return import RadiativeReturn
from darkreach.kinematics import Beams

Array = NDArray[np.float64]

TAU_DECAY_MODES: Final = (0, 1, 3)
"""Of Pythia: 0 isotropic (fast), 1 with the correlated spins of both taus, 3 with uncorrelated ones."""

WHOLE_RADIATION: Final = 0.999
"""Energy fraction radiated at most where the reference cross-section is inclusive."""

_SMALLEST_RADIATION: Final = 0.01
"""Pythia does not start where the range of masses is narrower than about 10 MeV."""

_FB_PER_NB: Final = 1e6
_SOURCE: Final = (
    "Pythia 8, hard process and final-state radiation, nominal beam energies (no energy spread); "
    "total: reference cross-section {value} nb ({source}: {note}); "
    "radiation: re-weighted in s'/s to Kuraev and Fadin, Sov. J. Nucl. Phys. 41 (1985) 466, total re-normalised"
)


def pair_process(name: str, title: str, parameters: tuple[ProcessParameter, ...] = ()) -> Process:
    """Return the process of a pair named in the configuration."""
    return Process(name, title, "background", parameters, partial(open_pair, name), WHOLE_RADIATION)


def open_pair(name: str, beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    """Return a pair ready to draw events.

    Args:
        name: in the configuration.
        beams: energies and crossing angle; the energy spread is not used.
        values: may have ``tau_decay_mode``, and the parameters of ``charged_stratum``.
        maximum_isr_fraction: of s, radiated; 0 switches radiation of the beams off, but not that of the products.

    Raises:
        ConfigError: Pythia is missing, or a number is out of range.

    Example:
        >>> opened = open_pair("muon_pair", Beams(7.004, 4.002, 0.083), {}, 0.9)
        >>> events = opened.source(200, np.random.default_rng(1))
        >>> int((np.abs(events.pdg) == 13).sum())
        400
    """
    if maximum_isr_fraction != 0.0 and not _SMALLEST_RADIATION <= maximum_isr_fraction <= 1.0:
        raise ConfigError(
            "Pythia cannot make this radiated fraction",
            where="maximum_isr_fraction",
            allowed=f"0 (no radiation), or from {_SMALLEST_RADIATION:g} to 1 (down to the threshold)",
            given=str(maximum_isr_fraction),
            next_step="0.35 keeps what most selections can use",
        )
    config = load_pythia_config()
    sample = config.pair(name)
    smallest, sqrt_s = sample.minimum_mass.value, beams.sqrt_s
    if sqrt_s <= smallest:
        raise ConfigError(
            "the beams have too little energy for this pair",
            where=name,
            allowed=f"above {smallest} GeV in the centre of mass",
            given=f"{sqrt_s:.6g} GeV",
        )
    start = max(smallest, sqrt_s * math.sqrt(1.0 - maximum_isr_fraction)) if maximum_isr_fraction > 0.0 else smallest
    settings = (*_settings(config, name, beams, start, maximum_isr_fraction > 0.0), *_tau_settings(values))
    weight_fb, radiative_return = sample.cross_section.value * _FB_PER_NB, None
    if maximum_isr_fraction > 0.0:
        radiative_return = RadiativeReturn.tabulated(beams.s, start)
        cross_section = pythia_cross_section(settings, sample.products)
        weight_fb *= radiative_return.radiator_share(cross_section, (start, smallest))
        weight_fb /= radiative_return.mean_weight(cross_section, start)
    reference = _SOURCE.format(**sample.cross_section.model_dump(include={"value", "source", "note"}))
    source = charged_stratum(PythiaSource(settings, weight_fb, radiative_return), beams, values)
    return OpenedProcess(source, reference, pythia_identity(settings))


def pythia_cross_section(settings: tuple[str, ...], products: tuple[int, ...]) -> Callable[[Array], Array]:
    """Return Pythia's cross-section through a virtual photon at s' (n,) in GeV^2, up to a constant.

    alpha(s')^2/s' (1 + 2 m^2/s') sqrt(1 - 4 m^2/s'), for quarks with 1 + alpha_s(s')/pi; exchange of the Z is left out
    (below 1e-3 at 10.6 GeV).
    """
    pythia = shared_pythia(settings)
    masses = [(code, pythia.particleData.m0(code) ** 2, pythia.particleData.charge(code) ** 2) for code in products]

    def cross_section(s: Array) -> Array:
        total: Array = np.zeros_like(s)
        for code, squared, charge in masses:
            strong = np.array([pythia.coupSM.alphaS(value) for value in s]) / math.pi if code < 10 else 0.0
            ratio = squared / s
            total += charge * (1.0 + strong) * (1.0 + 2.0 * ratio) * np.sqrt(np.maximum(0.0, 1.0 - 4.0 * ratio))
        electromagnetic = np.array([pythia.coupSM.alphaEM(value) for value in s])
        return np.asarray(total * electromagnetic**2 / s)

    return cross_section


def _settings(config: PythiaConfig, name: str, beams: Beams, start: float, radiating: bool) -> tuple[str, ...]:
    products = " ".join(str(code) for code in config.pair(name).products)
    return (
        *config.settings,
        *beam_settings(beams),
        *config.pair_production,
        f"23:onIfAny = {products}",
        f"PhaseSpace:mHatMin = {start!r}",
        f"PDF:lepton = {'on' if radiating else 'off'}",
    )


def _tau_settings(values: Mapping[str, float]) -> tuple[str, ...]:
    mode = values.get("tau_decay_mode", 0.0)
    if mode not in TAU_DECAY_MODES:
        raise ConfigError(
            "unknown mode of the tau decays",
            where="tau_decay_mode",
            allowed="0 (isotropic), 1 (spins correlated, 200 times slower), 3 (spins uncorrelated)",
            given=str(mode),
            next_step="choose one of them",
        )
    return (f"TauDecays:mode = {int(mode)}",)

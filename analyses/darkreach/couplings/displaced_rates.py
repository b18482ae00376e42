"""Rates of the signals of searches for displaced vertices: of samples, of one channel, of a model in all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from darkreach.building.displaced_rates import DisplacedRates
from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.couplings.kaon_scalar_signal import PRODUCTION, b_mesons, kaon_branching_fraction
from darkreach.couplings.long_lived_model import HiggsMixedScalar, VisibleDarkPhoton
from darkreach.errors import ConfigError, unknown_name
from darkreach.generators.signals.dark_photon_matrix_element import dark_photon_cross_section_fb
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers, heavy_flavour_numbers
from darkreach.models.visible_dark_photon import PAIR_NAMES


@dataclass(frozen=True)
class KaonScalarRates:
    """B -> K S and B -> K*0 S with K*0 -> K+ pi-, of both charges, S -> x+ x-.

    Attributes:
        numbers: masses, lifetimes, form factors, cross-section of B pairs.
        product: product of branching fractions at mu = 1 of one channel.
        sin_theta: at mu = 1 of all channels together.
    """

    numbers: HeavyFlavourNumbers
    product: float
    sin_theta: float

    def simulated_fb(self, region: DisplacedRegion, parameters: Mapping[str, float]) -> float:
        """Return the cross-section of a sample, all of whose scalars decay as generated, by its ``sin_theta``.

        Raises:
            ConfigError: the sample lacks a parameter, or nothing is known of the scalar at its mass.
        """
        mass, sin_theta, share = _values(region, parameters, ("mass_gev", "sin_theta", "branching_fraction"))
        return (
            self._produced_fb(region) * kaon_branching_fraction(self.numbers, mass, region.kaon) * sin_theta**2 * share
        )

    def channel_fb(self, region: DisplacedRegion, mass_gev: float) -> float:  # noqa: ARG002  # the same at all masses
        """Return 2 f sigma(B Bbar) times the product of branching fractions."""
        return self._produced_fb(region) * self.product

    def combined_fb(self, region: DisplacedRegion, mass_gev: float) -> float:
        """Return the cross-section of a scalar with this mixing angle; zero above the kinematic end.

        Raises:
            ConfigError: nothing is known of the scalar at this mass.
        """
        rate = HiggsMixedScalar().rate(_kaon_channel(region), mass_gev)
        return self._produced_fb(region) * rate * self.sin_theta**2

    def _produced_fb(self, region: DisplacedRegion) -> float:
        """Return the cross-section of the B mesons, both charges, that the channel starts from."""
        pairs = 1e6 * self.numbers.production.b_pair_cross_section.value
        return b_mesons(self.numbers, pairs, _kaon_channel(region))


@dataclass(frozen=True)
class VisibleDarkPhotonRates:
    """e+e- -> gamma A', A' -> x+ x-, without radiation: what radiation changes is part of the efficiency.

    Attributes:
        sqrt_s: centre-of-mass energy, GeV.
        cross_section_fb: times branching fraction, at mu = 1 of one channel.
        mixing: at mu = 1 of all channels together.
    """

    sqrt_s: float
    cross_section_fb: float
    mixing: float

    def simulated_fb(self, region: DisplacedRegion, parameters: Mapping[str, float]) -> float:
        """Return the cross-section of a sample times its branching fraction into the pair of the region.

        Raises:
            ConfigError: the sample lacks a parameter.
        """
        names = ("mass_gev", "kinetic_mixing", f"branching_{PAIR_NAMES[region.pair]}")
        mass, mixing, share = _values(region, parameters, names)
        return float(dark_photon_cross_section_fb(mass, mixing, self.sqrt_s**2)) * share

    def channel_fb(self, region: DisplacedRegion, mass_gev: float) -> float:  # noqa: ARG002  # the same everywhere
        """Return the cross-section at mu = 1."""
        return self.cross_section_fb

    def combined_fb(self, region: DisplacedRegion, mass_gev: float) -> float:
        """Return the cross-section of a dark photon with this mixing; zero above the kinematic end.

        Raises:
            ConfigError: nothing is known of the dark photon at this mass.
        """
        return VisibleDarkPhoton(self.sqrt_s).rate(region.pair, mass_gev) * self.mixing**2


def displaced_rates(config: DisplacedSearchConfig, sqrt_s: float) -> DisplacedRates:
    """Return the rates of the signals that a search simulates, as its ``coupling_parameter`` tells.

    Args:
        config: of the search.
        sqrt_s: centre-of-mass energy, GeV.

    Raises:
        UnknownNameError: no rates of such signals are known.
        ConfigError: the regions or the reference do not fit the signals.
    """
    name = config.simulation.coupling_parameter
    if name not in _KNOWN:
        raise unknown_name("coupling_parameter", name, _KNOWN, where=f"{config.search}: simulation")
    unit, with_kaon, made = _KNOWN[name]
    reference = config.simulation.reference_coupling
    if reference.unit != unit or any((region.kaon in PRODUCTION) != with_kaon for region in config.regions):
        raise ConfigError(
            f"signals of {name} do not fit the search",
            where=f"{config.search}: simulation.reference_coupling, regions.kaon",
            allowed=f"unit '{unit}' and regions {'with' if with_kaon else 'without'} a kaon",
            given=f"'{reference.unit}' and {', '.join(sorted({region.kaon for region in config.regions}))}",
        )
    return made(sqrt_s, reference.value, config.simulation.combined_coupling.value)


def _scalar(sqrt_s: float, reference: float, combined: float) -> DisplacedRates:  # noqa: ARG001  # at the Y(4S) only
    return KaonScalarRates(heavy_flavour_numbers(), reference, combined)


_KNOWN: Final[Mapping[str, tuple[str, bool, Callable[[float, float, float], DisplacedRates]]]] = {
    "sin_theta": ("", True, _scalar),
    "kinetic_mixing": ("fb", False, VisibleDarkPhotonRates),
}
"""By coupling: unit of the reference, whether there is a kaon, and how the rates are made."""


def _kaon_channel(region: DisplacedRegion) -> str:
    return f"{region.kaon}_{region.pair}"


def _values(region: DisplacedRegion, parameters: Mapping[str, float], names: tuple[str, ...]) -> list[float]:
    missing = [name for name in names if name not in parameters]
    if missing:
        raise ConfigError(
            "a signal sample does not tell what it was made with",
            where=f"manifest of a signal of region {region.name}",
            allowed=", ".join(names),
            given=f"no {', '.join(missing)}",
            next_step="simulate the signals with the configuration of this search",
        )
    return [float(parameters[name]) for name in names]

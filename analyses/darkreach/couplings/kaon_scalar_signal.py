"""A Higgs-mixed scalar from decays of B mesons to a kaon: its decays by channel and its lifetime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from darkreach.couplings.long_lived_signal import LongLivedSignal, power_law_signal
from darkreach.errors import unknown_name
from darkreach.generators.decays import two_body_momentum
from darkreach.generators.signals.b_to_kaon_rates import b_meson_mass, kaon_mass, scalar_branching_fraction
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.models.higgs_mixed_scalar import (
    charged_kaon_share,
    charged_pion_share,
    scalar_branching_fractions,
    scalar_ctau_cm,
)

# K*0 -> K+ pi- by isospin
_RESONANCE_TO_CHARGED: Final = 2.0 / 3.0


@dataclass(frozen=True)
class _Production:
    charged: bool
    vector: bool


PRODUCTION: Final[Mapping[str, _Production]] = {
    "kplus": _Production(charged=True, vector=False),
    "kstar0": _Production(charged=False, vector=True),
}
"""Where the scalar comes from: B+ -> K+ S, and B0 -> K*0 S with K*0 -> K+ pi-."""

DECAYS: Final = ("ee", "mumu", "pipi", "kk")
"""Pairs of charged particles that the scalar decays into."""

CHANNELS: Final = tuple(f"{kaon}_{pair}" for kaon in PRODUCTION for pair in DECAYS)
"""Names of all channels, such as ``kplus_mumu``."""


def product_branching_fraction(numbers: HeavyFlavourNumbers, mass_gev: float, channel: str) -> float:
    """Return BR(B -> K S) BR(S -> x+ x-) at sin(theta) = 1, with BR(K*0 -> K+ pi-) if there is a K*0.

    Raises:
        UnknownNameError: no such channel.
        ConfigError: nothing is known of the scalar at this mass.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> round(product_branching_fraction(heavy_flavour_numbers(), 0.5, "kplus_mumu"), 4)
        0.0445
    """
    kaon, pair = _kaon_and_pair(channel)
    return kaon_branching_fraction(numbers, mass_gev, kaon) * charged_pair_fraction(mass_gev, pair)


def kaon_branching_fraction(numbers: HeavyFlavourNumbers, mass_gev: float, kaon: str) -> float:
    """Return BR(B -> K S) at sin(theta) = 1, with BR(K*0 -> K+ pi-) if there is a K*0; zero above the kinematic end.

    Args:
        numbers: masses, lifetimes, form factors.
        mass_gev: GeV.
        kaon: one of `PRODUCTION`.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> round(kaon_branching_fraction(heavy_flavour_numbers(), 0.5, "kplus"), 3)
        0.398
    """
    made = PRODUCTION[kaon]
    rate = scalar_branching_fraction(numbers, mass_gev, 1.0, charged=made.charged, vector=made.vector)
    return rate * (_RESONANCE_TO_CHARGED if made.vector else 1.0)


def charged_pair_fraction(mass_gev: float, pair: str) -> float:
    """Return BR(S -> x+ x-) of a pair of `DECAYS`; the shares of charged pions and kaons are counted in.

    Raises:
        ConfigError: nothing is known of the scalar at this mass.
    """
    share = {"pipi": charged_pion_share, "kk": charged_kaon_share}.get(pair)
    return scalar_branching_fractions(mass_gev)[pair] * (share(mass_gev) if share else 1.0)


def b_mesons(numbers: HeavyFlavourNumbers, b_pairs: float, channel: str) -> float:
    """Return the number of B mesons, both charges, that the channel starts from: 2 f N(B Bbar).

    Args:
        numbers: share of charged B mesons.
        b_pairs: N(B Bbar).
        channel: one of `CHANNELS`.

    Raises:
        UnknownNameError: no such channel.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> b_mesons(heavy_flavour_numbers(), 198e6, "kplus_ee") / 1e6
        203.544
    """
    charged = numbers.production.charged_fraction.value
    return 2.0 * b_pairs * (charged if _production(channel).charged else 1.0 - charged)


def kaon_scalar_signal(
    numbers: HeavyFlavourNumbers, mass_gev: float, b_pairs: float, channels: Iterable[str] = CHANNELS
) -> LongLivedSignal:
    """Return decays and lifetime of the scalar against sin(theta).

    Args:
        numbers: masses, lifetimes, form factors.
        mass_gev: GeV.
        b_pairs: N(B Bbar) of the data.
        channels: some of `CHANNELS`.

    Raises:
        UnknownNameError: no such channel.
        ConfigError: nothing is known of the scalar at this mass.
    """
    decays = {
        name: b_mesons(numbers, b_pairs, name) * product_branching_fraction(numbers, mass_gev, name)
        for name in channels
    }
    return power_law_signal(mass_gev, decays, scalar_ctau_cm(mass_gev))


def scalar_beta_gamma(numbers: HeavyFlavourNumbers, mass_gev: float, channel: str) -> float:
    """Return p*/m of the scalar where the B meson rests; zero above the kinematic end.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> round(scalar_beta_gamma(heavy_flavour_numbers(), 1.0, "kplus_mumu"), 4)
        2.5202
    """
    production = _production(channel)
    kaon = numbers.kaons.resonance_mass.value if production.vector else kaon_mass(charged=production.charged)
    momentum = two_body_momentum(b_meson_mass(numbers, charged=production.charged), kaon, mass_gev)
    return float(momentum) / mass_gev


def _production(channel: str) -> _Production:
    return PRODUCTION[_kaon_and_pair(channel)[0]]


def _kaon_and_pair(channel: str) -> tuple[str, str]:
    if channel not in CHANNELS:
        raise unknown_name("channel", channel, CHANNELS)
    kaon, pair = channel.split("_")
    return kaon, pair

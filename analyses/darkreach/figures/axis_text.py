"""Text of axes and legends: couplings, units and masses as mathtext, foreign text made harmless."""

from __future__ import annotations

import math
import re
from typing import Final

SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_COUPLINGS: Final = {
    "g_agg": r"$g_{a\gamma\gamma}$",
    "g_agg_invisible": r"$g_{a\gamma\gamma}$ (invisible $a$)",
    "g_agg_escaping": r"$g_{a\gamma\gamma}$ (escaping $a$)",
    "epsilon": r"$\varepsilon$",
    "epsilon_squared_alpha_dark": r"$\varepsilon^2 \alpha_D$",
    "g_prime": r"$g^\prime$",
    "g_prime_invisible": r"$g^\prime$ (fully invisible $Z^\prime$)",
    "sin_theta": r"$\sin\theta$",
    "sin_theta_escaping": r"$\sin\theta$ (escaping $S$)",
    "kaon_branching_fraction": r"BR($B^+ \to K^+ S$) P(unseen)",
}
_PLAIN_COUPLINGS: Final = {
    "g_agg": "g_aγγ",
    "g_agg_invisible": "g_aγγ (invisible a)",
    "g_agg_escaping": "g_aγγ (escaping a)",
    "epsilon": "ε",
    "epsilon_squared_alpha_dark": "ε²α_D",
    "g_prime": "g′",
    "g_prime_invisible": "g′ (fully invisible Z′)",
    "sin_theta": "sin θ",
    "sin_theta_escaping": "sin θ (escaping S)",
    "kaon_branching_fraction": "BR(B⁺ → K⁺S) P(unseen)",
}
OBSERVABLES: Final = {
    "pair_mass_squared": r"$M^2_{\gamma\gamma}$",
    "recoil_mass_squared": r"$M^2_\mathrm{recoil}$",
    "beam_recoil_mass_squared": r"$q^2_\mathrm{rec}$",
    "recoil_polar_angle": r"$\theta_\mathrm{recoil}$",
}


def observable_axis(name: str) -> tuple[str, str]:
    r"""Return the axis title of an observable and its unit.

    Example:
        >>> observable_axis("recoil_polar_angle")
        ('$\\theta_\\mathrm{recoil}$ [deg]', 'deg')
    """
    unit = "GeV^2" if name.endswith("_squared") else "deg" if name.endswith("_angle") else ""
    return axis_title(OBSERVABLES.get(name, plain(name.replace("_", " "))), unit), unit


def plain(text: str) -> str:
    r"""Return text with its dollar signs escaped, so that names from files never become mathtext.

    Example:
        >>> plain("a$b")
        'a\\$b'
    """
    return text.replace("$", r"\$")


def coupling_text(name: str) -> str:
    r"""Return the symbol of a coupling, or its name.

    Example:
        >>> coupling_text("g_agg"), coupling_text("kappa")
        ('$g_{a\\gamma\\gamma}$', 'kappa')
    """
    return _COUPLINGS.get(name, plain(name))


def unit_text(unit: str) -> str:
    """Return a unit with its powers raised.

    Example:
        >>> unit_text("GeV^-1"), unit_text("fb")
        ('GeV$^{-1}$', 'fb')
    """
    return re.sub(r"\^(-?\d+)", r"$^{\1}$", plain(unit))


def plain_coupling(name: str) -> str:
    """Return the symbol of a coupling for text without mathtext, or its name.

    Example:
        >>> plain_coupling("g_agg")
        'g_aγγ'
    """
    return _PLAIN_COUPLINGS.get(name, name)


def plain_unit(unit: str) -> str:
    """Return a unit with its powers raised by Unicode, for text without mathtext.

    Example:
        >>> plain_unit("GeV^-1")
        'GeV⁻¹'
    """
    return re.sub(r"\^(-?\d+)", lambda power: power[1].translate(SUPERSCRIPTS), unit)


def axis_title(quantity: str, unit: str) -> str:
    """Return ``quantity [unit]``, or the quantity alone if it has no unit."""
    return f"{quantity} [{unit_text(unit)}]" if unit else quantity


def number_text(value: float) -> str:
    r"""Return a number as people write it in figures.

    Example:
        >>> number_text(0.005), number_text(2.0), number_text(3e-4)
        ('$5 \\times 10^{-3}$', '2', '$3 \\times 10^{-4}$')
    """
    if value == 0.0 or 0.01 <= abs(value) < 1e4:
        return f"{value:.4g}"
    power = math.floor(math.log10(abs(value)) + 1e-12)
    digits = f"{value / 10.0**power:.3g}"
    return rf"$10^{{{power}}}$" if digits == "1" else rf"${digits} \times 10^{{{power}}}$"

"""Refusal of parameters outside of what a process can do, naming the range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from darkreach.errors import ConfigError


def require_between(name: str, value: float, low: float, high: float, unit: str = "GeV") -> float:
    """Return the value if low < value < high.

    Raises:
        ConfigError: it is not; the message names the range.

    Example:
        >>> require_between("mass_gev", 1.0, 0.0, 10.58)
        1.0
    """
    if not low < value < high:
        raise ConfigError(
            "a parameter is outside of the kinematic range",
            where=name,
            allowed=f"above {low:.6g} and below {high:.6g} {unit}".strip(),
            given=f"{value:.6g} {unit}".strip(),
            next_step=f"choose {name} inside of the range",
        )
    return value


LARGEST: Final = 1e100
"""Squares of parameters below are finite numbers."""


def require_positive(name: str, value: float) -> float:
    """Return the value if it is above zero and its square is finite.

    Raises:
        ConfigError: it is not.
    """
    if not 0.0 < value < LARGEST:
        raise ConfigError(
            "a parameter must be positive",
            where=name,
            allowed=f"above 0 and below {LARGEST:g}",
            given=f"{value:.6g}",
            next_step=f"choose a positive {name}",
        )
    return value


def require_fractions(fractions: Mapping[str, float]) -> None:
    """Refuse branching fractions that are negative or sum to more than one.

    Raises:
        ConfigError: naming the fractions.
    """
    if not (all(value >= 0.0 for value in fractions.values()) and sum(fractions.values()) <= 1.0 + 1e-9):
        raise ConfigError(
            "branching fractions are negative or sum to more than one",
            where=", ".join(fractions),
            allowed="each from 0 to 1, their sum up to 1; the rest stays undecayed",
            given=", ".join(f"{value:.6g}" for value in fractions.values()),
            next_step="lower the fractions",
        )

"""Integrated luminosity as people write it: 445/pb, 0.445/fb, 50 ab^-1."""

from __future__ import annotations

import math
import re

from darkreach.errors import ConfigError

_INVERSE_FB = {"pb": 1e-3, "fb": 1.0, "ab": 1e3}
_PATTERN = re.compile(r"\s*([0-9.eE+-]+)\s*(?:/\s*(pb|fb|ab)|(pb|fb|ab)\s*\^?-1)\s*")


def parse_luminosity(text: str) -> float:
    """Return the luminosity in fb^-1.

    Raises:
        ConfigError: no number, no unit, or not positive and finite.

    Example:
        >>> parse_luminosity("445/pb"), parse_luminosity("50 ab^-1")
        (0.445, 50000.0)
    """
    match = _PATTERN.fullmatch(text)
    try:
        value = float(match[1]) * _INVERSE_FB[match[2] or match[3]] if match else math.nan
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0.0):
        raise ConfigError(
            "not a luminosity",
            where="--luminosity",
            allowed="a positive number with its unit: 445/pb, 0.445/fb, 50/ab",
            given=text,
            next_step="write the unit after a slash",
        )
    # 445 * 1e-3 is 0.445 only after rounding; digests must not depend on the spelling
    return float(f"{value:.15g}")


def format_luminosity(inverse_fb: float) -> str:
    """Return the luminosity with the unit that reads best.

    Example:
        >>> format_luminosity(0.445), format_luminosity(50000.0)
        ('445 pb^-1', '50 ab^-1')
    """
    for unit, size in (("ab", 1e3), ("fb", 1.0)):
        if inverse_fb >= size:
            return f"{inverse_fb / size:g} {unit}^-1"
    return f"{inverse_fb / 1e-3:g} pb^-1"

"""Physical constants, in the natural units of the house: GeV, cm, fb."""

from __future__ import annotations

from typing import Final

FINE_STRUCTURE: Final = 1.0 / 137.036
"""alpha at zero momentum transfer; running would raise rates by 7-9 % at 10.58 GeV and is left out, as is stated."""

ELECTRON_MASS: Final = 0.51099895e-3
"""GeV."""

HBAR_C_SQUARED_FB: Final = 3.8937937e11
"""(hbar c)^2 in fb GeV^2: turns 1/GeV^2 into fb."""

HBAR_C_CM: Final = 1.973269804e-14
"""hbar c in GeV cm: turns 1/GeV into cm."""

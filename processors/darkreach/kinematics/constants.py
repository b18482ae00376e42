"""Physical constants, in the natural units of the house: GeV, cm, fb."""

from __future__ import annotations

from typing import Final

FINE_STRUCTURE: Final = 1.0 / 137.036
"""alpha at zero momentum transfer; running would raise rates by 7-9 % at 10.58 GeV and is left out, as is stated."""

ELECTRON_MASS: Final = 0.51099895e-3
"""GeV."""

MUON_MASS: Final = 0.1056583755
"""GeV."""

TAU_MASS: Final = 1.77693
"""GeV."""

CHARGED_PION_MASS: Final = 0.13957039
"""GeV."""

NEUTRAL_PION_MASS: Final = 0.1349768
"""GeV."""

CHARGED_KAON_MASS: Final = 0.493677
"""GeV."""

NEUTRAL_KAON_MASS: Final = 0.497611
"""GeV."""

PROTON_MASS: Final = 0.93827209
"""GeV."""

HBAR_C_SQUARED_FB: Final = 3.8937937e11
"""(hbar c)^2 in fb GeV^2: turns 1/GeV^2 into fb."""

HBAR_C_CM: Final = 1.973269804e-14
"""hbar c in GeV cm: turns 1/GeV into cm."""

HBAR_GEV_SECONDS: Final = 6.582119569e-25
"""hbar in GeV s: turns 1/GeV into seconds."""

"""Codes of particles that the PDG scheme has none for, from its range for users."""

from __future__ import annotations

from typing import Final

AXION: Final = 9000005
DARK_PHOTON: Final = 9000022
Z_PRIME: Final = 9000032
DARK_HIGGS: Final = 9000025
SCALAR: Final = 9000035
"""Scalar that mixes with the Higgs boson, and the leptophilic one."""
HEAVY_NEUTRAL_LEPTON: Final = 9000012
DARK_MATTER: Final = 9000052
EXCITED_DARK_MATTER: Final = 9000053

INVISIBLE: Final = frozenset({12, 14, 16, DARK_MATTER})
"""Absolute codes of particles that no detector sees; new particles that fly on undecayed are unseen too."""

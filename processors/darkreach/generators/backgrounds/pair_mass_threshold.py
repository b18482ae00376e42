"""The smallest mass of a pair that may be asked for."""

from __future__ import annotations

from darkreach.errors import ConfigError
from darkreach.kinematics import MUON_MASS, Beams


def check_pair_mass(minimum: float, beams: Beams, mass: float = MUON_MASS) -> None:
    """Refuse a smallest mass (GeV) below that of two particles (muons by default) or that the beams cannot reach.

    Raises:
        ConfigError: naming the range.
    """
    if not 2.0 * mass <= minimum < beams.sqrt_s:
        raise ConfigError(
            "no pair can have this minimum mass",
            where="minimum_pair_mass",
            allowed=f"from {2.0 * mass} GeV (two particles) to below the CM energy {beams.sqrt_s:.3f} GeV",
            given=f"{minimum} GeV",
            next_step="choose a value below the masses of the selection",
        )

"""What a pair of tracks recoils against: the missing four-momentum, its angles, and where it points.

Two functions with the same arguments and results: ``pair_recoils`` is compiled, ``plain_pair_recoils`` is its oracle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.errors import DarkreachError
from darkreach.kinematics.lorentz import boost, mass_squared
from darkreach.searches.track_pairs import Floats, Indices, TrackLists, TrackPairs


@dataclass(frozen=True)
class PairRecoils:
    """The missing four-momentum of selected events, beams minus pair.

    Attributes:
        momentum: (4, k) E, px, py, pz in the laboratory, GeV.
        mass_squared: (k,) GeV^2; may be negative.
        theta: (k,) polar angle in the laboratory, rad; decides whether the missing particle would have been seen.
        phi: (k,) azimuth in the laboratory, rad.
        energy_cm: (k,) missing energy in the centre-of-mass frame, GeV.
        theta_cm: (k,) polar angle in that frame about the z axis of the laboratory, rad.
        pair_transverse_cm: (k,) momentum of the pair across that axis in that frame, GeV.
    """

    momentum: NDArray[np.float64]
    mass_squared: NDArray[np.float64]
    theta: NDArray[np.float64]
    phi: NDArray[np.float64]
    energy_cm: NDArray[np.float64]
    theta_cm: NDArray[np.float64]
    pair_transverse_cm: NDArray[np.float64]


def pair_recoils(tracks: TrackLists, pairs: TrackPairs, *, total: NDArray[np.float64]) -> PairRecoils:
    """Return the recoils of the pairs.

    Args:
        tracks: of the chunk.
        pairs: of ``track_pairs``.
        total: (4,) four-momentum (E, px, py, pz) of the beams, GeV; also gives the velocity of the centre of mass.

    Raises:
        DarkreachError: ``total`` is no four-momentum with a rest frame.
    """
    _require_rest_frame(total)
    momentum, derived = np.empty((4, len(pairs.first))), np.empty((6, len(pairs.first)))
    _write_recoils(tracks.energy, tracks.px, tracks.py, tracks.pz, pairs.first, pairs.second, total, momentum, derived)
    return PairRecoils(momentum, derived[0], derived[1], derived[2], derived[3], derived[4], derived[5])


def _require_rest_frame(total: NDArray[np.float64]) -> None:
    if total.shape != (4,) or not total[0] > math.sqrt(float(np.sum(total[1:] ** 2))):
        raise DarkreachError("the beams need a four-momentum with a rest frame", given=str(total.tolist()))


@njit(cache=True, nogil=True, error_model="numpy")
def _write_recoils(
    energy: Floats, px: Floats, py: Floats, pz: Floats, first: Indices, second: Indices, total: Floats,
    momentum: Floats, derived: Floats,
) -> None:  # fmt: skip
    velocity_x, velocity_y, velocity_z = total[1] / total[0], total[2] / total[0], total[3] / total[0]
    gamma = 1.0 / math.sqrt(1.0 - (velocity_x * velocity_x + velocity_y * velocity_y + velocity_z * velocity_z))
    # (gamma - 1)/beta^2 written so that it is finite for beams at rest
    along_factor = gamma * gamma / (gamma + 1.0)
    for pair in range(first.size):
        one, two = first[pair], second[pair]
        e = total[0] - (np.float64(energy[one]) + np.float64(energy[two]))
        x = total[1] - (np.float64(px[one]) + np.float64(px[two]))
        y = total[2] - (np.float64(py[one]) + np.float64(py[two]))
        z = total[3] - (np.float64(pz[one]) + np.float64(pz[two]))
        momentum[0, pair], momentum[1, pair], momentum[2, pair], momentum[3, pair] = e, x, y, z
        along = x * velocity_x + y * velocity_y + z * velocity_z
        shift = along_factor * along - gamma * e
        # in the centre-of-mass frame pair and recoil are back to back
        cm_x, cm_y, cm_z = x + shift * velocity_x, y + shift * velocity_y, z + shift * velocity_z
        transverse_cm = math.sqrt(cm_x * cm_x + cm_y * cm_y)
        derived[0, pair] = e * e - x * x - y * y - z * z
        derived[1, pair] = math.atan2(math.sqrt(x * x + y * y), z)
        derived[2, pair] = math.atan2(y, x)
        derived[3, pair] = gamma * (e - along)
        derived[4, pair] = math.atan2(transverse_cm, cm_z)
        derived[5, pair] = transverse_cm


def plain_pair_recoils(tracks: TrackLists, pairs: TrackPairs, *, total: NDArray[np.float64]) -> PairRecoils:
    """Return what ``pair_recoils`` returns, by NumPy and the boost of the kinematics."""
    _require_rest_frame(total)
    components = np.stack([tracks.energy, tracks.px, tracks.py, tracks.pz]).astype(np.float64)
    pair = (components[:, pairs.first] + components[:, pairs.second]).T
    recoil = total - pair
    in_cm = boost(recoil, -total[1:] / total[0])
    pair_in_cm = boost(pair, -total[1:] / total[0])
    return PairRecoils(
        momentum=recoil.T,
        mass_squared=mass_squared(recoil),
        theta=np.arctan2(np.hypot(recoil[:, 1], recoil[:, 2]), recoil[:, 3]),
        phi=np.arctan2(recoil[:, 2], recoil[:, 1]),
        energy_cm=in_cm[:, 0],
        theta_cm=np.arctan2(np.hypot(in_cm[:, 1], in_cm[:, 2]), in_cm[:, 3]),
        pair_transverse_cm=np.hypot(pair_in_cm[:, 1], pair_in_cm[:, 2]),
    )

"""e+e- -> l- l+ X at tree level: a virtual photon makes two leptons, one of which radiates the new boson X.

The amplitude is (e^2/s) L_mu ubar(q) [Gamma S(q + k) gamma^mu + gamma^mu S(-q' - k) Gamma] v(q'), with Gamma of
gamma.eps*, 1 or i gamma_5. The electron mass is neglected in the current L of the beams, which is then transverse:
averaged over the beam spins it is s/2 for each of the two directions across the beam. The masses of the two leptons may
differ: X then turns one flavour into the other, and the propagator has the mass of the lepton that did not radiate.
Chiral representation, psi = (L, R), as in M. E. Peskin and D. V. Schroeder, chapter 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.kinematics import FINE_STRUCTURE

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


class BosonKind(IntEnum):
    """How the boson couples: g X_mu lbar gamma^mu l, g X lbar l, or g X lbar i gamma_5 l."""

    VECTOR = 0
    SCALAR = 1
    PSEUDOSCALAR = 2


@dataclass(frozen=True)
class LeptonPairMomenta:
    """Momenta in the CM of the collision as (E, u, v, n) with n along the electron, each (n, 4), GeV.

    Attributes:
        negative: lepton.
        positive: antilepton.
        boson: boson.
    """

    negative: Array
    positive: Array
    boson: Array


def lepton_pair_boson_matrix_element(
    momenta: LeptonPairMomenta,
    masses: tuple[float, float, float],
    kind: BosonKind,
    *,
    direction: Array | None = None,
) -> Array:
    """Return |M|^2 (n,) in GeV^-2 at g = 1, averaged over beam spins, summed over all others.

    Args:
        momenta: of n events.
        masses: of lepton, antilepton and boson, GeV.
        kind: coupling of the boson.
        direction: (n, 4) one polarisation vector of a vector boson in the CM; None sums over all of them.

    Example:
        >>> boson = np.array([[4.0, 0.0, 0.0, 0.0]])
        >>> lepton = np.array([[3.0, 3.0, 0.0, 0.0]])
        >>> mirrored = lepton * np.array([1, -1, 1, 1])
        >>> momenta = LeptonPairMomenta(lepton, mirrored, boson)
        >>> lepton_pair_boson_matrix_element(momenta, (0.0, 0.0, 4.0), BosonKind.VECTOR).shape
        (1,)
    """
    boson = momenta.boson
    if kind != BosonKind.VECTOR:
        vectors = np.zeros((len(boson), 1, 4))
    elif direction is None:
        vectors = polarisation_vectors(boson, masses[2])
    else:
        vectors = np.ascontiguousarray(direction[:, np.newaxis])
    negative, positive, radiated = (
        np.ascontiguousarray(leg, dtype=np.float64) for leg in (momenta.negative, momenta.positive, boson)
    )
    result = np.empty(len(boson))
    _sum_amplitudes(negative, positive, radiated, masses[0], masses[1], masses[2], vectors, int(kind), result)
    s = (negative[:, 0] + positive[:, 0] + boson[:, 0]) ** 2
    result *= (4.0 * math.pi * FINE_STRUCTURE) ** 2 / (2.0 * s)
    return result


def polarisation_vectors(boson: Array, mass: float) -> Array:
    """Return two transverse and the longitudinal polarisation vector (n, 3, 4) of bosons (n, 4), GeV.

    Example:
        >>> vectors = polarisation_vectors(np.array([[5.0, 0.0, 0.0, 3.0]]), 4.0)
        >>> vectors[0, 2].tolist()
        [0.75, 0.0, 0.0, 1.25]
    """
    momentum = np.linalg.norm(boson[:, 1:], axis=1)
    # a boson at rest has any axis
    moving = momentum > 0.0
    flight = np.where(moving[:, np.newaxis], boson[:, 1:], [0.0, 0.0, 1.0])
    axis = flight / np.where(moving, momentum, 1.0)[:, np.newaxis]
    across = np.zeros_like(axis)
    # normal to the boson and to the axis of coordinates that it is farther from
    about_third = np.abs(axis[:, 2]) < 0.8
    across[:, 0] = np.where(about_third, -axis[:, 1], 0.0)
    across[:, 1] = np.where(about_third, axis[:, 0], -axis[:, 2])
    across[:, 2] = np.where(about_third, 0.0, axis[:, 1])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    vectors = np.zeros((len(boson), 3, 4))
    vectors[:, 0, 1:], vectors[:, 1, 1:] = across, np.cross(axis, across)
    vectors[:, 2, 0], vectors[:, 2, 1:] = momentum / mass, (boson[:, :1] / mass) * axis
    return vectors


@njit(cache=True, error_model="numpy")
def _slash(vector: Array, psi: Complex, out: Complex) -> None:
    """Fill out with gamma.vector psi."""
    energy, z = vector[0], vector[3]
    across = complex(vector[1], vector[2])
    back = across.conjugate()
    out[0] = (energy - z) * psi[2] - back * psi[3]
    out[1] = -across * psi[2] + (energy + z) * psi[3]
    out[2] = (energy + z) * psi[0] + back * psi[1]
    out[3] = across * psi[0] + (energy - z) * psi[1]


@njit(cache=True, error_model="numpy")
def _spinors(momentum: Array, mass: float, sign: float, out: Complex) -> None:
    """Fill out[spin] with u (sign +1) or v (sign -1), with sqrt(p.sigma) = (p.sigma + m)/norm."""
    energy, z = momentum[0] + mass, momentum[3]
    norm = 1.0 / math.sqrt(2.0 * energy)
    across = complex(momentum[1], momentum[2]) * norm
    up, down = (energy + z) * norm, (energy - z) * norm
    out[0, 0], out[0, 1], out[0, 2], out[0, 3] = down, -across, sign * up, sign * across
    out[1, 0], out[1, 1] = -across.conjugate(), up
    out[1, 2], out[1, 3] = sign * across.conjugate(), sign * down


@njit(cache=True, error_model="numpy")
def _vertex(kind: int, polarisation: Array, psi: Complex, out: Complex) -> None:
    """Fill out with Gamma psi."""
    if kind == 0:
        _slash(polarisation, psi, out)
    else:
        for i in range(4):
            if kind == 1:
                out[i] = psi[i]
            elif i < 2:
                out[i] = complex(psi[i].imag, -psi[i].real)
            else:
                out[i] = complex(-psi[i].imag, psi[i].real)


@njit(cache=True, error_model="numpy")
def _sum_amplitudes(
    negative: Array,
    positive: Array,
    boson: Array,
    negative_mass: float,
    positive_mass: float,
    boson_mass: float,
    polarisation: Array,
    kind: int,
    result: Array,
) -> None:
    """Fill the sum over spins, polarisations and both directions across the beam."""
    axis, carried = np.zeros((2, 4)), np.empty(4)
    axis[0, 1] = axis[1, 2] = 1.0
    u, v = np.empty((2, 4), dtype=np.complex128), np.empty((2, 4), dtype=np.complex128)
    work, radiated = np.empty(4, dtype=np.complex128), np.empty((3, 4), dtype=np.complex128)
    made, moved = np.empty(4, dtype=np.complex128), np.empty(4, dtype=np.complex128)
    polarisations = polarisation.shape[1]
    for event in range(len(result)):
        q, qp, k, vectors = negative[event], positive[event], boson[event], polarisation[event]
        _spinors(q, negative_mass, 1.0, u)
        _spinors(qp, positive_mass, -1.0, v)
        common = negative_mass**2 + boson_mass**2 - positive_mass**2
        q_k = q[0] * k[0] - q[1] * k[1] - q[2] * k[2] - q[3] * k[3]
        qp_k = qp[0] * k[0] - qp[1] * k[1] - qp[2] * k[2] - qp[3] * k[3]
        from_negative = 1.0 / (common + 2.0 * q_k)
        from_positive = 1.0 / (positive_mass**2 + boson_mass**2 - negative_mass**2 + 2.0 * qp_k)
        total = 0.0
        for spin in range(2):
            for pol in range(polarisations):
                # the antilepton radiates: (-q'slash - kslash + m) Gamma v
                _vertex(kind, vectors[pol], v[spin], made)
                for i in range(4):
                    carried[i] = -(qp[i] + k[i])
                _slash(carried, made, work)
                for i in range(4):
                    radiated[pol, i] = (work[i] + negative_mass * made[i]) * from_positive
            for i in range(4):
                carried[i] = q[i] + k[i]
            for direction in range(2):
                # the lepton radiates: Gamma (qslash + kslash + m) gamma v
                _slash(axis[direction], v[spin], made)
                _slash(carried, made, work)
                for i in range(4):
                    made[i] = (work[i] + positive_mass * made[i]) * from_negative
                for pol in range(polarisations):
                    _slash(axis[direction], radiated[pol], work)
                    _vertex(kind, vectors[pol], made, moved)
                    for i in range(4):
                        work[i] += moved[i]
                    for other in range(2):
                        amplitude = u[other, 2].conjugate() * work[0] + u[other, 3].conjugate() * work[1]
                        amplitude += u[other, 0].conjugate() * work[2] + u[other, 1].conjugate() * work[3]
                        total += amplitude.real**2 + amplitude.imag**2
        result[event] = total

"""e+e- -> gamma gamma gamma at tree level in QED, exact in the electron mass: photons may be along the beams.

The six orders of the photons on the line of the electron are summed as amplitudes for each spin and polarisation.
Chiral representation, u = (sqrt(p.sigma) xi, sqrt(p.sigmabar) xi), spins along the third axis (M. E. Peskin and D. V.
Schroeder, An Introduction to Quantum Field Theory, chapter 3). A photon next to an incoming leg turns its spinor into

    (2 p.eps - kslash epsslash) u / (-2 p.k)   and   vbar (-2 p'.eps + epsslash kslash) / (-2 p'.k).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def massive_three_photon_matrix_element(
    electron: Array, positron: Array, photons: Array, mass: float = ELECTRON_MASS
) -> Array:
    """Return |M|^2 (n,) in GeV^-2, averaged over beam spins, summed over polarisations.

    Args:
        electron: (n, 4) incoming electron as (E, px, py, pz), with its mass, GeV.
        positron: (n, 4) incoming positron.
        photons: (n, 3, 4).
        mass: of the electron, GeV.

    Example:
        >>> beam = np.array([[3.0, 0.0, 0.0, 3.0]])
        >>> photons = np.array([[[2.0, 2.0, 0, 0], [2.0, -1.0, 3**0.5, 0], [2.0, -1.0, -(3**0.5), 0]]])
        >>> value = massive_three_photon_matrix_element(beam, beam * [1, 1, 1, -1], photons)
        >>> round(float(value[0]) * 36 / (4 * math.pi * FINE_STRUCTURE) ** 3, 3)
        216.0
    """
    result = np.empty(len(photons))
    p, pp, k = (np.ascontiguousarray(leg, dtype=np.float64) for leg in (electron, positron, photons))
    _sum_amplitudes(p, pp, k, mass, result)
    # 1/4: average over the spins of the beams
    result *= 0.25 * (4.0 * math.pi * FINE_STRUCTURE) ** 3
    return result


@njit(cache=True, error_model="numpy")
def _dot(a: Array, b: Array) -> float:
    product: float = a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3]
    return product


@njit(cache=True, error_model="numpy")
def _spinors(momentum: Array, mass: float, sign: float, out: Complex) -> None:
    """Fill out[spin] = (L0, L1, R0, R1) of u (sign +1) or v (sign -1), with sqrt(p.sigma) = (p.sigma + m)/norm."""
    energy, x, y, z = momentum[0], momentum[1], momentum[2], momentum[3]
    norm = 1.0 / math.sqrt(2.0 * (energy + mass))
    up, down, across = (energy + mass + z) * norm, (energy + mass - z) * norm, complex(x, y) * norm
    out[0, 0], out[0, 1] = down, -across
    out[1, 0], out[1, 1] = -across.conjugate(), up
    out[0, 2], out[0, 3] = sign * up, sign * across
    out[1, 2], out[1, 3] = sign * across.conjugate(), sign * down


@njit(cache=True, error_model="numpy")
def _polarisations(photon: Array, vectors: Array) -> None:
    """Fill two transverse polarisation vectors (2, 4)."""
    energy = photon[0]
    nx, ny, nz = photon[1] / energy, photon[2] / energy, photon[3] / energy
    # normal to the photon and to the axis it is farther from
    if abs(nz) < 0.8:
        norm = 1.0 / math.sqrt(nx * nx + ny * ny)
        ex, ey, ez = -ny * norm, nx * norm, 0.0
    else:
        norm = 1.0 / math.sqrt(ny * ny + nz * nz)
        ex, ey, ez = 0.0, -nz * norm, ny * norm
    vectors[0, 0], vectors[0, 1], vectors[0, 2], vectors[0, 3] = 0.0, ex, ey, ez
    vectors[1, 0], vectors[1, 1] = 0.0, ny * ez - nz * ey
    vectors[1, 2], vectors[1, 3] = nz * ex - nx * ez, nx * ey - ny * ex


@njit(cache=True, error_model="numpy")
def _slash_ket(vector: Array, ket: Complex, out: Complex) -> None:
    """Fill out with vector-slash times a ket."""
    plus, minus = vector[0] + vector[3], vector[0] - vector[3]
    lowering = complex(vector[1], vector[2])
    raising = lowering.conjugate()
    out[0] = minus * ket[2] - raising * ket[3]
    out[1] = plus * ket[3] - lowering * ket[2]
    out[2] = plus * ket[0] + raising * ket[1]
    out[3] = minus * ket[1] + lowering * ket[0]


@njit(cache=True, error_model="numpy")
def _slash_bra(vector: Array, bra: Complex, out: Complex) -> None:
    """Fill out with a bra times vector-slash."""
    plus, minus = vector[0] + vector[3], vector[0] - vector[3]
    lowering = complex(vector[1], vector[2])
    raising = lowering.conjugate()
    out[0] = bra[2] * plus + bra[3] * lowering
    out[1] = bra[2] * raising + bra[3] * minus
    out[2] = bra[0] * minus - bra[1] * lowering
    out[3] = bra[1] * plus - bra[0] * raising


@njit(cache=True, error_model="numpy")
def _sum_amplitudes(electron: Array, positron: Array, photons: Array, mass: float, result: Array) -> None:
    """Fill the sum over spins and polarisations of |M|^2/e^6."""
    incoming, bars = np.empty((2, 4), dtype=np.complex128), np.empty((2, 4), dtype=np.complex128)
    vectors = np.empty((3, 2, 4))
    # spinors with one photon attached, by photon, polarisation and spin
    kets, bras = np.empty((3, 2, 2, 4), dtype=np.complex128), np.empty((3, 2, 2, 4), dtype=np.complex128)
    once, twice = np.empty(4, dtype=np.complex128), np.empty(4, dtype=np.complex128)
    amplitudes = np.empty((2, 2, 2, 2, 2), dtype=np.complex128)
    for event in range(len(result)):
        p, pp = electron[event], positron[event]
        _spinors(p, mass, 1.0, incoming)
        _spinors(pp, mass, -1.0, bars)
        for spin in range(2):
            for part in range(2):
                left, right = bars[spin, part], bars[spin, 2 + part]
                bars[spin, part], bars[spin, 2 + part] = right.conjugate(), left.conjugate()
        for i in range(3):
            k = photons[event, i]
            _polarisations(k, vectors[i])
            along, against = -0.5 / _dot(p, k), -0.5 / _dot(pp, k)
            for pol in range(2):
                eps = vectors[i, pol]
                of_ket, of_bra = 2.0 * _dot(p, eps), -2.0 * _dot(pp, eps)
                for spin in range(2):
                    _slash_ket(eps, incoming[spin], once)
                    _slash_ket(k, once, twice)
                    for part in range(4):
                        kets[i, pol, spin, part] = along * (of_ket * incoming[spin, part] - twice[part])
                    _slash_bra(eps, bars[spin], once)
                    _slash_bra(k, once, twice)
                    for part in range(4):
                        bras[i, pol, spin, part] = against * (of_bra * bars[spin, part] + twice[part])
        amplitudes[:] = 0.0
        pols = np.zeros(3, dtype=np.int64)
        for first in range(3):
            for last in range(3):
                if last == first:
                    continue
                middle = 3 - first - last
                for a in range(2):
                    for b in range(2):
                        for c in range(2):
                            pols[first], pols[middle], pols[last] = a, b, c
                            for spin in range(2):
                                _slash_bra(vectors[middle, b], bras[first, a, spin], once)
                                for other in range(2):
                                    ket = kets[last, c, other]
                                    amplitudes[pols[0], pols[1], pols[2], spin, other] += (
                                        once[0] * ket[0] + once[1] * ket[1] + once[2] * ket[2] + once[3] * ket[3]
                                    )
        total = 0.0
        for amplitude in amplitudes.ravel():
            total += amplitude.real**2 + amplitude.imag**2
        result[event] = total

"""e+e- -> mu+ mu- gamma and e+e- -> e+ e- gamma at tree level in QED, exact in both lepton masses.

All diagrams (four; eight with the exchange of a photon between electron and positron) are summed as amplitudes for each
spin and polarisation: initial and final radiation and their interference are all there. Chiral representation,
psi = (L, R), u = (sqrt(p.sigma) xi, sqrt(p.sigmabar) xi), spins along the third axis (M. E. Peskin and D. V. Schroeder,
An Introduction to Quantum Field Theory, chapter 3). A photon attached to a line turns its spinor into

    ket: (2 P.eps - kslash epsslash) psi / (-2 P.k),   P = p of an incoming fermion, -q' of an outgoing antifermion
    bra: psibar (2 Q.eps + epsslash kslash) / (2 Q.k),  Q = q of an outgoing fermion, -p' of an incoming antifermion

and a current psibar gamma^mu chi is kept as (A, D, B, C) with J.K = 2 (A D' + D A' - B C' - C B').
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, MUON_MASS

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class RadiativePair:
    """Momenta of e- e+ -> l- l+ gamma in one frame, each (n, 4) as (E, px, py, pz), GeV.

    Attributes:
        electron: incoming electron, with its mass.
        positron: incoming positron, with its mass.
        negative: outgoing negative lepton.
        positive: outgoing positive lepton.
        photon: outgoing photon.
    """

    electron: Array
    positron: Array
    negative: Array
    positive: Array
    photon: Array


def muon_pair_photon_matrix_element(momenta: RadiativePair, mass: float = MUON_MASS) -> Array:
    """Return |M|^2 (n,) of e+e- -> mu+ mu- gamma in GeV^-2, averaged over beam spins, summed over the others.

    Args:
        momenta: all five momenta; precise to 1e-6 even where the photon is along a beam.
        mass: mass of the produced lepton, GeV.

    Example:
        >>> flight = np.array([[4.0, 0.0, 0.0, 4.0], [4.0, 0.0, 0.0, -4.0]])
        >>> pair = np.array([[[3.0, 3.0, 0.0, 0.0]], [[3.0, -1.5, 1.5 * 3**0.5, 0.0]], [[2.0, -1.2, -1.6, 0.0]]])
        >>> momenta = RadiativePair(flight[:1], flight[1:], *pair)
        >>> muon_pair_photon_matrix_element(momenta).shape
        (1,)
    """
    return _squared(momenta, mass, exchange=False)


def radiative_bhabha_matrix_element(momenta: RadiativePair) -> Array:
    """Return |M|^2 (n,) of e+e- -> e+ e- gamma in GeV^-2: annihilation, exchange and their interference."""
    return _squared(momenta, ELECTRON_MASS, exchange=True)


def _squared(momenta: RadiativePair, mass: float, *, exchange: bool) -> Array:
    legs = (momenta.electron, momenta.positron, momenta.negative, momenta.positive, momenta.photon)
    p, pp, q, qp, k = (np.ascontiguousarray(leg, dtype=np.float64) for leg in legs)
    result = np.empty(len(k))
    _sum_amplitudes(p, pp, q, qp, k, ELECTRON_MASS, mass, exchange, result)
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
def _polarise(photon: Array, vectors: Array, slashes: Complex) -> None:
    """Fill two transverse polarisation vectors and the 2 x 2 blocks of kslash epsslash and epsslash kslash."""
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
    k_across = complex(photon[1], photon[2])
    for pol in range(2):
        e_across, e_z = complex(vectors[pol, 1], vectors[pol, 2]), vectors[pol, 3]
        for side in range(2):
            # left block: (k.sigma)(eps.sigma-vector), right block: -(k.sigmabar)(eps.sigma-vector)
            flip = 1.0 - 2.0 * side
            k00, k11, k10 = flip * energy - photon[3], flip * energy + photon[3], -k_across
            k01 = k10.conjugate()
            e01 = e_across.conjugate()
            slashes[pol, 0, side, 0, 0] = k00 * e_z + k01 * e_across
            slashes[pol, 0, side, 0, 1] = k00 * e01 - k01 * e_z
            slashes[pol, 0, side, 1, 0] = k10 * e_z + k11 * e_across
            slashes[pol, 0, side, 1, 1] = k10 * e01 - k11 * e_z
            # a bra meets (eps.sigma-vector)(k.sigma) on its left part and the negative with sigmabar on its right part
            slashes[pol, 1, side, 0, 0] = e_z * k00 + e01 * k10
            slashes[pol, 1, side, 0, 1] = e_z * k01 + e01 * k11
            slashes[pol, 1, side, 1, 0] = e_across * k00 - e_z * k10
            slashes[pol, 1, side, 1, 1] = e_across * k01 - e_z * k11


@njit(cache=True, error_model="numpy")
def _radiate_ket(spinor: Complex, eikonal: float, inverse: float, slash: Complex, out: Complex) -> None:
    for spin in range(2):
        for side in range(2):
            a, b = spinor[spin, 2 * side], spinor[spin, 2 * side + 1]
            for row in range(2):
                turned = slash[side, row, 0] * a + slash[side, row, 1] * b
                out[spin, 2 * side + row] = eikonal * spinor[spin, 2 * side + row] + inverse * turned


@njit(cache=True, error_model="numpy")
def _radiate_bra(spinor: Complex, eikonal: float, inverse: float, slash: Complex, out: Complex) -> None:
    for spin in range(2):
        for side in range(2):
            a, b = spinor[spin, 2 * side], spinor[spin, 2 * side + 1]
            for column in range(2):
                turned = a * slash[side, 0, column] + b * slash[side, 1, column]
                out[spin, 2 * side + column] = eikonal * spinor[spin, 2 * side + column] + inverse * turned


@njit(cache=True, error_model="numpy")
def _add_current(bra: Complex, ket: Complex, out: Complex) -> None:
    """Add (A, D, B, C) of bra gamma^mu ket for the four pairs of spins to out[2 bra + ket]."""
    for i in range(2):
        for j in range(2):
            out[2 * i + j, 0] += bra[i, 0] * ket[j, 0] + bra[i, 3] * ket[j, 3]
            out[2 * i + j, 1] += bra[i, 1] * ket[j, 1] + bra[i, 2] * ket[j, 2]
            out[2 * i + j, 2] += bra[i, 2] * ket[j, 3] - bra[i, 0] * ket[j, 1]
            out[2 * i + j, 3] += bra[i, 3] * ket[j, 2] - bra[i, 1] * ket[j, 0]


@njit(cache=True, error_model="numpy")
def _contract(a: Complex, b: Complex) -> complex:
    product: complex = 2.0 * (a[0] * b[1] + a[1] * b[0] - a[2] * b[3] - a[3] * b[2])
    return product


@njit(cache=True, error_model="numpy")
def _line(bras: Complex, kets: Complex, bra_leg: int, ket_leg: int, plain: Complex, radiating: Complex) -> None:
    """Fill the current of one fermion line, plain (4, 4) and radiating (polarisation, 4, 4)."""
    plain[:] = 0.0
    radiating[:] = 0.0
    _add_current(bras[bra_leg, 0], kets[ket_leg, 0], plain)
    for pol in range(2):
        _add_current(bras[bra_leg, 1 + pol], kets[ket_leg, 0], radiating[pol])
        _add_current(bras[bra_leg, 0], kets[ket_leg, 1 + pol], radiating[pol])


@njit(cache=True, error_model="numpy")
def _legs(
    p: Array,
    pp: Array,
    q: Array,
    qp: Array,
    k: Array,
    mass_in: float,
    mass_out: float,
    vectors: Array,
    slashes: Complex,
    bras: Complex,
    kets: Complex,
) -> None:
    """Fill the spinors of the four legs, plain and with the photon attached in both polarisations."""
    _spinors(p, mass_in, 1.0, kets[0, 0])
    _spinors(qp, mass_out, -1.0, kets[1, 0])
    _spinors(pp, mass_in, -1.0, bras[0, 0])
    _spinors(q, mass_out, 1.0, bras[1, 0])
    bras[:, 0] = np.conj(bras[:, 0])
    _polarise(k, vectors, slashes)
    p_k, pp_k, q_k, qp_k = _dot(p, k), _dot(pp, k), _dot(q, k), _dot(qp, k)
    for pol in range(2):
        eps = vectors[pol]
        _radiate_ket(kets[0, 0], -_dot(p, eps) / p_k, 0.5 / p_k, slashes[pol, 0], kets[0, 1 + pol])
        _radiate_ket(kets[1, 0], -_dot(qp, eps) / qp_k, -0.5 / qp_k, slashes[pol, 0], kets[1, 1 + pol])
        _radiate_bra(bras[0, 0], _dot(pp, eps) / pp_k, -0.5 / pp_k, slashes[pol, 1], bras[0, 1 + pol])
        _radiate_bra(bras[1, 0], _dot(q, eps) / q_k, 0.5 / q_k, slashes[pol, 1], bras[1, 1 + pol])


@njit(cache=True, error_model="numpy")
def _sum_amplitudes(
    electron: Array,
    positron: Array,
    negative: Array,
    positive: Array,
    photon: Array,
    mass_in: float,
    mass_out: float,
    exchange: bool,
    result: Array,
) -> None:
    """Fill the sum over spins and polarisations of |M|^2/e^6; bras are positron, negative, kets electron, positive."""
    vectors, slashes = np.empty((2, 4)), np.empty((2, 2, 2, 2, 2), dtype=np.complex128)
    # spinors by leg and photon: none, first, second polarisation
    bras, kets = np.empty((2, 3, 2, 4), dtype=np.complex128), np.empty((2, 3, 2, 4), dtype=np.complex128)
    plain, radiating = np.empty((4, 4, 4), dtype=np.complex128), np.empty((4, 2, 4, 4), dtype=np.complex128)
    for event in range(len(result)):
        p, pp, q, qp, k = electron[event], positron[event], negative[event], positive[event], photon[event]
        _legs(p, pp, q, qp, k, mass_in, mass_out, vectors, slashes, bras, kets)
        s_in = 1.0 / (2.0 * mass_in**2 + 2.0 * _dot(p, pp))
        s_out = 1.0 / (2.0 * mass_out**2 + 2.0 * _dot(q, qp))
        _line(bras, kets, 0, 0, plain[0], radiating[0])
        _line(bras, kets, 1, 1, plain[1], radiating[1])
        t_electron = t_positron = 0.0
        if exchange:
            t_electron = 1.0 / (2.0 * mass_in**2 - 2.0 * _dot(p, q))
            t_positron = 1.0 / (2.0 * mass_in**2 - 2.0 * _dot(pp, qp))
            _line(bras, kets, 1, 0, plain[2], radiating[2])
            _line(bras, kets, 0, 1, plain[3], radiating[3])
        total = 0.0
        for pol in range(2):
            for first in range(4):
                for second in range(4):
                    # first = (positron, electron), second = (negative, positive)
                    amplitude = s_out * _contract(radiating[0, pol, first], plain[1, second])
                    amplitude += s_in * _contract(plain[0, first], radiating[1, pol, second])
                    if exchange:
                        along = 2 * (second // 2) + first % 2
                        against = 2 * (first // 2) + second % 2
                        amplitude -= t_positron * _contract(radiating[2, pol, along], plain[3, against])
                        amplitude -= t_electron * _contract(plain[2, along], radiating[3, pol, against])
                    total += amplitude.real**2 + amplitude.imag**2
        result[event] = total

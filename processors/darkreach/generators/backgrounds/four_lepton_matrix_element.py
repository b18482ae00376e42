"""e+e- -> e+ e- mu+ mu- at tree level in QED: all twelve diagrams, exact in both lepton masses.

Three lines of fermions are joined by two photons: one line has both of them, in either order, the other two have one
each. Lines of electrons go through the collision (electron to electron, positron to positron) or are annihilated and
made; the second kind has the opposite sign. With the middle line of muons, the first kind are two colliding photons;
with one of electrons, a muon pair is radiated. Amplitudes are summed for each spin: chiral representation,
u = (sqrt(p.sigma) xi, sqrt(p.sigmabar) xi), spins along the third axis (M. E. Peskin and D. V. Schroeder, An
Introduction to Quantum Field Theory, chapter 3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE, MUON_MASS

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

_ENDS: Final[Integers] = np.array([[2, 0], [1, 3], [4, 5], [1, 0], [2, 3]])
"""Legs in which lines end and begin, by line: electron, positron, pair, annihilated beams, made electrons."""

_PLACES: Final[Integers] = 2**_ENDS
"""What the spins of both legs of a line add to the number of an amplitude."""

_KINDS: Final[Integers] = np.array([[0, 1, 2], [3, 4, 2]])
"""Lines that are there together."""


@dataclass(frozen=True)
class FourLeptons:
    """Momenta of e- e+ -> e- e+ l- l+ in one frame, each (n, 4) as (E, px, py, pz), GeV.

    Attributes:
        electron_in: incoming electron, with its mass.
        positron_in: incoming positron, with its mass.
        electron: outgoing electron.
        positron: outgoing positron.
        negative: outgoing negative lepton of the pair.
        positive: outgoing positive lepton of the pair.
    """

    electron_in: Array
    positron_in: Array
    electron: Array
    positron: Array
    negative: Array
    positive: Array


def four_lepton_matrix_element(momenta: FourLeptons, mass: float = MUON_MASS, *, annihilation: bool = True) -> Array:
    """Return |M|^2 (n,) in GeV^-4, averaged over beam spins, summed over the others.

    Args:
        momenta: all six momenta.
        mass: of the leptons of the pair, GeV; they are not those of the beams.
        annihilation: whether the six diagrams in which the beams annihilate are there; without them the result is still
            independent of the gauge, and takes half of the time.

    Example:
        >>> flight = np.array([[4.0, 0.0, 0.0, 4.0], [4.0, 0.0, 0.0, -4.0]])
        >>> out = np.array([[[2.0, 2.0, 0, 0]], [[2.0, -2.0, 0, 0]], [[2.0, 0, 2.0, 0]], [[2.0, 0, -2.0, 0]]])
        >>> four_lepton_matrix_element(FourLeptons(flight[:1], flight[1:], *out)).shape
        (1,)
    """
    legs = (
        momenta.electron_in,
        momenta.positron_in,
        momenta.electron,
        momenta.positron,
        momenta.negative,
        momenta.positive,
    )
    flat = np.ascontiguousarray(np.stack(legs, axis=1), dtype=np.float64)
    result = np.empty(len(flat))
    _sum_amplitudes(flat, ELECTRON_MASS, mass, annihilation, result)
    # 1/4: average over the spins of the beams
    result *= 0.25 * (4.0 * math.pi * FINE_STRUCTURE) ** 4
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
def _bar(spinors: Complex) -> None:
    """Turn spinors into their Dirac adjoints: conjugate, left and right exchanged."""
    for spin in range(2):
        for part in range(2):
            left, right = spinors[spin, part], spinors[spin, 2 + part]
            spinors[spin, part], spinors[spin, 2 + part] = right.conjugate(), left.conjugate()


@njit(cache=True, error_model="numpy")
def _slash_ket(vector: Complex, ket: Complex, out: Complex) -> None:
    """Fill out with vector-slash times a ket."""
    plus, minus = vector[0] + vector[3], vector[0] - vector[3]
    raising, lowering = vector[1] - 1j * vector[2], vector[1] + 1j * vector[2]
    out[0] = minus * ket[2] - raising * ket[3]
    out[1] = plus * ket[3] - lowering * ket[2]
    out[2] = plus * ket[0] + raising * ket[1]
    out[3] = minus * ket[1] + lowering * ket[0]


@njit(cache=True, error_model="numpy")
def _slash_bra(vector: Complex, bra: Complex, out: Complex) -> None:
    """Fill out with a bra times vector-slash."""
    plus, minus = vector[0] + vector[3], vector[0] - vector[3]
    raising, lowering = vector[1] - 1j * vector[2], vector[1] + 1j * vector[2]
    out[0] = bra[2] * plus + bra[3] * lowering
    out[1] = bra[2] * raising + bra[3] * minus
    out[2] = bra[0] * minus - bra[1] * lowering
    out[3] = bra[1] * plus - bra[0] * raising


@njit(cache=True, error_model="numpy")
def _currents(bras: Complex, kets: Complex, out: Complex) -> None:
    """Fill out[2 bra + ket] with the four components of bra gamma^mu ket."""
    for i in range(2):
        for j in range(2):
            a, b, c, d = bras[i, 0], bras[i, 1], bras[i, 2], bras[i, 3]
            e, f, g, h = kets[j, 0], kets[j, 1], kets[j, 2], kets[j, 3]
            out[2 * i + j, 0] = a * g + b * h + c * e + d * f
            out[2 * i + j, 1] = a * h + b * g - c * f - d * e
            out[2 * i + j, 2] = 1j * (b * g - a * h - d * e + c * f)
            out[2 * i + j, 3] = a * g - b * h - c * e + d * f


@njit(cache=True, error_model="numpy")
def _ordered(
    bras: Complex,
    kets: Complex,
    weights: Integers,
    mass: float,
    flow: Array,
    first: Complex,
    first_weights: Integers,
    last: Complex,
    last_weights: Integers,
    factor: float,
    work: Complex,
    amplitudes: Complex,
) -> None:
    """Add bra first-slash S(flow) last-slash ket for all spins; weights are places of (bra, ket) spins."""
    scaled = factor / (_dot(flow, flow) - mass * mass)
    slash = work[0, 0]
    for component in range(4):
        slash[component] = flow[component]
    for j in range(2):
        for c in range(4):
            _slash_ket(last[c], kets[j], work[0, 1])
            _slash_ket(slash, work[0, 1], work[1, 4 * j + c])
            for component in range(4):
                work[1, 4 * j + c, component] = scaled * (work[1, 4 * j + c, component] + mass * work[0, 1, component])
    for i in range(2):
        for d in range(4):
            bra = work[0, 2]
            _slash_bra(first[d], bras[i], bra)
            of_bra = i * weights[0] + (d // 2) * first_weights[0] + (d % 2) * first_weights[1]
            for j in range(2):
                for c in range(4):
                    ket = work[1, 4 * j + c]
                    place = of_bra + j * weights[1] + (c // 2) * last_weights[0] + (c % 2) * last_weights[1]
                    amplitudes[place] += bra[0] * ket[0] + bra[1] * ket[1] + bra[2] * ket[2] + bra[3] * ket[3]


@njit(cache=True, error_model="numpy")
def _sum_amplitudes(legs: Array, light: float, heavy: float, annihilation: bool, result: Array) -> None:
    """Fill the sum over spins of |M|^2/e^8 of legs (n, 6, 4): e- and e+ coming in, e-, e+, l-, l+ going out."""
    spinors, work = np.empty((6, 2, 4), dtype=np.complex128), np.empty((2, 8, 4), dtype=np.complex128)
    currents, amplitudes = np.empty((5, 4, 4), dtype=np.complex128), np.empty(64, dtype=np.complex128)
    # momentum along the arrow of each leg, and what each line gives away
    flow, given, inverse, inner = np.empty((6, 4)), np.empty((5, 4)), np.empty(5), np.empty(4)
    for event in range(len(result)):
        for leg in range(6):
            particle = leg in (0, 2, 4)
            _spinors(legs[event, leg], heavy if leg > 3 else light, 1.0 if particle else -1.0, spinors[leg])
            for component in range(4):
                flow[leg, component] = legs[event, leg, component] * (1.0 if particle else -1.0)
        for leg in (1, 2, 4):
            _bar(spinors[leg])
        for line in range(5 if annihilation else 3):
            _currents(spinors[_ENDS[line, 0]], spinors[_ENDS[line, 1]], currents[line])
            for component in range(4):
                given[line, component] = flow[_ENDS[line, 1], component] - flow[_ENDS[line, 0], component]
            product = _dot(flow[_ENDS[line, 1]], flow[_ENDS[line, 0]])
            mass = heavy if line == 2 else light
            inverse[line] = 1.0 / (2.0 * mass * mass - 2.0 * product)
        amplitudes[:] = 0.0
        for kind in range(2 if annihilation else 1):
            for middle in range(3):
                line, one, two = _KINDS[kind, middle], _KINDS[kind, (middle + 1) % 3], _KINDS[kind, (middle + 2) % 3]
                factor = (1.0 - 2.0 * kind) * inverse[one] * inverse[two]
                bras, kets = spinors[_ENDS[line, 0]], spinors[_ENDS[line, 1]]
                for order in range(2):
                    first, last = (one, two) if order == 0 else (two, one)
                    for component in range(4):
                        inner[component] = flow[_ENDS[line, 1], component] + given[last, component]
                    _ordered(
                        bras,
                        kets,
                        _PLACES[line],
                        heavy if line == 2 else light,
                        inner,
                        currents[first],
                        _PLACES[first],
                        currents[last],
                        _PLACES[last],
                        factor,
                        work,
                        amplitudes,
                    )
        total = 0.0
        for amplitude in amplitudes:
            total += amplitude.real**2 + amplitude.imag**2
        result[event] = total

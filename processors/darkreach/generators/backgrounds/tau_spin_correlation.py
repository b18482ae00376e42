"""How the decays of both tau leptons of e+e- -> tau+ tau- know of each other, at tree level in QED.

With unpolarised beams the rate goes with A + sum_ij C_ij s_i s'_j, s and s' the spins of tau- and tau+ in their rest
frames, both with z along the tau-, y normal to the plane of production and x = y cross z (Y.-S. Tsai, Phys. Rev. D 4
(1971) 2821). With c the cosine of the angle between electron and tau- and g the Lorentz factor,

    A = 1 + c^2 + (1 - c^2)/g^2,   C_zz = 1 + c^2 - (1 - c^2)/g^2,
    C_xx = (1 + 1/g^2)(1 - c^2),   C_yy = -(1 - 1/g^2)(1 - c^2),   C_xz = C_zx = -2 c sqrt(1 - c^2)/g.

A decay whose spin is told by one direction n with full power has the density 1 + s.n for tau- and 1 - s.n for tau+:
that of both directions together is 1 - n.C.n'/A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TauSpinCorrelation:
    """C/A of n pairs, in the axes of the module; each (n,).

    Attributes:
        xx: both spins in the plane of production, normal to the flight.
        yy: both normal to that plane.
        zz: both along the flight of the tau-.
        xz: one of each; C is symmetric.
    """

    xx: Array
    yy: Array
    zz: Array
    xz: Array

    def between(self, first: Array, second: Array) -> Array:
        """Return n.C.n'/A (n,) of two sets of vectors (3, n)."""
        polarised = self._turned(first)
        return np.asarray((polarised * second).sum(axis=0))

    def sample(self, random: np.random.Generator) -> tuple[Array, Array]:
        """Return directions (3, n) of both decays by 1 - n.C.n'/A: the first even, the second as the first makes it."""
        n = len(self.zz)
        cosine, turn = 2.0 * random.random(n) - 1.0, 2.0 * math.pi * random.random(n)
        sine = np.sqrt(1.0 - cosine**2)
        first = np.stack([sine * np.cos(turn), sine * np.sin(turn), cosine])
        spin = -self._turned(first)
        size = np.minimum(np.sqrt((spin**2).sum(axis=0)), 1.0)
        # density (1 + size c)/2 of the cosine c to the spin; the root in a form without cancellation
        uniform = random.random(n)
        root = np.sqrt((1.0 - size) ** 2 + 4.0 * size * uniform)
        along = np.clip((4.0 * uniform - 2.0 + size) / (1.0 + root), -1.0, 1.0)
        return first, _about(spin / np.maximum(size, 1e-300), along, random.random(n))

    def _turned(self, vector: Array) -> Array:
        x, y, z = vector
        return np.stack([self.xx * x + self.xz * z, self.yy * y, self.xz * x + self.zz * z])


def tau_spin_correlation(cosine: ArrayLike, lorentz_factor: ArrayLike) -> TauSpinCorrelation:
    """Return the correlation of pairs.

    Args:
        cosine: (n,) of the angle between electron and tau- in the CM.
        lorentz_factor: (n,) of the tau leptons in the CM, at least 1.

    Example:
        >>> fast = tau_spin_correlation(np.ones(1), np.full(1, 1e6))
        >>> float(fast.xx[0]), float(fast.zz[0])
        (0.0, 1.0)
    """
    c, rest = np.asarray(cosine, dtype=np.float64), 1.0 / np.square(np.asarray(lorentz_factor, dtype=np.float64))
    sine_squared = (1.0 - c) * (1.0 + c)
    total = 1.0 + c**2 + rest * sine_squared
    return TauSpinCorrelation(
        (1.0 + rest) * sine_squared / total,
        -(1.0 - rest) * sine_squared / total,
        (1.0 + c**2 - rest * sine_squared) / total,
        -2.0 * c * np.sqrt(sine_squared * rest) / total,
    )


def _about(axis: Array, cosine: Array, turn: Array) -> Array:
    """Return unit vectors (3, n) at an angle to unit vectors, at an azimuth in turns."""
    x, y, z = axis
    # an orthonormal pair of T. Duff et al., J. Comput. Graph. Tech. 6 (2017) 1, without a special direction
    sign = np.where(z < 0.0, -1.0, 1.0)
    a = -1.0 / (sign + z)
    b = x * y * a
    azimuth, across = 2.0 * math.pi * turn, np.sqrt(1.0 - cosine**2)
    p, q = across * np.cos(azimuth), across * np.sin(azimuth)
    first = (1.0 + sign * x * x * a, sign * b, -sign * x)
    second = (b, sign + y * y * a, -y)
    return np.stack([cosine * axis[i] + p * first[i] + q * second[i] for i in range(3)])

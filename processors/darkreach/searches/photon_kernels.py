"""Compiled arithmetic of three-photon events; the plain twins are in photon_selection, photon_variations, kinematics.

Everything one compiled function calls stands in this file: numba looks for changes in the file of the caller only.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

LARGEST_ANGLE: Final = 1.0e5
"""rad; beyond it the reduction to a quarter turn below loses digits."""

# a quarter turn in three parts of 33 bits and more: whole multiples of the first two are exact (fdlibm, e_rem_pio2.c)
_QUARTER: Final = 1.57079632673412561417e00
_QUARTER_MIDDLE: Final = 6.07710050630396597660e-11
_QUARTER_REST: Final = 2.02226624879595063154e-21
_TURNS: Final = 2.0 / math.pi
_ROUNDING: Final = 6755399441055744.0  # 1.5 * 2^52: added and taken off again, it rounds to a whole number


@njit(cache=True, nogil=True, error_model="numpy")
def _sine_and_cosine(angle: float) -> tuple[float, float]:
    """Return both at once without a branch, for loops of vector code (coefficients: fdlibm k_sin.c, k_cos.c)."""
    quarters = (angle * _TURNS + _ROUNDING) - _ROUNDING
    rest = ((angle - quarters * _QUARTER) - quarters * _QUARTER_MIDDLE) - quarters * _QUARTER_REST
    square = rest * rest
    series = -2.50507602534068634195e-08 + square * 1.58969099521155010221e-10
    series = 2.75573137070700676789e-06 + square * series
    series = -1.98412698298579493134e-04 + square * series
    series = 8.33333333332248946124e-03 + square * series
    sine = rest + rest * square * (-1.66666666666666324348e-01 + square * series)
    series = 2.08757232129817482790e-09 + square * -1.13596475577881948265e-11
    series = -2.75573143513906633035e-07 + square * series
    series = 2.48015872894767294178e-05 + square * series
    series = -1.38888888888741095749e-03 + square * series
    series = 4.16666666666666019037e-02 + square * series
    half = 0.5 * square
    whole = 1.0 - half
    cosine = whole + (((1.0 - whole) - half) + square * square * series)
    quadrant = quarters - 4.0 * math.floor(quarters * 0.25)
    odd = (quadrant == 1.0) | (quadrant == 3.0)
    first = cosine if odd else sine
    second = sine if odd else cosine
    return (
        -first if quadrant >= 2.0 else first,
        -second if (quadrant == 1.0) | (quadrant == 2.0) else second,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def photon_kinematics(
    energy: Floats, theta: Floats, phi: Floats, velocity: Floats, momenta: Floats, energy_cm: Floats
) -> None:
    """Write four-momenta (4, p) and energies (p,) in a frame moving with ``velocity`` (3,) of photons (p,).

    Angles up to ``LARGEST_ANGLE``.
    """
    first, second, third = velocity[0], velocity[1], velocity[2]
    gamma = 1.0 / math.sqrt(1.0 - (first * first + second * second + third * third))
    for photon in range(energy.size):
        sine, cosine = _sine_and_cosine(theta[photon])
        sine_phi, cosine_phi = _sine_and_cosine(phi[photon])
        transverse = energy[photon] * sine
        px, py, pz = transverse * cosine_phi, transverse * sine_phi, energy[photon] * cosine
        momenta[0, photon] = energy[photon]
        momenta[1, photon] = px
        momenta[2, photon] = py
        momenta[3, photon] = pz
        energy_cm[photon] = gamma * (energy[photon] - (px * first + py * second + pz * third))


@njit(cache=True, nogil=True, error_model="numpy")
def scale_residuals(
    measured: tuple[Floats, Floats, Floats], truth: tuple[Floats, Floats, Floats], factor: float, varied: Floats
) -> None:
    """Write truth + factor * (measured - truth) of energy, theta and phi into ``varied`` (3, p)."""
    energy, theta, phi = measured
    true_energy, true_theta, true_phi = truth
    for photon in range(energy.size):
        turn = phi[photon] - true_phi[photon]
        turn -= 2.0 * math.pi * math.floor((turn + math.pi) / (2.0 * math.pi))
        varied[0, photon] = true_energy[photon] + factor * (energy[photon] - true_energy[photon])
        varied[1, photon] = true_theta[photon] + factor * (theta[photon] - true_theta[photon])
        varied[2, photon] = true_phi[photon] + factor * turn


@njit(cache=True, nogil=True, error_model="numpy")
def _pair_mass_squared(momenta: Floats, one: int, two: int, scale: float) -> float:
    energies = (scale * momenta[0, one]) * (scale * momenta[0, two])
    x = (scale * momenta[1, one]) * (scale * momenta[1, two])
    y = (scale * momenta[2, one]) * (scale * momenta[2, two])
    z = (scale * momenta[3, one]) * (scale * momenta[3, two])
    difference: float = energies - ((x + y) + z)
    return 2.0 * max(difference, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _above_threshold(
    energy_cm: Floats, start: int, stop: int, scale: float, threshold: float
) -> tuple[int, int, int, int]:
    """Return how many photons of an event are above threshold, and the first, second and last of these."""
    first = second = last = -1
    count = 0
    for photon in range(start, stop):
        if scale * energy_cm[photon] > threshold:
            if count == 0:
                first = photon
            elif count == 1:
                second = photon
            last = photon
            count += 1
    return count, first, second, last


@njit(cache=True, nogil=True, error_model="numpy")
def select_three_photons(
    momenta: Floats,
    energy_cm: Floats,
    theta: Floats,
    offsets: Indices,
    scale: float,
    cuts: Floats,
    passed: Indices,
    photons: Indices,
    energy: Floats,
    minimum_energy_cm: Floats,
    pair_mass_squared: Floats,
    recoil_mass_squared: Floats,
) -> tuple[int, int, int]:
    """Select events with exactly three photons above threshold in the polar range, of the right mass together.

    Args:
        momenta, energy_cm: (4, p) laboratory and (p,), GeV; multiplied by ``scale``.
        theta: (p,) rad.
        offsets: (k + 1,) first photon of each event.
        scale: of all energies.
        cuts: (6,): threshold (GeV, CM), polar range (rad), range of the squared mass (GeV^2), sqrt(s) (GeV).
        passed: (3, k), written: events with three photons; of these in the polar range; of these of the right mass.
        photons: (k, 3), written for the last of them, as the rest: which photons; left alone if it is (0, 3).
        energy, minimum_energy_cm: (k, 3) in the laboratory and (k,), written, GeV.
        pair_mass_squared, recoil_mass_squared: (k, 3), written, GeV^2.

    Returns:
        How many events each row of ``passed`` holds.
    """
    three = polar = right = 0
    threshold, low, high, lightest, heaviest, sqrt_s = cuts[0], cuts[1], cuts[2], cuts[3], cuts[4], cuts[5]
    for event in range(offsets.size - 1):
        count, first, second, third = _above_threshold(energy_cm, offsets[event], offsets[event + 1], scale, threshold)
        if count != 3:
            continue
        passed[0, three] = event
        three += 1
        if not (low <= theta[first] <= high and low <= theta[second] <= high and low <= theta[third] <= high):
            continue
        passed[1, polar] = event
        polar += 1
        pair_0 = _pair_mass_squared(momenta, second, third, scale)
        pair_1 = _pair_mass_squared(momenta, first, third, scale)
        pair_2 = _pair_mass_squared(momenta, first, second, scale)
        if not lightest <= (pair_0 + pair_1) + pair_2 <= heaviest:
            continue
        passed[2, right] = event
        pair_mass_squared[right, 0], pair_mass_squared[right, 1], pair_mass_squared[right, 2] = pair_0, pair_1, pair_2
        least = scale * energy_cm[first]
        for index, photon in enumerate((first, second, third)):
            photon_cm = scale * energy_cm[photon]
            least = min(least, photon_cm)
            energy[right, index] = scale * momenta[0, photon]
            recoil_mass_squared[right, index] = sqrt_s * sqrt_s - 2.0 * sqrt_s * photon_cm
        if photons.shape[0] > 0:
            photons[right, 0], photons[right, 1], photons[right, 2] = first, second, third
        minimum_energy_cm[right] = least
        right += 1
    return three, polar, right

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.generators.backgrounds.massive_three_photon_matrix_element import massive_three_photon_matrix_element
from darkreach.generators.backgrounds.pair_production_matrix_elements import two_photon_matrix_element
from darkreach.generators.backgrounds.three_photon_matrix_element import three_photon_matrix_element
from darkreach.generators.backgrounds.three_photon_phase_space import sample_three_photons
from darkreach.kinematics import ELECTRON_MASS, FINE_STRUCTURE

ENERGY = 5.29
FLIGHT = math.sqrt(ENERGY**2 - ELECTRON_MASS**2)


def beams(n: int) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.tile([ENERGY, 0.0, 0.0, sign * FLIGHT], (n, 1)) for sign in (1.0, -1.0))  # type: ignore[return-value]


def test_off_the_beams_it_is_the_massless_formula() -> None:
    n = 500
    s, edge = np.full(n, 4.0 * ENERGY**2), np.full(n, 1.5)
    states = sample_three_photons(s, np.full(n, 0.1), -edge, edge, np.random.default_rng(1))
    photons = ENERGY * states.energy_fraction[..., np.newaxis] * np.moveaxis(states.direction, 1, 2)
    momenta = np.concatenate([ENERGY * states.energy_fraction[..., np.newaxis], photons], axis=2).swapaxes(0, 1)
    expected = three_photon_matrix_element(s, states.energy_fraction, states.direction[:, 2])
    wide = (1.0 - states.direction[:, 2] ** 2).min(axis=0) > 0.01
    ours = massive_three_photon_matrix_element(*beams(n), momenta)
    assert wide.sum() > 300
    # corrections of m^2/(p.k)
    np.testing.assert_allclose(ours[wide], expected[wide], rtol=2e-5)


@pytest.mark.parametrize("angle", [1e-5, 1e-4, 5e-4, 3e-3])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_along_a_beam_it_is_the_collinear_limit(angle: float, share: float) -> None:
    # |M|^2 -> e^2/(p.k) [(1 + z^2)/(z (1 - z)) - m^2/(p.k)] |M(z p, p')|^2, z what is left to the electron (F. A.
    # Berends et al., Nucl. Phys. B 206 (1982) 61)
    z, turn = 1.0 - share, 0.3
    along = share * ENERGY
    lost = along * np.array([1.0, math.sin(angle) * math.cos(turn), math.sin(angle) * math.sin(turn), math.cos(angle)])
    electron, positron = beams(1)
    rest = (electron + positron)[0] - lost
    mass = math.sqrt(rest[0] ** 2 - (rest[1:] ** 2).sum())
    cosine = 0.35
    at_rest = 0.5 * mass * np.array([1.0, math.sqrt(1.0 - cosine**2), 0.0, cosine])
    flight = rest[1:] @ at_rest[1:]
    first = np.concatenate(
        [
            [(at_rest[0] * rest[0] + flight) / mass],
            at_rest[1:] + (flight / (mass * (rest[0] + mass)) + at_rest[0] / mass) * rest[1:],
        ]
    )
    photons = np.stack([first, lost, rest - first])[np.newaxis]
    product = along * (ENERGY - FLIGHT * math.cos(angle))
    e_squared = 4.0 * math.pi * FINE_STRUCTURE
    radiator = e_squared / product * ((1.0 + z**2) / (z * (1.0 - z)) - ELECTRON_MASS**2 / product)
    expected = radiator * float(two_photon_matrix_element(cosine))
    ours = float(massive_three_photon_matrix_element(electron, positron, photons)[0])
    assert ours == pytest.approx(expected, rel=10.0 * angle + 2e-3)


def test_order_of_photons_and_exchange_of_beams_change_nothing() -> None:
    n = 50
    s, edge = np.full(n, 4.0 * ENERGY**2), np.full(n, 4.0)
    states = sample_three_photons(s, np.full(n, 0.1), -edge, edge, np.random.default_rng(2))
    photons = ENERGY * states.energy_fraction[..., np.newaxis] * np.moveaxis(states.direction, 1, 2)
    momenta = np.concatenate([ENERGY * states.energy_fraction[..., np.newaxis], photons], axis=2).swapaxes(0, 1)
    electron, positron = beams(n)
    values = massive_three_photon_matrix_element(electron, positron, momenta)
    for other in (
        massive_three_photon_matrix_element(electron, positron, momenta[:, [2, 0, 1]]),
        massive_three_photon_matrix_element(positron, electron, momenta),
    ):
        np.testing.assert_allclose(other, values, rtol=1e-9)

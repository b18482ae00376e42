from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.equivalent_photons import (
    photon_flux,
    photon_flux_density,
    two_photon_rate_fb,
)
from darkreach.generators.backgrounds.fusion_cross_sections import lepton_fusion_density_fb
from darkreach.generators.backgrounds.pair_fusion import (
    FUSED_ELECTRONS,
    FUSED_MUONS,
    FUSED_PIONS,
    FusedPair,
    generate_pair_fusion,
)
from darkreach.kinematics import (
    ELECTRON_MASS,
    FINE_STRUCTURE,
    HBAR_C_SQUARED_FB,
    MUON_MASS,
    Beams,
    boost,
    mass_squared,
)

EXACT = Beams(7.004, 4.002, 0.083)
SPREAD = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
HEAD_ON = Beams(5.29, 5.29, 0.0)
WHOLE = {"minimum_pair_mass": 0.5, "maximum_pair_mass": 11.0}

Array = Any


def by_quadrature(fused: FusedPair, low: float, high: float, share: float) -> float:
    return two_photon_rate_fb(HEAD_ON.s, (low, high), share, fused.total_fb)


@pytest.mark.reference
@pytest.mark.parametrize(("share", "nanobarn"), [(0.25, 18.5), (1.0, 21.7)])
def test_cross_section_above_half_a_gev(share: float, nanobarn: float) -> None:
    # an independent integration of the same flux for W > 0.5 GeV; the full calculation of the four diagrams with
    # cuts (AAFH) gives 18.9 nb
    n = 200_000
    random = np.random.default_rng(61)
    weight = generate_pair_fusion(HEAD_ON, FUSED_MUONS, n, random, **WHOLE, virtuality_share=share).weight_fb / 1e6
    error = weight.std() / math.sqrt(n)
    assert error < 0.001 * nanobarn
    integral = by_quadrature(FUSED_MUONS, 0.5, 10.58, share) / 1e6
    assert integral == pytest.approx(nanobarn, rel=0.003)
    # what has no room on its mass shell: 0.1 % and 0.5 %
    assert 0.993 * integral - 3.0 * error < weight.mean() < integral + 3.0 * error


@pytest.mark.parametrize("fused", [FUSED_ELECTRONS, FUSED_PIONS])
def test_other_pairs(fused: FusedPair) -> None:
    n = 200_000
    events = generate_pair_fusion(HEAD_ON, fused, n, np.random.default_rng(66), **WHOLE)
    weight = events.weight_fb
    error = weight.std() / math.sqrt(n)
    integral = by_quadrature(fused, 0.5, 10.58, 0.25)
    assert error < 0.003 * integral
    assert 0.99 * integral - 3.0 * error < weight.mean() < integral + 3.0 * error
    assert events.pdg == (11, -11, fused.code, -fused.code)
    np.testing.assert_allclose(mass_squared(events.momenta[weight > 0.0, 2:]), fused.mass**2, atol=1e-9)
    assert weight.sum() ** 2 / (n * np.square(weight).sum()) > 0.6


@pytest.mark.parametrize(("low", "high", "without_room"), [(0.22, 0.3, 0.003), (2.0, 4.0, 0.02), (7.0, 10.0, 0.07)])
def test_strata_of_the_mass(low: float, high: float, without_room: float) -> None:
    n = 100_000
    limits = {"minimum_pair_mass": low, "maximum_pair_mass": high}
    events = generate_pair_fusion(HEAD_ON, FUSED_MUONS, n, np.random.default_rng(62), **limits)
    weight = events.weight_fb
    kept = weight > 0.0
    pair = np.sqrt(mass_squared(events.momenta[kept, 2] + events.momenta[kept, 3]))
    assert low * (1.0 - 1e-9) < pair.min() < pair.max() < high * (1.0 + 1e-9)
    # near the kinematic end large transverse momenta have no room: 5 % from 7 to 10 GeV
    error = weight.std() / math.sqrt(n)
    integral = by_quadrature(FUSED_MUONS, low, high, 0.25)
    assert (1.0 - without_room) * integral - 3.0 * error < weight.mean() < integral + 3.0 * error
    # even weights: effective fractions of 0.70 to 0.95
    assert weight.sum() ** 2 / (n * np.square(weight).sum()) > 0.6
    assert weight.max() < 4.0 * weight.mean()


def test_momentum_and_masses() -> None:
    n = 50_000
    events = generate_pair_fusion(EXACT, FUSED_MUONS, n, np.random.default_rng(63), **WHOLE)
    total = events.momenta.sum(axis=1)
    np.testing.assert_allclose(total, np.tile(EXACT.four_momentum, (n, 1)), atol=1e-9)
    kept = events.select(events.weight_fb > 0.0)
    for part, mass in enumerate((ELECTRON_MASS, ELECTRON_MASS, MUON_MASS, MUON_MASS)):
        np.testing.assert_allclose(mass_squared(kept.momenta[:, part]), mass**2, atol=1e-9)
    assert kept.momenta[:, :, 0].min() > 0.0
    assert not events.isr.any()
    spread = generate_pair_fusion(SPREAD, FUSED_MUONS, n, np.random.default_rng(63), **WHOLE).momenta.sum(axis=1)
    assert np.sqrt(mass_squared(spread)).std() == pytest.approx(0.0050, rel=0.1)


def test_electrons_follow_the_flux_in_virtuality() -> None:
    # share of events with both transverse momenta below a tenth of that allowed: ratio of fluxes, in narrow W and Y
    n = 400_000
    limits = {"minimum_pair_mass": 1.0, "maximum_pair_mass": 1.02}
    events = generate_pair_fusion(HEAD_ON, FUSED_MUONS, n, np.random.default_rng(64), **limits)
    pair = events.momenta[:, 2] + events.momenta[:, 3]
    central = np.abs(np.arctanh(pair[:, 3] / pair[:, 0])) < 0.1
    # Q^2 from the electron itself, its momentum transfer
    electron = events.momenta[:, 0]
    across = np.square(electron[:, 1:3]).sum(axis=1)
    fraction = 1.01 / 10.58
    virtuality = (across + (fraction * ELECTRON_MASS) ** 2) / (1.0 - fraction)
    weight = events.weight_fb * central
    for edge in (1e-6, 1e-4, 1e-2):
        share = weight[virtuality < edge].sum() / weight.sum()
        expected = float(photon_flux(fraction, edge) / photon_flux(fraction, 0.255))
        assert share == pytest.approx(expected, abs=0.01)


def test_muons_follow_the_photons_where_the_pair_is_at_rest() -> None:
    n, mass = 200_000, 1.0
    limits = {"minimum_pair_mass": mass, "maximum_pair_mass": 1.001 * mass}
    events = generate_pair_fusion(HEAD_ON, FUSED_MUONS, n, np.random.default_rng(67), **limits)
    events = events.select(events.weight_fb > 0.0)
    pair = events.momenta[:, 2] + events.momenta[:, 3]
    velocity = -pair[:, 1:] / pair[:, :1]
    beam = np.array([5.29, 0.0, 0.0, 5.29])
    muon, photon = (boost(part, velocity)[:, 1:] for part in (events.momenta[:, 2], beam - events.momenta[:, 0]))
    cosine = np.einsum("ni,ni->n", muon, photon) / np.linalg.norm(muon, axis=1) / np.linalg.norm(photon, axis=1)
    for edge in (0.3, 0.9):
        share = events.weight_fb[np.abs(cosine) < edge].sum() / events.weight_fb.sum()
        inside, _ = quad(lambda c: float(lepton_fusion_density_fb(mass**2, c, MUON_MASS)), -edge, edge)
        assert share == pytest.approx(inside / float(FUSED_MUONS.total_fb(np.array(mass**2))), abs=0.005)


GAMMA_0 = np.diag([1, 1, -1, -1]).astype(complex)
PAULI = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]
GAMMA = np.array([GAMMA_0, *(np.kron(np.array([[0, 1], [-1, 0]]), sigma) for sigma in PAULI)])
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def slash(momentum: Array) -> Array:
    return np.einsum("ni,ij,jab->nab", momentum, METRIC, GAMMA)


def lepton_tensor(before: Array, after: Array, mass: float) -> Array:
    """Return half the trace of (after + m) gamma^mu (before + m) gamma^nu, indices down."""
    unit = mass * np.eye(4)
    left = np.einsum("nab,mbc->nmac", slash(after) + unit, GAMMA)
    right = np.einsum("nab,mbc->nmac", slash(before) + unit, GAMMA)
    tensor = 0.5 * np.einsum("nmab,nkba->nmk", left, right)
    return METRIC @ tensor @ METRIC


def two_photon_diagrams(electrons: Array, positrons: Array, negative: Array, positive: Array) -> Array:
    """Return |M|^2 of both two-photon diagrams by explicit traces, averaged over beam spins."""
    q, k = electrons[0] - electrons[1], positrons[0] - positrons[1]
    unit = MUON_MASS * np.eye(4)

    def propagator(momentum: Array) -> Array:
        return (slash(momentum) + unit) / (mass_squared(momentum) - MUON_MASS**2)[:, None, None]

    first = np.einsum("mab,nbc,kcd->nmkad", GAMMA, propagator(negative - q), GAMMA)
    second = np.einsum("kab,nbc,mcd->nmkad", GAMMA, propagator(negative - k), GAMMA)
    amplitude = first + second
    barred = np.einsum("ab,nmkcb,cd->nmkad", GAMMA_0, amplitude.conj(), GAMMA_0)
    left = np.einsum("nab,nmkbc->nmkac", slash(negative) + unit, amplitude)
    right = np.einsum("nab,nmkbc->nmkac", slash(positive) - unit, barred)
    of_muons = np.einsum("nmkab,nrsba->nmkrs", left, right)
    tensors = [lepton_tensor(*side, ELECTRON_MASS) for side in (electrons, positrons)]
    contracted = np.einsum("nmr,nks,nmkrs->n", *tensors, of_muons).real
    return (4.0 * math.pi * FINE_STRUCTURE) ** 4 * contracted / (mass_squared(q) * mass_squared(k)) ** 2


@pytest.mark.agreement
def test_against_the_two_photon_diagrams() -> None:
    # where both photons are nearly real the exact amplitude over exact four-body phase space gives the same rate;
    # electrons off the beams by Q^2 > 1e-5 GeV^2 keep the cancellations of the amplitude within double precision
    n, s = 60_000, HEAD_ON.s
    limits = {"minimum_pair_mass": 1.5, "maximum_pair_mass": 2.5}
    events = generate_pair_fusion(HEAD_ON, FUSED_MUONS, n, np.random.default_rng(65), **limits)
    momenta, squared = events.momenta, mass_squared(events.momenta[:, 2] + events.momenta[:, 3])
    across = np.hypot(momenta[:, :2, 1], momenta[:, :2, 2])
    rows = (events.weight_fb > 0.0) & ((across > 0.003) & (across < 0.05)).all(axis=1)
    half, flight = 0.5 * math.sqrt(s), math.sqrt(0.25 * s - ELECTRON_MASS**2)
    beams = [np.tile([half, 0.0, 0.0, sign * flight], (int(rows.sum()), 1)) for sign in (1.0, -1.0)]
    electron, positron, negative, positive = (momenta[rows, part] for part in range(4))
    amplitude = two_photon_diagrams((beams[0], electron), (beams[1], positron), negative, positive)
    # measures of both per dW^2 dY dQ1^2 dQ2^2 dcos: dk^2 = (1 - x) dQ^2, azimuths uniform
    pair = negative + positive
    mass, rapidity = np.sqrt(squared[rows]), np.arctanh(pair[:, 3] / pair[:, 0])
    fraction = [mass / math.sqrt(s) * np.exp(sign * rapidity) for sign in (1.0, -1.0)]
    # the generator places the pair with its transverse mass: undo what that changes, 1e-3 here
    virtuality = [
        (across[rows, side] ** 2 + (fraction[side] * ELECTRON_MASS) ** 2) / (1.0 - fraction[side]) for side in (0, 1)
    ]
    velocity = np.sqrt(1.0 - 4.0 * MUON_MASS**2 / squared[rows])
    plus, minus = electron[:, 0] + electron[:, 3], positron[:, 0] - positron[:, 3]
    exact = HBAR_C_SQUARED_FB * amplitude / (2.0 * s) * velocity / (16.0 * math.pi)
    exact *= (1.0 - fraction[0]) * (1.0 - fraction[1]) / (16.0 * plus * minus * (2.0 * math.pi) ** 4)
    at_rest = boost(negative, -pair[:, 1:] / pair[:, :1])[:, 1:]
    photon = boost(beams[0] - electron, -pair[:, 1:] / pair[:, :1])[:, 1:]
    cosine = (at_rest * photon).sum(axis=1)
    cosine /= np.linalg.norm(at_rest, axis=1) * np.linalg.norm(photon, axis=1)
    ours = lepton_fusion_density_fb(squared[rows], cosine, MUON_MASS) / s
    for side in (0, 1):
        ours = ours * photon_flux_density(fraction[side], virtuality[side]) / virtuality[side]
    weight = events.weight_fb[rows]
    ratio = exact / ours
    mean = float((weight * ratio).sum() / weight.sum())
    error = float(np.sqrt(np.square(weight * (ratio - mean)).sum()) / weight.sum())
    print(f"\nexact over equivalent photons: {mean:.4f} +- {error:.4f} for {rows.sum()} events")
    assert error < 0.01
    assert abs(mean - 1.0) < 3.0 * error + 0.005


def test_same_seed_same_bytes() -> None:
    first, second, third = (
        generate_pair_fusion(SPREAD, FUSED_MUONS, 1000, np.random.default_rng(seed), **WHOLE) for seed in (5, 5, 6)
    )
    assert first.momenta.tobytes() + first.weight_fb.tobytes() == second.momenta.tobytes() + second.weight_fb.tobytes()
    assert first.weight_fb.tobytes() != third.weight_fb.tobytes()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"minimum_pair_mass": 0.1}, "minimum_pair_mass"),
        ({"minimum_pair_mass": 12.0}, "minimum_pair_mass"),
        ({"maximum_pair_mass": 0.4}, "maximum_pair_mass"),
        ({"virtuality_share": 0.0}, "virtuality_share"),
        ({"virtuality_share": 2.0}, "virtuality_share"),
    ],
)
def test_empty_ranges_are_refused(changed: dict[str, float], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        generate_pair_fusion(EXACT, FUSED_MUONS, 5, np.random.default_rng(1), **(WHOLE | changed))
    assert named in str(caught.value)

from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds import transverse_pair_phase_space
from darkreach.generators.backgrounds.four_lepton_matrix_element import FourLeptons, four_lepton_matrix_element
from darkreach.generators.backgrounds.pair_fusion import FUSED_MUONS, generate_pair_fusion
from darkreach.generators.backgrounds.transverse_muon_pairs import generate_transverse_muon_pairs, transverse_to_beams
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS, Beams, boost, mass_squared

EXACT = Beams(7.004, 4.002, 0.083)
HEAD_ON = Beams(5.29, 5.29, 0.0)
LOST = {"electron_low": math.radians(17.0), "electron_high": math.radians(150.0)}
ANYWHERE = {"electron_low": 0.5 * math.pi, "electron_high": 0.5 * math.pi}


def draw(smallest: float, n: int, seed: int = 41, mass: float = 2.0 * MUON_MASS) -> FinalStateEvents:
    random = np.random.default_rng(seed)
    return generate_transverse_muon_pairs(EXACT, n, random, minimum_transverse=smallest, minimum_pair_mass=mass, **LOST)


def pair(events: FinalStateEvents) -> np.ndarray:
    return np.asarray(events.momenta[:, 2] + events.momenta[:, 3])


def mean_and_error(weight: np.ndarray) -> tuple[float, float]:
    return float(weight.mean()), float(weight.std()) / math.sqrt(len(weight))


def test_momenta_and_cuts() -> None:
    n = 20_000
    events = draw(1.0, n)
    kept = events.select(events.weight_fb > 0.0)
    np.testing.assert_allclose(kept.momenta.sum(axis=1), np.tile(EXACT.four_momentum, (len(kept), 1)), atol=1e-9)
    for part, mass in enumerate((ELECTRON_MASS, ELECTRON_MASS, MUON_MASS, MUON_MASS)):
        np.testing.assert_allclose(mass_squared(kept.momenta[:, part]), mass**2, atol=1e-9)
    electrons = kept.momenta[:, :2]
    theta = np.degrees(np.arctan2(np.hypot(electrons[..., 1], electrons[..., 2]), electrons[..., 3]))
    assert ((theta < 17.0) | (theta > 150.0)).all()
    transverse = transverse_to_beams(pair(kept), EXACT)
    assert transverse.min() > 1.0 - 1e-9
    # the same in the CM itself, about the direction of the electron beam there
    moved = boost(pair(kept), -np.asarray(EXACT.boost))[:, 1:]
    beam = boost(np.array([[1.0, math.sin(0.0415), 0.0, math.cos(0.0415)]]), -np.asarray(EXACT.boost))[0, 1:]
    beam /= np.linalg.norm(beam)
    np.testing.assert_allclose(transverse, np.linalg.norm(np.cross(moved, beam), axis=1), rtol=1e-6)
    # most trials count
    weight = events.weight_fb
    assert weight.sum() ** 2 / (n * np.square(weight).sum()) > 0.4


def test_strata_add_up() -> None:
    n = 40_000
    whole, upper = draw(0.7, n), draw(1.1, n, seed=42)
    above = np.where(transverse_to_beams(pair(whole), EXACT) > 1.1, whole.weight_fb, 0.0)
    (one, first), (two, second) = mean_and_error(above), mean_and_error(upper.weight_fb)
    assert math.hypot(first, second) < 0.02 * two
    assert abs(one - two) < 4.0 * math.hypot(first, second)
    # the complement has what the stratum has not
    process, values = find_process("electron_pair_muon_pair"), {"maximum_pair_transverse_gev": 0.2}
    soft, all_of_it = (
        process.open(EXACT, process.values(given), 0.0).source(n, np.random.default_rng(43)) for given in (values, {})
    )
    zero = soft.weight_fb == 0.0
    muons = all_of_it.momentum.reshape(-1, 4, 4)[:, 2:].sum(axis=1)
    hard = transverse_to_beams(muons, EXACT) >= 0.2
    assert 0.05 < hard.mean() < 0.5
    np.testing.assert_array_equal(zero, hard | (all_of_it.weight_fb == 0.0))
    np.testing.assert_array_equal(soft.weight_fb[~zero], all_of_it.weight_fb[~zero])


@pytest.mark.slow
def test_nearly_real_photons_where_they_are() -> None:
    # pairs of little transverse momentum, but not less: equivalent photons are right there
    n, (low, high) = 300_000, (0.02, 0.05)
    events = draw(low, n, mass=0.5)
    rates = []
    fused = generate_pair_fusion(
        EXACT, FUSED_MUONS, n, np.random.default_rng(44), minimum_pair_mass=0.5, maximum_pair_mass=11.0
    )
    electrons = fused.momenta[:, :2]
    theta = np.degrees(np.arctan2(np.hypot(electrons[..., 1], electrons[..., 2]), electrons[..., 3]))
    lost = ((theta < 17.0) | (theta > 150.0)).all(axis=1)
    for sample, keep in ((events, np.ones(n, dtype=bool)), (fused, lost)):
        transverse = transverse_to_beams(pair(sample), EXACT)
        inside = keep & (transverse > low) & (transverse < high)
        rates.append(mean_and_error(np.where(inside, sample.weight_fb, 0.0)))
    (tree, first), (equivalent, second) = rates
    print(f"\ntree {tree / 1e6:.4f} nb, equivalent photons {equivalent / 1e6:.4f} nb")
    assert math.hypot(first, second) < 0.01 * tree
    assert equivalent == pytest.approx(tree, rel=0.02, abs=4.0 * math.hypot(first, second))


@pytest.mark.reference
def test_cross_section_without_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    # the full calculation (AAFH) of the table of rates: 18.9 nb for W > 0.5 GeV, electrons anywhere
    monkeypatch.setattr(transverse_pair_phase_space, "TRANSVERSE_POWER", 1.02)
    options = {"minimum_transverse": 1e-7, "minimum_pair_mass": 0.5, **ANYWHERE}
    weight = generate_transverse_muon_pairs(HEAD_ON, 50_000, np.random.default_rng(45), **options).weight_fb
    mean, error = mean_and_error(weight / 1e6)
    print(f"\n{mean:.3f} +- {error:.3f} nb")
    assert error < 0.25
    assert abs(mean - 18.9) < 0.01 * 18.9 + 3.0 * error


def test_what_is_left_out_is_small() -> None:
    # diagrams in which the beams annihilate, on the events of the sample
    events = draw(1.0, 4000)
    kept = events.select(events.weight_fb > 0.0)
    half = 0.5 * EXACT.sqrt_s
    flight = math.sqrt(half**2 - ELECTRON_MASS**2)
    tilt = boost(np.array([[1.0, math.sin(0.0415), 0.0, math.cos(0.0415)]]), -np.asarray(EXACT.boost))[0, 1:]
    tilt /= np.linalg.norm(tilt)
    beams = [np.tile([half, *(sign * flight * tilt)], (len(kept), 1)) for sign in (1.0, -1.0)]
    legs = [boost(kept.momenta[:, part], -np.asarray(EXACT.boost)) for part in range(4)]
    momenta = FourLeptons(*beams, *legs)
    ratio = four_lepton_matrix_element(momenta) / four_lepton_matrix_element(momenta, annihilation=False)
    change = float(np.average(ratio, weights=kept.weight_fb)) - 1.0
    print(f"\nannihilation changes the rate by {change:.1e}")
    assert abs(change) < 1e-3


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"minimum_pair_transverse_gev": 0.0}, "minimum_transverse"),
        ({"minimum_pair_transverse_gev": 6.0}, "minimum_transverse"),
        ({"electron_low_deg": 0.0}, "electron_low"),
        ({"electron_high_deg": 10.0}, "electron_low"),
        ({"minimum_pair_mass_gev": 0.1}, "minimum_pair_mass"),
    ],
)
def test_empty_volumes_are_refused(changed: dict[str, float], named: str) -> None:
    process = find_process("electron_pair_muon_pair_transverse")
    with pytest.raises(ConfigError) as caught:
        process.open(EXACT, process.values(changed), 0.0)
    assert named in str(caught.value)

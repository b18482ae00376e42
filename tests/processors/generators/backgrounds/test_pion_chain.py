"""Six pions of two jets: conservation, the axis, and agreement with the events of Pythia they stand for."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.pion_chain import generate_pion_chain, pion_chains
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import CHARGED_PION_MASS, Beams

BEAMS = Beams(5.29, 5.29, 0.0)
POSITIVE, NEGATIVE = (0, 2, 4), (1, 3, 5)


def pair_masses(momenta: np.ndarray) -> np.ndarray:
    """Masses (n, 3, 3) of each positive with each negative pion."""
    pairs = momenta[:, POSITIVE, np.newaxis] + momenta[:, np.newaxis, NEGATIVE]
    return np.sqrt(np.maximum(pairs[..., 0] ** 2 - np.sum(pairs[..., 1:] ** 2, axis=-1), 0.0))


def close_combinations(masses: np.ndarray, weight: np.ndarray, largest: float) -> float:
    """Mean number an event of three pairs whose masses differ by less."""
    found = [masses[:, (0, 1, 2), order] for order in permutations(range(3))]
    close = sum((np.ptp(three, axis=1) < largest).astype(float) for three in found)
    return float(np.sum(close * weight) / weight.sum())


def test_energy_momentum_and_masses() -> None:
    random = np.random.default_rng(1)
    sqrt_s = np.repeat([4.0, 10.58], 500)
    momenta, made = pion_chains(sqrt_s, 0.4, 0.2, random)
    assert made[500:].all()
    assert made[:500].mean() > 0.8
    momenta, sqrt_s = momenta[made], sqrt_s[made]
    total = momenta.sum(axis=1)
    np.testing.assert_allclose(total[:, 0], sqrt_s, rtol=1e-11)
    assert np.abs(total[:, 1:]).max() < 1e-10
    mass = np.sqrt(momenta[..., 0] ** 2 - np.sum(momenta[..., 1:] ** 2, axis=-1))
    np.testing.assert_allclose(mass, CHARGED_PION_MASS, atol=1e-6)


def test_axis_goes_as_one_plus_cosine_squared() -> None:
    events = generate_pion_chain(BEAMS, 1.0, 0.1, 0.1, 20_000, np.random.default_rng(2), maximum_isr_fraction=0.0)
    momenta = events.momenta[..., 1:]
    axis = np.linalg.eigh(np.einsum("nij,nik->njk", momenta, momenta))[1][:, :, 2]
    # mean of cos^2 under 1 + cos^2: (1/3 + 1/5)/(1 + 1/3)
    assert (axis[:, 2] ** 2).mean() == pytest.approx(0.4, abs=4.0 * 0.31 / np.sqrt(20_000))
    # a charge prefers no direction
    cosine = momenta[:, 0, 2] / np.linalg.norm(momenta[:, 0], axis=1)
    assert cosine.mean() == pytest.approx(0.0, abs=4.0 * 0.64 / np.sqrt(20_000))


def test_weights_are_the_cross_section_and_less_radiation_means_less() -> None:
    process = find_process("pion_chain")
    source = process.open(BEAMS, process.values({"cross_section_fb": 2.0}), 0.0).source
    np.testing.assert_allclose(source(50, np.random.default_rng(3)).weight_fb, 2.0, rtol=1e-12)
    limited = process.open(BEAMS, process.values({"cross_section_fb": 2.0}), 0.11).source
    assert limited(20_000, np.random.default_rng(3)).weight_fb.mean() == pytest.approx(2.0 * 0.882, rel=0.01)


@pytest.mark.parametrize("name", ["cross_section_fb", "transverse_momentum_gev", "disorder"])
def test_numbers_that_make_no_sense_are_refused(name: str) -> None:
    process = find_process("pion_chain")
    with pytest.raises(ConfigError, match="not a number of this model"):
        process.open(BEAMS, process.values({name: 0.0}), 0.0)


@pytest.mark.slow
@pytest.mark.agreement
def test_rate_and_pair_masses_of_pythia() -> None:
    pytest.importorskip("pythia8mc")
    kept, weights = [], []
    for name, trials in (("uubar", 280_000), ("ddbar", 80_000), ("ssbar", 40_000)):
        process = find_process(name)
        source = process.open(BEAMS, process.values({"charged_particles": 6.0}), 0.12).source
        for chunk in range(trials // 20_000):
            events = source(20_000, np.random.default_rng([4, chunk]))
            seen = np.flatnonzero(events.final & np.isin(np.abs(events.pdg), (11, 13, 211, 321, 2212)))
            row = events.event[seen]
            pions = np.bincount(row, np.abs(events.pdg[seen]) == 211, len(events))
            six = (np.bincount(row, minlength=len(events)) == 6) & (pions == 6)
            seen, row = seen[six[row]], row[six[row]]
            # positive and negative in turn, as in the model
            order = np.lexsort((-events.pdg[seen], row))
            kept.append(events.momentum[seen[order]].reshape(-1, 6, 4)[:, (0, 3, 1, 4, 2, 5)])
            weights.append(events.weight_fb[six] / trials)
    theirs, weight = pair_masses(np.concatenate(kept)), np.concatenate(weights)
    process, random = find_process("pion_chain"), np.random.default_rng(5)
    ours = generate_pion_chain(BEAMS, 2900.0, 0.4, 0.2, 60_000, random, maximum_isr_fraction=0.11)
    rate, error = weight.sum(), np.sqrt(np.sum(weight**2))
    assert ours.weight_fb.mean() == pytest.approx(rate, abs=4.0 * error)
    masses = pair_masses(ours.momenta)
    order = np.argsort(theirs.ravel())
    reached = np.cumsum(np.repeat(weight, 9)[order]) / (9.0 * weight.sum())
    quartiles = np.interp([0.25, 0.5, 0.75], reached, theirs.ravel()[order])
    np.testing.assert_allclose(np.quantile(masses, [0.25, 0.5, 0.75]), quartiles, rtol=0.12)
    for largest in (0.2, 0.4):
        found = close_combinations(masses, ours.weight_fb, largest)
        assert found == pytest.approx(close_combinations(theirs, weight, largest), rel=0.35)

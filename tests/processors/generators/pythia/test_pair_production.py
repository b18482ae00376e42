"""Samples of Pythia: totals, conservation laws, decays, and what is refused."""

from __future__ import annotations

import pickle
import sys
from functools import cache

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import OpenedProcess
from darkreach.generators.pythia import PYTHIA_PROCESSES
from darkreach.generators.pythia.event_records import DECAYED_KEPT, MINIMUM_PHOTON_ENERGY
from darkreach.generators.pythia.pair_production import open_pair
from darkreach.generators.pythia.pythia_library import start_pythia
from darkreach.kinematics import Beams

pytest.importorskip("pythia8mc")

BEAMS = Beams(7.004, 4.002, 0.083)
EVENTS = 6000
OTHERS = ("b_meson_pair", "muon_pair_soft_photons")
PAIRS = tuple(process.name for process in PYTHIA_PROCESSES if process.name not in OTHERS)
CHARGES = {11: -1, 13: -1, 15: -1, 211: 1, 321: 1, 2212: 1}


@cache
def opened(name: str, limit: float = 1.0) -> OpenedProcess:
    return open_pair(name, BEAMS, {}, limit)


@cache
def sample(name: str) -> GeneratedParticles:
    return opened(name).source(EVENTS, np.random.default_rng(5))


def mother_rows(events: GeneratedParticles) -> np.ndarray:
    return np.where(events.mother >= 0, events.offsets[events.event] + events.mother, -1)


@pytest.mark.parametrize(
    ("name", "nanobarn"),
    [("muon_pair", 1.148), ("tau_pair", 0.919), ("uubar", 1.61), ("ddbar", 0.40), ("ssbar", 0.38), ("charm_pair", 1.3)],
)
def test_the_mean_weight_is_the_reference_cross_section(name: str, nanobarn: float) -> None:
    weights = sample(name).weight_fb / 1e6
    assert weights.mean() == pytest.approx(nanobarn, abs=4.0 * weights.std() / EVENTS**0.5 + 0.0005 * nanobarn)
    assert weights.sum() ** 2 / (EVENTS * (weights**2).sum()) > 0.98
    assert weights.max() < 1.7 * weights.mean()


def test_without_radiation_all_weights_are_the_reference() -> None:
    events = opened("muon_pair", 0.0).source(500, np.random.default_rng(1))
    assert np.all(events.weight_fb == 1.148e6)


@pytest.mark.reference
@pytest.mark.parametrize(("name", "nanobarn"), [("muon_pair", 0.849), ("tau_pair", 0.845)])
def test_born_cross_sections_of_pythia(name: str, nanobarn: float) -> None:
    """Muons: 0.849 nb, which is 0.775 nb times the running of alpha; taus: the same times 0.9953 for their mass."""
    source = opened(name, 0.0).source
    pythia = start_pythia((*source.settings, "PartonLevel:all = off"))  # type: ignore[attr-defined]
    pythia.nextBatch(200)
    assert pythia.infoPython().sigmaGen() * 1e6 == pytest.approx(nanobarn, rel=0.002)


@pytest.mark.parametrize("name", PAIRS)
def test_momentum_and_charge_are_conserved(name: str) -> None:
    events = sample(name)
    total = np.zeros((EVENTS, 4))
    np.add.at(total, events.event[events.final], events.momentum[events.final])
    # photons below the smallest energy are left out, a handful an event
    assert np.abs(total - BEAMS.four_momentum).max() < 20.0 * MINIMUM_PHOTON_ENERGY
    charge = np.array([np.sign(code) * CHARGES.get(abs(code), 0) for code in events.pdg.tolist()])
    assert np.all(np.bincount(events.event, charge * events.final) == 0)


@pytest.mark.parametrize("name", PAIRS)
def test_mothers_are_the_sum_of_what_they_became(name: str) -> None:
    events = sample(name)
    rows = mother_rows(events)
    assert np.all(rows < np.arange(len(rows)))
    assert not np.any(events.final[rows[rows >= 0]])
    assert np.all(np.isin(np.abs(events.pdg[~events.final]), sorted(DECAYED_KEPT)))
    summed = np.zeros_like(events.momentum)
    soft = np.zeros(len(rows))
    daughters = np.flatnonzero(rows >= 0)
    np.add.at(summed, rows[daughters], events.momentum[daughters])
    np.add.at(soft, rows[daughters], 1.0)
    assert np.all(soft[~events.final] > 0)
    assert np.abs(summed - events.momentum)[~events.final].max(initial=0.0) < 1e-5


@pytest.mark.parametrize(
    ("name", "code", "ctau_cm"), [("tau_pair", 15, 0.00871), ("ssbar", 310, 2.684), ("charm_pair", 421, 0.0123)]
)
def test_daughters_are_made_where_the_flight_ends(name: str, code: int, ctau_cm: float) -> None:
    events = sample(name)
    rows = mother_rows(events)
    chosen = np.flatnonzero((rows >= 0) & (np.abs(events.pdg[np.maximum(rows, 0)]) == code))
    _, first = np.unique(rows[chosen], return_index=True)
    daughter = chosen[first]
    mother = rows[daughter]
    flight = events.vertex[daughter] - events.vertex[mother]
    momentum = events.momentum[mother]
    # Pythia lets a K0 fly for a tenth of a micrometre before it is a K_S
    assert np.abs(np.cross(flight, momentum[:, 1:])).max() < 1e-5
    length = np.linalg.norm(momentum[:, 1:], axis=1)
    proper = (flight * momentum[:, 1:]).sum(axis=1) / length**2 * np.sqrt(momentum[:, 0] ** 2 - length**2)
    assert proper.mean() == pytest.approx(ctau_cm, abs=4.0 * ctau_cm / len(daughter) ** 0.5 + 0.005 * ctau_cm)


@pytest.mark.parametrize("name", ["tau_pair", "ssbar", "charm_pair"])
def test_nothing_flies_that_is_not_kept(name: str) -> None:
    """All daughters of a particle start together, those of the collision at its place (0.1 micrometre)."""
    events = sample(name)
    rows = mother_rows(events)
    assert np.abs(events.vertex[rows < 0]).max() < 1e-5
    daughters = np.flatnonzero(rows >= 0)
    mothers, first, back = np.unique(rows[daughters], return_index=True, return_inverse=True)
    assert len(mothers) > EVENTS
    assert np.abs(events.vertex[daughters] - events.vertex[daughters[first]][back]).max() < 1e-5


def test_taus_decay_as_they_do() -> None:
    """17.4 % to a muon and 17.8 % to an electron, two taus an event, each with its neutrino."""
    events = sample("tau_pair")
    rows = mother_rows(events)
    of_tau = (rows >= 0) & (np.abs(events.pdg[np.maximum(rows, 0)]) == 15)
    assert np.all(np.bincount(events.event, np.abs(events.pdg) == 15) == 2)
    assert np.sum(of_tau & (np.abs(events.pdg) == 16)) == 2 * EVENTS
    for code, fraction in ((13, 0.174), (11, 0.178)):
        found = np.sum(of_tau & (np.abs(events.pdg) == code)) / (2 * EVENTS)
        assert found == pytest.approx(fraction, abs=4.0 * (fraction / (2 * EVENTS)) ** 0.5)


def test_the_same_generator_state_gives_the_same_bytes() -> None:
    source = opened("muon_pair").source
    first = source(300, np.random.default_rng(9))
    source(1000, np.random.default_rng(10))
    again, fresh = source(300, np.random.default_rng(9)), pickle.loads(pickle.dumps(source))
    assert first.momentum.tobytes() == again.momentum.tobytes()
    assert first.momentum.tobytes() == fresh(300, np.random.default_rng(9)).momentum.tobytes()
    assert first.momentum.tobytes() != source(300, np.random.default_rng(11)).momentum.tobytes()
    assert len(source(0, np.random.default_rng(9))) == 0


def test_a_limit_on_radiation_is_kept() -> None:
    events = opened("muon_pair", 0.35).source(2000, np.random.default_rng(3))
    muons = np.zeros((2000, 4))
    chosen = np.abs(events.pdg) == 13
    np.add.at(muons, events.event[chosen], events.momentum[chosen])
    photons = np.bincount(events.event, events.momentum[:, 0] * (events.pdg == 22))
    pair = muons[:, 0] ** 2 - (muons[:, 1:] ** 2).sum(axis=1)
    # what falls below the limit has photons from the muons beside those from the beams
    assert np.quantile(pair, 0.1) > 0.5 * BEAMS.s
    assert photons.min() >= 0.0


def test_a_limit_on_radiation_takes_its_part_of_the_cross_section() -> None:
    """Muons with s' > 0.65 s: 0.7229 of the radiator above 0.32 GeV, by adaptive quadrature of D(x) times Born.

    There 1/alpha runs linearly in ln s' between its values at 0.1 GeV^2 and at s, where the Born term is 0.849 nb.
    """
    events = opened("muon_pair", 0.35).source(1000, np.random.default_rng(3))
    whole = sample("muon_pair").weight_fb.mean()
    assert events.weight_fb.mean() / whole == pytest.approx(0.7229, abs=0.004)


@pytest.mark.parametrize("limit", [-0.1, 1.1, float("nan")])
def test_a_radiated_fraction_outside_of_its_range_is_refused(limit: float) -> None:
    with pytest.raises(ConfigError, match="radiated fraction"):
        open_pair("muon_pair", BEAMS, {}, limit)


def test_beams_below_threshold_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"above 3.66 GeV"):
        open_pair("tau_pair", Beams(1.7, 1.7, 0.0), {}, 0.5)


def test_an_unknown_mode_of_tau_decays_is_refused() -> None:
    with pytest.raises(ConfigError, match="spins correlated"):
        open_pair("tau_pair", BEAMS, {"tau_decay_mode": 2.0}, 0.5)


@pytest.mark.parametrize("process", PYTHIA_PROCESSES, ids=lambda process: process.name)
def test_a_missing_wheel_says_how_to_get_it(process: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pythia8mc", None)
    with pytest.raises(ConfigError, match=r"pip install 'darkreach\[generators\]'"):
        process.open(BEAMS, process.values({}), 0.5)  # type: ignore[attr-defined]


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="No:such = on"):
        start_pythia(("Print:quiet = on", "No:such = on"))

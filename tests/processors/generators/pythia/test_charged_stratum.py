"""The part of continuum events in which six charged particles carry nearly all energy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.errors import ConfigError
from darkreach.generators.process_registry import find_process
from darkreach.generators.pythia.charged_stratum import leading_charged_energy
from darkreach.kinematics import Beams, boost
from darkreach.response import measure_events

pytest.importorskip("pythia8mc")

BEAMS = Beams(9.027, 3.1, 0.0)
TRACKS = {11, 13, 211, 321, 2212}
N = 8000


def test_what_is_kept_is_what_six_tracks_can_be_made_of() -> None:
    """Event by event, by a loop over particles: same weights where six carry all but 0.6 GeV, zero elsewhere."""
    process = find_process("uubar")
    everything = process.open(BEAMS, process.values({}), 0.2).source(N, np.random.default_rng(7))
    part = process.open(BEAMS, process.values({"charged_particles": 6.0}), 0.2).source(N, np.random.default_rng(7))
    energy = boost(everything.momentum, -np.asarray(BEAMS.boost))[:, 0]
    weight, particles = np.zeros(N), 0
    for row in range(N):
        here = range(everything.offsets[row], everything.offsets[row + 1])
        tracks = [energy[at] for at in here if everything.final[at] and abs(int(everything.pdg[at])) in TRACKS]
        if len(tracks) >= 6 and BEAMS.sqrt_s - sum(sorted(tracks)[-6:]) < 0.6:
            weight[row] = everything.weight_fb[row]
            particles += len(here)
    assert 15 < (weight > 0.0).sum() < 150
    np.testing.assert_array_equal(part.weight_fb, weight)
    assert len(part.pdg) == particles == part.offsets[-1]
    kept = everything.select(weight > 0.0)
    np.testing.assert_array_equal(part.momentum, kept.momentum)
    np.testing.assert_array_equal(part.mother, kept.mother)
    charged = np.bincount(part.event[part.final & np.isin(np.abs(part.pdg), list(TRACKS))])
    assert charged.max() >= 6


def test_no_number_means_all_events() -> None:
    process = find_process("tau_pair")
    source = process.open(BEAMS, process.values({}), 0.2).source
    assert (source(200, np.random.default_rng(1)).weight_fb > 0.0).all()


@pytest.mark.parametrize("refused", [{"charged_particles": 2.5}, {"charged_particles": -1.0}])
def test_parts_that_do_not_exist_are_refused(refused: dict[str, float]) -> None:
    process = find_process("charm_pair")
    with pytest.raises(ConfigError, match="no such part"):
        process.open(BEAMS, process.values(refused), 0.2)
    with pytest.raises(ConfigError, match="no such part"):
        process.open(BEAMS, process.values({"charged_particles": 4.0, "largest_other_energy_gev": 0.0}), 0.2)


@pytest.mark.slow
def test_no_measured_event_of_a_selection_is_outside_of_its_part() -> None:
    """Six tracks above 0.95 sqrt(s), and four above 2.4 GeV that leave less than 3.3 GeV: what a search asks for."""
    detector = read_config(config_path("detectors", "babar_upsilon4s"), DetectorConfig)
    process, number = find_process("uubar"), 40_000
    events = process.open(BEAMS, process.values({}), 0.35).source(number, np.random.default_rng(8))
    inside = {
        tracks: BEAMS.sqrt_s - leading_charged_energy(events, tracks, BEAMS) < energy
        for tracks, energy in ((6, 0.6), (4, 5.6))
    }
    measured = measure_events(events, detector, np.random.default_rng(9))
    track = measured.lists["track"]
    p, theta, phi = (track.columns[name] for name in ("p", "theta", "phi"))
    momentum = np.stack([np.hypot(p, 0.13957), *(p * v for v in axes(theta, phi))], axis=-1)
    looked_at = {6: 0, 4: 0}
    for row, trial in enumerate(measured.trial):
        rows = slice(track.offsets[row], track.offsets[row + 1])
        # photons that convert are the one background the parts leave out
        here = momentum[rows][np.abs(track.columns["mcPDG"][rows]) != 11]
        for tracks in looked_at:
            for chosen in combinations(range(len(here)), tracks) if len(here) <= 8 else ():
                total = here[list(chosen)].sum(axis=0)
                recoil = BEAMS.four_momentum - total
                small = mass(total) > 2.4 and abs(mass(recoil)) < 3.3
                good = mass(total) > 0.95 * BEAMS.sqrt_s if tracks == 6 else small
                looked_at[tracks] += good
                assert inside[tracks][trial] or not good, (tracks, int(trial))
    assert looked_at[6] > 30
    assert looked_at[4] > 500


def axes(theta: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, ...]:
    return np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)


def mass(momentum: np.ndarray) -> float:
    """With the sign of its square."""
    squared = momentum[0] ** 2 - momentum[1:] @ momentum[1:]
    return float(np.sign(squared) * np.sqrt(abs(squared)))

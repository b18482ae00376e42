from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.response.event_response import measure_events
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.identification import identification_variable, pass_probability
from darkreach.response.track_hypotheses import HYPOTHESES

N = 40_000
Maker = Callable[..., np.ndarray]
WRONG = ("muonID", "electronID")


@pytest.mark.parametrize("probability", [0.001, 0.03, 0.5, 0.95])
def test_working_point_has_the_probability_of_the_table(probability: float) -> None:
    uniform = np.random.default_rng(1).random(400_000)
    values = identification_variable(np.full(len(uniform), probability), 0.9, uniform)
    error = 4.0 * np.sqrt(probability * (1.0 - probability) / len(uniform))
    assert (values > 0.9).mean() == pytest.approx(probability, abs=error)
    assert 0.0 <= values.min() <= values.max() <= 1.0
    # P(value < c) = c^k with c = 0.9 fixing k: at c^2 = 0.81 twice the exponent
    assert (values < 0.81).mean() == pytest.approx((1.0 - probability) ** 2, abs=4.0 * 0.5 / np.sqrt(len(uniform)))


# probabilities typed in from the shipped tables
@pytest.mark.parametrize(
    ("pdg", "momentum", "theta", "variable", "expected"),
    [
        (13, 2.0, 60.0, "muonID", 0.93),
        (13, 0.65, 60.0, "muonID", 0.3),
        (-211, 2.0, 60.0, "muonID", 0.03),
        (211, 0.8, 60.0, "muonID", 0.06),
        (11, 2.0, 60.0, "electronID", 0.95),
        (-211, 0.7, 100.0, "electronID", 0.008),
        (321, 0.4, 90.0, "kaonID", 0.93),
        (211, 4.0, 90.0, "kaonID", 0.1),
        (-211, 1.5, 90.0, "pionID", 0.9),
        (2212, 1.5, 90.0, "kaonID", 0.1),
    ],
)
def test_rates_of_measured_tracks(
    detector_config: DetectorConfig,
    events_of: Maker,
    beam_of: Maker,
    pdg: int,
    momentum: float,
    theta: float,
    variable: str,
    expected: float,
) -> None:
    events = events_of((pdg,), beam_of(pdg, momentum, theta, N))
    columns = measure_events(events, detector_config, np.random.default_rng(2)).lists["track"].columns
    # conversions of beam background do not exist: all tracks are ours, electrons radiate but keep their truth
    error = 4.0 * np.sqrt(expected * (1.0 - expected) / N) + 1e-4
    assert (columns[variable] > 0.9).mean() == pytest.approx(expected, abs=error)


def test_scales_of_efficiency_and_fakes(detector_config: DetectorConfig) -> None:
    pdg, momentum, theta = np.array([13, 211]), np.full(2, 2.0), np.full(2, 1.0)
    scaled = detector_config.scaled({"identification_inefficiency": 2.0, "misidentification": 0.5})
    nominal = pass_probability("muon", pdg, momentum, theta, detector_config)
    changed = pass_probability("muon", pdg, momentum, theta, scaled)
    assert nominal.tolist() == pytest.approx([0.93, 0.03])
    assert changed.tolist() == pytest.approx([1.0 - 2.0 * 0.07, 0.015])


def test_every_track_has_all_variables(detector_config: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    events = events_of((13, -211), np.concatenate([beam_of(13, 2.0, 60.0, 50), beam_of(211, 1.0, 90.0, 50)], axis=1))
    track = measure_events(events, detector_config, np.random.default_rng(3)).lists["track"]
    for name in HYPOTHESES.values():
        values = track.columns[name]
        assert len(values) == track.offsets[-1]
        assert np.isfinite(values).all()


@pytest.mark.agreement
def test_forced_fakes_agree_with_chance(detector_config: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    beams = [beam_of(13, 2.0, 60.0, N), beam_of(211, 0.9, 90.0, N, phi=2.0), beam_of(321, 2.0, 100.0, N, phi=-2.0)]
    events = events_of((13, 211, 321), np.concatenate(beams, axis=1))

    def fakes(weights: np.ndarray, columns: dict[str, np.ndarray], events: int, cut: float) -> float:
        """Weight of events with exactly one track beyond a cut that is no muon, by trial."""
        wrong = (np.abs(columns["mcPDG"]) != 13) & (columns["muonID"] > cut)
        return float(weights[np.bincount(columns["event"][wrong], minlength=events) == 1].sum())

    def sample(forced: ForcedOutcomes | None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        measured = measure_events(events, detector_config, np.random.default_rng(4), forced=forced)
        track = measured.lists["track"]
        rows = np.repeat(np.arange(len(measured)), np.diff(track.offsets))
        return measured.weight, {**track.columns, "event": rows}

    free, one = sample(None), sample(ForcedOutcomes(wrong_identifications=1, hypothesis="muon"))
    expected = fakes(*free, len(free[0]), 0.9)
    assert fakes(*one, len(one[0]), 0.9) == pytest.approx(expected, abs=4.0 * np.sqrt(expected))
    # and beyond a tighter cut, which the tables do not know of
    expected = fakes(*free, len(free[0]), 0.97)
    assert fakes(*one, len(one[0]), 0.97) == pytest.approx(expected, abs=5.0 * np.sqrt(expected))
    # the effective number of events with a fake is larger by the inverse of the fake rate
    assert one[0].sum() ** 2 / (one[0] ** 2).sum() > 5.0 * expected
    none = sample(ForcedOutcomes(wrong_identifications=0, hypothesis="muon"))
    wrong = np.abs(none[1]["mcPDG"]) != 13
    assert not (none[1]["muonID"][wrong] > 0.9).any()
    assert none[0].sum() + one[0].sum() < N


def test_two_kinds_of_fakes_agree_with_chance(
    detector_config: DetectorConfig, events_of: Maker, beam_of: Maker
) -> None:
    """Six pions, two of them forced to be muons and two electrons, with tables of large probabilities."""
    n = 12_000
    scaled = detector_config.scaled({"misidentification": 8.0})
    pions = [beam_of(code, 0.9, 60.0 + 10.0 * row, n, phi=row) for row, code in enumerate((211, -211) * 3)]
    events = events_of((211, -211) * 3, np.concatenate(pions, axis=1))

    def numbers(forced: ForcedOutcomes | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        measured = measure_events(events, scaled, np.random.default_rng(5), forced=forced)
        track = measured.lists["track"]
        rows = np.repeat(np.arange(len(measured)), np.diff(track.offsets))
        found = [np.bincount(rows[track.columns[name] > 0.9], minlength=len(measured)) for name in WRONG]
        return measured.weight, *found

    weight, muons, electrons = numbers(ForcedOutcomes(wrong_identifications={"muon": 2, "electron": 2}))
    assert ((muons == 2) & (electrons == 2)).all()
    _, muons, electrons = numbers(None)
    expected = float(((muons == 2) & (electrons == 2)).sum())
    assert expected > 100
    assert weight.sum() == pytest.approx(expected, abs=4.0 * np.sqrt(expected))

"""Named cuts against masks over all rows; cutflows add up."""

from __future__ import annotations

import math
from typing import Any

import awkward as ak
import numpy as np
import pytest

from darkreach.errors import DarkreachError, EventContentError, UnknownNameError
from darkreach.selection import Cut, Cutflow, NamedCuts, Rows


def columns(events: int, seed: int) -> tuple[dict[str, Any], np.ndarray]:
    random = np.random.default_rng(seed)
    counts = random.integers(0, 5, events)
    energy = ak.unflatten(random.exponential(1.0, counts.sum()), counts)
    made = {"nTracks": random.integers(0, 4, events), "E": energy, "angle": random.uniform(0.0, 3.0, events)}
    return made, random.normal(1.0, 0.5, events)


CUTS = (
    Cut("two_tracks", lambda rows: rows["nTracks"] == 2),
    Cut("barrel", lambda rows: (rows["angle"] > 0.6) & (rows["angle"] < 2.2)),
    Cut("hard_photon", lambda rows: ak.any(rows["E"] > 1.0, axis=-1), level="candidate"),
    Cut("quiet", lambda rows: ak.sum(rows["E"], axis=-1) < 3.0, level="candidate"),
)


def masks(events: dict[str, Any]) -> list[np.ndarray]:
    return [np.asarray(cut.passes(Rows(events))) for cut in CUTS]


@pytest.mark.agreement
@pytest.mark.parametrize("n_minus_one", [False, True])
def test_cutflow_equals_masks_over_all_rows(n_minus_one: bool) -> None:
    events, weight = columns(5000, 1)
    selected = NamedCuts(CUTS).apply(events, weight, n_minus_one=n_minus_one)
    running = np.ones(5000, bool)
    for position, mask in enumerate([np.ones(5000, bool), *masks(events)]):
        running = running & mask
        assert selected.cutflow.entries[position] == running.sum()
        assert selected.cutflow.sum_of_weights[position] == pytest.approx(weight[running].sum(), rel=1e-12)
        assert selected.cutflow.sum_of_squares[position] == pytest.approx((weight[running] ** 2).sum(), rel=1e-12)
    np.testing.assert_array_equal(selected.rows, np.flatnonzero(running))
    assert 0 < running.sum() < 1000


@pytest.mark.agreement
def test_n_minus_one_equals_masks_over_all_rows() -> None:
    events, weight = columns(5000, 2)
    selected = NamedCuts(CUTS).apply(events, weight, n_minus_one=True)
    every = masks(events)
    assert list(selected.all_but) == [cut.name for cut in CUTS]
    for position, name in enumerate(selected.all_but):
        others = np.logical_and.reduce([mask for index, mask in enumerate(every) if index != position])
        np.testing.assert_array_equal(selected.all_but[name], np.flatnonzero(others))
        assert len(selected.all_but[name]) > len(selected.rows)
    assert NamedCuts(CUTS).apply(events, weight).all_but == {}


def test_later_cuts_see_only_what_is_left() -> None:
    seen: list[int] = []

    def watch(rows: Rows) -> np.ndarray:
        seen.append(len(rows["angle"]))
        return np.ones(seen[-1], bool)

    events, weight = columns(1000, 3)
    NamedCuts([CUTS[0], Cut("watch", watch)]).apply(events, weight)
    assert seen == [int((events["nTracks"] == 2).sum())]


def test_chunks_add_up() -> None:
    events, weight = columns(2000, 4)
    whole = NamedCuts(CUTS).apply(events, weight).cutflow
    parts = [slice(0, 700), slice(700, 2000)]
    first, second = (NamedCuts(CUTS).apply({k: v[p] for k, v in events.items()}, weight[p]).cutflow for p in parts)
    total = first + second
    np.testing.assert_array_equal(total.entries, whole.entries)
    np.testing.assert_allclose(total.sum_of_weights, whole.sum_of_weights, rtol=1e-12)
    np.testing.assert_allclose(total.sum_of_squares, whole.sum_of_squares, rtol=1e-12)
    assert [line.split()[0] for line in str(total).splitlines()] == list(NamedCuts(CUTS).names)


def test_no_events() -> None:
    events, weight = columns(0, 5)
    selected = NamedCuts(CUTS).apply(events, weight, n_minus_one=True)
    assert selected.cutflow.entries.tolist() == [0] * 5
    assert len(selected.rows) == 0


def test_cuts_on_lists_come_last() -> None:
    with pytest.raises(DarkreachError, match="'barrel' behind a candidate cut"):
        NamedCuts([CUTS[0], CUTS[2], CUTS[1]])


@pytest.mark.parametrize("names", [("same", "same"), ("all",)])
def test_names_must_differ(names: tuple[str, ...]) -> None:
    with pytest.raises(DarkreachError, match="names of cuts must differ"):
        NamedCuts([Cut(name, lambda rows: rows["angle"] > 1.0) for name in names])


@pytest.mark.parametrize("bad", [lambda rows: rows["angle"], lambda rows: np.ones(3, bool), lambda rows: True])
def test_a_cut_must_return_one_boolean_a_row(bad: Any) -> None:
    events, weight = columns(50, 6)
    with pytest.raises(EventContentError, match="cut 'bad' must return one boolean a row"):
        NamedCuts([Cut("bad", bad)]).apply(events, weight)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_must_be_finite(bad: float) -> None:
    events, weight = columns(50, 7)
    weight[7] = bad
    with pytest.raises(EventContentError, match="1 of 50"):
        NamedCuts(CUTS).apply(events, weight)


def test_unknown_names() -> None:
    events, weight = columns(50, 8)
    with pytest.raises(UnknownNameError, match="did you mean 'angle'"):
        NamedCuts([Cut("typo", lambda rows: rows["angel"] > 1.0)]).apply(events, weight)
    with pytest.raises(UnknownNameError, match="did you mean 'all'"):
        Cutflow(["all"]).count("al", weight)


def test_cutflows_of_different_cuts_are_not_added() -> None:
    with pytest.raises(DarkreachError, match="different cuts"):
        Cutflow(["all"]) + Cutflow(["all", "more"])

"""The ratio of Fox-Wolfram moments against events whose ratio is known, and against sums over all pairs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_event_shape import event_shapes, fox_wolfram_ratio
from darkreach.searches.displaced_events import DisplacedList, displaced_events

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
from displaced_example import example_config, simulated_columns  # noqa: E402
from displaced_loop import Loop  # noqa: E402

AXES = np.concatenate([np.eye(3), -np.eye(3)])


def test_known_events() -> None:
    random = np.random.default_rng(1)
    direction = random.normal(size=3)
    direction /= np.linalg.norm(direction)
    many = random.normal(size=(200_000, 3))
    pieces = {
        "two back to back": (np.stack([3.0 * direction, -3.0 * direction]), 1.0),
        "all in one line": (np.outer([1.0, 2.0, -0.5], direction), 1.0),
        "one particle": (direction[np.newaxis], 1.0),
        # an octahedron has no quadrupole
        "six on the axes": (AXES, 0.0),
        # P_2(0) = -1/2: (1 + 1 - 1/2 - 1/2)/4
        "two at right angles": (np.eye(3)[:2], 0.25),
        "isotropic": (many, 0.0),
    }
    event = np.repeat(np.arange(len(pieces)), [len(momenta) for momenta, _ in pieces.values()])
    ratio = fox_wolfram_ratio(np.concatenate([momenta for momenta, _ in pieces.values()]), event, len(pieces) + 1)
    for found, (name, (_, expected)) in zip(ratio, pieces.items(), strict=False):
        assert found == pytest.approx(expected, abs=1e-4 if name == "isotropic" else 1e-12), name
    # an event without particles
    assert ratio[-1] == 0.0


def test_sums_over_pairs_with_legendre_polynomials() -> None:
    random = np.random.default_rng(2)
    counts = random.integers(1, 12, 40)
    momenta = random.normal(0.0, 1.0, (counts.sum(), 3)) * random.uniform(0.05, 3.0, (counts.sum(), 1))
    # particles at rest count nothing
    momenta[5] = 0.0
    event = np.repeat(np.arange(40), counts)
    found = fox_wolfram_ratio(momenta, event, 40)
    for number in range(40):
        own = momenta[event == number]
        sizes = np.linalg.norm(own, axis=1)
        products = np.outer(sizes, sizes)
        cosines = np.divide(own @ own.T, products, out=np.zeros_like(products), where=products > 0.0)
        moments = [np.sum(products * np.polynomial.legendre.Legendre.basis(order)(cosines)) for order in (0, 2)]
        assert found[number] == pytest.approx(moments[1] / moments[0], rel=1e-10, abs=1e-12)
        assert 0.0 <= found[number] <= 1.0 + 1e-12


def test_rows_of_events() -> None:
    lists = DisplacedList(np.array([0, 3, 3, 4, 9]), {})
    rows, place = lists.of_events(np.array([1, 2, 3]))
    assert rows.tolist() == [3, 4, 5, 6, 7, 8]
    assert place.tolist() == [1, 2, 2, 2, 2, 2]
    assert [len(values) for values in lists.of_events(np.zeros(0, dtype=np.int64))] == [0, 0]


def test_tracks_are_pions_in_the_centre_of_mass(
    detector_config: DetectorConfig, as_events: Callable[..., ak.Array]
) -> None:
    config = example_config(b_candidate=True)
    columns = simulated_columns("charm_pair", 12, 4, {}, detector_config)
    events = as_events(columns, kind="background")
    lists = displaced_events(events, config, ChunkSource.from_metadata(events.metadata))
    assert lists.photons is not None
    chosen = np.array([0, 3, 4, 11])
    found = event_shapes(lists.tracks, lists.photons, chosen, detector_config.beams.beams().boost)
    loop, content = Loop(config, detector_config, weighted=False), {key: ak.to_list(columns[key]) for key in columns}
    expected = [loop.shape({key: values[number] for key, values in content.items()}) for number in chosen]
    np.testing.assert_allclose(found, expected, rtol=1e-9)

from __future__ import annotations

import numpy as np
import pytest

from darkreach.generators import FinalStateEvents, GeneratedParticles, concatenate_particles, particles_of

FIELDS = ("offsets", "weight_fb", "pdg", "momentum", "vertex", "mother", "final")


def random_events(n: int, seed: int) -> GeneratedParticles:
    random = np.random.default_rng(seed)
    counts = random.integers(0, 5, n)
    total = int(counts.sum())
    return GeneratedParticles(
        np.concatenate([[0], np.cumsum(counts)]),
        random.random(n),
        random.integers(-400, 400, total).astype(np.int32),
        random.random((total, 4)),
        random.random((total, 3)),
        random.integers(-1, 3, total).astype(np.int32),
        random.random(total) < 0.5,
    )


def events_as_lists(events: GeneratedParticles) -> list[tuple[object, ...]]:
    """Return event by event what a loop over the particles reads."""
    return [
        (
            events.weight_fb[row],
            *(
                getattr(events, name)[events.offsets[row] : events.offsets[row + 1]].tolist()
                for name in ("pdg", "momentum", "vertex", "mother", "final")
            ),
        )
        for row in range(len(events))
    ]


@pytest.mark.parametrize("rows", [[], [0], [7, 2, 2, 19], list(range(20))])
def test_selected_rows_are_those_of_a_loop(rows: list[int]) -> None:
    events = random_events(20, seed=1)
    chosen = events.select(np.array(rows, dtype=np.intp))
    everything = events_as_lists(events)
    assert events_as_lists(chosen) == [everything[row] for row in rows]
    assert chosen.offsets[0] == 0


def test_a_mask_selects_like_its_row_numbers() -> None:
    events = random_events(50, seed=2)
    mask = np.random.default_rng(3).random(50) < 0.4
    by_mask, by_rows = events.select(mask), events.select(np.flatnonzero(mask))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(by_mask, name), getattr(by_rows, name))


def test_parts_concatenate_to_the_whole() -> None:
    parts = [random_events(n, seed=n) for n in (3, 0, 11)]
    whole = concatenate_particles(parts)
    assert events_as_lists(whole) == [event for part in parts for event in events_as_lists(part)]
    np.testing.assert_array_equal(whole.event, np.repeat(np.arange(14), whole.counts))


def test_fixed_final_states_become_particles_with_their_lost_photon() -> None:
    random = np.random.default_rng(4)
    isr = np.zeros((3, 4))
    isr[1] = [0.5, 0.0, 0.0, -0.5]
    events = FinalStateEvents(random.random(3), (13, -13), random.random((3, 2, 4)), isr)
    particles = particles_of(events)
    assert particles.counts.tolist() == [2, 3, 2]
    assert particles.pdg.tolist() == [13, -13, 13, -13, 22, 13, -13]
    np.testing.assert_array_equal(particles.momentum[4], isr[1])
    np.testing.assert_array_equal(particles.momentum[5:], events.momenta[2])
    assert bool(particles.final.all()) and set(particles.mother.tolist()) == {-1}

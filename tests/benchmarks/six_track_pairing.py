"""Speed of the choice of pairs in events with six tracks, against NumPy over all pairings and loops over events.

Run: python tests/benchmarks/six_track_pairing.py
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from equal_starts import cpu_seconds, medians, print_ratios

from darkreach.searches.six_tracks_events import FLAVOUR_MASSES
from darkreach.searches.six_tracks_pairing import best_pairings, opposite_pairings, plain_best_pairings

EVENTS, LOOPED, REPEATS = 200_000, 2_000, 5
GOAL = 2e5
"""Events a second."""


def random_events(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Momenta (n, 6, 4) and flavours (n, 6), a third of the events with one flavour: the most pairings."""
    random = np.random.default_rng(1)
    flavour = random.integers(0, 3, (number, 6))
    flavour[::3] = random.integers(0, 3, (len(flavour[::3]), 1))
    momentum = random.normal(0.0, 1.5, (number, 6, 3))
    energy = np.sqrt(np.sum(momentum**2, axis=2) + FLAVOUR_MASSES[flavour] ** 2)
    return np.concatenate([energy[..., np.newaxis], momentum], axis=2), flavour


def loops(momenta: np.ndarray, flavour: np.ndarray) -> list[float]:
    """Smallest spread of every event, by loops alone."""
    spreads = []
    for tracks, kinds in zip(momenta.tolist(), flavour.tolist(), strict=True):
        best = math.inf
        for order in itertools.permutations((3, 4, 5)):
            pairs = list(zip((0, 1, 2), order, strict=True))
            if any(kinds[one] != kinds[two] for one, two in pairs):
                continue
            masses = []
            for one, two in pairs:
                e, x, y, z = (tracks[one][i] + tracks[two][i] for i in range(4))
                masses.append(math.sqrt(max(e * e - x * x - y * y - z * z, 0.0)))
            best = min(best, max(masses) - min(masses))
        spreads.append(best)
    return spreads


def main() -> None:
    momenta, flavour = random_events(EVENTS)
    table = opposite_pairings(3)
    few = momenta[:LOOPED], flavour[:LOOPED]
    np.testing.assert_array_equal(loops(*few), best_pairings(*few, table).spread)
    actions = {
        "compiled": lambda: best_pairings(momenta, flavour, table),
        "NumPy, all pairings at once": lambda: plain_best_pairings(momenta, flavour, table),
        f"loops over {LOOPED} events": lambda: loops(*few),
    }
    times = cpu_seconds(actions, REPEATS)
    print_ratios(f"best of six pairings of {EVENTS} events", times, "compiled")
    seconds = medians(times)
    for name, number in zip(actions, (EVENTS, EVENTS, LOOPED), strict=True):
        print(f"  {name:44s} {number / seconds[name]:12.3g} events/s of CPU time")
    print(f"  goal {GOAL:.0e} events/s: {'reached' if EVENTS / seconds['compiled'] >= GOAL else 'MISSED'}")


if __name__ == "__main__":
    main()

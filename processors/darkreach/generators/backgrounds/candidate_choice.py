"""Even weights from uneven ones: one of several trials is taken by its weight, and gets the mean of all of them.

Whatever f is, the mean of (mean weight of the candidates) f(the one taken) is that of w f: nothing is biased, and no
largest weight needs to be known. With N candidates an effective fraction e becomes 1/(1 + (1/e - 1)/N).
"""

from __future__ import annotations

import numpy as np

from darkreach.generators.final_state_events import FinalStateEvents


def resampled(events: FinalStateEvents, candidates: int, random: np.random.Generator) -> FinalStateEvents:
    """Return one of every so many trials, taken with a probability that goes with its weight.

    Args:
        events: trials; their number is a multiple of that of the candidates.
        candidates: number of trials of which one is taken.
        random: source of random numbers; one number is drawn for each trial that is returned.

    Example:
        >>> one = np.ones((4, 1, 4))
        >>> events = FinalStateEvents(np.array([0.0, 2.0, 1.0, 1.0]), (22,), one, one[:, 0])
        >>> resampled(events, 2, np.random.default_rng(1)).weight_fb.tolist()
        [1.0, 1.0]
    """
    weight = events.weight_fb.reshape(-1, candidates)
    summed = np.cumsum(weight, axis=1)
    # the first candidate whose sum exceeds a part of the whole: never one of weight zero, unless all are
    wanted = random.random(len(weight)) * summed[:, -1]
    place = np.minimum((summed <= wanted[:, np.newaxis]).sum(axis=1), candidates - 1)
    chosen = events.select(np.arange(len(weight)) * candidates + place)
    return FinalStateEvents(weight.mean(axis=1), chosen.pdg, chosen.momenta, chosen.isr)

"""Efficiencies at many lifetimes from events of a few: each simulated decay counts as often as it would then happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.efficiency_grid import EfficiencyGrid
from darkreach.errors import LimitError
from darkreach.generators.decays import lifetime_weights

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SelectedDecays:
    """Decays of one simulated lifetime that a search selected.

    Attributes:
        generated_ctau_cm: c tau of the sample, cm.
        proper_length: (n,) c times the proper time lived of each selected decay, cm.
        weight: (n,) weights of the events, such as their cross-section in fb.
        total_weight: sum of the weights of all generated decays, selected or not.
    """

    generated_ctau_cm: float
    proper_length: Array
    weight: Array
    total_weight: float


@dataclass(frozen=True)
class ReweightedEfficiency:
    """An efficiency and what it is worth.

    Attributes:
        ctau_cm: lifetime it is for, cm.
        generated_ctau_cm: of the sample it is from, cm.
        efficiency: selected over all.
        error: statistical.
        effective_events: (sum w)^2/sum w^2 of the selected events; 0 if there is none.
    """

    ctau_cm: float
    generated_ctau_cm: float
    efficiency: float
    error: float
    effective_events: float


def reweighted_efficiency(sample: SelectedDecays, ctau_cm: float) -> ReweightedEfficiency:
    """Return the efficiency at another lifetime, event by event.

    The variance is finite only below twice the generated lifetime, and longer ones are refused. The error is that of
    a sum of weights over a known total, sqrt(sum w^2)/total.

    Raises:
        ConfigError: the lifetime is twice the generated one or more.
        LimitError: the sample has no decays.

    Example:
        >>> sample = SelectedDecays(2.0, np.array([1.0, 3.0]), np.ones(2), 10.0)
        >>> shorter = reweighted_efficiency(sample, 1.0)
        >>> round(shorter.efficiency, 4), round(shorter.effective_events, 4)
        (0.1659, 1.6481)
    """
    if not sample.total_weight > 0.0:
        raise LimitError("a sample without decays has no efficiency", given=f"total weight {sample.total_weight:g}")
    weight = sample.weight * lifetime_weights(sample.proper_length, sample.generated_ctau_cm, ctau_cm)
    total, squared = float(np.sum(weight)), float(np.sum(weight**2))
    return ReweightedEfficiency(
        ctau_cm=ctau_cm,
        generated_ctau_cm=sample.generated_ctau_cm,
        efficiency=total / sample.total_weight,
        error=float(np.sqrt(squared)) / sample.total_weight,
        effective_events=total**2 / squared if squared > 0.0 else 0.0,
    )


def best_efficiency(samples: Sequence[SelectedDecays], ctau_cm: float) -> ReweightedEfficiency:
    """Return the efficiency from the sample that is worth most at this lifetime, of those that may be used.

    Raises:
        LimitError: no sample lives longer than half of the lifetime.
    """
    usable = [sample for sample in samples if ctau_cm < 2.0 * sample.generated_ctau_cm]
    if not usable:
        longest = max((sample.generated_ctau_cm for sample in samples), default=0.0)
        raise LimitError(
            "no simulated lifetime reaches this one",
            where="ctau_cm",
            allowed=f"below {2.0 * longest:g} cm, twice the longest simulated one",
            given=f"{ctau_cm:g} cm",
            next_step="simulate a longer lifetime",
        )
    found = [reweighted_efficiency(sample, ctau_cm) for sample in usable]
    return max(found, key=lambda point: (point.effective_events, -point.generated_ctau_cm))


def efficiency_grid(
    channel: str,
    samples: Sequence[tuple[float, Sequence[SelectedDecays]]],
    ctaus_cm: Array,
    gaps_gev: tuple[tuple[float, float], ...] = (),
) -> EfficiencyGrid:
    """Return the efficiency of a channel at all masses and lifetimes, each from its best sample.

    Args:
        channel: name of the final state.
        samples: mass (GeV, rising) and its samples of different lifetimes.
        ctaus_cm: (c,) lifetimes of the grid, rising, cm.
        gaps_gev: masses that the search leaves out.

    Raises:
        LimitError: a lifetime is twice the longest simulated one or more, or masses do not rise.
    """
    points = [[best_efficiency(lifetimes, float(ctau)) for ctau in ctaus_cm] for _, lifetimes in samples]
    efficiency, error, events = (
        np.array([[getattr(point, name) for point in row] for row in points], dtype=np.float64)
        for name in ("efficiency", "error", "effective_events")
    )
    masses = np.array([mass for mass, _ in samples])
    # weights that fluctuate may sum to more than all decays
    return EfficiencyGrid(channel, masses, ctaus_cm, np.minimum(efficiency, 1.0), error, events, gaps_gev)

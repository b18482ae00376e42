"""The region of a user's model that published limits exclude, from the limits alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.couplings_file import QUANTILES, ExcludedInterval
from darkreach.couplings.excluded_region import excluded_intervals
from darkreach.couplings.lifetime_limits import LifetimeLimit, limits_by_lifetime
from darkreach.couplings.long_lived_region import OfLifetime, coupling_scan
from darkreach.errors import LimitError
from darkreach.reinterpretation.model_script import read_model_script
from darkreach.reinterpretation.model_table import read_model_table
from darkreach.reinterpretation.user_model import UserModel

Array = NDArray[np.float64]
ByQuantile = Mapping[str, OfLifetime]


def read_user_model(path: Path) -> UserModel:
    """Return the model of a user's file: Python if it ends in .py, else a table.

    Raises:
        InputFileError: the file does not hold a model.
    """
    return read_model_script(path) if path.suffix == ".py" else read_model_table(path)


def excluded_model(model: UserModel, limits: Sequence[LifetimeLimit]) -> list[ExcludedInterval]:
    """Return the excluded intervals of the coupling of a model at the masses of the limits, by mass and quantile.

    At each coupling the channel with the best expected limit decides (the observed one where none is expected), so
    that the choice does not follow the data. Nothing is extrapolated: masses outside of the model are left out, and
    an interval that is still excluded at the largest known coupling ends there.

    Args:
        model: rates in the quantity of the limits.
        limits: of one or more channels, masses, lifetimes and quantiles.

    Raises:
        LimitError: model and limits share no channel or no mass, or the model gives numbers without meaning.
    """
    channels = [name for name in model.channels if any(limit.channel == name for limit in limits)]
    if not channels:
        raise LimitError(
            "the model has none of the channels of the limits",
            allowed=", ".join(sorted({limit.channel for limit in limits})),
            given=", ".join(model.channels),
            next_step="name the columns of the model like channels",
        )
    by_mass: dict[float, list[LifetimeLimit]] = {}
    for limit in limits:
        if limit.channel in channels and model.coupling_range(limit.mass_gev) is not None:
            by_mass.setdefault(limit.mass_gev, []).append(limit)
    intervals = []
    for mass, rows in sorted(by_mass.items()):
        ends = model.coupling_range(mass)
        if ends is not None:
            intervals += _at_mass(model, rows, mass, ends)
    if not by_mass:
        raise LimitError("the model knows none of the masses of the limits", next_step="give rows around them")
    return intervals


def _at_mass(
    model: UserModel, limits: Sequence[LifetimeLimit], mass: float, ends: tuple[float, float]
) -> list[ExcludedInterval]:
    tables = {name: limits_by_lifetime(limits, name, mass) for name in sorted({limit.channel for limit in limits})}
    scan = coupling_scan(*ends)
    found = []
    for quantile in QUANTILES:
        used = {name: table for name, table in tables.items() if quantile in table}
        if not used:
            continue

        def ratio(coupling: Array, used: Mapping[str, ByQuantile] = used, quantile: str = quantile) -> Array:
            return _signal_over_limit(model, used, quantile, mass, coupling)

        for lower, upper in excluded_intervals(ratio, scan):
            ctau = float(model.ctau_cm(mass, np.array([lower]))[0])
            interval = ExcludedInterval(mass, ctau, quantile, lower, upper)
            found.append(replace(interval, upper=ends[1]) if math.isinf(upper) else interval)
    return found


def _signal_over_limit(
    model: UserModel, tables: Mapping[str, ByQuantile], quantile: str, mass: float, coupling: Array
) -> Array:
    """Return rate over limit (n,) of the channel that is expected to be the most sensitive at each coupling."""
    ctau = model.ctau_cm(mass, coupling)
    if not np.all((ctau > 0.0) & np.isfinite(ctau)):
        raise LimitError("the model gives a lifetime without meaning", given=f"at {mass:g} GeV: {ctau.min():g} cm")
    rates = [model.rate(name, mass, coupling) for name in tables]
    expected = [
        rate / table.get("0", table[quantile])(ctau) for rate, table in zip(rates, tables.values(), strict=True)
    ]
    best = np.argmax(expected, axis=0)
    found = [rate / table[quantile](ctau) for rate, table in zip(rates, tables.values(), strict=True)]
    return np.asarray(np.take_along_axis(np.array(found), best[np.newaxis], axis=0)[0])

"""Background-only pseudo-data for all hypotheses of a scan at once: one throw of each bin and auxiliary measurement.

Bins are recognised by ``channel[index]``, parameters by name. Hypotheses may use different channels, as local windows
do; those that share a channel see the same events in it. Channels of different names are thrown independently, so
hypotheses whose channels select the same events under different names cannot be in one scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, pdtr, pdtrik

from darkreach.errors import ConfigError
from darkreach.fits.fit_model import FitModel
from darkreach.fits.postfit import PostFit
from darkreach.likelihood import Dataset
from darkreach.likelihood.model_arrays import FloatArray, IndexArray

_LARGEST_DIFFERENCE = 0.5


@dataclass(frozen=True, eq=False)
class CommonBackground:
    """The background expectation of a scan.

    Attributes:
        models: the hypotheses.
        rates: expected events of each bin of the union.
        bins: place in the union of the bins of each hypothesis.
        names: constrained parameters of the union.
        values: their values.
        places: for each hypothesis, its constrained parameters and their places in the union.
        difference: largest difference between two hypotheses' expectations of a bin, in standard deviations of it.
    """

    models: tuple[FitModel, ...]
    rates: FloatArray
    bins: tuple[IndexArray, ...]
    names: tuple[str, ...]
    values: FloatArray
    places: tuple[IndexArray, ...]
    difference: float

    def throw(self, toy: int, seed: int) -> list[Dataset]:
        """Return the data of one toy as each hypothesis sees them."""
        random = np.random.default_rng([seed, toy])
        events = random.poisson(np.maximum(self.rates, 0.0)).astype(np.float64)
        # the same quantile for every hypothesis: widths may differ, e.g. where a staterror includes the signal
        quantiles = random.uniform(size=len(self.names))
        return [
            self._seen(model, events[bins], places, quantiles)
            for model, bins, places in zip(self.models, self.bins, self.places, strict=True)
        ]

    def _seen(self, model: FitModel, events: FloatArray, places: IndexArray, quantiles: FloatArray) -> Dataset:
        arrays = model.arrays
        centre, gamma_centre = arrays.centre.copy(), arrays.gamma_centre.copy()
        constrained = [p for p in model.parameters if p.constraint in ("normal", "poisson")]
        for parameter, place in zip(constrained, places, strict=True):
            target, index, width = (
                (centre, parameter.theta, arrays.width)
                if parameter.bin < 0
                else (gamma_centre, parameter.bin, arrays.gamma_width)
            )
            value, quantile = self.values[place], quantiles[place]
            if parameter.constraint == "normal":
                target[index] = value + width[index] * ndtri(quantile)
            else:
                target[index] = poisson_quantile(float(quantile), float(value * width[index]))
        return Dataset(events, centre, gamma_centre)


def poisson_quantile(quantile: float, mean: float) -> float:
    """Return the smallest count whose cumulative probability reaches a quantile.

    Example:
        >>> poisson_quantile(0.5, 2.0), poisson_quantile(0.13, 2.0), poisson_quantile(0.9, 0.0)
        (2.0, 0.0, 0.0)
    """
    if not mean > 0.0:
        return 0.0
    above = float(np.ceil(pdtrik(quantile, mean)))
    below = max(above - 1.0, 0.0)
    return below if pdtr(below, mean) >= quantile else above


def common_background(models: Sequence[FitModel], points: Sequence[PostFit]) -> CommonBackground:
    """Join the background-only fits of hypotheses; the first that has a bin or parameter decides its expectation.

    Raises:
        ConfigError: hypotheses disagree on observed events, or on the expectation, of a bin they share.
    """
    places: dict[str, int] = {}
    rates: list[float] = []
    counts: list[float] = []
    difference = 0.0
    for model, point in zip(models, points, strict=True):
        for name, rate, count in zip(model.compiled.bin_names, point.rates, model.arrays.counts, strict=True):
            if name not in places:
                places[name] = len(rates)
                rates.append(max(float(rate), 0.0))
                counts.append(float(count))
            if counts[places[name]] != count:
                raise ConfigError(
                    "two hypotheses of one scan have different events in a bin",
                    where=f"{model.name}: {name}",
                    given=f"{counts[places[name]]:g} and {count:g}",
                    next_step="scan hypotheses of one data set; channels of different events need different names",
                )
            known = rates[places[name]]
            difference = max(difference, abs(known - float(rate)) / max(known, 1.0) ** 0.5)
    if difference > _LARGEST_DIFFERENCE:
        raise ConfigError(
            "hypotheses of one scan disagree on the background of a bin they share",
            allowed=f"at most {_LARGEST_DIFFERENCE:g} standard deviations of its events",
            given=f"{difference:.3g}",
            next_step="scan hypotheses of one background model, or use the upcrossings of the observed scan (no toys)",
        )
    parameters: dict[str, int] = {}
    values: list[float] = []
    for model, point in zip(models, points, strict=True):
        for parameter, value in zip(model.parameters, point.values, strict=True):
            if parameter.constraint in ("normal", "poisson") and parameter.name not in parameters:
                parameters[parameter.name] = len(values)
                values.append(float(value))
    return CommonBackground(
        models=tuple(models),
        rates=np.array(rates),
        bins=tuple(np.array([places[name] for name in model.compiled.bin_names], dtype=np.int64) for model in models),
        names=tuple(parameters),
        values=np.array(values),
        places=tuple(
            np.array(
                [parameters[p.name] for p in model.parameters if p.constraint in ("normal", "poisson")], dtype=np.int64
            )
            for model in models
        ),
        difference=difference,
    )

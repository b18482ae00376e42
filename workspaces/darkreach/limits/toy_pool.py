"""The toys of one likelihood: thrown in batches, fitted freely once, and conditionally at every tested strength."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from darkreach.errors import LimitError
from darkreach.likelihood.bin_terms import FLOOR_STIFFNESS
from darkreach.likelihood.kernel_assembly import compiled_functions, interpreted_functions
from darkreach.likelihood.model_arrays import (
    CompiledModel,
    Dataset,
    FloatArray,
    IndexArray,
    allocate_scratch,
    observed_dataset,
)
from darkreach.likelihood.newton_fit import CONVERGED
from darkreach.likelihood.packed_models import pack_models
from darkreach.likelihood.reference_likelihood import evaluate
from darkreach.limits import toy_kernel
from darkreach.limits.toy_cls import WeightedToys
from darkreach.limits.toy_kernel import ToyFits
from darkreach.limits.toy_throwing import BATCH, ToyData, ToyPoint, deficit_point, log_probabilities, throw_batch

FREE = -1.0
_LARGEST_DEFICIT = 1e-7


@cache
def toy_function(use_numba: bool) -> Callable[..., Any]:
    """Return the kernel's entry point, compiled or interpreted."""
    functions = compiled_functions if use_numba else interpreted_functions
    return functions((toy_kernel,))["enter_toy_fits"]


class ToyPool:
    """Toys thrown from the background-only fit and from fits at some signal strengths.

    Rates of bins without events are kept from becoming negative: toys cannot be thrown from negative rates.

    Args:
        model: the likelihood with its observed data.
        seed: root seed and number of the hypothesis.
        use_numba: False interprets the kernel.

    Raises:
        LimitError: a fit of the observed data has failed.
    """

    def __init__(self, model: CompiledModel, seed: Sequence[int], *, use_numba: bool = True) -> None:
        self.arrays = model.arrays
        self.seed = tuple(seed)
        self.use_numba = use_numba
        self.fits = 0
        self._packed = pack_models([model.arrays])
        self._scratch = allocate_scratch(model.arrays)
        self._scratch.stiffness[0] = FLOOR_STIFFNESS
        observed = observed_dataset(model.arrays)
        self.observed = ToyData(*(part[np.newaxis, :].copy() for part in observed))
        self.points = [self.point_at(0.0)]
        self.thrown = [0]
        bins, parameters = model.arrays.counts.size, model.arrays.initial.size
        self.data = ToyData(np.zeros((0, bins)), np.zeros((0, parameters)), np.zeros((0, bins)))
        self.ensemble: IndexArray = np.zeros(0, dtype=np.int64)
        self.theta, self.value = np.zeros((0, parameters)), np.zeros(0)
        self.free_status: IndexArray = np.zeros(0, dtype=np.int64)
        self.failed_toys: set[int] = set()
        self._tested: dict[float, FloatArray] = {}
        self._mixture: FloatArray | None = None
        theta, value, status = self.fit(self.observed, self.points[0].theta[np.newaxis, :], FREE)
        if status[0] != CONVERGED:
            raise LimitError("the fit of signal and background to the data did not converge")
        self.best, self.best_value = theta[0], float(value[0])

    def fit(self, data: ToyData, start: FloatArray, strength: float) -> tuple[FloatArray, FloatArray, IndexArray]:
        """Return best-fit parameters, minima and statuses of data sets, from given start values."""
        toys = data.counts.shape[0]
        theta = np.ascontiguousarray(start).copy()
        counts, centres, gamma_centres = (np.ascontiguousarray(part) for part in data)
        fits = ToyFits(
            counts,
            centres,
            gamma_centres,
            theta,
            np.array(self.arrays.initial, dtype=np.float64),
            np.zeros(toys),
            np.zeros(toys, dtype=np.int64),
        )
        self.fits += toys
        with np.errstate(all="ignore"):
            toy_function(self.use_numba)(self._packed, strength, FLOOR_STIFFNESS, fits)
        return theta, fits.value, fits.status

    def point_at(self, strength: float) -> ToyPoint:
        """Return where toys of a signal strength are thrown from: the conditional fit of the observed data.

        Raises:
            LimitError: it did not converge.
        """
        start = self.arrays.initial.copy()[np.newaxis, :]
        theta, _, status = self.fit(self.observed, start, strength)
        if status[0] != CONVERGED:
            raise LimitError(
                "toys have no origin: the fit of the data at a fixed signal strength did not converge",
                given=f"signal strength {strength:g}",
            )
        with np.errstate(all="ignore"):
            evaluate(self.arrays, Dataset(*(part[0] for part in self.observed)), theta[0], self._scratch)
        return ToyPoint(strength, theta[0], self._scratch.rate.copy(), self._scratch.gamma.copy())

    def add_ensemble(self, strength: float) -> int:
        """Prepare toys of signal plus background at a strength; return the number of the ensemble."""
        self.points.append(self.point_at(strength))
        self.thrown.append(0)
        return len(self.points) - 1

    def add_deficit(self) -> None:
        """Throw also toys like the data, where those are a rare deficit for background alone."""
        background = self.points[0]
        theta = background.theta.copy()
        theta[self.arrays.poi[0]] = 1.0
        with np.errstate(all="ignore"):
            evaluate(self.arrays, Dataset(*(part[0] for part in self.observed)), theta, self._scratch)
        signal = self._scratch.plain + background.gamma * self._scratch.scaled - background.rate
        point = deficit_point(background, signal, self.observed.counts[0])
        if point is not None:
            self.points.append(point)
            self.thrown.append(0)

    def throw(self, ensemble: int, toys: int) -> None:
        """Throw until an ensemble has at least so many toys, in whole batches, and fit the new ones freely."""
        point, first = self.points[ensemble], self.thrown[ensemble] // BATCH
        last = -(-toys // BATCH)
        if last <= first:
            return
        batches = [throw_batch(self.arrays, point, (*self.seed, ensemble, batch)) for batch in range(first, last)]
        data = ToyData(*(np.concatenate(parts) for parts in zip(*batches, strict=True)))
        new = data.counts.shape[0]
        theta, value, status = self.fit(data, np.tile(point.theta, (new, 1)), FREE)
        self.failed_toys.update((self.value.size + np.flatnonzero(status != CONVERGED)).tolist())
        self.data = ToyData(*(np.concatenate(pair) for pair in zip(self.data, data, strict=True)))
        self.theta = np.concatenate([self.theta, theta])
        self.value = np.concatenate([self.value, value])
        self.free_status = np.concatenate([self.free_status, status])
        self.ensemble = np.concatenate([self.ensemble, np.full(new, ensemble, dtype=np.int64)])
        self.thrown[ensemble] += new
        self._mixture = None

    def tested(self, strength: float) -> WeightedToys:
        """Return all toys tested at a signal strength, with their weights.

        Raises:
            LimitError: a fit of the observed data has failed.
        """
        point = self.point_at(strength)
        q_observed = self._observed_q(strength)
        toys = self.value.size
        known = self._tested.get(strength, np.zeros(0))
        q = np.concatenate([known, self._q(strength, np.arange(known.size, toys))])
        self._tested[strength] = q
        logarithms = log_probabilities(self.arrays, [*self.points, point], self.data)
        if self._mixture is None:
            shares = np.log(np.maximum(np.array(self.thrown), 1e-300) / toys)
            self._mixture = np.logaddexp.reduce(logarithms[:, :-1] + shares, axis=1)
        return WeightedToys(
            strength=strength,
            q_observed=q_observed,
            q=q,
            signal=np.exp(logarithms[:, -1] - self._mixture),
            background=np.exp(-self._mixture),
            ensemble=self.ensemble,
        )

    def failures(self) -> tuple[str, ...]:
        """Return seed, ensemble, batch and place of each toy with a failed fit."""
        places = []
        for toy in sorted(self.failed_toys):
            ensemble = int(self.ensemble[toy])
            number = int(np.count_nonzero(self.ensemble[:toy] == ensemble))
            strength = self.points[ensemble].strength
            batch = f"batch {number // BATCH}, toy {number % BATCH}"
            places.append(f"seed {self.seed[0]}, ensemble {ensemble} (mu = {strength:g}), {batch}")
        return tuple(places)

    def _observed_q(self, strength: float) -> float:
        for _ in range(3):
            if self.best[self.arrays.poi[0]] >= strength:
                return 0.0
            theta, value, status = self.fit(self.observed, self.best[np.newaxis, :], strength)
            if status[0] != CONVERGED:
                raise LimitError("a conditional fit of the data did not converge", given=f"mu = {strength:g}")
            if value[0] >= self.best_value - _LARGEST_DEFICIT:
                break
            self.best, self.best_value = self._lower_minimum(theta)
        return max(2.0 * (float(value[0]) - self.best_value), 0.0)

    def _lower_minimum(self, start: FloatArray) -> tuple[FloatArray, float]:
        theta, value, status = self.fit(self.observed, start, FREE)
        if status[0] != CONVERGED:
            raise LimitError("the fit of signal and background to the data did not converge")
        return theta[0], float(value[0])

    def _q(self, strength: float, rows: IndexArray) -> FloatArray:
        """Return q-tilde of some toys; NaN where a fit has failed."""
        q = np.zeros(rows.size)
        q[self.free_status[rows] != CONVERGED] = np.nan
        pending = np.flatnonzero((self.theta[rows, self.arrays.poi[0]] < strength) & ~np.isnan(q))
        for _ in range(3):
            if not pending.size:
                break
            toys = rows[pending]
            data = ToyData(*(part[toys] for part in self.data))
            theta, value, status = self.fit(data, self.theta[toys], strength)
            q[pending] = np.where(status == CONVERGED, np.maximum(2.0 * (value - self.value[toys]), 0.0), np.nan)
            self.failed_toys.update(toys[status != CONVERGED].tolist())
            # a conditional fit below the free one has found a lower minimum, from which the free fit is repeated
            lower = (status == CONVERGED) & (value < self.value[toys] - _LARGEST_DEFICIT)
            pending = self._refit(toys[lower], theta[lower], pending[lower])
            at_or_above = self.theta[rows[pending], self.arrays.poi[0]] >= strength
            q[pending[at_or_above]] = 0.0
            pending = pending[~at_or_above]
        return q

    def _refit(self, toys: IndexArray, start: FloatArray, places: IndexArray) -> IndexArray:
        if toys.size:
            data = ToyData(*(part[toys] for part in self.data))
            theta, value, status = self.fit(data, start, FREE)
            better = (status == CONVERGED) & (value < self.value[toys])
            self.theta[toys[better]], self.value[toys[better]] = theta[better], value[better]
            self._tested.clear()
        return places

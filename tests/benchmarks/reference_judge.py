"""CLs from the NumPy reference likelihood, fitted from several starts: the check of limits without any peer.

Shares the likelihood's arrays with the engine, and neither its kernel, nor its fits, nor its root searches. Used by
``limit_stress.py``; not a program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bounded_newton import minimise
from scipy.stats import norm

from darkreach.likelihood import Dataset, allocate_scratch, compile_workspace, observed_dataset, reference_likelihood
from darkreach.likelihood.model_arrays import NORMAL, POISSON

BANDS = (-2, -1, 0, 1, 2)
FAR = 100.0
"""Where CLs is evaluated for limits that are said not to exist, in units of the largest that does."""


class ReferenceJudge:
    """CLs of one workspace.

    Args:
        workspace: pyhf workspace with the signal in place.
        largest: upper bound of the parameter of interest.
        random_starts: additional starts of the first fits to each data set.
        stiffness: see ``Scratch.stiffness``; 0 is pyhf's likelihood.
    """

    def __init__(
        self, workspace: Mapping[str, Any], largest: float, random_starts: int = 2, stiffness: float = 0.0
    ) -> None:
        self.model = compile_workspace(workspace).arrays
        self.scratch = allocate_scratch(self.model)
        if stiffness:
            self.scratch.stiffness[0] = stiffness
        self.poi = int(self.model.poi[0])
        self.bounds = np.stack([self.model.lower, self.model.upper], axis=1)
        self.bounds[self.poi] = (0.0, largest)
        self.random_starts = random_starts
        self.observed = observed_dataset(self.model)
        self.minima: dict[int, list[Any]] = {}
        _, background = self.fit(self.observed, 0.0)
        self._evaluate(self.observed, background)
        self.asimov = self._asimov(background)
        # exactly the minimum of the Asimov data, and perhaps one of several
        self.minima[id(self.asimov)] = [background]
        self.best = {id(data): self.fit(data, None) for data in (self.observed, self.asimov)}

    def _evaluate(self, data: Dataset, theta: Any) -> float:
        with np.errstate(all="ignore"):
            return float(reference_likelihood.evaluate(self.model, data, theta, self.scratch))

    def _derivatives(self, data: Dataset, theta: Any) -> tuple[Any, Any]:
        self._evaluate(data, theta)
        lower = np.tril(self.scratch.hessian)
        return self.scratch.gradient.copy(), lower + np.tril(lower, -1).T

    def _asimov(self, background: Any) -> Dataset:
        centre = np.where(self.model.constraint == POISSON, self.model.width * background, background)
        gammas = self.scratch.gamma.copy()
        gammas = np.where(self.model.gamma_constraint == POISSON, self.model.gamma_width * gammas, gammas)
        # the floor of ``stiffness`` leaves rates of -1e-8
        return Dataset(np.maximum(self.scratch.rate, 0.0), centre, gammas)

    def _starts(self, data: Dataset) -> list[Any]:
        known = self.minima.setdefault(id(data), [])
        starts = [self.model.initial, *known[:1], *known[-1:]]
        if len(known) < 3:
            widths = np.where(self.model.constraint == NORMAL, self.model.width, 0.1)
            moves = np.random.default_rng(1).normal(0.0, 1.0, (self.random_starts, widths.size))
            starts += [np.clip(self.model.initial + move * widths, *self.bounds.T) for move in moves]
        return starts

    def fit(self, data: Dataset, strength: float | None) -> tuple[float, Any]:
        """Return the lowest minimum of all starts; ``strength`` holds the parameter of interest."""
        free = self.model.held == 0
        free[self.poi] = strength is None
        found = []
        for guess in self._starts(data):
            start = guess.copy()
            if strength is not None:
                start[self.poi] = strength
            found.append(
                minimise(
                    lambda point: self._evaluate(data, point),
                    lambda point: self._derivatives(data, point),
                    start,
                    self.bounds,
                    free,
                )
            )
        best = min(found, key=lambda item: item[0])
        self.minima[id(data)].append(best[1])
        return best

    def statistic(self, data: Dataset, strength: float) -> float:
        """Return q-tilde; a conditional fit below the free one corrects the free one."""
        value, theta = self.fit(data, strength)
        best, where = self.best[id(data)]
        if value < best:
            self.best[id(data)] = best, where = value, theta
        return 2.0 * (value - best) if where[self.poi] <= strength else 0.0

    def cls(self, strength: float) -> tuple[float, list[float]]:
        """Return observed CLs and the five expected ones at a signal strength (arXiv:1007.1727, equations 65, 66)."""
        root = float(np.sqrt(max(self.statistic(self.asimov, strength), 0.0)))
        bands = [float(np.exp(norm.logsf(root - band) - norm.logcdf(band))) for band in BANDS]
        if root == 0.0:
            return 1.0, bands
        q = max(self.statistic(self.observed, strength), 0.0)
        shift = np.sqrt(q) if q <= root**2 else 0.5 * (q + root**2) / root
        background = shift - root if q <= root**2 else 0.5 * (q - root**2) / root
        return float(np.exp(norm.logsf(shift) - norm.logsf(background))), bands

    def residuals(self, observed: float, expected: Sequence[float], alpha: float) -> list[float]:
        """Return CLs - alpha at an observed limit, then at five expected ones."""
        reach = max(value for value in (observed, *expected) if np.isfinite(value))
        # bands first: their fits may still lower the minima of the Asimov data
        bands = [self._residual(strength, reach, alpha, place) for place, strength in enumerate(expected)]
        return [self._residual(observed, reach, alpha, None), *bands]

    def _residual(self, strength: float, reach: float, alpha: float, place: int | None) -> float:
        observed, bands = self.cls(strength if np.isfinite(strength) else FAR * reach)
        residual = (observed if place is None else bands[place]) - alpha
        # a limit that is said not to exist is wrong only if CLs does fall below alpha
        return residual if np.isfinite(strength) else min(residual, 0.0)

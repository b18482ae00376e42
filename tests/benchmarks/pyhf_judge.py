"""The judge of limits: pyhf's own likelihood and hypothesis test, minimised as far as double precision allows.

``PyhfJudge(workspace).cls(mu)`` is ``pyhf.infer.hypotest`` with an optimizer that pyhf does not have: bounded Newton
steps with the exact Hessian of pyhf's likelihood (jax), from several starts; the minima of a data set are starts of its
next fit. pyhf's SLSQP stops early on some models even at tolerance 1e-12; of two minima of the same function the lower
one is right.

Needs pyhf 0.7.6 and jax. Shared by ``limit_agreement.py`` and ``limit_stress.py``; not a program.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bounded_newton import minimise


def prepare_pyhf(optimizer: Any = None) -> Any:
    """Return pyhf on the jax backend in double precision, its warnings silenced."""
    warnings.filterwarnings("ignore")
    import logging

    import jax

    jax.config.update("jax_enable_x64", True)
    import pyhf

    logging.getLogger("pyhf").setLevel(logging.CRITICAL)
    pyhf.set_backend("jax", optimizer or pyhf.optimize.scipy_optimizer(tolerance=1e-12))
    return pyhf


class NewtonOptimizer:
    """An optimizer for ``pyhf.set_backend``: bounded Newton steps on -2 log L with jax derivatives."""

    name = "newton"

    def __init__(self, random_starts: int = 0) -> None:
        self.random_starts = random_starts
        self.fitted: dict[bytes, tuple[float, Any]] = {}
        self.minima: dict[bytes, list[Any]] = {}
        self.first: list[Any] = []
        self.model: Any = None

    def attach(self, model: Any) -> None:
        """Compile the derivatives of one model and forget the minima of the last."""
        import jax

        # compiled functions of the models before would fill the memory
        jax.clear_caches()
        self.model, self.fitted, self.minima, self.first = model, {}, {}, []

        def objective(parameters: Any, data: Any) -> Any:
            return -2.0 * model.logpdf(parameters, data)[0]

        self.value = jax.jit(objective)
        self.slope = jax.jit(jax.grad(objective))
        self.bend = jax.jit(jax.jacfwd(jax.grad(objective)))

    def minimize(
        self,
        objective: Any,
        data: Any,
        pdf: Any,
        init_pars: Sequence[float],
        par_bounds: Sequence[tuple[float, float]],
        fixed_vals: Sequence[tuple[int, float]] | None = None,
        return_fitted_val: bool = False,
        **_: Any,
    ) -> Any:
        """Return the best minimum found from all starts, in the form pyhf expects."""
        del objective, pdf
        data = np.asarray(data, dtype=float)
        fixed = [(int(index), float(value)) for index, value in fixed_vals or ()]
        key = data.tobytes() + repr(fixed).encode()
        if key not in self.fitted:
            self.fitted[key] = self._best(data, np.array(init_pars, dtype=float), np.array(par_bounds), fixed)
            self.first = self.first or [self.fitted[key][1].copy()]
            self.minima.setdefault(data.tobytes(), []).append(self.fitted[key][1])
        value, parameters = self.fitted[key]
        import jax.numpy as jnp

        return (jnp.asarray(parameters), jnp.asarray(value)) if return_fitted_val else jnp.asarray(parameters)

    def _best(self, data: Any, start: Any, bounds: Any, fixed: list[tuple[int, float]]) -> tuple[float, Any]:
        # the first fit of all is that of the observed data without signal: exactly a minimum of the Asimov data
        starts = [
            start,
            *(first.copy() for first in self.first),
            *(minimum.copy() for minimum in self.minima.get(data.tobytes(), [])[-4:]),
        ]
        generator = np.random.default_rng(1)
        moves = generator.normal(0.0, 1.0, (self.random_starts, start.size))
        starts += [np.clip(start + move, *bounds.T) for move in moves]
        free = np.ones(start.size, dtype=bool)
        for index, value in fixed:
            free[index] = False
            for guess in starts:
                guess[index] = value
        found = [
            minimise(
                lambda point: float(self.value(point, data)),
                lambda point: self._derivatives(point, data),
                guess,
                bounds,
                free,
            )
            for guess in starts
        ]
        found = [item for item in found if np.isfinite(item[0])]
        if not found:
            raise ArithmeticError("no start has a finite likelihood")
        return min(found, key=lambda item: item[0])

    def _derivatives(self, point: Any, data: Any) -> tuple[Any, Any]:
        gradient = np.asarray(self.slope(point, data))
        # 0 to a power below 1 has no second derivative in jax although the sum has one
        return gradient, np.asarray(self.bend(np.where(point == 0.0, 1e-9, point), data))


class PyhfJudge:
    """CLs of one workspace by pyhf, with any pyhf optimizer.

    Args:
        workspace: pyhf workspace with the signal in place.
        optimizer: ``NewtonOptimizer`` or one of pyhf's own.
        measurement: name of the measurement; None for the first.
    """

    def __init__(self, workspace: Mapping[str, Any], optimizer: Any, measurement: str | None = None) -> None:
        self.pyhf = prepare_pyhf(optimizer)
        content = self.pyhf.Workspace(workspace)
        self.model = content.model(measurement_name=measurement) if measurement else content.model()
        self.data = np.asarray(content.data(self.model), dtype=float)
        self.optimizer = optimizer
        if isinstance(optimizer, NewtonOptimizer):
            optimizer.attach(self.model)

    def cls(self, mu: float, largest: float) -> tuple[float, list[float]]:
        """Return observed CLs and the five expected ones (-2 ... +2) at mu, the POI bounded by 0 and ``largest``."""
        bounds = [(float(low), float(high)) for low, high in self.model.config.suggested_bounds()]
        poi = self.model.config.poi_index
        bounds[poi] = (0.0, float(largest))
        start = [float(value) for value in self.model.config.suggested_init()]
        start[poi] = min(max(start[poi], 0.0), largest)
        observed, expected = self.pyhf.infer.hypotest(
            float(mu),
            self.data,
            self.model,
            init_pars=start,
            par_bounds=bounds,
            test_stat="qtilde",
            return_expected_set=True,
        )
        return float(observed), [float(value) for value in expected]

    def limits_residuals(self, observed: float, expected: Sequence[float], alpha: float) -> tuple[float, list[float]]:
        """Return CLs - alpha at an observed limit and at five expected ones."""
        reach = max(value for value in (observed, *expected) if np.isfinite(value))
        # bands first: their order is that of the minima kept as starts
        bands = [self._residual(mu, reach, alpha, band) for band, mu in enumerate(expected)]
        return self._residual(observed, reach, alpha, None), bands

    def _residual(self, mu: float, reach: float, alpha: float, band: int | None) -> float:
        far = 100.0 * reach
        observed, expected = self.cls(mu if np.isfinite(mu) else far, 10.0 * far)
        residual = (observed if band is None else expected[band]) - alpha
        # a limit that is said not to exist is wrong only if CLs does fall below alpha
        return residual if np.isfinite(mu) else min(residual, 0.0)

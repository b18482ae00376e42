"""Asymptotic CLs limits by the compiled likelihood: observed and five bands at all confidence levels in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from darkreach.errors import LimitError, WorkspaceError
from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.likelihood.compile_workspaces import pack_workspaces
from darkreach.likelihood.kernel_assembly import compiled_functions, interpreted_functions
from darkreach.likelihood.model_arrays import CompiledModel, FloatArray
from darkreach.likelihood.packed_models import PackedModels, pack_models
from darkreach.limits import (
    asymptotic_entry,
    asymptotic_kernel,
    asymptotic_pvalues,
    compiled_quality,
    level_roots,
    profile_step,
)
from darkreach.limits.asymptotic_cls import BANDS, band_target
from darkreach.limits.asymptotic_entry import BatchNumbers, row_of
from darkreach.limits.asymptotic_kernel import STATUS_ENTRIES
from darkreach.limits.results import Limit
from darkreach.sharing.hypothesis import Hypothesis

KERNEL_MODULES = (asymptotic_pvalues, profile_step, level_roots, asymptotic_kernel, asymptotic_entry)
"""Modules whose functions are compiled together, callees before callers."""


@cache
def asymptotic_function(use_numba: bool) -> Callable[..., None]:
    """Return the kernel's entry point, compiled or interpreted."""
    functions = compiled_functions if use_numba else interpreted_functions
    return functions(KERNEL_MODULES)["enter_asymptotic_limits"]


@dataclass(frozen=True)
class CompiledEngine:
    """Limits from the project's own kernel; implements ``LimitEngine``.

    Attributes:
        use_numba: False runs the same steps as Python with the NumPy likelihood, one to two hundred times slower.
        measurement: name of the measurement to use; None for the first of the workspace.

    Example:
        >>> from darkreach.sharing.hypothesis import Hypothesis
        >>> modifier = {"name": "mu", "type": "normfactor", "data": None}
        >>> samples = [{"name": "s", "data": [1.0], "modifiers": [modifier]},
        ...            {"name": "b", "data": [100.0], "modifiers": []}]
        >>> workspace = {
        ...     "channels": [{"name": "c", "samples": samples}],
        ...     "observations": [{"name": "c", "data": [100.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     "version": "1.0.0",
        ... }
        >>> limit = CompiledEngine(use_numba=False).limits(Hypothesis("h", {}, workspace), [0.95])[0]
        >>> limit.status, round(limit.observed, 3) == round(limit.expected[2], 3)
        ('ok', True)
    """

    use_numba: bool = True
    measurement: str | None = None

    @property
    def name(self) -> str:
        """Name recorded in every limit."""
        return "compiled"

    @property
    def hypotheses_per_process(self) -> int:
        """Threads share one process: the kernel releases the global lock."""
        return 2000

    def limits(self, hypothesis: Hypothesis, confidence_levels: Sequence[float]) -> list[Limit]:
        """Return one limit per confidence level, in order; a failure is a Limit with status ``failed``.

        Raises:
            WorkspaceError: the workspace itself is not usable.
            LimitError: a confidence level is not between 0 and 1.
        """
        model = compile_workspace(hypothesis.workspace, self.measurement)
        return self.limits_of_packed([hypothesis], [model], pack_models([model.arrays]), confidence_levels)[0]

    def batch_limits(
        self, hypotheses: Sequence[Hypothesis], confidence_levels: Sequence[float]
    ) -> list[list[Limit] | WorkspaceError]:
        """Return the limits of several hypotheses in one call of the kernel, or why a workspace is not usable.

        Raises:
            LimitError: a confidence level is not between 0 and 1.
        """
        packed, models = pack_workspaces((one.workspace for one in hypotheses), self.measurement)
        usable = [index for index, model in enumerate(models) if not isinstance(model, WorkspaceError)]
        found = self.limits_of_packed(
            [hypotheses[index] for index in usable],
            [model for model in models if not isinstance(model, WorkspaceError)],
            packed,
            confidence_levels,
        )
        results: list[list[Limit] | WorkspaceError] = [
            model if isinstance(model, WorkspaceError) else [] for model in models
        ]
        for index, limits in zip(usable, found, strict=True):
            results[index] = limits
        return results

    def limits_of_packed(
        self,
        hypotheses: Sequence[Hypothesis],
        models: Sequence[CompiledModel],
        packed: PackedModels,
        confidence_levels: Sequence[float],
    ) -> list[list[Limit]]:
        """Return the limits of packed likelihoods; ``models`` give the names that belong to them.

        Raises:
            LimitError: a confidence level is not between 0 and 1.
        """
        for cl in confidence_levels:
            if not 0.0 < cl < 1.0:
                raise LimitError("a confidence level is not between 0 and 1", given=str(cl), allowed="e.g. 0.95")
        sizes = [(model.arrays.initial.size, model.arrays.counts.size) for model in models]
        numbers = solve_limits(packed, sizes, confidence_levels, use_numba=self.use_numba)
        positions = limit_targets(tuple(confidence_levels))[2]
        return [
            [
                compiled_quality.make_limit(hypothesis, model, row_of(numbers, index, *sizes[index]), place, cl)
                for place, cl in zip(positions, confidence_levels, strict=True)
            ]
            for index, (hypothesis, model) in enumerate(zip(hypotheses, models, strict=True))
        ]


@cache
def limit_targets(confidence_levels: tuple[float, ...]) -> tuple[FloatArray, int, tuple[tuple[int, ...], ...]]:
    """Return the targets of all limits, the number of expected ones, and where those of each confidence level are.

    Targets are the increasing values of sqrt(q_A) of all bands, then -log(1 - CL) of every level; positions are those
    of the five bands and of the observed limit.

    Example:
        >>> targets, bands, positions = limit_targets((0.95, 0.90))
        >>> bands, positions
        (10, ((1, 3, 5, 7, 9, 11), (0, 2, 4, 6, 8, 10)))
    """
    levels = sorted(confidence_levels)
    expected = sorted((band_target(cl, band), cl) for cl in levels for band in BANDS)
    targets = [target for target, _ in expected] + [-math.log(1.0 - cl) for cl in levels]
    positions = tuple(
        (*(place for place, (_, owner) in enumerate(expected) if owner == cl), len(expected) + levels.index(cl))
        for cl in confidence_levels
    )
    return np.array(targets, dtype=np.float64), len(expected), positions


def solve_limits(
    models: PackedModels,
    sizes: Sequence[tuple[int, int]],
    confidence_levels: Sequence[float],
    *,
    use_numba: bool,
) -> BatchNumbers:
    """Return the raw results of packed likelihoods; those of each confidence level stand where ``limit_targets`` says.

    Args:
        models: N likelihoods.
        sizes: number of parameters and of bins of each.
        confidence_levels: e.g. (0.90, 0.95).
        use_numba: False interprets the kernel.
    """
    targets, bands = limit_targets(tuple(confidence_levels))[:2]
    numbers = empty_numbers(sizes, targets.size)
    if use_numba:
        asymptotic_function(True)(models, 0, len(sizes), targets, bands, numbers)
    else:
        with np.errstate(all="ignore"):
            asymptotic_function(False)(models, 0, len(sizes), targets, bands, numbers)
    return numbers


def empty_numbers(sizes: Sequence[tuple[int, int]], targets: int) -> BatchNumbers:
    """Return room for the results of likelihoods of the given numbers of parameters and bins."""
    lengths = np.array([2 * (parameters + bins) for parameters, bins in sizes], dtype=np.int64)
    ends = np.cumsum(lengths)
    return BatchNumbers(
        strength=np.zeros((len(sizes), targets)),
        level=np.zeros((len(sizes), targets)),
        found=np.zeros((len(sizes), targets), dtype=np.int64),
        status=np.zeros((len(sizes), STATUS_ENTRIES), dtype=np.int64),
        points=np.zeros(int(lengths.sum())),
        point_start=ends - lengths,
    )

"""Asymptotic CLs limits by the compiled likelihood: observed and five bands at all confidence levels in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from darkreach.errors import LimitError
from darkreach.likelihood import model_arrays
from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.likelihood.kernel_assembly import LIKELIHOOD_MODULES, compiled_functions, interpreted_functions
from darkreach.likelihood.model_arrays import CompiledModel, FloatArray, allocate_scratch, observed_dataset
from darkreach.limits import (
    asymptotic_kernel,
    asymptotic_pvalues,
    band_roots,
    compiled_quality,
    observed_root,
    profile_step,
)
from darkreach.limits.asymptotic_cls import BANDS, band_target
from darkreach.limits.asymptotic_kernel import LimitNumbers
from darkreach.limits.results import Limit
from darkreach.sharing.hypothesis import Hypothesis

KERNEL_MODULES = (
    *LIKELIHOOD_MODULES,
    asymptotic_pvalues,
    profile_step,
    band_roots,
    observed_root,
    asymptotic_kernel,
)
"""Modules whose functions are compiled together, callees before callers."""


@cache
def asymptotic_function(use_numba: bool) -> Callable[..., None]:
    """Return the kernel's entry point, compiled or interpreted."""
    if not use_numba:
        return interpreted_functions(KERNEL_MODULES)["asymptotic_limits"]
    # imports numba, which importing this module must not do
    from darkreach.limits import asymptotic_entry

    return compiled_functions((model_arrays, *KERNEL_MODULES, asymptotic_entry))["enter_asymptotic_limits"]


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
        """A process starts, and at first compiles, in the time of thousands of hypotheses."""
        return 2000

    def limits(self, hypothesis: Hypothesis, confidence_levels: Sequence[float]) -> list[Limit]:
        """Return one limit per confidence level, in order; a failure is a Limit with status ``failed``.

        Raises:
            WorkspaceError: the workspace itself is not usable.
            LimitError: a confidence level is not between 0 and 1.
        """
        for cl in confidence_levels:
            if not 0.0 < cl < 1.0:
                raise LimitError("a confidence level is not between 0 and 1", given=str(cl), allowed="e.g. 0.95")
        model = compile_workspace(hypothesis.workspace, self.measurement)
        numbers, order = solve_limits(model, confidence_levels, use_numba=self.use_numba)
        return [
            compiled_quality.make_limit(hypothesis, model, numbers, order[index], index, cl)
            for index, cl in enumerate(confidence_levels)
        ]


@cache
def band_targets(confidence_levels: tuple[float, ...]) -> tuple[FloatArray, tuple[tuple[int, ...], ...]]:
    """Return the increasing targets of sqrt(q_A) of all bands, and where those of each confidence level are.

    Example:
        >>> targets, positions = band_targets((0.95, 0.90))
        >>> positions
        ((1, 3, 5, 7, 9), (0, 2, 4, 6, 8))
    """
    targets = [(band_target(cl, band), index) for index, cl in enumerate(confidence_levels) for band in BANDS]
    ordered = sorted(targets)
    positions = tuple(
        tuple(place for place, (_, owner) in enumerate(ordered) if owner == index)
        for index in range(len(confidence_levels))
    )
    return np.array([target for target, _ in ordered], dtype=np.float64), positions


def solve_limits(
    model: CompiledModel, confidence_levels: Sequence[float], *, use_numba: bool
) -> tuple[LimitNumbers, tuple[tuple[int, ...], ...]]:
    """Return the raw results, and for each confidence level the positions of its five bands among them."""
    targets, order = band_targets(tuple(confidence_levels))
    arrays = model.arrays
    numbers = empty_numbers(arrays.initial.size, arrays.counts.size, targets.size, len(confidence_levels))
    log_levels = np.array([math.log(1.0 - cl) for cl in confidence_levels], dtype=np.float64)
    data = observed_dataset(arrays)
    if use_numba:
        asymptotic_function(True)(arrays, data, targets, log_levels, numbers)
    else:
        with np.errstate(all="ignore"):
            asymptotic_function(False)(
                arrays, data, targets, log_levels, allocate_scratch(arrays), allocate_scratch(arrays), numbers
            )
    return numbers, order


def empty_numbers(parameters: int, bins: int, targets: int, levels: int) -> LimitNumbers:
    """Return room for the results of one hypothesis."""
    return LimitNumbers(
        band=np.zeros(targets),
        band_root=np.zeros(targets),
        band_status=np.zeros(targets, dtype=np.int64),
        observed=np.zeros(levels),
        observed_log_cls=np.zeros(levels),
        observed_status=np.zeros(levels, dtype=np.int64),
        best=np.zeros(parameters),
        background=np.zeros(parameters),
        best_gamma=np.ones(bins),
        asimov=np.zeros(bins),
        status=np.zeros(4, dtype=np.int64),
    )

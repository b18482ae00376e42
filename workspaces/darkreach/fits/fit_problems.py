"""Lists of fits: what is held where, on which data, from which start; solved by the kernel in threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np

from darkreach.fits import fit_kernel
from darkreach.fits.fit_kernel import FAULTY_BIN, FLOORED, STATUS, STATUS_ENTRIES, PackedProblems
from darkreach.fits.fit_model import FitModel, Parameter
from darkreach.likelihood import Dataset
from darkreach.likelihood.kernel_assembly import compiled_functions, interpreted_functions
from darkreach.likelihood.model_arrays import FloatArray
from darkreach.likelihood.newton_fit import CONVERGED, IMPOSSIBLE_BIN, ITERATIONS_EXHAUSTED, NO_DESCENT
from darkreach.likelihood.packed_models import PackedModels, pack_models

_REASONS = {
    ITERATIONS_EXHAUSTED: "the fit did not converge",
    NO_DESCENT: "the fit found no descent at a point that is not a minimum",
    IMPOSSIBLE_BIN: "the data have zero probability: no positive rate in {bin}, which has events",
}


@dataclass(frozen=True, eq=False)
class FitProblem:
    """One fit.

    Attributes:
        data: main and auxiliary data.
        fixed: values of parameters that are held, at most one of them a gamma.
        start: shape (P,), start values of theta; None for the declared ones.
        model: which of the likelihoods.
    """

    data: Dataset
    fixed: Sequence[tuple[Parameter, float]] = ()
    start: FloatArray | None = None
    model: int = 0


@dataclass(frozen=True, eq=False)
class FitOutcome:
    """What one fit has found.

    Attributes:
        value: minimum of the negative log-likelihood relative to the saturated model.
        theta: shape (P,), best-fit values.
        reason: why it failed; empty if it converged.
        floored: whether rates of bins without events were kept from becoming negative.
        highest: value of the highest minimum met from other starts; that of this one if there is no other.
    """

    value: float
    theta: FloatArray
    reason: str
    floored: bool
    highest: float


@cache
def fit_function(use_numba: bool) -> Callable[..., None]:
    """Return the kernel's entry point, compiled or interpreted."""
    functions = compiled_functions if use_numba else interpreted_functions
    return functions((fit_kernel,))["enter_fits"]


def solve(models: Sequence[FitModel], problems: Sequence[FitProblem], *, threads: int = 1) -> list[FitOutcome]:
    """Solve fits; the result does not depend on the number of threads.

    Args:
        models: the likelihoods that the problems refer to.
        problems: the fits.
        threads: fits at a time; without numba always one.
    """
    if not problems:
        return []
    packed, numbers = pack_models([model.arrays for model in models]), _pack(models, problems)
    function, use_numba = fit_function(models[0].use_numba), models[0].use_numba
    if use_numba and threads > 1:
        _in_threads(function, packed, numbers, threads)
    elif use_numba:
        function(packed, 0, len(problems), numbers)
    else:
        with np.errstate(all="ignore"):
            function(packed, 0, len(problems), numbers)
    return [_outcome(models[problem.model], numbers, index) for index, problem in enumerate(problems)]


def _in_threads(function: Callable[..., None], packed: PackedModels, numbers: PackedProblems, threads: int) -> None:
    # more pieces than threads: problems differ in length
    edges = np.unique(np.linspace(0, numbers.model.size, 8 * threads + 1).astype(np.int64))

    def work(piece: int) -> None:
        # the bounds of held gammas are changed in the row of floats, so each piece has its own
        own = packed._replace(floats=packed.floats.copy())
        function(own, edges[piece], edges[piece + 1], numbers)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(edges.size - 1)))


def _pack(models: Sequence[FitModel], problems: Sequence[FitProblem]) -> PackedProblems:
    parameters = [models[problem.model].arrays.initial.size for problem in problems]
    starts = np.cumsum([0, *parameters])
    rows: list[FloatArray] = []
    places: dict[int, int] = {}
    data = np.zeros(len(problems), dtype=np.int64)
    end = 0
    for index, problem in enumerate(problems):
        # fits to the same data share them
        if id(problem.data) not in places:
            rows += problem.data
            places[id(problem.data)] = end
            end += sum(part.size for part in problem.data)
        data[index] = places[id(problem.data)]
    numbers = PackedProblems(
        model=np.array([problem.model for problem in problems], dtype=np.int64),
        data=data,
        start=starts[:-1].astype(np.int64),
        held_bin=np.full(len(problems), -1, dtype=np.int64),
        held_gamma=np.ones(len(problems)),
        datasets=np.concatenate(rows),
        held=np.concatenate([models[problem.model].arrays.held for problem in problems]),
        theta=np.concatenate([_start(models[problem.model], problem) for problem in problems]),
        value=np.zeros(len(problems)),
        status=np.zeros((len(problems), STATUS_ENTRIES), dtype=np.int64),
    )
    for index, problem in enumerate(problems):
        for parameter, value in problem.fixed:
            if parameter.bin >= 0:
                numbers.held_bin[index], numbers.held_gamma[index] = parameter.bin, value
            else:
                place = starts[index] + parameter.theta
                numbers.held[place], numbers.theta[place] = 1, value
    return numbers


def _start(model: FitModel, problem: FitProblem) -> FloatArray:
    return model.arrays.initial if problem.start is None else problem.start


def _outcome(model: FitModel, numbers: PackedProblems, index: int) -> FitOutcome:
    begin, status = numbers.start[index], numbers.status[index]
    theta = numbers.theta[begin : begin + model.arrays.initial.size]
    code, faulty = int(status[STATUS]), int(status[FAULTY_BIN])
    reason = ""
    if code != CONVERGED:
        reason = _REASONS[code].format(bin=model.compiled.bin_names[faulty] if faulty >= 0 else "a bin")
    value = float(numbers.value[index])
    return FitOutcome(value, theta, reason, bool(status[FLOORED]), value)

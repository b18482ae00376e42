"""Two versions of one source: the kernel functions compiled by numba, or run as Python with the NumPy likelihood.

Kernel functions are ordinary functions that call each other by name. They are rebuilt here in dependency order with
the compiled (or substituted) version of every function they call.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

from darkreach.likelihood import (
    bin_terms,
    expected_rates,
    interpolation,
    linear_solver,
    newton_fit,
    profiled_likelihood,
    rate_curvature,
    reference_likelihood,
)

LIKELIHOOD_MODULES = (
    interpolation,
    bin_terms,
    expected_rates,
    rate_curvature,
    profiled_likelihood,
    linear_solver,
    newton_fit,
)
"""Modules of the likelihood kernel, callees before callers."""

_NOT_IN_KERNEL = frozenset({"normalisation_polynomial", "observed_dataset"})


def kernel_functions(modules: Sequence[ModuleType]) -> list[FunctionType]:
    """Return the functions defined in modules, in the order in which they call each other."""
    own = [
        member
        for module in modules
        for _, member in inspect.getmembers(module, inspect.isfunction)
        if member.__module__ == module.__name__ and member.__name__ not in _NOT_IN_KERNEL
    ]
    pending = {function.__name__: function for function in sorted(own, key=lambda item: item.__name__)}
    ordered: list[FunctionType] = []
    while pending:
        ready = [
            function
            for name, function in pending.items()
            if not any(other in pending and other != name for other in function.__code__.co_names)
        ]
        ordered += ready
        for function in ready:
            del pending[function.__name__]
    return ordered


def assemble(
    modules: Sequence[ModuleType],
    wrap: Callable[[FunctionType], Callable[..., Any]],
    substitutes: Mapping[str, Callable[..., Any]],
) -> dict[str, Callable[..., Any]]:
    """Return every kernel function by name, rebuilt so that it calls the rebuilt versions of the others."""
    digest = source_digest(modules)
    built: dict[str, Callable[..., Any]] = dict(substitutes)
    for function in kernel_functions(modules):
        if function.__name__ in substitutes:
            continue
        copy = FunctionType(function.__code__, {**function.__globals__, **built}, function.__name__)
        copy.__module__ = function.__module__
        # numba looks only at a function's own file for changes; the digest makes it see those of its callees
        copy.__qualname__ = f"{function.__name__}_{digest}"
        built[function.__name__] = wrap(copy)
    return built


def source_digest(modules: Sequence[ModuleType]) -> str:
    """Return a short digest of the source of modules."""
    joined = hashlib.sha256()
    for module in modules:
        joined.update(inspect.getsource(module).encode())
    return joined.hexdigest()[:12]


def compiled_functions(modules: Sequence[ModuleType]) -> dict[str, Callable[..., Any]]:
    """Return the kernel compiled by numba: cached on disk, without the global lock, IEEE division."""
    from numba import njit

    return assemble(modules, njit(cache=True, nogil=True, error_model="numpy"), {})


def interpreted_functions(modules: Sequence[ModuleType]) -> dict[str, Callable[..., Any]]:
    """Return the kernel as Python, with the likelihood evaluated by NumPy; numba is not needed."""
    return assemble(modules, lambda function: function, {"evaluate": reference_likelihood.evaluate})

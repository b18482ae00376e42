"""Two versions of one source: the kernel functions compiled by numba, or run as Python with the NumPy likelihood.

Kernel functions are ordinary functions that call each other by name. They are rebuilt here in dependency order with
the compiled (or substituted) version of every function they call. The likelihood is compiled once; limits, toys and
fits are layers on top of it. Functions whose name begins with ``enter_`` can be called from Python.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any

from darkreach.likelihood import (
    bin_terms,
    expected_rates,
    interpolation,
    linear_solver,
    lowest_minimum,
    model_arrays,
    newton_fit,
    packed_models,
    profiled_likelihood,
    rate_curvature,
    reference_likelihood,
)

LIKELIHOOD_MODULES = (
    model_arrays,
    packed_models,
    interpolation,
    bin_terms,
    expected_rates,
    rate_curvature,
    profiled_likelihood,
    linear_solver,
    newton_fit,
    lowest_minimum,
)
"""Modules of the likelihood kernel, callees before callers."""

_NOT_IN_KERNEL = frozenset(
    {
        "observed_dataset",
        "make_model",
        "make_scratch",
        "pack_models",
        "float_row",
        "integer_row",
        "float_positions",
        "_starts",
    }
)


# a function without wrappers for Python and C compiles faster
_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
)


def _compiled(function: FunctionType, **options: Any) -> Callable[..., Any]:
    from numba import njit

    # the published signature of njit leaves these options out
    compile_: Callable[..., Callable[[FunctionType], Callable[..., Any]]] = njit
    return compile_(**_OPTIONS, **options)(function)


_HEAVY = frozenset({"evaluate", "minimise", "lowest_minimum"})


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
    digest: str,
) -> dict[str, Callable[..., Any]]:
    """Return every kernel function by name, rebuilt so that it calls the rebuilt versions of the others."""
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


def called_once(modules: Sequence[ModuleType]) -> frozenset[str]:
    """Return the functions of modules that evaluate the likelihood and are called from exactly one place."""
    names: set[str] = set()
    for function in kernel_functions(modules):
        if names.union(_HEAVY).intersection(function.__code__.co_names):
            names.add(function.__name__)
    calls = Counter(
        node.func.id
        for module in modules
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    return frozenset(name for name in names if calls[name] == 1)


def _wrapper(modules: Sequence[ModuleType]) -> Callable[[FunctionType], Callable[..., Any]]:
    once = called_once(modules)

    def wrap(function: FunctionType) -> Callable[..., Any]:
        entry = function.__name__.startswith("enter_")
        inline = "always" if function.__name__ in once and not entry else "never"
        return _compiled(function, no_cpython_wrapper=not entry, inline=inline)

    return wrap


@cache
def compiled_likelihood() -> dict[str, Callable[..., Any]]:
    """Return the likelihood and its fits compiled by numba: cached on disk, without the global lock, IEEE division."""
    from darkreach.likelihood import numba_structures

    structures: dict[str, Callable[..., Any]] = {
        "make_model": numba_structures.model_structure,
        "make_scratch": numba_structures.scratch_structure,
        "float_view": numba_structures.float_view,
        "integer_view": numba_structures.integer_view,
    }
    wrap = _wrapper(LIKELIHOOD_MODULES)
    return assemble(LIKELIHOOD_MODULES, wrap, structures, source_digest(LIKELIHOOD_MODULES))


def compiled_functions(modules: Sequence[ModuleType]) -> dict[str, Callable[..., Any]]:
    """Return a layer of kernel functions compiled on top of the likelihood.

    Functions called from one place only become part of their caller: each function that is compiled by itself carries
    the machine code of all it calls, and costs its time again.
    """
    return assemble(modules, _wrapper(modules), compiled_likelihood(), source_digest((*LIKELIHOOD_MODULES, *modules)))


def interpreted_functions(modules: Sequence[ModuleType]) -> dict[str, Callable[..., Any]]:
    """Return a layer of kernel functions as Python, with the likelihood evaluated by NumPy; numba is not needed."""
    substitutes = {"evaluate": reference_likelihood.evaluate}
    return assemble((*LIKELIHOOD_MODULES, *modules), lambda function: function, substitutes, "")

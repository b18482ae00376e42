"""The known limit engines, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from darkreach.errors import LimitError, unknown_name

if TYPE_CHECKING:
    from darkreach.limits.engine import LimitEngine

EngineName = Literal["auto", "pyhf", "compiled"]
MethodName = Literal["auto", "asymptotic", "toys", "exact"]
METHOD_NAMES: tuple[MethodName, ...] = ("auto", "asymptotic", "toys", "exact")
"""What ``limit_engine`` knows."""
DEFAULT_TOYS, MINIMUM_TOYS, DEFAULT_SEED = 20_000, 500, 1


def make_engine(name: EngineName | str) -> LimitEngine:
    """Return a limit engine: ``pyhf``, ``compiled``, or ``auto``, which is compiled where it can be imported.

    Raises:
        UnknownNameError: no engine of that name.
        ImportError: ``compiled`` was asked for and numba is missing.

    Example:
        >>> make_engine("pyhf").name
        'pyhf'
    """
    if name not in _ENGINES:
        raise unknown_name("engine", name, _ENGINES)
    return _ENGINES[name]()


def limit_engine(
    name: EngineName | str = "auto",
    *,
    method: MethodName | str = "asymptotic",
    toys: int = DEFAULT_TOYS,
    seed: int = DEFAULT_SEED,
) -> LimitEngine:
    """Return an engine for a method: ``asymptotic``, ``toys``, ``exact``, or ``auto``, which chooses per hypothesis.

    Args:
        name: ``compiled``, ``pyhf``, or ``auto``, which is compiled where it can be imported.
        method: pyhf's fits give asymptotic limits only; ``auto`` is asymptotic there.
        toys: largest number of toys thrown from one hypothesis (background alone, or signal plus background at one
            signal strength); fewer are thrown if limits are precise to one per cent before.
        seed: root seed of the toys.

    Raises:
        UnknownNameError: no engine or method of that name.
        LimitError: the engine does not know the method, or the number of toys or the seed is not positive.
        ImportError: ``compiled`` was asked for and numba is missing.

    Example:
        >>> limit_engine("pyhf", method="auto").name
        'pyhf'
    """
    if method not in METHOD_NAMES:
        raise unknown_name("method", method, METHOD_NAMES)
    if toys < MINIMUM_TOYS:
        raise LimitError("too few toys", allowed=f"{MINIMUM_TOYS} or more", given=str(toys))
    if seed < 0:
        raise LimitError("a seed is negative", allowed="0 or more", given=str(seed))
    engine = make_engine(name)
    if method == "asymptotic" or (method == "auto" and engine.name != "compiled"):
        return engine
    return _with_method(engine, method, toys, seed)


def _with_method(engine: LimitEngine, method: str, toys: int, seed: int) -> LimitEngine:
    from darkreach.limits.compiled_engine import CompiledEngine
    from darkreach.limits.method_engine import MethodEngine
    from darkreach.limits.toy_limits import ToySettings

    if not isinstance(engine, CompiledEngine):
        raise LimitError(
            f"the engine {engine.name} has no method {method}",
            allowed="asymptotic, auto",
            given=method,
            next_step="choose the engine 'compiled'",
        )
    return MethodEngine(cast("MethodName", method), ToySettings(toys=toys, seed=seed), engine)


def _pyhf() -> LimitEngine:
    from darkreach.limits.pyhf_engine import PyhfEngine

    return PyhfEngine()


def _compiled() -> LimitEngine:
    from darkreach.limits.compiled_engine import CompiledEngine

    return CompiledEngine()


def _auto() -> LimitEngine:
    try:
        return _compiled()
    except ImportError:
        return _pyhf()


_ENGINES: Mapping[str, Callable[[], LimitEngine]] = MappingProxyType(
    {"auto": _auto, "pyhf": _pyhf, "compiled": _compiled}
)

ENGINE_NAMES = tuple(_ENGINES)
"""What ``make_engine`` knows."""

"""The known limit engines, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from darkreach.errors import unknown_name

if TYPE_CHECKING:
    from darkreach.limits.engine import LimitEngine

EngineName = Literal["auto", "pyhf", "compiled"]


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

"""Groups of parameters whose uncertainties are quoted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from darkreach.errors import unknown_name
from darkreach.fits.fit_model import FitModel

CONSTRAINED = "all constrained"
"""Name of the group of everything that has a constraint term; what remains is statistical."""


def default_groups(model: FitModel) -> dict[str, tuple[str, ...]]:
    """Return one group per bin-wise modifier with more than one parameter, and that of all constrained parameters."""
    by_modifier: dict[str, list[str]] = {}
    for parameter in model.parameters:
        if parameter.name.endswith("]") and parameter.constraint != "fixed":
            by_modifier.setdefault(parameter.name.rpartition("[")[0], []).append(parameter.name)
    groups = {name: tuple(members) for name, members in by_modifier.items() if len(members) > 1}
    constrained = tuple(p.name for p in model.parameters if p.constraint in ("normal", "poisson"))
    return groups | ({CONSTRAINED: constrained} if constrained else {})


def group_members(model: FitModel, groups: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return groups with their patterns replaced by parameter names; ``*`` and ``?`` stand for any characters.

    Raises:
        UnknownNameError: a pattern matches no parameter.
    """
    names = [parameter.name for parameter in model.parameters if parameter.name != model.poi]
    chosen = {}
    for group, patterns in groups.items():
        members: dict[str, None] = {}
        for pattern in patterns:
            # brackets of bin indices are no character classes
            matching = [name for name in names if fnmatchcase(name, pattern.replace("[", "[[]")) or name == pattern]
            if not matching:
                raise unknown_name("parameter", pattern, names, where=f"group {group}")
            members |= dict.fromkeys(matching)
        chosen[group] = tuple(members)
    return chosen

"""What a workspace needs to become a limit: a parameter of interest that can float, and settings that can start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from darkreach.errors import WorkspaceError, closest_name

SETTINGS = "$.measurements[0].config"


def check_parameter_of_interest(workspace: Mapping[str, Any], where: str) -> str:
    """Return the parameter of interest of the first measurement, the one pyhf takes by default.

    Args:
        workspace: checked against the schema.
        where: file or patch, for the message.

    Raises:
        WorkspaceError: no parameter of interest is named, no normfactor has its name, or it is fixed; a setting of a
            parameter contradicts another; a factor of a normsys is not positive, an uncertainty negative.
    """
    kinds = _kinds(workspace, where)
    config = workspace["measurements"][0]["config"]
    name = str(config["poi"])
    _check_name(name, kinds, where)
    for index, settings in enumerate(config["parameters"]):
        if settings["name"] in kinds:
            _check_settings(settings, f"{where}: {SETTINGS}.parameters[{index}]")
        if settings["name"] == name:
            _check_can_float(settings, f"{where}: {SETTINGS}.parameters[{index}]")
    return name


def _kinds(workspace: Mapping[str, Any], where: str) -> dict[str, set[str]]:
    """Return the types of modifiers by name; refuse numbers without meaning on the way."""
    kinds: dict[str, set[str]] = {}
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                kinds.setdefault(modifier["name"], set()).add(modifier["type"])
                place = f"{where}: channel '{channel['name']}', sample '{sample['name']}'"
                if modifier["type"] == "normsys":
                    _check_factors(modifier, place)
                elif modifier["type"] in ("staterror", "shapesys"):
                    _check_uncertainties(modifier, sample["data"], place)
    return kinds


def _check_factors(modifier: Mapping[str, Any], where: str) -> None:
    high, low = modifier["data"]["hi"], modifier["data"]["lo"]
    if not (high > 0.0 and low > 0.0):
        # the interpolation takes logarithms of both: in pyhf every expected rate becomes NaN
        raise WorkspaceError(
            f"normsys '{modifier['name']}' has a factor that is not positive",
            where=where,
            allowed="hi > 0 and lo > 0",
            given=f"hi = {high}, lo = {low}",
            next_step="use a histosys for variations of 100 % or more",
        )


def _check_uncertainties(modifier: Mapping[str, Any], rates: Sequence[float], where: str) -> None:
    if min(modifier["data"]) >= 0.0:
        return
    for index, (uncertainty, rate) in enumerate(zip(modifier["data"], rates, strict=True)):
        # pyhf squares a negative staterror and fixes a negative shapesys; where the rate is negative too, a relative
        # uncertainty was multiplied by it, and pyhf fixes the bin in any case
        if uncertainty < 0.0 and (rate > 0.0 or modifier["type"] == "staterror"):
            raise WorkspaceError(
                f"{modifier['type']} '{modifier['name']}' has a negative uncertainty",
                where=f"{where}, bin {index}",
                allowed="at least 0",
                given=str(uncertainty),
                next_step="write its absolute value, or 0 in a bin without uncertainty",
            )


def _check_name(name: str, kinds: Mapping[str, set[str]], where: str) -> None:
    free = {known for known, types in kinds.items() if "normfactor" in types}
    if name in free:
        return
    allowed = ", ".join(sorted(free)) or "no free normalisation exists in this workspace"
    place = f"{where}: {SETTINGS}.poi"
    if not name:
        raise WorkspaceError(
            "the measurement names no parameter of interest",
            where=place,
            allowed=allowed,
            next_step="name the normfactor of the signal",
        )
    if name in kinds:
        raise WorkspaceError(
            f"the parameter of interest '{name}' is not one free number",
            where=place,
            allowed=allowed,
            given=f"{name}: {', '.join(sorted(kinds[name]))}",
            next_step="name the normfactor of the signal",
        )
    match = closest_name(name, free)
    raise WorkspaceError(
        f"no modifier is called '{name}', the parameter of interest",
        where=place,
        allowed=allowed,
        given=name,
        next_step=f"did you mean '{match}'?" if match else "apply a patch that adds the signal (--patchset)",
    )


def _check_settings(settings: Mapping[str, Any], where: str) -> None:
    name = settings["name"]
    inits, bounds = settings.get("inits"), settings.get("bounds")
    for index, pair in enumerate(bounds or ()):
        place = f"{where}.bounds[{index}]"
        if len(pair) != 2:
            raise WorkspaceError(
                f"the bounds of parameter '{name}' are no pair",
                where=place,
                allowed="[lower, upper]",
                given=str(pair),
                next_step="give a lower and an upper bound",
            )
        # a fixed parameter needs no room
        if not (pair[0] < pair[1] or (settings.get("fixed") and pair[0] == pair[1])):
            raise WorkspaceError(
                f"the bounds of parameter '{name}' contradict each other",
                where=place,
                allowed="lower < upper",
                given=str(pair),
                next_step="exchange them, or fix the parameter",
            )
    if inits and bounds and len(inits) == len(bounds):
        _check_inside(name, inits, bounds, where)


def _check_inside(name: str, inits: Sequence[float], bounds: Sequence[Sequence[float]], where: str) -> None:
    for index, (initial, (low, high)) in enumerate(zip(inits, bounds, strict=True)):
        if not low <= initial <= high:
            raise WorkspaceError(
                f"parameter '{name}' starts outside its bounds",
                where=f"{where}.inits[{index}]",
                allowed=f"[{low}, {high}]",
                given=str(initial),
                next_step="change its inits or its bounds",
            )


def _check_can_float(settings: Mapping[str, Any], where: str) -> None:
    if settings.get("fixed"):
        raise WorkspaceError(
            f"the parameter of interest '{settings['name']}' is fixed",
            where=f"{where}.fixed",
            given="true",
            next_step="remove `fixed` from its settings",
        )
    highest = max((pair[1] for pair in settings.get("bounds") or ()), default=math.inf)
    if highest <= 0.0:
        raise WorkspaceError(
            f"the parameter of interest '{settings['name']}' cannot be positive",
            where=f"{where}.bounds",
            given=str(settings["bounds"]),
            next_step="give it an upper bound above zero",
        )

"""What a workspace must satisfy beyond its schema, so that no engine fails on it later with a riddle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from darkreach.errors import WorkspaceError, closest_name
from darkreach.sharing.schema_errors import check_schema


def check_workspace(content: Any, where: str) -> None:
    """Check the schema and the consistency of a pyhf 1.0.0 workspace, with or without a signal.

    Args:
        content: JSON-like data.
        where: file or patch, for the message.

    Raises:
        WorkspaceError: schema violation, repeated name, lengths that differ, missing or negative observation,
            or a luminosity modifier without auxiliary data.
    """
    check_schema(content, "workspace.json", where)
    _check_unique([channel["name"] for channel in content["channels"]], f"{where}: $.channels", "channel")
    _check_unique([item["name"] for item in content["observations"]], f"{where}: $.observations", "observation")
    observations = {item["name"]: item["data"] for item in content["observations"]}
    for index, channel in enumerate(content["channels"]):
        place = f"{where}: $.channels[{index}]"
        bins = len(channel["samples"][0]["data"])
        _check_observation(channel["name"], observations, bins, place)
        _check_unique([sample["name"] for sample in channel["samples"]], f"{place}.samples", "sample")
        for number, sample in enumerate(channel["samples"]):
            _check_sample(sample, bins, f"{place}.samples[{number}]")
    _check_measurements(content, where)


def check_parameter_of_interest(workspace: Mapping[str, Any], where: str) -> str:
    """Return the parameter of interest of the first measurement, the one pyhf takes by default.

    Raises:
        WorkspaceError: no parameter of interest is named, or no modifier of the workspace has its name.
    """
    name = str(workspace["measurements"][0]["config"]["poi"])
    free = {item["name"] for _, _, item in _modifiers(workspace) if item["type"] == "normfactor"}
    constrained = {item["name"] for _, _, item in _modifiers(workspace)} - free
    if name in free:
        return name
    allowed = ", ".join(sorted(free)) or "no free normalisation exists in this workspace"
    place = f"{where}: $.measurements[0].config.poi"
    if not name:
        raise WorkspaceError("the measurement names no parameter of interest", where=place, allowed=allowed)
    if name in constrained:
        raise WorkspaceError(
            f"the parameter of interest '{name}' is a constrained parameter", where=place, allowed=allowed, given=name
        )
    match = closest_name(name, free)
    raise WorkspaceError(
        f"no modifier is called '{name}', the parameter of interest",
        where=place,
        allowed=allowed,
        given=name,
        next_step=f"did you mean '{match}'?" if match else "apply a patch that adds the signal (--patchset)",
    )


def _modifiers(workspace: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for channel in workspace["channels"]:
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                yield channel["name"], sample["name"], modifier


def _check_unique(names: Sequence[str], where: str, kind: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise WorkspaceError(f"{kind} '{name}' stands twice", where=where, next_step="give each its own name")


def _check_observation(channel: str, observations: Mapping[str, Sequence[float]], bins: int, where: str) -> None:
    if channel not in observations:
        raise WorkspaceError(
            f"channel '{channel}' has no observation",
            where=where,
            allowed=", ".join(observations),
            next_step="add its data to $.observations",
        )
    data = observations[channel]
    _check_length(data, bins, f"the observation of channel '{channel}'", where)
    for index, count in enumerate(data):
        if count < 0:
            raise WorkspaceError(
                f"the observation of channel '{channel}' is negative", where=f"{where}, bin {index}", given=str(count)
            )


def _check_sample(sample: Mapping[str, Any], bins: int, where: str) -> None:
    _check_length(sample["data"], bins, f"sample '{sample['name']}'", where)
    for index, modifier in enumerate(sample["modifiers"]):
        place = f"{where}.modifiers[{index}]"
        label = f"{modifier['type']} '{modifier['name']}'"
        if modifier["type"] == "histosys":
            _check_length(modifier["data"]["hi_data"], bins, f"hi_data of {label}", place)
            _check_length(modifier["data"]["lo_data"], bins, f"lo_data of {label}", place)
        elif modifier["type"] in ("staterror", "shapesys"):
            _check_length(modifier["data"], bins, label, place)


def _check_length(values: Sequence[float], bins: int, what: str, where: str) -> None:
    if len(values) != bins:
        raise WorkspaceError(
            f"{what} has another number of bins than its channel",
            where=where,
            allowed=f"{bins} bins, as the first sample of the channel",
            given=f"{len(values)} bins",
        )


def _check_measurements(content: Mapping[str, Any], where: str) -> None:
    needs_luminosity = any(modifier["type"] == "lumi" for _, _, modifier in _modifiers(content))
    for index, measurement in enumerate(content["measurements"]):
        place = f"{where}: $.measurements[{index}].config.parameters"
        parameters = measurement["config"]["parameters"]
        _check_unique([item["name"] for item in parameters], place, "parameter")
        luminosity: Mapping[str, Any] = next((item for item in parameters if item["name"] == "lumi"), {})
        missing = [key for key in ("auxdata", "sigmas", "inits", "bounds") if key not in luminosity]
        if needs_luminosity and missing:
            raise WorkspaceError(
                f"the luminosity parameter 'lumi' has no {', no '.join(missing)}",
                where=place,
                allowed='{"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "inits": [1.0], "bounds": [[0.9, 1.1]]}',
                next_step="add its constraint to the measurement; HistFactory has no default for it",
            )

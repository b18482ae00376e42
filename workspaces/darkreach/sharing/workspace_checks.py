"""What a workspace must satisfy beyond its schema, so that no engine fails on it later with a riddle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from darkreach.errors import WorkspaceError
from darkreach.sharing.schema_errors import check_schema


class CheckedSamples:
    """Samples that have passed all checks, so that the hypotheses that share them need not repeat these.

    They must not be changed as long as this object is in use.
    """

    def __init__(self) -> None:
        self._bins: dict[int, int] = {}
        # keeps them alive: the id of a deleted object may be given again
        self._samples: list[Any] = []

    def __contains__(self, identity: object) -> bool:
        return identity in self._bins

    def bins(self, sample: Mapping[str, Any]) -> int | None:
        """Return the number of bins with which a sample was found consistent."""
        return self._bins.get(id(sample))

    def add(self, sample: Mapping[str, Any], bins: int) -> None:
        """Remember a sample."""
        self._bins[id(sample)] = bins
        self._samples.append(sample)


def check_workspace(content: Any, where: str, checked: CheckedSamples | None = None) -> None:
    """Check the schema and the consistency of a pyhf 1.0.0 workspace, with or without a signal.

    Args:
        content: JSON-like data.
        where: file or patch, for the message.
        checked: samples already checked in other workspaces; the samples of this one are added.

    Raises:
        WorkspaceError: schema violation, repeated name, lengths that differ, missing or negative observation,
            or a luminosity modifier without auxiliary data.
    """
    checked = CheckedSamples() if checked is None else checked
    check_schema(content, "workspace", where, checked)
    _check_unique([channel["name"] for channel in content["channels"]], f"{where}: $.channels", "channel")
    _check_unique([item["name"] for item in content["observations"]], f"{where}: $.observations", "observation")
    observations = {item["name"]: item["data"] for item in content["observations"]}
    for index, channel in enumerate(content["channels"]):
        place = f"{where}: $.channels[{index}]"
        bins = len(channel["samples"][0]["data"])
        _check_observation(channel["name"], observations, bins, place)
        _check_unique([sample["name"] for sample in channel["samples"]], f"{place}.samples", "sample")
        for number, sample in enumerate(channel["samples"]):
            if checked.bins(sample) != bins:
                _check_sample(sample, bins, f"{place}.samples[{number}]")
                checked.add(sample, bins)
    _check_measurements(content, where)


def _uses_luminosity(workspace: Mapping[str, Any]) -> bool:
    return any(
        modifier["type"] == "lumi"
        for channel in workspace["channels"]
        for sample in channel["samples"]
        for modifier in sample["modifiers"]
    )


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
                f"the observation of channel '{channel}' is negative",
                where=f"{where}, bin {index}",
                allowed="counts, at least 0",
                given=str(count),
                next_step="correct the data in $.observations",
            )


def _check_sample(sample: Mapping[str, Any], bins: int, where: str) -> None:
    _check_length(sample["data"], bins, f"sample '{sample['name']}'", where)
    keys = [(modifier["type"], modifier["name"]) for modifier in sample["modifiers"]]
    if len(set(keys)) != len(keys):
        kind, name = next(key for key in keys if keys.count(key) > 1)
        raise WorkspaceError(
            f"{kind} '{name}' stands twice in one sample",
            where=f"{where}.modifiers",
            next_step="keep one of the two; pyhf takes the last and ignores the other without a word",
        )
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
            next_step="give one number for each bin",
        )


def _check_measurements(content: Mapping[str, Any], where: str) -> None:
    needs_luminosity = _uses_luminosity(content)
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

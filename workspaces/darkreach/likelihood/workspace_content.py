"""Reading a pyhf workspace: channels, samples, observations and the measurement, checked for what arrays need."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkreach.errors import WorkspaceError

MODIFIER_TYPES = ("histosys", "lumi", "normfactor", "normsys", "shapefactor", "shapesys", "staterror")


@dataclass(frozen=True)
class Block:
    """One sample in one channel.

    Attributes:
        channel: name of the channel.
        sample: name of the sample.
        first_bin: its first bin among all bins.
        rates: nominal rates.
        modifiers: by (type, name).
        path: JSON path, for messages.
    """

    channel: str
    sample: str
    first_bin: int
    rates: tuple[float, ...]
    modifiers: Mapping[tuple[str, str], Mapping[str, Any]]
    path: str


@dataclass(frozen=True)
class WorkspaceContent:
    """A workspace in pyhf's order: channels and samples by name.

    Attributes:
        blocks: samples of all channels.
        bin_names: ``channel[index]`` of every bin.
        counts: observed events of every bin.
        measurement: name of the measurement.
        poi: name of the parameter of interest.
        parameters: configuration of parameters by name, with the JSON path of each.
    """

    blocks: tuple[Block, ...]
    bin_names: tuple[str, ...]
    counts: tuple[float, ...]
    measurement: str
    poi: str
    parameters: Mapping[str, tuple[Mapping[str, Any], str]]


def read_content(workspace: Mapping[str, Any], measurement: str | None) -> WorkspaceContent:
    """Return the content of a workspace for one of its measurements.

    Args:
        workspace: pyhf 1.0.0 workspace.
        measurement: name; None for the first one.

    Raises:
        WorkspaceError: something is missing, double, of the wrong length or not a finite number.
    """
    try:
        return _read(workspace, measurement)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise WorkspaceError(
            "the workspace does not follow the pyhf 1.0.0 schema",
            given=f"{type(error).__name__}: {error}",
            next_step="check it with `pyhf inspect FILE`",
        ) from error


def _read(workspace: Mapping[str, Any], measurement: str | None) -> WorkspaceContent:
    channels = {channel["name"]: (index, channel) for index, channel in enumerate(workspace["channels"])}
    _refuse_doubles([channel["name"] for channel in workspace["channels"]], "channel", "/channels")
    observations = {entry["name"]: (index, entry["data"]) for index, entry in enumerate(workspace["observations"])}
    blocks: list[Block] = []
    names: list[str] = []
    counts: list[float] = []
    for name in sorted(channels):
        index, channel = channels[name]
        if name not in observations:
            raise WorkspaceError(f"channel '{name}' has no observation", where="/observations")
        position, data = observations[name]
        observed = _numbers(data, f"/observations/{position}/data", lowest=0.0)
        blocks += _channel_blocks(channel, f"/channels/{index}", len(names), len(observed))
        names += [f"{name}[{cell}]" for cell in range(len(observed))]
        counts += observed
    chosen, path = _measurement(workspace, measurement)
    entries = chosen["config"].get("parameters", [])
    _refuse_doubles([entry["name"] for entry in entries], "parameter", f"{path}/config/parameters")
    parameters = {entry["name"]: (entry, f"{path}/config/parameters/{index}") for index, entry in enumerate(entries)}
    return WorkspaceContent(
        tuple(blocks), tuple(names), tuple(counts), chosen["name"], chosen["config"].get("poi", ""), parameters
    )


def _channel_blocks(channel: Mapping[str, Any], path: str, first_bin: int, bins: int) -> list[Block]:
    _refuse_doubles([sample["name"] for sample in channel["samples"]], "sample", f"{path}/samples")
    blocks = []
    for index, sample in enumerate(channel["samples"]):
        where = f"{path}/samples/{index}"
        rates = _numbers(sample["data"], f"{where}/data", length=bins)
        keys = [(modifier["type"], modifier["name"]) for modifier in sample["modifiers"]]
        _refuse_doubles(keys, "modifier", f"{where}/modifiers")
        for position, (kind, name) in enumerate(keys):
            if kind not in MODIFIER_TYPES:
                raise WorkspaceError(
                    f"modifier '{name}' has an unknown type",
                    where=f"{where}/modifiers/{position}",
                    allowed=", ".join(MODIFIER_TYPES),
                    given=str(kind),
                )
        modifiers = {
            key: dict(modifier, path=f"{where}/modifiers/{position}")
            for position, (key, modifier) in enumerate(zip(keys, sample["modifiers"], strict=True))
        }
        blocks.append(Block(channel["name"], sample["name"], first_bin, tuple(rates), modifiers, where))
    return sorted(blocks, key=lambda block: block.sample)


def _measurement(workspace: Mapping[str, Any], name: str | None) -> tuple[Mapping[str, Any], str]:
    known = [entry["name"] for entry in workspace["measurements"]]
    if not known or (name is not None and name not in known):
        raise WorkspaceError(
            "the workspace has no such measurement", where="/measurements", allowed=", ".join(known), given=str(name)
        )
    index = 0 if name is None else known.index(name)
    return workspace["measurements"][index], f"/measurements/{index}"


def modifier_numbers(values: Any, bins: int, where: str, lowest: float = -math.inf) -> list[float]:
    """Return the per-bin numbers of a modifier.

    Raises:
        WorkspaceError: another number of bins, or a number that is not finite or below ``lowest``.
    """
    return _numbers(values, where, length=bins, lowest=lowest)


def _numbers(values: Sequence[Any], where: str, *, length: int | None = None, lowest: float = -math.inf) -> list[float]:
    if length is not None and len(values) != length:
        raise WorkspaceError(
            "the number of bins differs within a channel", where=where, allowed=str(length), given=str(len(values))
        )
    try:
        numbers = [float(value) for value in values]
    except ValueError as error:
        raise WorkspaceError("a bin content is not a number", where=where, given=str(error)) from error
    for index, number in enumerate(numbers):
        if not math.isfinite(number) or number < lowest:
            raise WorkspaceError(
                "a bin content is not usable",
                where=f"{where}/{index}",
                allowed="finite" if lowest == -math.inf else f"finite, at least {lowest:g}",
                given=str(number),
            )
    return numbers


def _refuse_doubles(names: Iterable[Any], what: str, where: str) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise WorkspaceError(f"{what} {name!r} appears twice", where=where, next_step="keep one of the two")
        seen.add(name)

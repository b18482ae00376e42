"""Reading a pyhf workspace: channels, samples, observations and the measurement, checked for what arrays need."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood.model_arrays import FloatArray
from darkreach.sharing.schema_errors import MODIFIER_TYPES


@dataclass(frozen=True)
class Block:
    """One sample in one channel.

    Attributes:
        channel: name of the channel.
        sample: name of the sample.
        first_bin: its first bin among all bins.
        rates: shape (bins of the channel,), nominal rates.
        modifiers: by (type, name), in the order of the workspace.
        channel_index, sample_index: where the workspace has it.
    """

    channel: str
    sample: str
    first_bin: int
    rates: FloatArray
    modifiers: Mapping[tuple[str, str], Mapping[str, Any]]
    channel_index: int
    sample_index: int

    @property
    def bins(self) -> slice:
        """Its bins among all bins."""
        return slice(self.first_bin, self.first_bin + self.rates.size)

    def where(self, key: tuple[str, str]) -> str:
        """Return the JSON path of one of its modifiers, for messages."""
        return f"{_sample_path(self.channel_index, self.sample_index)}/modifiers/{list(self.modifiers).index(key)}"


@dataclass(frozen=True)
class WorkspaceContent:
    """A workspace in pyhf's order: channels and samples by name.

    Attributes:
        blocks: samples of all channels.
        bin_names: ``channel[index]`` of every bin.
        counts: shape (bins,), observed events.
        measurement: name of the measurement.
        poi: name of the parameter of interest.
        parameters: configuration of parameters by name, with the JSON path of each.
    """

    blocks: tuple[Block, ...]
    bin_names: tuple[str, ...]
    counts: FloatArray
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
    channels = {channel["name"]: (index, channel) for index, channel in enumerate(workspace["channels"])}
    _refuse_doubles([channel["name"] for channel in workspace["channels"]], "channel", "/channels")
    observations = {entry["name"]: (index, entry["data"]) for index, entry in enumerate(workspace["observations"])}
    blocks: list[Block] = []
    names: list[str] = []
    counts: list[FloatArray] = []
    for name in sorted(channels):
        index, channel = channels[name]
        if name not in observations:
            raise WorkspaceError(f"channel '{name}' has no observation", where="/observations")
        position, data = observations[name]
        observed = bin_numbers(data, len(data), f"/observations/{position}/data", lowest=0.0)
        if not observed.size or not channel["samples"]:
            raise WorkspaceError(f"channel '{name}' has no bins or no samples", where=f"/channels/{index}")
        blocks += _channel_blocks(channel, index, len(names), observed.size)
        names += [f"{name}[{cell}]" for cell in range(observed.size)]
        counts.append(observed)
    if not counts:
        raise WorkspaceError("the workspace has no channels", where="/channels")
    chosen, path = _measurement(workspace, measurement)
    entries = chosen["config"].get("parameters", [])
    _refuse_doubles([entry["name"] for entry in entries], "parameter", f"{path}/config/parameters")
    parameters = {entry["name"]: (entry, f"{path}/config/parameters/{index}") for index, entry in enumerate(entries)}
    return WorkspaceContent(
        tuple(blocks),
        tuple(names),
        np.concatenate(counts),
        chosen["name"],
        chosen["config"].get("poi", ""),
        parameters,
    )


def _channel_blocks(channel: Mapping[str, Any], channel_index: int, first_bin: int, bins: int) -> list[Block]:
    _refuse_doubles([sample["name"] for sample in channel["samples"]], "sample", f"/channels/{channel_index}/samples")
    blocks = []
    for index, sample in enumerate(channel["samples"]):
        where = _sample_path(channel_index, index)
        rates = bin_numbers(sample["data"], bins, f"{where}/data")
        modifiers = {(modifier["type"], modifier["name"]): modifier for modifier in sample["modifiers"]}
        if len(modifiers) != len(sample["modifiers"]):
            keys = [(modifier["type"], modifier["name"]) for modifier in sample["modifiers"]]
            # pyhf keeps the last one and drops the others without a word
            _refuse_doubles(keys, "modifier", f"{where}/modifiers")
        for position, (kind, name) in enumerate(modifiers):
            if kind not in MODIFIER_TYPES:
                raise WorkspaceError(
                    f"modifier '{name}' has an unknown type",
                    where=f"{where}/modifiers/{position}",
                    allowed=", ".join(MODIFIER_TYPES),
                    given=str(kind),
                )
        blocks.append(Block(channel["name"], sample["name"], first_bin, rates, modifiers, channel_index, index))
    return sorted(blocks, key=lambda block: block.sample)


def _sample_path(channel: int, sample: int) -> str:
    return f"/channels/{channel}/samples/{sample}"


def _measurement(workspace: Mapping[str, Any], name: str | None) -> tuple[Mapping[str, Any], str]:
    known = [entry["name"] for entry in workspace["measurements"]]
    if not known or (name is not None and name not in known):
        raise WorkspaceError(
            "the workspace has no such measurement", where="/measurements", allowed=", ".join(known), given=str(name)
        )
    index = 0 if name is None else known.index(name)
    return workspace["measurements"][index], f"/measurements/{index}"


def bin_numbers(values: Sequence[float], bins: int, where: str, lowest: float = -math.inf) -> FloatArray:
    """Return per-bin numbers, one per bin, finite and at least ``lowest``.

    Raises:
        WorkspaceError: another number of bins, or a number that is not usable.
    """
    if len(values) != bins:
        raise WorkspaceError(
            "the number of bins differs within a channel", where=where, allowed=str(bins), given=str(len(values))
        )
    try:
        # one pass in C over what is nearly always right; the search for the culprit is below
        if math.isfinite(sum(values)) and (lowest == -math.inf or min(values) >= lowest):
            return np.array(values, dtype=np.float64)
    except (TypeError, OverflowError):
        pass
    numbers = []
    for index, value in enumerate(values):
        if isinstance(value, str) or not hasattr(value, "__float__"):
            raise WorkspaceError(
                "a bin content is not a number", where=f"{where}/{index}", allowed="a number", given=repr(value)
            )
        numbers.append(_float(value))
        if not math.isfinite(numbers[-1]) or numbers[-1] < lowest:
            raise WorkspaceError(
                "a bin content is not usable",
                where=f"{where}/{index}",
                allowed="finite" if lowest == -math.inf else f"finite, at least {lowest:g}",
                given=str(value),
            )
    return np.array(numbers, dtype=np.float64)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _refuse_doubles(names: Iterable[Any], what: str, where: str) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise WorkspaceError(f"{what} {name!r} appears twice", where=where, next_step="keep one of the two")
        seen.add(name)

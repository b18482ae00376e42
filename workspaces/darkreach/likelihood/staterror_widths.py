"""Staterror: relative widths of the gammas, from the sum of all samples that carry the modifier, as in pyhf."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from darkreach.errors import WorkspaceError
from darkreach.likelihood.model_arrays import FloatArray
from darkreach.likelihood.workspace_content import Block, WorkspaceContent, bin_numbers

STATERROR = "staterror"


class StaterrorChannel(NamedTuple):
    """One staterror in one channel.

    Attributes:
        name: of the modifier.
        blocks: numbers of the blocks that carry it, in order.
        variance: shape (bins,) each, squared uncertainties of those blocks.
    """

    name: str
    blocks: list[int]
    variance: list[FloatArray]


def staterror_channels(content: WorkspaceContent) -> list[StaterrorChannel]:
    """Return every staterror channel by channel; its samples must carry it in the same channels.

    Raises:
        WorkspaceError: an uncertainty is negative or not finite, or samples carry the modifier in different channels.
    """
    found: dict[tuple[str, str], StaterrorChannel] = {}
    reach: dict[str, dict[str, set[str]]] = {}
    for number, block in enumerate(content.blocks):
        for kind, name in block.modifiers:
            if kind == STATERROR:
                entry = found.setdefault((name, block.channel), StaterrorChannel(name, [], []))
                entry.blocks.append(number)
                entry.variance.append(_variance(block, name))
                reach.setdefault(name, {}).setdefault(block.sample, set()).add(block.channel)
    for name, samples in reach.items():
        channels = list(samples.values())
        if any(other != channels[0] for other in channels):
            raise WorkspaceError(
                f"staterror '{name}' acts on different channels for different samples",
                where=f"modifier {name}",
                given="; ".join(f"{sample}: {', '.join(sorted(used))}" for sample, used in sorted(samples.items())),
                next_step="use one name per channel",
            )
    return list(found.values())


def relative_widths(total: FloatArray, variance: FloatArray) -> FloatArray:
    """Return the relative uncertainty of summed samples, 0 where their sum is not positive.

    Example:
        >>> relative_widths(np.array([4.0, 0.0]), np.array([1.0, 1.0])).tolist()
        [0.25, 0.0]
    """
    positive = total > 0.0
    if positive.all():
        return np.asarray(np.sqrt(variance) / total)
    return np.where(positive, np.sqrt(variance) / np.where(positive, total, 1.0), 0.0)


def _variance(block: Block, name: str) -> FloatArray:
    key = (STATERROR, name)
    errors = bin_numbers(block.modifiers[key]["data"], block.rates.size, f"{block.where(key)}/data", 0.0)
    return np.square(errors)

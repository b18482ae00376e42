"""Numbers that are legal in a workspace and rarely meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def suspicious_content(workspace: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a reader of a limit should know about its workspace, a sentence each.

    Negative nominal rates are legal: simulation with negative weights makes them, and pyhf fits them. As long as the
    sum of all samples is positive in every bin the likelihood is defined; so they are used as they are, and said.

    Example:
        >>> sample = {"name": "background", "data": [1.0, -0.2], "modifiers": []}
        >>> suspicious_content({"channels": [{"name": "c", "samples": [sample]}]})
        ("negative rate in channel 'c': sample 'background', bin 1 (-0.2)",)
    """
    return tuple(
        f"negative rate in channel '{channel['name']}': sample '{sample['name']}', bin {index} ({rate:g})"
        for channel in workspace["channels"]
        for sample in channel["samples"]
        if min(sample["data"]) < 0.0
        for index, rate in enumerate(sample["data"])
        if rate < 0.0
    )

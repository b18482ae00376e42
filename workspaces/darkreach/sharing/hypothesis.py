"""One hypothesis to test: a complete pyhf workspace with its signal in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from darkreach.errors import DarkreachError


@dataclass(frozen=True)
class Hypothesis:
    """A named workspace that already contains the signal.

    Attributes:
        name: name of the patch, or of the file for a plain workspace.
        values: coordinates by label, e.g. {"mass_gev": 1.0, "ctau_cm": 0.0}; empty for a plain workspace.
        workspace: the pyhf 1.0.0 workspace as JSON-like data, the patch applied.
        meaning: what mu = 1 means, from the patch metadata (cross_section_fb, coupling, luminosity_inverse_fb, ...).
    """

    name: str
    values: Mapping[str, float | str]
    workspace: Mapping[str, Any]
    meaning: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BrokenHypothesis:
    """A hypothesis that cannot be tested; it keeps its place among the others.

    Attributes:
        name: name of the patch, or of the file for a plain workspace.
        values: coordinates by label, as far as they are known.
        error: what is wrong with it.
    """

    name: str
    values: Mapping[str, float | str]
    error: DarkreachError

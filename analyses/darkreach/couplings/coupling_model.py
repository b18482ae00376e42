"""What a model of a coupling must say: how much signal a coupling makes, in units of the one the limits are on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from darkreach.errors import LimitError

Array = NDArray[np.float64]
Meaning = Mapping[str, Any]
"""Metadata of a patch: what mu = 1 means there."""


class CouplingModel(Protocol):
    """A reading of limits on the signal strength; masses in GeV, lengths in cm."""

    def signal_strength(self, coupling: Array, mass: float, meaning: Meaning) -> Array:
        """Return the predicted signal (n,) of couplings (n,) in units of the signal at mu = 1.

        Raises:
            LimitError: the metadata lack what the model needs.
        """
        ...

    def proper_decay_length_cm(self, mass: float, coupling: ArrayLike) -> Array:
        """Return c tau in cm; 0 where the lifetime does not matter."""
        ...

    def full_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return the coupling of mu = 1 if no signal is lost to decays; intervals are searched for around it."""
        ...

    def settled_coupling(self, mass: float, meaning: Meaning) -> float:
        """Return a coupling above which the signal only rises, or is gone for good; 0 if that is so everywhere."""
        ...


class PlaneCouplingModel(Protocol):
    """A reading of limits over a plane of two masses, in which a stronger signal always means a larger coupling."""

    def coupling(self, strength: Array, meaning: Meaning) -> Array:
        """Return the couplings (n,) of signal strengths (n,).

        Raises:
            LimitError: the metadata lack what the model needs.
        """
        ...


def meaning_value(meaning: Meaning, key: str) -> Any:
    """Return an entry of the metadata of a hypothesis.

    Raises:
        LimitError: there is none.

    Example:
        >>> meaning_value({"coupling": 1e-3}, "coupling")
        0.001
    """
    if key not in meaning:
        raise LimitError(
            f"the metadata of the hypothesis has no '{key}'",
            where=f"meanings.{meaning.get('name', '?')}",
            given=", ".join(sorted(meaning)) or "nothing",
            next_step="build the workspace again, or add it to the metadata of the patch",
        )
    return meaning[key]


def reference_coupling(meaning: Meaning) -> float:
    """Return the coupling that mu = 1 stands for.

    Raises:
        LimitError: the metadata do not tell.
    """
    return float(meaning_value(meaning, "coupling"))

"""Parts of the uncertainty of a table, and the variations they become: one nuisance parameter, or one a direction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.corrections.contracts import Component, Nuisance
from darkreach.corrections.eigen_variations import eigen_variations
from darkreach.errors import InputFileError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class UncertaintyPart:
    """One named part of the uncertainty of the bins of a table.

    Attributes:
        name: part of the name of its nuisance parameters.
        component: statistical or systematic.
        up: sizes (bins,), one standard deviation upwards, >= 0.
        down: the same downwards.
        between_bins: ``full``: all bins move together; ``none``: every bin by itself; or a covariance (bins, bins).
        correlation: name of the nuisance parameter where it is shared with other corrections; only for ``full``.
    """

    name: str
    component: Component
    up: Floats
    down: Floats
    between_bins: Literal["full", "none"] | Floats
    correlation: str | None = None


@dataclass(frozen=True)
class TableVariation:
    """A nuisance parameter and the values of all bins (bins,) at +1 and -1 standard deviation."""

    nuisance: Nuisance
    up: Floats
    down: Floats


def table_variations(
    nominal: Floats, parts: Iterable[UncertaintyPart], correlation: str, fraction: float, where: str
) -> tuple[TableVariation, ...]:
    """Return the variations of a table (bins,): fully correlated parts as one, the others as eigen-variations.

    Independent bins and covariances use the larger of up and down, as basf2 does; fully correlated parts keep both.
    Nuisance parameters are named ``<correlation>_<part>``, with a number for eigen-variations.

    Raises:
        InputFileError: sizes below zero or not finite, wrong lengths, a covariance that is none, or a shared name
            for a part that is not fully correlated.
    """
    found = []
    for part in parts:
        _require_sizes(part, len(nominal), where)
        if isinstance(part.between_bins, str) and part.between_bins == "full":
            name = part.correlation or f"{correlation}_{part.name}"
            shifts = [(name, part.up, part.down)] if np.any(part.up) or np.any(part.down) else []
        else:
            if part.correlation:
                raise InputFileError(
                    f"the part '{part.name}' is not fully correlated between bins: it cannot share a nuisance",
                    where=where,
                    given=part.correlation,
                )
            shifts = _eigen_shifts(part, correlation, fraction, where)
        for name, up, down in shifts:
            nuisance = Nuisance(correlation=name, up=f"{name}_up", down=f"{name}_down", component=part.component)
            found.append(TableVariation(nuisance, nominal + up, nominal - down))
    return tuple(found)


def _eigen_shifts(part: UncertaintyPart, stem: str, fraction: float, where: str) -> list[tuple[str, Floats, Floats]]:
    between = part.between_bins
    covariance = np.diag(np.maximum(part.up, part.down) ** 2) if isinstance(between, str) else between
    shifts = eigen_variations(covariance, fraction, f"{where}: {part.name}").shifts
    return [(f"{stem}_{part.name}_{number}", shift, shift) for number, shift in enumerate(shifts)]


def _require_sizes(part: UncertaintyPart, bins: int, where: str) -> None:
    for side, sizes in (("up", part.up), ("down", part.down)):
        if sizes.shape != (bins,):
            raise InputFileError(
                f"the uncertainty '{part.name}' ({side}) does not have one value a bin",
                where=where,
                allowed=f"{bins} values",
                given=f"{sizes.size}",
            )
        bad = int(np.count_nonzero(~(np.isfinite(sizes) & (sizes >= 0.0))))
        if bad:
            raise InputFileError(
                f"the uncertainty '{part.name}' ({side}) is negative or not finite",
                where=where,
                allowed="sizes of one standard deviation, >= 0",
                given=f"{bad} of {bins} values",
            )
    if not isinstance(part.between_bins, str) and part.between_bins.shape != (bins, bins):
        raise InputFileError(
            f"the covariance of '{part.name}' does not fit the table",
            where=where,
            allowed=f"({bins}, {bins})",
            given=str(part.between_bins.shape),
        )

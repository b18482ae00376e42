"""Nuisance parameters fed by several corrections: what may share a name, and what may not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from darkreach.corrections.contracts import Nuisance
from darkreach.corrections.correction import Correction
from darkreach.errors import ConfigError


def require_meaningful_sharing(corrections: Iterable[Correction]) -> None:
    """Refuse names shared by mistake.

    A statistical uncertainty is that of one table: two corrections may share it only where they hold the same values
    (the same table for two particles of an event). A name is statistical or systematic, never both.

    Raises:
        ConfigError: two corrections share a name though one is statistical and the other systematic, or though both are
            statistical and of different tables.
    """
    first: dict[str, tuple[Correction, Nuisance]] = {}
    for correction in corrections:
        for nuisance in correction.description.nuisances:
            earlier, known = first.setdefault(nuisance.correlation, (correction, nuisance))
            if known.component != nuisance.component:
                raise _refused(nuisance, earlier, correction, f"{known.component} and {nuisance.component}")
            if nuisance.component == "statistical" and not _same_table(earlier, known, correction, nuisance):
                raise _refused(nuisance, earlier, correction, "statistical uncertainties of different tables")


def _same_table(one: Correction, own: Nuisance, other: Correction, others: Nuisance) -> bool:
    if one is other:
        return True
    pairs = [(own.up, others.up), (own.down, others.down)]
    values = [(one.table.values[left], other.table.values[right]) for left, right in pairs]
    return all(left is not None and right is not None and np.array_equal(left, right) for left, right in values)


def _refused(nuisance: Nuisance, one: Correction, other: Correction, given: str) -> ConfigError:
    return ConfigError(
        f"two corrections share the nuisance parameter '{nuisance.correlation}' that cannot be one",
        where=f"{one.description.name}, {other.description.name}",
        allowed="systematic parts, or statistical parts of the same table",
        given=given,
        next_step="give each its own `correlation`",
    )

"""Where an ntuple column comes from: what to add to the steering file so that it is written."""

from __future__ import annotations

from typing import Final

from darkreach.events.columns import (
    DECAY_TRUTH_COLUMNS,
    INDEX_COLUMNS,
    PHOTON_EVENT_COLUMNS,
    PHOTON_TRUTH_COLUMNS,
    Column,
)
from darkreach.events.event_variables import variable_of_event
from darkreach.events.list_columns import LIST_COLUMNS, trigger_column

_SIMULATION_ONLY: Final = frozenset(
    {"generatorWeight", "decayBetaGamma", *(column.name for column in DECAY_TRUTH_COLUMNS)}
)
_INDEX: Final = frozenset(column.name for column in INDEX_COLUMNS)

COLUMN_TABLE: Final[dict[str, Column]] = {
    column.name: column
    for column in (*INDEX_COLUMNS, *PHOTON_EVENT_COLUMNS, *PHOTON_TRUTH_COLUMNS, *DECAY_TRUTH_COLUMNS)
} | LIST_COLUMNS


def known_column(variable: str) -> Column | None:
    """Return what the column table says about a variable, by its unescaped name; None if it does not say anything.

    Example:
        >>> known_column("E").level, known_column("L1FTDL(ffo)").level, known_column("mRecoil")
        ('candidate', 'event', None)
    """
    return COLUMN_TABLE.get(variable) or variable_of_event(variable) or trigger_column(variable)


def is_of_event(variable: str) -> bool:
    """Return whether a variable is known to have one value an event."""
    column = known_column(variable)
    return column is not None and column.level == "event"


def how_to_add(variable: str) -> str:
    """Return what makes basf2 write a variable.

    Example:
        >>> how_to_add("nTracks")
        "add 'nTracks' to event_variables of variablesToEventBasedTree (reconstructed tracks in the event)"
    """
    if variable in _INDEX:
        return f"'{variable}' is written by the ntuple module itself: write the ntuple with a release that does"
    column = known_column(variable)
    if column is None:
        return f"add '{variable}' to the variables of the ntuple module"
    if variable in _SIMULATION_ONLY:
        return f"'{variable}' is no basf2 variable: only samples of 'darkreach simulate' have it ({column.meaning})"
    if column.name in LIST_COLUMNS or trigger_column(column.name):
        return f"'{variable}' has another name in basf2: say which in a column map ({column.meaning})"
    argument = "event_variables" if column.level == "event" else "variables"
    unit = f", {column.unit}" if column.unit else ""
    return f"add '{variable}' to {argument} of variablesToEventBasedTree ({column.meaning}{unit})"

"""Where an ntuple column comes from: what to add to the steering file so that it is written."""

from __future__ import annotations

from typing import Final

from darkreach.events.columns import INDEX_COLUMNS, PHOTON_EVENT_COLUMNS, PHOTON_TRUTH_COLUMNS, Column

_SIMULATION_ONLY: Final = frozenset({"generatorWeight", "decayBetaGamma"})
_INDEX: Final = frozenset(column.name for column in INDEX_COLUMNS)

COLUMN_TABLE: Final[dict[str, Column]] = {
    column.name: column for column in (*INDEX_COLUMNS, *PHOTON_EVENT_COLUMNS, *PHOTON_TRUTH_COLUMNS)
}


def how_to_add(variable: str) -> str:
    """Return what makes basf2 write a variable.

    Example:
        >>> how_to_add("nTracks")
        "add 'nTracks' to event_variables of variablesToEventBasedTree (reconstructed tracks in the event)"
    """
    if variable in _INDEX:
        return f"'{variable}' is written by the ntuple module itself: write the ntuple with a release that does"
    column = COLUMN_TABLE.get(variable)
    if column is None:
        return f"add '{variable}' to the variables of the ntuple module"
    if variable in _SIMULATION_ONLY:
        return f"'{variable}' is no basf2 variable: only samples of 'darkreach simulate' have it ({column.meaning})"
    argument = "event_variables" if column.level == "event" else "variables"
    unit = f", {column.unit}" if column.unit else ""
    return f"add '{variable}' to {argument} of variablesToEventBasedTree ({column.meaning}{unit})"

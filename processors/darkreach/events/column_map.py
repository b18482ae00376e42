"""Reading column maps, and checking their names against the column table."""

from __future__ import annotations

from pathlib import Path

from darkreach.configuration.column_map import ColumnMapConfig
from darkreach.configuration.document import read_config
from darkreach.configuration.locate import config_path
from darkreach.errors import ConfigError, closest_name
from darkreach.events.variable_source import COLUMN_TABLE, known_column


def read_column_map(name: str) -> ColumnMapConfig:
    """Return a shipped column map by name, or that of a YAML file.

    Raises:
        UnknownNameError: no shipped map of this name.
        ConfigError: the file is missing or wrong, or names a column that nobody knows.

    Example:
        >>> read_column_map("basf2_tracks").columns["track_p"]
        'p'
    """
    path = Path(name) if Path(name).suffix in (".yaml", ".yml") else config_path("columns", name)
    column_map = read_config(path, ColumnMapConfig)
    for column in column_map.columns:
        if known_column(column) is None:
            match = closest_name(column, COLUMN_TABLE)
            raise ConfigError(
                f"'{column}' is no known column",
                where=f"{path}: columns",
                given=column,
                next_step=(f"did you mean '{match}'? " if match else "")
                + "Columns of your own go into 'other_columns'",
            )
    twice = sorted(set(column_map.columns) & set(column_map.other_columns))
    if twice:
        raise ConfigError("a column stands twice", where=f"{path}: other_columns", given=", ".join(twice))
    return column_map


def variables_by_column(column_map: ColumnMapConfig) -> dict[str, str]:
    """Return the variable of every column, as ``open_events`` takes them."""
    return {**column_map.columns, **column_map.other_columns}

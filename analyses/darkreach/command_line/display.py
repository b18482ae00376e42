"""What people see on standard output: tables, lines, results as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from darkreach.provenance import write_json


def terminal() -> Console:
    """Return the console of standard output; wide enough for a limit table when piped."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a title and a table, numbers to the right, first column to the left."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        grid.add_column(column, justify="left" if index == 0 else "right", no_wrap=True)
    for row in rows:
        grid.add_row(*row)
    console = terminal()
    # apart from the table, whose width would wrap it
    console.print(title, style="italic", soft_wrap=True)
    console.print(grid)


def print_line(text: str) -> None:
    """Print one line, never wrapped: it may hold a path that is copied from the terminal."""
    terminal().print(text, soft_wrap=True, markup=False)


def write_result(target: Path | None, content: Any) -> None:
    """Write the machine-readable result of a command: to a file, to standard output for ``-``, or nowhere."""
    if target is None:
        return
    if str(target) == "-":
        sys.stdout.write(json.dumps(content, indent=1, allow_nan=False) + "\n")
    else:
        write_json(target, content)

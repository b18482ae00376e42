"""``darkreach recompact``: rewrite an ntuple of tiny blocks so that it is read fast; no value changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.options import JsonOption
from darkreach.events.recompact import recompact

NAME = "recompact"


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ntuple (ROOT or Parquet).")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="New file; never overwritten.")],
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="Object of a ROOT file, not a tree, that may be lost.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Rewrite an ntuple in blocks of 100000 rows and compare every bit before the new file gets its name."""
    done = recompact(file, out, leave_out=leave_out or ())
    before, after = done.before, done.after
    if str(json) != "-":
        print_line(
            f"{done.entries} entries: {before.blocks} {before.block}s of {before.entries_per_block:.0f} entries -> "
            f"{after.blocks} of {after.entries_per_block:.0f}; {done.bytes_before} -> {done.bytes_after} bytes; "
            f"all values compared -> {out}"
        )
    write_result(
        json,
        {
            "file": str(out),
            "entries": done.entries,
            "blocks": [before.blocks, after.blocks],
            "bytes": [done.bytes_before, done.bytes_after],
        },
    )

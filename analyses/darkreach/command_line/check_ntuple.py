"""``darkreach check-ntuple``: whether a search can run on ntuples, and what to add to the steering file if not."""

from __future__ import annotations

from typing import Annotated

import typer

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import ConfigOption, JsonOption, complete_search, settings_from_options
from darkreach.errors import InputFileError
from darkreach.events.location import location_of
from darkreach.events.ntuple_check import SAMPLED_ENTRIES, NtupleCheck, check_ntuple
from darkreach.events.shared_content import shared_content
from darkreach.searches import search_processor

NAME = "check-ntuple"
_EVERYTHING = 2**62


def command(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Ntuples (ROOT or Parquet), or URLs of them.")],
    search: Annotated[str, typer.Option("--search", help="Name of the search.", autocompletion=complete_search)],
    kind: Annotated[
        str, typer.Option("--kind", help="What the file is: data, pseudo_data, signal or background.")
    ] = "data",
    tree: Annotated[str | None, typer.Option("--tree", help="Name of the tree, if a ROOT file has several.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Read all values of a large file, not a sample.")] = False,
    config: ConfigOption = None,
    json: JsonOption = None,
) -> None:
    """Check whether a search can run on ntuples; exit code 1 if it cannot, with the variables to add."""
    settings = settings_from_options(search, config=config)
    needed = search_processor(settings.config, settings.detector).required_columns(kind)
    sampled = _EVERYTHING if everything else SAMPLED_ENTRIES
    checks = [check_ntuple(location_of(file), needed, tree=tree, sampled_entries=sampled) for file in files]
    between = shared_content([(check.path, check.keys) for check in checks])
    if str(json) != "-":
        for check in checks:
            _print_check(check)
        for finding in between:
            print_line(f"{finding.severity}: {finding.what}")
    write_result(
        json,
        {
            "search": search,
            "kind": kind,
            "runnable": all(check.runnable for check in checks) and not between,
            "files": [check.as_dict() for check in checks],
            "between_files": [finding.what for finding in between],
        },
    )
    _refuse([check for check in checks if not check.runnable], bool(between), search)


def _print_check(check: NtupleCheck) -> None:
    layout = check.layout
    seen = "all" if check.read_entries == check.entries else f"a sample of {check.read_entries}"
    print_line(f"{check.path}: {layout.kind}, {check.entries} entries, values of {seen} looked at")
    print_line(
        f"{layout.blocks} {layout.block}s of {layout.entries_per_block:.0f} entries, "
        f"{layout.bytes_per_block:.0f} bytes (median)"
    )
    rows = [
        [name, stored, f"{check.not_finite[name]:.3g}" if name in check.not_finite else "-"]
        for name, stored in check.present.items()
    ]
    print_table("present", ["variable", "stored as", "NaN or infinite"], rows)
    for name, advice in check.missing.items():
        print_line(f"missing: {name}: {advice}")
    if check.unexpected:
        print_line(f"not used by the search: {', '.join(check.unexpected)}")
    for finding in check.findings:
        print_line(f"{finding.severity}: {finding.what}")
    print_line("")


def _refuse(bad: list[NtupleCheck], between: bool, search: str) -> None:
    if not bad and not between:
        return
    missing = list(dict.fromkeys(name for check in bad for name in check.missing))
    faults = sum(finding.severity == "fault" for check in bad for finding in check.findings)
    given = [f"missing: {', '.join(missing)}"] if missing else []
    given += [f"{faults} faults inside files"] if faults else []
    given += ["the same events in two files"] if between else []
    raise InputFileError(
        f"search '{search}' cannot run on {'these files' if between or len(bad) > 1 else bad[0].path}",
        given="; ".join(given),
        next_step="add the variables named above and write the ntuple again"
        if missing
        else "see the faults named above",
    )

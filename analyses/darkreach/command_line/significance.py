"""``darkreach significance``: the largest excess of a scan, and what it is worth after the look-elsewhere effect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.limit_inputs import read_hypotheses
from darkreach.command_line.options import JsonOption
from darkreach.command_line.plane_excess import plane_excess, plane_excess_as_json, print_plane_excess
from darkreach.command_line.stage_display import stage_progress
from darkreach.couplings import PLANE_MASSES
from darkreach.errors import ConfigError
from darkreach.fits import GlobalSignificance, global_significance, joint_background
from darkreach.sharing import BrokenHypothesis, Hypothesis, read_workspace

NAME = "significance"
MAXIMUM_ROWS = 10
"""A terminal shows so many hypotheses, those with the largest excesses; the JSON result holds all."""


def command(
    workspaces: Annotated[
        list[Path],
        typer.Argument(help="pyhf workspaces (JSON), in the order of the scan; of a plane, the folder of its run."),
    ],
    patchset: Annotated[Path | None, typer.Option("--patchset", help="Patchset of the single workspace given.")] = None,
    hypothesis: Annotated[
        list[str] | None, typer.Option("--hypothesis", help="Only this patch of the patchset; repeat for more.")
    ] = None,
    measurement: Annotated[
        str | None, typer.Option("--measurement", help="Name of the measurement; the first one if not given.")
    ] = None,
    toys: Annotated[
        int, typer.Option("--toys", min=0, help="Background-only toys, each common to all hypotheses.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Root seed of the toys.")] = 0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Fits at a time.")] = 1,
    json: JsonOption = None,
) -> None:
    """Scan hypotheses for the largest excess; correct its p-value by upcrossings, and by toys if asked for.

    Channels of different names are taken to hold different events. The windows of a plane of two masses overlap: give
    the folder of its run, whose histograms tell how.
    """
    if workspaces[0].is_dir():
        _plane(workspaces, toys, seed, json)
        return
    tested = read_hypotheses(workspaces, patchset=patchset, names=hypothesis, measurement=measurement)
    for entry in tested:
        # a gap in the scan would hide upcrossings
        if isinstance(entry, BrokenHypothesis):
            raise entry.error
        if len(set(PLANE_MASSES) & entry.values.keys()) > 1:
            raise ConfigError(
                "windows in a plane overlap, which its workspaces do not tell",
                where=entry.name,
                next_step="give the folder of the run instead, and --toys",
            )
    # hypotheses of a patchset may share controls: toys are thrown from one fit of everything
    together = toys > 0 and patchset is not None and len(workspaces) == 1
    joint = joint_background(read_workspace(workspaces[0]), measurement) if together else None
    with stage_progress() as progress:
        found = global_significance(
            [entry for entry in tested if isinstance(entry, Hypothesis)],
            measurement=measurement,
            toys=toys,
            seed=seed,
            joint=joint,
            threads=threads,
            progress=lambda done, planned: progress("toys", done, planned),
        )
    if str(json) != "-":
        print_global(found)
    write_result(json, found.as_dict())


def _plane(folders: list[Path], toys: int, seed: int, json: JsonOption) -> None:
    if len(folders) != 1:
        raise ConfigError("one run at a time", where=str(folders[1]), allowed="the folder of one run")
    found = plane_excess(folders[0], toys=toys, seed=seed)
    if str(json) != "-":
        print_plane_excess(found)
    write_result(json, plane_excess_as_json(found))


def print_global(found: GlobalSignificance) -> None:
    """Print the largest local excesses and the global significance."""
    known = [(name, z) for name, z in zip(found.names, found.local_significance, strict=True) if z == z]
    largest = sorted(known, key=lambda entry: -entry[1])[:MAXIMUM_ROWS]
    rows = [[name, f"{z:.3f}"] for name, z in largest]
    print_table(f"Largest excesses of {len(found.names)} hypotheses", ["hypothesis", "local significance"], rows)
    upcrossings, corrected = found.upcrossings, found.by_upcrossings
    source = f"{upcrossings.scans} toys" if found.toys else "the observed scan"
    print_line(
        f"upcrossings: N(0) = {upcrossings.at_zero:.3g} ± {upcrossings.error:.2g}, "
        f"{upcrossings.counted} counted at q0 = {upcrossings.level:g} in {source}"
    )
    print_line(
        f"{found.best}: local p-value {found.local_p_value:.3g} ({found.significance:.2f} standard deviations), "
        f"global p-value {corrected.p_value:.3g} ± {corrected.error:.1g} ({corrected.significance:.2f})"
    )
    if found.toy_p_value is not None:
        text = f"by toys: {found.toys_above} of {found.toys} have as large an excess, global p-value "
        deviations = "" if found.toy_significance is None else f" ({found.toy_significance:.2f})"
        print_line(f"{text}{found.toy_p_value:.3g} ± {found.toy_p_value_error:.1g}{deviations}")
    if found.failed_toys:
        print_line(f"note: {found.failed_toys} toys with a fit that failed were left out")
    if found.reason:
        print_line(f"note: {found.reason}")

"""Storing the results of a run as an entry of the catalogue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from darkreach.building import patchset_text
from darkreach.catalogue.entry import CatalogueEntry
from darkreach.errors import InputFileError
from darkreach.limits import read_limits, write_limits
from darkreach.pipeline import RunFolder, RunSettings, write_couplings_of
from darkreach.provenance import atomic_path, digest_file, write_text

COARSE: Final = 1.05
"""Ratio of neighbouring masses beyond which none is left out."""


def thinned(patches: Sequence[dict[str, Any]], every: int) -> list[dict[str, Any]]:
    """Return every n-th patch, and those beside a step in mass that is coarse already.

    Args:
        patches: of a patchset, in order of rising mass, the first of their values.
        every: n.

    Example:
        >>> patches = [{"metadata": {"values": [mass]}} for mass in (0.1, 0.2, 1.0, 1.01, 1.02)]
        >>> [patch["metadata"]["values"][0] for patch in thinned(patches, 4)]
        [0.1, 0.2, 1.0, 1.02]
    """
    masses = [float(patch["metadata"]["values"][0]) for patch in patches]
    coarse = {
        index
        for low, (first, second) in enumerate(pairwise(masses))
        if second > COARSE * first
        for index in (low, low + 1)
    }
    return [patch for index, patch in enumerate(patches) if index % every == 0 or index in coarse]


def store_entry(run: RunFolder, settings: RunSettings, folder: Path, *, every: int = 1) -> list[Path]:
    """Write workspace, patchset, limits, couplings and the figure of a finished run into the folder of an entry.

    Args:
        run: a finished run.
        settings: of the run.
        folder: of the entry; its README is not touched.
        every: keep every n-th hypothesis, to keep the entry small, and all where the scan is coarse.

    Returns:
        The files written.

    Raises:
        InputFileError: the run lacks a result.
    """
    entry = CatalogueEntry(settings.config.search, folder)
    background_only, patchset = run.workspace / "BkgOnly.json", run.workspace / "patchset.json"
    highest = f"{100.0 * max(settings.confidence_levels):.4g}".replace(".", "p")
    figure, drawn = run.root / "figures" / f"limit_{highest}.svg", folder / f"limit_band_{highest}.svg"
    if settings.config.main_coupling is None:
        figure = figure.with_name(f"cross_section_{highest}.svg")
    for source in (background_only, patchset, run.limits, figure):
        if not source.is_file():
            raise InputFileError("the run lacks a result", where=str(source), next_step="finish it with --resume")
    for source, target in ((background_only, entry.workspace), (figure, drawn)):
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
    content = json.loads(patchset.read_text(encoding="utf-8"))
    content["patches"] = thinned(content["patches"], every)
    write_text(entry.patchset, patchset_text(content))
    names = {patch["metadata"]["name"] for patch in content["patches"]}
    document = read_limits(run.limits)
    document = replace(
        document,
        workspace_digests={path.name: digest_file(path) for path in (entry.workspace, entry.patchset)},
        meanings={name: meaning for name, meaning in document.meanings.items() if name in names},
        limits=tuple(limit for limit in document.limits if limit.name in names),
    )
    write_limits(entry.limits, document)
    couplings = []
    for one in settings.config.couplings:
        for level in settings.confidence_levels:
            further = "" if one is settings.config.main_coupling else one.name
            path = entry.couplings(level, settings.confidence_levels, further)
            couplings.append(write_couplings_of(path, document, one, level))
    return [entry.workspace, entry.patchset, entry.limits, *couplings, drawn]

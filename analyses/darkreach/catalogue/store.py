"""Storing the results of a run as an entry of the catalogue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from darkreach.building import patchset_text
from darkreach.catalogue.cross_sections import write_cross_sections
from darkreach.catalogue.entry import CatalogueEntry
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import write_excluded
from darkreach.errors import InputFileError
from darkreach.limits import LimitsDocument, read_limits, write_limits
from darkreach.pipeline import RunFolder, RunSettings
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
    """Write workspace, patchset, limits, couplings and the figures of a finished run into the folder of an entry.

    Of a plane of two masses, limits on the cross-section are kept at all points, whatever ``every`` is.

    Args:
        run: a finished run.
        settings: of the run.
        folder: of the entry; its README is not touched.
        every: keep every n-th hypothesis, to keep the entry small, and all where a mass scan is coarse.

    Returns:
        The files written.

    Raises:
        InputFileError: the run lacks a result.
    """
    entry, config = CatalogueEntry(settings.config.search, folder), settings.config
    plane = isinstance(config, PlaneSearchConfig)
    background_only, patchset = run.workspace / "BkgOnly.json", run.workspace / "patchset.json"
    figures = _figures(run, settings, folder)
    for source in (background_only, patchset, run.limits, *figures):
        if not source.is_file():
            raise InputFileError("the run lacks a result", where=str(source), next_step="finish it with --resume")
    for source, target in ((background_only, entry.workspace), *figures.items()):
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
    content = json.loads(patchset.read_text(encoding="utf-8"))
    content["patches"] = content["patches"][::every] if plane else thinned(content["patches"], every)
    write_text(entry.patchset, patchset_text(content))
    whole = read_limits(run.limits)
    written = [entry.workspace, entry.patchset]
    written += _write_results(entry, settings, whole, {patch["metadata"]["name"] for patch in content["patches"]})
    if plane:
        levels = settings.confidence_levels
        written += [write_cross_sections(entry.cross_sections(level, levels), whole, level) for level in levels]
    return [*written, *figures.values()]


def _figures(run: RunFolder, settings: RunSettings, folder: Path) -> dict[Path, Path]:
    """Return what stands for the limits of a run at its highest level, and where it goes: a band, or two maps."""
    highest = f"{100.0 * max(settings.confidence_levels):.4g}".replace(".", "p")
    figures, coupling = run.root / "figures", settings.config.main_coupling
    if isinstance(settings.config, PlaneSearchConfig):
        quantities = ("cross_section", *(() if coupling is None else (coupling.name,)))
        names = [f"{quantity}_{highest}_observed.svg" for quantity in quantities]
        return {figures / name: folder / name for name in names}
    name = f"{'limit' if coupling else 'cross_section'}_{highest}.svg"
    return {figures / name: folder / f"limit_band_{highest}.svg"}


def _write_results(
    entry: CatalogueEntry, settings: RunSettings, whole: LimitsDocument, names: Collection[str]
) -> list[Path]:
    """Write limits and couplings of some hypotheses."""
    document = replace(
        whole,
        workspace_digests={path.name: digest_file(path) for path in (entry.workspace, entry.patchset)},
        meanings={name: meaning for name, meaning in whole.meanings.items() if name in names},
        limits=tuple(limit for limit in whole.limits if limit.name in names),
    )
    write_limits(entry.limits, document)
    couplings = []
    for one in settings.config.couplings:
        for level in settings.confidence_levels:
            further = "" if one is settings.config.main_coupling else one.name
            path = entry.couplings(level, settings.confidence_levels, further)
            couplings.append(write_excluded(path, document, one, cl=level))
    return [entry.limits, *couplings]

"""Storing the results of a run as an entry of the catalogue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from darkreach.building import patchset_text
from darkreach.catalogue.cross_sections import write_cross_sections
from darkreach.catalogue.entry import CatalogueEntry
from darkreach.catalogue.kept_lifetimes import kept_patches
from darkreach.catalogue.lifetime_entry import StoredLifetimes, store_lifetimes
from darkreach.configuration import SearchConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import write_excluded
from darkreach.errors import InputFileError
from darkreach.limits import LimitsDocument, read_limits, write_limits
from darkreach.pipeline import RunFolder, RunSettings
from darkreach.pipeline.lifetime_tables import lifetime_limit_files
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

    Of a plane of two masses, limits on the cross-section are kept at all points, whatever ``every`` is. Of a search in
    mass and lifetime, limits of as many masses are kept as a table of a megabyte holds (``kept_limits``), and every
    n-th hypothesis of these masses.

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
    patchset, levels = run.workspace / "patchset.json", settings.confidence_levels
    copied = {run.workspace / "BkgOnly.json": entry.workspace, **_figures(run, settings, folder)}
    tables = {}
    if isinstance(config, DisplacedSearchConfig):
        copied[run.efficiency_grid] = entry.efficiency_grid
        if config.simulation.reference_coupling.unit == "fb":
            # whatever the particle is made in
            copied[run.radius_efficiency] = folder / run.radius_efficiency.name
        tables = {level: path.name for level, path in lifetime_limit_files(settings, config, run).items()}
    for source in (*copied, patchset, run.limits, *(run.root / name for name in tables.values())):
        if not source.is_file():
            raise InputFileError("the run lacks a result", where=str(source), next_step="finish it with --resume")
    for source, target in copied.items():
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
    lifetimes = {level: store_lifetimes(run.root / name, folder / name) for level, name in tables.items()}
    content = json.loads(patchset.read_text(encoding="utf-8"))
    content["patches"] = _kept(config, content["patches"], every, lifetimes)
    write_text(entry.patchset, patchset_text(content))
    whole = read_limits(run.limits)
    document = _restricted(entry, whole, {patch["metadata"]["name"] for patch in content["patches"]})
    written = [*copied.values(), *(folder / name for name in tables.values()), entry.patchset]
    written.append(write_limits(entry.limits, document))
    written += _write_couplings(entry, settings, document, lifetimes)
    if isinstance(config, PlaneSearchConfig):
        written += [write_cross_sections(entry.cross_sections(level, levels), whole, level) for level in levels]
    return written


def _kept(
    config: SearchConfig,
    patches: list[dict[str, Any]],
    every: int,
    lifetimes: Mapping[float, StoredLifetimes],
) -> list[dict[str, Any]]:
    """Return the patches that an entry keeps."""
    if isinstance(config, DisplacedSearchConfig):
        return kept_patches(patches, frozenset().union(*(one.masses_gev for one in lifetimes.values())), every)
    return patches[::every] if isinstance(config, PlaneSearchConfig) else thinned(patches, every)


def _figures(run: RunFolder, settings: RunSettings, folder: Path) -> dict[Path, Path]:
    """Return what stands for the limits of a run at its highest level, and where it goes: a band, or two maps."""
    highest = f"{100.0 * max(settings.confidence_levels):.4g}".replace(".", "p")
    figures, coupling = run.root / "figures", settings.config.main_coupling
    if isinstance(settings.config, PlaneSearchConfig):
        quantities = ("cross_section", *(() if coupling is None else (coupling.name,)))
        names = [f"{quantity}_{highest}_observed.svg" for quantity in quantities]
        return {figures / name: folder / name for name in names}
    if isinstance(settings.config, DisplacedSearchConfig):
        names = [f"bands_{highest}.svg"]
        if coupling is not None:
            names += [f"excluded_{coupling.name}_{plane}_{highest}.svg" for plane in ("coupling", "lifetime")]
        return {figures / name: folder / name for name in names}
    name = f"{'limit' if coupling else 'cross_section'}_{highest}.svg"
    return {figures / name: folder / f"limit_band_{highest}.svg"}


def _restricted(entry: CatalogueEntry, whole: LimitsDocument, names: Collection[str]) -> LimitsDocument:
    """Return the limits of some hypotheses, tied to the stored workspace."""
    return replace(
        whole,
        workspace_digests={path.name: digest_file(path) for path in (entry.workspace, entry.patchset)},
        meanings={name: meaning for name, meaning in whole.meanings.items() if name in names},
        limits=tuple(limit for limit in whole.limits if limit.name in names),
    )


def _write_couplings(
    entry: CatalogueEntry,
    settings: RunSettings,
    document: LimitsDocument,
    lifetimes: Mapping[float, StoredLifetimes],
) -> list[Path]:
    """Write the couplings that follow from the stored limits, those of lifetimes from the limits at all of these."""
    written, levels = [], settings.confidence_levels
    for one in settings.config.couplings:
        for level in levels:
            path = entry.couplings(level, levels, "" if one is settings.config.main_coupling else one.name)
            if level in lifetimes:
                written.append(lifetimes[level].write_islands(path, one))
            else:
                written.append(write_excluded(path, document, one, cl=level))
    return written

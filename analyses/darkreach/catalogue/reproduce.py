"""Stored limits computed again from stored workspaces, and set beside published values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from darkreach.catalogue.compared_limits import TOLERANCE, compare_limits
from darkreach.catalogue.cross_sections import changed_cross_sections
from darkreach.catalogue.entry import CatalogueEntry
from darkreach.catalogue.lifetime_comparison import ComparedLifetimes, beside_lifetimes
from darkreach.catalogue.lifetime_entry import (
    StoredLifetimes,
    changed_lifetime_limits,
    stored_lifetimes,
)
from darkreach.catalogue.published_comparison import ComparedCurve, beside_published
from darkreach.catalogue.range_comparison import ComparedRange, beside_range
from darkreach.catalogue.recomputed_limits import recomputed_limits
from darkreach.configuration import CouplingSettings, SearchConfig, config_path
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings import (
    excluded_couplings,
    is_long_lived_coupling,
    is_plane_coupling,
    read_couplings,
    read_excluded,
)
from darkreach.couplings.lifetime_limits_file import FILE_NAMES
from darkreach.errors import ReproductionError
from darkreach.limits import LimitsDocument, read_limits
from darkreach.provenance import digest_file
from darkreach.published import PublishedSearch, published_or_none
from darkreach.searches import read_search
from darkreach.sharing import Hypothesis, apply_patches, read_patchset, read_workspace


@dataclass(frozen=True)
class Reproduction:
    """The outcome for one entry; empty ``differences`` means reproduced. Other fields as in ``ComparedLimits``.

    Attributes:
        name: of the entry.
        luminosity_inverse_fb: of the stored limits, fb^-1.
        data_kind: what their data are.
        published: ours beside every published curve of one of its couplings and confidence levels.
        ranges: the same of published ranges over a plane.
        lifetimes: the same of published limits in mass and lifetime.
        causes: why ours may differ from the published limits.
    """

    name: str
    luminosity_inverse_fb: float | None
    data_kind: str
    compared: int
    left_out: int
    largest_difference: float
    largest_of_toys: float
    tolerance: float
    differences: tuple[str, ...]
    published: tuple[ComparedCurve, ...]
    ranges: tuple[ComparedRange, ...]
    lifetimes: tuple[ComparedLifetimes, ...]
    causes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-like data, null where there is no number."""
        compared = {
            "published": [curve.as_dict() for curve in self.published],
            "ranges": [one.as_dict() for one in self.ranges],
            "lifetimes": [one.as_dict() for one in self.lifetimes],
        }
        # what compared has is not copied field by field
        return {one.name: getattr(self, one.name) for one in fields(self)} | compared


def reproduce_entry(
    entry: CatalogueEntry, *, engine: str = "auto", workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> Reproduction:
    """Recompute every stored limit, by its method, and coupling of an entry and compare.

    Raises:
        ReproductionError: a stored workspace is not the one the stored limits came from.
        WorkspaceError: a stored workspace is not usable.
        InputFileError: a stored result is missing.
    """
    document = read_limits(entry.limits)
    search = read_search(config_path("searches", entry.name))
    _refuse_changed_files(entry, document)
    levels = sorted({limit.cl for limit in document.limits})
    hypotheses = apply_patches(read_workspace(entry.workspace), read_patchset(entry.patchset))
    limits, chosen = recomputed_limits(hypotheses, document.limits, engine=engine, workers=workers, progress=progress)
    compared = compare_limits(document.limits, limits, chosen.name)
    differences = list(compared.differences)
    lifetimes = _stored_lifetimes(entry, search, levels)
    for level, stored_ones in lifetimes.items():
        differences += changed_lifetime_limits(stored_ones, document, level)
    for settings in search.couplings:
        for level in levels:
            differences += _changed_couplings(entry, search, (document, lifetimes.get(level)), settings, level)
    for level in levels:
        if (stored := entry.cross_sections(level, levels)).is_file():
            differences += changed_cross_sections(stored, document, level)
    published = published_or_none(entry.name)
    return Reproduction(
        name=entry.name,
        luminosity_inverse_fb=document.luminosity_inverse_fb,
        data_kind=" and ".join(sorted({str(meaning["data_kind"]) for meaning in document.meanings.values()})),
        compared=compared.compared,
        left_out=compared.left_out,
        largest_difference=compared.largest,
        largest_of_toys=compared.largest_of_toys,
        tolerance=TOLERANCE[chosen.name],
        differences=tuple(differences),
        published=tuple(_beside_published(entry, search, document, published, hypotheses)) if published else (),
        ranges=tuple(
            beside_range(one, document, search.couplings)
            for one in (published.ranges if published else ())
            if one.confidence_level in levels
        ),
        lifetimes=tuple(
            beside_lifetimes(one, lifetimes[one.confidence_level].limits, document.luminosity_inverse_fb)
            for one in (published.lifetimes if published else ())
            if one.confidence_level in lifetimes and one.quantity == lifetimes[one.confidence_level].header["quantity"]
        ),
        causes=published.causes if published else (),
    )


def _stored_lifetimes(
    entry: CatalogueEntry, search: SearchConfig, levels: Sequence[float]
) -> dict[float, StoredLifetimes]:
    """Return stored limits in mass and lifetime by confidence level; none of other searches."""
    if not isinstance(search, DisplacedSearchConfig):
        return {}
    name = FILE_NAMES[search.simulation.reference_coupling.unit]
    return {level: stored_lifetimes(entry.lifetime_limits(name, level, levels)) for level in levels}


def _beside_published(
    entry: CatalogueEntry,
    search: SearchConfig,
    document: LimitsDocument,
    published: PublishedSearch,
    hypotheses: Sequence[Hypothesis],
) -> Iterator[ComparedCurve]:
    levels = {limit.cl for limit in document.limits}
    for settings in search.couplings:
        curves = () if is_plane_coupling(settings) or is_long_lived_coupling(settings) else published.of(settings.name)
        for curve in curves:
            if curve.confidence_level in levels:
                path = _couplings_file(entry, search, document, settings, curve.confidence_level)
                yield beside_published(curve, settings, document, read_couplings(path), hypotheses)


def _couplings_file(
    entry: CatalogueEntry, search: SearchConfig, document: LimitsDocument, settings: CouplingSettings, level: float
) -> Path:
    further = "" if settings is search.main_coupling else settings.name
    return entry.couplings(level, sorted({limit.cl for limit in document.limits}), further)


def _refuse_changed_files(entry: CatalogueEntry, document: LimitsDocument) -> None:
    for name, digest in document.workspace_digests.items():
        if digest_file(entry.folder / name) != digest:
            raise ReproductionError(
                f"{name} is not the file the stored limits were computed from",
                where=str(entry.folder / name),
                allowed=f"SHA-256 {digest[:16]}...",
                given=f"SHA-256 {digest_file(entry.folder / name)[:16]}...",
                next_step="restore the file, or publish workspace and limits together again",
            )


def _changed_couplings(
    entry: CatalogueEntry,
    search: SearchConfig,
    limits: tuple[LimitsDocument, StoredLifetimes | None],
    settings: CouplingSettings,
    level: float,
) -> Iterator[str]:
    document, lifetimes = limits
    stored = read_excluded(_couplings_file(entry, search, document, settings, level), settings)
    # limits.json has few lifetimes of a mass
    found = excluded_couplings(document, settings, cl=level) if lifetimes is None else lifetimes.islands(settings)
    if len(stored) != len(found):
        yield f"{settings.name} at {level:.0%} CL: {len(stored)} stored intervals, {len(found)} found"
        return
    for old, new in zip(stored, found, strict=True):
        same_edges = math.isclose(old.lower, new.lower, rel_tol=1e-6) and (
            old.upper == new.upper or math.isclose(old.upper, new.upper, rel_tol=1e-6)
        )
        if (old.masses, old.quantile) != (new.masses, new.quantile) or not same_edges:
            masses = ", ".join(f"{mass:g}" for mass in old.masses)
            where = f"{masses} GeV ({old.quantile}) at {level:.0%} CL"
            yield f"coupling interval of {settings.name} at {where} differs"

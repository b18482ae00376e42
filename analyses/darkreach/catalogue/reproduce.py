"""Stored limits computed again from stored workspaces, and set beside published values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from darkreach.catalogue.compared_limits import TOLERANCE, compare_limits
from darkreach.catalogue.entry import CatalogueEntry
from darkreach.configuration import CouplingSettings, SearchConfig, config_path, read_config
from darkreach.couplings import ExcludedInterval, couplings_from_limits, read_couplings
from darkreach.errors import ReproductionError
from darkreach.figures import coupling_limits
from darkreach.limits import LimitsDocument, compute_limits, limit_engine, read_limits
from darkreach.provenance import digest_file
from darkreach.published import PublishedLimits, read_published
from darkreach.report import compare
from darkreach.sharing import apply_patches, read_patchset, read_workspace


@dataclass(frozen=True)
class PublishedComparison:
    """Ours beside one published value of the coupling."""

    mass_gev: float
    median: float
    observed: float
    published: float
    ratio: float
    source: str


@dataclass(frozen=True)
class Reproduction:
    """The outcome for one entry; empty ``differences`` means reproduced. Other fields as in ``ComparedLimits``."""

    name: str
    coupling: str
    unit: str
    confidence_level: float
    compared: int
    left_out: int
    largest_difference: float
    largest_of_toys: float
    tolerance: float
    differences: tuple[str, ...]
    published: tuple[PublishedComparison, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-like data."""
        return asdict(self)


def reproduce_entry(
    entry: CatalogueEntry, *, engine: str = "auto", workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> Reproduction:
    """Recompute every stored limit and coupling of an entry and compare.

    Raises:
        ReproductionError: a stored workspace is not the one the stored limits came from.
        WorkspaceError: a stored workspace is not usable.
        InputFileError: a stored result is missing.
    """
    document = read_limits(entry.limits)
    settings = read_config(config_path("searches", entry.name), SearchConfig).coupling
    _refuse_changed_files(entry, document)
    levels = sorted({limit.cl for limit in document.limits})
    asymptotic = all(limit.method == "asymptotic" for limit in document.limits)
    chosen = limit_engine(engine, method="asymptotic" if asymptotic else "auto")
    hypotheses = apply_patches(read_workspace(entry.workspace), read_patchset(entry.patchset))
    limits = compute_limits(hypotheses, levels, engine=chosen, workers=workers, progress=progress)
    compared = compare_limits(document.limits, limits, chosen.name)
    differences = list(compared.differences)
    for level in levels:
        differences += _changed_couplings(entry, document, settings, level)
    published = read_published(entry.name)
    return Reproduction(
        name=entry.name,
        coupling=settings.name,
        unit=settings.unit,
        confidence_level=published.confidence_level,
        compared=compared.compared,
        left_out=compared.left_out,
        largest_difference=compared.largest,
        largest_of_toys=compared.largest_of_toys,
        tolerance=TOLERANCE[chosen.name],
        differences=tuple(differences),
        published=tuple(
            _beside_published(read_couplings(entry.couplings(published.confidence_level, levels)), published)
        ),
    )


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
    entry: CatalogueEntry, document: LimitsDocument, settings: CouplingSettings, level: float
) -> Iterator[str]:
    stored = read_couplings(entry.couplings(level, sorted({limit.cl for limit in document.limits})))
    found = couplings_from_limits(document, reach_cm=settings.displacement_reach.value, cl=level)
    if len(stored) != len(found):
        yield f"couplings at {level:.0%} CL: {len(stored)} stored intervals, {len(found)} found"
        return
    for old, new in zip(stored, found, strict=True):
        same_edges = math.isclose(old.lower, new.lower, rel_tol=1e-6) and (
            old.upper == new.upper or math.isclose(old.upper, new.upper, rel_tol=1e-6)
        )
        if (old.mass_gev, old.quantile) != (new.mass_gev, new.quantile) or not same_edges:
            yield f"coupling interval at {old.mass_gev:g} GeV ({old.quantile}) at {level:.0%} CL differs"


def _beside_published(
    intervals: Sequence[ExcludedInterval], published: PublishedLimits
) -> Iterator[PublishedComparison]:
    masses = sorted({interval.mass_gev for interval in intervals})
    for point in compare(coupling_limits(intervals, masses, published.confidence_level), published):
        yield PublishedComparison(
            mass_gev=point.mass_gev,
            median=point.median,
            observed=point.observed,
            published=point.published,
            ratio=point.median / point.published,
            source=published.source,
        )

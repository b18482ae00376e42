"""Tables of a search for displaced vertices: limits at some masses and lifetimes, regions, effective events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from darkreach.configuration.displaced_search import COMBINED, PAIR_SPECIES, DisplacedRegion
from darkreach.couplings import EfficiencyGrid
from darkreach.figures import percent
from darkreach.figures.lifetime_efficiency import ENOUGH
from darkreach.figures.lifetime_limit_grid import spread_values
from darkreach.histograms.effective_events import effective_events
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.results import Limit
from darkreach.report.displaced_content import LARGEST_COUPLING, DisplacedReportContent
from darkreach.report.displaced_names import plain_channel
from darkreach.report.table import NOTHING, Table, number

_MASSES: Final = 5
_LIFETIMES: Final = 3


def displaced_limit_table(content: DisplacedReportContent, confidence_level: float) -> Table:
    """Return the limits of every channel at some masses and lifetimes, with what their windows hold."""
    found = {_place(limit): limit for limit in content.limits.at(confidence_level)}
    rows, shown = [], 0
    for channel in content.channels(confidence_level):
        grid = content.grid(channel, confidence_level)
        for mass in spread_values(grid.masses_gev, _MASSES):
            for ctau in spread_values(grid.ctaus_cm, _LIFETIMES):
                limit = found.get((channel, mass, ctau))
                if limit is not None:
                    shown += 1
                    rows.append(_limit_row(content, channel, limit))
    files = "the CSV files beside this page have all"
    caption = (
        f"{percent(confidence_level)} upper limits on the {content.search.quantity}, for all channels together on "
        f"{content.squared_coupling} with the lifetime held fixed: {shown} of {len(found)} hypotheses; {files}"
    )
    header = (
        "channel", "mass [GeV]", "cτ [cm]", "observed", "−2σ", "−1σ", "median", "+1σ", "+2σ", "efficiency [%]", "n_eff",
        "background, events", "observed, events", "method", "status", "CLs at observed",
    )  # fmt: skip
    return Table(header, tuple(rows), caption, frozenset({0, 13, 14}))


def displaced_region_table(content: DisplacedReportContent) -> Table:
    """Return a row for each region: what it is, the masses it serves, and the size of its simulated background."""
    rows = []
    for region in content.search.regions:
        events, worth = _background(content.histograms, f"mass_radius/{region.name}")
        knots = region.resolution.knots
        rows.append(
            (
                region.name,
                plain_channel(content.search, region.name),
                f"{region.mass.low:g} – {region.mass.high:g}",
                _ranges(region),
                f"{1e3 * knots[0][1]:.3g} – {1e3 * knots[-1][1]:.3g}",
                NOTHING if region.material_distance is None else f"{region.material_distance.value:g}",
                _vetoes(region),
                number(events * content.luminosity_inverse_fb),
                number(worth),
            )
        )
    header = (
        "region", "final state", "masses [GeV]", "left out [GeV]", "resolution [MeV]", "from material [cm]", "vetoes",
        "background, events", "n_eff of the background",
    )  # fmt: skip
    edges = ", ".join(f"{edge:g}" for edge in content.search.radius_edges)
    caption = f"Regions, in bins of the radius with edges at {edges} cm; background of all masses and radii together"
    return Table(header, tuple(rows), caption, frozenset({0, 1, 2, 3, 4, 6}))


def effective_events_table(content: DisplacedReportContent) -> Table:
    """Return a row for each channel: how few events the re-weighted efficiencies are worth, and where."""
    rows = [_effective_row(content, grid) for grid in content.grids.values()]
    header = (
        "channel", "points", f"below {ENOUGH:g}", "fewest n_eff", "at mass [GeV]", "at cτ [cm]", "efficiency there [%]",
        "half of the points above",
    )  # fmt: skip
    caption = "Effective events n_eff behind the efficiencies of all masses and lifetimes that have any efficiency"
    return Table(header, tuple(rows), caption)


def island_table(content: DisplacedReportContent, confidence_level: float) -> Table:
    """Return the excluded intervals of the main coupling at all masses that have any."""
    reading = content.readings[0]
    rows = []
    intervals = reading.intervals[confidence_level]
    for mass in sorted({one.mass_gev for one in intervals}):
        here = [one for one in intervals if one.mass_gev == mass]
        cells = [f"{mass:.5g}"]
        for quantile in ("observed", "-1", "0", "1"):
            chosen = [one for one in here if one.quantile == quantile]
            cells.append("; ".join(f"{number(one.lower)} – {number(one.upper)}" for one in chosen) or NOTHING)
        observed = [one for one in here if one.quantile == "observed"]
        shortest = [one.ctau_cm * (one.lower / min(one.upper, LARGEST_COUPLING)) ** 2 for one in observed]
        lifetimes = (f"{number(end)} – {number(one.ctau_cm)}" for end, one in zip(shortest, observed, strict=True))
        rows.append((*cells, "; ".join(lifetimes) or NOTHING))
    tested = content.contours(reading, confidence_level, "coupling").masses_gev
    caption = (
        f"Excluded intervals of {content.coupling[1]} at {percent(confidence_level)}: {len(rows)} of {len(tested)} "
        "tested masses have any, inf stands for all up to 1"
    )
    header = ("mass [GeV]", "observed", "expected −1σ", "median", "+1σ", "cτ observed [cm]")
    return Table(header, tuple(rows), caption, frozenset({1, 2, 3, 4, 5}))


def shown_displaced_samples(histograms: SearchHistograms) -> list[str]:
    """Return samples whose cutflow is shown: backgrounds, (pseudo-)data, and the middle signal of each label."""
    manifests = list(histograms.samples.values())
    others = sorted((m for m in manifests if m.kind != "signal"), key=lambda m: (m.kind, m.sample))
    by_label: dict[str, list[tuple[float, str]]] = {}
    for m in manifests:
        if m.kind == "signal":
            by_label.setdefault(m.sample.rsplit("_", 1)[0], []).append((float(m.parameters["mass_gev"]), m.sample))
    return [m.sample for m in others] + [sorted(one)[len(one) // 2][1] for one in by_label.values()]


def _place(limit: Limit) -> tuple[str, float, float]:
    return str(limit.values["channel"]), float(limit.values["mass_gev"]), float(limit.values["ctau_cm"])


def _limit_row(content: DisplacedReportContent, channel: str, limit: Limit) -> tuple[str, ...]:
    meaning = content.limits.meanings[limit.name]
    scale = float(meaning["per_unit_strength"])
    strengths: Sequence[float | None] = (limit.observed, *(limit.expected or (None,) * 5))
    shares = [100.0 * float(one) for one in _of_regions(meaning, "efficiency")]
    again = limit.quality.cls_at_observed
    worth = _of_regions(meaning, "effective_events")
    return (
        plain_channel(content.search, channel), f"{_place(limit)[1]:.5g}", f"{_place(limit)[2]:g}",
        *(number(None if value is None else scale * value) for value in strengths),
        NOTHING if channel == COMBINED or not shares else number(shares[0]),
        number(min(worth)) if worth else NOTHING,
        number(sum(_of_regions(meaning, "background_events"))), f"{sum(_of_regions(meaning, 'observed')):g}",
        f"{limit.method}, {limit.engine}", limit.status, NOTHING if again is None else f"{again:.4f}",
    )  # fmt: skip


def _of_regions(meaning: Mapping[str, Any], quantity: str) -> list[float]:
    return [float(value) for value in meaning.get(quantity, {}).values()]


def _background(histograms: SearchHistograms, name: str) -> tuple[float, float]:
    """Return the cross-section in fb of the simulated background of a histogram, and its effective events."""
    histogram = histograms.histograms[name]
    view: Any = histogram.view(flow=False)
    chosen = [histograms.samples[sample].kind == "background" for sample in histogram.axes[0]]
    value, variance = (float(view[key][chosen].sum()) for key in ("value", "variance"))
    return value, float(effective_events(value, variance))


def _effective_row(content: DisplacedReportContent, grid: EfficiencyGrid) -> tuple[str, ...]:
    used = grid.efficiency > 0.0
    name = plain_channel(content.search, grid.channel)
    if not used.any():
        return (name, "0", *(NOTHING,) * 6)
    worth = np.where(used, grid.effective_events, np.inf)
    row, column = np.unravel_index(int(np.argmin(worth)), worth.shape)
    return (
        name, str(int(used.sum())), str(int((worth < ENOUGH).sum())), number(float(worth[row, column])),
        f"{grid.masses_gev[row]:.5g}", f"{grid.ctaus_cm[column]:g}",
        number(100.0 * float(grid.efficiency[row, column])), number(float(np.median(grid.effective_events[used]))),
    )  # fmt: skip


def _ranges(region: DisplacedRegion) -> str:
    words = [
        f"{one.low:g} – {one.high:g}" + (f" ({note})" if (note := getattr(one, "note", "")) else "")
        for one in region.excluded
    ]
    return "; ".join(words) or NOTHING


def _vetoes(region: DisplacedRegion) -> str:
    symbols = {"electron": "e", "muon": "μ", "pion": "π", "kaon": "K", "proton": "p"}
    words = [f"{symbols[one.first]}{symbols[one.second]} {one.mass.low:g} – {one.mass.high:g}" for one in region.vetoes]
    own = symbols[PAIR_SPECIES[region.pair]]
    words += [f"{symbols[one]} identified" for one in region.vetoed_identification if symbols[one] != own]
    return "; ".join(words) or NOTHING

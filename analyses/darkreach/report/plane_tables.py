"""Tables of a plane search: limits and windows at some points, regions, systematic uncertainties, shown samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from darkreach.configuration.plane_search import PlaneRegion
from darkreach.couplings import PLANE_MASSES
from darkreach.figures import percent
from darkreach.figures.axis_text import plain_coupling, plain_unit
from darkreach.figures.plane_limits import Floats
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.results import Limit
from darkreach.report.plane_content import PlaneReportContent
from darkreach.report.plane_points import shown_points
from darkreach.report.table import NOTHING, Table, common_power, number, scaled_unit

_WINDOW_ROWS: Final = 3
_SHOWN_SIGNALS: Final = 3


def plane_limit_table(content: PlaneReportContent, confidence_level: float) -> Table:
    """Return limits on the cross-section and on all couplings at some points of the plane."""
    limits = content.cross_sections(confidence_level)
    couplings = [(one, content.coupling_limits(one, confidence_level)) for one in content.readings]
    found = {limit.name: limit for limit in content.limits.at(confidence_level)}
    chosen = shown_points(content.masses)
    common = _common_note([found[content.names[index]] for index in chosen if content.names[index] in found])
    powers = [common_power([float(value) for value in one.expected[2]]) for _, one in couplings]
    rows = []
    for index in chosen:
        limit = found.get(content.names[index])
        values: list[float] = [limits.observed[index], *limits.expected[:, index]]
        for (_, one), power in zip(couplings, powers, strict=True):
            values += [one.observed[index] / 10.0**power, one.expected[2, index] / 10.0**power]
        rows.append(
            (
                *(f"{mass:.5g}" for mass in content.masses[index]),
                *(number(value) for value in values),
                *_how(limit, common),
            )
        )
    names = [plain_coupling(one.settings.name) for one, _ in couplings]
    units = {
        name: scaled_unit(power, plain_unit(one.settings.unit))
        for name, power, (one, _) in zip(names, powers, couplings, strict=True)
    }
    header = (
        "dark photon [GeV]", "dark Higgs [GeV]", "σ observed [fb]", "−2σ", "−1σ", "median", "+1σ", "+2σ",
        *(f"{name} {kind}{f' [{units[name]}]' if units[name] else ''}" for name in names
          for kind in ("observed", "median")),
        "method", "status", "CLs at observed", "notes",
    )  # fmt: skip
    some = f"{len(chosen)} of {len(content.masses)} points; limits.json and the couplings files have all"
    caption = f"{percent(confidence_level)} upper limits: {some}.{f' At all of these: {common}.' if common else ''}"
    last = len(header)
    return Table(header, tuple(rows), caption, frozenset({last - 4, last - 3, last - 1}))


def _common_note(limits: Sequence[Limit]) -> str:
    """Return the note that all of several limits have; in every row it would say no more."""
    notes = {limit.quality.note for limit in limits}
    return notes.pop() if len(notes) == 1 and len(limits) > 1 else ""


def _how(limit: Limit | None, common: str) -> tuple[str, ...]:
    if limit is None:
        return (NOTHING,) * 4
    notes = "; ".join(note for note in (limit.reason, limit.quality.note) if note and note != common)
    again = limit.quality.cls_at_observed
    return f"{limit.method}, {limit.engine}", limit.status, NOTHING if again is None else f"{again:.4f}", notes


def region_table(content: PlaneReportContent) -> Table:
    """Return a row for each region: what it is, where it takes part, and the spread of its numbers over the plane."""
    windows = content.windows
    rows = []
    for column, region in enumerate(content.search.regions):
        took_part = np.isfinite(windows.efficiency[:, column])
        rows.append(
            (
                region.name.replace("_", " "),
                _decays(region),
                f"signal_{region.signal}_…",
                f"{region.dark_photon_mass.low:g} – {region.dark_photon_mass.high:g}",
                "yes" if region.sideband else "no",
                str(int(took_part.sum())),
                _ends(100.0 * windows.efficiency[:, column]),
                _ends(windows.background[:, column]),
                _ends(windows.observed[:, column]),
                _simulated(content.histograms, f"plane/{region.name}"),
            )
        )
    header = (
        "region", "dark photons", "efficiency from", "dark photon mass [GeV]", "sideband", "hypotheses",
        "efficiency [%]", "background, events", "observed, events", "simulated background, effective events",
    )  # fmt: skip
    caption = "Regions; the last columns: lowest – highest of their hypotheses"
    return Table(header, tuple(rows), caption, frozenset({0, 1, 2, 4}))


def window_table(content: PlaneReportContent) -> Table:
    """Return efficiency, background and counts of every region at a few points."""
    windows, rows = content.windows, []
    for index in shown_points(content.masses, rows=_WINDOW_ROWS):
        for column, region in enumerate(windows.regions):
            if not np.isfinite(windows.efficiency[index, column]):
                continue
            rows.append(
                (
                    *(f"{mass:.5g}" for mass in content.masses[index]),
                    region.replace("_", " "),
                    number(100.0 * float(windows.efficiency[index, column])),
                    number(100.0 * float(windows.branching[index, column])),
                    number(float(windows.background[index, column])),
                    f"{windows.observed[index, column]:g}",
                )
            )
    header = (
        "dark photon [GeV]", "dark Higgs [GeV]", "region", "efficiency [%]", "decays [%]", "background, events",
        "observed, events",
    )  # fmt: skip
    caption = "Windows of some hypotheses, before any fit: efficiency of signals that decay so, and how many do"
    return Table(header, tuple(rows), caption, frozenset({2}))


def shown_plane_samples(histograms: SearchHistograms) -> list[str]:
    """Return samples whose cutflow is shown: backgrounds, (pseudo-)data, and some signals of each label."""
    manifests = list(histograms.samples.values())
    others = sorted((m for m in manifests if m.kind != "signal"), key=lambda m: (m.kind, m.sample))
    by_label: dict[str, list[tuple[float, float, str]]] = {}
    for m in manifests:
        if m.kind == "signal":
            masses = tuple(float(m.parameters[name]) for name in PLANE_MASSES)
            by_label.setdefault(m.sample.rsplit("_", 2)[0], []).append((masses[0], masses[1], m.sample))
    chosen = [m.sample for m in others]
    for signals in by_label.values():
        last, ordered = len(signals) - 1, sorted(signals)
        places = {round(step * last / (_SHOWN_SIGNALS - 1)) for step in range(_SHOWN_SIGNALS)}
        chosen += [ordered[place][2] for place in sorted(places)]
    return chosen


def _decays(region: PlaneRegion) -> str:
    return " ".join({"electrons": "ee", "muons": "μμ", "pions": "ππ", "anything": "X"}[one] for one in region.decays)


def _ends(values: Floats) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return NOTHING
    return f"{number(float(finite.min()))} – {number(float(finite.max()))}"


def _simulated(histograms: SearchHistograms, name: str) -> str:
    histogram = histograms.histograms[name]
    view: Any = histogram.view(flow=False)
    chosen = [histograms.samples[sample].kind == "background" for sample in histogram.axes[0]]
    value, variance = (float(view[key][chosen].sum()) for key in ("value", "variance"))
    return number(value**2 / variance) if variance > 0.0 else NOTHING

"""Tables of the samples: cutflows, and events planned and processed."""

from __future__ import annotations

from collections import defaultdict

from darkreach.figures import Cutflow, sample_cutflow
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.report.table import Table, measured, number, readable_process

_KIND_WORDS = {"pseudo_data": "pseudo-data"}
_SHOWN_SIGNALS = 4


def shown_samples(histograms: SearchHistograms) -> list[str]:
    """Return the samples whose cutflow is shown: backgrounds, (pseudo-)data, four signals over the mass range."""
    manifests = list(histograms.samples.values())
    signals = sorted((m for m in manifests if m.kind == "signal"), key=lambda m: m.parameters["mass_gev"])
    last = len(signals) - 1
    spread = {round(step * last / (_SHOWN_SIGNALS - 1)) for step in range(_SHOWN_SIGNALS)} if signals else set()
    others = sorted((m for m in manifests if m.kind != "signal"), key=lambda m: (m.kind, m.sample))
    return [m.sample for m in others] + [signals[index].sample for index in sorted(spread)]


def cutflow_table(histograms: SearchHistograms, sample: str) -> Table:
    """Return the cutflow of one sample: n, sum w in fb, and efficiencies."""
    flow = sample_cutflow(histograms, sample)
    weighted = any(row.weight_fb is not None for row in flow.rows)
    header: tuple[str, ...] = ("cut", "events", "of the cut before")
    if weighted:
        header = ("cut", "events", "Σw [fb]", "of the cut before", "of all generated")
    return Table(header, tuple(_cells(flow, weighted)), caption=_caption(flow))


def _cells(flow: Cutflow, weighted: bool) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for row in flow.rows:
        first, step = (row.cut.replace("_", " "), f"{row.entries:,.0f}"), _percentage(row.step)
        if not weighted:
            rows.append((*first, step))
            continue
        weight = measured(row.weight_fb or 0.0, row.weight_error_fb or 0.0)
        total = f"{_percentage(row.total)} ± {100.0 * (row.total_error or 0.0):.2f} %"
        rows.append((*first, weight, step, total))
    return rows


def _percentage(value: float | None) -> str:
    return "–" if value is None else f"{100.0 * value:.2f} %"


def _caption(flow: Cutflow) -> str:
    return f"{flow.sample} ({_KIND_WORDS.get(flow.kind, flow.kind)}): {readable_process(flow.process)}"


def ledger_table(histograms: SearchHistograms) -> Table:
    """Return events planned and processed of every sample."""
    planned: dict[str, int] = defaultdict(int)
    processed: dict[str, int] = defaultdict(int)
    files: dict[str, int] = defaultdict(int)
    for entry in histograms.ledger:
        planned[entry.sample] += entry.planned
        processed[entry.sample] += entry.processed
        files[entry.sample] += 1
    rows = []
    for name, manifest in histograms.samples.items():
        cross_section = number(manifest.cross_section_fb, 5)
        kind = _KIND_WORDS.get(manifest.kind, manifest.kind)
        complete = "complete" if planned[name] == processed[name] else "INCOMPLETE"
        rows.append(
            (name, kind, cross_section, manifest.cross_section_source, f"{manifest.generated_events:,}",
             str(files[name]), f"{planned[name]:,}", f"{processed[name]:,}", complete)
        )  # fmt: skip
    header = ("sample", "kind", "σ [fb]", "source of σ", "generated", "files", "events planned", "processed", "")
    return Table(header, tuple(rows), text_columns=frozenset({0, 1, 3, 8}))

"""``darkreach cutflow``: events left after each cut, for the samples of a histogram file, as a table, JSON or LaTeX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import JsonOption
from darkreach.errors import unknown_name
from darkreach.figures import Cutflow, sample_cutflow
from darkreach.histograms import SearchHistograms, read_histograms
from darkreach.provenance import atomic_path

NAME = "cutflow"
HEADER = ("cut", "events", "sum of weights, fb", "of the cut before", "of all generated")
_WORDS = {"pseudo_data": "pseudo-data"}


def command(
    histograms: Annotated[Path, typer.Argument(help="Histogram file of 'darkreach process'.")],
    sample: Annotated[
        list[str] | None, typer.Option("--sample", help="Sample to show; repeat for more; all by default.")
    ] = None,
    latex: Annotated[Path | None, typer.Option("--latex", help="Write the tables as LaTeX (booktabs) here.")] = None,
    json: JsonOption = None,
) -> None:
    """Show how many events each cut leaves; regions are alternatives after the common cuts."""
    content = read_histograms(histograms)
    for name in sample or ():
        if name not in content.samples:
            raise unknown_name("sample", name, content.samples, where=str(histograms))
    flows = [sample_cutflow(content, name) for name in sample or content.samples]
    coverage = correction_coverage(content)
    if str(json) != "-":
        for flow in flows:
            print_table(_title(flow), HEADER, _rows(flow))
            print_line("")
        for entry in coverage:
            if entry["outside_table"] and entry["sample"] in {flow.sample for flow in flows}:
                share = f"{entry['outside_table']} of {entry['acted_on']}"
                print_line(f"{entry['sample']}: {share} photons or events outside the table of {entry['correction']}")
    if latex is not None:
        with atomic_path(latex) as temporary:
            temporary.write_text("\n".join(_latex(flow) for flow in flows), encoding="utf-8")
    write_result(json, {"cutflows": [_as_dict(flow) for flow in flows], "correction_coverage": coverage})


def correction_coverage(histograms: SearchHistograms) -> list[dict[str, Any]]:
    """Return what corrections saw, acted on and did not cover, by sample and correction; empty without corrections."""
    counts = histograms.histograms.get("correction_coverage")
    if counts is None:
        return []
    values = counts.values()
    return [
        {"sample": sample, "correction": correction}
        | {name: int(values[i, j, k]) for k, name in enumerate(counts.axes["count"])}
        for i, sample in enumerate(counts.axes["dataset"])
        for j, correction in enumerate(counts.axes["correction"])
        if values[i, j].any()
    ]


def _title(flow: Cutflow) -> str:
    return f"{flow.sample} ({_WORDS.get(flow.kind, flow.kind)})"


def _rows(flow: Cutflow) -> list[tuple[str, ...]]:
    return [
        (
            row.cut,
            f"{row.entries:.0f}",
            "" if row.weight_fb is None else f"{row.weight_fb:.6g} +- {row.weight_error_fb or 0.0:.2g}",
            _percentage(row.step, None),
            _percentage(row.total, row.total_error),
        )
        for row in flow.rows
    ]


def _percentage(value: float | None, error: float | None) -> str:
    if value is None:
        return ""
    return f"{100.0 * value:.2f} %" + ("" if error is None else f" +- {100.0 * error:.2f} %")


def _latex(flow: Cutflow) -> str:
    lines = [" & ".join(_escaped(cell) for cell in cells) + r" \\" for cells in (HEADER, *_rows(flow))]
    body = [r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
    return "\n".join([f"% {_title(flow)}", r"\begin{tabular}{lrrrr}", *body, r"\end{tabular}", ""])


def _escaped(text: str) -> str:
    return text.replace("_", r"\_").replace("%", r"\%").replace("+-", r"$\pm$")


def _as_dict(flow: Cutflow) -> dict[str, Any]:
    rows = [
        {
            "cut": row.cut,
            "entries": int(row.entries),
            "sum_of_weights_fb": row.weight_fb,
            "error_fb": row.weight_error_fb,
            "of_the_cut_before": row.step,
            "of_all_generated": row.total,
        }
        for row in flow.rows
    ]
    return {"sample": flow.sample, "kind": flow.kind, "process": flow.process, "rows": rows}

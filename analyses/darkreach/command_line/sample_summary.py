"""What was simulated, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from darkreach.command_line.display import print_table
from darkreach.events.manifest import SampleManifest


def print_samples(manifests: Sequence[SampleManifest], out: Path) -> None:
    """Print what was simulated: cross-sections with their statistical errors, and effective numbers of events."""
    rows = [
        [
            sample.sample,
            f"{sample.generated_events}",
            f"{sample.entries}",
            f"{sample.cross_section_fb or 0.0:.5g} +- {sample.cross_section_error_fb or 0.0:.2g}",
            f"{sample.effective_events or 0.0:.0f}",
        ]
        for sample in manifests
    ]
    columns = ["sample", "generated", "written", "cross-section (fb)", "effective events"]
    print_table(f"samples in {out}", columns, rows)


def samples_as_json(manifests: Sequence[SampleManifest]) -> list[dict[str, object]]:
    """Return what was simulated as JSON-like data."""
    return [
        {
            "sample": sample.sample,
            "process": sample.process,
            "kind": sample.kind,
            "parameters": dict(sample.parameters),
            "generated_events": sample.generated_events,
            "entries": sample.entries,
            "cross_section_fb": sample.cross_section_fb,
            "cross_section_error_fb": sample.cross_section_error_fb,
            "cross_section_source": sample.cross_section_source,
            "effective_events": sample.effective_events,
            "files": [file.path for file in sample.files],
        }
        for sample in manifests
    ]

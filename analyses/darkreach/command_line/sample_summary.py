"""What was simulated, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from darkreach.command_line.display import print_line
from darkreach.events.manifest import SampleManifest


def print_samples(manifests: Sequence[SampleManifest], out: Path) -> None:
    """Print what was simulated: cross-sections with their statistical errors, and effective numbers of events."""
    # names of samples hold their parameters: they stand last, where nothing cuts them
    print_line(f"samples in {out}")
    print_line(f"{'generated':>9} {'written':>9} {'effective':>9} {'cross-section (fb)':>25}  sample")
    for sample in manifests:
        cross_section = f"{sample.cross_section_fb or 0.0:.5g} +- {sample.cross_section_error_fb or 0.0:.2g}"
        counts = f"{sample.generated_events:>9} {sample.entries:>9} {sample.effective_events or 0.0:>9.0f}"
        print_line(f"{counts} {cross_section:>25}  {sample.sample}")


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

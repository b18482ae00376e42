"""Tables of settings: systematic uncertainties, numbers without a verified source, provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from darkreach.configuration import DetectorConfig, Quantity, SearchConfig, unverified_numbers
from darkreach.report.table import NOTHING, Table


def systematics_table(search: SearchConfig) -> Table:
    """Return every systematic uncertainty of the search with its size, what it acts on, and its source."""
    variations, workspace = search.variations, search.workspace
    edges = variations.photon_efficiency.energy_edges
    efficiency = ", ".join(_relative(value) for value in variations.photon_efficiency.values)
    rows = [
        _row("photon energy scale", variations.energy_scale, "shape and rate of the signal and the background"),
        _row("energy and angular resolution", variations.resolution, "shape and rate of the signal and the background"),
        (
            "photon efficiency",
            f"{efficiency} a photon",
            f"rate by laboratory energy, bins divided at {', '.join(f'{edge:g}' for edge in edges)} GeV",
            variations.photon_efficiency.source,
        ),
        _row("luminosity", workspace.luminosity_uncertainty, "rate of everything simulated"),
        _row("signal efficiency", workspace.signal_efficiency_uncertainty, "rate of the signal"),
        _row("spurious signal", workspace.spurious_signal_fraction, "signal-like part of the background"),
        ("background rate", workspace.background_rate, "normalisation of the background in the fit", NOTHING),
        (
            "background shape",
            workspace.background if workspace.background == "templates" else f"order {workspace.bernstein_order}",
            "simulated templates with their statistical error" if workspace.background == "templates" else "Bernstein",
            NOTHING,
        ),
    ]
    return Table(("uncertainty", "size", "acts on", "source"), tuple(rows), text_columns=frozenset({0, 1, 2, 3}))


def _row(name: str, quantity: Quantity, target: str) -> tuple[str, ...]:
    words = f"{target} ({quantity.note})" if quantity.note else target
    return name, _relative(quantity.value), words, quantity.source


def _relative(value: float) -> str:
    return f"{100.0 * value:.3g} %"


def unverified_table(search: SearchConfig, detector: DetectorConfig) -> Table:
    """Return every number of both configurations whose source is not verified."""
    rows = [
        (f"{file}: {entry.key}", entry.value, entry.note)
        for file, section in ((search.search, search), (search.detector, detector))
        for entry in unverified_numbers(section)
    ]
    return Table(("key", "value", "note"), tuple(rows), text_columns=frozenset({0, 1, 2}))


def provenance_table(histograms: Mapping[str, Any], limits: Mapping[str, Any]) -> Table:
    """Return the records of the two stages side by side, nested keys joined by dots."""
    first, second = dict(_flat(histograms)), dict(_flat(limits))
    keys = list(dict.fromkeys([*first, *second]))
    rows = tuple((key, first.get(key, NOTHING), second.get(key, NOTHING)) for key in keys)
    return Table(("key", "histograms", "limits"), rows, text_columns=frozenset({0, 1, 2}))


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        name = f"{prefix}.{key}".lstrip(".")
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        else:
            yield name, str(value)

"""Tables of settings: systematic uncertainties, numbers without a verified source, provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from darkreach.configuration import (
    DetectorConfig,
    LikelihoodSettings,
    MassScanConfig,
    Quantity,
    SearchConfig,
    VariationSettings,
    WorkspaceSettings,
    unverified_numbers,
)
from darkreach.corrections import read_corrections
from darkreach.report.table import NOTHING, Table


def systematics_table(search: MassScanConfig) -> Table:
    """Return every systematic uncertainty of the search with its size, what it acts on, and its source."""
    variations, workspace = search.variations, search.workspace
    # polynomials float freely: nothing simulated moves them
    simulated = "the signal and the background" if workspace.background == "templates" else "the signal"
    by_luminosity = simulated if workspace.background_rate == "fixed" else "the signal"
    rows = [
        *variation_rows(variations, simulated),
        *_correction_rows(search, simulated),
        *signal_rows(workspace, by_luminosity),
        uncertainty_row("spurious signal", workspace.spurious_signal_fraction, "signal-like part of the background"),
        *_background_rows(workspace),
    ]
    return Table(("uncertainty", "size", "acts on", "source"), tuple(rows), text_columns=frozenset({0, 1, 2, 3}))


def signal_rows(workspace: LikelihoodSettings, by_luminosity: str = "the signal") -> list[tuple[str, ...]]:
    """Return the rows of the luminosity, of the efficiency and of all further factors of the signal."""
    return [
        uncertainty_row("luminosity", workspace.luminosity_uncertainty, f"rate of {by_luminosity}"),
        uncertainty_row("signal efficiency", workspace.signal_efficiency_uncertainty, "rate of the signal"),
        *(
            uncertainty_row(name.replace("_", " "), quantity, "rate of the signal")
            for name, quantity in workspace.signal_uncertainties.items()
        ),
    ]


def variation_rows(variations: VariationSettings, simulated: str) -> list[tuple[str, ...]]:
    """Return a row for each variation of simulated events that is on."""
    rows = []
    for name in variations.stems:
        setting, title = getattr(variations, name), name.replace("_", " ")
        if isinstance(setting, Quantity):
            rows.append(uncertainty_row(title, setting, f"shape and rate of {simulated}"))
            continue
        # an uncertainty in steps: edges and one value more
        edges = next(getattr(setting, field) for field in type(setting).model_fields if field.endswith("_edges"))
        divided = " and ".join(f"{edge:g}" for edge in edges)
        efficiency = ", ".join(_relative(value) for value in setting.values)
        words = f"shape and rate of {simulated}, by energy or momentum, divided at {divided} GeV"
        rows.append((title, f"{efficiency} each", words, setting.source))
    return rows


def _correction_rows(search: SearchConfig, simulated: str) -> list[tuple[str, ...]]:
    corrections = read_corrections(search.correction_files)
    sources = {one.description.name: one.description.source for one in corrections.corrections}
    flows = corrections.silent_flows
    return [
        (
            f"{nuisance} ({', '.join(feeders)})",
            "; ".join(["table", *(f"{name}: {', '.join(flows[name])} outside" for name in feeders if name in flows)]),
            f"shape and rate of {simulated}",
            ", ".join(dict.fromkeys(sources[name] for name in feeders)),
        )
        for nuisance, feeders in corrections.nuisances.items()
    ]


def _background_rows(workspace: WorkspaceSettings) -> list[tuple[str, ...]]:
    if workspace.background == "bernstein":
        words = f"Bernstein polynomial of order {workspace.bernstein_order}"
        return [("background rate and shape", "free", words, NOTHING)]
    if workspace.groups:
        return _group_rows(workspace)
    rate = "free, one factor a region" if workspace.background_rate == "floating" else "fixed to the simulation"
    return [
        ("background rate", rate, "normalisation of the background", NOTHING),
        ("size of the simulated background", "√Σw²", "every bin of the background on its own", "computed"),
    ]


def _group_rows(workspace: WorkspaceSettings) -> list[tuple[str, ...]]:
    rows = []
    for group in workspace.groups:
        title = f"rate of {group.name.replace('_', ' ')}"
        if group.uncertainty is not None:
            rows.append(uncertainty_row(title, group.uncertainty, "all regions and controls together"))
        else:
            size = "free" if group.rate == "floating" else "fixed to the simulation"
            rows.append((title, size, "all regions and controls together", NOTHING))
        if group.transfer is not None:
            rows.append(
                uncertainty_row(f"{title}, controls to regions", group.transfer, "regions of one mass range together")
            )
    rows += [
        uncertainty_row(f"rate of {flat.name.replace('_', ' ')}", flat.uncertainty, f"region {flat.region}")
        for flat in workspace.flat_backgrounds
    ]
    rows.append(("size of the simulated background", "√Σw²", "every bin of a channel on its own", "computed"))
    return rows


def uncertainty_row(name: str, quantity: Quantity, target: str) -> tuple[str, ...]:
    """Return the row of one relative uncertainty: its name, size, what it acts on with its note, and its source."""
    words = f"{target} ({quantity.note})" if quantity.note else target
    return name, _relative(quantity.value), words, quantity.source


def _relative(value: float) -> str:
    return f"{100.0 * value:.3g} %"


def unverified_table(search: SearchConfig, detector: DetectorConfig) -> Table:
    """Return every number of the search and of what it uses of the detector, and every correction, not verified."""
    used = {name: getattr(detector, name) for name in search.detector_sections}
    rows = [
        (f"{file}: {entry.key}", entry.value, entry.note)
        for file, section in ((search.search, search), (search.detector, used))
        for entry in unverified_numbers(section)
    ]
    rows += [
        (f"{search.search}: correction {one.name}", f"table {one.correction} of {one.payload}, {one.version}", one.note)
        for one in (correction.description for correction in read_corrections(search.correction_files).corrections)
        if one.source == "unverified"
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

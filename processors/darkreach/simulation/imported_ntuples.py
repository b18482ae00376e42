"""Somebody's ntuples as a sample: the columns of a map under our names, with the weight of every event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.column_map import ColumnMapConfig
from darkreach.errors import ConfigError, EventContentError, MissingColumnError
from darkreach.events.column_map import variables_by_column
from darkreach.events.columns import INDEX_COLUMNS
from darkreach.events.list_columns import counter_of
from darkreach.events.location import Location
from darkreach.events.manifest import MANIFEST_NAME, SampleFile, SampleManifest, write_manifest
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES, open_events
from darkreach.events.row_file import EventFile
from darkreach.events.variable_source import known_column
from darkreach.provenance import atomic_path, digest_file, digest_json, run_record
from darkreach.response.measured_events import MeasuredObjects
from darkreach.simulation.event_lists import EventLists
from darkreach.simulation.list_files import ParquetLists
from darkreach.simulation.weight_sums import WeightSums, added_sums, weight_sums

_WEIGHT: Final = "generatorWeight"
_ALWAYS: Final = (*(column.name for column in INDEX_COLUMNS if column.name != "__ncandidates__"), "nTracks")
"""Kept under their own names where they are there."""


@dataclass(frozen=True)
class ImportedSample:
    """What nothing in the ntuples says.

    Attributes:
        sample: name.
        process: the reaction in words.
        kind: ``signal`` or ``background`` of a simulation, or ``data``.
        generated_events: of a simulation, before any selection.
        cross_section_fb: of a simulation.
        luminosity_inverse_fb: of data.
        parameters: such as ``mass_gev`` and ``coupling`` of a signal.
    """

    sample: str
    process: str
    kind: Literal["signal", "background", "data"]
    generated_events: int | None = None
    cross_section_fb: float | None = None
    luminosity_inverse_fb: float | None = None
    parameters: tuple[tuple[str, float], ...] = ()

    def check(self) -> None:
        """Refuse what is missing, superfluous or out of range; raises ConfigError."""
        data = self.kind == "data"
        rules = (
            ("generated_events", self.generated_events, not data),
            ("cross_section_fb", self.cross_section_fb, not data),
            ("luminosity_inverse_fb", self.luminosity_inverse_fb, data),
        )
        for name, value, needed in rules:
            if (value is not None) != needed or (value is not None and not 0.0 < value < np.inf):
                raise ConfigError(
                    f"{name} of the sample makes no sense",
                    where=f"sample {self.sample} ({self.kind})",
                    allowed="a positive number" if needed else f"nothing for {self.kind}",
                    given="nothing" if value is None else f"{value:g}",
                )


def import_ntuples(
    files: Sequence[Location], column_map: ColumnMapConfig, about: ImportedSample, out: Path
) -> SampleManifest:
    """Write the mapped columns of some ntuples into ``out/<sample>`` and return the manifest.

    Columns of the simulation's truth may be missing, all others not; NaN becomes 0 in columns of whole numbers, which
    basf2 writes where there is no true particle. The weights add up to the cross-section over all generated events if
    the weights of the map, if it has any, have the mean 1.

    Args:
        files: ROOT or Parquet files, event-wise or flat.
        column_map: variables of our columns.
        about: what the sample is.
        out: folder of all samples.

    Raises:
        ConfigError: numbers of the sample are missing, or there is such a sample already.
        InputFileError: a file cannot be read, or lacks a column.
        EventContentError: lists of one collection differ in length, or a weight is not finite.
    """
    about.check()
    folder = out / about.sample
    if (folder / MANIFEST_NAME).exists():
        raise ConfigError(
            "there is such a sample already", where=str(folder), next_step="choose another name, or remove it"
        )
    written, sums = [], []
    for index, location in enumerate(files):
        target = folder / f"events_{index:04d}.parquet"
        with (
            open_events(location, column_map.tree, columns=variables_by_column(column_map)) as file,
            atomic_path(target) as temporary,
            ParquetLists(temporary) as output,
        ):
            sums.append(_convert(file, column_map, about, output))
            entries = file.entries
        written.append(SampleFile(target.name, entries, digest_file(target)))
    manifest = _manifest(about, column_map, written, added_sums(sums), [str(file) for file in files])
    write_manifest(folder, manifest)
    return manifest


def _convert(file: EventFile, column_map: ColumnMapConfig, about: ImportedSample, output: ParquetLists) -> WeightSums:
    simulated = about.kind != "data"
    columns = _columns(file, column_map, simulated)
    weight = [column_map.weight] if column_map.weight and simulated else []
    sums = []
    for start, stop in file.ranges([*columns, *weight], DEFAULT_CHUNK_ENTRIES):
        chunk = file.read([*columns, *weight], start, stop)
        share = np.ones(len(chunk))
        if simulated:
            factor = np.asarray(chunk[weight[0]], dtype=np.float64) if weight else share
            share = factor * (about.cross_section_fb or 0.0) / (about.generated_events or 1)
        if not np.isfinite(share).all():
            raise EventContentError("weights are not finite", where=f"{file.path} entries {start} to {stop}")
        output.append(_rows(chunk, columns, {_WEIGHT: share} if simulated else {}, str(file.path)))
        sums.append(weight_sums(share, 0))
    return added_sums(sums)


def _columns(file: EventFile, column_map: ColumnMapConfig, simulated: bool) -> list[str]:
    available = set(file.column_names())
    columns = [name for name in _ALWAYS if name in available]
    for name, variable in variables_by_column(column_map).items():
        known = known_column(name)
        truth = known is not None and known.truth
        if name in available and (simulated or not truth):
            columns.append(name)
        elif name not in available and not truth:
            raise MissingColumnError(
                f"'{variable}', which the column map gives for '{name}', is missing",
                where=str(file.path),
                given=", ".join(sorted(available)[:40]),
                next_step="correct the column map, or write the ntuple with this variable",
            )
    counters = {counter_of(_collection(name)) for name in columns}
    return [name for name in dict.fromkeys(columns) if name not in counters]


def _collection(name: str) -> str:
    known = known_column(name)
    return known.collection if known is not None else ""


def _rows(chunk: ak.Array, columns: Sequence[str], more: dict[str, Any], where: str) -> EventLists:
    event: dict[str, NDArray[Any]] = {}
    parts: dict[str, tuple[NDArray[np.int64], dict[str, NDArray[Any]]]] = {}
    for name in columns:
        layout: Any = ak.to_layout(chunk[name])
        if not layout.is_list:
            event[name] = _typed(name, np.asarray(layout.data))
            continue
        collection = _collection(name)
        # offsets that begin at zero, and the values between the first and the last of them
        packed = layout.to_ListOffsetArray64(True).to_packed()
        offsets = np.asarray(packed.offsets.data)
        own, lists = parts.setdefault(collection, (offsets, {}))
        if not np.array_equal(own, offsets):
            raise EventContentError(
                f"lists of '{name}' and of other columns of the same collection differ in length", where=where
            )
        short = name.removeprefix(f"{collection}_") if collection else name
        lists[short] = _typed(name, np.asarray(packed.content.data))
    lists_of = {collection: MeasuredObjects(offsets, lists) for collection, (offsets, lists) in parts.items()}
    return EventLists({**event, **more}, lists_of)


def _typed(name: str, values: NDArray[Any]) -> NDArray[Any]:
    known = known_column(name)
    whole = known is not None and np.dtype(known.dtype).kind in "iub"
    return np.where(np.isfinite(values), values, 0.0) if whole and values.dtype.kind == "f" else values


def _manifest(
    about: ImportedSample,
    column_map: ColumnMapConfig,
    files: Sequence[SampleFile],
    sums: WeightSums,
    sources: Sequence[str],
) -> SampleManifest:
    simulated = about.kind != "data"
    settings = {"sample": about.sample, "columns": column_map.model_dump(mode="json"), "sources": list(sources)}
    entries = sum(file.entries for file in files)
    return SampleManifest(
        sample=about.sample,
        process=about.process,
        kind=about.kind,
        parameters=dict(about.parameters),
        cross_section_fb=about.cross_section_fb,
        cross_section_source="given with the ntuples" if simulated else "",
        generated_events=about.generated_events or entries,
        weight_column=_WEIGHT if simulated else None,
        luminosity_inverse_fb=about.luminosity_inverse_fb,
        seed=None,
        generator="",
        files=tuple(files),
        record=run_record(digest_json(settings)).as_dict() | {"settings": settings},
        effective_events=sums.effective_events if simulated else None,
    )

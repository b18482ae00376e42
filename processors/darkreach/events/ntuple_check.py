"""Whether a search can run on an ntuple: columns there and missing, values not finite, events seen twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from darkreach.errors import MissingColumnError, closest_name
from darkreach.events.candidate_file import CANDIDATE
from darkreach.events.event_identity import EVENT_KEY, Keys
from darkreach.events.event_sample import EventSample, read_sample
from darkreach.events.index_columns import check_index
from darkreach.events.location import Location
from darkreach.events.names import unescape_name
from darkreach.events.ntuple_finding import Finding
from darkreach.events.readers import open_rows
from darkreach.events.row_file import RowFile
from darkreach.events.stored_columns import stored_names
from darkreach.events.stored_layout import StoredColumn, StoredLayout
from darkreach.events.variable_source import COLUMN_TABLE, how_to_add, known_column

SAMPLED_ENTRIES: Final = 1_000_000
"""Most entries whose values are looked at unless all are asked for."""

MAXIMUM_CANDIDATES: Final = 100
"""Default of maxCandidates: values of an event beyond it are undefined in basf2, its counter is not clipped."""

ALWAYS_FINITE: Final = frozenset({"__weight__", "generatorWeight", "nTracks"})


@dataclass(frozen=True)
class NtupleCheck:
    """What was found in one file.

    Attributes:
        path: of the file.
        entries: rows.
        read_entries: rows whose values were looked at; fewer than ``entries`` in a sampled file.
        present: stored name of every needed variable that is there.
        missing: for every needed variable that is not, what to add.
        unexpected: stored columns that neither the search nor the column table knows.
        not_finite: share of NaN or infinite values of every needed column.
        layout: of the file.
        findings: everything else, worst first.
        keys: identities of the rows read; None if the file has no usable index.
    """

    path: Location
    entries: int
    read_entries: int
    present: dict[str, str]
    missing: dict[str, str]
    unexpected: tuple[str, ...]
    not_finite: dict[str, float]
    layout: StoredLayout
    findings: tuple[Finding, ...]
    keys: Keys | None = field(default=None, compare=False, repr=False)

    @property
    def runnable(self) -> bool:
        """Whether the search can run on this file."""
        return not self.missing and all(finding.severity != "fault" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-like data."""
        layout = asdict(self.layout)
        return {
            "file": str(self.path),
            "runnable": self.runnable,
            "entries": self.entries,
            "read_entries": self.read_entries,
            "present": self.present,
            "missing": self.missing,
            "unexpected": list(self.unexpected),
            "not_finite": self.not_finite,
            "layout": {name: layout[name] for name in layout if name != "columns"},
            "findings": [asdict(finding) for finding in self.findings],
        }


def check_ntuple(
    path: Location, needed: Sequence[str], *, tree: str | None = None, sampled_entries: int = SAMPLED_ENTRIES
) -> NtupleCheck:
    """Look at one file with the eyes of a search.

    Args:
        path: ROOT or Parquet file; a URL is given as text.
        needed: basf2 variables that the search reads.
        tree: of a ROOT file; by default the one called ``tree``, or the only one.
        sampled_entries: most rows whose values are read, taken from all over the file.

    Raises:
        InputFileError: the file cannot be opened, or holds no events.
    """
    with open_rows(path, tree) as file:
        layout = file.layout()
        present, missing = _sought(file, needed)
        sample = read_sample(file, present, sampled_entries, maximum=MAXIMUM_CANDIDATES)
        findings = [*_types(layout, present), *sample.faults, *_values(sample), *_block_size(layout, file.entries)]
        index_findings, keys = check_index(file, layout, sample)
        entries = file.entries
    order = ("fault", "warning", "note")
    return NtupleCheck(
        path,
        entries,
        sample.entries,
        present,
        missing,
        _unexpected(layout, needed),
        {name: share for name, share in sample.not_finite.items() if name in present},
        layout,
        tuple(sorted([*findings, *index_findings], key=lambda finding: order.index(finding.severity))),
        keys,
    )


def _sought(file: RowFile, needed: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    available = file.column_names()
    present: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name in needed:
        try:
            present |= stored_names(available, [name], where=str(file.path))
        except MissingColumnError:
            match = closest_name(name, [unescape_name(column) for column in available])
            missing[name] = how_to_add(name) + (f"; the closest column is '{match}'" if match else "")
    return present, missing


def _unexpected(layout: StoredLayout, needed: Sequence[str]) -> tuple[str, ...]:
    known = {*needed, *COLUMN_TABLE, "__candidate__"}
    names = [column.name for column in layout.columns]
    return tuple(name for name in names if name not in known and unescape_name(name) not in known)


def _types(layout: StoredLayout, present: dict[str, str]) -> list[Finding]:
    columns = {column.name: column for column in layout.columns}
    # read as one list an event
    flat = {CANDIDATE, *EVENT_KEY} <= set(columns) and columns[CANDIDATE].level == "event"
    found = (_type_fault(name, columns.get(stored), flat) for name, stored in present.items())
    findings = [fault for fault in found if fault is not None]
    variables = [unescape_name(name) for name in columns]
    repeated = sorted({name for name in variables if variables.count(name) > 1})
    return findings + [Finding("fault", f"two columns stand for the variable '{name}'") for name in repeated]


def _type_fault(name: str, column: StoredColumn | None, flat: bool) -> Finding | None:
    if column is None or not column.dtype:
        return Finding("fault", f"'{name}' holds neither numbers nor lists of numbers")
    if flat:
        text = f"'{name}' holds a list a row: a flat candidate ntuple has one number a candidate"
        return None if column.level == "event" else Finding("fault", text)
    known = known_column(name)
    expected = column.level if known is None else known.level
    if column.level == expected:
        return None
    if expected == "candidate":
        return Finding(
            "fault",
            f"'{name}' holds one number a row, the search needs a list an event: write it with "
            f"variablesToEventBasedTree, or with {CANDIDATE} and the index columns",
        )
    return Finding("fault", f"'{name}' holds a list an event, the search needs one number: add it to event_variables")


def _values(sample: EventSample) -> list[Finding]:
    findings = []
    for name, share in sample.not_finite.items():
        if share and name in ALWAYS_FINITE:
            findings.append(Finding("fault", f"'{name}' is NaN or infinite in {share:.3g} of its values"))
        elif share:
            findings.append(
                Finding("warning", f"'{name}' is NaN or infinite in {share:.3g} of its values: refused if selected")
            )
    for name, number in sample.unequal_lists.items():
        findings.append(
            Finding(
                "fault", f"lists of '{name}' and of the first candidate variable differ in length in {number} events"
            )
        )
    if sample.most_candidates > MAXIMUM_CANDIDATES:
        findings.append(
            Finding(
                "warning",
                f"{sample.beyond_maximum} events have more than {MAXIMUM_CANDIDATES} candidates (most: "
                f"{sample.most_candidates}): basf2 leaves values beyond maxCandidates undefined",
            )
        )
    return findings


def _block_size(layout: StoredLayout, entries: int) -> list[Finding]:
    if not layout.tiny:
        return []
    remedy = "write it again with larger ones" if layout.kind == "RNTuple" else "'darkreach recompact' rewrites it"
    return [
        Finding(
            "warning",
            f"tiny {layout.block}s, slow to read: {layout.entries_per_block:.0f} entries and "
            f"{layout.bytes_per_block:.0f} bytes each (median), {layout.blocks} for {entries} entries; {remedy}",
        )
    ]

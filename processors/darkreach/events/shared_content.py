"""Files that hold the same events: copies, and events split over two files or written to both."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from darkreach.events.event_identity import Keys, shared_events
from darkreach.events.location import Location
from darkreach.events.ntuple_finding import Finding
from darkreach.provenance import digest_file


def shared_content(files: Sequence[tuple[Location, Keys | None]]) -> list[Finding]:
    """Compare every file with every other one.

    Args:
        files: path and identities (n, k) of the rows read, None where a file has none.

    Returns:
        One fault for each pair of files that are copies or hold the same events.
    """
    findings = []
    for (first, first_keys), (second, second_keys) in combinations(files, 2):
        if _copies(first, second):
            findings.append(Finding("fault", f"{second} is a copy of {first}"))
        elif first_keys is not None and second_keys is not None and first_keys.shape[1] == second_keys.shape[1]:
            shared = shared_events(first_keys, second_keys)
            if shared:
                text = f"{shared} events are in {first} and in {second}: split over two files, or written twice"
                findings.append(Finding("fault", text))
    return findings


def _copies(first: Location, second: Location) -> bool:
    if not (isinstance(first, Path) and isinstance(second, Path)):
        # remote files are not read a second time: their events are compared anyway
        return first == second
    if first.resolve() == second.resolve():
        return True
    return first.stat().st_size == second.stat().st_size and digest_file(first) == digest_file(second)

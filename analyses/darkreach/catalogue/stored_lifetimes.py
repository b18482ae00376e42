"""Where the limits in mass and lifetime of a search are: in the catalogue, in the folder of a run, in a file."""

from __future__ import annotations

from pathlib import Path

from darkreach.catalogue.entry import known_entries
from darkreach.couplings.lifetime_limits_file import FILE_NAMES
from darkreach.errors import InputFileError


def find_lifetime_limits(search: str, catalogue: Path | None = None) -> Path:
    """Return the file of limits in mass and lifetime of a search.

    Args:
        search: a file of such limits, the folder of a run or entry that holds one, or the name of an entry of the
            catalogue.
        catalogue: its folder; None for the shipped one.

    Raises:
        UnknownNameError: neither a file nor a folder, nor in the catalogue; proposes the closest name.
        InputFileError: no such limits are there.
    """
    path = Path(search)
    if path.is_file():
        return path
    if path.is_dir():
        return _inside(path)
    if path.suffix == ".csv" or len(path.parts) > 1:
        raise InputFileError("no such file or folder", where=search, next_step="check the path")
    (entry,) = known_entries([search], catalogue)
    return _inside(entry.folder)


def _inside(folder: Path) -> Path:
    found = [folder / name for name in FILE_NAMES.values() if (folder / name).is_file()]
    if not found:
        raise InputFileError(
            "no limits in mass and lifetime are there",
            where=str(folder),
            allowed=" or ".join(FILE_NAMES.values()),
            next_step="choose a search for displaced decays; 'darkreach list' shows the kinds of all searches",
        )
    return found[0]

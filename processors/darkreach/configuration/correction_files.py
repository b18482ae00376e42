"""Files of corrections as a search names them: shipped ones by their name, others by a path."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, ValidationInfo

from darkreach.configuration.locate import config_path, known_configs
from darkreach.errors import closest_name

_SUFFIXES: Final = (".yaml", ".yml", ".json")
FOLDER: Final = "folder"
"""Key of the validation context: folder of the document, from which relative paths start."""


def is_path(given: str) -> bool:
    """Return whether a text is a path to a file; otherwise it is the name of a shipped one.

    Example:
        >>> is_path("mine/tracking.corrections.yaml"), is_path("example_photon_corrections")
        (True, False)
    """
    return "/" in given or given.endswith(_SUFFIXES)


def correction_file(given: str) -> Path:
    """Return the file that a validated entry stands for; raises UnknownNameError for a name nobody ships."""
    return Path(given) if is_path(given) else config_path("corrections", given)


def _resolved(given: str, info: ValidationInfo) -> str:
    """Return a shipped name as it is, and a path made absolute; stored documents were resolved when they were read."""
    if not is_path(given):
        known = known_configs("corrections")
        if given not in known:
            raise ValueError(f"no corrections are called '{given}'{_hint(given, known)}; a path ends in .yaml")
        return given
    folder = (info.context or {}).get(FOLDER)
    if folder is None:
        return given
    path = Path(folder) / given
    if not path.is_file():
        beside = sorted(one.name for one in path.parent.glob("*.*") if one.suffix in _SUFFIXES)
        raise ValueError(f"no such file: {path}{_hint(path.name, beside)}")
    return str(path.absolute())


def _hint(given: str, known: list[str]) -> str:
    match = closest_name(given, known)
    return f"; did you mean '{match}'?" if match else f"; known: {', '.join(known)}" if known else ""


CorrectionFileName = Annotated[str, AfterValidator(_resolved)]

"""Where a file of events is: a local path, or a URL that fsspec understands (``file://``, ``root://``, ``s3://``)."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, Final

import fsspec  # type: ignore[import-untyped]

from darkreach.errors import InputFileError

Location = Path | str
"""A local path, or the text of a URL."""

_SEPARATOR: Final = "://"


def location_of(text: str) -> Location:
    """Return a URL as it is and anything else as a path.

    Example:
        >>> location_of("memory://a.root"), location_of("a.root").name
        ('memory://a.root', 'a.root')
    """
    return text if _SEPARATOR in text else Path(text)


def open_bytes(location: Location) -> IO[bytes]:
    """Open a file for reading.

    Raises:
        InputFileError: there is no such file, or the URL cannot be opened here.
    """
    if isinstance(location, Path):
        if not location.is_file():
            raise _missing(location)
        return location.open("rb")
    try:
        opened: Any = fsspec.open(location, "rb").open()
    except FileNotFoundError as error:
        raise _missing(location) from error
    # fsspec raises ValueError for unknown protocols and ImportError for those whose package is not installed
    except (OSError, ValueError, ImportError) as error:
        raise InputFileError(
            "file of events cannot be opened at this address",
            where=location,
            allowed="a path, or a URL that fsspec can open",
            given=str(error).strip().split("\n", 1)[0] or type(error).__name__,
            next_step="check the address, and whether the package for it is installed",
        ) from error
    return opened  # type: ignore[no-any-return]  # fsspec is untyped


def byte_size(location: Location) -> int:
    """Return the size of a file in bytes."""
    with open_bytes(location) as stream:
        return stream.seek(0, 2)


def _missing(location: Location) -> InputFileError:
    return InputFileError("no such file of events", where=str(location), next_step="check the path")

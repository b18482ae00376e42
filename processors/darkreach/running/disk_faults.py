"""A disk that is full or read-only: one error that says so, whatever was being written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from darkreach.errors import OutputError

_FAULTS: Final = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "disk quota exceeded",
    errno.EROFS: "the disk is read-only",
    errno.EFBIG: "file larger than this disk allows",
}


@contextmanager
def disk_faults(place: Path) -> Iterator[None]:
    """Turn the errors of a full or read-only disk into an OutputError; let all others pass.

    Raises:
        OutputError: the disk cannot take the output.

    Example:
        >>> with disk_faults(Path("out")):
        ...     raise OSError(errno.ENOSPC, "No space left on device")
        Traceback (most recent call last):
        ...
        darkreach.errors.OutputError: no space left on the disk
          where:   out
          given:   [Errno 28] No space left on device
          next:    make room or choose another disk; finished work is kept, the same command (--resume) does the rest
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FAULTS:
            raise
        raise OutputError(
            _FAULTS[error.errno],
            where=str(place),
            given=str(error),
            next_step="make room or choose another disk; finished work is kept, the same command (--resume) does "
            "the rest",
        ) from error

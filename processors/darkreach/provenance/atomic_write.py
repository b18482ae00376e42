"""Writing results so that a reader sees the whole file or none of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from darkreach.errors import OutputError


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside the target; rename it on success, remove it on any failure.

    Raises:
        OutputError: the folder does not exist and cannot be made, or is not writable.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with atomic_path(folder / "a.txt") as temporary:
        ...     _ = temporary.write_text("done")
        >>> (folder / "a.txt").read_text()
        'done'
    """
    # the suffix is kept at the end: writers choose their format by it
    temporary = target.with_name(f".{uuid4().hex[:8]}.partial.{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(13, "not writable", str(target.parent))
    except OSError as error:
        raise OutputError(
            f"cannot write to the folder of {target.name}",
            where=str(target.parent),
            given=str(error),
            next_step="choose another output folder with --out",
        ) from error
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(target: Path, content: Any, *, indent: int | None = 1) -> None:
    """Write JSON atomically with a fixed layout; NaN and infinity are refused because JSON has none.

    Raises:
        ValueError: the content holds a NaN or an infinity.
    """
    write_text(target, json.dumps(content, indent=indent, allow_nan=False, ensure_ascii=False) + "\n")

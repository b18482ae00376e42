"""Reading JSON that others wrote: bounded, without duplicate keys, without NaN or infinity."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from darkreach.errors import WorkspaceError

MAXIMUM_BYTES: Final = 1_000_000_000
"""Largest file read; the largest public likelihoods are some 10^8 bytes."""


def read_json(path: Path, *, maximum_bytes: int = MAXIMUM_BYTES) -> Any:
    """Read one JSON file of at most ``maximum_bytes`` bytes.

    Raises:
        WorkspaceError: the file is missing, too large, not UTF-8, not JSON (with line and column), repeats a key
            inside one object, or holds a number that is not finite (with its JSON path).
    """
    content = _parse(path, _text(path, maximum_bytes))
    for place, number in _non_finite(content, "$"):
        raise WorkspaceError(
            "a number is not finite",
            where=f"{path}: {place}",
            allowed="finite numbers",
            given=str(number),
            next_step="find the empty bin or division by zero that made it, and write the file again",
        )
    return content


def json_path(parts: Iterable[int | str]) -> str:
    """Return a location inside JSON in the usual notation.

    Example:
        >>> json_path(["channels", 0, "samples"])
        '$.channels[0].samples'
    """
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _text(path: Path, maximum_bytes: int) -> str:
    try:
        size = path.stat().st_size
        if size > maximum_bytes:
            raise WorkspaceError(
                "the file is too large",
                where=str(path),
                allowed=f"at most {maximum_bytes} bytes",
                given=f"{size} bytes",
                next_step="check that this is a workspace; if so, raise maximum_bytes",
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(
            "the file cannot be read", where=str(path), given=error.strerror, next_step="check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise WorkspaceError(
            "the file is not UTF-8 text",
            where=f"{path}: byte {error.start}",
            allowed="JSON in UTF-8",
            next_step="unpack the file if it is compressed, or convert it to UTF-8",
        ) from error


def _parse(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise WorkspaceError(
            "the file is not JSON",
            where=f"{path}:{error.lineno}:{error.colno}",
            given=error.msg,
            next_step="correct the file at this line and column, or fetch it again if it is incomplete",
        ) from error
    except _DuplicateKeyError as error:
        raise WorkspaceError(
            f"key '{error}' stands twice in one object",
            where=str(path),
            next_step="keep one of the two; JSON readers silently differ in which one they take",
        ) from error
    except RecursionError as error:
        raise WorkspaceError("the JSON is nested too deeply", where=str(path), next_step="check the file") from error


class _DuplicateKeyError(ValueError):
    """A JSON object repeats a key."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return content


def _non_finite(content: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(content, float):
        if not math.isfinite(content):
            yield place, content
    elif isinstance(content, dict):
        for key, item in content.items():
            # building the path is the slow part: texts and plain numbers, the bulk of a workspace, skip it
            if type(item) is not str:
                yield from _non_finite(item, f"{place}.{key}")
    elif isinstance(content, list) and not _all_finite(content):
        for index, item in enumerate(content):
            yield from _non_finite(item, f"{place}[{index}]")


def _all_finite(items: list[Any]) -> bool:
    # true numbers only, and a finite sum has finite terms
    return type(items[0] if items else None) is float and set(map(type, items)) == {float} and math.isfinite(sum(items))

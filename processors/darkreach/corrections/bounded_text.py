"""Text files of others: read with a bound on their size, packed or not, and parsed as plain data."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from pathlib import Path
from typing import Any, Final, NoReturn

from darkreach.errors import InputFileError

MAXIMUM_TEXT_BYTES: Final = 128 * 1024 * 1024


def read_bounded_text(path: Path, maximum: int = MAXIMUM_TEXT_BYTES) -> str:
    """Return the text of a file; names that end in ``.gz`` are unpacked, never beyond the bound.

    Raises:
        InputFileError: missing, not gzip though named so, not UTF-8, or larger than ``maximum`` bytes once unpacked.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(maximum + 1)
        if len(content) > maximum:
            raise InputFileError(
                "the file is too large",
                where=str(path),
                allowed=f"{maximum} bytes, unpacked",
                next_step="split the table, or keep fewer variations",
            )
        return content.decode("utf-8")
    except FileNotFoundError as error:
        raise InputFileError("file not found", where=str(path), next_step="check the path") from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputFileError("the file cannot be read as text", where=str(path), given=str(error)) from error


def parse_json(text: str, where: str) -> Any:
    """Return the content of JSON text; NaN, infinities, numbers beyond a double and repeated keys are refused.

    Raises:
        InputFileError: not such JSON, or nested deeper than the interpreter allows.

    Example:
        >>> parse_json('{"a": [1, 2.5]}', "here")
        {'a': [1, 2.5]}
    """
    try:
        return json.loads(text, object_pairs_hook=_unique_keys, parse_float=_finite, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise InputFileError("not the JSON of a correction", where=where, given=str(error)) from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"repeated keys: {sorted({name for name in names if names.count(name) > 1})}")
    return content


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refused(number)


def _refused(number: str) -> NoReturn:
    raise ValueError(f"{number} is no finite number")

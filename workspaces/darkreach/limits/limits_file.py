"""The limits file: all limits of a search, with what mu = 1 means and where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from darkreach.errors import InputFileError
from darkreach.limits.limit_json import check_keys, limit_from_json
from darkreach.limits.results import Limit
from darkreach.provenance import write_json

FORMAT_VERSION = "darkreach-limits-1"


@dataclass(frozen=True)
class LimitsDocument:
    """The content of ``limits.json``.

    Attributes:
        search: name of the search, or of the workspace file.
        poi: the parameter the limits are on.
        parameters: labels of the coordinates of a hypothesis, e.g. ("mass_gev", "ctau_cm").
        luminosity_inverse_fb: integrated luminosity in fb^-1; None if the workspace does not tell.
        mu_one: what mu = 1 means, in words.
        workspace_digests: SHA-256 of every workspace and patchset file, by file name.
        meanings: metadata of every patch, by name of the hypothesis (cross_section_fb, coupling, region, ...).
        limits: one per hypothesis and confidence level.
        record: provenance.
    """

    search: str
    poi: str
    parameters: tuple[str, ...]
    luminosity_inverse_fb: float | None
    mu_one: str
    workspace_digests: Mapping[str, str]
    meanings: Mapping[str, Mapping[str, Any]]
    limits: tuple[Limit, ...]
    record: Mapping[str, Any] = field(default_factory=dict)

    def at(self, cl: float) -> tuple[Limit, ...]:
        """Return the limits at one confidence level, in order."""
        return tuple(limit for limit in self.limits if limit.cl == cl)


_KEYS = ("format", *(entry.name for entry in fields(LimitsDocument)))


def write_limits(path: Path, document: LimitsDocument) -> Path:
    """Write ``limits.json`` atomically, the same bytes for the same content, and return its path.

    Raises:
        ValueError: a number is NaN or infinite, for which JSON has no form.
        OutputError: the folder cannot be written to.
    """
    content = {"format": FORMAT_VERSION} | {name: getattr(document, name) for name in _KEYS[1:]}
    content["limits"] = [limit.as_dict() for limit in document.limits]
    write_json(path, content)
    return path


def read_limits(path: Path) -> LimitsDocument:
    """Read ``limits.json``.

    Raises:
        InputFileError: missing, not JSON, of another format version, incomplete, or with a limit twice.
        UnknownNameError: a key nobody knows.
    """
    content = _load(path)
    check_keys(content, _KEYS, str(path))
    limits = tuple(
        limit_from_json(entry, where=f"{path}: limits[{index}]") for index, entry in enumerate(content["limits"])
    )
    if len({(limit.name, limit.cl) for limit in limits}) != len(limits):
        raise InputFileError("a hypothesis has two limits at one confidence level", where=str(path))
    luminosity = content["luminosity_inverse_fb"]
    return LimitsDocument(
        search=str(content["search"]),
        poi=str(content["poi"]),
        parameters=tuple(str(label) for label in content["parameters"]),
        luminosity_inverse_fb=None if luminosity is None else float(luminosity),
        mu_one=str(content["mu_one"]),
        workspace_digests=dict(content["workspace_digests"]),
        meanings=dict(content["meanings"]),
        limits=limits,
        record=dict(content["record"]),
    )


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputFileError(
            "no limits file", where=str(path), given=str(error), next_step="run 'darkreach limit' first"
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(
            "the limits file is not JSON", where=str(path), given=str(error), next_step="compute the limits again"
        ) from error
    given = content.get("format") if isinstance(content, dict) else type(content).__name__
    if given != FORMAT_VERSION:
        raise InputFileError(
            "not a limits file of a known format",
            where=str(path),
            allowed=FORMAT_VERSION,
            given=str(given),
            next_step="compute the limits again with 'darkreach limit'",
        )
    for key, kind in (("limits", list), ("parameters", list), ("workspace_digests", dict), ("meanings", dict)):
        if not isinstance(content.get(key, kind()), kind):
            raise InputFileError(f"'{key}' is not a JSON {kind.__name__}", where=str(path))
    return dict(content)

"""YAML documents that remember their lines, so that every error can say file:line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from darkreach.configuration.correction_files import FOLDER
from darkreach.errors import ConfigError, closest_name

LONGEST_GIVEN: Final = 200
"""Longest value that errors repeat, in characters."""

Model = TypeVar("Model", bound=BaseModel)


def read_config(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a validated, frozen model.

    Raises:
        ConfigError: the file is missing, is not YAML, or holds unknown keys or values out of range (file:line).
    """
    return read_chosen_config(path, lambda _content: model)


def read_chosen_config(path: Path, choose: Callable[[Mapping[str, Any]], type[Model]]) -> Model:
    """Read a YAML file whose content decides which model it is of.

    Args:
        path: of the file.
        choose: returns the model of a document.

    Raises:
        ConfigError: as ``read_config``.
        DarkreachError: whatever ``choose`` raises.
    """
    document = _load(path)
    model = choose(document)
    try:
        # relative paths inside a document start from its folder
        return model.model_validate(document, context={FOLDER: path.parent})
    except ValidationError as error:
        raise _first_error(path, document, model, error) from None


def _load(path: Path) -> Any:
    try:
        # round-trip mode keeps line numbers; it builds plain containers only, never Python objects
        document = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError("configuration file not found", where=str(path), next_step="check the path") from error
    except (MarkedYAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError("not a YAML file", where=f"{path}{line}", given=problem) from error
    if not isinstance(document, dict):
        raise ConfigError("a configuration must be a mapping of keys to values", where=str(path), given=str(document))
    return document


def _first_error(path: Path, document: Any, model: type[BaseModel], error: ValidationError) -> ConfigError:
    # an unknown key is often a misspelt one, which is then reported as missing too: show the unknown key first
    details = sorted(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
    first = details[0]
    where = f"{path}:{_line(document, first['loc'])}"
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        known = _known_keys(model, first["loc"][:-1])
        match = closest_name(key, known)
        return ConfigError(
            f"unknown key '{_dotted(first['loc'])}'{more}",
            where=where,
            allowed=", ".join(known),
            given=key,
            next_step=f"did you mean '{match}'?" if match else "remove the key",
        )
    missing = first["type"] == "missing"
    # rules about several keys are given their whole section, which says nothing on one line
    whole = missing or isinstance(first["input"], dict) or len(str(first["input"])) > LONGEST_GIVEN
    name = _dotted(first["loc"])
    return ConfigError(
        f"{name + ': ' if name else ''}{first['msg'].removeprefix('Value error, ')}{more}",
        where=where,
        given=None if whole else str(first["input"]),
        next_step="add this key" if missing else "correct this section" if whole else "correct this value",
    )


def _dotted(location: Sequence[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _line(document: Any, location: Sequence[int | str]) -> int:
    """Return the 1-based line of the innermost part of the location that the document holds."""
    line, node = 1, document
    for part in location:
        if isinstance(node, dict) and part in node:
            line = node.lc.key(part)[0] + 1  # type: ignore[attr-defined]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1  # type: ignore[attr-defined]
        else:
            break
        node = node[part]
    return line


def _known_keys(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """Follow a location through nested models and return the keys the last of them knows."""
    current: Any = model
    for part in location:
        if isinstance(part, int) or not hasattr(current, "model_fields"):
            continue
        field = current.model_fields.get(part)
        if field is None:
            continue
        current = _model_inside(field.annotation)
    return sorted(current.model_fields) if hasattr(current, "model_fields") else []


def _model_inside(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_inside(argument)
        if found is not None:
            return found
    return None

"""Validation against the pyhf 1.0.0 schemas, with errors that point at one place.

The schemas are the files of pyhf, read without importing it, which would take longer than all the rest of this room.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from darkreach.errors import WorkspaceError, unknown_name
from darkreach.sharing.strict_json import json_path

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

SchemaName = Literal["workspace", "patchset", "jsonpatch"]
MODIFIER_TYPES = ("histosys", "lumi", "normfactor", "normsys", "shapefactor", "shapesys", "staterror")
"""Types of modifiers in pyhf 1.0.0."""

_LONGEST_VALUE = 120
_KINDS: Mapping[type, Any] = {str: ""}
_STAND_IN = {"name": "", "data": [0], "modifiers": []}


def check_schema(content: Any, schema: SchemaName, where: str, checked: Container[int] = ()) -> None:
    """Validate JSON-like content against a schema of pyhf.

    Args:
        content: JSON-like data.
        schema: which one.
        where: file or patch, for the message.
        checked: ids of objects known to be valid samples.

    Raises:
        WorkspaceError: names the JSON path of the innermost violation.
    """
    if not _is_valid(json.dumps(_skeletons(content, schema, checked)), schema):
        violation = _violation(content, schema)
        innermost = _innermost(violation)
        _refuse_unknown_type(innermost, where)
        raise WorkspaceError(
            f"not a valid pyhf {schema}: {_shortened(innermost.message)}",
            where=f"{where}: {json_path(innermost.absolute_path)}",
            given=_shortened(repr(innermost.instance)),
            next_step="correct the file at this path (format: pyhf schema 1.0.0)",
        )


def _refuse_unknown_type(violation: ValidationError, where: str) -> None:
    """Name the type of a modifier, where the schema itself can only say that no alternative fits."""
    path, modifier = list(violation.absolute_path), violation.instance
    if len(path) > 1 and path[-2] == "modifiers" and isinstance(modifier, dict):
        kind = modifier.get("type")
        if isinstance(kind, str) and kind not in MODIFIER_TYPES:
            found = unknown_name("modifier type", kind, MODIFIER_TYPES, where=f"{where}: {json_path(path)}.type")
            raise WorkspaceError(
                found.what, where=found.where, allowed=found.allowed, given=found.given, next_step=found.next_step
            )


@lru_cache(maxsize=1024)
def _is_valid(skeleton: str, schema: SchemaName) -> bool:
    # the hypotheses of a scan differ in numbers only: a few skeletons serve all of them
    return bool(_validator(schema).is_valid(json.loads(skeleton)))


@lru_cache
def _validator(schema: SchemaName) -> Any:
    from jsonschema import Draft6Validator

    package = find_spec("pyhf")
    if package is None or package.origin is None:
        raise WorkspaceError("the schemas of pyhf are not installed", next_step="install the package pyhf")
    path = Path(package.origin).parent / "schemas" / "1.0.0" / "defs.json"
    definitions = json.loads(path.read_text(encoding="utf-8"))["definitions"]
    return Draft6Validator({"definitions": definitions, "$ref": f"#/definitions/{schema}"})


def _violation(content: Any, schema: SchemaName) -> ValidationError:
    # once more with the real numbers, for the message; the first one in the order of the schema
    error: ValidationError | None = next(_validator(schema).iter_errors(content), None)
    assert error is not None, "the skeleton is invalid and the content is not"
    return error


def _skeletons(content: Any, schema: SchemaName, checked: Container[int]) -> Any:
    if schema == "jsonpatch":
        return _operations(content)
    if schema == "patchset" and isinstance(content, dict) and isinstance(content.get("patches"), list):
        patches = [
            {**patch, "patch": _operations(patch["patch"])} if isinstance(patch, dict) and "patch" in patch else patch
            for patch in content["patches"]
        ]
        content = {**content, "patches": patches}
    return _skeleton(content, checked, schema == "workspace")


def _operations(patch: Any) -> Any:
    """Return the kinds of operations of a patch, each once: what they add and where does not matter to the schema."""
    if not isinstance(patch, list) or not all(isinstance(operation, dict) for operation in patch):
        return patch
    kinds = {
        tuple(
            (key, item if key == "op" and isinstance(item, str) else _KINDS.get(type(item), 0))
            for key, item in o.items()
        )
        for o in patch
    }
    return [dict(kind) for kind in kinds]


def _skeleton(content: Any, checked: Container[int], anonymous: bool) -> Any:
    """Copy the content with every number replaced by 0 and every array of numbers cut to one.

    The schemas ask of a number only that it is one, of an array of numbers only that it is not empty, and of names in a
    workspace only that they are texts, so that the verdict is the same; looking at each in turn would be most of the
    time.
    """
    if isinstance(content, dict):
        if id(content) in checked:
            return _STAND_IN
        copied = {key: _skeleton(item, checked, anonymous) for key, item in content.items()}
        if anonymous and isinstance(content.get("name"), str) and content.get("type") != "lumi":
            copied["name"] = ""
        return copied
    if isinstance(content, list):
        # type() and not isinstance(): JSON true is a Python int but no number
        if content and all(type(item) in (float, int) for item in content):
            return [0]
        return [_skeleton(item, checked, anonymous) for item in content]
    return 0 if type(content) in (float, int) else content


def _innermost(error: ValidationError) -> ValidationError:
    """Descend into the alternative that was meant; for a modifier, the one of its type."""
    while error.context:
        alternatives: dict[Any, list[ValidationError]] = defaultdict(list)
        for inner in error.context:
            alternatives[inner.schema_path[0]].append(inner)
        meant = [group for group in alternatives.values() if not any(list(e.path)[-1:] == ["type"] for e in group)]
        if len(meant) != 1:
            return error
        error = meant[0][0]
    return error


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."

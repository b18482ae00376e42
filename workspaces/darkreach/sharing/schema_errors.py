"""Validation against the pyhf 1.0.0 schemas, with errors that point at one place."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import lru_cache
from typing import Any, Literal

import pyhf
from jsonschema.exceptions import ValidationError

from darkreach.errors import WorkspaceError
from darkreach.sharing.strict_json import json_path

SchemaName = Literal["workspace.json", "patchset.json", "jsonpatch.json"]
_LONGEST_VALUE = 120


def check_schema(
    content: Any, schema: Literal["workspace.json", "patchset.json", "jsonpatch.json"], where: str
) -> None:
    """Validate JSON-like content against a schema of pyhf.

    Raises:
        WorkspaceError: names the JSON path of the innermost violation.
    """
    try:
        _check_skeleton(json.dumps(_skeleton(content)), schema)
    except pyhf.exceptions.InvalidSpecification:
        try:
            # once more with the real numbers, for the message
            _validate(content, schema)
        except pyhf.exceptions.InvalidSpecification as error:
            raise schema_violation(error, schema, where) from error
        raise


@lru_cache(maxsize=1024)
def _check_skeleton(skeleton: str, schema: SchemaName) -> None:
    # the hypotheses of a scan differ in numbers only: a few skeletons serve all of them
    _validate(json.loads(skeleton), schema)


def _validate(content: Any, schema: SchemaName) -> None:
    # version is given: a file of another version must be refused, not looked up
    # allow_tensors would also let true and false pass as numbers
    pyhf.schema.validate(content, schema, version="1.0.0", allow_tensors=False)


def schema_violation(error: pyhf.exceptions.InvalidSpecification, schema: SchemaName, where: str) -> WorkspaceError:
    """Return the error to show for a schema violation that pyhf reports."""
    innermost = _innermost(error.parent)
    return WorkspaceError(
        f"not a valid pyhf {schema.removesuffix('.json')}: {_shortened(innermost.message)}",
        where=f"{where}: {json_path(innermost.absolute_path)}",
        given=_shortened(repr(innermost.instance)),
        next_step="correct the file at this path (format: pyhf schema 1.0.0)",
    )


def _skeleton(content: Any) -> Any:
    """Copy the content with every number replaced by 0 and every array of numbers cut to one.

    The schemas ask of a number only that it is one, and of an array of numbers only that it is not empty, so that the
    verdict is the same; looking at each number in turn would be most of the time.
    """
    if isinstance(content, dict):
        return {key: _skeleton(item) for key, item in content.items()}
    if isinstance(content, list):
        # type() and not isinstance(): JSON true is a Python int but no number
        if content and all(type(item) in (float, int) for item in content):
            return [0]
        return [_skeleton(item) for item in content]
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

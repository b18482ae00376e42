"""correctionlib payloads, read as data: schema version 2, bounded, with only the nodes whose range can be checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from correctionlib import schemav2
from pydantic import ValidationError

from darkreach.corrections.bounded_text import parse_json, read_bounded_text
from darkreach.errors import InputFileError, unknown_name

_REFUSED: Final[dict[type, str]] = {
    schemav2.Transform: "it changes an input before the look-up, so the range of the table cannot be checked",
    schemav2.HashPRNG: "random numbers have no place in a correction",
    schemav2.LWTNN: "networks have no range that can be checked",
}


def read_payload(path: Path) -> schemav2.CorrectionSet:
    """Return a payload (``.json`` or ``.json.gz``), validated by the schema of correctionlib.

    Raises:
        InputFileError: too large, not JSON, not schema version 2, or with nodes that are refused.
    """
    content = parse_json(read_bounded_text(path), str(path))
    if not isinstance(content, dict) or content.get("schema_version") != 2:
        given = content.get("schema_version") if isinstance(content, dict) else type(content).__name__
        raise InputFileError(
            "not a correctionlib payload of schema version 2",
            where=f"{path}: schema_version",
            allowed="2",
            given=str(given),
            next_step="convert it with the `correction` command of correctionlib",
        )
    try:
        payload = schemav2.CorrectionSet.model_validate(content)
    except (ValidationError, RecursionError) as error:
        raise _schema_error(path, error) from None
    for correction in payload.corrections:
        _refuse_nodes(correction, str(path))
    return payload


def payload_correction(payload: schemav2.CorrectionSet, name: str, where: str) -> schemav2.Correction:
    """Return one correction of a payload by name.

    Raises:
        UnknownNameError: the payload has no such correction (compound corrections are not looked up).
    """
    for correction in payload.corrections:
        if correction.name == name:
            return correction
    raise unknown_name("correction", name, [correction.name for correction in payload.corrections], where=where)


def flow_rules(correction: schemav2.Correction) -> tuple[str, ...]:
    """Return what the payload does silently outside its range: any of ``clamp``, ``wrap`` and ``default``, sorted.

    ``default`` is a value given to everything outside the bins, or to every unknown category.
    """
    rules = set()
    for node in walk(correction.data):
        if isinstance(node, schemav2.Binning | schemav2.MultiBinning) and node.flow != "error":
            rules.add(node.flow if isinstance(node.flow, str) else "default")
        if isinstance(node, schemav2.Category) and node.default is not None:
            rules.add("default")
    return tuple(sorted(rules))


def walk(node: Any) -> Iterator[Any]:
    """Yield a content node and everything below it, what stands outside the bins included."""
    yield node
    if isinstance(node, schemav2.Binning | schemav2.MultiBinning):
        below = [*node.content] if isinstance(node.flow, str) else [*node.content, node.flow]
    elif isinstance(node, schemav2.Category):
        below = [item.value for item in node.content]
        below += [] if node.default is None else [node.default]
    else:
        below = []
    for child in below:
        yield from walk(child)


def _refuse_nodes(correction: schemav2.Correction, where: str) -> None:
    for node in walk(correction.data):
        reason = next((text for kind, text in _REFUSED.items() if isinstance(node, kind)), None)
        if reason:
            raise InputFileError(
                f"the correction '{correction.name}' holds a '{node.nodetype}' node: {reason}",
                where=where,
                allowed="binning, multibinning, category, formula, formularef and numbers",
                given=node.nodetype,
            )


def _schema_error(path: Path, error: ValidationError | RecursionError) -> InputFileError:
    if isinstance(error, RecursionError):
        return InputFileError("the payload is nested too deeply", where=str(path))
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return InputFileError(
        f"not a valid correctionlib payload: {first['msg']}",
        where=f"{path}: {place}",
        given=str(first.get("input"))[:120],
        next_step="check the file with `correction validate --version 2`",
    )

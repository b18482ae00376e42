"""A payload as a table: each row is looked up once, and every variation is read from the same bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from correctionlib import CorrectionSet, schemav2
from correctionlib.highlevel import Correction as Evaluator
from numpy.typing import NDArray

from darkreach.errors import InputFileError, unknown_name

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class BinTable:
    """The bins of a correction and their values.

    Attributes:
        locators: corrections with the same bins whose value is the number of the bin, -1 outside; one for each
            different set of bins among the variations, mostly one.
        located: number of the locator of each variation key.
        values: values in the bins (bins,) of each variation key; None where a formula stands in a bin.
        evaluator: the payload itself, for formulas and for its own treatment of what is outside.
        takes_key: whether the evaluator wants the variation key, and at which argument.
    """

    locators: tuple[Evaluator, ...]
    located: dict[str | None, int]
    values: dict[str | None, Floats | None]
    evaluator: Evaluator
    takes_key: int | None

    def bins(self, rows: Rows) -> tuple[Integers, ...]:
        """Return the bin numbers (n,) of each locator; rows are the inputs without the variation, in order."""
        return tuple(np.asarray(locator.evaluate(*rows)).astype(np.int64) for locator in self.locators)

    def look_up(self, key: str | None, rows: Rows, bins: tuple[Integers, ...]) -> Floats:
        """Return the correction (n,) of one variation; every row must be inside."""
        values = self.values[key]
        if values is None:
            return self.as_payload(key, rows)
        return np.asarray(values[bins[self.located[key]]])

    def as_payload(self, key: str | None, rows: Rows) -> Floats:
        """Return what correctionlib itself gives (n,), its own treatment of rows outside included."""
        arguments: list[Any] = list(rows)
        if self.takes_key is not None:
            arguments.insert(self.takes_key, key)
        return np.asarray(self.evaluator.evaluate(*arguments), dtype=np.float64)


def bin_table(
    correction: schemav2.Correction, variation_input: str | None, keys: Sequence[str | None], where: str
) -> BinTable:
    """Return the table of a correction for the variation keys asked for.

    Values are those of the JSON to the last bit; correctionlib itself reads long numbers to one unit in the last place.

    Raises:
        UnknownNameError: a key is not among those of the payload.
        InputFileError: correctionlib cannot build the correction, e.g. a formula that is none.
    """
    locators: dict[str, Evaluator] = {}
    located, values = {}, {}
    for key in keys:
        content = correction.data if key is None else _bound(correction.data, variation_input, key, where)
        leaves: list[Any] = []
        numbered = _numbered(content, leaves)
        inputs = [variable for variable in correction.inputs if variable.name != variation_input]
        locator = schemav2.Correction(
            name="bins", version=1, inputs=inputs, output=schemav2.Variable(name="bin", type="real"), data=numbered
        )
        text = locator.model_dump_json()
        if text not in locators:
            locators[text] = _evaluator(locator, where)
        located[key] = list(locators).index(text)
        plain = all(isinstance(leaf, float) for leaf in leaves)
        values[key] = np.array(leaves, dtype=np.float64) if plain else None
    names = [variable.name for variable in correction.inputs]
    return BinTable(
        tuple(locators.values()),
        located,
        values,
        _evaluator(correction, where),
        None if variation_input is None else names.index(variation_input),
    )


def _evaluator(correction: schemav2.Correction, where: str) -> Evaluator:
    try:
        return CorrectionSet(schemav2.CorrectionSet(schema_version=2, corrections=[correction]))[correction.name]
    except (RuntimeError, ValueError) as error:
        raise InputFileError("correctionlib refuses the payload", where=where, given=str(error)) from error


def _bound(node: Any, variation_input: str | None, key: str, where: str) -> Any:
    """Return the tree with every choice of a variation replaced by the branch of one key."""
    if isinstance(node, schemav2.Category):
        branches = {item.key: item.value for item in node.content}
        if node.input == variation_input:
            # a default branch would make a misspelt variation equal to another one, silently
            if key not in branches:
                raise unknown_name("variation", key, [str(known) for known in branches], where=where)
            return _bound(branches[key], variation_input, key, where)
        items = [
            item.model_copy(update={"value": _bound(item.value, variation_input, key, where)}) for item in node.content
        ]
        return node.model_copy(update={"content": items})
    if isinstance(node, schemav2.Binning | schemav2.MultiBinning):
        content = [_bound(child, variation_input, key, where) for child in node.content]
        return node.model_copy(update={"content": content})
    return node


def _numbered(node: Any, leaves: list[Any]) -> Any:
    """Return the tree with its leaves replaced by their number and -1 everywhere outside; collect the leaves."""
    if isinstance(node, schemav2.Category):
        items = [item.model_copy(update={"value": _numbered(item.value, leaves)}) for item in node.content]
        return node.model_copy(update={"content": items, "default": -1.0})
    if isinstance(node, schemav2.Binning | schemav2.MultiBinning):
        content = [_numbered(child, leaves) for child in node.content]
        return node.model_copy(update={"content": content, "flow": -1.0})
    leaves.append(node)
    return float(len(leaves) - 1)

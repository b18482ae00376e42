"""Rewriting the trees of a ROOT file with large baskets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import uproot

from darkreach.errors import InputFileError, OutputError
from darkreach.events.root_file import READ_ERRORS, TREE_NAME, damaged_file, tree_names
from darkreach.events.same_values import same_awkward_values

_TREES: Final = ("TTree", "TNtuple", "TNtupleD")


@dataclass(frozen=True)
class _Branches:
    """How a tree is written again: type of every branch but the counters, and the counter of every jagged one."""

    types: dict[str, Any]
    counters: dict[str, str]


def described_tree(path: Path) -> str | None:
    """Return the tree whose layout stands for a ROOT file of several; None if there is nothing to choose from."""
    try:
        with path.open("rb") as stream:
            if stream.read(4) != b"root":
                return None
        with uproot.open(path) as file:
            names = tree_names(file)
    except READ_ERRORS:
        # whoever opens the file next says what is wrong with it
        return None
    return names[0] if len(names) > 1 and TREE_NAME not in names else None


def rewrite_trees(source: Path, target: Path, block_entries: int, leave_out: Sequence[str]) -> None:
    """Write every tree of a file again and compare it with the source, bit by bit.

    Raises:
        InputFileError: a branch or an object cannot be copied exactly, or data cannot be read.
        OutputError: what was written does not read back as it was.
    """
    with uproot.open(source) as file:
        names = _trees(file, source, leave_out)
        with uproot.recreate(target, compression=uproot.ZSTD(5)) as output:
            for name in names:
                _write(_tree(file, name, source), output, name, source, block_entries)
        with uproot.open(target) as written:
            for name in names:
                _compare(_tree(file, name, source), written[name], source, block_entries)


def _trees(file: Any, source: Path, leave_out: Sequence[str]) -> list[str]:
    classes = {name: kind for name, kind in file.classnames(cycle=False).items() if not kind.startswith("TDirectory")}
    unknown = sorted(set(leave_out) - {name for name, kind in classes.items() if kind not in _TREES})
    others = sorted(name for name, kind in classes.items() if kind not in _TREES and name not in leave_out)
    if unknown or others:
        raise InputFileError(
            "nothing of this name to leave out" if unknown else "the file holds more than trees",
            where=str(source),
            given=", ".join(unknown or (f"{name} ({classes[name]})" for name in others)),
            next_step="correct --leave-out" if unknown else "name what may be lost with --leave-out",
        )
    return [name for name, kind in classes.items() if kind in _TREES]


def _tree(file: Any, name: str, source: Path) -> Any:
    try:
        return file[name]
    except READ_ERRORS as error:
        raise damaged_file(f"{source} tree {name}", error) from error


def _write(tree: Any, output: Any, name: str, source: Path, block_entries: int) -> None:
    branches = _branches(tree, source)
    output.mktree(name, branches.types, title=tree.title, counter_name=lambda branch: branches.counters[branch])
    for start in range(0, tree.num_entries, block_entries):
        arrays = _read(tree, list(branches.types), source, start, start + block_entries)
        output[name].extend(arrays)


def _read(tree: Any, names: list[str], source: Path, start: int, stop: int) -> dict[str, Any]:
    wanted = set(names)
    try:
        arrays = tree.arrays(
            filter_name=lambda name: name in wanted, entry_start=start, entry_stop=stop, library="ak", how=dict
        )
    except READ_ERRORS as error:
        raise damaged_file(f"{source} entries {start} to {stop}", error) from error
    return {name: arrays[name] for name in names}


def _branches(tree: Any, source: Path) -> _Branches:
    counters = {branch.name: _counter(branch) for branch in tree.branches}
    used = {counter for counter in counters.values() if counter}
    types = {}
    for branch in tree.branches:
        kind = _branch_type(branch, branch.name in used)
        if kind is None:
            raise InputFileError(
                f"branch '{branch.name}' cannot be copied exactly",
                where=str(source),
                allowed="numbers, arrays of fixed length, lists with a counter of type int32, text",
                given=f"{branch.typename}, {branch.interpretation}",
                next_step="keep this file as it is, or write it again with basketSize=32000",
            )
        if branch.name not in used:
            types[branch.name] = kind
    return _Branches(types, {name: counter for name, counter in counters.items() if counter})


def _counter(branch: Any) -> str:
    leaves = branch.member("fLeaves")
    counter = leaves[0].member("fLeafCount") if len(leaves) == 1 else None
    return "" if counter is None else str(counter.member("fName"))


def _branch_type(branch: Any, counts: bool) -> Any:
    """Return how a branch is declared again, or None if uproot would write it as something else."""
    interpretation = branch.interpretation
    kind = type(interpretation).__name__
    if len(branch.branches) or len(branch.member("fLeaves")) != 1:
        return None
    if kind == "AsStrings" and branch.member("fLeaves")[0].classname == "TLeafC":
        return "string"
    if kind == "AsDtype" and interpretation.to_dtype.names is None:
        return None if counts and interpretation.to_dtype != np.dtype(np.int32) else interpretation.to_dtype
    if kind == "AsJagged" and type(interpretation.content).__name__ == "AsDtype":
        inner = interpretation.content.to_dtype
        return f"var * {inner.name}" if inner.names is None and inner.subdtype is None and _counter(branch) else None
    return None


def _compare(tree: Any, written: Any, source: Path, block_entries: int) -> None:
    names = list(tree.keys())
    same = sorted(names) == sorted(written.keys()) and tree.num_entries == written.num_entries
    for start in range(0, tree.num_entries if same else 0, block_entries):
        first = _read(tree, names, source, start, start + block_entries)
        second = _read(written, names, source, start, start + block_entries)
        same = same and all(same_awkward_values(first[name], second[name]) for name in names)
    if not same:
        raise OutputError(
            "the rewritten file does not read back as the original", where=str(source), next_step="keep the original"
        )

"""Opening a TTree of many branches: the description of a branch is read when the branch is, and not before.

ROOT stores the descriptions of all branches one after the other, each with its length. uproot reads them all, a quarter
of a millisecond each; here only their names are, and uproot reads those asked for from where they stand. What
such a description refers to (classes and leaves named first inside another one) is found by its position in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any, Final

import uproot
from uproot.const import kMapOffset
from uproot.source.cursor import Cursor

_NEW_CLASS: Final = 0xFFFFFFFF
_LENGTH_MASK: Final = 0x3FFFFFFF
_NAME: Final = 22
"""Bytes before the name: length and version of the branch and of its TNamed; version, number and bits of TObject."""

_IS_REFERENCED: Final = 0x10
"""Bit of a TObject that has two bytes more."""


class WholeTreeNeededError(RuntimeError):
    """A tree whose branches cannot be told apart by their names alone: uproot must read all descriptions."""


class NamedBranch:
    """A branch of which only the name and the place of its description are known."""

    def __init__(self, name: str, read: tuple[Any, ...], begin: int, end: int) -> None:
        """Keep what uproot needs to read the description at [begin, end) of the uncompressed tree."""
        self.name = name
        self.begin = begin
        self.end = end
        self._read = read

    @classmethod
    def read(
        cls, chunk: Any, cursor: Any, context: Any, file: Any, selffile: Any, parent: Any, concrete: Any = None
    ) -> Any:
        """Take the place of the reader of TBranch: note the name, and go to the end of the description."""
        begin = cursor.index
        length = int.from_bytes(chunk.get(begin, begin + 4, cursor, context).tobytes(), "big") & _LENGTH_MASK
        bits = int.from_bytes(chunk.get(begin + _NAME - 4, begin + _NAME, cursor, context).tobytes(), "big")
        place = Cursor(begin + _NAME + (2 if bits & _IS_REFERENCED else 0), cursor.origin)
        name = place.string(chunk, context)
        cursor.move_to(begin + 4 + length)
        return cls(name, (chunk, cursor.origin, dict(context), file, selffile, parent), begin, cursor.index)

    def member(self, _: str) -> str:
        """Return the name: the only thing a tree asks of its branches when it is opened."""
        return self.name

    def described(self, places: MutableMapping[int, Any]) -> Any:
        """Let uproot read the description; ``places`` holds what was read before, by position."""
        chunk, origin, context, file, selffile, parent = self._read
        reader = uproot.classes["TBranch"]
        return reader.read(chunk, Cursor(self.begin, origin, places), context, file, selffile, parent)

    def class_at(self, position: int) -> Any:
        """Return the class whose name stands at a position of the tree, None if it holds something else."""
        chunk, origin, context, file, _, _ = self._read
        cursor = Cursor(origin + position, origin)
        tag = int.from_bytes(chunk.get(cursor.index, cursor.index + 4, cursor, context).tobytes(), "big")
        if tag != _NEW_CLASS:
            return None
        cursor.skip(4)
        return file.class_named(cursor.classname(chunk, context))

    def holds(self, position: int) -> bool:
        """Return whether a position of the tree lies inside the description."""
        place: int = self._read[1] + position
        return self.begin <= place < self.end


class _Places(dict[int, Any]):
    """Objects and classes of a tree by their position; those of branches not yet read are read when asked for."""

    def __init__(self, branches: NeededBranches) -> None:
        super().__init__()
        self._branches = branches

    def __contains__(self, tag: object) -> bool:
        return super().__contains__(tag) or (isinstance(tag, int) and self._found(tag))

    def _found(self, tag: int) -> bool:
        position = tag - kMapOffset
        owner = self._branches.owner(position)
        if owner is None:
            return False
        found = owner.class_at(position)
        if found is not None:
            self[tag] = found
        else:
            self._branches.describe([owner.name])
        return super().__contains__(tag)


class NeededBranches:
    """The branches of one open tree.

    Attributes:
        names: of all branches, in the order stored.
    """

    def __init__(self, tree: Any) -> None:
        """Take a tree that was read with ``branch_readers``.

        Raises:
            WholeTreeNeededError: two branches of one name, or branches of objects.
        """
        self._tree = tree
        self._stored = list(tree.member("fBranches"))
        if not all(isinstance(branch, NamedBranch) for branch in self._stored):
            raise WholeTreeNeededError("branches of objects")
        self.names: list[str] = [branch.name for branch in self._stored]
        self._by_name = dict(zip(self.names, self._stored, strict=True))
        if len(self._by_name) < len(self.names):
            raise WholeTreeNeededError("two branches of one name")
        self._described: dict[str, Any] = {}
        self._begun: set[str] = set()
        self._places = _Places(self)
        self._show()

    def owner(self, position: int) -> NamedBranch | None:
        """Return the branch whose description holds a position of the tree."""
        return next((branch for branch in self._stored if branch.holds(position)), None)

    def describe(self, names: Iterable[str]) -> None:
        """Read the descriptions of some branches; the tree then has these and those described before."""
        for name in names:
            # a description may lead back to itself
            if name in self._described or name in self._begun:
                continue
            self._begun.add(name)
            try:
                self._described[name] = self._by_name[name].described(self._places)
            finally:
                self._begun.discard(name)
        self._show()

    def _show(self) -> None:
        shown = [self._described[name] for name in self.names if name in self._described]
        self._tree.member("fBranches")._data = shown
        self._tree._lookup = {branch.name: branch for branch in shown}


def branch_readers() -> dict[str, Any]:
    """Return the classes with which uproot reads the names of branches only."""
    return {**uproot.classes, "TBranch": NamedBranch}

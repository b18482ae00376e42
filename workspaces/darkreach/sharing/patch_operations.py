"""JSON patches (RFC 6902) applied without copying what they leave alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsonpatch
import jsonpointer

from darkreach.errors import WorkspaceError

_REFUSED = (
    jsonpatch.JsonPatchException,
    jsonpointer.JsonPointerException,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)


def patched(content: Mapping[str, Any], operations: Sequence[Mapping[str, Any]], name: str) -> Any:
    """Return the content with a patch applied.

    Objects and lists that the patch does not touch are those of the content, or of the patch; neither is changed.

    Args:
        content: JSON-like data.
        operations: the patch.
        name: of the patch, for the message.

    Raises:
        WorkspaceError: an operation does not apply; names it.

    Example:
        >>> before = {"a": [1, 2], "b": {"c": 3}}
        >>> after = patched(before, [{"op": "add", "path": "/a/-", "value": 3}], "example")
        >>> before["a"], after["a"], after["b"] is before["b"]
        ([1, 2], [1, 2, 3], True)
    """
    copies = _Copies()
    current: Any = content
    for index, operation in enumerate(operations):
        current = copies.owned(current)
        try:
            parent, key = copies.make_way(current, operation["path"])
            if not _applied(operation, parent, key):
                # what is rare, or does not apply: the library does it, or says why not
                copies.make_way(current, operation.get("from", ""))
                current = jsonpatch.apply_patch(current, [operation], in_place=True)
        except _REFUSED as error:
            raise WorkspaceError(
                "a patch does not apply to the workspace",
                where=f"patch {name}: operation {index} ({operation.get('op')} {operation.get('path')})",
                given=str(error) or type(error).__name__,
                next_step="check that the patch belongs to this background-only workspace",
            ) from error
    return current


class _Copies:
    """Copies of containers that one patch may change; kept, so that their ids stay their own."""

    def __init__(self) -> None:
        self._own: dict[int, Any] = {}

    def owned(self, container: Any) -> Any:
        """Return a container that may be changed; anything else as it is."""
        if id(container) in self._own or not isinstance(container, (Mapping, list)):
            return container
        copy = dict(container) if isinstance(container, Mapping) else list(container)
        self._own[id(copy)] = copy
        return copy

    def make_way(self, root: Any, pointer: str) -> tuple[Any, str]:
        """Replace the containers on the way to a place by copies; return the last and the key of the place in it.

        A way that does not exist leads to None.
        """
        if not pointer.startswith("/"):
            return None, ""
        parts = pointer[1:].split("/") if "~" not in pointer else jsonpointer.JsonPointer(pointer).parts
        current = root
        for part in parts[:-1]:
            key: Any = part
            if isinstance(current, list):
                if not _is_index(part) or int(part) >= len(current):
                    return None, ""
                key = int(part)
            elif not isinstance(current, dict) or part not in current:
                return None, ""
            current[key] = self.owned(current[key])
            current = current[key]
        return current, parts[-1]


def _applied(operation: Mapping[str, Any], parent: Any, key: str) -> bool:
    """Apply the operations that nearly all patches consist of; return False for all others."""
    kind = operation["op"]
    if kind not in ("add", "replace", "remove") or (kind != "remove" and "value" not in operation):
        return False
    if isinstance(parent, dict) and (kind == "add" or key in parent):
        if kind == "remove":
            del parent[key]
        else:
            parent[key] = operation["value"]
        return True
    if not isinstance(parent, list):
        return False
    if kind == "add" and key == "-":
        parent.append(operation["value"])
        return True
    if not _is_index(key) or int(key) >= len(parent):
        return False
    if kind == "add":
        parent.insert(int(key), operation["value"])
    elif kind == "replace":
        parent[int(key)] = operation["value"]
    else:
        del parent[int(key)]
    return True


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdigit() and (part == "0" or part[0] != "0")

"""The identity of the code itself, so that results of another version are never taken for current ones."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path


@cache
def source_digest() -> str:
    """Return the SHA-256 over all Python files and templates of the package, by relative path.

    Example:
        >>> len(source_digest())
        64
    """
    sha = hashlib.sha256()
    for room in sorted(str(path) for path in import_module("darkreach").__path__):
        folder = Path(room)
        files = sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".j2"})
        for path in files:
            sha.update(path.relative_to(folder).as_posix().encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()

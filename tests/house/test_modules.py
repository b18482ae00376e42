"""Every module imports, exports what it names, and its examples are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules() -> list[str]:
    names = []
    for room in ("processors", "workspaces", "analyses"):
        for path in sorted((ROOT / room / "darkreach").rglob("*.py")):
            parts = path.relative_to(ROOT / room).with_suffix("").parts
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


@pytest.mark.parametrize("name", modules())
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", modules())
def test_exports(name: str) -> None:
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    assert [name for name in exported if not hasattr(module, name)] == []
    assert list(exported) == sorted(exported, key=lambda n: (not n.isupper(), not n[0].isupper(), n)) or not exported

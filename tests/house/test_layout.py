"""The house: one namespace in three roots, everything tracked is shipped, files and functions stay small."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("processors", "workspaces", "analyses")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room / "darkreach").rglob("*.py"))


def test_the_namespace_package_has_no_init() -> None:
    assert not [room for room in ROOMS if (ROOT / room / "darkreach" / "__init__.py").exists()]


def test_files_and_functions_are_small() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in SOURCES}
    assert {str(path): length for path, length in lengths.items() if length > 400} == {}
    assert statistics.median(lengths.values()) <= 150
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert long == []


def test_init_files_only_re_export() -> None:
    for path in SOURCES:
        if path.name != "__init__.py":
            continue
        for node in ast.parse(path.read_text()).body:
            allowed = isinstance(node, ast.ImportFrom | ast.Expr) or (
                isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            )
            assert allowed, f"{path}:{node.lineno}"


@pytest.mark.slow
def test_the_wheel_ships_what_git_tracks(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    expected = {
        path.split("/", 1)[1] for path in tracked if path.startswith(tuple(f"{room}/darkreach/" for room in ROOMS))
    }
    expected |= {f"darkreach/{path}" for path in tracked if path.startswith("configs/")}
    expected |= {
        path.replace("workspaces/catalogue", "darkreach/stored_catalogue", 1)
        for path in tracked
        if path.startswith("workspaces/catalogue/")
    }
    assert shipped == expected

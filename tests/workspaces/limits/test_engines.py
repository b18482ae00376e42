"""Engines by name, and an import that does not wait for pyhf."""

from __future__ import annotations

import subprocess
import sys

import pytest

from darkreach.errors import UnknownNameError
from darkreach.limits import make_engine


def test_pyhf_by_name() -> None:
    assert make_engine("pyhf").name == "pyhf"


def test_auto_falls_back_to_pyhf_where_the_compiled_engine_cannot_be_imported(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "darkreach.limits.compiled_engine", None)
    assert make_engine("auto").name == "pyhf"
    with pytest.raises(ImportError):
        make_engine("compiled")


def test_auto_is_the_compiled_engine_where_it_can_be_imported() -> None:
    pytest.importorskip("darkreach.limits.compiled_engine")
    assert make_engine("auto").name == make_engine("compiled").name == "compiled"


def test_an_unknown_name_is_refused_with_the_closest_one() -> None:
    with pytest.raises(UnknownNameError) as caught:
        make_engine("pyhv")
    assert caught.value.next_step == "did you mean 'pyhf'?"


def test_importing_limits_imports_neither_pyhf_nor_numba_nor_scipy() -> None:
    check = "import sys, darkreach.limits; print(sorted({'pyhf', 'numba', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""The processes that can be simulated by name."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from darkreach.errors import DarkreachError, UnknownNameError
from darkreach.generators.process import Process
from darkreach.generators.process_registry import by_name, find_process, known_processes


def test_processes_are_found_by_name() -> None:
    processes = known_processes()
    assert processes
    for name, process in processes.items():
        assert find_process(name) is process
        assert process.name == name
        assert process.kind in ("signal", "background")
        names = [parameter.name for parameter in process.parameters]
        assert len(set(names)) == len(names)
    kinds = [process.kind for process in processes.values()]
    assert kinds == sorted(kinds)


def test_typing_errors_are_named() -> None:
    name = next(iter(known_processes()))
    with pytest.raises(UnknownNameError) as caught:
        find_process(f"{name}s")
    assert caught.value.next_step == f"did you mean '{name}'?"


def test_two_processes_of_one_name_are_refused() -> None:
    one = Process("pair", "e+e- -> pair", "signal", (), None)  # type: ignore[arg-type]
    assert list(by_name((one, replace(one, name="other", kind="background")))) == ["other", "pair"]
    with pytest.raises(DarkreachError, match="same name") as caught:
        by_name((one, replace(one, title="another")))
    assert caught.value.given == "pair"


def test_optional_generators_are_not_imported_for_a_list() -> None:
    code = (
        "import sys; from darkreach.generators.process_registry import known_processes; known_processes();"
        "print([name for name in ('pythia8mc', 'pyhepmc', 'pylhe') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

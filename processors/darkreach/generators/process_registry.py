"""Which processes there are: backgrounds and signals of our own, and those of Pythia."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from darkreach.errors import DarkreachError, unknown_name
from darkreach.generators.backgrounds.processes import BACKGROUND_PROCESSES
from darkreach.generators.particle_gun import PARTICLE_GUN
from darkreach.generators.process import Process
from darkreach.generators.pythia.processes import PYTHIA_PROCESSES
from darkreach.generators.signals.decay_processes import DECAY_PROCESSES
from darkreach.generators.signals.prompt_processes import PROMPT_PROCESSES


def known_processes() -> Mapping[str, Process]:
    """Return all processes by name: backgrounds first, then signals, each by name.

    Raises:
        DarkreachError: two processes have the same name.

    Example:
        >>> all(name == process.name for name, process in known_processes().items())
        True
    """
    processes = (*BACKGROUND_PROCESSES, *PYTHIA_PROCESSES, *PROMPT_PROCESSES, *DECAY_PROCESSES, PARTICLE_GUN)
    return by_name(processes)


def by_name(processes: tuple[Process, ...]) -> Mapping[str, Process]:
    """Return processes by name, backgrounds first.

    Raises:
        DarkreachError: two have the same name.
    """
    ordered = sorted(processes, key=lambda process: (process.kind != "background", process.name))
    named = {process.name: process for process in ordered}
    if len(named) < len(ordered):
        twice = sorted({process.name for process in ordered if process is not named[process.name]})
        raise DarkreachError("two processes have the same name", given=", ".join(twice), next_step="rename one of them")
    return MappingProxyType(named)


def find_process(name: str) -> Process:
    """Return a process by its name.

    Raises:
        UnknownNameError: there is no such process; proposes the closest name.

    Example:
        >>> find_process("no_such_process")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        darkreach.errors.UnknownNameError: unknown process 'no_such_process'...
    """
    processes = known_processes()
    if name not in processes:
        raise unknown_name("process", name, processes)
    return processes[name]

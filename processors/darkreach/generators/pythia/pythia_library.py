"""Pythia 8, ready to draw events: its settings for our beams, its initialisation, its random numbers.

Initialisation takes longer than thousands of events, so that one object of each thread draws all chunks of a sample. It
is always initialised with the same seed and gets a new one before every draw: what it draws then depends on that seed
only, not on what was drawn before.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from darkreach.errors import ConfigError
from darkreach.kinematics import ELECTRON_MASS, Beams

LARGEST_SEED: Final = 900_000_000
"""Of Pythia's own generator."""

_INITIAL_SEED: Final = 1


def beam_settings(beams: Beams) -> tuple[str, ...]:
    """Return the lines that give Pythia both beams with their crossing angle; their energy spread is left out.

    Pythia can spread the momenta, but samples radiation wrongly then: its radiative tail grows by a factor of ten.
    """
    half = 0.5 * beams.crossing_angle
    electron = math.sqrt(beams.electron_energy**2 - ELECTRON_MASS**2)
    positron = math.sqrt(beams.positron_energy**2 - ELECTRON_MASS**2)
    return (
        "Beams:idA = 11",
        "Beams:idB = -11",
        "Beams:frameType = 3",
        f"Beams:pxA = {electron * math.sin(half)!r}",
        "Beams:pyA = 0.",
        f"Beams:pzA = {electron * math.cos(half)!r}",
        f"Beams:pxB = {positron * math.sin(half)!r}",
        "Beams:pyB = 0.",
        f"Beams:pzB = {-positron * math.cos(half)!r}",
    )


def require_pythia() -> Any:
    """Return the module of Pythia.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return importlib.import_module("pythia8mc")
    except ImportError as error:
        raise ConfigError(
            "Pythia is not installed",
            where="generators",
            allowed="pythia8mc 8.316 or 8.317; newer versions have no binary wheel for Linux",
            next_step="pip install 'darkreach[generators]'",
        ) from error


def start_pythia(settings: Sequence[str]) -> Any:
    """Return an initialised Pythia that prints nothing.

    Args:
        settings: lines as in Pythia's manual.

    Raises:
        ConfigError: Pythia is not installed, does not know a line, or cannot start with them.
    """
    pythia = require_pythia().Pythia("", False)
    for line in (*settings, "Random:setSeed = on", f"Random:seed = {_INITIAL_SEED}"):
        if not pythia.readString(line):
            raise ConfigError("Pythia refuses a setting", where="settings", given=line, next_step="correct this line")
    if not pythia.init():
        raise ConfigError(
            "Pythia cannot start with these settings",
            where="settings",
            given="; ".join(settings),
            next_step="check beam energies and the smallest mass",
        )
    return pythia


def shared_pythia(settings: tuple[str, ...]) -> Any:
    """Return the Pythia of this thread with these settings; the first call starts it, errors as of ``start_pythia``.

    Whoever draws from it gives it a new seed first, and leaves its settings and tables as they are.
    """
    return _started(settings, threading.get_ident())


@lru_cache(maxsize=4)
def _started(settings: tuple[str, ...], _thread: int) -> Any:
    return start_pythia(settings)


def new_seed(pythia: Any, random: np.random.Generator) -> None:
    """Give Pythia a seed drawn from our random numbers."""
    pythia.rndm.init(int(random.integers(1, LARGEST_SEED)))


def pythia_identity(settings: Sequence[str]) -> dict[str, Any]:
    """Return what decides the events beside parameters: version and settings.

    Raises:
        ConfigError: Pythia is not installed.
    """
    require_pythia()
    return {"pythia8mc": importlib.metadata.version("pythia8mc"), "settings": list(settings)}

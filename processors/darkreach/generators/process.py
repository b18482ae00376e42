"""What a generator of one physics process is: a description that can be listed, and the source of events it opens."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from darkreach.errors import ConfigError, unknown_name
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.kinematics import Beams

ParticleSource: TypeAlias = Callable[[int, np.random.Generator], GeneratedParticles]
"""Draws a number of trials; their mean weight is the cross-section of the generated volume in fb."""


@dataclass(frozen=True)
class ProcessParameter:
    """A number that a process is asked for.

    Attributes:
        name: with its unit at the end, as ``mass_gev``, ``lifetime_ctau_cm``.
        meaning: one line.
        default: None if it must be given.
    """

    name: str
    meaning: str
    default: float | None = None


@dataclass(frozen=True)
class OpenedProcess:
    """A process with its numbers, ready to draw events.

    Attributes:
        source: draws trials; all random numbers come from the generator it is given.
        cross_section_source: formula or paper that the weights follow.
        identity: JSON-like content that decides the events beside parameters and code: versions, settings of others.
    """

    source: ParticleSource
    cross_section_source: str
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Process:
    """A process that can be simulated by name.

    Attributes:
        name: of the command line and of folders, e.g. ``dark_photon_photon``.
        title: the reaction, as ``e+e- -> gamma A', A' invisible``.
        kind: ``signal`` or ``background``.
        parameters: what may be set.
        open: from beams, the values of all parameters and the largest energy fraction radiated (0: no radiation) to a
            source; raises ConfigError for values outside of the kinematic range, naming the range.
        usual_isr_fraction: largest energy fraction radiated if nothing else is asked for. 0.35 serves selections that
            see most of the energy; samples normalised to an inclusive cross-section need all of it.
    """

    name: str
    title: str
    kind: Literal["signal", "background"]
    parameters: tuple[ProcessParameter, ...]
    open: Callable[[Beams, Mapping[str, float], float], OpenedProcess]
    usual_isr_fraction: float = 0.35

    def values(self, given: Mapping[str, float]) -> dict[str, float]:
        """Return the values of all parameters: those given, the defaults of the others.

        Raises:
            UnknownNameError: a parameter that this process has not; proposes the closest.
            ConfigError: a parameter without default is missing, or a value is not finite.

        Example:
            >>> mass = ProcessParameter("mass_gev", "mass")
            >>> Process("pair", "e+e- -> pair", "signal", (mass,), None).values({"mass_gev": 1})
            {'mass_gev': 1.0}
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in given.items():
            if not known:
                raise ConfigError(f"{self.name} has no parameters", where=name, next_step="leave it out")
            if name not in known:
                raise unknown_name(f"parameter of {self.name}", name, known, where=name)
            if not math.isfinite(value):
                raise ConfigError(
                    "a parameter is not a finite number",
                    where=name,
                    allowed=f"a finite number: {known[name].meaning}",
                    given=str(value),
                )
        values = {name: given.get(name, parameter.default) for name, parameter in known.items()}
        missing = [parameter for parameter in self.parameters if values[parameter.name] is None]
        if missing:
            raise ConfigError(
                f"process '{self.name}' needs a value for {', '.join(parameter.name for parameter in missing)}",
                allowed="; ".join(f"{parameter.name}: {parameter.meaning}" for parameter in missing),
                next_step=f"give {missing[0].name} (--set {missing[0].name}=VALUE on the command line)",
            )
        return {name: float(value) for name, value in values.items() if value is not None}

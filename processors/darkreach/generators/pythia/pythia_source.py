"""Draws events from Pythia: one object for all draws, events in batches that fit into memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import DarkreachError
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.pythia.event_records import kept_particles
from darkreach.generators.pythia.pythia_library import new_seed, start_pythia
from darkreach.generators.pythia.radiative_return import RadiativeReturn

_BATCH: Final = 10_000
"""Events; their full records take 6 kB each."""


@dataclass
class PythiaSource:
    """Source of events of one process; can be pickled, Pythia starts where the first events are drawn.

    Attributes:
        settings: lines for Pythia.
        weight_fb: of an event whose radiation needs no correction.
        radiative_return: correction of the radiation; None if the beams do not radiate.
    """

    settings: tuple[str, ...]
    weight_fb: float
    radiative_return: RadiativeReturn | None
    _pythia: Any = field(default=None, repr=False, compare=False)

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Draw n events.

        Raises:
            DarkreachError: Pythia makes no events.
        """
        if self._pythia is None:
            self._pythia = start_pythia(self.settings)
        new_seed(self._pythia, random)
        parts: list[GeneratedParticles] = []
        # an empty batch has no columns: at least one event is drawn
        missing = max(n, 1)
        while missing > 0:
            # Pythia leaves out the few events that it cannot hadronise
            batch = self._pythia.nextBatch(min(missing, _BATCH), "skip")
            if len(batch) == 0:
                raise DarkreachError("Pythia makes no events", given="; ".join(self.settings))
            parts.append(replace(kept_particles(batch), weight_fb=self._weights(batch)))
            missing -= len(batch)
        events = concatenate_particles(parts)
        return events if n > 0 else events.select(np.zeros(0, dtype=np.intp))

    def _weights(self, batch: Any) -> NDArray[np.float64]:
        if self.radiative_return is None:
            return np.full(len(batch), self.weight_fb)
        columns = batch["info"].layout
        left = np.asarray(columns["x1"].data)[: len(batch)] * np.asarray(columns["x2"].data)[: len(batch)]
        return self.weight_fb * self.radiative_return.weights(1.0 - left)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_pythia": None}

"""Draws events from Pythia, in batches that fit into memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import DarkreachError
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.pythia.event_records import kept_particles
from darkreach.generators.pythia.pythia_library import new_seed, shared_pythia
from darkreach.generators.pythia.radiative_return import RadiativeReturn

_BATCH: Final = 10_000
"""Events; their full records take 6 kB each."""


@dataclass(frozen=True)
class PythiaSource:
    """Source of events of one process; Pythia starts where the first ones are drawn.

    Attributes:
        settings: lines for Pythia.
        weight_fb: of an event whose radiation needs no correction.
        radiative_return: correction of the radiation; None if the beams do not radiate.
    """

    settings: tuple[str, ...]
    weight_fb: float
    radiative_return: RadiativeReturn | None

    def __call__(self, n: int, random: np.random.Generator) -> GeneratedParticles:
        """Draw n events.

        Raises:
            DarkreachError: Pythia makes no events.
        """
        pythia = shared_pythia(self.settings)
        new_seed(pythia, random)
        parts: list[GeneratedParticles] = []
        # an empty batch has no columns: at least one event is drawn
        missing = max(n, 1)
        while missing > 0:
            # Pythia leaves out the few events that it cannot hadronise
            batch = pythia.nextBatch(min(missing, _BATCH), "skip")
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

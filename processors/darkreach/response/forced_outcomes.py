"""Rare outcomes of the response that are forced, their probability becoming a weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from darkreach.errors import ConfigError, unknown_name
from darkreach.response.track_hypotheses import HYPOTHESES

MOST_WRONG: Final = 6
"""Wrong identifications that can be forced in an event."""


@dataclass(frozen=True)
class ForcedOutcomes:
    """What is forced in every event; the default forces nothing.

    A sample with ``lost_photons=1`` and one with ``lost_photons=0`` add up to all events but those in which two or
    more hard photons are lost; with ``wrong_identifications`` likewise, and samples of all numbers to all events. Only
    the losses of the table ``photon_inefficiency`` are forced: gaps and conversions happen as they do.

    Attributes:
        lost_photons: 0 or 1 of the photons inside the calorimeter above ``lost_photon_energy``; None for chance.
        lost_photon_energy: true energy, GeV.
        wrong_identifications: how many of the tracks that are not of the kind ``hypothesis`` pass its working point, at
            most six; None for chance. Of several hypotheses by name, each on its own: a track can be wrong twice.
        hypothesis: ``electron``, ``muon``, ``pion`` or ``kaon``, if one number is given.
    """

    lost_photons: int | None = None
    lost_photon_energy: float = 0.5
    wrong_identifications: int | Mapping[str, int] | None = None
    hypothesis: str = "muon"

    def __post_init__(self) -> None:
        self._require_number("lost_photons", self.lost_photons, 1)
        for hypothesis, number in self.wrong_by_hypothesis.items():
            if hypothesis not in HYPOTHESES:
                raise unknown_name("hypothesis", hypothesis, HYPOTHESES, where="hypothesis")
            self._require_number("wrong_identifications", number, MOST_WRONG)
        if self.hypothesis not in HYPOTHESES:
            raise unknown_name("hypothesis", self.hypothesis, HYPOTHESES, where="hypothesis")

    @property
    def wrong_by_hypothesis(self) -> dict[str, int]:
        """Numbers of wrong identifications by hypothesis; empty for chance."""
        wrong = self.wrong_identifications
        if wrong is None:
            return {}
        return dict(wrong) if isinstance(wrong, Mapping) else {self.hypothesis: wrong}

    @staticmethod
    def _require_number(name: str, value: int | None, most: int) -> None:
        if value is not None and value not in range(most + 1):
            raise ConfigError(
                "no such outcome can be forced", where=name, allowed=f"0 to {most}, or nothing", given=str(value)
            )

"""Rare outcomes of the response that are forced, their probability becoming a weight."""

from __future__ import annotations

from dataclasses import dataclass

from darkreach.errors import ConfigError, unknown_name
from darkreach.response.track_hypotheses import HYPOTHESES


@dataclass(frozen=True)
class ForcedOutcomes:
    """What is forced in every event; the default forces nothing.

    A sample with ``lost_photons=1`` and one with ``lost_photons=0`` add up to all events but those in which two or
    more hard photons are lost; with ``wrong_identifications`` likewise. Only the losses of the table
    ``photon_inefficiency`` are forced: gaps and conversions happen as they do.

    Attributes:
        lost_photons: 0 or 1 of the photons inside the calorimeter above ``lost_photon_energy``; None for chance.
        lost_photon_energy: true energy, GeV.
        wrong_identifications: 0 or 1 of the tracks that are not of the kind ``hypothesis`` pass its working point;
            None for chance.
        hypothesis: ``electron``, ``muon``, ``pion`` or ``kaon``.
    """

    lost_photons: int | None = None
    lost_photon_energy: float = 0.5
    wrong_identifications: int | None = None
    hypothesis: str = "muon"

    def __post_init__(self) -> None:
        for name in ("lost_photons", "wrong_identifications"):
            value = getattr(self, name)
            if value not in (None, 0, 1):
                raise ConfigError(
                    "no such outcome can be forced", where=name, allowed="0, 1 or nothing", given=str(value)
                )
        if self.hypothesis not in HYPOTHESES:
            raise unknown_name("hypothesis", self.hypothesis, HYPOTHESES, where="hypothesis")

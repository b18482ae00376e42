"""Corrections of photons in a search: shifted energies and angles, factors on the weight of an event, their nuisances.

Weights are looked up for the three selected photons as measured (after the nominal shift), whatever the variation:
steps of a table are coarse against a shift, and every photon is looked up once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration import AxionConfig
from darkreach.corrections import Corrections, Coverage
from darkreach.errors import ConfigError
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.photon_events import CandidateEvents, PhotonArrays
from darkreach.searches.photon_selection import SelectedEvents

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]
Evaluated = tuple[Floats, dict[str, Floats], tuple[Coverage, ...]]
MEASURED: Final = {"E": "energy", "theta": "theta", "phi": "phi"}
"""Columns a shift may act on, and what they are called in ``PhotonArrays``."""


class PhotonCorrections:
    """The corrections that act on one kind of sample.

    Attributes:
        columns: all columns they read.
    """

    def __init__(self, corrections: Corrections, samples: Literal["simulation", "data"]) -> None:
        """Take what acts on simulated or on recorded events.

        Raises:
            ConfigError: a shift of a column that the selection does not read.
        """
        self._weights = corrections.chosen("weight", samples)
        self._shifts = corrections.chosen("shift", samples)
        self.columns = tuple(dict.fromkeys((*self._weights.columns, *self._shifts.columns)))
        for correction in self._shifts.corrections:
            target = correction.description.shifts
            if target is not None and target.column not in MEASURED:
                raise ConfigError(
                    f"the correction '{correction.description.name}' shifts what this search does not select by",
                    where="corrections",
                    allowed=", ".join(MEASURED),
                    given=target.column,
                    next_step="leave this correction out",
                )

    def apply(self, candidates: CandidateEvents) -> CorrectedEvents:
        """Return a block of events with its photons shifted; their weights are found when they are selected."""
        if not self._shifts.corrections:
            return CorrectedEvents(candidates, {}, self._weights, ())
        event = np.repeat(np.arange(len(candidates.event)), np.diff(candidates.offsets))
        columns = _photon_columns(candidates) | {name: one[event] for name, one in candidates.event_columns.items()}
        nominal, varied, coverage = self._shifts.shift(columns)
        photons = _moved(candidates.photons, nominal)
        variations = {name: _moved(photons, moved) for name, moved in varied.items()}
        return CorrectedEvents(replace(candidates, photons=photons), variations, self._weights, coverage)


class CorrectedEvents:
    """A block of events after corrections.

    Attributes:
        candidates: the events, their photons as shifted nominally.
        varied_photons: photons by variation, where a shift has nuisances.
        coverage: of the shifts for all photons, of the weights for those selected nominally.
    """

    def __init__(
        self,
        candidates: CandidateEvents,
        varied_photons: Mapping[str, PhotonArrays],
        weights: Corrections,
        coverage: Iterable[Coverage],
    ) -> None:
        """Take shifted events and the corrections of their weights."""
        self.candidates, self.varied_photons = candidates, varied_photons
        self.coverage = list(coverage)
        of_events = [c for c in weights.corrections if set(c.description.columns) <= set(candidates.event_columns)]
        self._of_events = Corrections(tuple(of_events))
        self._of_photons = Corrections(tuple(c for c in weights.corrections if c not in of_events))
        self._columns = _photon_columns(candidates)
        # the product of all corrections of a photon, once it was looked up
        self._factors = np.full(len(candidates.photons.energy) if weights.corrections else 0, np.nan)

    def weights(self, variation: str, selected: SelectedEvents) -> dict[str, Floats]:
        """Return weights (n,) of the events of one selection by variation.

        The nominal selection carries the variations of all weights; one with moved photons carries its own alone, with
        the weights varied too where a nuisance moves both.
        """
        weight = self.candidates.weight[selected.event]
        if not len(self._factors):
            return {variation: weight}
        if variation == NOMINAL:
            nominal, varied = self._all_factors(selected, count=True)
            moved = {name: factor for name, factor in varied.items() if name not in self.varied_photons}
            return {NOMINAL: weight * nominal} | {name: weight * factor for name, factor in moved.items()}
        if variation in varied_names(self._of_photons.nuisances) + varied_names(self._of_events.nuisances):
            return {variation: weight * self._all_factors(selected)[1][variation]}
        return {variation: weight * self._nominal_factors(selected)}

    def _all_factors(self, selected: SelectedEvents, *, count: bool = False) -> tuple[Floats, dict[str, Floats]]:
        """Return nominal and varied factors (n,)."""
        photons = selected.photons.reshape(-1)
        per_photon, photon_variations, coverage = _evaluated(self._of_photons, self._rows(photons), len(photons))
        self._factors[photons] = per_photon
        per_event, event_variations, more = self._event_factors(selected)
        if count:
            self.coverage += [*coverage, *more]
        of_photons = _product(per_photon)
        varied = {
            name: _product(photon_variations[name]) if name in photon_variations else of_photons
            for name in dict.fromkeys((*photon_variations, *event_variations))
        }
        return of_photons * per_event, {
            name: factor * event_variations.get(name, per_event) for name, factor in varied.items()
        }

    def _nominal_factors(self, selected: SelectedEvents) -> Floats:
        photons = selected.photons.reshape(-1)
        factors = self._factors[photons]
        unknown = np.isnan(factors)
        if unknown.any():
            # photons that the nominal selection did not choose
            fresh = photons[unknown]
            factors[unknown] = _evaluated(self._of_photons, self._rows(fresh), len(fresh))[0]
            self._factors[fresh] = factors[unknown]
        return _product(factors) * self._event_factors(selected)[0]

    def _rows(self, photons: NDArray[np.int64]) -> Columns:
        own = {name: self._columns[name][photons] for name in self._of_photons.columns if name in self._columns}
        others = [name for name in self._of_photons.columns if name not in own]
        event = np.searchsorted(self.candidates.offsets, photons, side="right") - 1 if others else photons
        return own | {name: self.candidates.event_columns[name][event] for name in others}

    def _event_factors(self, selected: SelectedEvents) -> Evaluated:
        columns = {name: self.candidates.event_columns[name][selected.event] for name in self._of_events.columns}
        return _evaluated(self._of_events, columns, len(selected.event))


def varied_names(nuisances: Iterable[str]) -> tuple[str, ...]:
    """Return the variations of nuisance parameters, up before down.

    Example:
        >>> varied_names(["trigger"])
        ('trigger_up', 'trigger_down')
    """
    return tuple(f"{name}_{direction}" for name in nuisances for direction in ("up", "down"))


def variation_names(config: AxionConfig, corrections: Corrections) -> tuple[str, ...]:
    """Return the variations that simulated samples fill: nominal, those of the configuration, those of corrections.

    Raises:
        ConfigError: a nuisance parameter is called as a variation of the configuration: one cause would count twice.
    """
    own = config.variations.stems
    for nuisance, feeders in corrections.nuisances.items():
        if nuisance in own:
            raise ConfigError(
                f"'{nuisance}' is a variation of the search and a nuisance parameter of its corrections",
                where=f"corrections: {', '.join(feeders)}",
                given=nuisance,
                next_step=f"leave {nuisance} out of `variations` of the search, or give the nuisance another name",
            )
    return (NOMINAL, *varied_names((*own, *corrections.nuisances)))


def _evaluated(corrections: Corrections, columns: Columns, rows: int) -> Evaluated:
    return corrections.evaluate_counted(columns) if corrections.corrections else (np.ones(rows), {}, ())


def _photon_columns(candidates: CandidateEvents) -> dict[str, Floats]:
    measured = {name: getattr(candidates.photons, own) for name, own in MEASURED.items()}
    return {**candidates.photon_columns, **measured}


def _moved(photons: PhotonArrays, columns: Columns) -> PhotonArrays:
    return replace(photons, **{MEASURED[name]: values for name, values in columns.items()})


def _product(factors: Floats) -> Floats:
    of_three = factors.reshape(-1, 3)
    return np.asarray(of_three[:, 0] * of_three[:, 1] * of_three[:, 2])

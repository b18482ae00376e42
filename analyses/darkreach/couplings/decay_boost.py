"""The boost of the selected signal particles, at any mass, from the simulated ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import LimitError, unknown_name
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.models.axion_like_particle import center_of_mass_beta_gamma

_HISTOGRAM = "decay_boost/"


@dataclass(frozen=True)
class BoostSpectrum:
    """Weighted values of beta gamma = p/m in the laboratory, (n,) each; weights sum to one."""

    beta_gamma: NDArray[np.float64]
    weight: NDArray[np.float64]

    def equally_likely(self, number: int) -> list[float]:
        """Return the means of ``number`` equally likely slices, in rising order: a spectrum short enough to share.

        Example:
            >>> BoostSpectrum(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 0.25)).equally_likely(2)
            [1.5, 3.5]
        """
        order = np.argsort(self.beta_gamma)
        values, weight = self.beta_gamma[order], self.weight[order] / self.weight.sum()
        below = np.concatenate([[0.0], np.cumsum(weight)])
        # integral of the value over the cumulative probability, cut at the edges of the slices
        integral = np.concatenate([[0.0], np.cumsum(weight * values)])
        edges = np.interp(np.linspace(0.0, 1.0, number + 1), below / below[-1], integral)
        return [float(mean) for mean in np.diff(edges) * number]


@dataclass(frozen=True)
class DecayBoosts:
    """Boost spectra of the simulated masses (GeV), by region.

    Attributes:
        spectra: by region and mass.
        sqrt_s: centre-of-mass energy, GeV.
    """

    spectra: Mapping[str, Mapping[float, BoostSpectrum]]
    sqrt_s: float

    def at(self, region: str, mass: float) -> BoostSpectrum:
        """Return the spectrum at any mass: that of the mass closest in logarithm, with beta gamma scaled as p*/m.

        Exact for the momentum in the centre-of-mass frame; the boost to the laboratory changes slowly with the mass.

        Raises:
            UnknownNameError: no such region.
            LimitError: no simulated signal was selected in the region.
        """
        if region not in self.spectra:
            raise unknown_name("region", region, self.spectra)
        masses = self.spectra[region]
        if not masses:
            raise LimitError("no signal was selected in the region", where=region)
        anchor = min(masses, key=lambda known: abs(np.log(known / mass)))
        ratio = center_of_mass_beta_gamma(mass, self.sqrt_s) / center_of_mass_beta_gamma(anchor, self.sqrt_s)
        return BoostSpectrum(ratio * masses[anchor].beta_gamma, masses[anchor].weight)


def decay_boosts(histograms: SearchHistograms, sqrt_s: float) -> DecayBoosts:
    """Read the boost spectra out of the histograms ``decay_boost/<region>``.

    Args:
        histograms: of the search.
        sqrt_s: centre-of-mass energy, GeV.

    Events above the last edge count at that edge, so that none is lost; masses without selected events are left out.
    """
    return DecayBoosts(
        {
            name.removeprefix(_HISTOGRAM): _by_mass(histograms, name)
            for name in histograms.histograms
            if name.startswith(_HISTOGRAM)
        },
        sqrt_s,
    )


def _by_mass(histograms: SearchHistograms, name: str) -> dict[float, BoostSpectrum]:
    histogram = histograms.histograms[name]
    datasets, axis = histogram.axes
    values = np.append(axis.centers, axis.edges[-1])
    spectra = {}
    for index, dataset in enumerate(datasets):
        weight = np.asarray(histogram.values(flow=True)[index], dtype=np.float64)[1 : len(values) + 1]
        if weight.sum() > 0.0:
            mass = histograms.samples[dataset].parameters["mass_gev"]
            filled = weight > 0.0
            spectra[float(mass)] = BoostSpectrum(values[filled], weight[filled] / weight.sum())
    return spectra

"""What a hypothesis of a single-photon search tells about axions, so that anyone can read its limit as one on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.couplings.decay_boost import BoostSpectrum
from darkreach.errors import LimitError
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.models.axion_like_particle import center_of_mass_beta_gamma

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Anchor:
    """At one simulated mass: selected axions over selected dark photons of equal numbers, and their boosts."""

    efficiency: float
    boosts: BoostSpectrum


@dataclass(frozen=True)
class RecoilAxions:
    """Selected axions by simulated mass (GeV), from dark photons weighted anew to their angle.

    Attributes:
        anchors: by mass, rising.
        sqrt_s: centre-of-mass energy, GeV.
    """

    anchors: dict[float, _Anchor]
    sqrt_s: float

    def meaning(self, mass: float, slices: int) -> dict[str, Any]:
        """Return ``sqrt_s_gev``, ``axion_efficiency`` and ``decay_beta_gamma`` (n,) for the metadata of a patch.

        The efficiency is interpolated linearly in the mass; boosts are those of the mass closest in logarithm, scaled
        with the momentum in the centre-of-mass frame over the mass.

        Args:
            mass: GeV, within the simulated ones.
            slices: number n of equally likely boosts.

        Raises:
            LimitError: the mass lies outside those simulated.
        """
        known = np.array(list(self.anchors))
        if not (known.size and known[0] * (1.0 - 1e-9) <= mass <= known[-1] * (1.0 + 1e-9)):
            raise LimitError("no axions were simulated around this mass", given=f"{mass:g} GeV", allowed=f"{known} GeV")
        efficiency = np.interp(mass, known, [anchor.efficiency for anchor in self.anchors.values()])
        nearest = float(min(known, key=lambda anchor: abs(np.log(anchor / mass))))
        ratio = center_of_mass_beta_gamma(mass, self.sqrt_s) / center_of_mass_beta_gamma(nearest, self.sqrt_s)
        boosts = [ratio * value for value in self.anchors[nearest].boosts.equally_likely(slices)]
        return {
            "sqrt_s_gev": float(f"{self.sqrt_s:.6g}"),
            "axion_efficiency": float(f"{efficiency:.5g}"),
            "decay_beta_gamma": [float(f"{value:.4g}") for value in boosts],
        }


def recoil_axions(histograms: SearchHistograms, regions: Sequence[str], sqrt_s: float) -> RecoilAxions:
    """Read the axions selected in regions that act together out of the histograms.

    Args:
        histograms: of a single-photon search: ``decay_boost/<region>`` with the weights of axions, and the cutflow
            with those of dark photons.
        regions: names.
        sqrt_s: centre-of-mass energy, GeV.

    Masses of which no event was selected are left out; boosts above the last edge count at that edge.

    Example:
        ``recoil_axions(histograms, ["low_forward", "low_backward"], 10.58).meaning(1.0, 8)["axion_efficiency"]``
    """
    anchors = {}
    cutflow = histograms.histograms["cutflow"]
    columns = [list(cutflow.axes[-1]).index(f"region:{region}") for region in regions]
    for sample, manifest in histograms.samples.items():
        if manifest.kind != "signal":
            continue
        values, axions = _boosts(histograms, regions, sample)
        row = np.asarray(cutflow.values(flow=True), dtype=np.float64)[list(cutflow.axes[0]).index(sample)]
        dark = float(row[columns].sum())
        if dark > 0.0 and axions.sum() > 0.0:
            filled = axions > 0.0
            spectrum = BoostSpectrum(values[filled], axions[filled] / axions.sum())
            anchors[float(manifest.parameters["mass_gev"])] = _Anchor(float(axions.sum()) / dark, spectrum)
    return RecoilAxions(dict(sorted(anchors.items())), sqrt_s)


def _boosts(histograms: SearchHistograms, regions: Sequence[str], sample: str) -> tuple[Array, Array]:
    """Return values of p/m and the weights of axions there, summed over the regions."""
    values, weights = np.empty(0), np.zeros(1)
    for region in regions:
        boosts = histograms.histograms[f"decay_boost/{region}"]
        samples, axis = boosts.axes
        values = np.append(axis.centers, axis.edges[-1])
        if sample in list(samples):
            # from the underflow, which no boost reaches, to the overflow
            row = np.asarray(boosts.values(flow=True)[list(samples).index(sample)], dtype=np.float64)
            weights = weights + row[1 : len(values) + 1]
    return values, np.broadcast_to(weights, values.shape)

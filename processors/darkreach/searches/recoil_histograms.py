"""The histograms of recoil searches, one set a chunk: empty ones, and what fills them for all variations.

They are general: a search hands over, by region and control, the observable, which events pass, and their weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import hist
import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration.recoil_search import RecoilSearchConfig
from darkreach.errors import DarkreachError, unknown_name
from darkreach.histograms.binning import region_edges, squared_mass_resolution
from darkreach.histograms.variation_sums import VariationSums
from darkreach.searches.axion_histograms import PULL_BINS, PULL_RANGE, add_cutflow, region_cut
from darkreach.searches.chunk_source import ChunkSource
from darkreach.selection import Cutflow

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BOOST_EDGES: Final = (0.0, *(float(edge) for edge in np.geomspace(0.02, 2000.0, 601)))
"""p/m in the laboratory, in steps of 2 %: a particle of 0.01 GeV reaches 710, one at rest is in the first bin."""


def control_cut(control: str) -> str:
    """Return the name of a control's cut in the cutflow.

    Example:
        >>> control_cut("electron_muon")
        'control:electron_muon'
    """
    return f"control:{control}"


def empty_recoil_histograms(
    config: RecoilSearchConfig,
    sqrt_s: float,
    source: ChunkSource,
    variations: Sequence[str],
    cuts: Sequence[str],
    *,
    with_boosts: bool = False,
) -> dict[str, Hist[Any]]:
    """Return all histograms of a recoil search with the sample of this chunk on their axes, nothing filled.

    ``region/<region>``, ``signal_shape/<region>``, ``control/<control>``, ``cutflow``, ``cutflow_entries`` and, on
    demand, ``decay_boost/<region>``. The set of names is the same for every kind of sample, so that the outputs of any
    two chunks can be added.

    Args:
        config: the search.
        sqrt_s: GeV.
        source: of the chunk.
        variations: nominal first.
        cuts: common to all regions and controls, in order; those of regions and controls follow.
        with_boosts: whether there are histograms of the boost of the invisible particle.

    Raises:
        ConfigError: a region has no bins (see ``region_edges``).
    """
    sample = [source.dataset]
    signal = sample if source.kind == "signal" else []
    histograms: dict[str, Hist[Any]] = {}
    for region in config.regions:
        edges = region_edges(region, config, sqrt_s)
        observable = hist.axis.Variable(edges, name="observable", label=r"$M^2_{\mathrm{recoil}}$ [GeV$^2$]")
        histograms[f"region/{region.name}"] = _varied(sample, variations, observable)
        pull = hist.axis.Regular(PULL_BINS, *PULL_RANGE, name="pull", label=r"$(M^2 - m^2)/\sigma(m)$")
        histograms[f"signal_shape/{region.name}"] = _varied(signal, variations, pull)
        if with_boosts:
            histograms[f"decay_boost/{region.name}"] = Hist(
                _dataset_axis(signal),
                hist.axis.Variable(BOOST_EDGES, name="beta_gamma", label=r"$\beta\gamma$ (laboratory)"),
                storage=hist.storage.Weight(),
            )
    for control in config.controls:
        observable = hist.axis.Variable(control.edges, name="observable", label=control.observable.replace("_", " "))
        histograms[f"control/{control.name}"] = _varied(sample, variations, observable)
    all_cuts = [
        *cuts,
        *(region_cut(region.name) for region in config.regions),
        *(control_cut(control.name) for control in config.controls),
    ]
    for name, storage in (("cutflow", hist.storage.Weight()), ("cutflow_entries", hist.storage.Double())):
        cut = hist.axis.StrCategory(all_cuts, name="cut", label="cut", overflow=False)
        histograms[name] = Hist(_dataset_axis(sample), cut, storage=storage)
    return histograms


class RecoilSums:
    """Sums of one chunk of a recoil search over all its blocks of events, added to its histograms at the end.

    Attributes:
        cutflow: counts of the nominal selection; ``fill`` counts those of regions and controls, the search all others.
    """

    def __init__(self, histograms: Mapping[str, Hist[Any]], config: RecoilSearchConfig, source: ChunkSource) -> None:
        """Take the axes from the empty histograms of the chunk.

        Raises:
            ConfigError: the resolution of a region is not known.
        """
        self._histograms = histograms
        self._dataset = source.dataset
        self._mass = source.mass
        self._regions = tuple(region.name for region in config.regions)
        self._controls = tuple(control.name for control in config.controls)
        names = [f"region/{name}" for name in self._regions] + [f"control/{name}" for name in self._controls]
        self._resolutions: dict[str, float] = {}
        if source.mass is not None:
            names += [f"signal_shape/{name}" for name in self._regions]
            self._resolutions = {
                region.name: float(squared_mass_resolution(region.observable, source.mass, config))
                for region in config.regions
            }
        self._sums = {
            name: VariationSums(histograms[name].axes[-1], list(histograms[name].axes["variation"])) for name in names
        }
        self.cutflow = Cutflow(list(histograms["cutflow"].axes[-1]))

    def fill(self, name: str, observable: Floats, accepted: Mask, weights: Mapping[str, Floats]) -> None:
        """Add events to a region or a control.

        Call it once for each selection: the nominal one with the weights of all variations that only weigh, then each
        one that moves what is measured with its own. A region of a signal fills the pulls as well.

        Args:
            name: of a region or a control.
            observable: (n,), of the region GeV^2, of the control as its edges.
            accepted: (n,) which events are in it.
            weights: (n,) by name of the variation; the cutflow counts those of ``nominal`` if it is among them.

        Raises:
            UnknownNameError: no such region, control or variation.
            DarkreachError: the arrays are not of one length.
        """
        if name not in self._regions + self._controls:
            raise unknown_name("region or control", name, self._regions + self._controls)
        lengths = {len(observable), len(accepted), *(len(weight) for weight in weights.values())}
        if len(lengths) != 1:
            raise DarkreachError(
                "observable, mask and weights differ in length", where=name, given=str(sorted(lengths))
            )
        of_region = name in self._regions
        by_variation = dict(weights)
        column = np.asarray(observable, dtype=np.float64).reshape(-1, 1)
        self._sums[f"region/{name}" if of_region else f"control/{name}"].fill(column, by_variation, accepted)
        if of_region and self._mass is not None:
            pull = (column - self._mass**2) / self._resolutions[name]
            self._sums[f"signal_shape/{name}"].fill(pull, by_variation, accepted)
        if "nominal" in by_variation:
            cut = region_cut(name) if of_region else control_cut(name)
            self.cutflow.count(cut, by_variation["nominal"][accepted])

    def fill_boosts(self, region: str, beta_gamma: Floats, accepted: Mask, weights: Floats) -> None:
        """Add p/m in the laboratory (n,) of the invisible particle of signal events with their weights (n,).

        Raises:
            UnknownNameError: no such region, or its histograms have no boosts.
        """
        name = f"decay_boost/{region}"
        if name not in self._histograms:
            raise unknown_name("histogram", name, self._histograms)
        self._histograms[name].fill(self._dataset, beta_gamma[accepted], weight=weights[accepted])

    def finish(self) -> None:
        """Add everything to the histograms; once, after the last block."""
        for name, sums in self._sums.items():
            target = self._histograms[name]
            sums.add_to(target, target.axes[0].index(self._dataset))
        add_cutflow(self._histograms, self._dataset, self.cutflow)


def _varied(samples: list[str], variations: Sequence[str], axis: hist.axis.Regular | hist.axis.Variable) -> Hist[Any]:
    variation = hist.axis.StrCategory(list(variations), name="variation", label="variation", overflow=False)
    return Hist(_dataset_axis(samples), variation, axis, storage=hist.storage.Weight())


def _dataset_axis(samples: list[str]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(samples, growth=True, name="dataset", label="sample")

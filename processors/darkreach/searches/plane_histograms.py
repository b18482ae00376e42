"""The histograms of plane searches, one set a chunk: empty ones, and what fills them for all variations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import hist
import numpy as np
from hist import Hist
from numpy.typing import NDArray

from darkreach.configuration.plane_search import PlaneRegion, PlaneSearchConfig
from darkreach.errors import DarkreachError, unknown_name
from darkreach.histograms.plane_grid import PULL_BINS, PULL_RANGE, PlaneGrid
from darkreach.histograms.search_histograms import NOMINAL
from darkreach.searches.axion_histograms import add_cutflow, region_cut
from darkreach.searches.chunk_source import ChunkSource
from darkreach.selection import Cutflow

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SIDEBAND: Final = "sideband"


def sideband_cut(region: str) -> str:
    """Return the name of the cut of a sideband in the cutflow."""
    return f"sideband:{region}"


def empty_plane_histograms(
    config: PlaneSearchConfig, grid: PlaneGrid, source: ChunkSource, variations: Sequence[str], cuts: Sequence[str]
) -> dict[str, Hist[Any]]:
    """Return all histograms of a plane search with the sample of this chunk on their axes, nothing filled.

    By region, Weight storage:
    ``plane/<region>``: axes dataset, x, y: entries that are no signal, nominal;
    ``plane_variation/<region>``: axes dataset, variation, x, y, in few cells: simulated background;
    ``signal_plane/<region>``: axes dataset, variation, pull_x, pull_across: signals; pull_x = (x - x0)/sigma_x, and of
    y what is left once x is known, ((y - y0)/sigma_y - rho pull_x)/sqrt(1 - rho^2): circles, however narrow ellipses;
    ``sideband/<region>`` and ``signal_sideband/<region>``: the same of the sideband, if there is one, nominal.
    ``cutflow`` and ``cutflow_entries`` as in all searches. The set of names is the same for every kind of sample, so
    that the outputs of any two chunks can be added.

    Args:
        config: the search.
        grid: of its plane.
        source: of the chunk.
        variations: nominal first.
        cuts: common to all regions, in order; those of regions follow.
    """
    sample = [source.dataset]
    other = [] if source.kind == "signal" else sample
    background = sample if source.kind == "background" else []
    pulls = tuple(
        hist.axis.Regular(PULL_BINS, -PULL_RANGE, PULL_RANGE, name=name, label=label)
        for name, label in (("pull_x", r"$(x - x_0)/\sigma_x$"), ("pull_across", "pull of y once x is known"))
    )
    histograms: dict[str, Hist[Any]] = {}
    for region in config.regions:
        # there are many signals: each is there where its events count only
        signal = sample if source.kind == "signal" and is_signal_of(region, source.dataset) else []
        histograms[f"plane/{region.name}"] = _weighted(other, *grid.axes())
        histograms[f"signal_plane/{region.name}"] = _weighted(signal, _variations(variations), *pulls)
        if region.sideband:
            histograms[f"{SIDEBAND}/{region.name}"] = _weighted(other, *grid.axes())
            histograms[f"signal_sideband/{region.name}"] = _weighted(signal, _variations([NOMINAL]), *pulls)
        coarse = (_variations(variations), *grid.axes(coarse=True))
        histograms[f"plane_variation/{region.name}"] = _weighted(background, *coarse)
    names = [*cuts, *(region_cut(region.name) for region in config.regions)]
    names += [sideband_cut(region.name) for region in config.regions if region.sideband]
    for name, storage in (("cutflow", hist.storage.Weight()), ("cutflow_entries", hist.storage.Double())):
        cut = hist.axis.StrCategory(names, name="cut", label="cut", overflow=False)
        histograms[name] = Hist(_datasets(sample), cut, storage=storage)
    return histograms


class PlaneSums:
    """What fills the histograms of one chunk of a plane search.

    Attributes:
        cutflow: counts of the nominal selection; ``fill`` counts those of regions, the search all others.
    """

    def __init__(
        self, histograms: Mapping[str, Hist[Any]], config: PlaneSearchConfig, grid: PlaneGrid, source: ChunkSource
    ) -> None:
        """Take everything from the empty histograms of the chunk."""
        self._histograms = histograms
        self._regions = {region.name: region for region in config.regions}
        self._source = source
        self.cutflow = Cutflow(list(histograms["cutflow"].axes[-1]))
        self._centre, self._resolution = np.zeros(2), np.zeros(3)
        if source.plane_masses is not None:
            self._centre = grid.expected(source.plane_masses)
            self._resolution = grid.resolution(source.plane_masses)

    def fill(
        self,
        region: str,
        values: Floats,
        event: Integers,
        weights: Mapping[str, Floats],
        *,
        sideband: bool = False,
    ) -> None:
        """Add entries to a region, or to its sideband.

        Call it once for each selection: the nominal one with the weights of all variations that only weigh, then each
        one that moves what is measured with its own. An event may have several entries; of signals only the one
        nearest to the hypothesis counts. Samples of another signal than the one of the region are left out.

        Args:
            region: by name.
            values: (n, 2), x and y of the entries.
            event: (n,) number of the event of each entry; entries of one event stand together.
            weights: (n,) by name of the variation; the cutflow counts events by those of ``nominal``.

        Raises:
            UnknownNameError: no such region, or it has no sideband.
            DarkreachError: the arrays are not of one length.
        """
        kind = SIDEBAND if sideband else "plane"
        if f"{kind}/{region}" not in self._histograms:
            raise unknown_name("region", region, self._regions)
        lengths = {len(values), len(event), *(len(weight) for weight in weights.values())}
        if len(lengths) != 1:
            raise DarkreachError("entries and weights differ in length", where=region, given=str(sorted(lengths)))
        settings, source = self._regions[region], self._source
        if NOMINAL in weights:
            first = np.flatnonzero(np.diff(event, prepend=-1) != 0)
            self.cutflow.count(sideband_cut(region) if sideband else region_cut(region), weights[NOMINAL][first])
        if source.kind != "signal":
            self._fill_other(kind, region, values, weights)
        elif is_signal_of(settings, source.dataset):
            pulls = self._pulls(values)
            nearest = _nearest(pulls, event)
            own = self._histograms[f"{'signal_sideband' if sideband else 'signal_plane'}/{region}"]
            for variation, weight in weights.items():
                if variation in own.axes["variation"]:
                    own.fill(source.dataset, variation, *pulls[nearest].T, weight=weight[nearest])

    def _pulls(self, values: Floats) -> Floats:
        """Return the pulls (n, 2): that of x, and that of y once x is known, whose squares add up to the distance."""
        first, second = ((values - self._centre) / self._resolution[:2]).T
        rho = float(self._resolution[2])
        return np.stack([first, (second - rho * first) / np.sqrt(1.0 - rho**2)], axis=1)

    def _fill_other(self, kind: str, region: str, values: Floats, weights: Mapping[str, Floats]) -> None:
        dataset = self._source.dataset
        if NOMINAL in weights:
            self._histograms[f"{kind}/{region}"].fill(dataset, *values.T, weight=weights[NOMINAL])
        if kind == "plane" and self._source.kind == "background":
            for variation, weight in weights.items():
                self._histograms[f"plane_variation/{region}"].fill(dataset, variation, *values.T, weight=weight)

    def finish(self) -> None:
        """Add the cutflow to the histograms; once, after the last block."""
        add_cutflow(self._histograms, self._source.dataset, self.cutflow)


def is_signal_of(region: PlaneRegion, sample: str) -> bool:
    """Return whether the efficiency of a region comes from this signal sample, named as ``plane_signal_name`` does."""
    return sample.startswith(f"signal_{region.signal}_")


def _nearest(pulls: Floats, event: Integers) -> Integers:
    """Return the entry of each event with the smallest pulls."""
    order = np.lexsort((np.einsum("ni,ni->n", pulls, pulls), event))
    return np.asarray(order[np.flatnonzero(np.diff(event[order], prepend=-1) != 0)])


def _weighted(samples: list[str], *axes: Any) -> Hist[Any]:
    return Hist(_datasets(samples), *axes, storage=hist.storage.Weight())


def _variations(variations: Sequence[str]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(list(variations), name="variation", label="variation", overflow=False)


def _datasets(samples: list[str]) -> hist.axis.StrCategory:
    return hist.axis.StrCategory(samples, growth=True, name="dataset", label="sample")

"""Expected background and observed events of one region, in events, over the usable range of its observable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from darkreach.building.rounding import FloatArray
from darkreach.building.templates import Template, read_template
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms

MINIMUM_EFFECTIVE_EVENTS: Final = 10.0
"""Simulated background events, (sum w)^2 / sum w^2, that the first and the last bin of a region must hold."""


@dataclass(frozen=True)
class RegionSpectra:
    """One region of a search; arrays have shape (bins,), edges (bins + 1,) in the unit of the observable.

    Attributes:
        name: name of the region.
        edges: bin edges of the usable range.
        background: expected events by sample and variation, luminosity applied.
        background_variances: squared uncertainty of the nominal by sample, luminosity applied.
        observed: events of the (pseudo-)data.
        bins_left_out: bins cut off at the low and at the high end.
        nuisances: variation, without ``_up`` and ``_down``, by parameter.
    """

    name: str
    edges: FloatArray
    background: Mapping[str, Mapping[str, FloatArray]]
    background_variances: Mapping[str, FloatArray]
    observed: FloatArray
    bins_left_out: tuple[int, int]
    nuisances: Mapping[str, str] = field(default_factory=dict)

    @property
    def total_background(self) -> FloatArray:
        """Nominal background summed over samples, events a bin."""
        return np.asarray(sum(variations[NOMINAL] for variations in self.background.values()), dtype=np.float64)

    @property
    def total_variances(self) -> FloatArray:
        """Squared uncertainty of the summed nominal background."""
        return np.asarray(sum(self.background_variances.values()), dtype=np.float64)

    def background_between(self, low: float, high: float) -> float:
        """Return the nominal background between two values of the observable, in events, uniform inside each bin."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.total_background)])
        at_low, at_high = np.interp([low, high], self.edges, cumulative)
        return float(at_high - at_low)


def read_region_spectra(
    histograms: SearchHistograms,
    region: str,
    *,
    luminosity_inverse_fb: float,
    data_sample: str,
    nuisances: Mapping[str, str] | None = None,
) -> RegionSpectra:
    """Read background templates (fb) and (pseudo-)data (events) of a region; the luminosity is applied here.

    Bins at either end that hold fewer than ``MINIMUM_EFFECTIVE_EVENTS`` simulated background events are left out:
    they lie where kinematics forbids the background, and a template is no prediction there. The data play no part in
    this choice. The number of bins left out is recorded.

    Args:
        histograms: of the search.
        region: its name.
        luminosity_inverse_fb: of the data, fb^-1.
        data_sample: name of the observed sample.
        nuisances: variations read besides the nominal, by parameter; None for none.

    Raises:
        WorkspaceError: missing, negative or non-finite bins, an empty background bin inside the range, or data that are
            no counts.
    """
    name = f"region/{region}"
    samples = [manifest.sample for manifest in histograms.samples.values() if manifest.kind == "background"]
    if not samples:
        raise WorkspaceError("the histograms hold no background sample", where=name, next_step="process one")
    variations = [NOMINAL] + [f"{stem}_{way}" for stem in (nuisances or {}).values() for way in ("up", "down")]
    read = {s: {v: read_template(histograms, name, s, v) for v in variations} for s in samples}
    nominal = [read[sample][NOMINAL] for sample in samples]
    used = _usable_range(nominal, name)
    edges = nominal[0].edges
    return RegionSpectra(
        name=region,
        edges=edges[used.start : used.stop + 1],
        background={s: {v: read[s][v].values[used] * luminosity_inverse_fb for v in variations} for s in samples},
        background_variances={s: read[s][NOMINAL].variances[used] * luminosity_inverse_fb**2 for s in samples},
        observed=_counts(read_template(histograms, name, data_sample), f"{name}, sample {data_sample}")[used],
        bins_left_out=(used.start, len(edges) - 1 - used.stop),
        nuisances=dict(nuisances or {}),
    )


def _counts(data: Template, where: str) -> FloatArray:
    """Return observed events; a Poisson probability is that of a count, whose variance is its number."""
    weighted = np.flatnonzero(~np.isclose(data.variances, data.values, rtol=1.0e-9, atol=1.0e-9))
    if len(weighted):
        index = int(weighted[0])
        raise WorkspaceError(
            "the data are weighted: a likelihood needs counts",
            where=f"{where}, bin {index} from {data.edges[index]:.5g} to {data.edges[index + 1]:.5g}",
            allowed="events of weight 1, whose sum of squared weights is their number",
            given=f"{data.values[index]:g} events of variance {data.variances[index]:g}; {len(weighted)} such bins",
            next_step="use data that were not sampled (__weight__ of 1) and no weight correction of data",
        )
    return data.values


def _usable_range(nominal: list[Template], where: str) -> slice:
    values = np.sum([template.values for template in nominal], axis=0)
    variances = np.sum([template.variances for template in nominal], axis=0)
    effective = np.divide(values**2, variances, out=np.zeros_like(values), where=variances > 0.0)
    filled = np.flatnonzero(effective >= MINIMUM_EFFECTIVE_EVENTS)
    if not len(filled):
        raise WorkspaceError(
            "no bin holds enough simulated background",
            where=where,
            allowed=f"{MINIMUM_EFFECTIVE_EVENTS:g} effective events or more",
            given=f"{effective.max():.3g} at most",
            next_step="simulate more background, or use wider bins",
        )
    used = slice(int(filled[0]), int(filled[-1]) + 1)
    empty = np.flatnonzero(values[used] <= 0.0)
    if len(empty):
        index = used.start + int(empty[0])
        edges = nominal[0].edges
        raise WorkspaceError(
            "the background is zero in a bin where a signal could be",
            where=f"{where}, bin {index} from {edges[index]:.5g} to {edges[index + 1]:.5g}",
            allowed="a positive expectation: one event of signal or data there would exclude every background",
            next_step="simulate more background, or use wider bins (bins_per_resolution)",
        )
    return used

"""Expected background and observed events of one region or control, in events, in the bins of the likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from darkreach.building.rounding import FloatArray
from darkreach.building.templates import Template, read_template
from darkreach.building.used_bins import UsedBins, choose_bins
from darkreach.configuration import RegionSettings
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms


@dataclass(frozen=True)
class RegionSpectra:
    """One region or control of a search; arrays have shape (bins,), edges (bins + 1,) in the unit of the observable.

    Attributes:
        name: of the region or control.
        edges: bin edges of the usable range.
        background: expected events by sample of the likelihood and variation, luminosity applied.
        background_variances: squared uncertainty of the nominal by sample, luminosity applied.
        observed: events of the (pseudo-)data; zeros as long as none are drawn.
        bins_left_out: bins of the histogram cut off at the low and at the high end.
        nuisances: variation, without ``_up`` and ``_down``, by parameter.
        flat: expected events by background without simulation.
        bins_merged: bins of the histogram that joined the one before, for want of simulated events.
        region: its settings; None for a control.
        used: the bins, in those of the histogram.
    """

    name: str
    edges: FloatArray
    background: Mapping[str, Mapping[str, FloatArray]]
    background_variances: Mapping[str, FloatArray]
    observed: FloatArray
    bins_left_out: tuple[int, int]
    nuisances: Mapping[str, str] = field(default_factory=dict)
    flat: Mapping[str, FloatArray] = field(default_factory=dict)
    bins_merged: int = 0
    region: RegionSettings | None = None
    used: UsedBins | None = None

    @property
    def total_background(self) -> FloatArray:
        """Nominal background summed over samples, events a bin."""
        nominal = [variations[NOMINAL] for variations in self.background.values()]
        return np.asarray(sum([*nominal, *self.flat.values()]), dtype=np.float64)

    @property
    def total_variances(self) -> FloatArray:
        """Squared uncertainty of the summed nominal background."""
        return np.asarray(sum(self.background_variances.values()), dtype=np.float64)

    def background_between(self, low: float, high: float) -> float:
        """Return the nominal background between two values of the observable, in events, uniform inside each bin."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.total_background)])
        at_low, at_high = np.interp([low, high], self.edges, cumulative)
        return float(at_high - at_low)


@dataclass(frozen=True)
class SpectrumSource:
    """What all regions and controls are read with.

    Attributes:
        histograms: of the search.
        samples: simulated background samples by sample of the likelihood.
        luminosity_inverse_fb: of the data, fb^-1.
        data_sample: name of the observed sample; None leaves ``observed`` at zero.
        nuisances: variations read besides the nominal, by parameter.
    """

    histograms: SearchHistograms
    samples: Mapping[str, Sequence[str]]
    luminosity_inverse_fb: float
    data_sample: str | None
    nuisances: Mapping[str, str] = field(default_factory=dict)


def read_region_spectra(
    source: SpectrumSource, region: RegionSettings, flat: Mapping[str, float] | None = None
) -> RegionSpectra:
    """Read background templates (fb) and (pseudo-)data (events) of a region; the luminosity is applied here.

    Which bins are used says ``choose_bins``; beyond the mass range of the region they may be cut off.

    Args:
        source: histograms, and what of them.
        region: which.
        flat: events per GeV^2 and fb^-1 of backgrounds without simulation, by name.

    Raises:
        WorkspaceError: missing, negative or non-finite bins, too little simulated background, or data that are no
            counts.
    """
    low, high = region.mass_range
    return _read(source, f"region/{region.name}", region, (low**2, high**2), flat or {})


def read_control_spectra(source: SpectrumSource, control: str) -> RegionSpectra:
    """Read background templates and (pseudo-)data of a control, none of whose bins are cut off.

    Raises:
        WorkspaceError: as for a region.
    """
    return _read(source, f"control/{control}", None, None, {})


def _read(
    source: SpectrumSource,
    name: str,
    region: RegionSettings | None,
    kept: tuple[float, float] | None,
    flat: Mapping[str, float],
) -> RegionSpectra:
    variations = [NOMINAL] + [f"{stem}_{way}" for stem in source.nuisances.values() for way in ("up", "down")]
    background = {
        sample: {v: _summed(source.histograms, name, members, v) for v in variations}
        for sample, members in source.samples.items()
    }
    nominal = [templates[NOMINAL] for templates in background.values()]
    edges, luminosity = nominal[0].edges, source.luminosity_inverse_fb
    uniform = {one: density * np.diff(edges) for one, density in flat.items()}
    used = choose_bins(
        np.sum([template.values for template in nominal], axis=0),
        np.sum([template.variances for template in nominal], axis=0),
        edges,
        name,
        kept,
        np.sum(list(uniform.values()), axis=0) if uniform else None,
    )
    observed = np.zeros(len(edges) - 1)
    if source.data_sample is not None:
        data = read_template(source.histograms, name, source.data_sample)
        observed = _counts(data, f"{name}, sample {source.data_sample}")
    return RegionSpectra(
        name=name.split("/", 1)[1],
        edges=used.edges(edges),
        background={
            sample: {v: used.sums(template.values) * luminosity for v, template in templates.items()}
            for sample, templates in background.items()
        },
        background_variances={
            sample: used.sums(templates[NOMINAL].variances) * luminosity**2 for sample, templates in background.items()
        },
        observed=used.sums(observed),
        bins_left_out=(used.starts[0], len(edges) - 1 - used.stop),
        nuisances=dict(source.nuisances),
        flat={one: used.sums(values) * luminosity for one, values in uniform.items()},
        bins_merged=used.merged,
        region=region,
        used=used,
    )


def _summed(histograms: SearchHistograms, name: str, samples: Sequence[str], variation: str) -> Template:
    first, *others = (read_template(histograms, name, sample, variation) for sample in samples)
    for other in others:
        first = Template(first.edges, first.values + other.values, first.variances + other.variances)
    return first


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

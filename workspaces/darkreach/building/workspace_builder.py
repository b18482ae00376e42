"""From histograms to a shareable likelihood: a background-only workspace and a patch a mass hypothesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyhf

from darkreach.building.background_only import background_only_workspace
from darkreach.building.build_checks import check_binning, check_data_sample, check_masses
from darkreach.building.channels import Channel, choose_window, cut_channels
from darkreach.building.hypothesis_patch import hypothesis_patch
from darkreach.building.mass_grid import hypothesis_name, mass_grid, mass_resolution, region_of
from darkreach.building.region_spectra import RegionSpectra, read_region_spectra
from darkreach.building.rounding import significant
from darkreach.building.shared_nuisances import shared_nuisances
from darkreach.building.signal_morphing import (
    CrossSection,
    SignalMorphing,
    anchor_cross_section,
    read_signal_morphing,
    signal_manifests,
)
from darkreach.building.signal_samples import signal_template
from darkreach.configuration import SearchConfig
from darkreach.histograms.binning import region_edges
from darkreach.histograms.search_histograms import SearchHistograms


@dataclass(frozen=True)
class SearchWorkspace:
    """A likelihood to share: content of ``BkgOnly.json`` and of ``patchset.json``."""

    background_only: dict[str, Any]
    patchset: dict[str, Any]


@dataclass(frozen=True)
class _Inputs:
    """Everything the patches of all masses share."""

    config: SearchConfig
    spectra: Mapping[str, RegionSpectra]
    channels: Mapping[str, tuple[Channel, ...]]
    signals: Mapping[str, SignalMorphing]
    cross_section_fb: CrossSection
    luminosity_inverse_fb: float
    coupling: float


def build_workspace(
    histograms: SearchHistograms,
    config: SearchConfig,
    *,
    luminosity_inverse_fb: float,
    sqrt_s: float,
    masses: Sequence[float] | None = None,
    cross_section_fb: CrossSection | None = None,
    data_sample: str = "pseudo_data",
) -> SearchWorkspace:
    """Build the background-only workspace and the patchset of a search.

    Every region is cut into consecutive channels. A hypothesis uses the region whose mass range holds it, and there the
    two neighbouring channels in whose middle m^2 lies best. Regions share events near their common mass, but a
    hypothesis uses one region only, so that no event enters a fit twice through different regions. Within a region
    an event enters once for every photon pair that falls into the window, as in arXiv:2007.13071; its up to three
    entries are treated as independent.

    mu = 1 is the cross-section at the reference coupling of the simulated signals. The luminosity multiplies
    simulated histograms (fb) here, once.

    Args:
        histograms: of the search.
        config: of the search, the one the histograms were filled with.
        luminosity_inverse_fb: of the data, fb^-1.
        sqrt_s: centre-of-mass energy in GeV.
        masses: hypotheses in GeV; None for the whole grid.
        cross_section_fb: cross-section in fb at the reference coupling as a function of the mass in GeV; None to
            interpolate those of the simulated signals.
        data_sample: name of the observed sample.

    Raises:
        WorkspaceError: histograms that miss something, hold negative or non-finite bins, were filled with other bins
            or another luminosity, or masses that nothing serves; every message names the place.
    """
    check_data_sample(histograms, data_sample, luminosity_inverse_fb)
    chosen = mass_grid(config) if masses is None else tuple(masses)
    check_masses(chosen)
    nuisances, spectra = shared_nuisances(histograms, config), {}
    for region in config.regions:
        check_binning(histograms, config, region.name, region_edges(region, config, sqrt_s))
        spectra[region.name] = read_region_spectra(
            histograms,
            region.name,
            luminosity_inverse_fb=luminosity_inverse_fb,
            data_sample=data_sample,
            nuisances=nuisances,
        )
    inputs = _Inputs(
        config=config,
        spectra=spectra,
        channels={n: cut_channels(n, len(s.observed), config.binning.bins_per_channel) for n, s in spectra.items()},
        signals={r.name: read_signal_morphing(histograms, r) for r in config.regions},
        cross_section_fb=cross_section_fb or anchor_cross_section(histograms, sqrt_s),
        luminosity_inverse_fb=luminosity_inverse_fb,
        coupling=next(iter(signal_manifests(histograms).values())).parameters["coupling"],
    )
    background_only = background_only_workspace(spectra, inputs.channels, config.workspace)
    patches = [_patch(inputs, mass, background_only) for mass in chosen]
    return SearchWorkspace(background_only, _patchset(inputs, background_only, patches))


def _patch(inputs: _Inputs, mass: float, background_only: dict[str, Any]) -> dict[str, Any]:
    region = region_of(mass, inputs.config)
    spectra, settings = inputs.spectra[region.name], inputs.config.workspace
    window = choose_window(inputs.channels[region.name], spectra.edges, mass**2)
    edges = spectra.edges[window[0].start : window[-1].stop + 1]
    cross_section = inputs.cross_section_fb(mass)
    sigma = mass_resolution(mass, region, inputs.config)
    produced = cross_section * inputs.luminosity_inverse_fb
    signal = signal_template(inputs.signals[region.name], mass, 2.0 * mass * sigma, edges, produced)
    patch = hypothesis_patch(signal, spectra, window, background_only, settings)
    numbers = {
        "cross_section_fb": cross_section,
        "entries_per_event": signal.efficiency,
        "coupling": inputs.coupling,
        "luminosity_inverse_fb": inputs.luminosity_inverse_fb,
        "expected_signal_events": float(signal.nominal.sum()),
        "resolution_gev": sigma,
    }
    rounded = dict(zip(numbers, significant(numbers.values(), settings.patch_digits), strict=True))
    label = {"name": hypothesis_name(mass), "values": [float(mass), 0.0], "region": region.name}
    return {"metadata": label | rounded | patch.description, "patch": patch.operations}


def _patchset(inputs: _Inputs, background_only: dict[str, Any], patches: list[dict[str, Any]]) -> dict[str, Any]:
    config = inputs.config
    description = (
        f"{config.title}: signals by mass. mu = 1 is the cross-section of each patch at {config.coupling.name} ="
        f" {inputs.coupling:g} {config.coupling.unit}. Every patch keeps the two channels around its mass. There is no"
        " HEPData record: the reference is a placeholder that the format demands."
    )
    return {
        "metadata": {
            "description": description,
            "digests": {"sha256": pyhf.utils.digest(background_only)},
            "labels": ["mass_gev", "ctau_cm"],
            "references": {"hepdata": "ins0000000"},
            "bins_left_out": {name: list(spectra.bins_left_out) for name, spectra in inputs.spectra.items()},
        },
        "patches": patches,
        "version": "1.0.0",
    }

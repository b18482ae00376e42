"""From histograms to a shareable likelihood: a background-only workspace and a patch a mass hypothesis.

What is in it, by name:

- channels ``<region>_00``, ``<region>_01``, ...: a region cut into pieces; ``<control>``: a control as a whole.
  A hypothesis has two neighbouring channels of every region that serves its mass, and all controls.
- samples: ``signal``; the groups, or without groups the simulated samples; the flat backgrounds.
- parameters: ``mu``; ``luminosity``; ``signal_efficiency`` and other factors of the signal; those of the rates
  (``background_rates``); variations of the events, of signal and backgrounds alike; ``spurious_signal``;
  ``staterror_<channel>``.
- metadata of a patch: ``region`` the first of them, ``regions`` all if there are several, ``channels``, ``controls``,
  what mu = 1 stands for, and ``data_kind`` if the data were drawn here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyhf

from darkreach.building.background_only import background_only_workspace
from darkreach.building.build_checks import check_data, check_masses, check_settings
from darkreach.building.channels import choose_window
from darkreach.building.drawn_data import DATA_KIND
from darkreach.building.hypothesis_patch import RegionWindow, hypothesis_patch
from darkreach.building.mass_grid import hypothesis_name, mass_grid, mass_resolution, regions_of
from darkreach.building.rounding import significant
from darkreach.building.signal_anchors import (
    CrossSection,
    anchor_cross_section,
    coupling_parameter,
    reference_coupling,
    signal_manifests,
)
from darkreach.building.signal_samples import signal_template
from darkreach.building.workspace_inputs import PseudoData, WorkspaceInputs, read_inputs
from darkreach.configuration import MassScanConfig, RegionSettings
from darkreach.histograms.search_histograms import SearchHistograms


@dataclass(frozen=True)
class SearchWorkspace:
    """A likelihood to share: content of ``BkgOnly.json`` and of ``patchset.json``."""

    background_only: dict[str, Any]
    patchset: dict[str, Any]


def build_workspace(
    histograms: SearchHistograms,
    config: MassScanConfig,
    *,
    luminosity_inverse_fb: float,
    sqrt_s: float,
    masses: Sequence[float] | None = None,
    cross_section_fb: CrossSection | None = None,
    data_sample: str | None = "pseudo_data",
    pseudo_data_seed: int | None = None,
    injected: tuple[float, float] | None = None,
) -> SearchWorkspace:
    """Build the background-only workspace and the patchset of a search.

    Every region is cut into consecutive channels. A hypothesis uses the regions whose common mass range holds it, and
    in each the two neighbouring channels in whose middle m^2 lies best. Regions of different mass ranges share events
    near their common mass, but no hypothesis uses both. Regions of one mass range must not share events. Within a
    region an event enters once for every photon pair that falls into the window, as in arXiv:2007.13071; its up to
    three entries are treated as independent.

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
        data_sample: name of the observed sample; None to draw pseudo-data from the sum of the templates.
        pseudo_data_seed: of drawn pseudo-data; None for that of the configuration.
        injected: mass in GeV and strength of a signal in drawn pseudo-data.

    Raises:
        WorkspaceError: histograms that miss something, hold negative or non-finite bins, were filled with other bins
            or another luminosity, or masses that nothing serves; every message names the place.
    """
    check_settings(config)
    check_data(histograms, data_sample, luminosity_inverse_fb, injected)
    chosen = mass_grid(config) if masses is None else tuple(masses)
    check_masses(chosen)
    seed = config.simulation.pseudo_data_seed if pseudo_data_seed is None else pseudo_data_seed
    inputs = read_inputs(
        histograms,
        config,
        luminosity_inverse_fb=luminosity_inverse_fb,
        sqrt_s=sqrt_s,
        cross_section_fb=cross_section_fb or anchor_cross_section(histograms, sqrt_s),
        coupling=reference_coupling(signal_manifests(histograms), coupling_parameter(config)),
        data=data_sample or PseudoData(seed, injected),
    )
    regions = [inputs.spectra[name] for name in inputs.spectra]
    background_only = background_only_workspace(regions, inputs.channels, config.workspace)
    patches = [_patch(inputs, mass, background_only) for mass in chosen]
    return SearchWorkspace(background_only, _patchset(inputs, background_only, patches))


def _patch(inputs: WorkspaceInputs, mass: float, background_only: dict[str, Any]) -> dict[str, Any]:
    settings, produced = inputs.config.workspace, inputs.produced_events(mass)
    regions = regions_of(mass, inputs.config)
    windows = [_window(inputs, mass, region, produced) for region in regions]
    controls = {name: signal.events(mass, produced) for name, signal in inputs.control_signals.items()}
    injected = None if inputs.pseudo_data is None else inputs.pseudo_data.injected
    patch = hypothesis_patch(
        windows, controls, background_only, settings, smallest_bound=0.0 if injected is None else 4.0 * injected[1]
    )
    numbers = {
        "cross_section_fb": inputs.cross_section_fb(mass),
        "entries_per_event": sum(window.signal.efficiency for window in windows),
        "coupling": inputs.coupling,
        "luminosity_inverse_fb": inputs.luminosity_inverse_fb,
        "expected_signal_events": float(sum(window.signal.nominal.sum() for window in windows)),
        "resolution_gev": mass_resolution(mass, regions[0], inputs.config),
    }
    rounded = dict(zip(numbers, significant(numbers.values(), settings.patch_digits), strict=True))
    label: dict[str, Any] = {"name": hypothesis_name(mass), "values": [float(mass), 0.0], "region": regions[0].name}
    if len(regions) > 1:
        label["regions"] = [region.name for region in regions]
    drawn = {} if inputs.pseudo_data is None else {"data_kind": DATA_KIND}
    return {"metadata": label | rounded | patch.description | drawn, "patch": patch.operations}


def _window(inputs: WorkspaceInputs, mass: float, region: RegionSettings, produced: float) -> RegionWindow:
    spectra = inputs.spectra[region.name]
    channels = choose_window(inputs.channels[region.name], spectra.edges, mass**2)
    edges = spectra.edges[channels[0].start : channels[-1].stop + 1]
    resolution = 2.0 * mass * mass_resolution(mass, region, inputs.config)
    signal = signal_template(inputs.signals[region.name], mass, resolution, edges, produced)
    return RegionWindow(spectra, channels, signal)


def _patchset(
    inputs: WorkspaceInputs, background_only: dict[str, Any], patches: list[dict[str, Any]]
) -> dict[str, Any]:
    metadata = {
        "description": _description(inputs),
        "digests": {"sha256": pyhf.utils.digest(background_only)},
        "labels": ["mass_gev", "ctau_cm"],
        "references": {"hepdata": "ins0000000"},
        "bins_left_out": {name: list(s.bins_left_out) for name, s in inputs.spectra.items() if s.region is not None},
    }
    merged = {name: spectra.bins_merged for name, spectra in inputs.spectra.items() if spectra.bins_merged}
    if merged:
        metadata["bins_merged"] = merged
    if inputs.pseudo_data is not None:
        drawn: dict[str, Any] = {"seed": inputs.pseudo_data.seed}
        if inputs.pseudo_data.injected is not None:
            drawn["injected"] = dict(zip(("mass_gev", "mu"), inputs.pseudo_data.injected, strict=True))
        metadata["pseudo_data"] = drawn
    return {"metadata": metadata, "patches": patches, "version": "1.0.0"}


def _description(inputs: WorkspaceInputs) -> str:
    config = inputs.config
    several = len({region.mass_range for region in config.regions}) < len(config.regions)
    kept = "two channels around its mass"
    if several:
        kept += " in every region that serves it"
    if config.controls:
        kept += ", and all controls"
    text = (
        f"{config.title}: signals by mass. mu = 1 is the cross-section of each patch at {_coupling(inputs)}."
        f" Every patch keeps the {kept}. There is no"
        " HEPData record: the reference is a placeholder that the format demands."
    )
    return text if inputs.pseudo_data is None else f"{text} The data are {DATA_KIND}."


def _coupling(inputs: WorkspaceInputs) -> str:
    coupling = inputs.config.main_coupling
    name = "the coupling" if coupling is None else coupling.name
    unit = inputs.config.simulation.reference_coupling.unit if coupling is None else coupling.unit
    return f"{name} = {inputs.coupling:g} {unit}".rstrip()

"""Spectra of a recoil search beside its background groups, after a fit of each mass range with the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from darkreach.building import regions_of
from darkreach.building.workspace_inputs import PseudoData, WorkspaceInputs, read_inputs
from darkreach.configuration import RegionSettings
from darkreach.figures import StackedSpectrum, fitted_channels, stacked_spectrum, with_same_signal
from darkreach.figures.axis_text import observable_axis
from darkreach.figures.group_rates import FittedChannel
from darkreach.histograms import SearchHistograms
from darkreach.pipeline.settings import RunSettings
from darkreach.sharing import Hypothesis

_SHOWN_PLACE: Final = 0.6
"""Where in a mass range the hypothesis lies that is drawn: away from the ends."""


def stacked_spectra(
    settings: RunSettings,
    histograms: SearchHistograms,
    workspace: Mapping[str, Any],
    hypotheses: Sequence[Hypothesis],
) -> list[list[StackedSpectrum]]:
    """Return what belongs in one figure each: the regions of a mass range side by side, then every control.

    Regions of different mass ranges share events: each range is fitted with the controls on its own; controls are shown
    as the fit of the first range leaves them.

    Args:
        settings: of the run.
        histograms: of the processing stage; edges of the bins are not in a workspace.
        workspace: without signal, with the (pseudo-)data.
        hypotheses: of the run, to overlay one in each range.
    """
    inputs = _bins(settings, histograms)
    controls = [control.name for control in settings.mass_scan.controls]
    figures: list[list[StackedSpectrum]] = []
    control_spectra: list[list[StackedSpectrum]] = []
    for regions in _mass_ranges(settings.mass_scan.regions):
        names = [region.name for region in regions]
        channels = [channel.name for name in (*names, *controls) for channel in inputs.channels[name]]
        fitted = fitted_channels(workspace, channels)
        shown = _shown(regions, hypotheses, settings)
        spectra = [_spectrum(inputs, fitted, region.name, region.observable, shown) for region in regions]
        figures.append(with_same_signal(spectra))
        if not control_spectra:
            control_spectra = [
                [_spectrum(inputs, fitted, control.name, control.observable, None)]
                for control in settings.mass_scan.controls
            ]
    return [*figures, *control_spectra]


def _bins(settings: RunSettings, histograms: SearchHistograms) -> WorkspaceInputs:
    """Read the bins of the likelihood again; the data and the signal in them play no part."""
    return read_inputs(
        histograms,
        settings.mass_scan,
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        sqrt_s=settings.sqrt_s,
        cross_section_fb=lambda _mass: 1.0,
        coupling=1.0,
        data=PseudoData(settings.pseudo_data_seed),
    )


def _mass_ranges(regions: Sequence[RegionSettings]) -> list[list[RegionSettings]]:
    by_range: dict[tuple[float, float], list[RegionSettings]] = {}
    for region in regions:
        by_range.setdefault(region.mass_range, []).append(region)
    return list(by_range.values())


def _shown(
    regions: Sequence[RegionSettings], hypotheses: Sequence[Hypothesis], settings: RunSettings
) -> Hypothesis | None:
    """Return the hypothesis served by these regions that is closest to the place where one is drawn."""
    low, high = regions[0].mass_range
    place = low + _SHOWN_PLACE * (high - low)
    config = settings.mass_scan
    served = [one for one in hypotheses if regions_of(float(one.values["mass_gev"]), config)[0] is regions[0]]
    return min(served, key=lambda one: abs(float(one.values["mass_gev"]) - place), default=None)


def _spectrum(
    inputs: WorkspaceInputs,
    fitted: Mapping[str, FittedChannel],
    name: str,
    observable: str,
    hypothesis: Hypothesis | None,
) -> StackedSpectrum:
    title, unit = observable_axis(observable)
    channels = [fitted[channel.name] for channel in inputs.channels[name]]
    edges = np.asarray(inputs.spectra[name].edges)
    return stacked_spectrum(name, channels, edges, title, unit=unit, hypothesis=hypothesis)

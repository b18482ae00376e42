"""Everything that the patches of all masses share, read out of the histograms once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from darkreach.building.background_groups import grouped_samples
from darkreach.building.build_checks import check_binning
from darkreach.building.channels import Channel, cut_channels
from darkreach.building.control_signals import ControlSignal, read_control_signal
from darkreach.building.drawn_data import drawn_counts
from darkreach.building.mass_grid import regions_of
from darkreach.building.region_spectra import (
    RegionSpectra,
    SpectrumSource,
    read_control_spectra,
    read_region_spectra,
)
from darkreach.building.rounding import FloatArray
from darkreach.building.shared_nuisances import shared_nuisances
from darkreach.building.signal_anchors import CrossSection
from darkreach.building.signal_morphing import SignalMorphing, read_signal_morphing
from darkreach.building.signal_samples import signal_template
from darkreach.configuration import MassScanConfig, RegionSettings
from darkreach.histograms.binning import region_edges, squared_mass_resolution
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms


@dataclass(frozen=True)
class PseudoData:
    """Data to be drawn from the templates.

    Attributes:
        seed: root of the random numbers.
        injected: mass in GeV and strength of a signal in them; None for background alone.
    """

    seed: int
    injected: tuple[float, float] | None = None


@dataclass(frozen=True)
class WorkspaceInputs:
    """Spectra, channels and signals of a search, by region and control.

    Attributes:
        config: of the search.
        spectra: of the regions, then of the controls.
        channels: of each; a control is one.
        signals: of the regions.
        control_signals: of the controls.
        cross_section_fb: at the reference coupling, as a function of the mass in GeV.
        luminosity_inverse_fb: of the data.
        coupling: the reference coupling.
        pseudo_data: None if the data were in the histograms.
    """

    config: MassScanConfig
    spectra: Mapping[str, RegionSpectra]
    channels: Mapping[str, tuple[Channel, ...]]
    signals: Mapping[str, SignalMorphing]
    control_signals: Mapping[str, ControlSignal]
    cross_section_fb: CrossSection
    luminosity_inverse_fb: float
    coupling: float
    pseudo_data: PseudoData | None = None

    def produced_events(self, mass: float) -> float:
        """Return the signal events produced at mu = 1 for a mass in GeV."""
        return self.cross_section_fb(mass) * self.luminosity_inverse_fb

    def with_drawn_data(self) -> WorkspaceInputs:
        """Return the same with pseudo-data drawn as ``pseudo_data`` says.

        Raises:
            WorkspaceError: nothing serves the mass of the injected signal.
        """
        if self.pseudo_data is None:
            return self
        seed = self.pseudo_data.seed
        if self.pseudo_data.injected is not None:
            regions_of(self.pseudo_data.injected[0], self.config)
        spectra = {
            name: replace(spectrum, observed=drawn_counts(spectrum, seed, self._injected(spectrum)))
            for name, spectrum in self.spectra.items()
        }
        return replace(self, spectra=spectra)

    def _injected(self, spectra: RegionSpectra) -> FloatArray | None:
        """Return the injected signal in a region or control; None where no simulated signals surround its mass."""
        if self.pseudo_data is None or self.pseudo_data.injected is None:
            return None
        mass, strength = self.pseudo_data.injected
        produced = strength * self.produced_events(mass)
        if spectra.region is None:
            return self.control_signals[spectra.name].events(mass, produced)[NOMINAL]
        morphing = self.signals[spectra.name]
        if not morphing.masses[0] <= mass <= morphing.masses[-1]:
            return None
        resolution = float(squared_mass_resolution(spectra.region.observable, mass, self.config))
        return signal_template(morphing, mass, resolution, spectra.edges, produced).nominal


def read_inputs(
    histograms: SearchHistograms,
    config: MassScanConfig,
    *,
    luminosity_inverse_fb: float,
    sqrt_s: float,
    cross_section_fb: CrossSection,
    coupling: float,
    data: str | PseudoData,
) -> WorkspaceInputs:
    """Read what the workspace needs; the data are a sample of the histograms or are drawn.

    Raises:
        WorkspaceError: see ``build_workspace``.
    """
    source = SpectrumSource(
        histograms,
        grouped_samples(histograms.samples.values(), config.workspace.groups),
        luminosity_inverse_fb,
        data if isinstance(data, str) else None,
        shared_nuisances(histograms, config),
    )
    spectra, channels, signals = {}, {}, {}
    for region in config.regions:
        check_binning(histograms, config, f"region/{region.name}", region_edges(region, config, sqrt_s))
        spectrum = read_region_spectra(source, region, _flat(config, region))
        spectra[region.name] = spectrum
        channels[region.name] = cut_channels(region.name, len(spectrum.observed), config.binning.bins_per_channel)
        together = [one for one in config.regions if one.mass_range == region.mass_range]
        signals[region.name] = read_signal_morphing(histograms, region, others=len(together) > 1)
    control_signals = {}
    for control in config.controls:
        check_binning(histograms, config, f"control/{control.name}", np.array(control.edges))
        spectrum = read_control_spectra(source, control.name)
        spectra[control.name] = spectrum
        channels[control.name] = (Channel(control.name, control.name, 0, len(spectrum.observed)),)
        if spectrum.used is not None:
            variations = tuple(histograms.histograms[f"control/{control.name}"].axes["variation"])
            control_signals[control.name] = read_control_signal(histograms, control.name, variations, spectrum.used)
    inputs = WorkspaceInputs(
        config=config,
        spectra=spectra,
        channels=channels,
        signals=signals,
        control_signals=control_signals,
        cross_section_fb=cross_section_fb,
        luminosity_inverse_fb=luminosity_inverse_fb,
        coupling=coupling,
        pseudo_data=None if isinstance(data, str) else data,
    )
    return inputs.with_drawn_data()


def _flat(config: MassScanConfig, region: RegionSettings) -> dict[str, float]:
    flats = config.workspace.flat_backgrounds
    return {flat.name: flat.events.value for flat in flats if flat.region == region.name}

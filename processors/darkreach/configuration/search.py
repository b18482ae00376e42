"""The configuration of a three-photon search: simulation, selection, regions, workspace, coupling, presets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from darkreach.configuration.correction_files import CorrectionFileName, correction_file
from darkreach.configuration.quantities import Quantity, Range, Section

Positive = Annotated[float, Field(gt=0)]
PositiveInt = Annotated[int, Field(gt=0)]
Observable = Literal["pair_mass_squared", "recoil_mass_squared"]


class SimulationSettings(Section):
    """How samples are generated; energies in GeV, seeds are roots of a SeedSequence."""

    initial_state_radiation: bool
    maximum_isr_fraction: Quantity
    reference_coupling: Quantity
    event_efficiency: Quantity
    background_minimum_energy_cm: Quantity
    background_polar_range: Range
    formats: tuple[Literal["parquet", "root"], ...]
    file_entries: PositiveInt
    seed: Annotated[int, Field(ge=0)]
    pseudo_data_seed: Annotated[int, Field(ge=0)]
    maximum_pseudo_data_events: PositiveInt

    @model_validator(mode="after")
    def _in_range(self) -> SimulationSettings:
        if not 0.0 < self.event_efficiency.value <= 1.0:
            raise ValueError(f"event_efficiency must be in (0, 1], got {self.event_efficiency.value}")
        if not 0.0 < self.maximum_isr_fraction.value < 1.0:
            raise ValueError(f"maximum_isr_fraction must be in (0, 1), got {self.maximum_isr_fraction.value}")
        return self


class SelectionSettings(Section):
    """Cuts on three photons: laboratory polar angle (deg), mass in units of sqrt(s), veto energy (GeV, CM)."""

    polar_range: Range
    three_photon_mass_range: Range
    photon_count_threshold: Quantity


class RegionSettings(Section):
    """One histogram region: an observable, a photon threshold (GeV, CM), and the hypotheses it serves (GeV)."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    observable: Observable
    minimum_photon_energy_cm: Quantity
    mass_range: tuple[Positive, Positive]


class BinningSettings(Section):
    """Bins follow the resolution: knots are (mass in GeV, resolution of the squared mass in GeV^2)."""

    bins_per_resolution: Positive
    bins_per_channel: Annotated[int, Field(ge=4)]
    margin_resolutions: Positive
    pair_mass_squared: tuple[tuple[Positive, Positive], ...]
    recoil_mass_squared: tuple[tuple[Positive, Positive], ...]


class PhotonEfficiencyVariation(Section):
    """Relative efficiency uncertainty a photon, by laboratory energy; one value more than edges."""

    energy_edges: tuple[Positive, ...]
    values: tuple[float, ...]
    source: str

    @model_validator(mode="after")
    def _lengths(self) -> PhotonEfficiencyVariation:
        if len(self.values) != len(self.energy_edges) + 1:
            raise ValueError(f"{len(self.energy_edges)} energy_edges need {len(self.energy_edges) + 1} values")
        return self


class VariationSettings(Section):
    """Sizes of the systematic variations of simulated events; leave out what corrections take care of."""

    energy_scale: Quantity | None = None
    resolution: Quantity | None = None
    photon_efficiency: PhotonEfficiencyVariation | None = None

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the variations that are on, without ``_up`` and ``_down``."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


class WorkspaceSettings(Section):
    """How histograms become a HistFactory workspace; uncertainties are relative."""

    background: Literal["templates", "bernstein"]
    bernstein_order: Annotated[int, Field(ge=1, le=8)]
    luminosity_uncertainty: Quantity
    signal_efficiency_uncertainty: Quantity
    background_rate: Literal["floating", "fixed"]
    spurious_signal_fraction: Quantity
    mass_step_resolutions: Positive
    patch_digits: Annotated[int, Field(ge=3, le=15)]


class CouplingSettings(Section):
    """The coupling that the signal strength is turned into; reach in cm."""

    name: str
    unit: str
    displacement_reach: Quantity


class Preset(Section):
    """How much to simulate and which masses (GeV) to scan."""

    signal_events: PositiveInt
    background_events: PositiveInt
    anchor_masses: tuple[Positive, ...]
    scan_masses: tuple[Positive, ...] | Literal["all"]


class SearchConfig(Section):
    """The whole configuration of one search.

    ``corrections`` names files of corrections: shipped ones (``configs/corrections``) by name, others by a path that
    starts from the folder of this document.
    """

    search: str
    title: str
    detector: str
    luminosity: Quantity
    simulation: SimulationSettings
    selection: SelectionSettings
    regions: tuple[RegionSettings, ...]
    binning: BinningSettings
    variations: VariationSettings
    corrections: tuple[CorrectionFileName, ...] = ()
    workspace: WorkspaceSettings
    coupling: CouplingSettings
    confidence_levels: tuple[Annotated[float, Field(gt=0.5, lt=1.0)], ...]
    presets: dict[str, Preset]

    @model_validator(mode="after")
    def _consistent(self) -> SearchConfig:
        if self.luminosity.value <= 0.0:
            raise ValueError(f"luminosity must be positive, got {self.luminosity.value}")
        names = [region.name for region in self.regions]
        if len(set(names)) != len(names):
            raise ValueError(f"region names must differ, got {names}")
        low = min(region.mass_range[0] for region in self.regions)
        high = max(region.mass_range[1] for region in self.regions)
        for name, preset in self.presets.items():
            if min(preset.anchor_masses) > low or max(preset.anchor_masses) < high:
                raise ValueError(f"anchor_masses of preset {name} must span {low} to {high} GeV")
        return self

    @model_serializer(mode="wrap")
    def _without_empty_corrections(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # a search without corrections keeps the digest it had before there were any
        content: dict[str, Any] = handler(self)
        if not self.corrections:
            content.pop("corrections", None)
        return content

    @property
    def detector_sections(self) -> tuple[str, ...]:
        """Sections of the detector that decide the events of this search; the others leave its samples as they are."""
        return ("beams", "photon_response")

    @property
    def correction_files(self) -> tuple[Path, ...]:
        """Files of the corrections, in order."""
        return tuple(correction_file(name) for name in self.corrections)

    def resolution_knots(self, observable: Observable) -> tuple[tuple[float, float], ...]:
        """Return (mass in GeV, resolution of the squared mass in GeV^2) knots of an observable."""
        if observable == "pair_mass_squared":
            return self.binning.pair_mass_squared
        return self.binning.recoil_mass_squared

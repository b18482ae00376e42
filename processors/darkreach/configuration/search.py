"""The configuration that every search has: samples, regions, bins, workspace, couplings, presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from darkreach.configuration.correction_files import CorrectionFileName, correction_file
from darkreach.configuration.quantities import Quantity, Section, units

Positive = Annotated[float, Field(gt=0)]
PositiveInt = Annotated[int, Field(gt=0)]
UNITS: Final = ("", "GeV", "GeV^2", "GeV^-1", "cm", "deg", "fb", "fb^-1", "GeV^-2 fb", "sqrt(s)")
"""Units that numbers of a search may have: nothing is converted, another one would be taken for one of these."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


class SimulationSettings(Section):
    """How samples are generated; seeds are roots of a SeedSequence. mu = 1 is the signal at the reference coupling."""

    reference_coupling: Quantity
    formats: Annotated[tuple[Literal["parquet", "root"], ...], Field(min_length=1)]
    seed: Annotated[int, Field(ge=0)]
    pseudo_data_seed: Annotated[int, Field(ge=0)]

    @property
    def radiates(self) -> bool:
        """Whether the samples have initial-state radiation."""
        return True


class RegionSettings(Section):
    """One histogram region: an observable (GeV^2), and the hypotheses it serves (GeV).

    Regions of the same mass range act together: a hypothesis is fitted in all of them at once.
    """

    name: Name
    observable: str
    mass_range: tuple[Positive, Positive]

    @model_validator(mode="after")
    def _masses_rise(self) -> RegionSettings:
        if not self.mass_range[0] < self.mass_range[1]:
            raise ValueError(f"mass_range must rise, got {self.mass_range}")
        return self

    def squared_mass_limits(self, sqrt_s: float) -> tuple[float, float]:
        """Return the smallest and the largest value of the observable (GeV^2) that kinematics and cuts allow."""
        return 0.0, sqrt_s**2


class ControlSettings(Section):
    """A control channel: a histogram beside the regions whose data constrain the rates of background groups.

    Attributes:
        name: of the channel.
        observable: of its histogram.
        edges: of its bins, in the unit of the observable.
    """

    name: Name
    observable: str
    edges: Annotated[tuple[float, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _rising(self) -> ControlSettings:
        if any(not low < high for low, high in zip(self.edges[:-1], self.edges[1:], strict=True)):
            raise ValueError(f"edges must rise, got {self.edges}")
        return self


class BinningSettings(Section):
    """Bins follow the resolution of the observable of a region.

    A search adds the knots of each observable, under its name: (mass in GeV, resolution of the observable in GeV^2).
    """

    bins_per_resolution: Positive
    bins_per_channel: Annotated[int, Field(ge=4)]
    margin_resolutions: Positive


class VariationSettings(Section):
    """Sizes of the systematic variations of simulated events; leave out what corrections take care of."""

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the variations that are on, without ``_up`` and ``_down``."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


class BackgroundGroup(Section):
    """Background samples that are one sample of the likelihood.

    Attributes:
        name: of the sample of the likelihood; its rate is ``rate_<name>``, shared by all regions and controls.
        samples: names of processes, whatever their parameters, or of single samples.
        rate: ``floating`` without constraint; ``constrained`` by the uncertainty; ``fixed`` but for the luminosity.
        uncertainty: relative, of a constrained rate.
        transfer: relative uncertainty of the rate in the regions of a hypothesis against that in the controls; one
            parameter ``transfer_<name>`` a mass range.
    """

    name: Name
    samples: Annotated[tuple[str, ...], Field(min_length=1)]
    rate: Literal["floating", "constrained", "fixed"]
    uncertainty: Quantity | None = None
    transfer: Quantity | None = None

    @model_validator(mode="after")
    def _complete(self) -> BackgroundGroup:
        if (self.rate == "constrained") != (self.uncertainty is not None):
            raise ValueError("a constrained rate needs an uncertainty, other rates none")
        return self


class FlatBackground(Section):
    """A background without simulation, uniform in the observable of a region, e.g. cosmic muons.

    Attributes:
        name: of the sample of the likelihood.
        region: where it is.
        events: per GeV^2 and fb^-1.
        uncertainty: relative, of its rate (parameter ``rate_<name>``).
    """

    name: Name
    region: Name
    events: Quantity
    uncertainty: Quantity


class LikelihoodSettings(Section):
    """What all workspaces have; uncertainties are relative.

    Attributes:
        signal_uncertainties: further factors of the signal, by name of the parameter.
        groups: of backgrounds; without them each background sample stands for itself.
        patch_digits: digits of the numbers in patches.
    """

    luminosity_uncertainty: Quantity
    signal_efficiency_uncertainty: Quantity
    signal_uncertainties: dict[Name, Quantity] = Field(default_factory=dict)
    groups: tuple[BackgroundGroup, ...] = ()
    patch_digits: Annotated[int, Field(ge=3, le=15)]


class WorkspaceSettings(LikelihoodSettings):
    """How the histograms of a mass scan become a HistFactory workspace.

    Without ``groups`` each background sample stands for itself, with one rate a region as ``background_rate`` says.

    Attributes:
        largest_mass_ratio: neighbouring masses of the scan are not further apart; for masses below the resolution,
            where the signal strength is flat but the coupling is not.
    """

    background: Literal["templates", "bernstein"]
    bernstein_order: Annotated[int, Field(ge=1, le=8)] = 3
    background_rate: Literal["floating", "fixed"] = "floating"
    flat_backgrounds: tuple[FlatBackground, ...] = ()
    spurious_signal_fraction: Quantity
    mass_step_resolutions: Positive
    largest_mass_ratio: Annotated[float, Field(gt=1.0)] | None = None


class CouplingSettings(Section):
    """One reading of the limits: the coupling that the signal strength is turned into, and how.

    Attributes:
        name: of the coupling, as in files and axis labels (``g_agg``, ``epsilon``, ``g_prime``).
        unit: empty for pure numbers.
        model: what relates coupling and signal, one of ``darkreach.couplings``.
        parameters: of the model.
    """

    name: Name
    unit: str
    model: Name
    parameters: dict[Name, Quantity] = Field(default_factory=dict)


class LabelSettings(Section):
    r"""Mathtext of axis titles.

    Attributes:
        mass: of the mass that is scanned, e.g. ``m_{A^\prime}``.
        final_state: of the signal, e.g. ``\gamma A^\prime``.
    """

    mass: str = "m_X"
    final_state: str = "X"

    @model_validator(mode="after")
    def _closed(self) -> LabelSettings:
        for text in (self.mass, self.final_state):
            if text.count("{") != text.count("}"):
                raise ValueError(f"braces do not match in '{text}'")
        return self


class Preset(Section):
    """How much to simulate."""

    signal_events: PositiveInt


class MassPreset(Preset):
    """Adds the masses (GeV) to simulate and to scan."""

    anchor_masses: Annotated[tuple[Positive, ...], Field(min_length=1)]
    scan_masses: Annotated[tuple[Positive, ...], Field(min_length=1)] | Literal["all"]


class SearchConfig(Section):
    """What the configurations of all searches have in common; each kind adds regions and selection.

    Attributes:
        search: name of the search, that of its file.
        processor: name of what fills its histograms, shared by searches of one kind; empty if it is ``search``.
        labels: texts of figures.
        corrections: names of files of corrections: shipped ones (``configs/corrections``) by name, others by a path
            that starts from the folder of this document.
        couplings: readings of the limits, the main one first; none for limits on cross-sections only.
    """

    search: Name
    processor: Name | Literal[""] = ""
    title: str
    labels: LabelSettings = LabelSettings()
    detector: str
    luminosity: Quantity
    simulation: SimulationSettings
    variations: VariationSettings
    corrections: tuple[CorrectionFileName, ...] = ()
    workspace: LikelihoodSettings
    couplings: tuple[CouplingSettings, ...] = ()
    confidence_levels: Annotated[tuple[Annotated[float, Field(gt=0.5, lt=1.0)], ...], Field(min_length=1)]
    presets: Mapping[str, Preset]

    @model_validator(mode="after")
    def _in_units(self) -> SearchConfig:
        if self.luminosity.value <= 0.0:
            raise ValueError(f"luminosity must be positive, got {self.luminosity.value}")
        if self.luminosity.unit != "fb^-1":
            raise ValueError(f"luminosity must be in fb^-1, got '{self.luminosity.unit}'")
        for where, unit in units(self):
            if unit not in UNITS:
                raise ValueError(f"{where}: unknown unit '{unit}', known are {', '.join(UNITS[1:])}")
        for what, names in (
            ("couplings: names", [one.name for one in self.couplings]),
            ("confidence_levels", list(self.confidence_levels)),
        ):
            require_different(what, names)
        return self

    @model_serializer(mode="wrap")
    def _without_empty_corrections(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # a search without corrections keeps the digest it had before there were any
        content: dict[str, Any] = handler(self)
        if not self.corrections:
            content.pop("corrections", None)
        return content

    @property
    def processor_name(self) -> str:
        """Name of what fills the histograms of the search."""
        return self.processor or self.search

    @property
    def main_coupling(self) -> CouplingSettings | None:
        """The first reading of the limits; None for limits on cross-sections only."""
        return self.couplings[0] if self.couplings else None

    @property
    def mu_one(self) -> str:
        """What a signal strength of one is, in words."""
        process = f"{self.title}, initial-state radiation included," if self.simulation.radiates else self.title
        reference = self.simulation.reference_coupling
        coupling = self.main_coupling
        if coupling is None and reference.unit == "fb":
            return f"cross-section of {process} equal to {reference.value:g} fb"
        name, unit = ("the coupling", reference.unit) if coupling is None else (coupling.name, coupling.unit)
        return f"cross-section of {process} at {name} = {reference.value:g} {unit}".rstrip()

    @property
    def detector_sections(self) -> tuple[str, ...]:
        """Sections of the detector that decide the events of this search; the others leave its samples as they are."""
        return ("beams",)

    @property
    def correction_files(self) -> tuple[Path, ...]:
        """Files of the corrections, in order."""
        return tuple(correction_file(name) for name in self.corrections)


class MassScanConfig(SearchConfig):
    """A search for a bump in one squared mass, whose hypotheses are masses.

    Attributes:
        controls: control channels, part of every hypothesis.
    """

    regions: Annotated[tuple[RegionSettings, ...], Field(min_length=1)]
    controls: tuple[ControlSettings, ...] = ()
    binning: BinningSettings
    workspace: WorkspaceSettings
    presets: Mapping[str, MassPreset]

    @model_validator(mode="after")
    def _consistent(self) -> MassScanConfig:
        histograms = [region.name for region in self.regions] + [control.name for control in self.controls]
        require_different("regions and controls: names", histograms)
        unserved = {flat.region for flat in self.workspace.flat_backgrounds} - {region.name for region in self.regions}
        if unserved:
            raise ValueError(f"flat_backgrounds name regions that are not there: {sorted(unserved)}")
        low = min(region.mass_range[0] for region in self.regions)
        high = max(region.mass_range[1] for region in self.regions)
        for name, preset in self.presets.items():
            if min(preset.anchor_masses) > low or max(preset.anchor_masses) < high:
                raise ValueError(f"anchor_masses of preset {name} must span {low} to {high} GeV")
        return self

    def resolution_knots(self, observable: str) -> tuple[tuple[float, float], ...]:
        """Return the knots of an observable: (mass in GeV, resolution of the observable in GeV^2)."""
        knots: tuple[tuple[float, float], ...] = getattr(self.binning, observable)
        return knots


def require_different(what: str, names: Sequence[str | float]) -> None:
    """Refuse names of which two are the same."""
    if len(set(names)) != len(names):
        raise ValueError(f"{what} must differ, got {names}")

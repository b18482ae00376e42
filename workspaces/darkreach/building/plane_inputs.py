"""Everything that the patches of all hypotheses of a plane share, read out of the histograms once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from darkreach.building.background_groups import grouped_samples
from darkreach.building.drawn_data import poisson_counts
from darkreach.building.plane_anchors import PlaneBranching, PlaneCrossSection
from darkreach.building.plane_background import PlaneBackground, read_plane_background
from darkreach.building.plane_cells import PlaneCells
from darkreach.building.plane_contents import check_plane_axes, observed_counts, summed_contents
from darkreach.building.plane_points import PlanePoint, plane_points
from darkreach.building.plane_regions import kept_parts, usable_areas
from darkreach.building.plane_signal import PlaneSignal, read_plane_signal
from darkreach.building.rounding import FloatArray
from darkreach.building.shared_nuisances import shared_nuisances
from darkreach.configuration.plane_search import PlaneRegion, PlaneSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.histograms.search_histograms import SearchHistograms

Injected = tuple[tuple[float, float], float]
"""Masses of dark photon and dark Higgs boson in GeV, and the strength, of a signal put into pseudo-data."""


@dataclass(frozen=True, eq=False)
class PlaneRegionInputs:
    """What is known of one region; arrays of cells have shape (nx, ny), in events.

    Attributes:
        region: its settings.
        signal: of the region, with all variations.
        areas: of the cells in which it can have background.
        sideband_signal: of its sideband, nominal; None without one.
        background: simulated; None if the sideband tells it and the data are no pseudo-data.
        observed: data of the region.
        sideband_observed: of its sideband; None without one.
    """

    region: PlaneRegion
    signal: PlaneSignal
    areas: FloatArray
    sideband_signal: PlaneSignal | None
    background: PlaneBackground | None
    observed: FloatArray
    sideband_observed: FloatArray | None


@dataclass(frozen=True, eq=False)
class PlaneInputs:
    """What all hypotheses share.

    Attributes:
        config: of the search.
        cells: of its plane.
        nuisances: variation, without ``_up`` and ``_down``, by parameter.
        cross_section_fb: Born, at the reference coupling, of both masses.
        branching: probability of the decays of a region.
        luminosity_inverse_fb: of the data.
        regions: in the order of the configuration.
        data_sample: None for pseudo-data.
        seed: of pseudo-data.
        injected: signal in pseudo-data.
    """

    config: PlaneSearchConfig
    cells: PlaneCells
    nuisances: Mapping[str, str]
    cross_section_fb: PlaneCrossSection
    branching: PlaneBranching
    luminosity_inverse_fb: float
    regions: tuple[PlaneRegionInputs, ...]
    data_sample: str | None
    seed: int
    injected: Injected | None

    def produced(self, masses: tuple[float, float]) -> float:
        """Return the signal events produced at mu = 1, whatever they decay to.

        Raises:
            WorkspaceError: the cross-section is negative or no number.
        """
        value = float(self.cross_section_fb(*masses))
        if not 0.0 <= value < np.inf:
            raise WorkspaceError(
                "the cross-section of a signal is no number", where=f"masses {masses} GeV", given=f"{value} fb",
                allowed="0 fb or above",
            )  # fmt: skip
        return value * self.luminosity_inverse_fb

    def decay_share(self, region: PlaneRegion, mass: float) -> float:
        """Return the probability of the decays of a region for a mass of the dark photon in GeV.

        Raises:
            WorkspaceError: it is no probability.
        """
        value = float(self.branching(region, mass))
        if not 0.0 <= value <= 1.0 + 1e-9:
            raise WorkspaceError(
                "the share of the decays of a region is no probability", where=f"region {region.name}, {mass:g} GeV",
                given=str(value), allowed="between 0 and 1",
            )  # fmt: skip
        return value


def read_plane_inputs(
    histograms: SearchHistograms,
    config: PlaneSearchConfig,
    grid: PlaneGrid,
    cross_section_fb: PlaneCrossSection,
    branching: PlaneBranching,
    luminosity_inverse_fb: float,
    data_sample: str | None,
    pseudo_data: tuple[int, Injected | None],
) -> PlaneInputs:
    """Read what a plane needs; the data are a sample of the histograms, or drawn with a seed and a signal.

    Raises:
        WorkspaceError: see ``build_plane_workspace``.
    """
    check_plane_axes(histograms, config, grid)
    cells, nuisances = PlaneCells(grid), shared_nuisances(histograms, config)
    stems = tuple(nuisances.values())
    simulated = data_sample is None or config.workspace.sideband is None
    groups = grouped_samples(histograms.samples.values(), config.workspace.groups) if simulated else {}
    regions = []
    for region in config.regions:
        signal = read_plane_signal(histograms, config, region, cross_section_fb, stems)
        sideband_signal = background = sideband_observed = None
        observed = np.zeros(cells.shape)
        if simulated:
            background = read_plane_background(histograms, cells, region, groups, luminosity_inverse_fb, stems)
        if data_sample is not None:
            observed = observed_counts(histograms, f"plane/{region.name}", data_sample)
        if region.sideband:
            sideband_signal = read_plane_signal(histograms, config, region, cross_section_fb, (), sideband=True)
            sideband_observed = np.zeros(cells.shape)
            if data_sample is not None:
                sideband_observed = observed_counts(histograms, f"sideband/{region.name}", data_sample)
        areas = usable_areas(region, cells)
        regions.append(
            PlaneRegionInputs(region, signal, areas, sideband_signal, background, observed, sideband_observed)
        )
    inputs = PlaneInputs(
        config, cells, nuisances, cross_section_fb, branching, luminosity_inverse_fb, tuple(regions), data_sample,
        *pseudo_data,
    )  # fmt: skip
    return inputs if data_sample is not None else _with_drawn_data(inputs, histograms, groups)


def _with_drawn_data(
    inputs: PlaneInputs, histograms: SearchHistograms, groups: Mapping[str, Sequence[str]]
) -> PlaneInputs:
    """Return the same with pseudo-data: one draw a cell for the whole plane, which overlapping windows share."""
    point = None
    if inputs.injected is not None:
        (point,) = plane_points(inputs.cells.grid, [inputs.injected[0]])
    samples = tuple(sample for members in groups.values() for sample in members)
    regions = []
    for one in inputs.regions:
        if one.background is None:  # read for pseudo-data
            continue
        name = one.region.name
        expected = one.background.total + _injected(inputs, one.region, one.signal, point)
        observed, sideband = poisson_counts(f"plane/{name}", expected, inputs.seed), None
        if one.sideband_signal is not None:
            expected = inputs.luminosity_inverse_fb * summed_contents(histograms, f"sideband/{name}", samples)[0]
            expected = expected + _injected(inputs, one.region, one.sideband_signal, point)
            sideband = poisson_counts(f"sideband/{name}", expected, inputs.seed)
        regions.append(replace(one, observed=observed, sideband_observed=sideband))
    return replace(inputs, regions=tuple(regions))


def _injected(
    inputs: PlaneInputs, region: PlaneRegion, signal: PlaneSignal, point: PlanePoint | None
) -> FloatArray | float:
    if point is None or inputs.injected is None:
        return 0.0
    produced = inputs.injected[1] * inputs.produced(point.masses) * inputs.decay_share(region, point.masses[0])
    events = produced * signal.box(inputs.cells, point, inputs.cells.whole())
    return np.asarray(events * kept_parts(region, inputs.cells)[:, np.newaxis])

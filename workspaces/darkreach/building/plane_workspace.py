"""From histograms of a plane of two masses to a shareable likelihood: a background-only workspace, a patch a point.

What is in it, by name:

- channels ``<region>``: one bin that counts in the window of a hypothesis, or the bins of a square about it;
  ``<region>_sideband``: one bin, of regions whose sideband tells the background.
- samples: ``signal``; ``background`` of regions with a sideband; else the groups, or the simulated samples.
- parameters: ``mu``; ``luminosity``; ``signal_efficiency`` and other factors of the signal; variations of the events,
  of signal and simulated backgrounds alike; ``rate_<group>``; ``staterror_<region>``; ``background_<region>``, the
  background expected in the window, and ``sideband_<region>``, the uncertainty of its ratio to the sideband.
- metadata of a patch: what mu = 1 stands for, ``regions`` that take part, and by region ``efficiency`` (of the window,
  for the Born cross-section), ``branching``, ``background_events``, ``observed``, and what else there is to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyhf

from darkreach.building.build_checks import check_data
from darkreach.building.drawn_data import DATA_KIND
from darkreach.building.modifiers import PARAMETER_OF_INTEREST
from darkreach.building.plane_anchors import MASSES, PlaneBranching, PlaneCrossSection
from darkreach.building.plane_checks import check_plane_settings
from darkreach.building.plane_hypothesis import plane_patch, region_part
from darkreach.building.plane_inputs import Injected, PlaneInputs, read_plane_inputs
from darkreach.building.plane_part import HypothesisCells
from darkreach.building.plane_points import plane_points
from darkreach.building.workspace_builder import SearchWorkspace
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.plane_grid import PULL_BINS, PlaneGrid
from darkreach.histograms.search_histograms import SearchHistograms


def build_plane_workspace(
    histograms: SearchHistograms,
    config: PlaneSearchConfig,
    *,
    luminosity_inverse_fb: float,
    sqrt_s: float,
    cross_section_fb: PlaneCrossSection,
    branching: PlaneBranching,
    points: Sequence[tuple[float, float]] | None = None,
    data_sample: str | None = None,
    pseudo_data_seed: int | None = None,
    injected: Injected | None = None,
) -> SearchWorkspace:
    """Build the background-only workspace and the patchset of a plane search.

    The background-only workspace counts in the whole plane, each region in one bin. The patch of a hypothesis replaces
    background and data by those of its window and adds the signal in the same cells. Windows overlap and share events.
    Efficiencies refer to the Born cross-section and contain what radiation changes. The luminosity is applied here.

    Args:
        histograms: of the search.
        config: of the search, the one the histograms were filled with.
        luminosity_inverse_fb: of the data, fb^-1.
        sqrt_s: centre-of-mass energy in GeV.
        cross_section_fb: Born cross-section in fb at the reference coupling, where mu = 1.
        branching: probability that the dark photons of an event decay as a region says.
        points: hypotheses, masses in GeV; None for all of the plane. Those without signal in any region are left out,
            and named in the metadata: ``points_without_signal``.
        data_sample: name of the observed sample; None to draw pseudo-data from the simulated background, once for all.
        pseudo_data_seed: of drawn pseudo-data; None for that of the configuration.
        injected: masses in GeV and strength of a signal in drawn pseudo-data.

    Raises:
        WorkspaceError: settings that contradict each other; histograms that are missing, have other cells, negative
            or non-finite contents, or another luminosity; signals simulated otherwise; or points that nothing serves.
    """
    check_plane_settings(config)
    check_data(histograms, data_sample, luminosity_inverse_fb, injected)
    grid = PlaneGrid(config.plane, sqrt_s)
    chosen = plane_points(grid, grid.hypotheses if points is None else points)
    seed = config.simulation.pseudo_data_seed if pseudo_data_seed is None else pseudo_data_seed
    inputs = read_plane_inputs(
        histograms, config, grid, cross_section_fb, branching, luminosity_inverse_fb, data_sample, (seed, injected)
    )
    background_only = _background_only(inputs)
    places = {channel["name"]: number for number, channel in enumerate(background_only["channels"])}
    patches = [plane_patch(inputs, point, places) for point in chosen]
    without = [point.name for point, patch in zip(chosen, patches, strict=True) if patch is None]
    kept = [patch for patch in patches if patch is not None]
    if not kept:
        raise WorkspaceError(
            "no hypothesis has a signal in any region",
            where=", ".join(without[:5]),
            given=f"{len(without)} points",
            next_step="choose points inside the mass ranges of the regions and below the collision energy",
        )
    return SearchWorkspace(background_only, _patchset(inputs, background_only, kept, without))


def _background_only(inputs: PlaneInputs) -> dict[str, Any]:
    whole = inputs.cells.whole()
    (middle,) = plane_points(inputs.cells.grid, inputs.cells.grid.hypotheses[:1])
    nothing = slice(0, 0), np.zeros((0, PULL_BINS))
    everything = HypothesisCells(middle, whole, nothing, whole, nothing)
    parts = [region_part(inputs, region, everything, None) for region in inputs.regions]
    channels = [{"name": name, "samples": samples} for part in parts for name, samples in part.samples.items()]
    observations = [{"name": name, "data": data} for part in parts for name, data in part.observations.items()]
    parameters = [parameter for part in parts for parameter in part.parameters]
    measurement = {"name": "limit", "config": {"poi": PARAMETER_OF_INTEREST, "parameters": parameters}}
    return {"channels": channels, "measurements": [measurement], "observations": observations, "version": "1.0.0"}


def _patchset(
    inputs: PlaneInputs, background_only: dict[str, Any], patches: list[dict[str, Any]], without: list[str]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "description": _description(inputs),
        "digests": {"sha256": pyhf.utils.digest(background_only)},
        "labels": list(MASSES),
        "references": {"hepdata": "ins0000000"},
    }
    if without:
        metadata["points_without_signal"] = without
    if inputs.data_sample is None:
        drawn: dict[str, Any] = {"seed": inputs.seed}
        if inputs.injected is not None:
            drawn["injected"] = {**dict(zip(MASSES, inputs.injected[0], strict=True)), "mu": inputs.injected[1]}
        metadata["pseudo_data"] = drawn
    return {"metadata": metadata, "patches": patches, "version": "1.0.0"}


def _description(inputs: PlaneInputs) -> str:
    config = inputs.config
    settings, coupling = config.workspace, config.main_coupling
    name = "the coupling" if coupling is None else coupling.name
    where = (
        f"counts in ellipses of {settings.window_radius:g} resolutions"
        if settings.extraction == "window"
        else f"bins of squares of +-{settings.template_half_width:g} resolutions"
    )
    text = (
        f"{config.title}: {where} by masses of dark photon and dark Higgs boson. mu = 1 is the Born cross-section of"
        f" each patch at {name} = {config.simulation.reference_coupling.value:g}. The background-only workspace counts"
        " in the whole plane. There is no HEPData record: the reference is a placeholder that the format demands."
    )
    return text if inputs.data_sample is not None else f"{text} The data are {DATA_KIND}."

"""From histograms of displaced vertices to a shareable likelihood: a patch a channel, mass and lifetime.

What is in it, by name:

- channels ``<region>_r<i>``: one bin, a window of the mass in a bin of the radius of the vertex; and
  ``<region>_r<i>_sideband``: neighbouring masses in the same bin of the radius. Bins without information are left out.
- samples: ``background``; ``signal``.
- parameters: ``mu``; ``luminosity``; ``signal_efficiency`` and other factors of the signal;
  ``signal_statistics_<region>``, the size of the simulated signal where it matters; ``background_<region>_r<i>``, the
  background expected in the window; ``sideband_<region>``, the uncertainty of its ratio to the sidebands.
- metadata of a patch: what mu is (``quantity``, ``per_unit_strength``), ``regions`` that take part, and by region, over
  the bins that take part, ``efficiency`` (of all decays, wherever they are), ``effective_events`` of the re-weighted
  signal, ``background_events`` (from the sidebands), ``observed``, and ``simulated_background`` of drawn pseudo-data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyhf

from darkreach.building.build_checks import check_data
from darkreach.building.displaced_checks import check_displaced_settings
from darkreach.building.displaced_hypothesis import displaced_patches
from darkreach.building.displaced_inputs import DisplacedInputs, InjectedDecays, read_displaced_inputs
from darkreach.building.displaced_part import RegionCounts, background_start, radius_channel, region_counts
from darkreach.building.displaced_points import LABELS, DisplacedPoint, displaced_points, lifetime_numbers
from darkreach.building.displaced_rates import DisplacedRates
from darkreach.building.modifiers import PARAMETER_OF_INTEREST, normfactor
from darkreach.building.workspace_builder import SearchWorkspace
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import SearchHistograms


def build_displaced_workspace(
    histograms: SearchHistograms,
    config: DisplacedSearchConfig,
    *,
    luminosity_inverse_fb: float,
    rates: DisplacedRates,
    masses: Sequence[float] | None = None,
    lifetimes_cm: Sequence[float] | None = None,
    single_channels: bool = True,
    data_sample: str | None = None,
    pseudo_data_seed: int | None = None,
    injected: InjectedDecays | None = None,
) -> SearchWorkspace:
    """Build the background-only workspace and the patchset of a search for displaced vertices.

    The background-only workspace counts in all masses. The patch of a hypothesis replaces it by the windows and
    sidebands about its mass, in the bins of the radius that its lifetime reaches. mu = 1 is the reference coupling for
    a single channel, and for all of them together the rates of a model at ``combined_coupling``, the lifetime held
    fixed. Windows overlap and share events. The luminosity is applied here.

    Args:
        histograms: of the search.
        config: of the search, the one the histograms were filled with.
        luminosity_inverse_fb: of the data, fb^-1.
        rates: of the signals.
        masses: hypotheses, GeV; None for all of the search.
        lifetimes_cm: of the hypotheses, some of those of the search; None for all.
        single_channels: whether channels are tested one by one, besides all together.
        data_sample: name of the observed sample; None to draw pseudo-data from the simulated background, once for all.
        pseudo_data_seed: of drawn pseudo-data; None for that of the configuration.
        injected: channel, mass in GeV, lifetime in cm and strength of a signal in drawn pseudo-data.

    Raises:
        WorkspaceError: settings that contradict each other; histograms that are missing, have other cells, negative or
            non-finite contents, or another luminosity; no signals; masses or lifetimes that nothing serves; or no
            hypothesis with signal. Hypotheses without, or with too few simulated events, are left out, and named in
            the metadata: ``hypotheses_without_signal``.
    """
    check_displaced_settings(config)
    check_data(histograms, data_sample, luminosity_inverse_fb, injected)
    points = displaced_points(config, masses, single_channels)
    lifetimes = lifetime_numbers(config, lifetimes_cm)
    seed = config.simulation.pseudo_data_seed if pseudo_data_seed is None else pseudo_data_seed
    inputs = read_displaced_inputs(histograms, config, rates, luminosity_inverse_fb, data_sample, (seed, injected))
    background_only = _background_only(inputs)
    patches, without = _patches(inputs, points, lifetimes)
    if not patches:
        raise WorkspaceError(
            "no hypothesis has a signal in any region",
            where=", ".join(without[:5]),
            given=f"{len(without)} hypotheses",
            next_step="choose masses that signals were simulated for, and lifetimes that reach the bins of the radius",
        )
    return SearchWorkspace(background_only, _patchset(inputs, background_only, patches, without))


def _patches(
    inputs: DisplacedInputs, points: Sequence[DisplacedPoint], lifetimes: Sequence[int]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the patches of all hypotheses, and the names of those without signal."""
    counted: dict[float, dict[str, RegionCounts | None]] = {}
    patches, without = [], []
    for point in points:
        found = counted.setdefault(point.mass_gev, {})
        for name in point.regions:
            if name not in found:
                digits = inputs.config.workspace.patch_digits
                found[name] = region_counts(inputs.regions[name], point.mass_gev, digits)
        made, missing = displaced_patches(inputs, point, lifetimes, found)
        patches += made
        without += missing
    return patches, without


def _background_only(inputs: DisplacedInputs) -> dict[str, Any]:
    channels, observations, parameters = [], [], []
    for region, one in inputs.regions.items():
        for radius, value in enumerate(one.observed[one.windows.usable].sum(axis=0).tolist()):
            name = radius_channel(region, radius)
            factors = [normfactor(f"background_{name}")]
            channels.append({"name": name, "samples": [{"name": "background", "data": [1.0], "modifiers": factors}]})
            observations.append({"name": name, "data": [value]})
            parameters.append(background_start(name, value, value, value))
    measurement = {"name": "limit", "config": {"poi": PARAMETER_OF_INTEREST, "parameters": parameters}}
    return {"channels": channels, "measurements": [measurement], "observations": observations, "version": "1.0.0"}


def _patchset(
    inputs: DisplacedInputs, background_only: dict[str, Any], patches: list[dict[str, Any]], without: list[str]
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "description": _description(inputs),
        "digests": {"sha256": pyhf.utils.digest(background_only)},
        "labels": list(LABELS),
        "references": {"hepdata": "ins0000000"},
    }
    if without:
        metadata["hypotheses_without_signal"] = without
    if inputs.seed is not None:
        drawn: dict[str, Any] = {"seed": inputs.seed}
        if inputs.injected is not None:
            drawn["injected"] = dict(zip((*LABELS, "mu"), inputs.injected, strict=True))
        metadata["pseudo_data"] = drawn
    return {"metadata": metadata, "patches": patches, "version": "1.0.0"}


def _description(inputs: DisplacedInputs) -> str:
    config, simulation = inputs.config, inputs.config.simulation
    text = (
        f"{config.title}: counts in windows of +-{config.workspace.window_half_width:g} resolutions of the mass and in"
        f" sidebands, in bins of the radius of the vertex, by channel, mass and lifetime. mu = 1 is a {config.mu_one}"
        f" for a single channel, and {simulation.coupling_parameter} = {simulation.combined_coupling.value:g} for all"
        " together, each at the lifetime of its patch. The background-only workspace counts in all masses. There is no"
        " HEPData record: the reference is a placeholder that the format demands."
    )
    return text if inputs.seed is None else f"{text} The data are {inputs.data_kind}."

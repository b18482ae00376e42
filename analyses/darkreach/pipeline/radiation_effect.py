"""What initial-state radiation does to the limit, measured with a small simulation without it."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from darkreach.configuration import AxionConfig
from darkreach.limits import compute_limits, make_engine
from darkreach.pipeline.search_workspace import build_search_workspace
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.simulate import simulate_samples
from darkreach.report import NamedEffect
from darkreach.running import process_samples
from darkreach.sharing import Hypothesis, apply_patches, projected

SIGNAL_EVENTS = 20_000
BACKGROUND_EVENTS = 1_000_000


def radiation_effect(settings: RunSettings, hypotheses: Sequence[Hypothesis], level: float) -> NamedEffect | None:
    """Compare median expected limits with and without initial-state radiation at the given hypotheses.

    Both are taken from background expectations in place of data, so that no fluctuation enters. Returns None if the run
    itself has no radiation, or is of another search than that for axions, whose radiation is no option.
    """
    config = settings.config
    if not isinstance(config, AxionConfig) or not config.simulation.radiates:
        return None
    masses = [float(hypothesis.values["mass_gev"]) for hypothesis in hypotheses]
    without = _hypotheses_without(settings, config, masses)
    engine = make_engine(settings.engine)
    medians = []
    for group in (hypotheses, without):
        limits = compute_limits([projected(hypothesis, 1.0) for hypothesis in group], (level,), engine=engine)
        medians.append(np.array([limit.expected[2] if limit.status == "ok" else math.nan for limit in limits]))
    factors = np.sqrt(medians[0] / medians[1])
    text = ", ".join(f"{factor:.2f} at {mass:.3g} GeV" for mass, factor in zip(masses, factors, strict=True))
    return NamedEffect("initial-state radiation (included)", f"raises g by {text}")


def _hypotheses_without(settings: RunSettings, config: AxionConfig, masses: Sequence[float]) -> list[Hypothesis]:
    preset = config.presets[settings.preset_name]
    preset = preset.model_copy(
        update={
            "signal_events": min(SIGNAL_EVENTS, preset.signal_events),
            "background_events": min(BACKGROUND_EVENTS, preset.background_events),
            # the masses themselves are simulated: nothing is interpolated here
            "anchor_masses": tuple(sorted({*masses, *_ends(settings)})),
            "scan_masses": tuple(masses),
        }
    )
    simulation = config.simulation.model_copy(update={"initial_state_radiation": False})
    changed = config.model_copy(update={"simulation": simulation, "presets": {settings.preset_name: preset}})
    settings = replace(settings, config=changed)
    with tempfile.TemporaryDirectory() as folder:
        manifests = simulate_samples(settings, Path(folder), progress=lambda *_: None)
        folders = [Path(folder) / manifest.sample for manifest in manifests]
        histograms = process_samples(changed, settings.detector, folders, config_digest=settings.digest)
    workspace = build_search_workspace(settings, histograms)
    return apply_patches(workspace.background_only, workspace.patchset)


def _ends(settings: RunSettings) -> tuple[float, ...]:
    return tuple(mass for region in settings.mass_scan.regions for mass in region.mass_range)

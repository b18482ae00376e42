"""The simulated signals: their masses, couplings and cross-sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from darkreach.configuration import MassScanConfig
from darkreach.errors import WorkspaceError
from darkreach.events.manifest import SampleManifest
from darkreach.histograms.search_histograms import SearchHistograms

CrossSection = Callable[[float], float]

COUPLING: Final = "coupling"
"""Parameter of the signals that is their coupling, unless the configuration names another one."""


def coupling_parameter(config: MassScanConfig) -> str:
    """Return the name of the parameter that is the coupling of the signals of a search."""
    signal: Any = getattr(config.simulation, "signal", None)
    return COUPLING if signal is None else str(signal.coupling_parameter)


def signal_manifests(histograms: SearchHistograms) -> dict[float, SampleManifest]:
    """Return the manifests of the simulated signals by mass in GeV, rising.

    Raises:
        WorkspaceError: two samples of one mass, or signals that differ in another parameter, such as the coupling.
    """
    found = [manifest for manifest in histograms.samples.values() if manifest.kind == "signal"]
    by_mass = {manifest.parameters["mass_gev"]: manifest for manifest in found}
    others = [{name: value for name, value in m.parameters.items() if name != "mass_gev"} for m in found]
    if len(by_mass) != len(found) or any(one != others[0] for one in others):
        raise WorkspaceError(
            "the signal samples must differ in mass and share one coupling",
            where="manifests of the signals",
            given=", ".join(f"{m.sample}: {dict(m.parameters)}" for m in found),
            next_step="process one signal sample a mass",
        )
    return {mass: by_mass[mass] for mass in sorted(by_mass)}


def reference_coupling(anchors: Mapping[float, SampleManifest], parameter: str) -> float:
    """Return the coupling that the signals were simulated with, at which the signal strength is one.

    Raises:
        WorkspaceError: there are no signals, or they have no such parameter.
    """
    manifest = next(iter(anchors.values()), None)
    if manifest is None or parameter not in manifest.parameters:
        raise WorkspaceError(
            f"the signals have no parameter '{parameter}'",
            where="manifests of the signals",
            allowed=", ".join(manifest.parameters) if manifest else "",
            given=manifest.sample if manifest else "no signal",
            next_step="process signals, or correct coupling_parameter in the configuration",
        )
    return float(manifest.parameters[parameter])


def anchor_cross_section(histograms: SearchHistograms, sqrt_s: float) -> CrossSection:
    """Return the cross-section in fb as a function of the mass in GeV, from the manifests of the anchors.

    log sigma is interpolated monotonically (PCHIP) in log(1 - m^2/s), the logarithm of the momentum in the final
    state: every power law of that momentum is met exactly, also close to threshold where sigma falls steeply. No more
    than that is assumed of the model; where its formula is known, give it instead.

    Args:
        histograms: with the manifests of the signals.
        sqrt_s: centre-of-mass energy in GeV.

    Raises:
        WorkspaceError: a signal without positive cross-section, or at or beyond the threshold.
    """
    anchors = signal_manifests(histograms)
    if max(anchors, default=0.0) >= sqrt_s:
        raise WorkspaceError("a signal mass exceeds the collision energy", where="manifests of the signals",
                             allowed=f"below {sqrt_s:g} GeV", given=f"{max(anchors):g} GeV")  # fmt: skip
    fall = -np.log1p(-np.square(list(anchors)) / sqrt_s**2)
    logarithm = PchipInterpolator(fall, np.log([produced_cross_section(m) for m in anchors.values()]))

    def cross_section_fb(mass: float) -> float:
        return float(np.exp(logarithm(-np.log1p(-((mass / sqrt_s) ** 2)))))

    return cross_section_fb


def produced_cross_section(manifest: SampleManifest) -> float:
    """Return the cross-section of a signal sample in fb.

    Raises:
        WorkspaceError: there is none.
    """
    value = manifest.cross_section_fb
    if value is None or not value > 0.0:
        raise WorkspaceError(
            "a signal sample has no positive cross-section", where=f"manifest of {manifest.sample}", given=str(value)
        )
    return value

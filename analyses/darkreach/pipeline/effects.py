"""Why our limit differs from the published one: each cause with its size, measured by leaving it out."""

from __future__ import annotations

import copy
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from darkreach.configuration import AxionConfig
from darkreach.couplings import ExcludedInterval
from darkreach.figures import coupling_limits
from darkreach.figures.axis_text import plain_coupling
from darkreach.limits import compute_limits, make_engine
from darkreach.pipeline.radiation_effect import radiation_effect
from darkreach.pipeline.settings import RunSettings
from darkreach.published import PublishedLimits
from darkreach.report import ComparedPoint, NamedEffect, compare
from darkreach.sharing import Hypothesis

STEPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("floating background rates", frozenset({"normfactor"})),
    ("statistics of the simulated background", frozenset({"normfactor", "staterror"})),
    ("all systematic uncertainties", frozenset({"normfactor", "staterror", "normsys", "histosys", "lumi", "shapesys"})),
)
"""Causes in the order in which they are switched on, with the modifier types that are then present."""


def named_effects(
    settings: RunSettings,
    hypotheses: Sequence[Hypothesis],
    couplings: Mapping[float, Sequence[ExcludedInterval]],
    published: PublishedLimits,
    causes: Sequence[str] = (),
) -> list[NamedEffect]:
    """Quantify what separates our median expected limit from a published one.

    Args:
        settings: of the run.
        hypotheses: of the run.
        couplings: excluded intervals of the published coupling by confidence level.
        published: values to compare with.
        causes: named with the published values; listed where nothing here puts a number to them.
    """
    level = published.confidence_level
    if level not in couplings:
        return []
    masses = [float(hypothesis.values["mass_gev"]) for hypothesis in hypotheses]
    points = compare(coupling_limits(couplings[level], masses, level), published)
    tested = _nearest(hypotheses, points)
    ratios = np.array([point.median / point.published for point in points if math.isfinite(point.median)])
    if not tested or not ratios.size:
        return []
    overall, symbol = float(np.exp(np.mean(np.log(ratios)))), _symbol(published.coupling)
    return [
        NamedEffect(
            f"our median expected limit over the published {published.kind} one",
            f"{overall:.2f} in {symbol} (geometric mean of {ratios.size} masses; {ratios.min():.2f} to"
            f" {ratios.max():.2f})",
        ),
        *_luminosity(settings, published, symbol),
        *_uncertainties(settings, tested, level, symbol),
        *_of_three_photons(settings, tested, level, overall),
        NamedEffect("fluctuation of an observed limit", _fluctuation(couplings[level], symbol)),
        *(NamedEffect(cause, "no number") for cause in causes if not isinstance(settings.config, AxionConfig)),
    ]


def _symbol(coupling: str) -> str:
    return "g" if coupling == "g_agg" else plain_coupling(coupling)


def _luminosity(settings: RunSettings, published: PublishedLimits, symbol: str) -> list[NamedEffect]:
    """Return what another luminosity does, where statistics of the background rule."""
    theirs, ours = published.luminosity_inverse_fb, settings.luminosity_inverse_fb
    if math.isclose(theirs, ours, rel_tol=0.02):
        return []
    return [
        NamedEffect(
            f"luminosity: ours {ours:g}, theirs {theirs:g} fb^-1",
            f"changes {symbol} by {(theirs / ours) ** 0.25:.2f} if the statistics of the background rule",
        )
    ]


def _of_three_photons(
    settings: RunSettings, tested: Sequence[Hypothesis], level: float, overall: float
) -> list[NamedEffect]:
    """Return the causes that only the search for three photons has."""
    if not isinstance(settings.config, AxionConfig):
        return []
    radiation = radiation_effect(settings, tested, level)
    efficiency = settings.config.simulation.event_efficiency.value
    return [
        *([radiation] if radiation else []),
        NamedEffect(
            f"event efficiency {efficiency:g} (unverified) beyond acceptance and photon response",
            f"signal and background share it, so g goes with its power -1/4: half of it raises g by {2.0**0.25:.2f}",
        ),
        NamedEffect(
            "backgrounds not simulated: e+e-γ with lost tracks, π⁰γ, ηγ, η'γ, photons of beam background",
            f"a further background of {overall**-4 - 1.0:.1f} times the three-photon one would close the gap alone"
            if overall < 1.0
            else "no gap is left for them",
        ),
    ]


def _nearest(hypotheses: Sequence[Hypothesis], points: Sequence[ComparedPoint]) -> list[Hypothesis]:
    """Return, once each, the hypotheses closest in mass to the published points that lie between tested masses."""
    found = {}
    for point in points:
        if math.isfinite(point.median):
            nearest = min(hypotheses, key=lambda h: abs(float(h.values["mass_gev"]) - point.mass_gev))
            found[nearest.name] = nearest
    return list(found.values())


def _uncertainties(
    settings: RunSettings, hypotheses: Sequence[Hypothesis], level: float, symbol: str
) -> list[NamedEffect]:
    if settings.mass_scan.workspace.background != "templates":
        # a polynomial has no shape of its own to compare a known background with
        return []
    engine = make_engine(settings.engine)

    def medians(allowed: Collection[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
        stripped = [
            replace(hypothesis, workspace=with_modifiers(hypothesis.workspace, allowed)) for hypothesis in hypotheses
        ]
        limits = compute_limits(stripped, (level,), engine=engine)
        return np.array([limit.expected[2] if limit.status == "ok" else math.nan for limit in limits])

    effects = []
    before = medians(())
    for cause, allowed in STEPS:
        after = medians(allowed)
        # the coupling goes as the square root of the signal strength
        factors = np.sqrt(after / before)
        found = factors[np.isfinite(factors)]
        text = "no limit without it, or none with it"
        if found.size:
            text = f"raises {symbol} by {np.exp(np.log(found).mean()):.3f} ({found.min():.3f} to {found.max():.3f})"
        effects.append(NamedEffect(cause, text))
        before = after
    return effects


def with_modifiers(workspace: Mapping[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    """Return a workspace with the parameter of interest and only the allowed types of other modifiers."""
    result: dict[str, Any] = copy.deepcopy(dict(workspace))
    config = result["measurements"][0]["config"]
    kept = {config["poi"]}
    for channel in result["channels"]:
        for sample in channel["samples"]:
            sample["modifiers"] = [m for m in sample["modifiers"] if m["name"] == config["poi"] or m["type"] in allowed]
            kept |= {modifier["name"] for modifier in sample["modifiers"]}
    config["parameters"] = [parameter for parameter in config["parameters"] if parameter["name"] in kept]
    return result


def _fluctuation(intervals: Sequence[ExcludedInterval], symbol: str) -> str:
    by_quantile = {
        quantile: {interval.mass_gev: interval.lower for interval in intervals if str(interval.quantile) == quantile}
        for quantile in ("-1", "0", "1")
    }
    masses = set.intersection(*(set(edges) for edges in by_quantile.values()))
    if not masses:
        return "no mass has all of the expected limits"
    low, high = (
        math.exp(float(np.mean([math.log(by_quantile[quantile][m] / by_quantile["0"][m]) for m in sorted(masses)])))
        for quantile in ("-1", "1")
    )
    return f"one standard deviation of the background moves {symbol} by {low:.2f} to {high:.2f}"

"""Stacked spectra: groups add up to the fitted rates, and the figure shows the numbers it is given."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from darkreach.errors import ConfigError, UnknownNameError
from darkreach.figures import (
    FigureLabel,
    draw_stacked,
    fitted_channels,
    merged_for_display,
    save_svg,
    stacked_spectrum,
    with_same_signal,
)
from darkreach.figures.stacked_figure import group_colours
from darkreach.fits import joint_background
from darkreach.sharing import Hypothesis

LABEL = FigureLabel("pseudo-data", 79.7, 10.58)
EDGES = np.array([-1.0, 0.0, 1.0, 2.0, 4.0, 8.0])
MUONS, TAUS, PEAK = [50.0, 40.0, 30.0], [10.0, 10.0, 10.0], [1.0, 4.0, 1.0]


def factor(name: str) -> dict[str, Any]:
    return {"name": name, "type": "normfactor", "data": None}


def ratio(name: str, size: float) -> dict[str, Any]:
    return {"name": name, "type": "normsys", "data": {"hi": 1.0 + size, "lo": 1.0 - size}}


@pytest.fixture(scope="module")
def workspace() -> dict[str, Any]:
    def channel(name: str, muons: list[float], taus: list[float]) -> dict[str, Any]:
        stat = {"name": f"stat_{name}", "type": "staterror", "data": [0.05 * value for value in muons]}
        return {
            "name": name,
            "samples": [
                {"name": "muons", "data": muons, "modifiers": [factor("rate_muons"), stat]},
                {"name": "taus", "data": taus, "modifiers": [ratio("rate_taus", 0.3)]},
            ],
        }

    return {
        "channels": [
            channel("forward_00", MUONS, TAUS),
            channel("forward_01", [20.0, 10.0], [10.0, 10.0]),
            {"name": "control", "samples": [{"name": "muons", "data": [1e4], "modifiers": [factor("rate_muons")]}]},
        ],
        "observations": [
            {"name": "forward_00", "data": [70.0, 55.0, 44.0]},
            {"name": "forward_01", "data": [36.0, 0.0]},
            {"name": "control", "data": [12000.0]},
        ],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def hypothesis(workspace: dict[str, Any], **meaning: float) -> Hypothesis:
    first = workspace["channels"][0]
    signal = {"name": "signal", "data": PEAK, "modifiers": [factor("mu")]}
    channels = [{**first, "samples": [*first["samples"], signal]}, *workspace["channels"][1:]]
    return Hypothesis("m1", {"mass_gev": 1.0}, {**workspace, "channels": channels}, meaning)


def test_groups_add_up_before_and_after_the_fit(workspace: dict[str, Any]) -> None:
    fitted = fitted_channels(workspace)
    rates = joint_background(workspace).rates
    for name, channel in fitted.items():
        total = np.asarray(sum(channel.after.values()))
        assert total == pytest.approx([rates[f"{name}[{index}]"] for index in range(total.size)], rel=1e-9)
    forward = fitted["forward_00"]
    assert forward.before["muons"].tolist() == MUONS
    # the control fixes the rate of muons at 1.2, with an error of 0.9 %
    assert fitted["control"].after["muons"] == pytest.approx([12000.0], rel=0.01)
    assert fitted["control"].after_error == pytest.approx([12000.0**0.5], rel=0.02)
    assert forward.after["muons"] == pytest.approx(1.2 * np.array(MUONS), rel=0.06)
    # without the fit: the size of the simulation and the rate of taus, in quadrature
    assert forward.before_error == pytest.approx(np.hypot(0.05 * np.array(MUONS), 0.3 * np.array(TAUS)), rel=1e-3)
    assert np.all(forward.after_error < forward.before_error * 1.2)


def test_only_some_channels_are_fitted(workspace: dict[str, Any]) -> None:
    found = fitted_channels(workspace, ["forward_00", "control"])
    assert set(found) == {"forward_00", "control"}
    with pytest.raises(UnknownNameError, match="contrl"):
        fitted_channels(workspace, ["contrl"])


def test_spectrum_joins_channels_and_places_the_signal(workspace: dict[str, Any]) -> None:
    fitted = fitted_channels(workspace)
    channels = [fitted["forward_00"], fitted["forward_01"]]
    signal = hypothesis(workspace, cross_section_fb=4.0, coupling=1e-3)
    spectrum = stacked_spectrum("forward", channels, EDGES, "x", fitted=False, hypothesis=signal)
    assert spectrum.observed.tolist() == [70.0, 55.0, 44.0, 36.0, 0.0]
    assert spectrum.background.tolist() == [60.0, 50.0, 40.0, 30.0, 20.0]
    # the smallest group below
    assert list(spectrum.groups) == ["taus", "muons"]
    assert spectrum.signal is not None
    # 4 events over 50 at 1e-3: 30 % needs 1.94e-3, rounded up to 2e-3
    assert spectrum.signal.coupling == 2e-3
    assert spectrum.signal.cross_section_fb == pytest.approx(16.0)
    assert spectrum.signal.events == pytest.approx([4.0, 16.0, 4.0, 0.0, 0.0])
    only = stacked_spectrum(
        "forward", channels, EDGES, "x", fitted=False, hypothesis=hypothesis(workspace, cross_section_fb=4.0)
    ).signal
    assert only is not None
    # 15 fb, rounded up to 20 fb
    assert (only.coupling, only.cross_section_fb) == (None, 20.0)
    assert only.events[1] == pytest.approx(20.0)
    with pytest.raises(ConfigError, match="edges"):
        stacked_spectrum("forward", channels, EDGES[1:], "x")
    weaker = replace(spectrum, signal=replace(spectrum.signal, cross_section_fb=4.0, coupling=1e-3))
    same = with_same_signal([spectrum, weaker])[0].signal
    assert same is not None
    assert (same.cross_section_fb, same.coupling) == (4.0, 1e-3)
    assert same.events[1] == pytest.approx(4.0)
    assert with_same_signal([replace(spectrum, signal=None)])[0].signal is None


def test_merging_keeps_totals(workspace: dict[str, Any]) -> None:
    fitted = fitted_channels(workspace)
    spectrum = stacked_spectrum("forward", [fitted["forward_00"], fitted["forward_01"]], EDGES, "x")
    merged = merged_for_display(spectrum, 75.0)
    assert merged.edges.tolist() == [-1.0, 1.0, 8.0]
    assert merged.observed.tolist() == [125.0, 80.0]
    assert merged.background.sum() == pytest.approx(spectrum.background.sum())
    assert merged.before is not None
    assert merged.before.sum() == pytest.approx(200.0)


def test_figure_shows_data_stack_ratio_and_hypothesis(workspace: dict[str, Any]) -> None:
    fitted = fitted_channels(workspace)
    signal = hypothesis(workspace, cross_section_fb=4.0, coupling=1e-3)
    spectrum = stacked_spectrum(
        "forward", [fitted["forward_00"], fitted["forward_01"]], EDGES, "recoil", hypothesis=signal
    )
    control = stacked_spectrum("control", [fitted["control"]], np.array([0.0, 2.0]), "momentum", unit="GeV")
    figure = draw_stacked([spectrum], LABEL, mass=r"m_{Z^\prime}", coupling="g_prime", group_titles={"muons": "XX"})
    upper, lower = figure.axes
    width, filled = np.diff(EDGES), spectrum.observed > 0
    points = upper.containers[0][0]
    np.testing.assert_allclose(points.get_ydata(), (spectrum.observed / width)[filled], rtol=1e-12)
    ratio_points = lower.containers[0][0]
    np.testing.assert_allclose(ratio_points.get_ydata(), (spectrum.observed / spectrum.background)[filled], rtol=1e-12)
    drawn = [patch.get_data().values for patch in upper.patches]
    for expected in (spectrum.background, spectrum.groups["taus"], spectrum.before):
        assert any(np.allclose(values, expected / width, rtol=1e-12) for values in drawn)
    svg = save_svg(figure)
    ET.fromstring(svg)
    for shown in ("XX", "taus", "uncertainty after the fit", "sum before the fit", "pseudo-data", "79.7 fb", "forward"):
        assert shown in svg
    both = draw_stacked([spectrum, replace(spectrum, name="backward")], LABEL)
    assert len(both.axes) == 4
    assert both.axes[0].get_ylim() == both.axes[1].get_ylim()
    alone = replace(spectrum, groups={"muons": spectrum.groups["muons"]}, signal=None)
    legend = draw_stacked([spectrum, alone], LABEL).axes[1].get_legend()
    assert [text.get_text() for text in legend.get_texts()[:3]] == ["pseudo-data", "muons", "taus"]
    axes = draw_stacked([control], LABEL).axes[0]
    assert axes.containers[0][0].get_ydata() == pytest.approx([6000.0])
    assert axes.get_ylabel() == "events / GeV"
    # a group has one colour in all figures, also where others are missing
    assert list(control.groups) == ["muons"]
    taus = group_colours([spectrum])["taus"]
    assert group_colours([control]) == group_colours([spectrum])
    assert taus == group_colours([control])["taus"] != group_colours([control])["muons"]
    with pytest.raises(ConfigError, match="no spectrum"):
        draw_stacked([], LABEL)

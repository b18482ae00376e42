"""Figures of fits carry the numbers of the fit, and the same fit gives the same bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from darkreach.errors import ConfigError
from darkreach.figures import save_svg
from darkreach.figures.correlation import draw_correlation
from darkreach.figures.fit_axes import value_text
from darkreach.figures.impacts import draw_impacts
from darkreach.figures.pulls import draw_pulls
from darkreach.figures.scan import draw_scan, errors_text
from darkreach.fits import FitModel, ProfileScan, fit, fit_model, impacts, pulls, scan
from darkreach.sharing.hypothesis import Hypothesis


@pytest.fixture(scope="module")
def model() -> FitModel:
    background = {
        "name": "background",
        "data": [50.0, 60.0, 55.0],
        "modifiers": [
            {"name": "norm$1$", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
            {"name": "stat", "type": "staterror", "data": [5.0, 4.0, 3.0]},
            {"name": "k", "type": "normfactor", "data": None},
        ],
    }
    signal = {
        "name": "signal",
        "data": [2.0, 12.0, 2.0],
        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
    }
    workspace: dict[str, Any] = {
        "channels": [{"name": "c", "samples": [signal, background]}],
        "observations": [{"name": "c", "data": [57.0, 78.0, 51.0]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }
    return fit_model(Hypothesis("peak", {}, workspace), use_numba=False)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def test_pulls(model: FitModel) -> None:
    result = fit(model)
    figure = draw_pulls(result)
    listed = pulls(result, unconstrained=False)
    (axes,) = figure.axes
    drawn = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert drawn == [pull.value for pull in listed]
    # names from files never become mathtext
    assert [label.get_text() for label in axes.get_yticklabels()] == [p.name.replace("$", r"\$") for p in listed]
    assert save_svg(figure) == save_svg(draw_pulls(result))
    assert "largest 2 of 4, observed data" in texts(draw_pulls(result, maximum=2))


def test_impacts(model: FitModel) -> None:
    found = impacts(model)
    figure = draw_impacts(found)
    widths = [patch.get_width() for patch in figure.axes[1].patches if abs(patch.get_height() - 0.62) < 1e-9]
    expected = [shift for i in found.ranked for shift in (i.postfit_up, i.postfit_down) if shift is not None]
    assert widths == pytest.approx(expected)
    assert f"mu = {value_text(found.fit['mu'].value, found.fit['mu'].error)}" in texts(figure)
    # a parameter without a constraint shows its value
    assert value_text(found.fit["k"].value, found.fit["k"].error) in texts(figure)


def test_correlation(model: FitModel) -> None:
    result = fit(model)
    figure = draw_correlation(result, maximum=3)
    drawn = np.asarray(figure.axes[0].images[0].get_array())
    names = [label.get_text().replace(r"\$", "$") for label in figure.axes[0].get_yticklabels()]
    assert names[0] == "mu" and len(names) == 3
    places = [result.index(name) for name in names]
    np.testing.assert_array_equal(drawn, result.correlation[np.ix_(places, places)])


def test_scan(model: FitModel) -> None:
    profile = scan(model, "mu", points=9)
    figure = draw_scan(profile, "peak")
    (line,) = [line for line in figure.axes[0].lines if line.get_label() == "profile likelihood"]
    np.testing.assert_array_equal(line.get_xdata(), profile.values)
    np.testing.assert_array_equal(line.get_ydata(), profile.delta)
    assert "mu = " + errors_text(profile) in [figure.axes[0].get_legend().get_title().get_text()]


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ConfigError, match="no point"):
        draw_scan(ProfileScan("mu", 1.0, None, None, None, (), (), "failed", "did not converge"))

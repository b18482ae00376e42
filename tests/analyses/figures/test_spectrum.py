from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from darkreach.configuration import AxionConfig
from darkreach.figures import FigureLabel, draw_pair_mass, region_spectrum, save_svg
from darkreach.figures.spectrum import rounded_up
from darkreach.histograms.search_histograms import SearchHistograms

LABEL = FigureLabel("pseudo-data", 0.445, 10.5796)


def test_simulation_is_scaled_to_the_luminosity_and_data_are_not(
    histograms: SearchHistograms, search: AxionConfig
) -> None:
    region = search.regions[0]
    spectrum = region_spectrum(histograms, region, 2.0)
    histogram = histograms.histograms["region/pair_mass_low"]
    content = histogram["background", "nominal", :]
    np.testing.assert_allclose(spectrum.background, 2.0 * content.values(), rtol=1e-12)
    np.testing.assert_allclose(spectrum.background_error, 2.0 * np.sqrt(content.variances()), rtol=1e-12)
    np.testing.assert_array_equal(spectrum.observed, histogram["pseudo_data", "nominal", :].values())


def test_signal_goes_with_the_square_of_its_coupling(histograms: SearchHistograms, search: AxionConfig) -> None:
    spectrum = region_spectrum(histograms, search.regions[0], 0.445)
    assert spectrum.signal is not None
    # the middle of 0.2 to 4 GeV is 2.1 GeV
    assert (spectrum.signal.sample, spectrum.signal.mass_gev) == ("signal_2000MeV", 2.0)
    at_reference = histograms.histograms["region/pair_mass_low"]["signal_2000MeV", "nominal", :].values() * 0.445
    factor = (spectrum.signal.coupling / 1e-3) ** 2
    np.testing.assert_allclose(spectrum.signal.events, factor * at_reference, rtol=1e-12)
    visible = np.max(spectrum.signal.events / spectrum.background)
    # 1, 2, 5, 10: at most a factor 2.5 in the coupling too strong
    assert 0.3 <= visible <= 0.3 * 2.5**2 * (1 + 1e-9)


@pytest.mark.parametrize(("value", "result"), [(0.0031, 0.005), (0.2, 0.2), (0.21, 0.5), (7.0, 10.0), (1e-3, 1e-3)])
def test_rounding_up_to_one_two_five(value: float, result: float) -> None:
    assert rounded_up(value) == result


def test_events_outside_are_counted(histograms: SearchHistograms, search: AxionConfig) -> None:
    view = histograms.histograms["region/recoil_mass"].view(flow=True)
    index = list(histograms.samples).index("pseudo_data")
    view["value"][index, 0, 0], view["value"][index, 0, -1] = 3.0, 4.0
    try:
        assert region_spectrum(histograms, search.regions[2], 0.445).observed_outside == 7.0
    finally:
        view["value"][index, 0, 0] = view["value"][index, 0, -1] = 0.0


def test_figure_shows_density_ratio_and_label(histograms: SearchHistograms, search: AxionConfig) -> None:
    spectrum = region_spectrum(histograms, search.regions[0], 0.445)
    figure = draw_pair_mass(spectrum, "g_agg", "GeV^-1", LABEL)
    upper, lower = figure.axes
    filled = spectrum.observed > 0
    width = np.diff(spectrum.edges)
    np.testing.assert_allclose(upper.lines[0].get_ydata(), (spectrum.observed / width)[filled], rtol=1e-12)
    points = [line for line in lower.lines if len(np.atleast_1d(line.get_ydata())) == filled.sum()]
    np.testing.assert_allclose(points[0].get_ydata(), (spectrum.observed / spectrum.background)[filled], rtol=1e-12)
    bars = upper.containers[0][2][0].get_segments()
    half = [(segment[1][1] - segment[0][1]) / 2.0 for segment in bars]
    np.testing.assert_allclose(half, (np.sqrt(spectrum.observed) / width)[filled], rtol=1e-9)
    svg = save_svg(figure)
    ET.fromstring(svg)
    # matplotlib writes the text of glyphs as comments
    for shown in ("pseudo-data", "445 pb", "candidates / GeV", "signal, $m_a$ = 2 GeV"):
        assert shown in svg


def test_points_beyond_the_ratio_panel_are_marked(histograms: SearchHistograms, search: AxionConfig) -> None:
    spectrum = region_spectrum(histograms, search.regions[2], 0.445)
    spectrum.observed[3] = 40.0 * spectrum.background[3]
    lower = draw_pair_mass(spectrum, "g_agg", "GeV^-1", LABEL).axes[1]
    (up,) = [line for line in lower.lines if line.get_marker() == "^"]
    centre = 0.5 * (spectrum.edges[3] + spectrum.edges[4])
    assert centre in np.asarray(up.get_xdata())
    low, high = lower.get_ylim()
    assert all(low < y < high for y in np.asarray(up.get_ydata()))

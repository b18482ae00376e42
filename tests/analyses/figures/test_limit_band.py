from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.figure import Figure

from darkreach.figures import Island, LimitBand, draw_cross_section_band, draw_limit_band, save_svg
from darkreach.figures.style import FigureLabel
from darkreach.published import read_published

LABEL = FigureLabel("pseudo-data", 0.445, 10.5796)
MASS = np.array([0.2, 1.0, 3.0, 6.0, 9.0])


def band(level: float = 0.95, islands: tuple[Island, ...] = ()) -> LimitBand:
    median = 1e-3 * (1.0 + MASS)
    expected = median * np.array([0.7, 0.85, 1.0, 1.2, 1.4])[:, np.newaxis]
    observed = median * np.array([1.1, 0.9, np.nan, 1.2, 1.0])
    return LimitBand(level, MASS, observed, expected, islands)


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def line(figure: Figure, label: str) -> tuple[np.ndarray, np.ndarray]:
    (found,) = [line for line in figure.axes[0].lines if str(line.get_label()).startswith(label)]
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())


def test_lines_and_bands_carry_the_numbers_given() -> None:
    given = band()
    figure = draw_limit_band(given, "g_agg", "GeV^-1", LABEL)
    for label, values in (("observed", given.observed), ("expected, median", given.expected[2])):
        x, y = line(figure, label)
        np.testing.assert_array_equal(x, MASS)
        np.testing.assert_array_equal(y, values)
    for collection, (low, high) in zip(figure.axes[0].collections, ((1, 3), (0, 4)), strict=True):
        y = collection.get_paths()[0].vertices[:, 1]
        assert {*given.expected[low], *given.expected[high]} <= set(y)


@pytest.mark.parametrize(("level", "shown"), [(0.90, "90 % CL"), (0.95, "95 % CL")])
def test_level_luminosity_energy_and_kind_are_in_the_figure(level: float, shown: str) -> None:
    for figure in (draw_limit_band(band(level), "g_agg", "GeV^-1", LABEL), draw_cross_section_band(band(level), LABEL)):
        found = texts(figure)
        assert f"{shown} upper limits" in found
        assert "pseudo-data" in found
        assert "445 pb$^{-1}$" in found
        assert "10.58 GeV" in found
        assert "$m_a$ [GeV]" in found


def test_published_values_carry_their_paper_and_level() -> None:
    published = read_published("axion_to_photons")
    figure = draw_limit_band(band(0.90), "g_agg", "GeV^-1", LABEL, (published,))
    x, y = line(figure, "arXiv:2007.13071, digitised")
    assert x.tolist() == [point.mass_gev for point in published.observed]
    assert y.tolist() == [point.limit for point in published.observed]
    (entry,) = {text for text in texts(figure).splitlines() if "(95 % CL" in text}
    assert "445 pb$^{-1}$" in entry


def test_everything_drawn_is_inside_the_axes() -> None:
    published = read_published("axion_to_photons")
    figure = draw_limit_band(band(), "g_agg", "GeV^-1", LABEL, (published,))
    low, high = figure.axes[0].get_ylim()
    drawn = [*band().expected.ravel(), *(point.limit for point in published.observed)]
    assert low < min(drawn)
    assert max(drawn) < high


def test_islands_are_closed_bars() -> None:
    figure = draw_limit_band(band(islands=(Island(0.2, "observed", 1e-6, 1e-5),)), "g_agg", "GeV^-1", LABEL)
    (bars,) = [item for item in figure.axes[0].collections if type(item).__name__ == "LineCollection"]
    (segment,) = bars.get_segments()
    np.testing.assert_allclose(segment, [[0.2, 1e-6], [0.2, 1e-5]], rtol=1e-12)


def test_nothing_excluded_is_still_a_figure() -> None:
    empty = LimitBand(0.9, MASS, np.full(5, np.nan), np.full((5, 5), np.nan))
    ET.fromstring(save_svg(draw_limit_band(empty, "g_agg", "GeV^-1", LABEL)))


def test_foreign_names_are_not_read_as_mathtext() -> None:
    svg = save_svg(draw_limit_band(band(), r"$\frac{1}", "a$b", LABEL))
    ET.fromstring(svg)

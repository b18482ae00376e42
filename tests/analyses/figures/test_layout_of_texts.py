"""Long texts do not squeeze the axes, and small masses do not stretch them."""

from __future__ import annotations

import numpy as np

from darkreach.figures import EfficiencyCurves, FigureLabel, LimitBand, draw_efficiency, draw_limit_band
from darkreach.published import published_or_none

LABEL = FigureLabel("pseudo-data", 20.0, 10.58)
MASS = np.array([0.2, 1.0, 3.0])


def test_a_long_source_is_shortened_and_leaves_the_axes_their_room() -> None:
    known = published_or_none("axion_to_photons")
    assert known is not None
    band = LimitBand(0.95, MASS, MASS * 1e-3, np.stack([MASS * 1e-3 * scale for scale in (0.6, 0.8, 1.0, 1.2, 1.4)]))
    widths = []
    for source in ("arXiv:2007.13071, digitised", "a long story about where these numbers are from " * 4):
        figure = draw_limit_band(
            band, "g_agg", "GeV^-1", LABEL, [known.limits[0].model_copy(update={"source": source})]
        )  # fmt: skip
        figure.draw_without_rendering()
        widths.append(figure.axes[0].get_position().width)
        shown = figure.axes[0].get_legend().get_texts()[-1].get_text()
        assert shown.startswith(source[:20])
        assert max(len(line) for line in shown.splitlines()) < 60
    assert widths[0] == widths[1]
    assert widths[0] > 0.8


def test_efficiencies_from_small_masses_have_a_linear_axis() -> None:
    def scale(masses: list[float]) -> str:
        mass, values = np.array(masses), np.full((1, len(masses)), 0.5)
        curves = EfficiencyCurves(("region:a",), mass, values, 0.01 * values)
        return str(draw_efficiency(curves, LABEL).axes[0].get_xscale())

    assert scale([0.2, 1.0, 9.0]) == "log"
    assert scale([0.01, 1.0, 9.0]) == "linear"

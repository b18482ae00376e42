"""The figure of local p-values."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from scipy.stats import norm

from darkreach.errors import ConfigError
from darkreach.figures import FigureLabel, draw_local_significance, save_svg, significance_rows
from darkreach.fits.global_significance import summarise

LABEL = FigureLabel("pseudo-data", 20.0, 10.58)
MASSES = {"a": 1.0, "b": 3.0, "c": 2.0}


def test_p_values_stand_at_their_masses_with_the_global_one() -> None:
    scans = np.random.default_rng(1).chisquare(1.0, (200, 3))
    found = summarise(["a", "b", "c"], np.array([0.0, 9.0, 1.0]), scans, 0.5)
    figure = draw_local_significance(found, MASSES, LABEL, r"m_{A^\prime}")
    line, best = figure.axes[0].lines[:2]
    assert line.get_xdata().tolist() == [1.0, 2.0, 3.0]
    assert line.get_ydata() == pytest.approx([0.5, norm.sf(1.0), norm.sf(3.0)], rel=1e-12)
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (3.0, pytest.approx(norm.sf(3.0)))
    text = "".join(text.get_text() for text in figure.axes[0].texts)
    assert "largest excess at 3 GeV: local p = 0.0013 (3.0σ)" in text
    assert "by 200 background-only scans" in text
    low, high = figure.axes[0].get_ylim()
    assert low < norm.sf(3.0)
    assert high > 0.5
    ET.fromstring(save_svg(figure))
    rows = dict(significance_rows(found, MASSES))
    assert rows["largest excess at"] == "3 GeV"
    assert rows["global p-value by 200 scans"].startswith(f"{found.toy_p_value:.3g}")
    with pytest.raises(ConfigError, match="no mass"):
        draw_local_significance(found, {"a": 1.0}, LABEL)

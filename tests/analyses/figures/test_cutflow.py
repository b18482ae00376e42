from __future__ import annotations

import math

import numpy as np
import pytest

from darkreach.figures import FigureLabel, draw_efficiency, efficiency_curves, sample_cutflow
from darkreach.histograms.search_histograms import SearchHistograms


def test_efficiencies_of_a_weighted_sample(histograms: SearchHistograms) -> None:
    rows = sample_cutflow(histograms, "background").rows
    assert [row.cut for row in rows][:3] == ["all", "no_tracks", "three_photons"]
    assert [row.total for row in rows] == pytest.approx([1.0, 0.9, 0.5, 0.4, 0.3, 0.35])
    assert rows[0].step is None
    assert [row.step for row in rows[1:4]] == pytest.approx([0.9, 0.5 / 0.9, 0.8])
    assert rows[3].weight_fb == pytest.approx(0.4 * 22000.0)
    # 10 000 generated events
    assert rows[3].total_error == pytest.approx(math.sqrt(0.4 * 0.6 / 10_000))


def test_regions_are_alternatives_not_a_chain(histograms: SearchHistograms) -> None:
    low, recoil = sample_cutflow(histograms, "background").rows[4:]
    assert low.step == pytest.approx(0.3 / 0.4)
    assert recoil.step == pytest.approx(0.35 / 0.4)


def test_pseudo_data_have_counts_only(histograms: SearchHistograms) -> None:
    rows = sample_cutflow(histograms, "pseudo_data").rows
    assert all(row.weight_fb is None and row.total is None for row in rows)
    assert rows[1].entries == 9000.0
    assert rows[1].step == pytest.approx(0.9)


def test_efficiency_figure_carries_the_cutflows(histograms: SearchHistograms) -> None:
    curves = efficiency_curves(histograms)
    assert curves.mass_gev.tolist() == [0.5, 2.0, 5.0, 8.0]
    figure = draw_efficiency(curves, FigureLabel("pseudo-data", 0.445, 10.5796))
    drawn = [np.asarray(container[0].get_ydata()) for container in figure.axes[0].containers]
    np.testing.assert_array_equal(np.array(drawn), curves.efficiency)
    assert "445 pb" in figure.axes[0].get_title(loc="right")

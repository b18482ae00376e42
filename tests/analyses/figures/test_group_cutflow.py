"""The cutflow of background groups."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np

from darkreach.figures import (
    FigureLabel,
    draw_efficiency,
    draw_group_cutflow,
    efficiency_curves,
    group_cutflow,
    save_svg,
)
from darkreach.histograms.search_histograms import SearchHistograms

LABEL = FigureLabel("pseudo-data", 0.445, 10.58)


def test_groups_are_sums_of_samples_at_the_luminosity(histograms: SearchHistograms) -> None:
    weights = histograms.histograms["cutflow"]
    samples = ["background", "signal_2000MeV"]
    flow = group_cutflow(histograms, {"both": samples, "none": ["missing"]}, 2.0, signal="signal_2000MeV")
    expected = 2.0 * sum(weights[sample, :].view()["value"] for sample in samples)
    np.testing.assert_allclose(flow.events["both"], expected, rtol=1e-12)
    variance = 4.0 * sum(weights[sample, :].view()["variance"] for sample in samples)
    np.testing.assert_allclose(flow.error["both"], np.sqrt(variance), rtol=1e-12)
    assert not flow.events["none"].any()
    assert flow.signal is not None
    np.testing.assert_allclose(flow.signal, 2.0 * weights["signal_2000MeV", :].view()["value"], rtol=1e-12)
    figure = draw_group_cutflow(flow, LABEL, {"both": "all of it"})
    shown = next(line for line in figure.axes[0].lines if line.get_label() == "all of it")
    common = [index for index, cut in enumerate(flow.cuts) if not cut.startswith("region:")]
    np.testing.assert_allclose(shown.get_ydata(), flow.events["both"][common], rtol=1e-12)
    svg = save_svg(figure)
    ET.fromstring(svg)
    assert "all of it" in svg
    assert flow.cuts[-1].replace(":", ": ").replace("_", " ") in svg


def test_efficiencies_have_the_mass_they_are_given(histograms: SearchHistograms) -> None:
    figure = draw_efficiency(efficiency_curves(histograms), LABEL, r"m_{Z^\prime}")
    assert figure.axes[0].get_xlabel() == r"$m_{Z^\prime}$ [GeV]"

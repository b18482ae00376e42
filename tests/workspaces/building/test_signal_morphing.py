from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from darkreach.building.shape_interpolation import interpolate_quantiles
from darkreach.building.signal_anchors import anchor_cross_section, signal_manifests
from darkreach.building.signal_morphing import read_signal_morphing
from darkreach.building.signal_shape import SignalShape, shape_from_bins
from darkreach.errors import WorkspaceError

EDGES = np.linspace(-20.0, 20.0, 801)


def gaussian(mean, width):
    return shape_from_bins(EDGES, np.diff(norm.cdf(EDGES, mean, width)), "test")


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_exact_at_the_anchors(end):
    shapes = gaussian(-1.0, 0.7), gaussian(2.0, 1.9)
    expected = shapes[int(end)].fractions(EDGES)
    np.testing.assert_allclose(interpolate_quantiles(*shapes, end).fractions(EDGES), expected, atol=1e-11)


def test_exact_at_the_anchors_with_empty_bins():
    holes = np.zeros(800)
    holes[[100, 400, 401, 700]] = [1.0, 5.0, 3.0, 1.0]
    shapes = shape_from_bins(EDGES, holes, "test"), gaussian(0.0, 1.0)
    np.testing.assert_allclose(interpolate_quantiles(*shapes, 0.0).fractions(EDGES), holes / 10.0, atol=1e-8)


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.9])
def test_mean_and_width_of_gaussians_interpolate(fraction):
    morphed = interpolate_quantiles(gaussian(-0.2, 0.5), gaussian(0.4, 0.7), fraction)
    expected = norm.cdf(EDGES, -0.2 + 0.6 * fraction, 0.5 + 0.2 * fraction)
    # straight lines between points 0.0125 apart: h^2 max|f'| / 8 = 2e-5 for a width of 0.5
    np.testing.assert_allclose(np.interp(EDGES, morphed.pulls, morphed.cumulative), expected, atol=2e-5)


def test_tail_on_one_side_does_not_smear_the_peak():
    """Wrong pairs below the peak rise from none to 30 %; the peak itself is the same at both ends."""
    peak = np.diff(norm.cdf(EDGES, 0.0, 1.0))
    tail = np.where(EDGES[:-1] < -10.0, 1.0, 0.0)
    high = shape_from_bins(EDGES, 0.7 * peak + 0.3 * tail / tail.sum(), "test")
    morphed = interpolate_quantiles(shape_from_bins(EDGES, peak, "test"), high, 0.5).fractions(EDGES)
    in_peak = np.abs(EDGES[:-1] + 0.025) < 4.0
    np.testing.assert_allclose(morphed[in_peak], 0.85 * peak[in_peak], atol=1e-8)
    assert morphed[EDGES[:-1] < -8.0].sum() == pytest.approx(0.15, abs=1e-9)


def test_fractions_outside_are_zero():
    shape = SignalShape(np.array([-1.0, 1.0]), np.array([0.0, 1.0]))
    np.testing.assert_allclose(shape.fractions(np.array([-5.0, -1.0, 0.0, 3.0, 9.0])), [0.0, 0.5, 0.5, 0.0])


def test_empty_histogram_is_refused():
    with pytest.raises(WorkspaceError, match="no signal event"):
        shape_from_bins(EDGES, np.zeros(800), "signal_shape/low")


@pytest.mark.parametrize("variation", ["nominal", "energy_scale_up", "resolution_down", "photon_efficiency_up"])
def test_left_out_anchor_is_recovered(config, make_histograms, variation):
    """The truth at 1 GeV from anchors at 0.5 and 2 GeV: width and efficiency are linear in the mass by construction."""
    region = config.regions[0]
    with_anchor = read_signal_morphing(make_histograms((0.2, 0.5, 1.0, 2.0, 4.0)), region)
    without = read_signal_morphing(make_histograms((0.2, 0.5, 2.0, 4.0)), region)
    edges = np.arange(-12.0, 12.5)
    truth = with_anchor.shape(1.0, variation).fractions(edges)
    # straight lines between points 0.025 apart: h^2 max|f'| / 8 = 2e-5 at an edge
    assert np.abs(without.shape(1.0, variation).fractions(edges) - truth).sum() < 1e-4
    assert without.efficiency(1.0, variation) == pytest.approx(with_anchor.efficiency(1.0, variation), rel=1e-4)


def test_efficiency_at_anchors_is_exact(config, histograms):
    morphing = read_signal_morphing(histograms, config.regions[0])
    assert morphing.efficiency(2.0, "nominal") == pytest.approx(0.32, rel=1e-9)
    assert morphing.efficiency(2.0, "photon_efficiency_up") == pytest.approx(0.32 * 1.02, rel=1e-9)


def test_anchors_are_those_that_serve_the_region(config, histograms):
    anchors = [list(read_signal_morphing(histograms, region).masses) for region in config.regions]
    assert anchors == [[0.2, 0.5, 1.0, 2.0, 4.0], [4.0, 6.0, 7.0], [6.0, 7.0, 8.0, 9.7]]


def test_nothing_is_extrapolated(config, make_histograms):
    morphing = read_signal_morphing(make_histograms((0.5, 1.0, 2.0)), config.regions[0])
    for mass in (0.4, 2.1):
        with pytest.raises(WorkspaceError, match="do not reach a mass"):
            morphing.shape(mass, "nominal")
        with pytest.raises(WorkspaceError, match="do not reach a mass"):
            morphing.efficiency(mass, "nominal")


def test_one_anchor_is_not_enough(config, make_histograms):
    with pytest.raises(WorkspaceError, match="at least two signal samples"):
        read_signal_morphing(make_histograms((1.0,)), config.regions[0])


def test_cross_section_of_anchors_is_interpolated(histograms):
    law = anchor_cross_section(histograms, 10.58)
    # the law of the test is a power of 1 - m^2/s: exact between the anchors too
    for mass in (0.2, 1.0, 3.0, 9.0, 9.7):
        assert law(mass) == pytest.approx(1500.0 * (1.0 - mass**2 / 10.58**2) ** 3, rel=1e-12)
    with pytest.raises(WorkspaceError, match="exceeds the collision energy"):
        anchor_cross_section(histograms, 9.0)


def test_manifests_must_share_one_coupling(make_histograms):
    histograms = make_histograms((1.0, 2.0))
    histograms.samples["signal_2000MeV"].parameters["coupling"] = 2.0e-3
    with pytest.raises(WorkspaceError, match="share one coupling"):
        signal_manifests(histograms)

from __future__ import annotations

import numpy as np
import pytest

from darkreach.building.displaced_windows import RegionWindows
from darkreach.histograms.displaced_cells import region_cells


@pytest.fixture(scope="module")
def windows(formulas):
    """Return the windows of a region of its own settings."""

    def of(pair="mumu", cells=2.0, observable="pair_mass", **settings):
        config = formulas.search([formulas.region("one", pair, **settings)], cells, observable)
        return RegionWindows(region_cells(config)["one"], config.workspace)

    return of


def centres(one):
    return 0.5 * (one.cells.edges[1:] + one.cells.edges[:-1])


def test_window_and_sidebands(windows):
    one = windows()
    found = one.at(0.8)
    # cells of 5 MeV, resolution of 10 MeV
    assert centres(one)[found.window] == pytest.approx(np.arange(0.7825, 0.82, 0.005))
    low, high = np.arange(0.6725, 0.77, 0.005), np.arange(0.8325, 0.93, 0.005)
    assert centres(one)[found.sideband] == pytest.approx(np.concatenate([low, high]))
    assert found.tau == pytest.approx(40.0 / 8.0)


def test_sidebands_beside_excluded_masses(windows):
    one = windows(excluded=[{"low": 0.85, "high": 1.5}])
    found = one.at(0.8)
    assert centres(one)[found.sideband] == pytest.approx(
        np.concatenate([np.arange(0.6725, 0.77, 0.005), np.arange(0.8325, 0.85, 0.005)])
    )
    assert found.tau == pytest.approx(24.0 / 8.0)


def test_sidebands_beyond_an_island(windows):
    # masses behind the excluded ones serve as well
    found = windows(excluded=[{"low": 0.85, "high": 0.9}]).at(0.8)
    assert found.tau == pytest.approx(30.0 / 8.0)


def test_window_cut_by_excluded_masses(windows):
    one = windows(excluded=[{"low": 0.81, "high": 1.5}])
    found = one.at(0.805)
    assert centres(one)[found.window].max() < 0.81
    assert found.window.sum() == 5
    assert found.tau == pytest.approx(20.0 / 5.0)
    shares = one.pull_shares(0.805, found.window).sum(axis=0)
    # from 2 resolutions below to half a resolution above
    np.testing.assert_allclose(np.flatnonzero(shares > 1e-6), np.arange(92, 102))


def test_end_of_the_axis(windows):
    one = windows(mass={"low": 0.25, "high": 2.0})
    # nothing below twice the mass of a muon, 0.2113 GeV
    found = one.at(0.25)
    assert one.cells.edges[found.sideband.argmax()] == pytest.approx(0.2113, abs=0.01)
    assert found.tau == pytest.approx(
        np.diff(one.cells.edges)[found.sideband].sum() / np.diff(one.cells.edges)[found.window].sum()
    )
    assert 2.5 < found.tau < 3.0


def test_own_vetoes_count_and_others_do_not(windows):
    own = {"first": "muon", "second": "muon", "mass": {"low": 0.85, "high": 0.9}}
    other = {"first": "pion", "second": "pion", "mass": {"low": 0.7, "high": 0.75}}
    assert windows(vetoes=[own, other]).at(0.8).tau == pytest.approx(30.0 / 8.0)
    assert windows(vetoes=[other]).at(0.8).tau == pytest.approx(5.0)


def test_stretches(windows):
    one = windows(excluded=[{"low": 0.85, "high": 0.9}, {"low": 1.0, "high": 1.001}])
    edges = one.cells.edges
    assert [(edges[part.start], edges[part.stop]) for part in one.stretches] == [
        pytest.approx((0.3, 0.85)), pytest.approx((0.9, 1.0)), pytest.approx((1.005, 2.3))
    ]  # fmt: skip


def test_cells_larger_than_the_window(windows):
    one = windows(cells=0.1)
    # its centre is as far from the mass as sidebands are
    found = one.at(0.801)
    assert found.window.sum() == 1
    assert not (found.window & found.sideband).any()
    # the whole cell is the window: 10 resolutions wide, of which pulls reach to 10
    assert one.pull_shares(0.801, found.window).sum() * 0.25 == pytest.approx(10.0)


def test_no_sideband(windows):
    excluded = [{"low": 0.62, "high": 0.77}, {"low": 0.83, "high": 1.9}]
    assert windows(excluded=excluded).at(0.8) is None


def test_shares_of_pulls(windows):
    one = windows()
    everything = one.pull_shares(0.8, one.usable)
    # all pulls are in some cell, once
    np.testing.assert_allclose(everything.sum(axis=0), 1.0, rtol=1e-9)
    # cells of half a resolution are two bins
    assert everything.sum(axis=1)[one.at(0.8).window] == pytest.approx(np.full(8, 2.0))


def test_reduced_mass(windows):
    # sqrt(m^2 - 4 m_mu^2): 0.5 GeV is 0.4532 GeV, and 0.4 to 0.45 GeV are 0.3396 to 0.3973 GeV
    one = windows(observable="reduced_mass", mass={"low": 0.212, "high": 2.0}, excluded=[{"low": 0.4, "high": 0.45}])
    found = one.at(0.5)
    middle = one.cells.edges[:-1][found.window][0] + 0.02
    assert middle == pytest.approx(0.4532, abs=0.004)
    assert one.cells.edges[1:][found.sideband & (one.cells.edges[1:] < 0.36)].max() <= 0.3397
    assert one.cells.edges[:-1][found.sideband & (one.cells.edges[:-1] > 0.36)].min() >= 0.3972
    # at the threshold the window ends at zero
    threshold = one.at(0.212)
    assert one.cells.edges[0] == 0.0
    assert threshold.window[0]
    assert one.cells.edges[1:][threshold.window].max() == pytest.approx(0.0174 + 0.02, abs=0.004)

from __future__ import annotations

import numpy as np
import pytest

from darkreach.building import read_displaced_efficiencies
from darkreach.errors import WorkspaceError


@pytest.fixture(scope="module")
def read(formulas):
    """Return the efficiencies of a region; anchors and settings of regions can be chosen."""

    def efficiencies(name="first", regions=None, **options):
        config = formulas.search(regions)
        histograms = formulas.make_histograms(config, **options)
        (region,) = (one for one in config.regions if one.name == name)
        return read_displaced_efficiencies(histograms, config, region, formulas.Rates())

    return efficiencies


@pytest.mark.parametrize("mass", [0.6, 0.75, 0.9, 1.7, 2.0])
def test_linear_between_anchors(formulas, read, mass):
    found = read().window(mass, 2.0)
    expected = formulas.efficiency(mass) * formulas.in_window(2.0)
    np.testing.assert_allclose(found.efficiency, expected, rtol=1e-12)


def test_neighbours_only(formulas, read):
    # the anchor at 1.1 GeV is off the line of the others: it decides 1.0 and 1.2 GeV, but not 0.9 and 1.3 GeV
    total = read().window(1.0, 10.0).efficiency
    np.testing.assert_allclose(total, 0.5 * (formulas.efficiency(0.9) + formulas.efficiency(1.1)), rtol=1e-12)


@pytest.mark.parametrize(("mass", "anchor"), [(0.95, 0.9), (1.21, 1.3), (1.29, 1.3)])
def test_never_across_excluded_masses(formulas, read, mass, anchor):
    third = read("third")
    assert third.masses.tolist() == [0.6, 0.9, 1.3, 2.0]
    np.testing.assert_allclose(third.window(mass, 10.0).efficiency, formulas.efficiency(anchor), rtol=1e-12)


def test_anchors_outside_the_region_are_not_used(formulas, read):
    regions = [formulas.region("narrow", mass={"low": 0.7, "high": 1.5})]
    narrow = read("narrow", regions)
    assert narrow.masses.tolist() == [0.9, 1.1, 1.3]
    np.testing.assert_allclose(narrow.window(0.7, 10.0).efficiency, formulas.efficiency(0.9), rtol=1e-12)
    np.testing.assert_allclose(narrow.window(1.5, 10.0).efficiency, formulas.efficiency(1.3), rtol=1e-12)


def test_error_and_effective_events(formulas, read):
    # all events weigh the same: their effective number is the number of them
    first = read()
    at_anchor, between = first.window(0.6, 2.0), first.window(0.75, 2.0)
    events = 0.5 * 4.0 * at_anchor.efficiency / formulas.WEIGHT
    np.testing.assert_allclose(at_anchor.effective_events, events, rtol=1e-9)
    np.testing.assert_allclose(at_anchor.error, at_anchor.efficiency / np.sqrt(events), rtol=1e-9)
    # half of each of two independent samples
    errors = [first.window(mass, 2.0).error for mass in (0.6, 0.9)]
    np.testing.assert_allclose(between.error, 0.5 * np.hypot(*errors), rtol=1e-9)


def test_part_of_a_bin_of_pulls(read):
    # bins are 0.25 wide: 1.1 takes 0.4 of the fifth
    first = read()
    narrow, wide, partly = (first.window(0.6, width) for width in (1.0, 1.25, 1.1))
    for number in (0, 1):
        expected = np.array(narrow[number] ** (1 + number)) * 0.6 + 0.4 * wide[number] ** (1 + number)
        np.testing.assert_allclose(partly[number] ** (1 + number), expected, rtol=1e-9)


def test_side_without_anchor(formulas, read):
    third = read("third", anchors=(1.3, 2.0))
    assert [third.serves(mass) for mass in (0.8, 1.3)] == [False, True]
    with pytest.raises(WorkspaceError, match=r"(?s)no signal was simulated on this side.*0\.8 GeV"):
        third.window(0.8, 2.0)


def test_no_anchor(read):
    with pytest.raises(WorkspaceError, match="no signal sample serves a region"):
        read("third", anchors=(1.1,))


@pytest.mark.parametrize(("value", "match"), [(np.nan, "not finite"), (-1.0, "negative")])
def test_contents_no_likelihood_can_use(formulas, value, match):
    config = formulas.search()
    histograms = formulas.make_histograms(config)
    histograms.histograms["signal_lifetime/first"].view(flow=False)["value"][1, 2, 1, 40] = value
    with pytest.raises(WorkspaceError, match=match):
        read_displaced_efficiencies(histograms, config, config.regions[0], formulas.Rates())


def test_rate_of_a_sample(formulas):
    class Nothing(formulas.Rates):
        def simulated_fb(self, region, parameters):
            return 0.0

    config = formulas.search()
    with pytest.raises(WorkspaceError, match="a simulated signal has no rate"):
        read_displaced_efficiencies(formulas.make_histograms(config), config, config.regions[0], Nothing())


@pytest.mark.parametrize(
    ("setting", "value", "match"),
    [("lifetimes_cm", (0.1, 1.0), "other lifetimes"), ("radius_edges", (0.2, 2.0, 60.0), "axis radius")],
)
def test_other_axes(formulas, setting, value, match):
    config = formulas.search()
    other = config.model_copy(update={setting: value})
    with pytest.raises(WorkspaceError, match=match):
        read_displaced_efficiencies(formulas.make_histograms(config), other, config.regions[0], formulas.Rates())

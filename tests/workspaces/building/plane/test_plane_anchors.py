from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from darkreach.building.plane_anchors import PlaneAnchors, decay_probability, region_anchors
from darkreach.errors import WorkspaceError

SHARES = {"branching_electrons": 0.4, "branching_muons": 0.25, "branching_pions": 0.2, "lifetime_ctau_cm": 7.0}
MODES = {"electrons": 0.4, "muons": 0.25, "pions": 0.2, "anything": 0.15}


@pytest.mark.parametrize(
    "decays", [("electrons",) * 3, ("pions", "electrons", "muons"), ("muons", "anything", "muons"), ("muons",)]
)
def test_decay_probability_is_that_of_counting_all_outcomes(decays):
    wanted = sorted(decays)
    outcomes = product(MODES, repeat=len(decays))
    total = sum(np.prod([MODES[mode] for mode in one]) for one in outcomes if sorted(one) == wanted)
    assert decay_probability(decays, SHARES) == pytest.approx(total, rel=1e-12)


def test_thirds_leave_nothing_undecayed():
    thirds = dict.fromkeys(("branching_electrons", "branching_muons", "branching_pions"), 0.333333333)
    assert decay_probability(("muons", "muons", "anything"), thirds) == 0.0


def test_interpolation_is_exact_for_what_is_linear_in_the_masses():
    masses = np.array([[1.0, 0.5], [5.0, 0.5], [5.0, 4.9], [3.0, 2.0], [4.0, 1.0]])
    anchors = PlaneAnchors(tuple("abcde"), masses)
    values = 0.7 - 0.1 * masses[:, 0] + 0.03 * masses[:, 1]
    for point in ((2.0, 1.0), (4.4, 3.3), (3.0, 2.0)):
        found = sum(weight * values[number] for number, weight in anchors.weights(point))
        assert found == pytest.approx(0.7 - 0.1 * point[0] + 0.03 * point[1], rel=1e-9)
    assert anchors.weights((3.0, 2.0)) == [(3, 1.0)]


def test_outside_it_is_the_nearest_point_of_the_boundary():
    anchors = PlaneAnchors(tuple("abc"), np.array([[1.0, 1.0], [3.0, 1.0], [1.0, 5.0]]))
    assert anchors.weights((1.5, 0.0)) == [(0, 0.75), (1, 0.25)]
    assert anchors.weights((0.2, 9.0)) == [(2, 1.0)]
    # in units of the spreads (2, 4): the foot of the perpendicular on the long side
    assert dict(anchors.weights((3.0, 5.0))) == pytest.approx({1: 0.5, 2: 0.5})


def test_points_on_a_line_are_refused():
    anchors = PlaneAnchors(tuple("abc"), np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]))
    with pytest.raises(WorkspaceError, match="do not span"):
        anchors.weights((1.5, 1.5))


def test_normalisation_is_born_cross_section_times_decays(formulas, seen):
    anchors, normalisations = region_anchors(
        seen.histograms, seen.config, seen.config.regions[2], formulas.cross_section
    )
    assert anchors.masses.tolist() == [[0.5, 1.0], [0.5, 9.0], [3.0, 6.5]]
    wanted = [50.0 * (1.0 - (m / 10.0) ** 2) * 3 * 0.3**2 * 0.2 for m in (1.5, 9.5, 9.5)]
    assert normalisations == pytest.approx(wanted, rel=1e-12)


def changed(histograms, **parameters):
    samples = {
        name: replace(one, parameters={**one.parameters, **parameters}) if one.kind == "signal" else one
        for name, one in histograms.samples.items()
    }
    return replace(histograms, samples=samples)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [({"dark_coupling": 0.2}, "at another coupling"), ({"branching_muons": 0.0}, "has the decays of a region")],
)
def test_other_signals_are_refused(formulas, seen, parameters, problem):
    region = seen.config.regions[1]
    with pytest.raises(WorkspaceError, match=problem):
        region_anchors(changed(seen.histograms, **parameters), seen.config, region, formulas.cross_section)


def test_no_cross_section_is_refused(seen):
    with pytest.raises(WorkspaceError, match="no cross-section"):
        region_anchors(seen.histograms, seen.config, seen.config.regions[0], lambda *_: 0.0)

"""Mistakes in a search for a kaon and something invisible are refused when it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from darkreach.configuration import config_path
from darkreach.configuration.kaon_recoil import EfficiencyCurve
from darkreach.errors import ConfigError
from darkreach.searches import read_search

NAME = "b_to_k_invisible_scalar"


@pytest.mark.parametrize(
    ("search", "old", "new", "message"),
    [
        (NAME, "      tau_pair: {knots", "      muon_pair: {knots", "background_efficiencies of hadronic_tag must be"),
        (NAME, "    observable: beam_recoil", "    observable: recoil", "needs a resolution, the other"),
        (NAME, "value: 0.2, unit: GeV^2", "value: 0.2, unit: GeV", "in GeV\\^2"),
        (NAME, "knots: [[0.0, 0.005]]", "knots: [[0.0, 1.005]]", "less than or equal to 1"),
        (NAME, "knots: [[0, 0.19], [4,", "knots: [[4, 0.19], [0,", "q\\^2 of the knots must rise"),
        (NAME, "mass_range: [0.01, 4.6]", "mass_range: [0.01, 4.5]", "must be the same for all"),
        (NAME, "binning:", "controls: [{name: c, observable: q, edges: [0, 1]}]\n\nbinning:", "has no controls"),
        ("single_photon", "  - name: low", "  - observable: beam_recoil_mass_squared\n    name: low", "no observable"),
    ],
)  # fmt: skip
def test_mistakes_are_refused(tmp_path: Path, search: str, old: str, new: str, message: str) -> None:
    text = config_path("searches", search).read_text()
    assert old in text
    path = tmp_path / "search.yaml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=message):
        read_search(path)


def test_a_curve_is_straight_in_its_logarithm_and_constant_outside() -> None:
    curve = EfficiencyCurve(knots=((0.0, 0.1), (4.0, 0.001), (5.0, 0.002)), source="test")
    expected = [0.1, 0.1, 10**-1.5, 0.001, np.sqrt(2e-6), 0.002]
    np.testing.assert_allclose(curve.at(np.array([-3.0, 0.0, 1.0, 4.0, 4.5, 20.0])), expected, rtol=1e-12)

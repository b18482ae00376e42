"""Cross-sections between the anchors of the Z' at small masses, where they fall as the square of a logarithm."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from darkreach.building.signal_anchors import anchor_cross_section
from darkreach.configuration import config_path
from darkreach.events.manifest import SampleManifest
from darkreach.histograms import SearchHistograms
from darkreach.searches.registry import read_search

SQRT_S = 10.5796
# fb at g' = 0.01, each from a sample of muon_pair_z_prime of its own, to 0.3 %
GENERATED = {
    0.01: 122.15, 0.015: 109.67, 0.02: 101.24, 0.03: 88.42, 0.05: 73.58, 0.07: 64.34, 0.1: 55.10, 0.15: 44.84,
    0.2: 37.86, 0.3: 29.21, 0.35: 26.16, 0.4: 23.46, 0.5: 19.49, 0.6: 16.55, 0.75: 13.25, 1.0: 9.565, 1.25: 7.136,
    1.5: 5.433, 2.0: 3.293,
}  # fmt: skip


@pytest.mark.parametrize("search", ["z_prime_invisible", "z_prime_invisible_2018"])
@pytest.mark.parametrize("preset", ["demo", "full"])
def test_small_masses_have_anchors_enough(search, preset):
    law = CubicSpline(np.log(list(GENERATED)), np.log(list(GENERATED.values())))
    anchors = [mass for mass in read_search(config_path("searches", search)).presets[preset].anchor_masses if mass <= 2]
    samples = {
        f"signal_{number}": SampleManifest(
            sample=f"signal_{number}",
            process="muon_pair_z_prime",
            kind="signal",
            parameters={"mass_gev": mass, "coupling": 0.01},
            cross_section_fb=float(np.exp(law(np.log(mass)))),
            cross_section_source="table",
            generated_events=1,
            weight_column=None,
            luminosity_inverse_fb=None,
            seed=None,
            generator="table",
            files=(),
        )  # fmt: skip
        for number, mass in enumerate(anchors)
    }
    interpolated = anchor_cross_section(SearchHistograms(search, {}, samples, (), {}), SQRT_S)
    for mass, truth in GENERATED.items():
        # 55 % too much at 0.1 GeV with anchors at 0.01 and 0.2 GeV alone
        assert interpolated(mass) == pytest.approx(truth, rel=0.025), mass

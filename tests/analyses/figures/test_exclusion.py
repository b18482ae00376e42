from __future__ import annotations

import json
import re

import numpy as np

from darkreach.figures import FigureLabel, Island, LimitBand, exclusion_html
from darkreach.published import read_published

LABEL = FigureLabel("pseudo-data", 0.445, 10.5796)
MASS = np.array([0.2, 1.0, 3.0])


def band(level: float) -> LimitBand:
    expected = np.full((5, 3), 2e-3) * level
    return LimitBand(level, MASS, np.array([1e-3, np.nan, 4e-3]), expected, (Island(1.0, "observed", 1e-6, 1e-5),))


def numbers(html: str) -> dict[str, object]:
    (found,) = re.findall(r'<script type="application/json" class="numbers">(.*?)</script>', html, flags=re.DOTALL)
    return dict(json.loads(found))


def test_numbers_at_the_pointer_are_the_limits() -> None:
    content = numbers(
        exclusion_html([band(0.90), band(0.95)], "g_agg", "GeV^-1", LABEL, read_published("axion_to_photons"))
    )
    low, high = content["levels"]  # type: ignore[misc]
    assert (low["name"], high["name"]) == ("90 % CL", "95 % CL")
    assert low["observed"] == [1e-3, None, 4e-3]
    assert low["expected"][2] == [1.8e-3] * 3
    assert low["islands"] == [{"mass_gev": 1.0, "quantile": "observed", "lower": 1e-6, "upper": 1e-5}]


def test_published_values_stay_with_their_level() -> None:
    content = numbers(
        exclusion_html([band(0.90), band(0.95)], "g_agg", "GeV^-1", LABEL, read_published("axion_to_photons"))
    )
    low, high = content["levels"]  # type: ignore[misc]
    assert low["published"] == []
    assert high["published"][0] == {"mass_gev": 0.2, "limit": 1.05e-3}


def test_no_outside_resource_and_no_way_out_of_the_data() -> None:
    html = exclusion_html([band(0.9)], "</script><script>alert(1)</script>", '"><img src=x>', LABEL)
    assert "http" not in html
    assert "src=x>" not in html
    assert html.count("<script") == 2
    assert numbers(html)["axis"] == '</script><script>alert(1)</script> ["><img src=x>]'

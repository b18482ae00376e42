"""Re-weighted decays of one sample against samples that were generated with the lifetime itself, nothing forced."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import awkward as ak
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.searches.displaced_pairs import DisplacedPairs

sys.path[:0] = [str(Path(__file__).parents[1])]
from displaced_example import example_config, living, simulated_columns  # noqa: E402

NAME, MASS, NUMBER = "kplus_mumu", 0.6, 12_000


@pytest.mark.slow
@pytest.mark.agreement
@pytest.mark.parametrize("ctau", [0.1, 1.0, 10.0])
def test_selected_cross_section_is_that_of_the_lifetime(
    detector_config: DetectorConfig, as_events: Callable[..., ak.Array], ctau: float
) -> None:
    config = example_config(b_candidate=True)
    shorter = DisplacedSearchConfig.model_validate(
        {**config.model_dump(mode="json"), "lifetimes_cm": [0.5 * ctau, ctau]}
    )
    forced = living(config, MASS)
    free = {"mass_gev": MASS, "sin_theta": forced["sin_theta"], "lifetime_ctau_cm": ctau}
    found = []
    for search, parameters in ((config, forced), (shorter, free)):
        columns = simulated_columns("b_to_k_scalar_mumu", NUMBER, 17, parameters, detector_config)
        lifetime = parameters["lifetime_ctau_cm"]
        metadata = {"dataset": f"signal_{NAME}_600MeV", "mass_gev": MASS, "lifetime_ctau_cm": lifetime}
        events = as_events(columns, kind="signal", **metadata)
        histogram = DisplacedPairs(search, detector_config).process(events)["histograms"][f"signal_lifetime/{NAME}"]
        cells = histogram[0, search.lifetimes_cm.index(ctau), :, :].view(flow=True)
        # weights are those of one trial
        found.append((cells.value.sum() / NUMBER, math.sqrt(cells.variance.sum()) / NUMBER))
    (weighted, weighted_error), (direct, direct_error) = found
    assert direct_error < 0.06 * direct
    assert weighted_error < 0.06 * weighted
    assert abs(weighted - direct) < 4.0 * math.hypot(weighted_error, direct_error)

"""The search for displaced vertices fills what loops over events, vertices and kaons in plain Python find."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.histograms.displaced_cells import PULL_BINS, PULL_RANGE, region_cells
from darkreach.searches.displaced_pairs import DisplacedPairs

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
from displaced_example import example_config, living, simulated_columns  # noqa: E402
from displaced_loop import Loop  # noqa: E402

Columns = dict[str, Any]
Events = Callable[..., ak.Array]


def loosened(b_candidate: bool, identification: str) -> DisplacedSearchConfig:
    """Return an example whose cuts leave enough of few events, each of them cutting something."""
    content = example_config(b_candidate).model_dump(mode="json")
    selection = content["selection"]
    selection["background_identification"] = identification
    selection["identification"]["value"] = 0.6
    content["radius_edges"] = [0.01, 0.1, 1.0, 60.0]
    content["regions"][1]["smallest_radius"] = 0.02
    content["regions"][-1]["vetoed_identification"] = ["electron"]
    selection["pointing_cosine"]["value"] = 0.5
    if b_candidate:
        cuts = selection["b_candidate"]
        cuts["identification"]["value"] = 0.5
        cuts["energy_difference"]["value"], cuts["sideband_energy_difference"]["value"] = 1.0, 2.0
        cuts["beam_constrained_mass"]["low"] = 4.9
        cuts["fox_wolfram_ratio"]["value"] = 0.5
    else:
        selection["pair_transverse_momentum"]["value"] = 0.3
    return DisplacedSearchConfig.model_validate(content)


def looped(config: DisplacedSearchConfig, detector: DetectorConfig, columns: Columns, *, weighted: bool) -> Loop:
    loop = Loop(config, detector, weighted=weighted)
    lists = {name: ak.to_list(values) for name, values in columns.items()}
    for number, weight in enumerate(lists["generatorWeight"]):
        event = {name: values[number] for name, values in lists.items()}
        loop.event(event, weight * config.selection.event_efficiency.value)
    return loop


def assert_cutflow(histograms: dict[str, Any], loop: Loop) -> None:
    for position, cut in enumerate(histograms["cutflow"].axes["cut"]):
        weights = loop.found.counts.get(cut, [])
        assert histograms["cutflow_entries"][0, position] == len(weights), cut
        assert histograms["cutflow"][0, position].value == pytest.approx(sum(weights), rel=1e-9, abs=0.0), cut
        squares = sum(weight**2 for weight in weights)
        assert histograms["cutflow"][0, position].variance == pytest.approx(squares, rel=1e-9, abs=0.0), cut


@pytest.mark.parametrize("b_candidate", [True, False])
@pytest.mark.parametrize("identification", ["weighted", "sampled"])
def test_background(b_candidate: bool, identification: str, detector_config: DetectorConfig, as_events: Events) -> None:
    config = loosened(b_candidate, identification)
    weighted = identification == "weighted"
    number = (70 if weighted else 600) if b_candidate else 300
    columns = simulated_columns("charm_pair", number, 5, {}, detector_config)
    histograms = DisplacedPairs(config, detector_config).process(as_events(columns, kind="background"))["histograms"]

    loop = looped(config, detector_config, columns, weighted=weighted)

    assert_cutflow(histograms, loop)
    assert sum(len(fills) for fills in loop.found.fills.values()) > 20
    for name, histogram in histograms.items():
        if not name.startswith(("mass_radius/", "beam_constrained_mass/", "energy_difference/")):
            continue
        expected = histogram.copy().reset()
        for values, weight in loop.found.fills.get(name, []):
            expected.fill("one", *values, weight=weight)
        for kind in ("value", "variance"):
            seen, wanted = (getattr(one.view(flow=True), kind) for one in (histogram, expected))
            np.testing.assert_allclose(seen, wanted, rtol=1e-9, atol=0.0, err_msg=name)


def test_signal(detector_config: DetectorConfig, as_events: Events) -> None:
    config, mass, name = loosened(True, "weighted"), 0.7, "kplus_mumu"
    columns = simulated_columns("b_to_k_scalar_mumu", 120, 9, living(config, mass), detector_config)
    generated = config.simulation.generated_ctau_cm.value
    events = as_events(
        columns, kind="signal", dataset=f"signal_{name}_700MeV", mass_gev=mass, lifetime_ctau_cm=generated
    )
    histograms = DisplacedPairs(config, detector_config).process(events)["histograms"]

    chosen = [region for region in config.regions if region.name == name]
    loop = Loop(config.model_copy(update={"regions": tuple(chosen)}), detector_config, weighted=False)
    lists = {key: ak.to_list(values) for key, values in columns.items()}
    cells = region_cells(config)[name]
    lifetimes = np.zeros((len(config.lifetimes_cm), 3, PULL_BINS))
    true_decays: dict[str, list[tuple[float, float, float]]] = {"decays": [], "selected_decays": []}
    for number, weight in enumerate(lists["generatorWeight"]):
        event = {key: values[number] for key, values in lists.items()}
        truth = event["decayRadius"], event["decayTransverseMomentum"]
        true_decays["decays"].append((*truth, weight))
        before = len(loop.found.fills[f"mass_radius/{name}"])
        loop.event(event, weight * config.selection.event_efficiency.value)
        for (observable, radius), own in loop.found.fills[f"mass_radius/{name}"][before:]:
            pull = (observable - math.sqrt(mass**2 - 4 * 0.1056583755**2)) / float(cells.resolution(mass))
            if abs(pull) >= PULL_RANGE:
                continue
            true_decays["selected_decays"].append((*truth, own))
            place = sum(radius >= edge for edge in config.radius_edges) - 1
            for index, tau in enumerate(config.lifetimes_cm):
                length = event["decayProperLength"]
                law = math.exp(-length / tau) / tau / (math.exp(-length / generated) / generated)
                lifetimes[index, place, math.floor((pull + PULL_RANGE) / (2.0 * PULL_RANGE) * PULL_BINS)] += own * law

    assert_cutflow(histograms, loop)
    assert len(true_decays["selected_decays"]) > 15
    np.testing.assert_allclose(histograms[f"signal_lifetime/{name}"].view().value[0], lifetimes, rtol=1e-9, atol=0.0)
    for kind, entries in true_decays.items():
        histogram = histograms[f"{kind}/{name}"]
        expected = histogram.copy().reset()
        for radius, momentum, weight in entries:
            expected.fill(events.metadata["dataset"], radius, momentum, weight=weight)
        np.testing.assert_allclose(histogram.view(flow=True).value, expected.view(flow=True).value, rtol=1e-9)
    others = [region.name for region in config.regions if region.name != name]
    assert all(histograms[f"{kind}/{one}"].view(flow=True).size == 0 for kind in true_decays for one in others)
    assert histograms[f"mass_radius/{name}"].view(flow=True).size == 0

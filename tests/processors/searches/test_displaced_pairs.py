"""The rules that cuts, vetoes, weights and faults of the search for displaced vertices must obey."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from coffea.processor import IterativeExecutor, Runner

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.events.schema import Basf2EventSchema
from darkreach.histograms.displaced_cells import PULL_BINS
from darkreach.kinematics import boost
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.displaced_candidates import CandidateCuts, RegionCandidates
from darkreach.searches.displaced_events import DisplacedEvents, displaced_events
from darkreach.searches.displaced_identification import (
    SampledIdentification,
    TrackIdentification,
    WeightedIdentification,
)
from darkreach.searches.displaced_kaons import CollisionTracks, wanted_energies
from darkreach.searches.displaced_pairs import DisplacedPairs
from darkreach.searches.displaced_vertices import displaced_vertices

sys.path[:0] = [str(Path(__file__).parents[1])]
from displaced_example import example_config, living, simulated_columns  # noqa: E402

Columns = dict[str, Any]
Events = Callable[..., ak.Array]
MASSES = {"e": 0.51099895e-3, "mu": 0.1056583755, "pi": 0.13957039, "k": 0.493677, "p": 0.93827209}
VARIABLES = ("electronID", "muonID", "pionID", "kaonID")


def two_tracks(mass: float, first: str, second: str, **changed: Any) -> Columns:
    """Return one event: a particle of 3 GeV that decays into two, 5 cm from the beams in its direction.

    ``changed``: other values of columns, of vertices and events one number, of tracks two.
    """
    one, two = MASSES[first], MASSES[second]
    energy = (mass**2 + one**2 - two**2) / (2.0 * mass)
    momentum = np.sqrt(energy**2 - one**2) * np.array([0.48, -0.8, 0.36])
    flight = np.array([0.8 * np.cos(0.7), 0.8 * np.sin(0.7), 0.6])
    rest = np.array([[energy, *momentum], [mass - energy, *-momentum]])
    tracks = boost(rest, 3.0 / np.hypot(3.0, mass) * flight)
    size = np.linalg.norm(tracks[:, 1:], axis=1)
    columns = {
        "track_p": size,
        "track_theta": np.arccos(tracks[:, 3] / size),
        "track_phi": np.arctan2(tracks[:, 2], tracks[:, 1]),
        "track_charge": [1.0, -1.0],
        **{f"track_{name}": [0.95, 0.95] if name == "pionID" else [0.1, 0.1] for name in VARIABLES},
        "vertex_first": 0,
        "vertex_second": 1,
        "vertex_x": 5.0 * np.cos(0.7),
        "vertex_y": 5.0 * np.sin(0.7),
        "vertex_dr": 5.0,
        "vertex_materialDistance": 1.0,
        "__weight__": 1.0,
        "l1_ffo": 1,
        "l1_hie": 0,
        "l1_lml0": 0,
        **changed,
    }
    return {
        name: ak.Array([np.atleast_1d(value)]) if name.startswith(("track_", "vertex_")) else np.array([value])
        for name, value in columns.items()
    }


@pytest.fixture(scope="module")
def processor(detector_config: DetectorConfig) -> DisplacedPairs:
    return DisplacedPairs(example_config(b_candidate=False), detector_config)


def counted(processor: DisplacedPairs, events: ak.Array, region: str = "pipi") -> float:
    return float(processor.process(events)["histograms"]["cutflow_entries"][0, f"region:{region}"])


def test_one_event_is_where_it_should_be(processor: DisplacedPairs, as_events: Events) -> None:
    histograms = processor.process(as_events(two_tracks(1.3, "pi", "pi"), kind="data"))["histograms"]
    filled = histograms["mass_radius/pipi"]
    assert filled[0, 1.3j, 5.0j].value == 1.0
    assert filled.view(flow=True).value.sum() == 1.0
    assert histograms["mass_radius/mumu"].view(flow=True).value.sum() == 0.0


@pytest.mark.parametrize(
    ("changed", "region"),
    [
        ({"track_pionID": [0.95, 0.9]}, "pipi"),
        ({"track_pionID": [np.nan, 0.95]}, "pipi"),
        ({"track_electronID": [0.1, 0.91]}, "pipi"),
        ({"track_muonID": [0.91, 0.1]}, "pipi"),
        ({"track_charge": [1.0, 1.0]}, "pipi"),
        ({"track_charge": [1.0, 0.0]}, "pipi"),
        ({"vertex_materialDistance": 0.19}, "pipi"),
        ({"vertex_dr": 0.19}, "pipi"),
        ({"vertex_dr": 60.0}, "pipi"),
        ({"vertex_x": -5.0}, "pipi"),
        ({"l1_ffo": 0}, "pipi"),
        ({"track_p": [0.1, 3.0]}, "pipi"),
    ],
)
def test_each_cut_removes_the_event(
    processor: DisplacedPairs, as_events: Events, changed: Columns, region: str
) -> None:
    assert counted(processor, as_events(two_tracks(1.3, "pi", "pi"), kind="data"), region) == 1.0
    assert counted(processor, as_events(two_tracks(1.3, "pi", "pi", **changed), kind="data"), region) == 0.0


@pytest.mark.parametrize(
    ("changed", "region"),
    [
        # at the cuts
        ({"vertex_dr": 0.2}, "pipi"),
        ({"vertex_materialDistance": 0.2}, "pipi"),
        ({"l1_ffo": 0, "l1_lml0": 1}, "pipi"),
        ({"track_electronID": [0.9, np.nan]}, "pipi"),
        # without layers of material the next one is infinitely far away
        ({"vertex_materialDistance": np.inf}, "pipi"),
        # this region does not ask for the distance
        ({"vertex_materialDistance": 0.0, "track_muonID": [0.91, 0.91]}, "mumu"),
    ],
)
def test_what_passes(processor: DisplacedPairs, as_events: Events, changed: Columns, region: str) -> None:
    assert counted(processor, as_events(two_tracks(1.3, "pi", "pi", **changed), kind="data"), region) == 1.0


@pytest.mark.parametrize(
    ("mass", "first", "second", "passes"),
    [
        (0.4976, "pi", "pi", False),
        (0.44, "pi", "pi", True),
        (1.1157, "p", "pi", False),
        (1.1157, "pi", "p", False),
        (1.1157, "pi", "pi", True),
        (1.8648, "k", "pi", False),
        (1.8648, "pi", "k", False),
        (1.8648, "k", "k", True),
    ],
)
def test_vetoes_try_both_assignments(
    processor: DisplacedPairs, as_events: Events, mass: float, first: str, second: str, passes: bool
) -> None:
    events = as_events(two_tracks(mass, first, second), kind="data")
    assert counted(processor, events) == float(passes)


def test_signal_of_one_event(processor: DisplacedPairs, as_events: Events) -> None:
    truth = {"decayProperLength": 2.0, "decayRadius": 4.9, "decayTransverseMomentum": 2.4, "generatorWeight": 7.0}
    events = as_events(
        two_tracks(1.3, "pi", "pi", **truth),
        kind="signal",
        dataset="signal_pipi_1300MeV",
        mass_gev=1.3,
        lifetime_ctau_cm=100.0,
    )
    histograms = processor.process(events)["histograms"]
    found = histograms["signal_lifetime/pipi"]
    # efficiency of events 0.9; law of the wanted lifetime over that of the sample
    for number, tau in enumerate([0.01, 0.1, 1.0, 10.0, 100.0]):
        expected = 7.0 * 0.9 * (np.exp(-2.0 / tau) / tau) / (np.exp(-2.0 / 100.0) / 100.0)
        assert found[0, number, :, :].view(flow=True).value.sum() == pytest.approx(expected, rel=1e-9, abs=0.0)
        assert found[0, number, 2, PULL_BINS // 2 - 1 : PULL_BINS // 2 + 1].view().value.sum() == pytest.approx(
            expected, rel=1e-9, abs=0.0
        )
    assert histograms["decays/pipi"][0, 4.9j, 2.4j].value == pytest.approx(7.0)
    assert histograms["selected_decays/pipi"][0, 4.9j, 2.4j].value == pytest.approx(6.3)
    # sums weights, not only of this region's sample
    other = as_events(dict(zip(events.fields, [events[name] for name in events.fields], strict=True)), kind="data")
    assert counted(processor, other) == 1.0


def test_signals_count_in_their_region_only(processor: DisplacedPairs, as_events: Events) -> None:
    truth = {"decayProperLength": 2.0, "decayRadius": 4.9, "decayTransverseMomentum": 2.4, "generatorWeight": 7.0}
    columns = two_tracks(1.3, "pi", "pi", **truth)
    metadata = {"kind": "signal", "mass_gev": 1.3, "lifetime_ctau_cm": 100.0}
    histograms = processor.process(as_events(columns, dataset="signal_kk_1300MeV", **metadata))["histograms"]
    assert histograms["signal_lifetime/pipi"].view(flow=True).size == 0
    assert histograms["decays/pipi"].view(flow=True).size == 0
    assert histograms["decays/kk"].view(flow=True).value.sum() == pytest.approx(7.0)
    assert histograms["cutflow_entries"][0, "region:pipi"] == 0.0


@pytest.fixture(scope="module")
def background(detector_config: DetectorConfig) -> Columns:
    return simulated_columns("charm_pair", 800, 21, {}, detector_config)


def test_chunks_do_not_matter(detector_config: DetectorConfig, background: Columns, as_events: Events) -> None:
    processor = DisplacedPairs(_open(example_config(b_candidate=True)), detector_config)
    whole = processor.process(as_events(background, kind="background"))["histograms"]
    assert whole["cutflow_entries"][0, "region:kplus_mumu"] > 20.0
    for cuts in ([0, 1, 400, 400, 800], [0, 799, 800]):
        parts = [
            processor.process(
                as_events({name: values[low:high] for name, values in background.items()}, kind="background")
            )["histograms"]
            for low, high in zip(cuts[:-1], cuts[1:], strict=True)
        ]
        for name, histogram in whole.items():
            together = sum((part[name] for part in parts[1:]), parts[0][name])
            assert together.axes == histogram.axes
            seen, expected = together.view(flow=True), histogram.view(flow=True)
            for kind in ("value", "variance") if seen.dtype.names else (None,):
                one, two = (view if kind is None else getattr(view, kind) for view in (seen, expected))
                np.testing.assert_allclose(one, two, rtol=1e-10, atol=0.0, err_msg=name)


@pytest.mark.agreement
def test_stock_coffea_gives_the_same(
    detector_config: DetectorConfig, background: Columns, as_events: Events, tmp_path: Path
) -> None:
    processor = DisplacedPairs(_open(example_config(b_candidate=True)), detector_config)
    columns = {name: background[name][:300] for name in processor.required_columns("background")}
    expected = processor.process(as_events(columns, kind="background"))["histograms"]
    table = {
        name: ak.to_arrow(values, extensionarray=False) if isinstance(values, ak.Array) else pa.array(values)
        for name, values in columns.items()
    }
    pq.write_table(pa.table(table), tmp_path / "events.parquet")
    runner = Runner(
        executor=IterativeExecutor(status=False),
        pre_executor=IterativeExecutor(status=False),
        schema=Basf2EventSchema,
        chunksize=200,
        format="parquet",
    )
    files = {"files": [str(tmp_path / "events.parquet")], "treename": "tree", "metadata": {"kind": "background"}}
    output = runner({"one": files}, processor_instance=processor)
    assert sum(output["ledger"]["one"].values()) == 300
    for name, histogram in expected.items():
        np.testing.assert_allclose(output["histograms"][name].values(), histogram.values(), rtol=1e-12, err_msg=name)


def test_weighted_background_is_the_expectation_of_the_sampled_one(
    detector_config: DetectorConfig, as_events: Events
) -> None:
    content = example_config(b_candidate=True).model_dump(mode="json")
    content["radius_edges"] = [0.005, 60.0]
    content["selection"]["identification"]["value"] = 0.6
    content["selection"]["b_candidate"]["identification"]["value"] = 0.5
    # one of muons would have few entries
    content["regions"][-1] |= {"pair": "pipi", "vetoed_identification": ["electron"]}
    config = _open(DisplacedSearchConfig.model_validate(content))
    columns = simulated_columns("charm_pair", 2000, 31, {}, detector_config)
    for region in ("kplus_pipi", "kstar0_mumu"):
        found = _candidates(columns, config, detector_config, as_events, region)
        sampled, weighted = found["sampled"], found["weighted"]
        assert set(sampled.factor) == {1.0}
        assert 0.0 < weighted.factor.min() < weighted.factor.max() < 1.0
        number = len(columns["generatorWeight"])
        counted, expected = (
            np.bincount(one.event, weights=one.factor, minlength=number) for one in (sampled, weighted)
        )
        # combinations with the same tracks pass together, but those of different events do not
        spread = np.sqrt(np.sum((counted - expected) ** 2))
        assert abs(counted.sum() - expected.sum()) < 4.0 * spread
        assert expected.sum() > 12.0 * spread


@pytest.mark.parametrize(
    ("region", "process", "mass"),
    [("kplus_mumu", "b_to_k_scalar_mumu", 5.27941), ("kstar0_mumu", "b_to_kstar0_scalar_mumu", 5.27972)],
)
def test_true_momenta_make_the_b_meson(
    detector_config: DetectorConfig, as_events: Events, region: str, process: str, mass: float
) -> None:
    content = detector_config.model_dump(mode="json")
    for scale in ("track_momentum_resolution", "track_angle_resolution"):
        content["scales"][scale]["value"] = 0.0
    content["beams"]["electron_energy_spread"]["value"] = content["beams"]["positron_energy_spread"]["value"] = 0.0
    exact = DetectorConfig.model_validate(content)
    config = example_config(b_candidate=True)
    parameters = living(config, 0.8) | {"decay_other_b": 0.0, "decay_radius_to_cm": 10.0}
    columns = simulated_columns(process, 150, 3, parameters, exact)
    found = _candidates(columns, config, exact, as_events, region)["sampled"]
    assert found.constrained_mass is not None
    assert found.energy_difference is not None
    assert np.count_nonzero(found.passing) > 15
    # of the tables of the generator; nothing else than single precision is between
    np.testing.assert_allclose(found.constrained_mass[found.passing], mass, rtol=0.0, atol=2e-6)
    np.testing.assert_allclose(found.energy_difference[found.passing], 0.0, rtol=0.0, atol=2e-6)
    np.testing.assert_allclose(found.mass[found.passing], 0.8, rtol=0.0, atol=2e-6)


def _candidates(
    columns: Columns, config: DisplacedSearchConfig, detector: DetectorConfig, as_events: Events, region: str
) -> dict[str, RegionCandidates]:
    """Return the candidates of a region by both ways to count."""
    lists = _lists(columns, config, as_events)
    ways: dict[str, TrackIdentification] = {
        "sampled": SampledIdentification(lists.tracks),
        "weighted": WeightedIdentification(lists.tracks, detector),
    }
    settings, beams = config.selection.b_candidate, detector.beams.beams()
    assert settings is not None
    every = np.ones(len(lists.tracks.offsets) - 1, dtype=np.bool_)
    vertices, _ = displaced_vertices(lists, config, every, ChunkSource("one", "a", "data", None, 0))
    chosen = next(one for one in config.regions if one.name == region)
    wanted = wanted_energies(vertices, [chosen], settings, beams)
    tracks = CollisionTracks(lists.tracks, wanted, settings, beams)
    return {
        way: CandidateCuts(config, detector).candidates(
            chosen,
            vertices,
            {chosen.kaon: tracks.systems(chosen.kaon, identification)},
            identification,
        )
        for way, identification in ways.items()
    }


def _lists(columns: Columns, config: DisplacedSearchConfig, as_events: Events) -> DisplacedEvents:
    """Return the lists of both ways to count."""
    both = []
    for kind in ("background", "data"):
        events = as_events(columns, kind=kind)
        both.append(displaced_events(events, config, ChunkSource.from_metadata(events.metadata)))
    tracks = replace(both[0].tracks, columns={**both[0].tracks.columns, **both[1].tracks.columns})
    return replace(both[0], tracks=tracks)


def _open(config: DisplacedSearchConfig) -> DisplacedSearchConfig:
    """Return the search with wide cuts on the B meson."""
    content = config.model_dump(mode="json")
    cuts = content["selection"]["b_candidate"]
    cuts["energy_difference"]["value"], cuts["sideband_energy_difference"]["value"] = 2.0, 3.0
    cuts["beam_constrained_mass"]["low"] = 4.0
    cuts["fox_wolfram_ratio"]["value"] = 0.9
    return DisplacedSearchConfig.model_validate(content)

"""What the search for displaced vertices refuses, which columns it reads, and what makes its results its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.errors import EventContentError, InputFileError, UnknownNameError
from darkreach.searches.displaced_pairs import DisplacedPairs

sys.path[:0] = [str(Path(__file__).parents[1])]
from displaced_example import example_config, living, simulated_columns  # noqa: E402

Columns = dict[str, Any]
Events = Callable[..., ak.Array]


@pytest.fixture(scope="module")
def processor(detector_config: DetectorConfig) -> DisplacedPairs:
    return DisplacedPairs(example_config(b_candidate=True), detector_config)


@pytest.fixture(scope="module")
def signal(detector_config: DetectorConfig) -> Columns:
    config = example_config(b_candidate=True)
    parameters = living(config, 0.6) | {"decay_other_b": 0.0}
    return simulated_columns("b_to_k_scalar_mumu", 20, 1, parameters, detector_config)


def as_signal(as_events: Events, columns: Columns, **changed: Any) -> ak.Array:
    metadata = {"mass_gev": 0.6, "lifetime_ctau_cm": 100.0, "dataset": "signal_kplus_mumu_600MeV"}
    return as_events(columns, kind="signal", entrystart=1000, **(metadata | changed))


def with_first(columns: Columns, name: str, value: float) -> Columns:
    """Return the columns with another first value of one."""
    if not isinstance(columns[name], ak.Array):
        values = np.array(columns[name], dtype=np.float64)
        values[0] = value
        return {**columns, name: values}
    flat = np.array(ak.flatten(columns[name]), dtype=np.float64)
    flat[0] = value
    return {**columns, name: ak.unflatten(flat, ak.num(columns[name]))}


@pytest.mark.parametrize(
    "name",
    [
        *(f"track_{name}" for name in ("p", "theta", "phi", "charge", "dr", "dz")),
        *(f"vertex_{name}" for name in ("first", "second", "x", "y", "dr", "materialDistance")),
        *(f"photon_{name}" for name in ("E", "theta", "phi")),
        *("decayProperLength", "decayRadius", "decayTransverseMomentum", "generatorWeight", "__weight__"),
    ],
)
def test_numbers_that_are_not_finite(processor: DisplacedPairs, signal: Columns, as_events: Events, name: str) -> None:
    assert name in processor.required_columns("signal")
    with pytest.raises(EventContentError, match=name) as refused:
        processor.process(as_signal(as_events, with_first(signal, name, np.nan)))
    assert "a.parquet entr" in str(refused.value)
    assert "100" in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("vertex_first", -1), ("vertex_second", 2), ("vertex_second", 10**6)])
def test_vertices_of_no_track(detector_config: DetectorConfig, as_events: Events, name: str, value: int) -> None:
    processor = DisplacedPairs(example_config(b_candidate=False), detector_config)
    track = {f"track_{key}": ak.Array([[1.0, 1.0]] * 2) for key in ("p", "theta", "phi", "charge")}
    identification = {f"track_{key}ID": ak.Array([[1.0, 1.0]] * 2) for key in ("electron", "muon", "pion", "kaon")}
    vertex = {"first": 0, "second": 1, "x": 1.0, "y": 0.0, "dr": 1.0, "materialDistance": 1.0}
    columns = {
        **track,
        **identification,
        **{f"vertex_{key}": ak.Array([[], [number]]) for key, number in vertex.items()},
        **{f"l1_{line}": np.ones(2) for line in processor.config.selection.trigger_lines},
        "__weight__": np.ones(2),
    }
    processor.process(as_events(columns, kind="data"))
    columns[name] = ak.Array([[], [value]])
    with pytest.raises(EventContentError, match=name) as refused:
        processor.process(as_events(columns, kind="data", entrystart=50))
    assert "entry 51" in str(refused.value)


def test_lists_of_different_length(processor: DisplacedPairs, signal: Columns, as_events: Events) -> None:
    for name in ("track_kaonID", "track_dz", "vertex_x", "vertex_materialDistance", "photon_phi"):
        place = int(np.flatnonzero(ak.num(signal[name]))[0])
        shorter = ak.concatenate([signal[name][:place], ak.Array([[]]), signal[name][place + 1 :]])
        with pytest.raises(EventContentError, match=f"'{name}' of an event differ in length"):
            processor.process(as_signal(as_events, {**signal, name: shorter}))


def test_signals_need_a_lifetime(processor: DisplacedPairs, signal: Columns, as_events: Events) -> None:
    metadata = {"kind": "signal", "dataset": "signal_kplus_mumu_600MeV", "mass_gev": 0.6}
    with pytest.raises(InputFileError, match="no lifetime"):
        processor.process(as_events(signal, **metadata))


def test_unknown_names(detector_config: DetectorConfig, processor: DisplacedPairs) -> None:
    content = example_config(b_candidate=False).model_dump(mode="json")
    content["selection"]["trigger_lines"] = ["ffa"]
    with pytest.raises(UnknownNameError, match="ffa"):
        DisplacedPairs(DisplacedSearchConfig.model_validate(content), detector_config)
    with pytest.raises(UnknownNameError, match="tests"):
        processor.required_columns("tests")


def test_columns_depend_on_the_kind(processor: DisplacedPairs, detector_config: DetectorConfig) -> None:
    columns = {kind: set(processor.required_columns(kind)) for kind in ("signal", "background", "data")}
    truth = {"track_mcPDG", "track_mcP", "track_mcTheta"}
    variables = {"track_electronID", "track_muonID", "track_pionID", "track_kaonID"}
    assert columns["background"] >= truth | {"generatorWeight"}
    assert not columns["background"] & variables
    assert columns["signal"] >= variables | {"decayProperLength", "generatorWeight"}
    assert not columns["signal"] & truth
    assert columns["data"] == columns["signal"] - {
        "generatorWeight",
        "decayProperLength",
        "decayRadius",
        "decayTransverseMomentum",
    }
    assert processor.required_columns("pseudo_data") == processor.required_columns("data")
    alone = DisplacedPairs(example_config(b_candidate=False), detector_config)
    assert not {"photon_E", "track_dr", "track_dz", "track_mcP"} & set(alone.required_columns("background"))
    assert variables <= set(alone.required_columns("background"))


def test_only_the_columns_named_are_read(processor: DisplacedPairs, signal: Columns, as_events: Events) -> None:
    read = {name: signal[name] for name in processor.required_columns("signal")}
    processor.process(as_signal(as_events, read))


@pytest.mark.parametrize(
    "key",
    [
        ("selection", "identification", "value"),
        ("selection", "b_candidate", "energy_difference", "value"),
        ("regions", 0, "resolution", "knots", 0, 1),
        ("regions", 1, "vetoes", 0, "mass", "high"),
        ("mass", "cells_per_resolution"),
        ("lifetimes_cm", 0),
        ("radius_edges", 1),
    ],
)
def test_identity_knows_the_search(detector_config: DetectorConfig, key: tuple[Any, ...]) -> None:
    config = example_config(b_candidate=True)
    content = config.model_dump(mode="json")
    place: Any = content
    for step in key[:-1]:
        place = place[step]
    place[key[-1]] *= 1.01
    other = DisplacedSearchConfig.model_validate(content)
    assert DisplacedPairs(config, detector_config).identity() != DisplacedPairs(other, detector_config).identity()


def test_identity_knows_the_identification_of_weighted_background(detector_config: DetectorConfig) -> None:
    content = detector_config.model_dump(mode="json")
    content["scales"]["misidentification"]["value"] = 1.1
    table = detector_config.model_dump(mode="json")
    table["identification"]["kaon"]["pion"]["values"][0][0] += 0.001
    point = detector_config.model_dump(mode="json")
    point["identification"]["electron"]["working_point"] = 0.8
    unused = detector_config.model_dump(mode="json")
    unused["tracks"]["efficiency"]["value"] = 0.9
    for b_candidate, changed, differs in (
        (True, content, True),
        (True, table, True),
        (True, point, True),
        (True, unused, False),
        (False, content, False),
        (False, table, False),
        (False, point, True),
    ):
        config = example_config(b_candidate)
        identities = [
            DisplacedPairs(config, detector).identity()
            for detector in (detector_config, DetectorConfig.model_validate(changed))
        ]
        assert (identities[0] != identities[1]) == differs

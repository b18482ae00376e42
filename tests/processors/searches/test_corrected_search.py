"""Corrections inside the axion search, against the plain selection, plain arithmetic and the uncorrected processor."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import hist
import numpy as np
import pytest
from coffea.nanoevents.methods import base

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import ConfigError, EventContentError
from darkreach.histograms import region_edges
from darkreach.searches import AxionToPhotons
from darkreach.searches.photon_events import PhotonArrays
from darkreach.searches.photon_selection import ThreePhotonSelection

ENERGY, THETA = [0.0, 1.0, 3.0, 20.0], [0.0, 1.2, 1.8, 3.2]
NOMINAL = np.array([[0.9, 0.95, 1.02], [0.97, 1.0, 0.99], [1.01, 1.03, 0.98]])
STEP = np.array([[0.05, 0.02, 0.03], [0.01, 0.02, 0.01], [0.005, 0.01, 0.02]])
SCALE = {"nominal": [0.99, 1.0, 1.01], "up": [0.995, 1.004, 1.016], "down": [0.985, 0.996, 1.004]}


def payload(name: str, tables: dict[str, Any], edges: dict[str, list[float]]) -> dict[str, Any]:
    def node(values: Any) -> dict[str, Any]:
        if len(edges) == 1:
            (own,) = edges
            return {"nodetype": "binning", "input": own, "edges": edges[own], "content": list(values), "flow": "error"}
        content = np.asarray(values).reshape(-1).tolist()
        multi = {"nodetype": "multibinning", "inputs": list(edges), "edges": list(edges.values())}
        return {**multi, "content": content, "flow": "error"}

    items = [{"key": key, "value": node(values)} for key, values in tables.items()]
    inputs = [{"name": "variation", "type": "string"}, *({"name": one, "type": "real"} for one in edges)]
    data = {"nodetype": "category", "input": "variation", "content": items}
    return {"name": name, "version": 1, "inputs": inputs, "output": {"name": "w", "type": "real"}, "data": data}


PAYLOAD = {
    "schema_version": 2,
    "corrections": [
        payload("efficiency", {"nominal": NOMINAL, "up": NOMINAL + STEP, "down": NOMINAL - STEP},
                {"energy": ENERGY, "theta": THETA}),
        payload("narrow", {"nominal": [1.0], "up": [1.1], "down": [0.9]}, {"energy": [1.0, 20.0]}),
        payload("unity", {"nominal": [1.0], "up": [1.0], "down": [1.0]}, {"energy": [0.0, 20.0]}),
        payload("scale", SCALE, {"theta": THETA}),
        payload("trigger", {"nominal": [0.5, 0.8], "up": [0.6, 0.9], "down": [0.4, 0.7]}, {"bit": [-0.5, 0.5, 1.5]}),
    ],
}  # fmt: skip
NUISANCE = [{"correlation": "gamma_efficiency", "up": "up", "down": "down", "component": "systematic"}]
COMMON = {"payload": "p.json", "source": "test", "version": "1", "variation_input": "variation"}
EFFICIENCY = {**COMMON, "name": "efficiency", "kind": "weight", "correction": "efficiency",
              "inputs": {"energy": "E", "theta": "theta"}, "nuisances": NUISANCE}  # fmt: skip
NARROW = {**EFFICIENCY, "correction": "narrow", "inputs": {"energy": "E"}}
UNITY = {**EFFICIENCY, "correction": "unity", "inputs": {"energy": "E"}}
SCALING = {**COMMON, "name": "scaling", "kind": "shift", "correction": "scale", "inputs": {"theta": "theta"},
           "shifts": {"column": "E", "operation": "scale"},
           "nuisances": [{**NUISANCE[0], "correlation": "gamma_scale"}]}  # fmt: skip
TRIGGER = {**COMMON, "name": "trigger", "kind": "weight", "correction": "trigger", "inputs": {"bit": "L1FTDL"},
           "nuisances": [{**NUISANCE[0], "correlation": "trigger"}]}  # fmt: skip


def processed(processor: AxionToPhotons, columns: dict[str, Any], **metadata: Any) -> dict[str, hist.Hist]:
    chosen = {name: columns[name] for name in processor.required_columns(metadata["kind"])}
    parameters = {"__record__": "NanoEvents", "metadata": {"dataset": "one", "filename": "a.root"} | metadata}
    record = ak.contents.RecordArray([ak.to_layout(value) for value in chosen.values()], list(chosen))
    made: dict[str, hist.Hist] = processor.process(
        ak.Array(record.copy(parameters=parameters), behavior=base.behavior)
    )["histograms"]
    return made


@pytest.fixture
def make(tmp_path: Path, search_config: AxionConfig, detector_config: DetectorConfig) -> Callable[..., AxionToPhotons]:
    """Return a maker of processors with corrections."""

    def made(*descriptions: dict[str, Any]) -> AxionToPhotons:
        (tmp_path / "p.json").write_text(json.dumps(PAYLOAD))
        path = tmp_path / "some.corrections.yaml"
        path.write_text(json.dumps({"corrections": descriptions}))
        return AxionToPhotons(search_config.model_copy(update={"corrections": (str(path),)}), detector_config)

    return made


@pytest.fixture(scope="module")
def columns(photon_columns: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    made = photon_columns(4000, 11)
    return {**made, "L1FTDL": np.random.default_rng(3).choice([0.0, 1.0], 4000)}


@pytest.fixture(scope="module")
def plain(search_config: AxionConfig, detector_config: DetectorConfig) -> AxionToPhotons:
    return AxionToPhotons(search_config, detector_config)


def bins(histograms: dict[str, hist.Hist], variation: str) -> dict[str, np.ndarray]:
    chosen = {name: made for name, made in histograms.items() if name.startswith(("region/", "signal_shape/"))}
    one = {name: made[{"variation": variation}] for name, made in chosen.items()}
    return {name: np.stack([made.values(flow=True), made.variances(flow=True)]) for name, made in one.items()}


def equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray], rtol: float = 1e-11) -> None:
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_allclose(values, other[name], rtol=rtol, atol=1e-11)


def by_hand(config: AxionConfig, detector: DetectorConfig, columns: dict[str, Any], factor: Any) -> dict[str, Any]:
    """Fill the regions with hist: plain selection, a weight ``factor(energy, theta)`` for each of the three photons."""
    tracks = columns["nTracks"] == 0.0
    lists = {name: columns[name][tracks] for name in ("E", "theta", "phi")}
    flat = PhotonArrays(*(ak.to_numpy(ak.flatten(one)) for one in lists.values()))
    counts = ak.to_numpy(ak.num(lists["E"]))
    plain = ThreePhotonSelection(config.selection, detector)
    selected = plain.select(plain.kinematics(flat), np.concatenate([[0], np.cumsum(counts)]))
    weight = (columns["__weight__"] * columns["generatorWeight"])[tracks][selected.event]
    weight = weight * factor(flat.energy[selected.photons], flat.theta[selected.photons]).prod(axis=1)
    found = {}
    for region in config.regions:
        made = hist.Hist(hist.axis.Variable(region_edges(region, config, plain.sqrt_s)), storage=hist.storage.Weight())
        passes = selected.minimum_energy_cm > region.minimum_photon_energy_cm.value
        for pairing in range(3):
            made.fill(selected.squared_masses[region.observable][passes, pairing], weight=weight[passes])
        found[f"region/{region.name}"] = np.stack([made.values(flow=True), made.variances(flow=True)])
    return found


@pytest.mark.agreement
def test_weights_of_photons(
    make: Callable[..., AxionToPhotons],
    columns: dict[str, Any],
    search_config: AxionConfig,
    detector_config: DetectorConfig,
) -> None:
    found = processed(make(EFFICIENCY), columns, kind="background")
    tables = {
        "nominal": NOMINAL,
        "gamma_efficiency_up": NOMINAL + STEP,
        "gamma_efficiency_down": NOMINAL - STEP,
    }
    for variation, table in tables.items():

        def factor(energy: np.ndarray, theta: np.ndarray, table: np.ndarray = table) -> np.ndarray:
            return np.asarray(table[np.digitize(energy, ENERGY) - 1, np.digitize(theta, THETA) - 1])

        expected = by_hand(search_config, detector_config, columns, factor)
        for name, values in expected.items():
            made = found[name][{"dataset": "one", "variation": variation}]
            np.testing.assert_allclose(
                np.stack([made.values(flow=True), made.variances(flow=True)]), values, rtol=1e-10, atol=1e-10
            )
    assert found["region/pair_mass_low"][{"variation": "nominal"}].sum().value > 100.0


def test_kinematic_variations_carry_the_nominal_weight(make: Callable[..., AxionToPhotons], columns: dict[str, Any],
                                                       plain: AxionToPhotons) -> None:  # fmt: skip
    """With one factor for all photons every variation is the plain one times its cube."""
    flat = json.loads(json.dumps(PAYLOAD))
    for table in flat["corrections"][2]["data"]["content"]:
        table["value"]["content"] = [{"nominal": 0.9, "up": 1.0, "down": 0.8}[table["key"]]]
    processor = make(UNITY)
    Path(processor.config.corrections[0]).with_name("p.json").write_text(json.dumps(flat))
    processor = AxionToPhotons(processor.config, processor.detector)
    found, before = (processed(one, columns, kind="signal", mass_gev=4.4) for one in (processor, plain))
    for variation in plain.variations:
        scaled = {n: v * np.array([0.9**3, 0.9**6])[:, None, None] for n, v in bins(before, variation).items()}
        equal(bins(found, variation), scaled)
    for variation, factor in (("gamma_efficiency_up", 1.0), ("gamma_efficiency_down", 0.8)):
        scaled = {n: v * np.array([factor**3, factor**6])[:, None, None] for n, v in bins(before, "nominal").items()}
        equal(bins(found, variation), scaled)


@pytest.mark.agreement
def test_shifts_move_photons_before_the_selection(
    make: Callable[..., AxionToPhotons], columns: dict[str, Any], plain: AxionToPhotons
) -> None:
    found = processed(make(SCALING), columns, kind="signal", mass_gev=4.4)
    which = np.digitize(ak.flatten(columns["theta"]), THETA) - 1
    counts = ak.num(columns["E"])
    for variation, key in (("nominal", "nominal"), ("gamma_scale_up", "up"), ("gamma_scale_down", "down")):
        moved = columns["E"] * ak.unflatten(np.asarray(SCALE[key])[which], counts)
        equal(
            bins(found, variation),
            bins(processed(plain, {**columns, "E": moved}, kind="signal", mass_gev=4.4), "nominal"),
        )
    assert not np.array_equal(
        *(found["region/pair_mass_low"][{"variation": v}].values() for v in ("nominal", "gamma_scale_up"))
    )


def test_a_correction_of_one_changes_nothing(
    make: Callable[..., AxionToPhotons], columns: dict[str, Any], plain: AxionToPhotons
) -> None:
    found, before = (processed(one, columns, kind="background") for one in (make(UNITY), plain))
    for variation in plain.variations:
        equal(bins(found, variation), bins(before, variation), rtol=0.0)
    for variation in ("gamma_efficiency_up", "gamma_efficiency_down"):
        equal(bins(found, variation), bins(before, "nominal"), rtol=0.0)
    for name in ("cutflow", "cutflow_entries", "decay_boost/recoil_mass"):
        assert found[name] == before[name]


def test_columns_of_the_event_and_a_nuisance_of_both_kinds(
    make: Callable[..., AxionToPhotons], columns: dict[str, Any], plain: AxionToPhotons
) -> None:
    """A trigger factor an event, and one parameter that moves the energies and the factor together."""
    both = {**TRIGGER, "nuisances": [{**NUISANCE[0], "correlation": "gamma_scale"}]}
    processor = make(SCALING, both)
    assert processor.required_columns("background")[-1] == "L1FTDL"
    found = processed(processor, columns, kind="background")
    counts, which = ak.num(columns["E"]), np.digitize(ak.flatten(columns["theta"]), THETA) - 1
    trigger = {"nominal": [0.5, 0.8], "up": [0.6, 0.9], "down": [0.4, 0.7]}
    for variation, key in (("nominal", "nominal"), ("gamma_scale_up", "up"), ("gamma_scale_down", "down")):
        moved = columns["E"] * ak.unflatten(np.asarray(SCALE[key])[which], counts)
        weight = columns["generatorWeight"] * np.asarray(trigger[key])[columns["L1FTDL"].astype(int)]
        changed = {**columns, "E": moved, "generatorWeight": weight}
        equal(bins(found, variation), bins(processed(plain, changed, kind="background"), "nominal"))


def test_data_get_what_is_declared_for_data(
    make: Callable[..., AxionToPhotons], columns: dict[str, Any], plain: AxionToPhotons
) -> None:
    recorded = {**SCALING, "name": "recorded", "nuisances": [], "samples": "data"}
    processor = make(EFFICIENCY, recorded)
    assert processor.required_columns("data") == plain.required_columns("data")
    moved = columns["E"] * ak.unflatten(
        np.asarray(SCALE["nominal"])[np.digitize(ak.flatten(columns["theta"]), THETA) - 1], ak.num(columns["E"])
    )
    found = processed(processor, columns, kind="data")
    equal(bins(found, "nominal"), bins(processed(plain, {**columns, "E": moved}, kind="data"), "nominal"), rtol=0.0)
    assert found["region/pair_mass_low"][{"variation": "gamma_efficiency_up"}].sum().value == 0.0
    simulated, alone = (processed(one, columns, kind="background") for one in (processor, make(EFFICIENCY)))
    equal(bins(simulated, "gamma_efficiency_up"), bins(alone, "gamma_efficiency_up"), rtol=0.0)
    with pytest.raises(ConfigError, match="data have no variations"):
        make({**SCALING, "samples": "data"})


def test_photons_outside_a_table_are_refused_or_counted(
    make: Callable[..., AxionToPhotons], columns: dict[str, Any]
) -> None:
    with pytest.raises(EventContentError, match="do not cover") as caught:
        processed(make(NARROW), columns, kind="background")
    assert "efficiency: " in caught.value.given and "candidates outside" in caught.value.given
    found = processed(make({**NARROW, "outside": "neutral"}), columns, kind="background")["correction_coverage"]
    seen, acted_on, outside = (float(found[0, 0, count]) for count in range(3))
    assert seen == acted_on == 3.0 * processed(make(UNITY), columns, kind="background")["cutflow_entries"][0, 4]
    assert 0.0 < outside < acted_on


def test_nan_in_a_column_of_a_correction(make: Callable[..., AxionToPhotons], columns: dict[str, Any]) -> None:
    broken = np.where(np.arange(4000) % 7 == 0, np.nan, columns["L1FTDL"])
    with pytest.raises(EventContentError, match="'trigger' cannot be evaluated") as caught:
        processed(make(TRIGGER), {**columns, "L1FTDL": broken}, kind="background")
    assert "NaN" in caught.value.given


def test_sampled_data_keep_their_variance_and_bad_rates_are_refused(
    plain: AxionToPhotons, columns: dict[str, Any]
) -> None:
    prescaled = {**columns, "__weight__": np.full(4000, 10.0)}
    one = {**columns, "__weight__": np.ones(4000)}
    sampled, counted = (processed(plain, each, kind="data")["region/pair_mass_low"] for each in (prescaled, one))
    np.testing.assert_array_equal(sampled.values(), 10.0 * counted.values())
    np.testing.assert_array_equal(sampled.variances(), 100.0 * counted.values())
    with pytest.raises(EventContentError, match="no inverse sampling rate") as caught:
        processed(plain, {**columns, "__weight__": np.full(4000, 0.3)}, kind="data")
    assert "a.root" in caught.value.where and "4000 between 0 and 1" in caught.value.given


def test_one_cause_counts_once(make: Callable[..., AxionToPhotons]) -> None:
    with pytest.raises(ConfigError, match="'photon_efficiency' is a variation of the search") as caught:
        make({**EFFICIENCY, "nuisances": [{**NUISANCE[0], "correlation": "photon_efficiency"}]})
    assert "leave photon_efficiency out of `variations`" in caught.value.next_step


def test_only_what_is_selected_by_can_be_shifted(make: Callable[..., AxionToPhotons]) -> None:
    with pytest.raises(ConfigError, match="shifts what this search does not select by"):
        make({**SCALING, "shifts": {"column": "clusterTiming", "operation": "offset"}})


def test_identity_tells_corrections_apart_and_the_processor_is_pickled(
    make: Callable[..., AxionToPhotons], columns: dict[str, Any], plain: AxionToPhotons
) -> None:
    processor = make(EFFICIENCY, SCALING)
    identities = [json.dumps(one.identity()) for one in (plain, processor, make(EFFICIENCY), make(SCALING, EFFICIENCY))]
    assert len(set(identities)) == 4
    assert json.dumps(pickle.loads(pickle.dumps(processor)).identity()) == identities[1]
    changed = json.loads(json.dumps(PAYLOAD))
    changed["corrections"][3]["data"]["content"][0]["value"]["content"][0] = 0.9900001
    Path(processor.config.corrections[0]).with_name("p.json").write_text(json.dumps(changed))
    path = Path(processor.config.corrections[0])
    path.write_text(json.dumps({"corrections": [EFFICIENCY, SCALING]}))
    same_words = AxionToPhotons(processor.config, processor.detector)
    assert json.dumps(same_words.identity()) != identities[1]
    again = pickle.loads(pickle.dumps(processor))
    for name, made in processed(processor, columns, kind="background").items():
        assert made == processed(again, columns, kind="background")[name]

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import awkward as ak
import correctionlib
import numpy as np
import pytest

from darkreach.configuration import config_path, read_config, unverified_numbers
from darkreach.corrections import CorrectionFile, Corrections, Coverage, read_corrections
from darkreach.errors import ConfigError, EventContentError, MissingColumnError

Writer = Callable[..., Path]
P_EDGES = [0.2, 0.5, 1.0, 4.0, 7.0]
THETA_EDGES = [0.3, 1.0, 1.6, 2.6]
EXAMPLE = config_path("corrections", "example_photon_corrections")


def pid_tables(seed: int = 5) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    nominal, size = random.uniform(0.8, 1.2, (4, 3)), random.uniform(0.01, 0.1, (4, 3))
    return {"nominal": nominal, "up": nominal + size, "down": nominal - size}


@pytest.fixture
def pid(write_description: Writer, build: SimpleNamespace) -> Callable[..., Corrections]:
    """Return a maker of a PID correction in p and theta, with changes of its description and a flow rule."""

    def make(flow: Any = "error", **changes: Any) -> Corrections:
        nodes = {
            key: {"nodetype": "multibinning", "inputs": ["p", "theta"], "edges": [P_EDGES, THETA_EDGES],
                  "content": values.ravel().tolist(), "flow": flow}
            for key, values in pid_tables().items()
        }  # fmt: skip
        payload = build.payload(build.by_variation(nodes), {"p": "real", "theta": "real"})
        described = build.described("pid", "pid", inputs={"p": "p", "theta": "theta"}, **changes)
        return read_corrections([write_description(payload, described)])

    return make


def tracks(events: int, seed: int) -> dict[str, ak.Array]:
    random = np.random.default_rng(seed)
    counts = random.choice([0, 1, 2, 5], size=events)
    number = int(counts.sum())
    return {
        "p": ak.unflatten(random.uniform(0.2, 7.0, number), counts),
        "theta": ak.unflatten(random.uniform(0.3, 2.6, number), counts),
        "mcPDG": ak.unflatten(random.choice([11.0, -11.0, 211.0, np.nan], number), counts),
    }


def slow_product(table: np.ndarray, columns: dict[str, ak.Array], pdg: tuple[int, ...] | None = None) -> list[float]:
    """Every candidate by itself, in plain Python."""
    weights = []
    for event in zip(*(ak.to_list(columns[name]) for name in ("p", "theta", "mcPDG")), strict=True):
        weight = 1.0
        for p, theta, code in zip(*event, strict=True):
            if pdg is None or code in pdg:
                row = max(i for i, low in enumerate(P_EDGES[:-1]) if p >= low)
                column = max(i for i, low in enumerate(THETA_EDGES[:-1]) if theta >= low)
                weight *= table[row, column]
        weights.append(weight)
    return weights


@pytest.mark.parametrize("pdg", [None, (11, -11)])
def test_jagged_tracks_against_a_loop(pid: Callable[..., Corrections], pdg: tuple[int, ...] | None) -> None:
    columns = tracks(400, seed=1)
    corrections = pid(applies_to={"mcPDG": list(pdg)} if pdg else {})
    weights, variations = corrections.evaluate(columns)
    np.testing.assert_allclose(weights, slow_product(pid_tables()["nominal"], columns, pdg), rtol=1e-13)
    assert list(variations) == ["pid_up", "pid_down"]
    for side in ("up", "down"):
        expected = slow_product(pid_tables()[side], columns, pdg)
        np.testing.assert_allclose(variations[f"pid_{side}"], expected, rtol=1e-13)


@pytest.mark.agreement
def test_the_table_gives_what_correctionlib_gives(write_description: Writer, build: SimpleNamespace) -> None:
    # two kinds of bins among the variations, a category, a formula: nothing a grid importer writes
    formula = {"nodetype": "formula", "expression": "0.9+0.02*x", "parser": "TFormula", "variables": ["p"]}
    fine = build.binned([0.0, 0.3, 1.0, 3.0], [0.9, 1.0, 1.1])
    coarse = build.binned({"n": 2, "low": 0.0, "high": 3.0}, [0.8, formula])
    charge = {
        "nodetype": "category", "input": "charge",
        "content": [{"key": 1, "value": fine}, {"key": -1, "value": build.binned([0.0, 3.0], [0.7])}],
    }  # fmt: skip
    payload = build.payload(build.by_variation({"nominal": charge, "up": coarse, "down": fine}),
                            {"charge": "int", "p": "real"})  # fmt: skip
    path = write_description(payload, build.described(inputs={"charge": "charge", "p": "useCMSFrame(p)"}))
    random = np.random.default_rng(2)
    p, charges = random.uniform(0.0, 3.0, 500), random.choice([-1.0, 1.0], 500)
    weights, variations = read_corrections([path]).evaluate({"useCMSFrame(p)": p, "charge": charges})
    oracle = correctionlib.CorrectionSet.from_file(str(path.with_name("table.json")))["table"]
    for key, found in {
        "nominal": weights,
        "up": variations["tracking_up"],
        "down": variations["tracking_down"],
    }.items():
        np.testing.assert_array_equal(found, oracle.evaluate(key, charges.astype(np.int64), p))


def test_forms_of_columns_agree(pid: Callable[..., Corrections]) -> None:
    random = np.random.default_rng(4)
    p, theta = random.uniform(0.2, 7.0, (50, 3)), random.uniform(0.3, 2.6, (50, 3))
    regular, _ = pid().evaluate({"p": p, "theta": theta})
    jagged, _ = pid().evaluate({"p": ak.Array(p.tolist()), "theta": ak.Array(theta.tolist())})
    alone = [pid().evaluate({"p": p[:, i], "theta": theta[:, i]})[0] for i in range(3)]
    np.testing.assert_allclose(regular, jagged, rtol=1e-14)
    np.testing.assert_allclose(regular, np.prod(alone, axis=0), rtol=1e-14)
    # a column of the event serves all its candidates
    mixed, _ = pid().evaluate({"p": p, "theta": theta[:, 0]})
    whole, _ = pid().evaluate({"p": p, "theta": np.repeat(theta[:, :1], 3, axis=1)})
    np.testing.assert_array_equal(mixed, whole)


def test_chunks_and_pickling_change_nothing(pid: Callable[..., Corrections]) -> None:
    columns = tracks(200, seed=9)
    corrections = pid()
    weights, variations = corrections.evaluate(columns)
    copy = pickle.loads(pickle.dumps(corrections))  # noqa: S301
    parts = [copy.evaluate({name: values[part] for name, values in columns.items()})
             for part in (slice(0, 1), slice(1, 117), slice(117, 200))]  # fmt: skip
    np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), weights)
    np.testing.assert_array_equal(np.concatenate([part[1]["pid_up"] for part in parts]), variations["pid_up"])


def test_lower_edges_are_inside_and_upper_edges_outside(pid: Callable[..., Corrections]) -> None:
    weights, _ = pid().evaluate({"p": np.array([0.2, 4.0]), "theta": np.array([0.3, 1.6])})
    np.testing.assert_array_equal(weights, pid_tables()["nominal"][[0, 3], [0, 2]])
    for p, theta in ((7.0, 1.0), (math.nextafter(0.2, 0.0), 1.0), (1.0, 2.6)):
        with pytest.raises(EventContentError, match="1 of 1 candidates outside, in 1 events"):
            pid().evaluate({"p": np.array([p]), "theta": np.array([theta])})


@pytest.mark.parametrize("flow", ["error", "clamp", "wrap", 1.0])
def test_nothing_is_clamped_silently(pid: Callable[..., Corrections], flow: Any) -> None:
    columns = {"p": ak.Array([[0.3, 9.0], [0.1, 0.05], [1.0]]), "theta": ak.Array([[1.0, 1.0], [1.0, 1.0], [2.0]])}
    with pytest.raises(EventContentError, match="3 of 5 candidates outside, in 2 events"):
        pid(flow).evaluate(columns)
    # `outside: neutral` counts, and evaluate still refuses
    with pytest.raises(EventContentError, match="3 of 5 candidates outside, in 2 events"):
        pid(flow, outside="neutral").evaluate(columns)
    weights, variations, coverage = pid(flow, outside="neutral").evaluate_counted(columns)
    tables = pid_tables()
    np.testing.assert_allclose(weights, [tables["nominal"][0, 1], 1.0, tables["nominal"][2, 2]])
    np.testing.assert_allclose(variations["pid_down"], [tables["down"][0, 1], 1.0, tables["down"][2, 2]])
    assert coverage == (Coverage("pid", rows=5, applied=5, outside=3, events_outside=2, treatment="neutral"),)


def test_the_payloads_own_treatment_only_with_a_count(pid: Callable[..., Corrections]) -> None:
    columns = {"p": np.array([0.3, 9.0]), "theta": np.array([1.0, 1.0])}
    corrections = pid("clamp", outside="payload")
    assert corrections.silent_flows == {"pid": ("clamp",)}
    weights, _, coverage = corrections.evaluate_counted(columns)
    np.testing.assert_array_equal(weights, pid_tables()["nominal"][[0, 3], [1, 1]])
    assert (coverage[0].outside, coverage[0].treatment) == (1, "payload")
    with pytest.raises(EventContentError, match="itself refuses"):
        pid("error", outside="payload").evaluate_counted(columns)


def test_nan_inputs_are_counted_where_the_correction_acts(pid: Callable[..., Corrections]) -> None:
    columns = {
        "p": np.array([1.0, np.nan, np.nan, np.inf, 1.0]),
        "theta": np.ones(5),
        "mcPDG": np.array([11.0, 11.0, 11.0, 11.0, 211.0]),
    }
    with pytest.raises(EventContentError, match="2 NaN, 1 infinite, of 5"):
        pid().evaluate(columns)
    # tracks the correction does not act on may be anything
    muons, _, coverage = pid(applies_to={"mcPDG": [211]}).evaluate_counted(columns)
    np.testing.assert_array_equal(muons, [1.0, 1.0, 1.0, 1.0, pid_tables()["nominal"][2, 1]])
    assert (coverage[0].rows, coverage[0].applied) == (5, 1)


def test_an_infinite_edge_does_not_let_infinities_in(write_description: Writer, build: SimpleNamespace) -> None:
    payload = build.payload(build.binned([0.0, "inf"], [0.9]), {"p": "real"}, variations=False)
    path = write_description(payload, build.described(nuisance=None, variation_input=None))
    weights, variations = read_corrections([path]).evaluate({"p": np.array([0.0, 1e300])})
    assert weights.tolist() == [0.9, 0.9]
    assert variations == {}
    with pytest.raises(EventContentError, match="1 infinite"):
        read_corrections([path]).evaluate({"p": np.array([np.inf])})


def test_unknown_categories_are_outside_even_with_a_default(write_description: Writer, build: SimpleNamespace) -> None:
    category = {"nodetype": "category", "input": "charge", "content": [{"key": 1, "value": 0.9}], "default": 1.0}
    payload = build.payload(category, {"charge": "int"}, variations=False)
    described = build.described(nuisance=None, variation_input=None, inputs={"charge": "charge"})
    corrections = read_corrections([write_description(payload, described)])
    with pytest.raises(EventContentError, match="2 of 3 candidates outside"):
        corrections.evaluate({"charge": np.array([1.0, -1.0, 0.0])})
    with pytest.raises(EventContentError, match="1 values that are no integers"):
        corrections.evaluate({"charge": np.array([1.0, 0.5])})


def test_a_formula_that_turns_negative_is_counted(write_description: Writer, build: SimpleNamespace) -> None:
    formula = {"nodetype": "formula", "expression": "1-x", "parser": "TFormula", "variables": ["p"]}
    payload = build.payload(build.binned([0.0, 9.0], [formula]), {"p": "real"}, variations=False)
    path = write_description(payload, build.described(nuisance=None, variation_input=None))
    weights, _ = read_corrections([path]).evaluate({"p": np.array([0.25, 1.0])})
    assert weights.tolist() == [0.75, 0.0]
    with pytest.raises(EventContentError, match="2 values not finite or negative, of 3"):
        read_corrections([path]).evaluate({"p": np.array([2.0, 3.0, 0.5])})


def test_equal_names_vary_together(write_description: Writer, build: SimpleNamespace) -> None:
    tables = {"nominal": 0.9, "up": 0.95, "down": 0.8}
    payload = build.payload(build.by_variation({key: build.binned([0.0, 9.0], [v]) for key, v in tables.items()}),
                            {"p": "real"})  # fmt: skip
    described = [
        build.described("fast", "tracking", inputs={"p": "p_fast"}),
        build.described("slow", "tracking", inputs={"p": "p_slow"}),
        build.described("trigger", "trigger", inputs={"p": "p_fast"}),
    ]
    corrections = read_corrections([write_description(payload, *described)])
    assert corrections.nuisances == {"tracking": ("fast", "slow"), "trigger": ("trigger",)}
    assert corrections.columns == ("p_fast", "p_slow")
    weights, variations = corrections.evaluate({"p_fast": np.ones(1), "p_slow": np.ones(1)})
    assert weights.tolist() == pytest.approx([0.9**3])
    assert variations["tracking_up"].tolist() == pytest.approx([0.95**2 * 0.9])
    assert variations["tracking_down"].tolist() == pytest.approx([0.8**2 * 0.9])
    assert variations["trigger_up"].tolist() == pytest.approx([0.9**2 * 0.95])
    assert len(variations) == 4


def test_a_name_is_statistical_or_systematic(write_description: Writer, build: SimpleNamespace) -> None:
    tables = {key: build.binned([0.0, 9.0], [1.0]) for key in ("nominal", "up", "down")}
    payload = build.payload(build.by_variation(tables), {"p": "real"})
    statistical = {"correlation": "tracking", "up": "up", "down": "down", "component": "statistical"}
    path = write_description(payload, build.described("one"), build.described("two", nuisances=[statistical]))
    with pytest.raises(ConfigError, match="systematic and statistical"):
        read_corrections([path])


def test_columns_that_do_not_belong_together(pid: Callable[..., Corrections]) -> None:
    with pytest.raises(MissingColumnError, match="theta"):
        pid().evaluate({"p": np.ones(1), "tehta": np.ones(1)})
    for p, theta in (
        (ak.Array([[1.0], [1.0, 1.0]]), ak.Array([[1.0, 1.0], [1.0]])),
        (np.ones(3), np.ones(2)),
        (ak.Array([[1.0], [1.0]]), np.ones(3)),
    ):
        with pytest.raises(EventContentError, match="do not belong together"):
            pid().evaluate({"p": p, "theta": theta})
    with pytest.raises(EventContentError, match="missing values"):
        pid().evaluate({"p": ak.Array([[1.0, None]]), "theta": ak.Array([[1.0, 1.0]])})
    with pytest.raises(EventContentError, match="no numbers"):
        pid().evaluate({"p": np.array(["a"]), "theta": np.ones(1)})


def test_no_events_and_no_candidates(pid: Callable[..., Corrections]) -> None:
    weights, variations = pid().evaluate({"p": np.zeros(0), "theta": np.zeros(0)})
    assert weights.shape == variations["pid_up"].shape == (0,)
    empty = ak.unflatten(np.zeros(0), [0, 0, 0])
    weights, _ = pid().evaluate({"p": empty, "theta": empty})
    assert weights.tolist() == [1.0, 1.0, 1.0]


def test_the_shipped_example() -> None:
    corrections = read_corrections([EXAMPLE])
    assert corrections.columns == ("E", "theta")
    columns = {"E": ak.Array([[0.7, 3.0, 0.2], []]), "theta": ak.Array([[0.4, 1.2, 2.5], []])}
    weights, variations = corrections.evaluate(columns)
    np.testing.assert_allclose(weights, [0.990 * 1.0 * 0.985, 1.0])
    np.testing.assert_allclose(variations["photon_efficiency_up"], [1.002 * 1.005 * 1.005, 1.0])
    shifted, varied, coverage = corrections.shift(columns)
    assert shifted["E"].tolist() == columns["E"].tolist()
    np.testing.assert_allclose(varied["energy_scale_down"]["E"][0], [0.7 * 0.996, 3.0 * 0.998, 0.2 * 0.996])
    assert list(variations) == ["photon_efficiency_up", "photon_efficiency_down"]
    assert list(varied) == ["energy_scale_up", "energy_scale_down"]
    assert [one.outside for one in coverage] == [0]
    # invented numbers are listed as such
    listed = [number.key for number in unverified_numbers(read_config(EXAMPLE, CorrectionFile))]
    assert listed == ["corrections[0]", "corrections[1]"]


def test_scales_multiply_and_offsets_add(write_description: Writer, build: SimpleNamespace) -> None:
    def tables(values: dict[str, float]) -> Any:
        return build.by_variation({key: build.binned([0.0, 9.0], [value]) for key, value in values.items()})

    payload = build.payload(tables({"nominal": 1.02, "up": 1.05, "down": 1.01}), {"p": "real"})
    offset = build.payload(tables({"nominal": -0.1, "up": 0.2, "down": -0.4}), {"p": "real"}, name="offset")
    payload["corrections"] += offset["corrections"]
    scaled, moved = {"column": "p", "operation": "scale"}, {"column": "p", "operation": "offset"}
    path = write_description(
        payload,
        build.described("scale", "scale", kind="shift", shifts=scaled),
        build.described("offset", "offset", kind="shift", shifts=moved, correction="offset", outside="neutral"),
    )
    corrections = read_corrections([path])
    p = np.array([[1.0, 2.0], [3.0, 4.0]])
    shifted, varied, _ = corrections.shift({"p": p})
    np.testing.assert_allclose(shifted["p"], p * 1.02 - 0.1)
    np.testing.assert_allclose(varied["scale_up"]["p"], p * 1.05 - 0.1)
    np.testing.assert_allclose(varied["offset_down"]["p"], p * 1.02 - 0.4)
    with pytest.raises(EventContentError, match="scale: 1 of 4 candidates outside"):
        corrections.shift({"p": p * 2.5})
    # shifts take no part in the weights
    weights, variations = corrections.evaluate({"p": p})
    assert weights.tolist() == [1.0, 1.0]
    assert variations == {}

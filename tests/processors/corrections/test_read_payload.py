from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from darkreach.corrections import read_corrections, read_payload
from darkreach.corrections.bounded_text import read_bounded_text
from darkreach.errors import ConfigError, InputFileError, UnknownNameError

Writer = Callable[..., Path]


def test_plain_and_packed_payloads_are_the_same(tmp_path: Path, build: SimpleNamespace) -> None:
    text = json.dumps(build.payload(build.binned([0.0, 1.0], [0.5]), {"p": "real"}, variations=False))
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text.encode()))
    assert read_payload(tmp_path / "a.json") == read_payload(tmp_path / "a.json.gz")


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b" " * 5_000_000))
    assert path.stat().st_size < 10_000
    with pytest.raises(InputFileError, match="too large"):
        read_bounded_text(path, maximum=1_000_000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps({"schema_version": 2}), "cannot be read as text"),
        (b"not json", "not the JSON"),
        (b'{"schema_version": 2, "schema_version": 2}', "not the JSON"),
        (b'{"schema_version": 2, "corrections": [NaN]}', "not the JSON"),
        (b'{"schema_version": 2, "corrections": [1e400]}', "not the JSON"),
        (b"[" * 200_000, "not the JSON"),
        (b'{"schema_version": 1, "corrections": []}', "schema version 2"),
        (b"[1, 2]", "schema version 2"),
        (b'{"schema_version": 2, "corrections": [], "evil": 1}', "not a valid correctionlib payload"),
        (b'{"schema_version": 2, "corrections": [{"name": "a"}]}', "not a valid correctionlib payload"),
    ],
)
def test_what_is_no_payload_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputFileError, match=message):
        read_payload(tmp_path / "a.json")


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="not found"):
        read_payload(tmp_path / "none.json")
    (tmp_path / "half.json.gz").write_bytes(gzip.compress(b"{}" * 1000)[:-10])
    with pytest.raises(InputFileError, match="cannot be read"):
        read_payload(tmp_path / "half.json.gz")


@pytest.mark.parametrize(
    "node",
    [
        {"nodetype": "hashprng", "inputs": ["p"], "distribution": "normal"},
        {"nodetype": "transform", "input": "p", "rule": 0.5, "content": 1.0},
    ],
)
def test_nodes_without_a_range_are_refused_anywhere(tmp_path: Path, build: SimpleNamespace, node: Any) -> None:
    hidden = build.binned([0.0, 1.0], [1.0], flow=build.binned([1.0, 2.0], [node]))
    (tmp_path / "a.json").write_text(json.dumps(build.payload(hidden, {"p": "real"}, variations=False)))
    with pytest.raises(InputFileError, match=node["nodetype"]):
        read_payload(tmp_path / "a.json")


@pytest.fixture
def payload(build: SimpleNamespace) -> dict[str, Any]:
    tables = {key: build.binned([0.0, 1.0, 2.0], values) for key, values in
              {"nominal": [1.0, 1.1], "up": [1.2, 1.3], "down": [0.8, 0.9]}.items()}  # fmt: skip
    return build.payload(build.by_variation(tables), {"p": "real"})


def test_unknown_key_is_named_with_its_line(write_description: Writer, build: SimpleNamespace, payload: Any) -> None:
    described = build.described() | {"nuisances": [], "soruce": "x"}
    del described["source"]
    path = write_description(payload, described)
    with pytest.raises(ConfigError, match="unknown key") as caught:
        read_corrections([path])
    line = path.read_text().splitlines()[int(str(caught.value.where).rsplit(":", 1)[1]) - 1]
    assert "soruce" in line
    assert "source" in str(caught.value.next_step)


@pytest.mark.parametrize("name", ["../table.json", "/etc/table.json", "table.pkl", "sub/table.json", ".table.json"])
def test_payloads_stand_beside_their_description(
    write_description: Writer, build: SimpleNamespace, payload: Any, name: str
) -> None:
    with pytest.raises(ConfigError, match="payload"):
        read_corrections([write_description(payload, build.described(payload=name))])


def test_misspelt_names_are_answered_with_the_known_ones(
    write_description: Writer, build: SimpleNamespace, payload: Any
) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'table'"):
        read_corrections([write_description(payload, build.described(correction="tabel"))])
    nuisance = {"correlation": "t", "up": "upp", "down": "down", "component": "systematic"}
    with pytest.raises(UnknownNameError, match="did you mean 'up'"):
        read_corrections([write_description(payload, build.described(nuisances=[nuisance]))])


def test_default_of_a_variation_does_not_hide_a_misspelt_one(
    write_description: Writer, build: SimpleNamespace, payload: Any
) -> None:
    payload["corrections"][0]["data"]["default"] = 1.0
    nuisance = {"correlation": "t", "up": "upp", "down": "down", "component": "systematic"}
    with pytest.raises(UnknownNameError, match="upp"):
        read_corrections([write_description(payload, build.described(nuisances=[nuisance]))])


def test_description_and_payload_must_agree(write_description: Writer, build: SimpleNamespace, payload: Any) -> None:
    for changes, message in (
        ({"inputs": {"momentum": "p"}}, "inputs of"),
        ({"inputs": {"p": "p", "theta": "theta"}}, "inputs of"),
        ({"variation_input": None, "nuisances": []}, "inputs of"),
        ({"variation_input": "p", "inputs": {"variation": "p"}}, "only the variation input is a text"),
        ({"kind": "shift"}, "shifts"),
        ({"variation_input": None}, "variation_input"),
    ):
        with pytest.raises(ConfigError, match=message):
            read_corrections([write_description(payload, build.described(**changes))])
    with pytest.raises(ConfigError, match="same name"):
        read_corrections([write_description(payload, build.described(), build.described())])


def test_variations_that_change_nothing_are_refused(write_description: Writer, build: SimpleNamespace) -> None:
    payload = build.payload(build.binned([0.0, 1.0], [1.0]), {"p": "real"})
    with pytest.raises(ConfigError, match="never looks at its variation"):
        read_corrections([write_description(payload, build.described())])


def test_weights_below_zero_are_counted(write_description: Writer, build: SimpleNamespace, payload: Any) -> None:
    payload["corrections"][0]["data"]["content"][2]["value"]["content"] = [-0.5, -0.1]
    with pytest.raises(InputFileError, match="2 of 2 bins in 'down'"):
        read_corrections([write_description(payload, build.described())])


def test_a_formula_that_is_none_is_refused(write_description: Writer, build: SimpleNamespace) -> None:
    formula = {"nodetype": "formula", "expression": "import os", "parser": "TFormula", "variables": ["p"]}
    payload = build.payload(build.binned([0.0, 1.0], [formula]), {"p": "real"}, variations=False)
    with pytest.raises(InputFileError, match="correctionlib refuses"):
        read_corrections([write_description(payload, build.described(nuisance=None, variation_input=None))])


def test_every_change_changes_the_digest(write_description: Writer, build: SimpleNamespace, payload: Any) -> None:
    def digest(*descriptions: dict[str, Any]) -> str:
        return read_corrections([write_description(payload, *descriptions)]).digest

    digests = [
        digest(build.described()),
        digest(build.described(version="2")),
        digest(build.described(), build.described("second")),
        digest(build.described("second"), build.described()),
    ]
    payload["corrections"][0]["data"]["content"][1]["value"]["content"][0] += 1e-12
    digests.append(digest(build.described()))
    assert len(set(digests)) == 5
    assert digest(build.described()) == digests[-1]


def test_silent_flows_are_found_wherever_they_stand(write_description: Writer, build: SimpleNamespace) -> None:
    inner = build.binned([0.0, 1.0], [1.0], flow="clamp", name="q")
    outer = build.binned([0.0, 1.0], [inner], flow="wrap")
    items = [{"key": 1, "value": outer}]
    category = {"nodetype": "category", "input": "charge", "content": items, "default": 1.0}
    payload = build.payload(category, {"p": "real", "q": "real", "charge": "int"}, variations=False)
    inputs = {"p": "p", "q": "q", "charge": "charge"}
    one = build.described(nuisance=None, variation_input=None, inputs=inputs)
    assert read_corrections([write_description(payload, one)]).silent_flows == {
        "tracking": ("clamp", "default", "wrap")
    }

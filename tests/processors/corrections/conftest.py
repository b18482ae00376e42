"""Small correctionlib payloads and their descriptions, written into a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

VARIATION = {"name": "variation", "type": "string"}


def binned(edges: list[float], content: list[Any], flow: Any = "error", name: str = "p") -> dict[str, Any]:
    return {"nodetype": "binning", "input": name, "edges": edges, "content": content, "flow": flow}


def by_variation(tables: dict[str, Any]) -> dict[str, Any]:
    items = [{"key": key, "value": value} for key, value in tables.items()]
    return {"nodetype": "category", "input": "variation", "content": items}


def payload_of(data: Any, inputs: dict[str, str], *, variations: bool = True, name: str = "table") -> dict[str, Any]:
    variables = [{"name": key, "type": kind} for key, kind in inputs.items()]
    return {
        "schema_version": 2,
        "corrections": [
            {
                "name": name,
                "version": 1,
                "inputs": [*([VARIATION] if variations else []), *variables],
                "output": {"name": "weight", "type": "real"},
                "data": data,
            }
        ],
    }


def described(name: str = "tracking", nuisance: str | None = "tracking", **changes: Any) -> dict[str, Any]:
    nuisances = [{"correlation": nuisance, "up": "up", "down": "down", "component": "systematic"}] if nuisance else []
    return {
        "name": name,
        "kind": "weight",
        "payload": "table.json",
        "correction": "table",
        "source": "test",
        "version": "1",
        "inputs": {"p": "p"},
        "variation_input": "variation",
        "nuisances": nuisances,
        **changes,
    }


@pytest.fixture(scope="session")
def build() -> SimpleNamespace:
    """Return the builders of payloads and descriptions."""
    return SimpleNamespace(binned=binned, by_variation=by_variation, payload=payload_of, described=described)


@pytest.fixture
def write_description(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer: (payload, descriptions) -> path of the description file."""

    def write(payload: Any, *descriptions: dict[str, Any], stem: str = "table") -> Path:
        (tmp_path / f"{stem}.json").write_text(json.dumps(payload))
        path = tmp_path / f"{stem}.corrections.yaml"
        path.write_text(json.dumps({"corrections": list(descriptions)}, indent=1))
        return path

    return write

"""The command from a file of limits and a model to a file of couplings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkreach.command_line.reinterpret import command
from darkreach.couplings.couplings_file import read_couplings
from darkreach.couplings.lifetime_limits import LifetimeLimit
from darkreach.couplings.lifetime_limits_file import write_lifetime_limits

HEADER = {"quantity": "BR", "confidence_level": "0.9", "luminosity": "1/ab", "data": "pseudo-data"}


def published(path: Path, quantile: str) -> Path:
    limits = [LifetimeLimit("mumu", 0.5, float(ctau), quantile, 1e-7) for ctau in np.geomspace(0.1, 10.0, 9)]
    return write_lifetime_limits(path, limits, HEADER)


def model(path: Path, rate: float) -> Path:
    rows = [f"0.5,{g!r},{1e-6 / g**2!r},{rate * g**2!r}" for g in (1e-6, 1.0)]
    path.write_text("\n".join(["# coupling: g", "mass_gev,coupling,ctau_cm,mumu", *rows]), encoding="utf-8")
    return path


def test_an_island_is_written_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "couplings.csv"
    command(
        published(tmp_path / "limits.csv", "observed"), model(tmp_path / "model.csv", 1.0), out, tmp_path / "r.json"
    )
    # rate = 1e-7 at g = 3.16e-4, where c tau is 10 cm; the shortest lifetime of 0.1 cm is that of g = 3.16e-3
    (interval,) = read_couplings(out)
    assert (interval.lower, interval.upper) == (
        pytest.approx(10**-3.5, rel=1e-6),
        pytest.approx(10**-2.5, rel=1e-6),
    )
    assert "0.0003162" in capsys.readouterr().out
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["intervals"] == 1
    assert "# confidence_level: 0.9" in out.read_text(encoding="utf-8")


def test_expected_limits_serve_where_nothing_was_observed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(published(tmp_path / "limits.csv", "0"), model(tmp_path / "model.csv", 1.0), tmp_path / "couplings.csv")
    assert "0.003162" in capsys.readouterr().out


def test_nothing_excluded_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "couplings.csv"
    command(published(tmp_path / "limits.csv", "observed"), model(tmp_path / "model.csv", 1e-4), out)
    assert read_couplings(out) == []
    assert "nothing of this model is excluded" in capsys.readouterr().out

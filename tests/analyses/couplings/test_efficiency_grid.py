"""Efficiency grids: interpolation, ends, gaps, refusals, and their file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from darkreach.couplings.efficiency_grid import EfficiencyGrid
from darkreach.couplings.efficiency_grid_file import read_efficiency_grids, write_efficiency_grids
from darkreach.errors import InputFileError, LimitError, OutputError

MASSES, CTAUS = np.array([0.5, 1.0, 2.0]), np.array([0.01, 1.0, 100.0])
TABLE = np.array([[0.1, 0.3, 0.05], [0.2, 0.4, 0.1], [0.3, 0.5, 0.2]])


@pytest.fixture
def grid() -> EfficiencyGrid:
    return EfficiencyGrid("mumu", MASSES, CTAUS, TABLE, 0.01 * TABLE, 1e3 * TABLE, ((1.2, 1.3),))


def test_nodes_and_straight_lines_between_them(grid: EfficiencyGrid) -> None:
    for i, mass in enumerate(MASSES):
        np.testing.assert_allclose(grid.at(float(mass), CTAUS), TABLE[i], rtol=1e-14)
    # half-way in log(c tau), and a quarter in mass
    assert float(grid.at(1.0, 0.1)) == pytest.approx(0.3, rel=1e-12)
    assert float(grid.at(1.25 - 0.05001, 10.0)) == pytest.approx(0.25 + 0.19999 * 0.1, rel=1e-9)


def test_lifetimes_outside_of_the_grid(grid: EfficiencyGrid) -> None:
    assert float(grid.at(1.0, 0.00999)) == 0.0
    np.testing.assert_allclose(grid.at(1.0, np.array([1e2, 1e3, 1e6])), [0.1, 0.01, 1e-5], rtol=1e-12)
    assert grid.at(1.0, np.ones((2, 3))).shape == (2, 3)


def test_nothing_is_seen_in_a_gap_and_masses_outside_are_refused(grid: EfficiencyGrid) -> None:
    assert not grid.covers(1.25)
    assert grid.covers(1.31)
    assert grid.at(1.25, CTAUS).tolist() == [0.0, 0.0, 0.0]
    for mass in (0.49, 2.01):
        assert not grid.covers(mass)
        with pytest.raises(LimitError, match="not known at this mass") as refused:
            grid.at(mass, 1.0)
        assert refused.value.allowed == "0.5 to 2 GeV"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("masses_gev", MASSES[::-1]),
        ("ctaus_cm", np.array([0.0, 1.0, 2.0])),
        ("efficiency", 3.0 * TABLE),
        ("efficiency", TABLE[:2]),
        ("efficiency", np.where(TABLE == 0.5, np.nan, TABLE)),
        ("error", -TABLE),
        ("effective_events", TABLE[:, :2]),
        ("gaps_gev", ((1.0, 0.9),)),
    ],
)
def test_what_is_no_grid_is_refused(grid: EfficiencyGrid, name: str, value: object) -> None:
    with pytest.raises(LimitError, match=name):
        replace(grid, **{name: value})


def test_files_hold_everything(grid: EfficiencyGrid, tmp_path: Path) -> None:
    other = EfficiencyGrid("ee", MASSES[:1], CTAUS, TABLE[:1], TABLE[:1], np.full((1, 3), np.inf))
    path = write_efficiency_grids(tmp_path / "grid.csv", [grid, other], {"search": "displaced"})
    read = read_efficiency_grids(path)
    assert list(read) == ["mumu", "ee"]
    for before, after in ((grid, read["mumu"]), (other, read["ee"])):
        for name in ("masses_gev", "ctaus_cm", "efficiency", "error", "effective_events"):
            np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-6)
        assert after.gaps_gev == before.gaps_gev
    text = path.read_text(encoding="utf-8")
    assert "ctau_cm (mean proper decay length) in cm" in text
    assert text.startswith("# search: displaced\n")


def test_faults_of_files_name_the_line(grid: EfficiencyGrid, tmp_path: Path) -> None:
    path = write_efficiency_grids(tmp_path / "grid.csv", [grid], {})
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index("channel,mass_gev,ctau_cm,efficiency,error,effective_events")

    def fault(changed: list[str]) -> str:
        path.write_text("\n".join(changed), encoding="utf-8")
        with pytest.raises(InputFileError) as refused:
            read_efficiency_grids(path)
        return str(refused.value)

    assert f"grid.csv:{start + 3}" in fault([*lines[: start + 2], "mumu,0.5,much,0,0,0", *lines[start + 3 :]])
    assert f"grid.csv:{start + 1}" in fault(lines[:start] + lines[start + 1 :])
    assert "8 rows of mumu for 3 masses and 3 lifetimes" in fault(lines[:-1])
    assert "stand together" in fault([*lines, "ee,1,1,0,0,0", *lines[start + 1 :]])
    assert "out of range" in fault([line.replace(",0.5,0.005,", ",1.5,0.005,") for line in lines])
    with pytest.raises(InputFileError, match="cannot read"):
        read_efficiency_grids(tmp_path / "absent.csv")


def test_two_grids_of_one_channel_are_not_written(grid: EfficiencyGrid, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="one channel"):
        write_efficiency_grids(tmp_path / "grid.csv", [grid, grid], {})
    with pytest.raises(OutputError, match="line break"):
        write_efficiency_grids(tmp_path / "grid.csv", [grid], {"search": "two\nlines"})

"""SysVar tables of one to three variables against loops over their rows, and what cannot be imported."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from darkreach.corrections import ImportSettings, import_sysvar_table, import_sysvar_yaml, read_corrections
from darkreach.errors import ConfigError, InputFileError, MissingColumnError

SETTINGS = ImportSettings("k_short", "test", "1", "k_short")
EDGES = {"p": [0.0, 0.5, 1.0, 3.0], "theta": [0.0, 1.0, 2.0, 3.2], "flightDistance": [0.0, 2.0, 50.0]}
# SysVar's own example, configs/sysvar_101/1D_csv_correction.csv
EXAMPLE = """\
dependant_variable_1,p_unit,p_label,p_min,p_max,central_value,stat_corr,sys_corr,stat_uncorr,sys_uncorr,total_error,PDG,mcPDG
p,GeV,,0.5,1.0,1.5,0.02,0.003,0.03,,0.036180105,"[211, -211]",
p,GeV,,1.0,2.0,0.5,0.02,0.001,0.04,,0.044732538,"[211, -211]",
"""


def table(path: Path, dimensions: int) -> list[dict[str, float]]:
    """Write a table of shuffled rows and return them as numbers."""
    random = np.random.default_rng(dimensions)
    names = list(EDGES)[:dimensions]
    bins = itertools.product(*(list(itertools.pairwise(EDGES[name])) for name in names))
    rows = []
    for cell in bins:
        pairs = list(zip(names, cell, strict=True))
        row = {f"{name}_min": pair[0] for name, pair in pairs} | {f"{name}_max": pair[1] for name, pair in pairs}
        row |= {"central_value": random.uniform(0.8, 1.1), "stat_uncorr": random.uniform(0.01, 0.05)}
        rows.append(row | {"sys_corr": random.uniform(0.0, 0.03)})
    rows = [rows[index] for index in random.permutation(len(rows))]
    header = [f"dependant_variable_{number + 1}" for number in range(dimensions)]
    lines = [",".join([*header, *rows[0], "sys_uncorr"])]
    lines += [",".join([*names, *(repr(float(value)) for value in row.values()), ""]) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return rows


def candidates(dimensions: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    columns = {name: random.uniform(edges[0], edges[-1], 500) for name, edges in list(EDGES.items())[:dimensions]}
    for name in columns:
        columns[name][:2] = EDGES[name][1]
    return columns


def row_of(rows: list[dict[str, float]], columns: dict[str, np.ndarray], candidate: int) -> int:
    """As SysVar's queries do: min <= value < max for every variable, one row after the other."""
    fitting = [
        number
        for number, row in enumerate(rows)
        if all(row[f"{name}_min"] <= values[candidate] < row[f"{name}_max"] for name, values in columns.items())
    ]
    (only,) = fitting
    return only


@pytest.mark.agreement
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_values_and_covariance_of_all_bins(tmp_path: Path, dimensions: int) -> None:
    rows = table(tmp_path / "k_short.csv", dimensions)
    corrections = read_corrections([import_sysvar_table(tmp_path / "k_short.csv", SETTINGS).write(tmp_path)])
    columns = candidates(dimensions)
    weights, variations = corrections.evaluate(columns)
    found = [row_of(rows, columns, candidate) for candidate in range(500)]
    np.testing.assert_array_equal(weights, [rows[number]["central_value"] for number in found])
    shifts = np.stack([variations[name] - weights for name in variations if name.endswith("_up")])
    expected = np.empty((500, 500))
    for one, other in itertools.product(range(500), repeat=2):
        first, second = rows[found[one]], rows[found[other]]
        expected[one, other] = first["sys_corr"] * second["sys_corr"]
        expected[one, other] += first["stat_uncorr"] ** 2 * (found[one] == found[other])
    np.testing.assert_allclose(shifts.T @ shifts, expected, rtol=0.0, atol=1e-14)


def test_an_explicit_covariance_takes_the_place_of_the_parts(tmp_path: Path) -> None:
    rows = table(tmp_path / "k_short.csv", 2)
    root = np.random.default_rng(2).normal(0.0, 0.01, (len(rows), len(rows)))
    covariance = root @ root.T
    settings = ImportSettings("k_short", "test", "1", "k_short", covariances={"explicit_covariance": covariance})
    columns = candidates(2)
    corrections = read_corrections([import_sysvar_table(tmp_path / "k_short.csv", settings).write(tmp_path)])
    weights, variations = corrections.evaluate(columns)
    shifts = np.stack([variations[name] - weights for name in variations if name.endswith("_up")])
    found = [row_of(rows, columns, candidate) for candidate in range(500)]
    np.testing.assert_allclose(shifts.T @ shifts, covariance[np.ix_(found, found)], rtol=0.0, atol=1e-15)


def test_the_example_of_sysvar(tmp_path: Path) -> None:
    (tmp_path / "slow.csv").write_text(EXAMPLE)
    imported = import_sysvar_table(tmp_path / "slow.csv", SETTINGS)
    assert imported.description.applies_to == {"PDG": (211, -211)}
    names = [nuisance.correlation for nuisance in imported.description.nuisances]
    stem = "k_short_stat_uncorr"
    assert names == ["k_short_stat_corr", "k_short_sys_corr", f"{stem}_0", f"{stem}_1"]


@pytest.mark.parametrize(
    ("old", "new", "error", "match"),
    [
        ("0.036180105", "0.05", InputFileError, "do not add up"),
        ("central_value", "centralvalue", MissingColumnError, "'central_value'"),
        ("p,GeV,,1.0,2.0,0.5", "p,GeV,,1.0,2.0,", InputFileError, "no finite number"),
        ("p,GeV,,1.0,2.0", "q,GeV,,1.0,2.0", InputFileError, "same in all rows"),
        (",mcPDG", ",colour", None, ""),
        ('"[211, -211]",\np', "pions,\np", InputFileError, "same in all rows"),
        ("p_min,p_max", "q_min,q_max", InputFileError, "not the dependant variables"),
    ],
)
def test_faulty_tables(tmp_path: Path, old: str, new: str, error: type[Exception] | None, match: str) -> None:
    assert old in EXAMPLE
    (tmp_path / "slow.csv").write_text(EXAMPLE.replace(old, new))
    if error is None:
        import_sysvar_table(tmp_path / "slow.csv", SETTINGS)
        return
    with pytest.raises(error, match=match):
        import_sysvar_table(tmp_path / "slow.csv", SETTINGS)


@pytest.fixture
def described(tmp_path: Path) -> Callable[..., Path]:
    def written(**changes: str | None) -> Path:
        keys = {"correction_type": "2D", "dependant_variable_1": "p", "dependant_variable_2": "theta"}
        keys |= {"unit_1": "GeV", "unit_2": "rad", "title": "kaons", "corrections": "k_short.csv"} | changes
        path = tmp_path / "k_short.yaml"
        path.write_text("".join(f"{name}: {value}\n" for name, value in keys.items() if value is not None))
        return path

    return written


def test_yaml_that_names_a_table(tmp_path: Path, described: Callable[..., Path]) -> None:
    table(tmp_path / "k_short.csv", 2)
    imported = import_sysvar_yaml(described(extra_cuts="{mcPDG: [310]}"), SETTINGS)
    plain = import_sysvar_table(tmp_path / "k_short.csv", SETTINGS)
    assert imported.payload == plain.payload
    assert imported.description.applies_to == {"mcPDG": (310,)}


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"correction_type": "PID"}, "not imported from YAML"),
        ({"correction_type": "4D"}, "not imported from YAML"),
        ({"correction_type": "3D"}, "3D has 2 dependant variables"),
        ({"dependant_variable_1": "theta", "dependant_variable_2": "p"}, "other variables than its description"),
        ({"corrections": "../k_short.csv"}, "should match pattern"),
        ({"cov_matrix_path": "cov.npy"}, "give the matrix itself"),
        ({"dependent_variable_1": "p"}, "unknown key"),
    ],
)
def test_yaml_that_cannot_be_imported(
    tmp_path: Path, described: Callable[..., Path], changes: dict[str, str], match: str
) -> None:
    table(tmp_path / "k_short.csv", 2)
    with pytest.raises(ConfigError, match=match) as caught:
        import_sysvar_yaml(described(**changes), SETTINGS)
    if changes.get("correction_type") == "PID":
        assert "only 1D, 2D and 3D: import its tables with import_systematics_table" in caught.value.what

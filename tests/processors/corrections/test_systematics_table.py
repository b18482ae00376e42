from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import correctionlib
import numpy as np
import pytest

from darkreach.corrections import ImportSettings, import_systematics_table, read_corrections
from darkreach.corrections.systematics_table import ImportedCorrection
from darkreach.errors import ConfigError, EventContentError, InputFileError, MissingColumnError, UnknownNameError

P = [0.5, 1.0, 2.0, 5.0]
THETA = [0.4, 1.2, 2.2]
SELECT = {"variable": "electronID", "threshold": 0.9}
SETTINGS = ImportSettings("electron_id", "test table", "3", "electron_id", applies_to={"mcPDG": (11, -11)})
SIZES = ("data_MC_uncertainty_stat_up", "data_MC_uncertainty_stat_dn", "data_MC_uncertainty_sys_up",
         "data_MC_uncertainty_sys_dn")  # fmt: skip
Rows = list[dict[str, Any]]


def table(charge: str | None = "signs") -> Rows:
    random = np.random.default_rng(8)
    rows = []
    for threshold in (0.5, 0.9):
        for i in range(3):
            for j in range(2):
                for sign in ("+", "-") if charge else ("",):
                    bins = {"p_min": P[i], "p_max": P[i + 1], "theta_min": THETA[j], "theta_max": THETA[j + 1]}
                    if charge == "signs":
                        bins["charge"] = sign
                    elif charge == "edges":
                        bins |= {"charge_min": -2 if sign == "-" else 0, "charge_max": 0 if sign == "-" else 2}
                    sizes = dict(zip(SIZES, random.uniform(0.01, 0.05, 4).tolist(), strict=True))
                    rows.append({**bins, "data_MC_ratio": random.uniform(0.8, 1.1), **sizes,
                                 "variable": "electronID", "threshold": threshold})  # fmt: skip
    random.shuffle(rows)
    return rows


@pytest.fixture
def write_table(tmp_path: Path) -> Callable[[Rows], Path]:
    def write(rows: Rows) -> Path:
        path = tmp_path / "electrons.csv"
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def bin_centres(rows: Rows) -> dict[str, np.ndarray]:
    """One electron in the middle of each bin, in the order of the rows."""
    charge = [1.0 if row.get("charge", "+") == "+" and row.get("charge_min", 0) == 0 else -1.0 for row in rows]
    return {
        "p": np.array([0.5 * (row["p_min"] + row["p_max"]) for row in rows]),
        "theta": np.array([0.5 * (row["theta_min"] + row["theta_max"]) for row in rows]),
        "charge": np.array(charge),
        "mcPDG": -11.0 * np.array(charge),
    }


def covariance_of(variations: dict[str, np.ndarray], stem: str) -> np.ndarray:
    names = [name.removesuffix("_up") for name in variations if name.startswith(stem) and name.endswith("_up")]
    shifts = [0.5 * (variations[f"{name}_up"] - variations[f"{name}_down"]) for name in names]
    return np.sum([np.outer(shift, shift) for shift in shifts], axis=0)


@pytest.mark.parametrize("charge", ["signs", "edges", None])
def test_every_row_comes_back_with_its_uncertainties(
    tmp_path: Path, write_table: Callable[[Rows], Path], charge: str | None
) -> None:
    rows = table(charge)
    imported = import_systematics_table(write_table(rows), SETTINGS, select=SELECT)
    corrections = read_corrections([imported.write(tmp_path / "out")])
    chosen = [row for row in rows if row["threshold"] == 0.9]
    weights, variations = corrections.evaluate(bin_centres(chosen))
    column = {name: np.array([row[name] for row in chosen]) for name in ("data_MC_ratio", *SIZES)}
    np.testing.assert_array_equal(weights, column["data_MC_ratio"])
    # systematics: one parameter, up and down kept apart
    np.testing.assert_allclose(variations["electron_id_sys_up"] - weights, column[SIZES[2]], rtol=1e-12)
    np.testing.assert_allclose(weights - variations["electron_id_sys_down"], column[SIZES[3]], rtol=1e-12)
    # statistics: the larger side, independent between bins
    sizes = np.maximum(column[SIZES[0]], column[SIZES[1]])
    np.testing.assert_allclose(covariance_of(variations, "electron_id_stat"), np.diag(sizes**2), atol=1e-14)
    components = {one.correlation: one.component for one in imported.description.nuisances}
    assert components["electron_id_sys"] == "systematic"
    assert components["electron_id_stat_0"] == "statistical"
    assert len(components) == len(chosen) + 1


def test_written_payload_is_good_for_correctionlib_alone(tmp_path: Path, write_table: Callable[[Rows], Path]) -> None:
    rows = table()
    path = import_systematics_table(write_table(rows), SETTINGS, select=SELECT).write(tmp_path)
    oracle = correctionlib.CorrectionSet.from_file(str(path.with_name("electron_id.payload.json")))["electron_id"]
    row = next(row for row in rows if row["threshold"] == 0.9)
    assert [one.name for one in oracle.inputs] == ["variation", "charge", "p", "theta"]
    alone = oracle.evaluate("nominal", 1 if row["charge"] == "+" else -1, row["p_min"], row["theta_min"])
    # correctionlib reads seventeen digits to one unit in the last place
    assert alone == pytest.approx(row["data_MC_ratio"], rel=1e-15)
    with pytest.raises(RuntimeError, match="above bounds"):
        oracle.evaluate("nominal", 1, 5.0, 1.0)
    # the same table gives the same bytes
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    import_systematics_table(tmp_path / "electrons.csv", SETTINGS, select=SELECT).write(tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_covariance_takes_the_place_of_the_sizes(tmp_path: Path, write_table: Callable[[Rows], Path]) -> None:
    rows = [row for row in table(None) if row["threshold"] == 0.9]
    factors = np.random.default_rng(0).normal(scale=0.02, size=(len(rows), 3))
    covariance = factors @ factors.T
    settings = ImportSettings("electron_id", "test", "1", "electron_id", covariances={"stat": covariance})
    imported = import_systematics_table(write_table(rows), settings, select=SELECT)
    _, variations = read_corrections([imported.write(tmp_path)]).evaluate(bin_centres(rows))
    # in the order of the rows of the file, whatever their order in the grid
    np.testing.assert_allclose(covariance_of(variations, "electron_id_stat"), covariance, atol=1e-14)
    assert sum(name.startswith("electron_id_stat") for name in variations) == 2 * 3
    wrong = ImportSettings("electron_id", "test", "1", "electron_id", covariances={"stat": covariance[:4, :4]})
    with pytest.raises(InputFileError, match="does not fit the rows"):
        import_systematics_table(tmp_path / "electrons.csv", wrong, select=SELECT)


def test_fewer_variations_are_said_in_the_note(write_table: Callable[[Rows], Path]) -> None:
    path = write_table(table())
    settings = ImportSettings("electron_id", "test", "1", "electron_id", variance_fraction=0.5)
    fewer = import_systematics_table(path, settings, select=SELECT).description
    assert 2 <= len(fewer.nuisances) < 13
    assert "0.5 of the variance" in fewer.note


def test_systematics_by_bin_and_by_shared_name(tmp_path: Path, write_table: Callable[[Rows], Path]) -> None:
    path = write_table(table())
    independent = import_systematics_table(path, SETTINGS, select=SELECT, systematic_between_bins="none")
    assert sum(one.component == "systematic" for one in independent.description.nuisances) == 12
    settings = [ImportSettings(name, "test", "1", name, shared={"sys": "lepton_id_method"}) for name in ("one", "two")]
    written = [import_systematics_table(path, one, select=SELECT).write(tmp_path / "out") for one in settings]
    corrections = read_corrections(written)
    assert corrections.nuisances["lepton_id_method"] == ("one", "two")
    chosen = [row for row in table() if row["threshold"] == 0.9]
    _, variations = corrections.evaluate(bin_centres(chosen))
    up = np.array([row["data_MC_ratio"] + row[SIZES[2]] for row in chosen])
    np.testing.assert_allclose(variations["lepton_id_method_up"], up**2, rtol=1e-12)
    shared_stat = ImportSettings("one", "test", "1", "one", shared={"stat": "lepton_id_method"})
    with pytest.raises(InputFileError, match="cannot share"):
        import_systematics_table(path, shared_stat, select=SELECT)


def test_one_table_for_two_particles_is_one_uncertainty(tmp_path: Path, write_table: Callable[[Rows], Path]) -> None:
    path = write_table(table(None))

    def imported(particle: str, threshold: float = 0.9, correlation: str = "electron_id") -> Path:
        columns = {"p": f"daughter({particle}, p)", "theta": f"daughter({particle}, theta)"}
        settings = ImportSettings(f"electron_{particle}", "test", "1", correlation, columns=columns)
        select = {"threshold": threshold}
        return import_systematics_table(path, settings, select=select).write(tmp_path / f"{particle}_{threshold}")

    corrections = read_corrections([imported("0"), imported("1")])
    chosen = bin_centres([row for row in table(None) if row["threshold"] == 0.9])
    both = {f"daughter({i}, {name})": chosen[name] for i in (0, 1) for name in ("p", "theta")}
    weights, variations = corrections.evaluate(both)
    alone = read_corrections([imported("0")]).evaluate(both)[1]
    assert list(variations) == list(alone)
    np.testing.assert_allclose(variations["electron_id_stat_0_up"], alone["electron_id_stat_0_up"] ** 2, rtol=1e-12)
    # another threshold is another table, whose statistics are its own
    with pytest.raises(ConfigError, match="statistical uncertainties of different tables"):
        read_corrections([imported("0"), imported("1", threshold=0.5)])
    assert len(read_corrections([imported("0"), imported("1", 0.5, "other")]).nuisances) == 2 * 7


def test_electrons_outside_the_table_are_counted(tmp_path: Path, write_table: Callable[[Rows], Path]) -> None:
    imported = import_systematics_table(write_table(table()), SETTINGS, select=SELECT)
    corrections = read_corrections([imported.write(tmp_path)])
    columns = {"p": np.array([0.1, 1.0, 0.1]), "theta": np.ones(3), "charge": np.array([1.0, 0.0, 1.0]),
               "mcPDG": np.array([11.0, 11.0, 211.0])}  # fmt: skip
    with pytest.raises(EventContentError, match="2 of 2 candidates outside"):
        corrections.evaluate(columns)


def broken(change: Callable[[Rows], Any]) -> Rows:
    rows = table()
    change(rows)
    return rows


def first(rows: Rows) -> dict[str, Any]:
    return next(row for row in rows if row["threshold"] == 0.9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: first(rows).update(data_MC_ratio="nan"), "no finite number"),
        (lambda rows: first(rows).update(data_MC_ratio=""), "no finite number"),
        (lambda rows: first(rows).update({SIZES[0]: -0.1}), "negative or not finite"),
        (lambda rows: rows.append(dict(first(rows))), "two rows fill the same bin"),
        (lambda rows: rows.remove(first(rows)), "1 without a row"),
        (lambda rows: first(rows).update(p_min=0.5, p_max=5.0), "covers others"),
        (lambda rows: first(rows).update(charge="0"), "unknown charge"),
        (lambda rows: [row.pop("data_MC_ratio") for row in rows], "data_MC_ratio"),
        (lambda rows: [row.pop("p_max") for row in rows], "no 'p_max'"),
    ],
)
def test_broken_tables_are_refused(write_table: Callable[[Rows], Path], change: Any, message: str) -> None:
    with pytest.raises((InputFileError, MissingColumnError), match=message):
        import_systematics_table(write_table(broken(change)), SETTINGS, select=SELECT)


def test_rows_must_be_chosen(write_table: Callable[[Rows], Path]) -> None:
    path = write_table(table())
    with pytest.raises(InputFileError, match="they differ in: .*threshold"):
        import_systematics_table(path, SETTINGS, select={})
    with pytest.raises(InputFileError, match="threshold: 0.5, 0.9"):
        import_systematics_table(path, SETTINGS, select={"threshold": 0.95})
    with pytest.raises(UnknownNameError, match="did you mean 'threshold'"):
        import_systematics_table(path, SETTINGS, select={"treshold": 0.9})


def test_uncertainties_larger_than_the_ratio_are_refused(tmp_path: Path, write_table: Callable[[Rows], Path]) -> None:
    rows = broken(lambda rows: first(rows).update({SIZES[1]: 1.0e8}))
    imported: ImportedCorrection = import_systematics_table(write_table(rows), SETTINGS, select=SELECT)
    with pytest.raises(InputFileError, match="weights below zero"):
        read_corrections([imported.write(tmp_path)])

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from darkreach.corrections import ImportSettings, import_sysvar_yaml, read_corrections
from darkreach.errors import ConfigError, InputFileError

TABLE = """\
correction_type: 1D

dependant_variable: p
unit: GeV
title: slow pions

min: [0.05, 0.10, 0.20]
max: [0.10, 0.20, 0.30]
corrections: [0.95, 0.98, 1.01]

uncertainties:
  fully_correlated:
    stat_corr: [0.02, 0.03, 0.01]
    sys: [0.004, 0.003, 0.002]
  uncorrelated:
    stat_uncorr: [0.01, 0.02, 0.03]

extra_cuts:
  PDG: [211, -211]
"""
SETTINGS = ImportSettings("slow_pion", "test", "1", "slow_pion")


@pytest.fixture
def write_yaml(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        (tmp_path / "slow_pion.yaml").write_text(text)
        return tmp_path / "slow_pion.yaml"

    return write


def evaluated(path: Path, settings: ImportSettings, folder: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    corrections = read_corrections([import_sysvar_yaml(path, settings).write(folder)])
    return corrections.evaluate(
        {"p": np.array([0.05, 0.15, 0.29, 0.15]), "PDG": np.array([211.0, -211.0, 211.0, 11.0])}
    )


def test_parts_keep_their_names_and_correlations(tmp_path: Path, write_yaml: Callable[[str], Path]) -> None:
    weights, variations = evaluated(write_yaml(TABLE), SETTINGS, tmp_path)
    np.testing.assert_array_equal(weights, [0.95, 0.98, 1.01, 1.0])
    assert sorted(variations) == sorted(
        f"slow_pion_{part}_{side}"
        for part in ("stat_corr", "sys", "stat_uncorr_0", "stat_uncorr_1", "stat_uncorr_2")
        for side in ("up", "down")
    )
    np.testing.assert_allclose(variations["slow_pion_sys_down"] - weights, [-0.004, -0.003, -0.002, 0.0], atol=1e-15)
    np.testing.assert_allclose(variations["slow_pion_stat_corr_up"] - weights, [0.02, 0.03, 0.01, 0.0], atol=1e-15)
    # variances fall: the third bin first
    np.testing.assert_allclose(variations["slow_pion_stat_uncorr_0_up"] - weights, [0.0, 0.0, 0.03, 0.0], atol=1e-15)
    total = np.sum([(values - weights) ** 2 for name, values in variations.items() if name.endswith("_up")], axis=0)
    expected = np.array([0.02**2 + 0.004**2 + 0.01**2, 0.03**2 + 0.003**2 + 0.02**2, 0.01**2 + 0.002**2 + 0.03**2, 0.0])
    np.testing.assert_allclose(total, expected, rtol=1e-10)


def test_a_covariance_replaces_the_parts(tmp_path: Path, write_yaml: Callable[[str], Path]) -> None:
    covariance = np.array([[4.0, 1.0, 0.0], [1.0, 9.0, -2.0], [0.0, -2.0, 1.0]]) * 1e-4
    settings = ImportSettings("slow_pion", "test", "1", "slow_pion", covariances={"explicit_covariance": covariance})
    weights, variations = evaluated(write_yaml(TABLE), settings, tmp_path)
    shifts = np.array([values - weights for name, values in variations.items() if name.endswith("_up")])[:, :3]
    np.testing.assert_allclose(shifts.T @ shifts, covariance, atol=1e-15)


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("sys: [0.004, 0.003, 0.002]", "sys: [0.004, 0.003]", "'sys' has 2 values for 3 corrections", None),
        ("max: [0.10, 0.20, 0.30]", "max: [0.10, 0.19, 0.30]", "do not meet", None),
        ("max: [0.10, 0.20, 0.30]", "max: [0.04, 0.20, 0.30]", "bin 0 is empty", None),
        ("correction_type: 1D", "correction_type: PID", "correction_type", 1),
        ("unit: GeV", "units: GeV", "unknown key 'units'", 4),
        ("  uncorrelated:", "  fully_correlated_in_parts:", "unknown key", 15),
        ("    sys: ", "    other: ", "neither statistical nor systematic", 11),
        ("0.98", ".nan", "finite", 9),
        ("extra_cuts:\n", "cov_matrix: /somewhere/cov.npy\nextra_cuts:\n", "give the matrix itself", 18),
    ],
)
def test_what_is_not_laid_down_is_refused(
    write_yaml: Callable[[str], Path], old: str, new: str, message: str, line: int | None
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        import_sysvar_yaml(write_yaml(TABLE.replace(old, new)), SETTINGS)
    if line is not None:
        assert str(caught.value.where).endswith(f":{line}")


def test_uncertainties_below_zero_are_refused(write_yaml: Callable[[str], Path]) -> None:
    with pytest.raises(InputFileError, match="1 of 3 values"):
        import_sysvar_yaml(write_yaml(TABLE.replace("0.004", "-0.004")), SETTINGS)

"""The command from a file of limits and a model to a file of couplings."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from darkreach.catalogue.stored_lifetimes import find_lifetime_limits
from darkreach.command_line.reinterpret import command
from darkreach.couplings.couplings_file import read_couplings
from darkreach.couplings.excluded_region import excluded_intervals
from darkreach.couplings.kaon_scalar_signal import scalar_beta_gamma
from darkreach.couplings.lifetime_limits import LifetimeLimit, limits_by_lifetime
from darkreach.couplings.lifetime_limits_file import read_lifetime_limits, write_lifetime_limits
from darkreach.couplings.long_lived_couplings import long_lived_couplings
from darkreach.couplings.long_lived_model import HiggsMixedScalar
from darkreach.couplings.long_lived_region import OfLifetime, coupling_scan
from darkreach.errors import InputFileError, UnknownNameError
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.models.decay_zones import radial_probability

Array = NDArray[np.float64]
Tables = Mapping[str, Mapping[str, OfLifetime]]
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
        str(published(tmp_path / "limits.csv", "observed")),
        model(tmp_path / "model.csv", 1.0),
        out,
        tmp_path / "r.json",
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
    command(
        str(published(tmp_path / "limits.csv", "0")), model(tmp_path / "model.csv", 1.0), tmp_path / "couplings.csv"
    )
    assert "0.003162" in capsys.readouterr().out


def test_nothing_excluded_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "couplings.csv"
    command(str(published(tmp_path / "limits.csv", "observed")), model(tmp_path / "model.csv", 1e-4), out)
    assert read_couplings(out) == []
    assert "nothing of this model is excluded" in capsys.readouterr().out


def examples_of_the_help() -> dict[str, str]:
    """Return the two models that the help shows, by suffix of their files."""
    text = inspect.cleandoc(str(command.__doc__)).replace("\b\n", "")
    table, script = text.split("Or it is a Python file")
    found = {".csv": table[table.index("    # coupling") :], ".py": script[script.index("    COUPLING") :]}
    return {suffix: textwrap.dedent(lines) for suffix, lines in found.items()}


def scalar_limits(path: Path) -> Path:
    """Write limits of two channels, of which pions are the better one at short lifetimes only."""
    limits = []
    numbers = heavy_flavour_numbers()
    for mass in (0.45, 0.48, 0.5):
        boost = scalar_beta_gamma(numbers, mass, "kplus_mumu")
        for ctau in np.geomspace(1e-3, 400.0, 60):
            decays = 203.5e6 * 0.2 * float(radial_probability(0.05, 60.0, boost, ctau))
            for quantile, factor in (("observed", 1.1), ("-1", 0.7), ("0", 1.0)):
                limits += [
                    LifetimeLimit("kplus_mumu", mass, float(ctau), quantile, 3.0 * factor / decays),
                    LifetimeLimit("kplus_pipi", mass, float(ctau), quantile, (5.0 + 60.0 * ctau) * factor / decays),
                ]
    return write_lifetime_limits(path, limits, HEADER)


@pytest.mark.parametrize("suffix", [".csv", ".py"])
def test_the_models_of_the_help_exclude_what_the_scalar_itself_does(tmp_path: Path, suffix: str) -> None:
    example = tmp_path / f"model{suffix}"
    example.write_text(examples_of_the_help()[suffix], encoding="utf-8")
    command(str(scalar_limits(tmp_path / "limits.csv")), example, tmp_path / "couplings.csv")
    found = read_couplings(tmp_path / "couplings.csv")
    rows, model, scan = read_lifetime_limits(tmp_path / "limits.csv"), HiggsMixedScalar(), coupling_scan(1e-6, 0.1)
    expected = []
    for mass in (0.45, 0.48, 0.5):
        tables = {name: limits_by_lifetime(rows, name, mass) for name in ("kplus_mumu", "kplus_pipi")}
        for quantile in ("observed", "-1", "0"):

            def ratio(angle: Array, quantile: str = quantile, mass: float = mass, tables: Tables = tables) -> Array:
                ctau = model.ctau_cm(mass) / angle**2
                # quantiles of both channels have the same factor: the best expected one is the best one
                each = [model.rate(name, mass) * angle**2 / tables[name][quantile](ctau) for name in tables]
                return np.asarray(np.max(each, axis=0))

            expected += [(mass, quantile, *edges) for edges in excluded_intervals(ratio, scan)]
    assert [(one.mass_gev, one.quantile) for one in found] == [one[:2] for one in expected]
    step = float(scan[1] / scan[0])
    for one, (_, _, lower, upper) in zip(found, expected, strict=True):
        assert max(one.lower / lower, lower / one.lower) < step
        assert max(one.upper / upper, upper / one.upper) < step
    # one of the channels alone excludes less
    alone = long_lived_couplings(rows, model, "kplus_mumu")
    assert len(alone) == len(found)
    assert all(one.upper > other.upper * 1.01 for one, other in zip(found, alone, strict=True))
    assert found[0].lower == pytest.approx(alone[0].lower, rel=5e-3)


def test_searches_are_found_by_name_folder_and_file(tmp_path: Path) -> None:
    entry = tmp_path / "catalogue" / "long_lived_scalar"
    for folder in (entry, tmp_path / "catalogue" / "single_photon", tmp_path / "run"):
        folder.mkdir(parents=True)
        (folder / "limits.json").write_text("{}", encoding="utf-8")
    stored = published(entry / "branching_ratio_limits.csv", "0")
    of_run = published(tmp_path / "run" / "cross_section_limits.csv", "0")
    catalogue = tmp_path / "catalogue"
    assert find_lifetime_limits("long_lived_scalar", catalogue) == stored
    assert find_lifetime_limits(str(entry), catalogue) == stored
    assert find_lifetime_limits(str(tmp_path / "run"), catalogue) == of_run
    assert find_lifetime_limits(str(of_run), catalogue) == of_run
    with pytest.raises(UnknownNameError, match="long_lived_scalar"):
        find_lifetime_limits("long_lived_scala", catalogue)
    with pytest.raises(InputFileError, match="no limits in mass and lifetime"):
        find_lifetime_limits("single_photon", catalogue)
    with pytest.raises(InputFileError, match="no such file"):
        find_lifetime_limits(str(tmp_path / "absent.csv"), catalogue)

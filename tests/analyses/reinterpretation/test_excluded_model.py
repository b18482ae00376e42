"""Models of users, as tables and as Python files, against limits in mass and lifetime."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from darkreach.couplings.kaon_scalar_signal import product_branching_fraction
from darkreach.couplings.lifetime_limits import LifetimeLimit
from darkreach.couplings.long_lived_couplings import long_lived_couplings
from darkreach.couplings.long_lived_model import HiggsMixedScalar
from darkreach.errors import InputFileError, LimitError
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.models.decay_zones import radial_probability
from darkreach.models.higgs_mixed_scalar import scalar_ctau_cm
from darkreach.reinterpretation import excluded_model, read_user_model

SCRIPT = """
COUPLING = "sin_theta"
COUPLING_RANGE = (1e-6, 0.5)
MASS_RANGE_GEV = (0.4, 1.0)
CHANNELS = ["mumu"]
def rate(channel, mass_gev, coupling):
    return 0.05 * coupling**2
def ctau_cm(mass_gev, coupling):
    return 1e-6 / coupling**2
"""


def limits(mass: float, channel: str = "mumu", quantile: str = "observed", scale: float = 1.0) -> list[LifetimeLimit]:
    ctaus = np.geomspace(1e-3, 100.0, 101)
    reach = radial_probability(0.05, 60.0, 4.0, ctaus)
    return [
        LifetimeLimit(channel, mass, float(ctau), quantile, scale * 1e-7 / value)
        for ctau, value in zip(ctaus, reach, strict=True)
    ]


def table(
    path: Path, masses: list[float], channels: dict[str, float], couplings: tuple[float, ...] = (1e-6, 0.5)
) -> Path:
    lines = ["# coupling: sin_theta", ",".join(("mass_gev", "coupling", "ctau_cm", *channels))]
    for mass in masses:
        for g in couplings:
            rates = [repr(value * g**2) for value in channels.values()]
            lines.append(",".join([repr(mass), repr(g), repr(1e-6 / g**2), *rates]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_and_a_python_file_give_the_same_island(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SCRIPT, encoding="utf-8")
    script = read_user_model(tmp_path / "model.py")
    rows = read_user_model(table(tmp_path / "model.csv", [0.4, 1.0], {"mumu": 0.05}))
    assert (script.coupling, rows.coupling) == ("sin_theta", "sin_theta")
    # a mass between those of the table, and one outside that is left out
    published = [*limits(0.7), *limits(2.0)]
    (one,), (other,) = excluded_model(script, published), excluded_model(rows, published)
    assert one.mass_gev == other.mass_gev == 0.7
    assert (one.lower, one.upper) == (pytest.approx(other.lower, rel=1e-9), pytest.approx(other.upper, rel=1e-9))
    # both edges solve rate = limit
    for edge in (one.lower, one.upper):
        probability = float(radial_probability(0.05, 60.0, 4.0, 1e-6 / edge**2))
        assert 0.05 * edge**2 * probability == pytest.approx(1e-7, rel=0.02, abs=0.0)
    assert one.ctau_cm == pytest.approx(1e-6 / one.lower**2, rel=1e-12)


def test_the_dark_higgs_boson_as_a_table_gives_the_intervals_of_its_own_model(tmp_path: Path) -> None:
    numbers = heavy_flavour_numbers()
    published = [*limits(0.5, "kplus_mumu"), *limits(0.7, "kplus_mumu", "0")]
    lines = ["# coupling: sin_theta", "mass_gev,coupling,ctau_cm,kplus_mumu"]
    for mass in (0.5, 0.7):
        product = product_branching_fraction(numbers, mass, "kplus_mumu")
        lines += [f"{mass},{g!r},{scalar_ctau_cm(mass, g)!r},{product * g**2!r}" for g in (1e-7, 1e-3, 1.0)]
    (tmp_path / "model.csv").write_text("\n".join(lines), encoding="utf-8")
    found = excluded_model(read_user_model(tmp_path / "model.csv"), published)
    expected = long_lived_couplings(published, HiggsMixedScalar(), "kplus_mumu")
    assert len(found) == len(expected) == 2
    for mine, theirs in zip(found, expected, strict=True):
        assert (mine.mass_gev, mine.quantile) == (theirs.mass_gev, theirs.quantile)
        np.testing.assert_allclose((mine.lower, mine.upper), (theirs.lower, theirs.upper), rtol=1e-9)


def test_the_expected_limit_chooses_the_channel_not_the_data(tmp_path: Path) -> None:
    model = read_user_model(table(tmp_path / "model.csv", [0.5], {"ee": 0.05, "mumu": 0.05}))
    # muons are expected to be better, electrons happen to be
    published = [
        *limits(0.5, "ee", "0", 2.0),
        *limits(0.5, "ee", "observed", 0.1),
        *limits(0.5, "mumu", "0", 1.0),
        *limits(0.5, "mumu", "observed", 1.5),
    ]
    found = {interval.quantile: interval for interval in excluded_model(model, published)}
    muons = [limit for limit in published if limit.channel == "mumu"]
    alone = {interval.quantile: interval for interval in excluded_model(model, muons)}
    assert found == alone
    assert found["0"].lower < found["observed"].lower


def test_an_interval_ends_where_the_model_does(tmp_path: Path) -> None:
    model = read_user_model(table(tmp_path / "model.csv", [0.5], {"mumu": 0.05}, (1e-6, 3e-3)))
    (interval,) = excluded_model(model, limits(0.5))
    assert interval.upper == 3e-3
    assert math.isfinite(interval.lower)


def test_a_rate_of_zero_excludes_nothing(tmp_path: Path) -> None:
    model = read_user_model(table(tmp_path / "model.csv", [0.5, 0.6], {"mumu": 0.0}))
    assert excluded_model(model, limits(0.55)) == []


def test_models_that_share_nothing_with_the_limits_are_refused(tmp_path: Path) -> None:
    model = read_user_model(table(tmp_path / "model.csv", [0.5, 0.6], {"pipi": 0.1}))
    with pytest.raises(LimitError, match="none of the channels"):
        excluded_model(model, limits(0.5))
    with pytest.raises(LimitError, match="none of the masses"):
        excluded_model(model, limits(1.5, "pipi"))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["0.5,1e-3,1.0"], "needs positive"),
        (["0.5,1e-3,0.0,1.0"], "needs positive"),
        (["0.5,much,1.0,1.0"], "row of numbers"),
        (["0.5,1e-3,1.0,1.0"], "two couplings"),
        (["0.5,1e-3,1.0,1.0", "0.5,1e-3,1.0,1.0"], "two couplings"),
        (["0.5,1e-3,1.0,1.0", "0.5,1e-2,1.0,0.0"], "or at none"),
        (["0.6,1e-3,1,1", "0.6,1e-2,1,1", "0.5,1e-3,1,1", "0.5,1e-2,1,1"], "must rise"),
        ([], "must rise"),
    ],
)
def test_tables_without_meaning_are_refused(tmp_path: Path, rows: list[str], message: str) -> None:
    path = tmp_path / "model.csv"
    path.write_text("\n".join(["mass_gev,coupling,ctau_cm,mumu", *rows]), encoding="utf-8")
    with pytest.raises(InputFileError, match=message):
        read_user_model(path)


def test_other_faults_of_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot read"):
        read_user_model(tmp_path / "absent.csv")
    (tmp_path / "other.csv").write_text("mass,coupling\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="not the table") as refused:
        read_user_model(tmp_path / "other.csv")
    assert "mass_gev,coupling,ctau_cm" in str(refused.value.allowed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "ZeroDivisionError"),
        (SCRIPT.replace("def rate", "def other"), "no ['rate']"),
        (SCRIPT.replace("(1e-6, 0.5)", "(0.5, 1e-6)"), "rises from above zero"),
        (SCRIPT.replace("(1e-6, 0.5)", "0.5"), "two numbers"),
    ],
)
def test_python_files_without_a_model_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "model.py").write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError) as refused:
        read_user_model(tmp_path / "model.py")
    assert message in str(refused.value)


def test_lifetimes_without_meaning_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SCRIPT.replace("1e-6 / coupling**2", "0.0"), encoding="utf-8")
    with pytest.raises(LimitError, match="without meaning"):
        excluded_model(read_user_model(tmp_path / "model.py"), limits(0.5))

"""Couplings over a plane of two masses: closure with published numbers, the file, and what is refused."""

from __future__ import annotations

import math

import pytest

from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import (
    MODELS,
    PLANE_MODELS,
    PlaneInterval,
    coupling_model,
    excluded_couplings,
    plane_coupling_model,
    plane_couplings_from_limits,
    read_couplings_header,
    read_excluded,
    read_plane_couplings,
    write_excluded,
    write_plane_couplings,
)
from darkreach.errors import ConfigError, InputFileError, LimitError, OutputError, UnknownNameError
from darkreach.kinematics import FINE_STRUCTURE
from darkreach.limits import Limit, LimitsDocument
from darkreach.models.dark_higgsstrahlung import born_cross_section_fb

REFERENCE = 3e-8
STRENGTH = CouplingSettings(name="epsilon_squared_alpha_dark", unit="", model="dark_higgsstrahlung")
MIXING = CouplingSettings(
    name="epsilon", unit="", model="dark_higgsstrahlung_mixing",
    parameters={"alpha_dark": Quantity(value=FINE_STRUCTURE, source="convention")},
)  # fmt: skip
HEADER = {"coupling": "epsilon", "unit": "", "confidence_level": 0.9, "luminosity": "8.34 fb^-1", "data": "pseudo-data"}
ROWS = [
    PlaneInterval(9.0, 1.0, "observed", 1.72e-8, math.inf),
    PlaneInterval(9.0, 1.25, "-2", 1.00000001e-8, math.inf),
]


def document(*limits: tuple[tuple[float, float], float], branching: float = 1.0) -> LimitsDocument:
    """Limits on a cross-section (fb), which may contain a branching fraction, as limits on the signal strength."""
    found, meanings = [], {}
    for masses, cross_section in limits:
        name = f"mA_{1e3 * masses[0]:.0f}_mh_{1e3 * masses[1]:.0f}"
        born = born_cross_section_fb(*masses, REFERENCE, 10.58)
        mu = cross_section / (born * branching)
        values = {"dark_photon_mass_gev": masses[0], "dark_higgs_mass_gev": masses[1]}
        found.append(Limit(name, values, 0.9, "exact", "compiled", mu, (0.4 * mu, 0.6 * mu, mu, 2.0 * mu, math.inf)))
        meanings[name] = {"coupling": REFERENCE, "cross_section_fb": born, "data_kind": "pseudo-data"}
    labels = ("dark_photon_mass_gev", "dark_higgs_mass_gev")
    return LimitsDocument("s", "mu", labels, 8.34, "", {}, meanings, tuple(found))


def test_the_strongest_limit_of_the_invisible_search_closes() -> None:
    # 1.7 fb at (9, 1) GeV with 15.2 % of muon pairs is published as 1.7e-8
    limits = document(((9.0, 1.0), 1.7), branching=0.152)
    intervals = plane_couplings_from_limits(limits, STRENGTH, cl=0.9)
    assert intervals[0].masses == (9.0, 1.0)
    assert [one.quantile for one in intervals] == ["observed", "-2", "-1", "0", "1"]
    assert intervals[0].lower == pytest.approx(1.72e-8, rel=5e-3, abs=0.0)
    # linear in the limit, one-sided, and nothing where there is no limit
    assert intervals[4].lower == pytest.approx(2.0 * intervals[0].lower, rel=1e-12, abs=0.0)
    assert all(one.upper == math.inf for one in intervals)


def test_the_mixing_of_six_tracks_closes() -> None:
    # 20 ab at (1, 4) GeV are epsilon = 3.8e-4 at alpha_D = alpha; 8e-4 at (0.25, 8) GeV are 10 ab
    intervals = plane_couplings_from_limits(document(((1.0, 4.0), 0.020), ((0.25, 8.0), 0.010)), MIXING, cl=0.9)
    observed = [one.lower for one in intervals if one.quantile == "observed"]
    assert observed == [pytest.approx(3.8e-4, rel=0.01, abs=0.0), pytest.approx(8e-4, rel=0.01, abs=0.0)]
    # the square root of the limit
    assert intervals[4].lower == pytest.approx(math.sqrt(2.0) * observed[0], rel=1e-12, abs=0.0)


def test_the_file_is_the_contract_and_is_read_back(tmp_path) -> None:
    path = write_plane_couplings(tmp_path / "couplings.csv", ROWS, HEADER)
    assert path.read_text().splitlines()[4:] == [
        "# data: pseudo-data",
        "dark_photon_mass_gev,dark_higgs_mass_gev,quantile,lower,upper",
        "9.0,1.0,observed,1.72e-08,inf",
        "9.0,1.25,-2,1.00000001e-08,inf",
    ]
    assert read_plane_couplings(path) == ROWS
    with pytest.raises(OutputError, match="header"):
        write_plane_couplings(tmp_path / "other.csv", ROWS, {"coupling": "epsilon"})


def test_both_kinds_of_files_come_from_one_function(tmp_path) -> None:
    limits = document(((1.0, 4.0), 0.020))
    path = write_excluded(tmp_path / "couplings.csv", limits, MIXING, cl=0.9)
    stored, found = read_excluded(path, MIXING), excluded_couplings(limits, MIXING, cl=0.9)
    assert [(one.masses, one.quantile) for one in stored] == [(one.masses, one.quantile) for one in found]
    # nine digits
    assert [one.lower for one in stored] == pytest.approx([one.lower for one in found], rel=1e-8, abs=0.0)
    assert read_couplings_header(path)["coupling"] == "epsilon"
    scan = CouplingSettings(name="epsilon", unit="", model="dark_photon_invisible")
    with pytest.raises(InputFileError, match="not a file of couplings"):
        read_excluded(path, scan)
    with pytest.raises(LimitError, match="no mass"):
        excluded_couplings(limits, scan, cl=0.9)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("9.0,1.0,observed,2.0,1.0", InputFileError),
        ("9.0,nan,observed,0.5,1.0", InputFileError),
        ("9.0,1.0,observed,0.5", InputFileError),
        ("9.0,1.0,median,0.5,1.0", UnknownNameError),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path, row, error) -> None:
    path = write_plane_couplings(tmp_path / "couplings.csv", ROWS, HEADER)
    path.write_text(path.read_text() + row + "\n")
    with pytest.raises(error) as caught:
        read_plane_couplings(path)
    assert caught.value.where == f"{path}:9"


def test_models_of_planes_and_of_mass_scans_are_told_apart() -> None:
    assert set(PLANE_MODELS) == {"dark_higgsstrahlung", "dark_higgsstrahlung_mixing"}
    assert not set(PLANE_MODELS) & set(MODELS)
    with pytest.raises(UnknownNameError, match="model of a coupling"):
        coupling_model(STRENGTH)
    with pytest.raises(UnknownNameError, match="model of a coupling"):
        plane_coupling_model(CouplingSettings(name="g", unit="", model="z_prime_vanilla"))
    with pytest.raises(ConfigError, match="needs more parameters"):
        plane_coupling_model(MIXING.model_copy(update={"parameters": {}}))


def test_limits_without_what_is_needed_are_refused() -> None:
    limits = document(((1.0, 4.0), 0.020))
    with pytest.raises(LimitError, match="no limits at this confidence level"):
        plane_couplings_from_limits(limits, STRENGTH, cl=0.95)
    name = limits.limits[0].name
    bare = LimitsDocument("s", "mu", (), 1.0, "", {}, {name: {}}, limits.limits)
    with pytest.raises(LimitError, match="has no 'coupling'"):
        plane_couplings_from_limits(bare, STRENGTH, cl=0.9)
    other = Limit("m1", {"mass_gev": 1.0}, 0.9, "exact", "compiled", 1.0, (1.0,) * 5)
    with pytest.raises(LimitError, match="no point of the plane"):
        plane_couplings_from_limits(LimitsDocument("s", "mu", (), 1.0, "", {}, {}, (other,)), STRENGTH, cl=0.9)

"""couplings.csv: the contract, the round trip, and what is refused."""

from __future__ import annotations

import math

import pytest

from darkreach.couplings import ExcludedInterval, read_couplings, read_couplings_header, write_couplings
from darkreach.errors import InputFileError, OutputError, UnknownNameError

HEADER = {
    "coupling": "g_agg",
    "unit": "GeV^-1",
    "confidence_level": 0.95,
    "luminosity": "0.445 fb^-1",
    "data": "pseudo-data",
}
ROWS = [
    ExcludedInterval(0.2, 4.95937e-4, "observed", 1e-3, math.inf),
    ExcludedInterval(0.2, 4.95937e-4, "-2", 5.00000001e-4, 0.25),
]


def test_the_file_is_the_contract(tmp_path) -> None:
    assert write_couplings(tmp_path / "couplings.csv", ROWS, HEADER).read_text() == (
        "# coupling: g_agg\n"
        "# unit: GeV^-1\n"
        "# confidence_level: 0.95\n"
        "# luminosity: 0.445 fb^-1\n"
        "# data: pseudo-data\n"
        "mass_gev,ctau_cm,quantile,lower,upper\n"
        "0.2,0.000495937,observed,0.001,inf\n"
        "0.2,0.000495937,-2,0.000500000001,0.25\n"
    )


def test_what_is_written_is_read_back(tmp_path) -> None:
    path = write_couplings(tmp_path / "couplings.csv", ROWS, HEADER)
    assert read_couplings(path) == ROWS
    assert read_couplings_header(path) == HEADER | {"confidence_level": "0.95"}


def test_no_interval_is_a_file_without_rows(tmp_path) -> None:
    assert read_couplings(write_couplings(tmp_path / "couplings.csv", [], HEADER)) == []


@pytest.mark.parametrize("key", list(HEADER))
def test_an_incomplete_header_is_refused(tmp_path, key) -> None:
    header = {name: value for name, value in HEADER.items() if name != key}
    with pytest.raises(OutputError, match="header"):
        write_couplings(tmp_path / "couplings.csv", ROWS, header)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("0.2,0.1,observed,2.0,1.0", InputFileError),
        ("0.2,0.1,observed,nan,1.0", InputFileError),
        ("nan,0.1,observed,0.5,1.0", InputFileError),
        ("0.2,0.1,observed,0.5", InputFileError),
        ("0.2,0.1,observed,half,1.0", InputFileError),
        ("0.2,0.1,median,0.5,1.0", UnknownNameError),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path, row, error) -> None:
    path = write_couplings(tmp_path / "couplings.csv", ROWS, HEADER)
    path.write_text(path.read_text() + row + "\n")
    with pytest.raises(error) as caught:
        read_couplings(path)
    assert caught.value.where == f"{path}:9"


def test_other_files_are_refused(tmp_path) -> None:
    with pytest.raises(InputFileError, match="cannot read"):
        read_couplings(tmp_path / "none.csv")
    for text in ("", "a,b\n1,2\n"):
        (tmp_path / "other.csv").write_text(text)
        with pytest.raises(InputFileError, match="not a file of couplings"):
            read_couplings(tmp_path / "other.csv")

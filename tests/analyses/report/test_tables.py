from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from darkreach.configuration import AxionConfig, DetectorConfig, config_path, unverified_numbers
from darkreach.couplings.couplings_file import ExcludedInterval
from darkreach.figures import FigureLabel
from darkreach.histograms.search_histograms import LedgerEntry
from darkreach.report import ReportContent
from darkreach.report.limit_table import largest_cls_deviation, limit_table
from darkreach.report.sample_tables import cutflow_table, ledger_table, shown_samples
from darkreach.report.setting_tables import provenance_table, systematics_table, unverified_table
from darkreach.report.table import common_power, number, scaled_unit


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1.00"), (9.996, "10.0"), (99.96, "100"), (-0.25, "-0.250"), (math.inf, "inf"),
     (math.nan, "–"), (2.5e-7, "2.50 × 10⁻⁷"), (123456.0, "123000"), (1.5e9, "1.50 × 10⁹")],
)  # fmt: skip
def test_numbers_keep_three_significant_digits(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("values", "power"), [([], 0), ([math.inf], 0), ([2e-5, 3e-5], -6), ([0.5, 2.0, 700.0], 0)])
def test_common_power_is_that_of_the_middle_value(values: list[float], power: int) -> None:
    assert common_power(values) == power


def test_islands_are_written_as_closed_intervals(content: ReportContent) -> None:
    island = ExcludedInterval(0.2, 1.0, "observed", 2e-5, 4e-5)
    reading = replace(content.readings[0], intervals={0.9: [*content.readings[0].intervals[0.9], island]})
    table = limit_table(content, reading, 0.9)
    assert table.rows[0][0] == "0.2"
    assert table.rows[0][1].startswith("[0.0200, 0.0400]; ")
    assert all(len(row) == len(table.header) for row in table.rows)
    assert "10⁻³ GeV⁻¹" in table.caption


def test_a_note_of_all_masses_is_said_once(content: ReportContent) -> None:
    def noted(notes: list[str]) -> ReportContent:
        limits = content.limits.at(0.9)
        wanted = [notes[i % len(notes)] for i in range(len(limits))]
        new = [replace(a, quality=replace(a.quality, note=note)) for a, note in zip(limits, wanted, strict=True)]
        return replace(content, limits=replace(content.limits, limits=tuple(new)))

    same, different = (
        limit_table(noted(notes), content.readings[0], 0.9) for notes in (["alike"], ["one; both", "two; both"])
    )
    assert same.caption.endswith(" At all masses: alike.")
    assert not any("alike" in row[-1] for row in same.rows)
    assert different.caption.endswith(" At all masses: both.")
    assert {row[-1] for row in different.rows} >= {"one", "two"}


def test_pure_numbers_have_no_power_of_ten_of_zero() -> None:
    assert [scaled_unit(0, ""), scaled_unit(-3, ""), scaled_unit(0, "fb")] == ["", "10⁻³", "fb"]


def test_largest_deviation_is_found(content: ReportContent) -> None:
    limits = list(content.limits.limits)
    limits[3] = replace(limits[3], quality=replace(limits[3].quality, cls_at_observed=1.0 - limits[3].cl - 0.02))
    assert largest_cls_deviation(
        replace(content, limits=replace(content.limits, limits=tuple(limits)))
    ) == pytest.approx(0.02)


def test_unverified_numbers_of_both_files_are_listed(search: AxionConfig, detector: DetectorConfig) -> None:
    table = unverified_table(search, detector)
    photons = list(unverified_numbers(detector.photon_response))
    assert len(table.rows) == len(list(unverified_numbers(search))) + len(photons) > len(photons) > 5
    # photons only: how tracks are measured decides nothing here
    assert not any("tracks" in row[0] for row in table.rows)
    assert ("axion_to_photons: simulation.event_efficiency", "0.7") in [row[:2] for row in table.rows]


@pytest.mark.parametrize(("source", "listed"), [("unverified", True), ("arXiv:2007.13071", False)])
def test_corrections_without_a_verified_source_are_listed(
    search: AxionConfig, detector: DetectorConfig, tmp_path: Path, source: str, listed: bool
) -> None:
    shipped = config_path("corrections", "example_photon_corrections")
    (tmp_path / "own.yaml").write_text(shipped.read_text().replace("source: unverified", f"source: '{source}'", 1))
    shutil.copy(shipped.with_suffix(".json"), tmp_path)
    corrected = search.model_copy(update={"corrections": (str(tmp_path / "own.yaml"),)})
    before = unverified_table(search, detector).rows
    added = [row for row in unverified_table(corrected, detector).rows if row not in before]
    names = ["photon_efficiency"] * listed + ["photon_energy_scale"]
    assert [row[0] for row in added] == [f"axion_to_photons: correction {name}" for name in names]
    assert added[-1][1] == "table photon_energy_scale of example_photon_corrections.json, example-1"


def test_every_systematic_of_the_configuration_is_listed(search: AxionConfig) -> None:
    table = systematics_table(search)
    sizes = {row[0]: row[1] for row in table.rows}
    assert sizes["luminosity"] == "0.65 %"
    assert sizes["photon efficiency"] == "2 %, 1 %, 0.5 % each"
    configured = {*type(search.variations).model_fields}
    configured |= {name for name in type(search.workspace).model_fields if name.endswith(("_uncertainty", "_fraction"))}
    assert not search.workspace.groups
    named = {row[0].replace(" ", "_") for row in table.rows}
    renamed = {"luminosity_uncertainty": "luminosity", "signal_efficiency_uncertainty": "signal_efficiency",
               "spurious_signal_fraction": "spurious_signal"}  # fmt: skip
    assert {renamed.get(name, name) for name in configured} <= named


def test_payloads_that_would_clamp_are_told(search: AxionConfig, tmp_path: Path) -> None:
    shipped = config_path("corrections", "example_photon_corrections")
    shutil.copy(shipped, tmp_path / "own.yaml")
    payload = shipped.with_suffix(".json").read_text()
    (tmp_path / shipped.with_suffix(".json").name).write_text(payload.replace('"flow": "error"', '"flow": "clamp"', 1))
    corrected = search.model_copy(update={"corrections": (str(tmp_path / "own.yaml"),)})
    sizes = {row[0]: row[1] for row in systematics_table(corrected).rows}
    assert sizes["photon_efficiency (photon_efficiency)"] == "table; photon_efficiency: clamp outside"
    assert sizes["energy_scale (photon_energy_scale)"] == "table"


def test_records_stand_side_by_side() -> None:
    table = provenance_table({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "d": ()})
    assert table.rows == (("a.b", "1", "3"), ("c", "2", "–"), ("d", "–", "()"))


def test_incomplete_samples_are_called_so(content: ReportContent) -> None:
    short = LedgerEntry("background", "background.parquet", 10_000, 9_999)
    table = ledger_table(replace(content.histograms, ledger=(short, *content.histograms.ledger[1:])))
    assert [row[-1] for row in table.rows] == ["INCOMPLETE"] + ["complete"] * 5


def test_cutflows_shown_are_backgrounds_data_and_signals(content: ReportContent) -> None:
    assert shown_samples(content.histograms) == [
        "background", "pseudo_data", "signal_500MeV", "signal_2000MeV", "signal_5000MeV", "signal_8000MeV",
    ]  # fmt: skip
    table = cutflow_table(content.histograms, "background")
    assert table.rows[3] == ("three photon mass", "4,000", "8800 ± 139", "80.00 %", "40.00 % ± 0.49 %")
    assert len(cutflow_table(content.histograms, "pseudo_data").header) == 3


def test_label_comes_from_limits_and_detector(content: ReportContent) -> None:
    assert content.label == FigureLabel("pseudo-data", 0.445, pytest.approx(10.5796, abs=1e-4))

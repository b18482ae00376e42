from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from darkreach.corrections import (
    LuminosityTable,
    cross_section_weights,
    read_luminosity_table,
    runs_of,
    sampled_counts,
    simulated_luminosity,
)
from darkreach.errors import EventContentError, InputFileError


def test_sampled_data_stand_for_the_whole() -> None:
    # one of eight events is kept: the counts come back, within their own uncertainty
    random = np.random.default_rng(12)
    rare, common = 3000, 80_000
    kept = np.count_nonzero(random.random(common) < 1.0 / 8.0)
    counts = sampled_counts(np.concatenate([np.ones(rare), np.full(kept, 8.0)]))
    assert counts.unit == "events"
    assert counts.total == rare + 8.0 * kept
    assert abs(counts.total - (rare + common)) < 4.0 * np.sqrt(counts.variance)
    # variance of a binomially thinned count: n (1 - f) / f, plus the Poisson variance n of the events themselves
    assert counts.variance == pytest.approx(rare + common * (1.0 - 1 / 8) * 8 + common, rel=0.02)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([np.nan, 1.0, np.nan], "2 NaN, of 3"),
        ([np.inf, -np.inf], "2 infinite, of 2"),
        ([-1.0, 1.0], "1 negative, of 2"),
        ([0.0, 1.0, 0.0], "2 zero, of 3"),
        ([0.3, 2.0, -2.0, np.nan], "1 NaN, 1 negative, 1 between 0 and 1, of 4"),
    ],
)
def test_other_weights_are_counted_and_refused(bad: list[float], message: str) -> None:
    with pytest.raises(EventContentError, match=message):
        sampled_counts(bad)


def test_weights_of_all_generated_events_sum_to_the_cross_section() -> None:
    generated, efficiency, cross_section, luminosity = 20_000, 0.3, 137.0, 0.445
    weights = cross_section_weights(sampled_counts(np.ones(generated)), cross_section, generated)
    assert weights.unit == "fb"
    assert weights.total == pytest.approx(cross_section)
    selected = cross_section_weights(sampled_counts(np.ones(int(generated * efficiency))), cross_section, generated)
    # N = sigma L efficiency
    assert selected.total * luminosity == pytest.approx(137.0 * 0.445 * 0.3)
    # scaling by the ratio of luminosities is the same thing
    assert luminosity / simulated_luminosity(cross_section, generated) * generated * efficiency == pytest.approx(
        selected.total * luminosity
    )
    assert "137 fb / 20000" in weights.normalisation


def test_normalising_twice_is_refused() -> None:
    once = cross_section_weights(sampled_counts([1.0]), 2.0, 10)
    with pytest.raises(EventContentError, match="normalised already"):
        cross_section_weights(once, 2.0, 10)


@pytest.mark.parametrize(("cross_section", "generated"), [(0.0, 1), (np.nan, 1), (-1.0, 1), (np.inf, 1), (1.0, 0)])
def test_normalisation_needs_positive_numbers(cross_section: float, generated: int) -> None:
    with pytest.raises(EventContentError, match="positive"):
        cross_section_weights(sampled_counts([1.0]), cross_section, generated)
    with pytest.raises(EventContentError, match="positive"):
        simulated_luminosity(cross_section, generated)


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        (tmp_path / "luminosity.csv").write_text(text)
        return tmp_path / "luminosity.csv"

    return write


@pytest.mark.parametrize(("unit", "factor"), [("fb", 1.0), ("pb", 1e-3), ("nb", 1e-6)])
def test_luminosity_of_runs_and_missing_runs(write_csv: Callable[[str], Path], unit: str, factor: float) -> None:
    table = read_luminosity_table(
        write_csv(f"run,experiment,luminosity_inverse_{unit}\n1,7,0.5\n2,7,0.25\n1,8,2\n9,8,0\n")
    )
    experiment = np.array([7, 7, 8, 8, 8, 10], np.int32)
    run = np.array([1, 1, 1, 9, 9, 4], np.int32)
    found = runs_of(experiment, run)
    assert found == {(7, 1): 2, (8, 1): 1, (8, 9): 2, (10, 4): 1}
    integrated = table.integrate(found)
    assert integrated.total_inverse_fb == pytest.approx(2.5 * factor)
    assert (integrated.runs, integrated.missing) == (3, ((10, 4),))
    with pytest.raises(EventContentError, match=r"1 of 4 runs: \(10, 4\)"):
        integrated.require_complete()
    assert table.integrate([(7, 2), (7, 2)]).require_complete() == pytest.approx(0.25 * factor)


def test_same_run_number_of_two_experiments_is_two_runs() -> None:
    table = LuminosityTable({(7, 1): 1.0, (8, 1): 2.0})
    assert table.integrate([(7, 1), (8, 1)]).require_complete() == 3.0


def test_sum_does_not_depend_on_the_order() -> None:
    random = np.random.default_rng(1)
    values = {(7, run): float(value) for run, value in enumerate(random.exponential(1e-3, 1000))}
    forward = LuminosityTable(values).integrate(values).total_inverse_fb
    assert LuminosityTable(values).integrate(reversed(list(values))).total_inverse_fb == forward


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("experiment,run,luminosity\n1,1,1\n", "not a luminosity table"),
        ("experiment,run,luminosity_inverse_fb,luminosity_inverse_pb\n", "not a luminosity table"),
        ("", "not a luminosity table"),
        ("experiment,run,luminosity_inverse_fb\n1,1,-1\n", ":2"),
        ("experiment,run,luminosity_inverse_fb\n1,1,nan\n", ":2"),
        ("experiment,run,luminosity_inverse_fb\n1,1,1\n1,1,1\n", "given twice"),
        ("experiment,run,luminosity_inverse_fb\n1,1.5,1\n", "not a row"),
        ("experiment,run,luminosity_inverse_fb\n1,1\n", "not a row"),
        ("experiment,run,luminosity_inverse_fb\n1,1,1,1\n", "not a luminosity"),
    ],
)
def test_broken_luminosity_tables_are_refused(write_csv: Callable[[str], Path], text: str, message: str) -> None:
    with pytest.raises(InputFileError, match=message):
        read_luminosity_table(write_csv(text))


def test_run_columns_must_be_integers() -> None:
    with pytest.raises(EventContentError, match="integer columns"):
        runs_of(np.array([7.0]), np.array([1.0]))
    with pytest.raises(EventContentError, match="integer columns"):
        runs_of(np.array([7]), np.array([1, 2]))

"""An entry of a search in mass and lifetime: stored, thinned, reproduced, beside published values, changed by hand."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parents[2] / "processors"))

from displaced_example import example_config
from fabricated_displaced import fabricated_histograms

from darkreach.building import write_workspace
from darkreach.building.displaced_workspace import build_displaced_workspace
from darkreach.catalogue import CatalogueEntry, reproduce_entry, store_entry
from darkreach.command_line.reproduce import print_reproduction
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings import (
    lifetime_limits_from,
    long_lived_couplings,
    long_lived_model,
    read_couplings,
    read_couplings_header,
    read_lifetime_limits,
)
from darkreach.couplings.displaced_rates import displaced_rates
from darkreach.couplings.lifetime_limits_file import write_search_lifetime_limits
from darkreach.errors import InputFileError, ReproductionError
from darkreach.limits import LimitsDocument, compute_limits, limit_engine, read_limits, write_limits
from darkreach.pipeline import RunFolder
from darkreach.provenance import digest_file, write_text
from darkreach.published import PublishedLifetimeLimit, PublishedLifetimes, PublishedSearch
from darkreach.sharing import apply_patches

LEVEL, MASSES = 0.95, (0.35, 0.4, 0.8)


@pytest.fixture(scope="module")
def config() -> DisplacedSearchConfig:
    return example_config(b_candidate=True)


@pytest.fixture(scope="module")
def run(config: DisplacedSearchConfig, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Return the folder of a run whose events nobody simulated."""
    folder, rates = RunFolder(tmp_path_factory.mktemp("run")), displaced_rates(config, 10.58)
    workspace = build_displaced_workspace(
        fabricated_histograms(config, (0.3, 0.6, 1.0), rates), config, luminosity_inverse_fb=189.0, rates=rates,
        masses=MASSES,
    )  # fmt: skip
    # those of two of the four channels are enough
    kept = [one for one in workspace.patchset["patches"] if one["metadata"]["values"][0] in ("combined", "kplus_mumu")]
    workspace = replace(workspace, patchset=workspace.patchset | {"patches": kept})
    paths = write_workspace(folder.workspace, workspace)
    hypotheses = apply_patches(workspace.background_only, workspace.patchset)
    limits = compute_limits(hypotheses, [LEVEL], engine=limit_engine("auto", method="auto"))
    document = LimitsDocument(
        config.search, "mu", tuple(hypotheses[0].values), 189.0, config.mu_one,
        {path.name: digest_file(path) for path in paths}, {one.name: dict(one.meaning) for one in hypotheses},
        tuple(limits),
    )  # fmt: skip
    write_limits(folder.limits, document)
    write_search_lifetime_limits(folder.root / "branching_ratio_limits.csv", document, cl=LEVEL)
    for name in ("efficiency_grid.csv", *(f"figures/{name}_95.svg" for name in FIGURES)):
        write_text(folder.root / name, "as it is")
    return folder


FIGURES = ("bands", "excluded_sin_theta_coupling", "excluded_sin_theta_lifetime")


@pytest.fixture
def entry(
    run: RunFolder, config: DisplacedSearchConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CatalogueEntry:
    monkeypatch.setattr("darkreach.catalogue.kept_lifetimes.kept_limits.__defaults__", (100,))
    settings = SimpleNamespace(config=config, confidence_levels=(LEVEL,))
    store_entry(run, settings, tmp_path / "entry", every=3)  # type: ignore[arg-type]
    monkeypatch.setattr("darkreach.catalogue.reproduce.config_path", lambda *_: tmp_path)
    monkeypatch.setattr("darkreach.catalogue.reproduce.read_search", lambda _: config)
    values = [
        PublishedLifetimeLimit(channel=one.channel, mass_gev=one.mass_gev, ctau_cm=one.ctau_cm, upper=one.upper / 2.0)
        for one in read_lifetime_limits(run.root / "branching_ratio_limits.csv")
        if (one.channel, one.quantile) == ("kplus_mumu", "0") and np.isfinite(one.upper)
    ]
    table = {"paper": "p", "source": "arXiv:1", "kind": "observed", "luminosity_inverse_fb": 189.0, "values": values}
    tables = [
        PublishedLifetimes(**table, quantity=quantity, confidence_level=level)
        for quantity, level in ((config.quantity, LEVEL), (config.quantity, 0.9), ("something else", LEVEL))
    ]
    published = PublishedSearch(search=config.search, lifetimes=tuple(tables), causes=("one cause",))
    monkeypatch.setattr("darkreach.catalogue.reproduce.published_or_none", lambda _: published)
    return CatalogueEntry(config.search, tmp_path / "entry")


def test_masses_are_left_out_and_every_third_of_the_others_is_kept(entry: CatalogueEntry, config) -> None:
    rows = read_lifetime_limits(entry.folder / "branching_ratio_limits.csv")
    # 3 masses of 5 lifetimes, 6 quantiles of both channels together and 2 of one alone: 120 rows are too many for 100
    assert {row.mass_gev for row in rows} == {0.35, 0.8}
    assert {row.quantile for row in rows if row.channel == "kplus_mumu"} == {"observed", "0"}
    assert len({row.quantile for row in rows if row.channel == "combined"}) == 6
    patches = json.loads(entry.patchset.read_text())["patches"]
    assert {patch["metadata"]["values"][1] for patch in patches} == {0.35, 0.8}
    assert len(patches) == 7
    assert [limit.name for limit in read_limits(entry.limits).limits] == [
        patch["metadata"]["name"] for patch in patches
    ]
    for name in ("efficiency_grid.csv", *(f"{name}_95.svg" for name in FIGURES)):
        assert (entry.folder / name).read_text() == "as it is"


def test_islands_are_those_of_all_stored_lifetimes(entry: CatalogueEntry, run: RunFolder, config) -> None:
    (coupling,) = config.couplings
    whole = lifetime_limits_from(read_limits(run.limits), cl=LEVEL)
    expected = [one for one in long_lived_couplings(whole, long_lived_model(coupling)) if one.mass_gev in (0.35, 0.8)]
    stored = read_couplings(entry.couplings(LEVEL, (LEVEL,)))
    assert [(one.mass_gev, one.quantile) for one in stored] == [(one.mass_gev, one.quantile) for one in expected]
    assert [one.lower for one in stored] == pytest.approx([one.lower for one in expected], rel=1e-4, abs=0.0)
    assert len(stored) > 6
    assert read_couplings_header(entry.couplings(LEVEL, (LEVEL,)))["luminosity"] == "189 fb^-1"


def test_a_stored_entry_is_reproduced_and_compared(entry: CatalogueEntry, capsys: pytest.CaptureFixture[str]) -> None:
    found = reproduce_entry(entry)
    assert (found.compared, found.differences) == (7, ())
    assert found.largest_difference < 1e-9
    # of the three published tables one has another level, one another quantity
    (compared,) = found.lifetimes
    known = [row.ratio for row in compared.rows if row.mass_gev != 0.4]
    assert known == pytest.approx([2.0] * len(known), rel=1e-5)
    # between the masses that are kept nothing is known: they are too far apart
    assert all(np.isnan(row.ratio) for row in compared.rows if row.mass_gev == 0.4)
    assert not compared.reached
    assert compared.trends[0].rank_correlation == pytest.approx(1.0, rel=1e-12)
    json.dumps(found.as_dict(), allow_nan=False)
    print_reproduction(found)
    printed = capsys.readouterr().out
    assert "median ratio 2.00 (goal 0.67-1.5)" in printed
    assert "one cause" in printed


@pytest.mark.parametrize(("name", "text"), [("couplings", "coupling interval"), ("branching_ratio_limits", "limit of")])
def test_what_was_changed_by_hand_is_told(entry: CatalogueEntry, name: str, text: str) -> None:
    path = entry.folder / f"{name}.csv"
    lines = path.read_text().splitlines()
    header = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    column = {"couplings": 3, "branching_ratio_limits": 4}[name]
    cells = lines[header + 1].split(",")
    cells[column] = f"{1.001 * float(cells[column]):.9g}"
    path.write_text("\n".join([*lines[: header + 1], ",".join(cells), *lines[header + 2 :]]) + "\n")
    differences = reproduce_entry(entry).differences
    assert any(one.startswith(text) for one in differences)


def test_a_limit_that_is_not_in_the_table_is_told(entry: CatalogueEntry) -> None:
    path = entry.folder / "branching_ratio_limits.csv"
    first = read_limits(entry.limits).limits[0].values
    lines = path.read_text().splitlines(keepends=True)
    lost = f"{first['channel']},{first['mass_gev']},{first['ctau_cm']},"
    path.write_text("".join(line for line in lines if not line.startswith(lost)))
    told = [one for one in reproduce_entry(entry).differences if one.startswith("limit of")]
    assert len(told) == 6


def test_a_changed_patchset_is_refused(entry: CatalogueEntry) -> None:
    entry.patchset.write_text(entry.patchset.read_text() + " ")
    with pytest.raises(ReproductionError, match="not the file"):
        reproduce_entry(entry)


def test_a_run_without_efficiencies_is_refused(run: RunFolder, config, tmp_path: Path) -> None:
    settings = SimpleNamespace(config=config, confidence_levels=(0.9, LEVEL))
    with pytest.raises(InputFileError, match="the run lacks a result") as error:
        store_entry(run, settings, tmp_path / "entry")  # type: ignore[arg-type]
    assert "branching_ratio_limits_90.csv" in str(error.value)

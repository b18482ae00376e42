"""An entry of a plane of two masses: stored, thinned, reproduced, beside published ranges, and changed by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from darkreach.catalogue import CatalogueEntry, beside_range, reproduce_entry, store_entry
from darkreach.catalogue.compared_limits import compare_limits
from darkreach.catalogue.cross_sections import changed_cross_sections, write_cross_sections
from darkreach.catalogue.recomputed_limits import recomputed_limits
from darkreach.command_line.limit_table import print_couplings, print_cross_sections
from darkreach.command_line.reproduce import print_reproduction
from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import read_plane_couplings
from darkreach.errors import LimitError, ReproductionError, UnknownNameError
from darkreach.limits import LimitsDocument, compute_limits, limit_engine, read_limits, write_limits
from darkreach.models.dark_higgsstrahlung import born_cross_section_fb
from darkreach.models.dark_photon_branching import decay_probability
from darkreach.pipeline import RunFolder
from darkreach.provenance import write_json, write_text
from darkreach.published import PublishedRange, PublishedSearch
from darkreach.sharing import apply_patches
from darkreach.sharing.digests import workspace_digest

REFERENCE, LUMINOSITY, EVENTS = 1e-7, 8.34, 10.0
# 90 % limits on the signal of one event where half of one is expected, and of none, which is the median
OBSERVED, MEDIAN = 3.508, math.log(10.0)
COUPLINGS = (
    CouplingSettings(name="epsilon_squared_alpha_dark", unit="", model="dark_higgsstrahlung"),
    CouplingSettings(
        name="epsilon", unit="", model="dark_higgsstrahlung_mixing",
        parameters={"alpha_dark": Quantity(value=0.5, source="convention")},
    ),
)  # fmt: skip
POINTS = [(mass, second) for mass in (4.0, 5.0, 9.0) for second in (0.4, 0.9, 1.2, 1.5)]


def background_only() -> dict:
    parameters = [{"name": "mu", "inits": [1.0], "bounds": [[0.0, 100.0]]}]
    return {
        "channels": [{"name": "c", "samples": [{"name": "b", "data": [0.5], "modifiers": []}]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": parameters}}],
        "observations": [{"name": "c", "data": [1.0]}],
        "version": "1.0.0",
    }


def patch(masses: tuple[float, float]) -> dict:
    name = f"mA_{1e3 * masses[0]:.0f}_mh_{1e3 * masses[1]:.0f}"
    cross_section = born_cross_section_fb(*masses, REFERENCE, 10.58)
    signal = {"name": "signal", "data": [EVENTS], "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
    metadata = {"name": name, "values": list(masses), "cross_section_fb": cross_section, "coupling": REFERENCE}
    metadata |= {"data_kind": "pseudo-data", "luminosity_inverse_fb": LUMINOSITY}
    return {"metadata": metadata, "patch": [{"op": "add", "path": "/channels/0/samples/-", "value": signal}]}


@pytest.fixture(scope="module")
def document() -> LimitsDocument:
    workspace = background_only()
    hypotheses = apply_patches(workspace, patchset(workspace))
    limits = compute_limits(hypotheses, [0.9], engine=limit_engine("auto", method="auto"))
    meanings = {one.name: dict(one.meaning) for one in hypotheses}
    labels = ("dark_photon_mass_gev", "dark_higgs_mass_gev")
    return LimitsDocument("plane", "mu", labels, LUMINOSITY, "", {}, meanings, tuple(limits))


def patchset(workspace: dict) -> dict:
    metadata = {
        "description": "", "digests": {"sha256": workspace_digest(workspace)},
        "labels": ["dark_photon_mass_gev", "dark_higgs_mass_gev"], "references": {"hepdata": "ins0000000"},
    }  # fmt: skip
    return {"metadata": metadata, "patches": [patch(point) for point in POINTS], "version": "1.0.0"}


def limits_range(**changes: object) -> PublishedRange:
    settings = {"paper": "p", "source": "arXiv:1, abstract", "quantity": "cross_section_fb", "unit": "fb",
                "confidence_level": 0.9, "luminosity_inverse_fb": LUMINOSITY, "low": 0.01, "high": 10.0,
                "dark_photon_mass_gev": (4.0, 9.7)}  # fmt: skip
    return PublishedRange(**(settings | changes))


@pytest.fixture
def entry(tmp_path: Path, document: LimitsDocument, monkeypatch: pytest.MonkeyPatch) -> CatalogueEntry:
    run = RunFolder(tmp_path / "run")
    workspace = background_only()
    write_json(run.workspace / "BkgOnly.json", workspace)
    write_json(run.workspace / "patchset.json", patchset(workspace))
    write_limits(run.limits, document)
    config = SimpleNamespace(search="plane", couplings=COUPLINGS, main_coupling=COUPLINGS[0])
    monkeypatch.setattr("darkreach.catalogue.store.PlaneSearchConfig", SimpleNamespace)
    for name in ("cross_section_90_observed", "epsilon_squared_alpha_dark_90_observed"):
        write_text(run.root / "figures" / f"{name}.svg", "<svg/>")
    settings = SimpleNamespace(config=config, confidence_levels=(0.9,))
    store_entry(run, settings, tmp_path / "plane", every=5)  # type: ignore[arg-type]
    ranges = (
        limits_range(),
        limits_range(quantity="epsilon", unit="", low=1e-5, high=1e-3, luminosity_inverse_fb=50.0),
    )
    published = PublishedSearch(search="plane", ranges=ranges, causes=("one cause",))
    monkeypatch.setattr("darkreach.catalogue.reproduce.config_path", lambda *_: tmp_path)
    monkeypatch.setattr("darkreach.catalogue.reproduce.read_search", lambda _: config)
    monkeypatch.setattr("darkreach.catalogue.reproduce.published_or_none", lambda _: published)
    return CatalogueEntry("plane", tmp_path / "plane")


def test_every_fifth_point_is_kept_and_all_limits_on_the_cross_section(entry: CatalogueEntry) -> None:
    kept = [tuple(one["metadata"]["values"]) for one in json.loads(entry.patchset.read_text())["patches"]]
    assert kept == POINTS[::5]
    assert [limit.values["dark_higgs_mass_gev"] for limit in read_limits(entry.limits).limits] == [0.4, 0.9, 1.2]
    for name in ("", "epsilon"):
        rows = read_plane_couplings(entry.couplings(0.9, (0.9,), name))
        assert {row.masses for row in rows} == set(POINTS[::5])
    rows = entry.cross_sections(0.9, (0.9,)).read_text().splitlines()
    assert len([row for row in rows if not row.startswith("#")]) == len(POINTS) + 1
    assert (entry.folder / "cross_section_90_observed.svg").is_file()


def test_a_stored_plane_is_reproduced_and_compared(entry: CatalogueEntry, capsys: pytest.CaptureFixture[str]) -> None:
    found = reproduce_entry(entry)
    assert (found.compared, found.differences, found.published) == (3, (), ())
    assert found.largest_difference < 1e-9
    cross_section, mixing = found.ranges
    # ten events are expected for mu = 1
    born = [born_cross_section_fb(*point, REFERENCE, 10.58) for point in POINTS[::5]]
    for events, ours in ((OBSERVED, cross_section.observed), (MEDIAN, cross_section.expected)):
        numbers = [events / EVENTS * number for number in (min(born), float(np.median(born)), max(born))]
        assert [ours.low, ours.median, ours.high] == pytest.approx(numbers, rel=2e-4)
    coupling = math.sqrt(OBSERVED / EVENTS * REFERENCE / 0.5)
    assert mixing.observed.low == pytest.approx(coupling, rel=2e-4, abs=0.0)
    # all inside, but of another luminosity
    assert cross_section.reached
    assert mixing.expected.inside == 3
    assert not mixing.reached
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["ranges"][0]["observed"]["hypotheses"] == 3
    print_reproduction(found)
    printed = capsys.readouterr().out
    assert "3 of 3" in printed
    assert "ours are of 8.34 fb^-1, not scaled" in printed
    assert "one cause" in printed


@pytest.mark.slow
def test_limits_are_recomputed_by_the_method_they_are_stored_with() -> None:
    workspace = background_only()
    hypotheses = apply_patches(workspace, patchset(workspace))[:3]
    stored = compute_limits(hypotheses[:1], [0.9], engine=limit_engine("auto", method="asymptotic"))
    stored += compute_limits(hypotheses[1:2], [0.9], engine=limit_engine("auto", method="exact"))
    calls: list[tuple[int, int]] = []
    found, _ = recomputed_limits(hypotheses, stored, progress=lambda done, planned: calls.append((done, planned)))
    methods = {limit.name: limit.method for limit in found}
    # the one that is not stored is as the automatic choice has it: below one event, exact
    assert [methods[one.name] for one in hypotheses] == ["asymptotic", "exact", "exact"]
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert (
        compare_limits(stored, [limit for limit in found if limit.name != hypotheses[2].name], "compiled").differences
        == ()
    )
    everything, engine = recomputed_limits(hypotheses[1:2], stored, engine="pyhf")
    assert (engine.name, everything[0].method) == ("pyhf", "asymptotic")


def test_what_was_changed_by_hand_is_told(entry: CatalogueEntry) -> None:
    for path, column in ((entry.couplings(0.9, (0.9,), "epsilon"), 3), (entry.cross_sections(0.9, (0.9,)), 2)):
        lines = path.read_text().splitlines()
        cells = lines[-1].split(",")
        cells[column] = f"{1.001 * float(cells[column]):.9g}"
        path.write_text("\n".join([*lines[:-1], ",".join(cells)]) + "\n")
    differences = reproduce_entry(entry).differences
    # the last of all rows is the last point, which is no third one: only the coupling is recomputed
    assert len(differences) == 1
    assert "epsilon at 9, 1.2 GeV" in differences[0]
    entry.limits.write_text(entry.limits.read_text().replace('"observed": 0.35', '"observed": 0.36'))
    assert any("cross_sections.csv" in text for text in reproduce_entry(entry).differences)
    entry.patchset.write_text(entry.patchset.read_text() + " ")
    with pytest.raises(ReproductionError, match="not the file"):
        reproduce_entry(entry)


def test_changed_rows_of_cross_sections(tmp_path: Path, document: LimitsDocument) -> None:
    path = write_cross_sections(tmp_path / "cross_sections.csv", document, 0.9)
    assert list(changed_cross_sections(path, document, 0.9)) == []
    rows = path.read_text().splitlines()
    path.write_text("\n".join(row for row in rows if not row.startswith("5,")) + "\n")
    assert len(list(changed_cross_sections(path, document, 0.9))) == 4


def test_hypotheses_are_counted_inside_of_the_margin(document: LimitsDocument) -> None:
    shares = [0.3508 * born_cross_section_fb(*point, REFERENCE, 10.58) for point in POINTS]
    # the margin ends just above the second highest
    high = sorted(shares)[-2] / 1.498
    found = beside_range(limits_range(low=1e-6, high=high), document, COUPLINGS)
    assert (found.observed.hypotheses, found.observed.inside) == (12, 11)
    heavy = beside_range(limits_range(dark_photon_mass_gev=(8.0, 9.7)), document, COUPLINGS)
    assert heavy.expected.hypotheses == 4
    muons = beside_range(limits_range(decays=("muons",), dark_photon_mass_gev=(8.0, 9.7)), document, COUPLINGS)
    assert muons.observed.low == pytest.approx(heavy.observed.low * decay_probability(["muons"], 9.0), rel=1e-12)
    none = beside_range(limits_range(dark_photon_mass_gev=(1.0, 2.0)), document, COUPLINGS)
    assert none.expected.hypotheses == 0
    assert not none.reached
    json.dumps(none.as_dict(), allow_nan=False)


def test_a_range_of_what_the_search_has_not_is_refused(document: LimitsDocument) -> None:
    with pytest.raises(UnknownNameError, match="coupling of a published range"):
        beside_range(limits_range(quantity="epsilom", unit=""), document, COUPLINGS)
    with pytest.raises(LimitError, match="has no 'cross_section_fb'"):
        bare = LimitsDocument("s", "mu", (), 1.0, "", {}, {}, document.limits)
        beside_range(limits_range(), bare, COUPLINGS)


def test_tables_of_the_terminal(document: LimitsDocument, entry: CatalogueEntry, capsys) -> None:
    print_cross_sections("limits", document)
    rows = read_plane_couplings(entry.couplings(0.9, (0.9,)))
    print_couplings("Excluded", {0.9: rows}, "")
    printed = capsys.readouterr().out
    assert printed.count("A' mass (GeV)") == printed.count("h' mass (GeV)") == 2
    assert "2.3e-08" in printed

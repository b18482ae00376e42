"""The search for muon pairs in the plane against plain masks, and the rules its outputs and settings must obey."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from coffea.nanoevents.methods import base
from coffea.processor import IterativeExecutor, Runner
from pydantic import ValidationError

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.muon_pair_plane import MuonPairPlaneConfig
from darkreach.errors import EventContentError, UnknownNameError
from darkreach.events.schema import Basf2EventSchema
from darkreach.generators.process_registry import find_process
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.kinematics import MUON_MASS, boost
from darkreach.response import measure_events
from darkreach.searches.muon_pair_plane import MuonPairPlane
from darkreach.searches.recoil_photon import beam_directions, hides_photon
from darkreach.simulation.event_lists import measured_lists, stored_values

Columns = dict[str, Any]
MASSES = (6.0, 2.0)
SEARCHES = ("invisible_dark_higgs", "invisible_dark_higgs_kloe")


def as_events(columns: Columns, **metadata: Any) -> ak.Array:
    named = {"dataset": "one", "filename": "a.parquet"} | metadata
    record = ak.contents.RecordArray([ak.to_layout(value) for value in columns.values()], list(columns))
    return ak.Array(record.copy(parameters={"__record__": "NanoEvents", "metadata": named}), behavior=base.behavior)


def as_signal(columns: Columns, masses: tuple[float, float] = MASSES) -> ak.Array:
    names = dict(zip(("dark_photon_mass_gev", "dark_higgs_mass_gev"), masses, strict=True))
    return as_events(columns, dataset="signal_muons_1_1MeV", kind="signal", **names)


def simulated(detector: DetectorConfig, name: str, number: int, **values: float) -> Columns:
    """Columns as the ntuples have them."""
    process = find_process(name)
    source = process.open(detector.beams.beams(), process.values(values), 0.0).source
    measured = measure_events(source(number, np.random.default_rng(7)), detector, np.random.default_rng(8))
    rows = measured_lists(measured, np.arange(len(measured)))
    flat = stored_values(rows, rows.columns())
    return {
        column.name: flat[column.name]
        if column.level == "event"
        else ak.unflatten(flat[column.name], np.diff(rows.lists[column.collection].offsets))
        for column in rows.columns()
    }


def signal_columns(detector: DetectorConfig, number: int, masses: tuple[float, float]) -> Columns:
    names = {"dark_photon_mass_gev": masses[0], "dark_higgs_mass_gev": masses[1]}
    return simulated(detector, "dark_higgsstrahlung_invisible", number, **names)


def config_of(name: str) -> MuonPairPlaneConfig:
    return read_config(config_path("searches", name), MuonPairPlaneConfig)


@pytest.fixture(scope="module")
def config() -> MuonPairPlaneConfig:
    """That of the search in few cells: tests of the selection need no more, and are faster."""
    config = config_of("invisible_dark_higgs")
    plane = config.plane
    coarse = {
        name: axis.model_copy(update={"cell_widths": tuple((at, 10.0 * width) for at, width in axis.cell_widths)})
        for name, axis in (("x", plane.x), ("y", plane.y))
    }
    return config.model_copy(update={"plane": plane.model_copy(update=coarse)})


@pytest.fixture(scope="module")
def processor(config: MuonPairPlaneConfig, detector_config: DetectorConfig) -> MuonPairPlane:
    return MuonPairPlane(config, detector_config)


@pytest.fixture(scope="module")
def muons(detector_config: DetectorConfig) -> Columns:
    return signal_columns(detector_config, 5_000, MASSES)


@pytest.fixture(scope="module")
def signal(processor: MuonPairPlane, muons: Columns) -> dict[str, Any]:
    return processor.process(as_signal(muons))["histograms"]


@pytest.fixture(scope="module")
def background(processor: MuonPairPlane, muons: Columns) -> dict[str, Any]:
    return processor.process(as_events(muons, kind="background"))["histograms"]


def pulls(histograms: dict[str, Any], variation: str = "nominal") -> Any:
    return histograms["signal_plane/muons"][0, variation, ...]


def moments(content: Any, rho: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and width of the pulls of x and of y, and their correlation, within five."""
    centres, weight = content.axes[0].centers, content.values()
    one, across = np.meshgrid(centres, centres, indexing="ij")
    # the second axis is what is left of y once x is known
    other = rho * one + np.sqrt(1.0 - rho**2) * across
    core = (np.abs(one) < 5.0) & (np.abs(other) < 5.0)
    values, weights = np.stack([one[core], other[core]]), weight[core]
    covariance = np.cov(values, aweights=weights)
    width = np.sqrt(np.diag(covariance))
    return np.average(values, axis=1, weights=weights), width, float(covariance[0, 1] / width.prod())


def plain_selection(columns: Columns, config: MuonPairPlaneConfig, detector: DetectorConfig) -> tuple[np.ndarray, ...]:
    """Event by event as the cuts read: weight, mass of the pair, squared mass of the recoil."""
    cuts, beams, found = config.selection, detector.beams.beams(), []
    assert cuts.helicity is not None
    masses, constants, slopes = np.array(cuts.helicity.knots).T
    total, directions = beams.four_momentum, beam_directions(beams)
    for row in range(len(columns["generatorWeight"])):
        if not any(columns[f"l1_{line}"][row] for line in cuts.trigger_lines) or len(columns["track_p"][row]) != 2:
            continue
        p, theta, phi, charge, dr, dz, electron, muon = (
            np.asarray(columns[f"track_{name}"][row], dtype=float)
            for name in ("p", "theta", "phi", "charge", "dr", "dz", "electronID", "muonID")
        )
        lepton = (muon > cuts.identification.muon.threshold.value) & (electron <= 0.9)
        if charge.sum() != 0 or not lepton.all() or np.abs(dr).max() > 0.5 or np.abs(dz).max() > 2.0:
            continue
        if np.degrees(theta.min()) < 17.0 or np.degrees(theta.max()) > 150.0 or (p * np.sin(theta)).min() < 0.1:
            continue
        unit = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=1)
        momenta = np.concatenate([np.hypot(p, MUON_MASS)[:, np.newaxis], p[:, np.newaxis] * unit], axis=1)
        pair = momenta.sum(axis=0)
        in_cm, recoil = boost(pair, -beams.boost), total - pair
        transverse = np.hypot(in_cm[1], in_cm[2])
        y = recoil[0] ** 2 - recoil[1:] @ recoil[1:]
        flight = in_cm[1:] / in_cm[0]
        at_rest = boost(boost(momenta, -beams.boost), -flight)[0, 1:]
        cosine = abs(at_rest @ flight) / np.linalg.norm(at_rest) / np.linalg.norm(flight)
        mass = np.sqrt(max(y, 0.0))
        limit = np.interp(mass, masses, constants) + np.interp(mass, masses, slopes) * transverse
        angle = np.degrees(np.arctan2(np.hypot(recoil[1], recoil[2]), recoil[3]))
        region = config.regions[0].polar_range
        if transverse < 0.3 or cosine >= limit or not region.low <= angle < region.high:
            continue
        energy, polar, azimuth = (np.asarray(columns[f"photon_{name}"][row], float) for name in ("E", "theta", "phi"))
        energetic = energy >= 0.1
        seen = np.stack([np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], axis=1)
        near = seen @ recoil[1:] / np.linalg.norm(recoil[1:]) >= np.cos(np.radians(cuts.photon_vetoes.cone.value))
        if (near & energetic).any() or energy[energetic].sum() > cuts.photon_vetoes.largest_sum.value:
            continue
        if hides_photon(recoil[:, np.newaxis], directions, cuts.photon_vetoes.uncovered_ranges)[0]:
            continue
        found.append((columns["generatorWeight"][row], np.sqrt(pair[0] ** 2 - pair[1:] @ pair[1:]), y))
    return tuple(np.array(found).T)


@pytest.mark.agreement
def test_region_holds_what_plain_masks_select(
    processor: MuonPairPlane, config: MuonPairPlaneConfig, detector_config: DetectorConfig, muons: Columns
) -> None:
    few = {name: values[:600] for name, values in muons.items()}
    weight, x, y = plain_selection(few, config, detector_config)
    assert len(x) > 150
    histogram = processor.process(as_events(few, kind="background"))["histograms"]["plane/muons"]
    edges = [axis.edges for axis in histogram.axes[1:]]
    expected, *_ = np.histogram2d(x, y, edges, weights=weight)
    np.testing.assert_allclose(histogram[0, ...].values(), expected, rtol=1e-9, atol=1e-15)


def test_signals_lie_at_their_masses_with_the_resolution_of_the_configuration(
    signal: dict[str, Any], config: Any
) -> None:
    rho = float(PlaneGrid(config.plane, 10.58).resolution(MASSES)[2])
    mean, width, correlation = moments(pulls(signal), rho)
    assert np.abs(mean) == pytest.approx([0.0, 0.0], abs=0.12)
    # tails make the standard deviation a little larger than the half width of the central 68 %
    assert width == pytest.approx([1.05, 1.05], abs=0.1)
    assert correlation == pytest.approx(rho, abs=0.05)


def test_variations_move_what_they_should(signal: dict[str, Any], config: Any) -> None:
    rho = float(PlaneGrid(config.plane, 10.58).resolution(MASSES)[2])
    nominal, up, down = (
        moments(pulls(signal, name), rho)
        for name in ("nominal", *(f"track_momentum_scale_{d}" for d in ("up", "down")))
    )
    # 0.1 % of 6 GeV in units of 22 MeV
    assert up[0][0] - nominal[0][0] == pytest.approx(0.27, abs=0.05)
    assert down[0][0] - nominal[0][0] == pytest.approx(-0.27, abs=0.05)
    # M^2 = s + M_pair^2 - 2 sqrt(s) E: falls with the momenta
    assert up[0][1] < nominal[0][1] - 0.2 < nominal[0][1] + 0.2 < down[0][1]
    assert moments(pulls(signal, "recoil_resolution_up"), rho)[1] == pytest.approx(1.1 * nominal[1], rel=0.04)
    assert moments(pulls(signal, "recoil_resolution_down"), rho)[1] == pytest.approx(0.9 * nominal[1], rel=0.04)
    sums = {name: pulls(signal, name).view(flow=True).value.sum() for name in signal["signal_plane/muons"].axes[1]}
    assert sums["photon_veto_up"] < sums["nominal"] < sums["photon_veto_down"]
    assert 1.02 < sums["lepton_identification_up"] / sums["nominal"] < 1.0**2 + 0.1025


def test_background_fills_the_plane_and_its_variations(background: dict[str, Any], signal: dict[str, Any]) -> None:
    total = background["plane/muons"].view(flow=True).value.sum()
    assert total > 0.0
    varied = background["plane_variation/muons"]
    assert varied[0, "nominal", ...].view(flow=True).value.sum() == pytest.approx(total)
    assert total == pytest.approx(pulls(signal).view(flow=True).value.sum())
    assert background["cutflow"][0, "region:muons"].value == pytest.approx(total)
    assert background["signal_plane/muons"].view(flow=True).value.sum() == 0.0
    steps = background["cutflow"].values()[0]
    assert (np.diff(steps) <= 0.0).all()
    assert steps[-2] < steps[-3]


def test_chunks_add_up(processor: MuonPairPlane, muons: Columns, background: dict[str, Any]) -> None:
    parts = [
        processor.process(as_events({name: values[part] for name, values in muons.items()}, kind="background"))
        for part in (slice(None, 1700), slice(1700, 1701), slice(1701, None))
    ]
    for name, expected in background.items():
        added = parts[0]["histograms"][name] + parts[1]["histograms"][name] + parts[2]["histograms"][name]
        np.testing.assert_allclose(added.values(flow=True), expected.values(flow=True), rtol=1e-12, err_msg=name)


@pytest.mark.agreement
def test_stock_coffea_gives_the_same(
    processor: MuonPairPlane, muons: Columns, background: dict[str, Any], tmp_path: Path
) -> None:
    columns = {"__weight__": np.ones(len(muons["generatorWeight"])), **muons}
    table = {
        name: ak.to_arrow(columns[name], extensionarray=False)
        if isinstance(columns[name], ak.Array)
        else pa.array(columns[name])
        for name in processor.required_columns("background")
    }
    pq.write_table(pa.table(table), tmp_path / "events.parquet")
    executor = IterativeExecutor(status=False)
    runner = Runner(
        executor=executor, pre_executor=executor, schema=Basf2EventSchema, chunksize=2_000, format="parquet"
    )
    files = {"files": [str(tmp_path / "events.parquet")], "treename": "tree", "metadata": {"kind": "background"}}
    output = runner({"one": files}, processor_instance=processor)
    assert sum(output["ledger"]["one"].values()) == len(muons["generatorWeight"])
    for name, histogram in background.items():
        np.testing.assert_allclose(output["histograms"][name].values(), histogram.values(), rtol=1e-12, err_msg=name)


def test_data_fill_the_nominal_only_and_need_no_truth(
    processor: MuonPairPlane, muons: Columns, background: dict[str, Any]
) -> None:
    columns = {name: muons[name] for name in processor.required_columns("data") if name in muons}
    assert not any("mc" in name or name == "generatorWeight" for name in columns)
    histograms = processor.process(as_events(columns, kind="data"))["histograms"]
    cells = histograms["plane/muons"].view(flow=True)
    assert (cells.value == cells.variance).all()
    np.testing.assert_array_equal(cells.value > 0.0, background["plane/muons"].view(flow=True).value > 0.0)
    assert histograms["plane_variation/muons"].view(flow=True).value.sum() == 0.0


@pytest.mark.parametrize(("search", "masses"), [(SEARCHES[0], (9.0, 1.0)), (SEARCHES[1], (0.5, 0.2))])
def test_every_configuration_sees_its_signal(search: str, masses: tuple[float, float]) -> None:
    config = config_of(search)
    detector = read_config(config_path("detectors", config.detector), DetectorConfig)
    columns = signal_columns(detector, 3_000, masses)
    histograms = MuonPairPlane(config, detector).process(as_signal(columns, masses))["histograms"]
    content = pulls(histograms)
    assert content.view(flow=True).value.sum() > 0.2 * columns["generatorWeight"].sum()
    rho = float(PlaneGrid(config.plane, detector.beams.beams().sqrt_s).resolution(masses)[2])
    mean, width, _ = moments(content, rho)
    assert np.abs(mean) == pytest.approx([0.0, 0.0], abs=0.15)
    assert width == pytest.approx([1.05, 1.05], abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("search", SEARCHES)
def test_the_plane_has_enough_hypotheses_and_cells_finer_than_windows(search: str) -> None:
    config = config_of(search)
    detector = read_config(config_path("detectors", config.detector), DetectorConfig)
    grid = PlaneGrid(config.plane, detector.beams.beams().sqrt_s)
    assert len(grid.hypotheses) >= 9000
    assert (len(grid.x_edges) - 1) * (len(grid.y_edges) - 1) <= 8e5
    width = grid.resolution(grid.hypotheses)
    for axis, edges in ((0, grid.x_edges), (1, grid.y_edges)):
        centre = grid.expected(grid.hypotheses)[:, axis]
        cell = np.diff(edges)[np.searchsorted(edges, centre) - 1]
        assert np.median(cell / width[:, axis]) < 0.5
        assert (cell / width[:, axis]).max() < 1.0


@pytest.mark.parametrize("name", ["track_p", "track_mcPhi", "photon_E", "generatorWeight", "l1_ffo"])
def test_numbers_that_are_not_finite_are_refused(processor: MuonPairPlane, muons: Columns, name: str) -> None:
    few = {key: values[:50] for key, values in muons.items()}
    values = few[name]
    if isinstance(values, ak.Array):
        flat = np.array(ak.flatten(values), dtype=float)
        flat[0] = np.nan
        few[name] = ak.unflatten(flat, ak.num(values))
    else:
        few[name] = np.where(np.arange(50) == 7, np.nan, values)
    with pytest.raises(EventContentError, match="finite"):
        processor.process(as_signal(few))


def test_settings_that_make_no_sense_are_refused(config: MuonPairPlaneConfig, detector_config: DetectorConfig) -> None:
    selection = config.selection.model_copy(update={"trigger_lines": ("fyy",)})
    with pytest.raises(UnknownNameError, match="fyy"):
        MuonPairPlane(config.model_copy(update={"selection": selection}), detector_config)
    content = config.model_dump(mode="json")
    region = content["regions"][0]
    for where, key, value, message in (
        (content["plane"]["x"], "observable", "recoil_mass", "plane.x"),
        (content["plane"]["y"], "power", 1, "plane.y"),
        (content["selection"], "flavours", ["electron", "muon"], "flavours"),
        (content["selection"]["helicity"], "knots", [[1.0, 0.7, 0.0], [0.5, 0.7, 0.0]], "must rise"),
        (region, "decays", ["electrons"], "decays"),
        (region, "vetoed_mass", [{"low": 3.0, "high": 3.2}], "vetoed_mass"),
        (content, "regions", [region, {**region, "name": "other"}], "must not overlap"),
    ):
        before = where[key]
        where[key] = value
        with pytest.raises(ValidationError, match=message):
            MuonPairPlaneConfig.model_validate(content)
        where[key] = before
    MuonPairPlaneConfig.model_validate(content)


def test_identity_holds_what_decides_the_result(processor: MuonPairPlane, config: MuonPairPlaneConfig) -> None:
    before = processor.identity()
    for key, update in (
        ("selection", {"helicity": None}),
        (
            "plane",
            {"resolution": config.plane.resolution.model_copy(update={"knots": config.plane.resolution.knots[1:]})},
        ),
        ("variations", {"photon_veto": None}),
    ):
        changed = config.model_copy(update={key: getattr(config, key).model_copy(update=update)})
        assert MuonPairPlane(changed, processor.detector).identity() != before
    luminosity = config.luminosity.model_copy(update={"value": 1.0})
    assert MuonPairPlane(config.model_copy(update={"luminosity": luminosity}), processor.detector).identity() == before

"""The search for two leptons against plain masks, and the rules its variations, controls and faults must obey."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest
from coffea.nanoevents.methods import base
from pydantic import ValidationError

from darkreach.configuration import DetectorConfig, Range, config_path, read_config
from darkreach.configuration.two_leptons import TwoLeptonControl, TwoLeptonsConfig
from darkreach.errors import EventContentError, UnknownNameError
from darkreach.generators.process_registry import find_process
from darkreach.histograms.binning import squared_mass_resolution
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS
from darkreach.response import measure_events
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.lepton_events import lepton_candidates
from darkreach.searches.lepton_kinematics import LeptonMomenta, plain_pair_kinematics
from darkreach.searches.lepton_pairs import PairCuts, TrackColumns, plain_lepton_pairs
from darkreach.searches.photon_veto import PhotonLists, plain_veto_energies
from darkreach.searches.recoil_photon import beam_directions, hides_photon
from darkreach.searches.two_leptons import TwoLeptons
from darkreach.searches.two_leptons_selection import inside
from darkreach.simulation.event_lists import EventLists, measured_lists, stored_values

Columns = dict[str, Any]
MASS = 3.0
SEARCHES = ("z_prime_invisible", "z_prime_invisible_2018", "electron_muon_missing")


def as_events(columns: Columns, **metadata: Any) -> ak.Array:
    parameters = {"__record__": "NanoEvents", "metadata": {"dataset": "one", "filename": "a.parquet"} | metadata}
    record = ak.contents.RecordArray([ak.to_layout(value) for value in columns.values()], list(columns))
    return ak.Array(record.copy(parameters=parameters), behavior=base.behavior)


def simulated(detector: DetectorConfig, name: str, number: int, **values: float) -> Columns:
    """Columns as the ntuples have them."""
    process = find_process(name)
    source = process.open(detector.beams.beams(), process.values(values), 0.0).source
    measured = measure_events(source(number, np.random.default_rng(7)), detector, np.random.default_rng(8))
    rows: EventLists = measured_lists(measured, np.arange(len(measured)))
    flat = stored_values(rows, rows.columns())
    columns: Columns = {}
    for column in rows.columns():
        if column.level == "event":
            columns[column.name] = flat[column.name]
        else:
            columns[column.name] = ak.unflatten(flat[column.name], np.diff(rows.lists[column.collection].offsets))
    return columns


def config_of(name: str) -> TwoLeptonsConfig:
    return read_config(config_path("searches", name), TwoLeptonsConfig)


@pytest.fixture(scope="module")
def config() -> TwoLeptonsConfig:
    return config_of("z_prime_invisible")


@pytest.fixture(scope="module")
def processor(config: TwoLeptonsConfig, detector_config: DetectorConfig) -> TwoLeptons:
    return TwoLeptons(config, detector_config)


@pytest.fixture(scope="module")
def muons(detector_config: DetectorConfig) -> Columns:
    return simulated(detector_config, "muon_pair_z_prime", 20_000, mass_gev=MASS)


@pytest.fixture(scope="module")
def signal(processor: TwoLeptons, muons: Columns) -> dict[str, Any]:
    return processor.process(as_events(muons, kind="signal", mass_gev=MASS))["histograms"]


def total(histogram: Any, variation: str = "nominal") -> float:
    return float(histogram["one", variation, :].view(flow=True).value.sum())


@pytest.mark.agreement
def test_regions_hold_what_plain_masks_select(
    processor: TwoLeptons, config: TwoLeptonsConfig, muons: Columns, signal: dict[str, Any]
) -> None:
    cuts = config.selection
    lists = {name.removeprefix("track_"): np.asarray(ak.flatten(muons[name])) for name in muons if "track_" in name}
    offsets = np.concatenate([[0], np.cumsum(np.asarray(ak.num(muons["track_p"])))])
    fired = np.any([muons[f"l1_{line}"] == 1 for line in cuts.trigger_lines], axis=0)
    pairs = plain_lepton_pairs(
        TrackColumns(offsets, *(lists[name] for name in ("charge", "dr", "dz", "electronID", "muonID"))),
        fired,
        PairCuts(0.5, 2.0, 0.9, 0.9),
    )
    muon = pairs.electrons == 0
    rows = (pairs.first[muon, np.newaxis] + np.arange(2)).reshape(-1)
    leptons = LeptonMomenta(
        *(lists[name][rows].astype(float) for name in ("p", "theta", "phi")), np.full(len(rows), MUON_MASS)
    )
    found = plain_pair_kinematics(leptons, processor._cuts.total)
    photons = [np.asarray(ak.flatten(muons[f"photon_{name}"])) for name in ("E", "theta", "phi")]
    starts = np.concatenate([[0], np.cumsum(np.asarray(ak.num(muons["photon_E"])))])
    vetoes = plain_veto_energies(
        PhotonLists(starts, *photons), pairs.event[muon], found.recoil_theta, found.recoil_phi,
        minimum_energy=cuts.photon_vetoes.minimum_energy.value, cone=np.radians(cuts.photon_vetoes.cone.value),
    )  # fmt: skip
    passing = (vetoes.largest_in_cone == 0.0) & (vetoes.total <= cuts.photon_vetoes.largest_sum.value)
    beams = beam_directions(processor.detector.beams.beams())
    passing &= ~hides_photon(found.recoil, beams, cuts.photon_vetoes.uncovered_ranges)
    passing &= (found.smallest_transverse >= 0.4) & (found.smallest_theta >= np.radians(17.0))
    passing &= found.largest_theta <= np.radians(150.0)
    passing &= found.pair_transverse >= cuts.pair_transverse_momentum.value
    assert cuts.tau_suppression is not None
    knots = np.array(cuts.tau_suppression.knots)
    mass = np.sqrt(np.maximum(found.recoil_mass_squared, 0.0))
    faster, slower, pair, threshold = (np.interp(mass, knots[:, 0], knots[:, column]) for column in range(1, 5))
    passing &= faster * found.against_faster + slower * found.against_slower + pair * found.pair_transverse > threshold
    weight = muons["generatorWeight"][pairs.event[muon]]
    angle = np.degrees(found.recoil_theta)
    for region in config.regions:
        inside = passing & (angle >= region.polar_range.low) & (angle < region.polar_range.high)
        histogram = signal[f"region/{region.name}"]
        expected, _ = np.histogram(found.recoil_mass_squared[inside], histogram.axes[-1].edges, weights=weight[inside])
        assert expected.sum() > 0.0
        np.testing.assert_allclose(histogram["one", "nominal", :].view().value, expected, rtol=1e-9, atol=1e-15)


def test_signal_peaks_at_its_mass(signal: dict[str, Any], config: TwoLeptonsConfig) -> None:
    resolution = float(squared_mass_resolution("recoil_mass_squared", MASS, config))
    shapes = [signal[f"signal_shape/{region.name}"]["one", "nominal", :] for region in config.regions]
    pull = shapes[0].axes[0].centers
    content = np.sum([shape.view().value for shape in shapes], axis=0)
    reached = np.cumsum(content) / content.sum()
    low, middle, high = np.interp([0.1587, 0.5, 0.8413], reached, pull)
    assert abs(middle) < 0.1
    # the knots of the configuration are those of this simulation
    assert 0.5 * (high - low) == pytest.approx(1.0, abs=0.08), resolution


def test_variations_move_what_they_should(signal: dict[str, Any], config: TwoLeptonsConfig) -> None:
    shapes = {}
    for variation in signal["region/recoil_forward"].axes["variation"]:
        parts = [signal[f"signal_shape/{region.name}"]["one", variation, :] for region in config.regions]
        shapes[variation] = np.sum([part.view().value for part in parts], axis=0)
    pull = signal["signal_shape/recoil_forward"].axes[-1].centers
    core = np.abs(pull) < 4.0

    def moments(variation: str) -> tuple[float, float]:
        weight = shapes[variation][core]
        mean = float(np.average(pull[core], weights=weight))
        return mean, float(np.sqrt(np.average((pull[core] - mean) ** 2, weights=weight)))

    # M^2 = s - 2 sqrt(s) E*_pair + M_pair^2 falls if momenta grow, by about 2 p.(recoil) = s - M^2 - M_pair^2 ...
    assert moments("track_momentum_scale_up")[0] < moments("nominal")[0] - 0.1
    assert moments("track_momentum_scale_down")[0] > moments("nominal")[0] + 0.1
    assert moments("recoil_resolution_up")[1] == pytest.approx(1.1 * moments("nominal")[1], rel=0.03)
    assert moments("recoil_resolution_down")[1] == pytest.approx(0.9 * moments("nominal")[1], rel=0.03)
    sums = {name: shape.sum() for name, shape in shapes.items()}
    assert sums["lepton_identification_up"] / sums["nominal"] == pytest.approx(1.025, abs=0.02)
    assert sums["lepton_identification_up"] + sums["lepton_identification_down"] >= 2.0 * sums["nominal"]
    # photons of more energy veto more
    assert sums["photon_veto_up"] < sums["nominal"] < sums["photon_veto_down"]


def test_identification_varies_each_lepton(processor: TwoLeptons, config: TwoLeptonsConfig, muons: Columns) -> None:
    events = as_events(muons, kind="signal", mass_gev=MASS)
    histograms = processor.process(events)["histograms"]
    steps = config.variations.lepton_identification
    assert steps is not None
    everything = muons["generatorWeight"].sum()
    for region in config.regions:
        histogram = histograms[f"region/{region.name}"]
        ratio = total(histogram, "lepton_identification_up") / total(histogram)
        assert (1.0 + min(steps.values)) ** 2 <= ratio <= (1.0 + max(steps.values)) ** 2
        assert total(histogram) < everything


def test_chunks_add_up(processor: TwoLeptons, config: TwoLeptonsConfig, muons: Columns, signal: dict[str, Any]) -> None:
    half = len(muons["generatorWeight"]) // 3
    parts = [
        processor.process(
            as_events({name: values[part] for name, values in muons.items()}, kind="signal", mass_gev=MASS)
        )
        for part in (slice(None, half), slice(half, None))
    ]
    for name, whole in signal.items():
        added = parts[0]["histograms"][name] + parts[1]["histograms"][name]
        np.testing.assert_allclose(
            added.values(flow=True), whole.values(flow=True), rtol=1e-12, atol=1e-18, err_msg=name
        )


def test_data_fill_the_nominal_only_and_need_no_truth(processor: TwoLeptons, muons: Columns) -> None:
    columns = {name: muons[name] for name in processor.required_columns("data")}
    assert not any("mc" in name or name == "generatorWeight" for name in columns)
    histograms = processor.process(as_events(columns, kind="data"))["histograms"]
    region = histograms["region/recoil_forward"]
    assert total(region) > 100.0
    assert all(total(region, name) == 0.0 for name in region.axes["variation"] if name != "nominal")


@pytest.mark.parametrize("name", SEARCHES)
def test_every_configuration_runs_and_selects_its_own_flavours(name: str, detector_config: DetectorConfig) -> None:
    config = config_of(name)
    processor = TwoLeptons(config, detector_config)
    settings = config.simulation.signal
    values = {
        **settings.parameters,
        "mass_gev": MASS,
        settings.coupling_parameter: config.simulation.reference_coupling.value,
    }
    own = simulated(detector_config, settings.process, 10_000, **values)
    other = "electron_muon_z_prime" if config.selection.flavours == ("muon", "muon") else "muon_pair_z_prime"
    foreign = simulated(detector_config, other, 10_000, mass_gev=MASS)

    def share(columns: Columns) -> float:
        histograms = processor.process(as_events(columns, kind="signal", mass_gev=MASS))["histograms"]
        regions = sum(total(histograms[f"region/{region.name}"]) for region in config.regions)
        return float(regions / columns["generatorWeight"].sum())

    assert 0.02 < share(own) < 0.4
    assert share(foreign) < 0.002


def test_leptons_have_the_mass_of_their_flavour(detector_config: DetectorConfig) -> None:
    columns = simulated(detector_config, "electron_muon_z_prime", 3_000, mass_gev=MASS)
    fired = np.ones(len(columns["generatorWeight"]), dtype=bool)
    source = ChunkSource.from_metadata({"dataset": "one", "filename": "a.parquet", "kind": "background"})
    _, found = lepton_candidates(as_events(columns), config_of("electron_muon_missing").selection, fired, {1}, source)
    true = np.abs(np.asarray(ak.flatten(columns["track_mcPDG"][found.event])))
    assert len(found.event) > 500
    np.testing.assert_array_equal(found.measured.mass, np.where(true == 11, ELECTRON_MASS, MUON_MASS))


def test_a_visible_photon_goes_to_its_control_only(config: TwoLeptonsConfig, detector_config: DetectorConfig) -> None:
    cuts = {"polar_low_deg": 40.0, "polar_high_deg": 120.0, "minimum_energy_gev": 2.0}
    columns = simulated(detector_config, "muon_pair_photon", 4_000, **cuts)
    histograms = TwoLeptons(config, detector_config).process(as_events(columns, kind="background"))["histograms"]
    seen = float(histograms["control/muon_muon_photon"]["one", "nominal", :].view(flow=True).value.sum())
    lost = sum(total(histograms[f"region/{region.name}"]) for region in config.regions)
    assert seen > 0.1 * columns["generatorWeight"].sum()
    assert lost < 0.01 * seen


def test_regions_and_controls_share_no_event(config: TwoLeptonsConfig, detector_config: DetectorConfig) -> None:
    columns = simulated(detector_config, "muon_pair_z_prime", 10_000, mass_gev=7.0)
    processor = TwoLeptons(config, detector_config)
    source_of = as_events(columns, kind="background")
    fired = np.ones(len(columns["generatorWeight"]), dtype=bool)
    source = ChunkSource.from_metadata(source_of.metadata)
    _, candidates = lepton_candidates(source_of, config.selection, fired, {0, 1}, source)
    selected = processor._cuts.select(candidates, candidates.measured)
    common = processor._cuts.steps(selected)[-1]
    masks = [common & inside(selected.recoil_polar_angle, region.polar_range) for region in config.regions]
    masks += [processor._cuts.in_control(control, selected) for control in config.controls]
    assert np.sum(masks, axis=0).max() == 1
    assert sum(mask.any() for mask in masks) >= 3


def test_a_failed_suppression_is_the_complement(
    config: TwoLeptonsConfig, detector_config: DetectorConfig, muons: Columns
) -> None:
    polar = Range(low=33.0, high=128.0)
    counts = {}
    for mode in ("passed", "failed", "either"):
        control = TwoLeptonControl(
            name="control", observable="recoil_polar_angle", edges=(0.0, 180.0), polar_range=polar, tau_suppression=mode
        )
        processor = TwoLeptons(config.model_copy(update={"controls": (control,)}), detector_config)
        histogram = processor.process(as_events(muons, kind="background"))["histograms"]["control/control"]
        counts[mode] = float(histogram["one", "nominal", :].view().value.sum())
    assert counts["passed"] > 0.0
    assert counts["failed"] > 0.0
    assert counts["passed"] + counts["failed"] == pytest.approx(counts["either"], rel=1e-12)


@pytest.mark.parametrize("name", ["track_p", "track_phi", "photon_E", "track_mcP", "generatorWeight", "l1_ffo"])
def test_numbers_that_are_not_finite_are_refused(processor: TwoLeptons, muons: Columns, name: str) -> None:
    few = {key: values[:50] for key, values in muons.items()}
    values = few[name]
    if isinstance(values, ak.Array):
        flat = np.array(ak.flatten(values), dtype=float)
        flat[3] = np.nan
        few[name] = ak.unflatten(flat, ak.num(values))
    else:
        few[name] = np.where(np.arange(50) == 7, np.nan, values)
    with pytest.raises(EventContentError, match="finite"):
        processor.process(as_events(few, kind="signal", mass_gev=MASS))


@pytest.mark.parametrize("name", ["track_muonID", "track_mcP", "track_theta", "photon_theta"])
def test_lists_of_different_lengths_are_refused(processor: TwoLeptons, muons: Columns, name: str) -> None:
    few = {key: values[:50] for key, values in muons.items()}
    few[name] = ak.concatenate([few[name][:20], few[name][21:], few[name][:1]])
    with pytest.raises(EventContentError, match="differ in length"):
        processor.process(as_events(few, kind="signal", mass_gev=MASS))


def test_settings_that_make_no_sense_are_refused(config: TwoLeptonsConfig, detector_config: DetectorConfig) -> None:
    selection = config.selection.model_copy(update={"trigger_lines": ("fyy",)})
    with pytest.raises(UnknownNameError, match="fyy"):
        TwoLeptons(config.model_copy(update={"selection": selection}), detector_config)
    content = config.model_dump(mode="json")
    for where, key, value, message in (
        (content["selection"]["event_efficiency"], "value", 1.2, "event_efficiency"),
        (content["selection"]["photon_vetoes"]["cone"], "value", 0.0, "cone"),
        (content["selection"]["tau_suppression"], "knots", [[1.0, 0, 0, 1, 1], [1.0, 0, 0, 1, 1]], "must rise"),
        (content["controls"][0], "photon", "required", "photon_energy"),
        (content["variations"]["lepton_identification"], "values", [0.1], "momentum_edges"),
        (content["selection"], "flavours", ["muon", "tau"], "flavours"),
    ):
        before = where[key]
        where[key] = value
        with pytest.raises(ValidationError, match=message):
            TwoLeptonsConfig.model_validate(content)
        where[key] = before
    TwoLeptonsConfig.model_validate(content)


def test_identity_holds_what_decides_the_result(processor: TwoLeptons, config: TwoLeptonsConfig) -> None:
    before = processor.identity()
    for key, update in (
        ("selection", {"pair_transverse_momentum": replace_value(config.selection.pair_transverse_momentum, 1.1)}),
    ):
        changed = config.model_copy(update={key: getattr(config, key).model_copy(update=update)})
        assert TwoLeptons(changed, processor.detector).identity() != before
    for key in ("controls", "regions"):
        changed = config.model_copy(update={key: getattr(config, key)[:1]})
        assert TwoLeptons(changed, processor.detector).identity() != before
    other = config.model_copy(update={"luminosity": replace_value(config.luminosity, 1.0)})
    assert TwoLeptons(other, processor.detector).identity() == before


def replace_value(quantity: Any, value: float) -> Any:
    return quantity.model_copy(update={"value": value})

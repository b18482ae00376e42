"""The rules that variations, signals, vetoes and faults of the search with six tracks must obey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from coffea.processor import IterativeExecutor, Runner
from pydantic import ValidationError

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.six_tracks import SixTracksConfig
from darkreach.errors import EventContentError, UnknownNameError
from darkreach.events.schema import Basf2EventSchema
from darkreach.histograms.plane_grid import PlaneGrid
from darkreach.searches.six_tracks import SixTracks

Columns = dict[str, Any]
Events = Callable[..., ak.Array]
Signal = Callable[[Columns, str], ak.Array]
Filled = Callable[[SixTracks, ak.Array], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def signal(six_track_processor: SixTracks, visible: Columns, as_signal: Signal) -> dict[str, Any]:
    return six_track_processor.process(as_signal(visible, "visible"))["histograms"]


@pytest.fixture(scope="module")
def background(six_track_processor: SixTracks, visible: Columns, as_events: Events) -> dict[str, Any]:
    return six_track_processor.process(as_events(visible, kind="background"))["histograms"]


def test_signal_peaks_at_its_masses(six_track_processor: SixTracks, signal: dict[str, Any]) -> None:
    everything = sum(
        signal[f"signal_plane/{region.name}"].view(flow=True).value[0, 0]
        for region in six_track_processor.config.regions
        if region.signal == "visible"
    )
    pulls = signal["signal_plane/three_muons"].axes["pull_x"].centers
    for axis, projected in enumerate((everything.sum(axis=1), everything.sum(axis=0))):
        reached = np.cumsum(projected[1:-1]) / projected.sum()
        low, middle, high = np.interp([0.1587, 0.5, 0.8413], reached, pulls)
        assert abs(middle) < 0.35, axis
        # the knots of the plane are those of this simulation
        assert 0.5 * (high - low) == pytest.approx(1.0, abs=0.25), axis


def test_signals_of_other_decays_are_cross_feed(
    six_track_processor: SixTracks, visible: Columns, signal: dict[str, Any], as_signal: Signal
) -> None:
    wrong = dict(visible)
    # what was a muon is a pion in truth, and the other way around
    pdg = np.array(ak.flatten(visible["track_mcPDG"]))
    swapped = np.where(np.abs(pdg) == 13, 211, np.where(np.abs(pdg) == 211, 13, pdg))
    wrong["track_mcPDG"] = ak.unflatten(swapped, ak.num(visible["track_mcPDG"]))

    right = signal["cutflow_entries"]
    other = six_track_processor.process(as_signal(wrong, "visible"))["histograms"]["cutflow_entries"]
    assert right[0, "region:three_muons"] > 10.0
    assert right[0, "cross_feed"] < 30.0
    assert other[0, "region:three_muons"] == 0.0
    assert other[0, "cross_feed"] > 300.0
    assert other[0, "region:three_electrons"] == right[0, "region:three_electrons"] > 10.0


def test_vetoed_masses_have_no_background_but_signal(
    six_track_config: SixTracksConfig,
    six_track_detector: DetectorConfig,
    visible: Columns,
    signal: dict[str, Any],
    background: dict[str, Any],
    as_events: Events,
    as_signal: Signal,
) -> None:
    content = six_track_config.model_dump(mode="json")
    for region in content["regions"]:
        if region["vetoed_mass"]:
            region["vetoed_mass"] = [{"low": 1.4, "high": 1.6}]
    six_track_processor = SixTracks(SixTracksConfig.model_validate(content), six_track_detector)
    found = six_track_processor.process(as_events(visible, kind="background"))["histograms"]
    found_signal = six_track_processor.process(as_signal(visible, "visible"))["histograms"]
    for region in six_track_config.regions:
        if "anything" not in region.decays:
            vetoed = "pions" in region.decays
            assert bool(region.vetoed_mass) == vetoed
            assert background[f"plane/{region.name}"].view(flow=True).value.sum() > 0.0
            assert (found[f"plane/{region.name}"].view(flow=True).value.sum() == 0.0) == vetoed
            assert found_signal[f"signal_plane/{region.name}"] == signal[f"signal_plane/{region.name}"]


def test_variations_move_what_they_should(
    six_track_processor: SixTracks, visible: Columns, as_signal: Signal, filled: Filled
) -> None:
    found = filled(six_track_processor, as_signal(visible, "visible"))

    def means(variation: str) -> float:
        return float(np.mean([x[0] for _, sideband, name, _, x, _ in found if name == variation and not sideband]))

    # masses well above those of the tracks scale as the momenta do
    size = six_track_processor.config.variations.track_momentum_scale
    assert size is not None
    for direction, sign in (("up", 1.0), ("down", -1.0)):
        assert means(f"track_momentum_scale_{direction}") / means("nominal") - 1.0 == pytest.approx(
            sign * size.value, rel=0.3
        )
    numbers = Counter(name for _, sideband, name, *_ in found if not sideband)
    assert numbers["track_resolution_up"] < numbers["nominal"] < numbers["track_resolution_down"]


def test_identification_varies_each_track(six_track_processor: SixTracks, signal: dict[str, Any]) -> None:
    sizes = six_track_processor.config.variations
    for decay, steps in (("electrons", sizes.electron_identification), ("muons", sizes.muon_identification)):
        assert steps is not None
        for region in six_track_processor.config.regions:
            if "anything" in region.decays:
                continue
            content = signal[f"signal_plane/{region.name}"]
            sums = {name: content[0, name, :, :].view(flow=True).value.sum() for name in content.axes["variation"]}
            tracks = 2 * region.decays.count(decay)
            for direction, sign in (("up", 1.0), ("down", -1.0)):
                ratio = sums[f"{decay[:-1]}_identification_{direction}"] / sums["nominal"]
                ends = sorted((1.0 + sign * size) ** tracks for size in (min(steps.values), max(steps.values)))
                assert ends[0] - 1e-9 <= ratio <= ends[1] + 1e-9
                assert (ratio == pytest.approx(1.0, abs=1e-12)) == (tracks == 0)


def test_chunks_add_up(
    six_track_processor: SixTracks, visible: Columns, background: dict[str, Any], as_events: Events
) -> None:
    parts = [
        six_track_processor.process(
            as_events({name: values[part] for name, values in visible.items()}, kind="background")
        )
        for part in (slice(None, 700), slice(700, 701), slice(701, None))
    ]
    for name, expected in background.items():
        added = parts[0]["histograms"][name] + parts[1]["histograms"][name] + parts[2]["histograms"][name]
        np.testing.assert_allclose(added.values(flow=True), expected.values(flow=True), rtol=1e-12, err_msg=name)


@pytest.mark.agreement
def test_stock_coffea_gives_the_same(
    six_track_processor: SixTracks, visible: Columns, background: dict[str, Any], tmp_path: Path
) -> None:
    columns = {
        name: visible[name] for name in six_track_processor.required_columns("background") if name != "__weight__"
    }
    table = {
        name: ak.to_arrow(values, extensionarray=False) if isinstance(values, ak.Array) else pa.array(values)
        for name, values in {"__weight__": np.ones(len(visible["generatorWeight"])), **columns}.items()
    }
    pq.write_table(pa.table(table), tmp_path / "events.parquet")
    runner = Runner(
        executor=IterativeExecutor(status=False),
        pre_executor=IterativeExecutor(status=False),
        schema=Basf2EventSchema,
        chunksize=1_000,
        format="parquet",
    )
    files = {"files": [str(tmp_path / "events.parquet")], "treename": "tree", "metadata": {"kind": "background"}}
    output = runner({"one": files}, processor_instance=six_track_processor)
    assert sum(output["ledger"]["one"].values()) == len(visible["generatorWeight"])
    for name, histogram in background.items():
        np.testing.assert_allclose(output["histograms"][name].values(), histogram.values(), rtol=1e-12, err_msg=name)


def test_data_fill_the_nominal_only_and_need_no_truth(
    six_track_processor: SixTracks, visible: Columns, background: dict[str, Any], as_events: Events
) -> None:
    columns = {name: visible[name] for name in six_track_processor.required_columns("data")}
    assert not any("mc" in name or name == "generatorWeight" for name in columns)
    histograms = six_track_processor.process(as_events(columns, kind="data"))["histograms"]
    for region in six_track_processor.config.regions:
        cells = histograms[f"plane/{region.name}"].view(flow=True)
        assert (cells.value == cells.variance).all()
        same = background[f"plane/{region.name}"].view(flow=True).value > 0.0
        np.testing.assert_array_equal(cells.value > 0.0, same)
        assert histograms[f"plane_variation/{region.name}"].view(flow=True).value.sum() == 0.0


@pytest.mark.parametrize("name", ["track_p", "track_phi", "track_mcP", "generatorWeight"])
def test_numbers_that_are_not_finite_are_refused(
    six_track_processor: SixTracks, visible: Columns, name: str, as_events: Events
) -> None:
    few = {key: values[:50] for key, values in visible.items()}
    values = few[name]
    if isinstance(values, ak.Array):
        flat = np.array(ak.flatten(values), dtype=float)
        flat[3] = np.nan
        few[name] = ak.unflatten(flat, ak.num(values))
    else:
        few[name] = np.where(np.arange(50) == 7, np.nan, values)
    with pytest.raises(EventContentError, match="finite"):
        six_track_processor.process(as_events(few, kind="background"))


@pytest.mark.parametrize("name", ["track_muonID", "track_mcP", "track_theta"])
def test_lists_of_different_lengths_are_refused(
    six_track_processor: SixTracks, visible: Columns, name: str, as_events: Events
) -> None:
    few = {key: values[:50] for key, values in visible.items()}
    few[name] = ak.concatenate([few[name][:20], few[name][21:], few[name][:1]])
    with pytest.raises(EventContentError, match="differ in length"):
        six_track_processor.process(as_events(few, kind="background"))


def test_a_track_without_charge_counts_as_a_seventh(
    six_track_processor: SixTracks, visible: Columns, as_events: Events
) -> None:
    counts = np.asarray(ak.num(visible["track_charge"]))
    of_six = counts == 6
    places = np.cumsum(counts)[of_six]
    columns = {
        name: ak.unflatten(np.insert(ak.to_numpy(ak.flatten(values)), places, 0), counts + of_six)
        if name.startswith("track_")
        else values
        for name, values in visible.items()
    }
    assert np.sum(of_six) > 1_000
    cutflow = six_track_processor.process(as_events(columns, kind="background"))["histograms"]["cutflow_entries"]
    # more tracks of which six come from the collision
    assert cutflow[0, "six_tracks"] < 50.0


def test_a_trigger_line_is_asked_for(
    six_track_config: SixTracksConfig, six_track_detector: DetectorConfig, visible: Columns, as_events: Events
) -> None:
    line = next(iter(six_track_detector.trigger.lines))
    selection = six_track_config.selection.model_copy(update={"trigger_lines": (line,)})
    asked = SixTracks(six_track_config.model_copy(update={"selection": selection}), six_track_detector)
    fired = np.arange(len(visible["generatorWeight"])) % 2
    columns = {**visible, f"l1_{line}": fired}
    cutflow = asked.process(as_events(columns, kind="background"))["histograms"]["cutflow_entries"]
    assert cutflow[0, "trigger"] == fired.sum()
    every_other = {name: values[1::2] for name, values in visible.items()}
    free = SixTracks(six_track_config, six_track_detector)
    assert not six_track_config.selection.trigger_lines
    expected = free.process(as_events(every_other, kind="background"))["histograms"]["cutflow_entries"]
    for cut in list(cutflow.axes[1])[1:]:
        assert cutflow[0, cut] == expected[0, cut]
    unknown = six_track_config.selection.model_copy(update={"trigger_lines": ("fyy",)})
    with pytest.raises(UnknownNameError, match="fyy"):
        SixTracks(six_track_config.model_copy(update={"selection": unknown}), six_track_detector)


def test_settings_that_make_no_sense_are_refused(six_track_config: SixTracksConfig) -> None:
    content = six_track_config.model_dump(mode="json")
    regions = content["regions"]
    for where, key, value, message in (
        (content["selection"]["event_efficiency"], "value", 1.2, "event_efficiency"),
        (content["selection"]["smallest_balance"], "value", 0.0, "smallest_balance"),
        (content["selection"]["spread"], "sideband", [2.0, 3.0], "sideband"),
        (content["selection"]["spread"]["resolution"], "knots", [[1.0, 0.1], [1.0, 0.1]], "must rise"),
        (regions[0], "decays", ["electrons", "electrons"], "three dark photons"),
        (regions[0], "decays", ["electrons", "pions", "anything"], "two pairs of leptons"),
        (regions[0], "decays", regions[1]["decays"], "must differ"),
        (regions[0], "sideband", False, "sideband"),
    ):
        before = where[key]
        where[key] = value
        with pytest.raises(ValidationError, match=message):
            SixTracksConfig.model_validate(content)
        where[key] = before
    SixTracksConfig.model_validate(content)


def test_identity_holds_what_decides_the_result(
    six_track_processor: SixTracks, six_track_config: SixTracksConfig
) -> None:
    before = six_track_processor.identity()
    for update in (
        {"selection": six_track_config.selection.model_copy(update={"trigger_lines": ("three_tracks",)})},
        {"regions": six_track_config.regions[:-1]},
        {"plane": six_track_config.plane.model_copy(update={"order": "lighter_higgs"})},
        {"variations": six_track_config.variations.model_copy(update={"track_resolution": None})},
    ):
        assert SixTracks(six_track_config.model_copy(update=update), six_track_processor.detector).identity() != before
    cheaper = six_track_config.model_copy(
        update={"luminosity": six_track_config.luminosity.model_copy(update={"value": 1.0})}
    )
    assert SixTracks(cheaper, six_track_processor.detector).identity() == before


def test_shipped_plane_has_few_enough_cells(six_track_detector: DetectorConfig) -> None:
    shipped = read_config(config_path("searches", "six_track_higgsstrahlung"), SixTracksConfig)
    grid = PlaneGrid(shipped.plane, six_track_detector.beams.beams().sqrt_s)
    cells = (len(grid.x_edges) - 1) * (len(grid.y_edges) - 1)
    # a sample takes 16 bytes a cell in 24 histograms
    assert 24 * 16 * cells < 32e6

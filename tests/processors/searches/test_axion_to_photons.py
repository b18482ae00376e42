"""The processor against a plain loop over events, and the rules its variations must obey."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import awkward as ak
import numpy as np
import pytest
from coffea.nanoevents.methods import base

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import EventContentError, InputFileError, UnknownNameError
from darkreach.histograms import region_edges, squared_mass_resolution
from darkreach.searches import AxionToPhotons, axion_to_photons, search_processor

MASS = 4.4
STEMS = ("energy_scale", "resolution", "photon_efficiency")
VARIATIONS = ("nominal", *(f"{stem}_{direction}" for stem in STEMS for direction in ("up", "down")))


def as_events(columns: dict[str, Any], **metadata: Any) -> ak.Array:
    parameters = {"__record__": "NanoEvents", "metadata": {"dataset": "one", "filename": "a.root"} | metadata}
    record = ak.contents.RecordArray([ak.to_layout(value) for value in columns.values()], list(columns))
    return ak.Array(record.copy(parameters=parameters), behavior=base.behavior)


def run(processor: AxionToPhotons, columns: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return processor.process(as_events(columns, **metadata))


@pytest.fixture(scope="module")
def processor(search_config: AxionConfig, detector_config: DetectorConfig) -> AxionToPhotons:
    return AxionToPhotons(search_config, detector_config)


@pytest.fixture(scope="module")
def signal(processor: AxionToPhotons, photon_columns: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return run(processor, photon_columns(3000, 5), kind="signal", mass_gev=MASS)


# -- the oracle: four-vectors by hand, one event after the other ------------------------------------------------------


class Oracle:
    def __init__(self, config: AxionConfig, detector: DetectorConfig) -> None:
        self.config = config
        beams = detector.beams
        half = 0.5 * beams.crossing_angle.value
        high, low = beams.electron_energy.value, beams.positron_energy.value
        self.total = (high + low, (high + low) * math.sin(half), 0.0, (high - low) * math.cos(half))
        self.sqrt_s = math.sqrt(self.square(self.total))

    @staticmethod
    def square(four: tuple[float, ...]) -> float:
        return four[0] ** 2 - four[1] ** 2 - four[2] ** 2 - four[3] ** 2

    def select(self, photons: list[tuple[float, float, float]]) -> dict[str, Any]:
        """Return cuts passed and, if all common ones are, the observables of the three pairings."""
        chosen = []
        for energy, theta, phi in photons:
            four = (
                energy,
                energy * math.sin(theta) * math.cos(phi),
                energy * math.sin(theta) * math.sin(phi),
                energy * math.cos(theta),
            )
            # E* is the invariant p.P/sqrt(s)
            product = four[0] * self.total[0] - sum(a * b for a, b in zip(four[1:], self.total[1:], strict=True))
            if product / self.sqrt_s > self.config.selection.photon_count_threshold.value:
                chosen.append((four, product / self.sqrt_s, theta))
        result: dict[str, Any] = {"cuts": []}
        if len(chosen) != 3:
            return result
        result["cuts"].append("three_photons")
        polar = self.config.selection.polar_range
        if not all(polar.low <= math.degrees(theta) <= polar.high for _, _, theta in chosen):
            return result
        result["cuts"].append("polar_angles")
        fours = [four for four, _, _ in chosen]
        mass = math.sqrt(self.square(tuple(map(sum, zip(*fours, strict=True)))))
        window = self.config.selection.three_photon_mass_range
        if not window.low * self.sqrt_s <= mass <= window.high * self.sqrt_s:
            return result
        result["cuts"].append("three_photon_mass")
        result["energies"] = [four[0] for four in fours]
        result["minimum"] = min(energy for _, energy, _ in chosen)
        pairs = [(1, 2), (0, 2), (0, 1)]
        result["pair_mass_squared"] = [
            self.square(tuple(a + b for a, b in zip(fours[i], fours[j], strict=True))) for i, j in pairs
        ]
        result["recoil_mass_squared"] = [
            self.square(tuple(a - b for a, b in zip(self.total, four, strict=True))) for four in fours
        ]
        return result

    def photons(self, columns: dict[str, Any], event: int, variation: str) -> list[tuple[float, float, float]]:
        measured = list(zip(*(columns[name][event].tolist() for name in ("E", "theta", "phi")), strict=True))
        if variation.startswith("energy_scale"):
            factor = 1.0 + (1 if variation.endswith("up") else -1) * self.config.variations.energy_scale.value
            return [(energy * factor, theta, phi) for energy, theta, phi in measured]
        if variation.startswith("resolution"):
            factor = 1.0 + (1 if variation.endswith("up") else -1) * self.config.variations.resolution.value
            true = zip(*(columns[name][event].tolist() for name in ("mcE", "mcTheta", "mcPhi")), strict=True)
            varied = []
            for (energy, theta, phi), (true_energy, true_theta, true_phi) in zip(measured, true, strict=True):
                # the difference of angles from their sine and cosine knows no seam
                turn = math.atan2(math.sin(phi - true_phi), math.cos(phi - true_phi))
                varied.append(
                    (
                        true_energy + factor * (energy - true_energy),
                        true_theta + factor * (theta - true_theta),
                        true_phi + factor * turn,
                    )
                )
            return varied
        return measured

    def efficiency(self, energies: list[float], variation: str) -> float:
        sign = {"photon_efficiency_up": 1.0, "photon_efficiency_down": -1.0}.get(variation, 0.0)
        steps = self.config.variations.photon_efficiency
        product = 1.0
        for energy in energies:
            below = [value for edge, value in zip(steps.energy_edges, steps.values, strict=False) if energy < edge]
            product *= 1.0 + sign * (below[0] if below else steps.values[-1])
        return product


@pytest.fixture(scope="module")
def expected(
    search_config: AxionConfig, detector_config: DetectorConfig, photon_columns: Callable[..., dict[str, Any]]
) -> dict[str, Any]:
    oracle = Oracle(search_config, detector_config)
    columns = photon_columns(3000, 5)
    weights = columns["__weight__"] * columns["generatorWeight"]
    entries: dict[tuple[str, str], list[tuple[float, float]]] = {}
    boosts: dict[str, list[tuple[float, float]]] = {region.name: [] for region in search_config.regions}
    cutflow: dict[str, list[float]] = {"all": list(weights)}
    for event in np.flatnonzero(columns["nTracks"] == 0):
        weight = float(weights[event])
        cutflow.setdefault("no_tracks", []).append(weight)
        for variation in VARIATIONS:
            result = oracle.select(oracle.photons(columns, event, variation))
            if variation == "nominal":
                for cut in result["cuts"]:
                    cutflow.setdefault(cut, []).append(weight)
            if "minimum" not in result:
                continue
            factor = oracle.efficiency(result["energies"], variation)
            for region in search_config.regions:
                if result["minimum"] > region.minimum_photon_energy_cm.value:
                    filled = entries.setdefault((region.name, variation), [])
                    filled += [(value, weight * factor) for value in result[region.observable]]
                    if variation == "nominal":
                        cutflow.setdefault(f"region:{region.name}", []).append(weight)
                        boosts[region.name].append((columns["decayBetaGamma"][event], weight))
    return {"entries": entries, "cutflow": cutflow, "boosts": boosts, "sqrt_s": oracle.sqrt_s}


def counted(edges: np.ndarray, entries: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Return sums of weights and squares with under- and overflow, from numpy's own histogram."""
    values, weights = np.array(entries).T
    bins = np.concatenate([[-np.inf], edges, [np.inf]])
    return np.histogram(values, bins, weights=weights)[0], np.histogram(values, bins, weights=weights**2)[0]


@pytest.mark.agreement
@pytest.mark.parametrize("variation", VARIATIONS)
def test_regions_and_signal_shapes_equal_a_plain_loop(
    variation: str, signal: dict[str, Any], expected: dict[str, Any], search_config: AxionConfig
) -> None:
    for region in search_config.regions:
        entries = expected["entries"][region.name, variation]
        assert len(entries) > 300
        edges = region_edges(region, search_config, expected["sqrt_s"])
        values, variances = counted(edges, entries)
        view = signal["histograms"][f"region/{region.name}"]["one", variation, :].view(flow=True)
        np.testing.assert_allclose(view.value, values, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(view.variance, variances, rtol=1e-12, atol=1e-12)
        resolution = float(squared_mass_resolution(region.observable, MASS, search_config))
        pulls = [((value - MASS**2) / resolution, weight) for value, weight in entries]
        values, variances = counted(np.linspace(-30.0, 30.0, 1201), pulls)
        view = signal["histograms"][f"signal_shape/{region.name}"]["one", variation, :].view(flow=True)
        np.testing.assert_allclose(view.value, values, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(view.variance, variances, rtol=1e-12, atol=1e-12)


@pytest.mark.agreement
def test_cutflow_and_boost_equal_a_plain_loop(signal: dict[str, Any], expected: dict[str, Any]) -> None:
    histograms = signal["histograms"]
    assert list(histograms["cutflow"].axes["cut"]) == list(expected["cutflow"])
    for cut, weights in expected["cutflow"].items():
        assert histograms["cutflow_entries"]["one", cut] == len(weights)
        assert histograms["cutflow"]["one", cut].value == pytest.approx(sum(weights), rel=1e-12)
        assert histograms["cutflow"]["one", cut].variance == pytest.approx(np.sum(np.square(weights)), rel=1e-12)
    for region, boosts in expected["boosts"].items():
        values, variances = counted(np.linspace(0.0, 40.0, 801), boosts)
        view = histograms[f"decay_boost/{region}"]["one", :].view(flow=True)
        np.testing.assert_allclose(view.value, values, rtol=1e-12)
        np.testing.assert_allclose(view.variance, variances, rtol=1e-12)


def test_cutflow_falls(signal: dict[str, Any], search_config: AxionConfig) -> None:
    entries = signal["histograms"]["cutflow_entries"].values()[0]
    common = entries[: -len(search_config.regions)]
    assert np.all(np.diff(common) < 0.0)
    assert np.all(entries[-len(search_config.regions) :] < common[-1])


# -- variations -------------------------------------------------------------------------------------------------------


def one_event(**changes: Any) -> dict[str, Any]:
    """A symmetric event in the middle of the detector: three photons of 3.5 GeV in a plane across the beams."""
    angles = np.array([0.3, 0.3 + 2.0 * np.pi / 3.0, 0.3 - 2.0 * np.pi / 3.0])
    lists = {"E": np.full(3, 3.5), "theta": np.full(3, 1.2), "phi": angles}
    lists |= {"mcE": np.full(3, 3.4), "mcTheta": np.full(3, 1.21), "mcPhi": angles + 0.01}
    columns: dict[str, Any] = {"__weight__": [1.0], "nTracks": [0.0], "generatorWeight": [2.0], "decayBetaGamma": [3.0]}
    columns = {name: np.array(value) for name, value in columns.items()}
    columns |= {name: ak.Array([list(value)]) for name, value in lists.items()}
    return columns | changes


def test_energy_scale_moves_pair_masses_by_its_square(search_config: AxionConfig, processor: AxionToPhotons) -> None:
    mass_squared = 2.0 * 3.5**2 * math.sin(1.2) ** 2 * (1.0 - math.cos(2.0 * math.pi / 3.0))
    output = run(processor, one_event(), kind="signal", mass_gev=4.4)
    shape = output["histograms"]["signal_shape/pair_mass_high"]
    resolution = float(squared_mass_resolution("pair_mass_squared", 4.4, search_config))
    delta = search_config.variations.energy_scale.value
    for variation, factor in (("nominal", 1.0), ("energy_scale_up", 1.0 + delta), ("energy_scale_down", 1.0 - delta)):
        pull = (mass_squared * factor**2 - 4.4**2) / resolution
        filled = shape["one", variation, :]
        assert filled.values().sum() == pytest.approx(6.0)
        assert filled[complex(0.0, pull)].value == pytest.approx(6.0)
    assert abs(mass_squared * ((1 + delta) ** 2 - 1)) > resolution * 0.05


def test_weights_of_data_and_simulation(processor: AxionToPhotons) -> None:
    columns = one_event(__weight__=np.array([5.0]))
    simulated = run(processor, columns, kind="background")["histograms"]
    data = run(processor, columns, kind="pseudo_data")["histograms"]
    assert simulated["cutflow"]["one", "region:recoil_mass"].value == 10.0
    assert data["cutflow"]["one", "region:recoil_mass"].value == 5.0
    assert data["region/recoil_mass"]["one", "nominal", :].sum(flow=True).value == 15.0
    assert data["region/recoil_mass"].sum(flow=True).value == 15.0
    up = simulated["region/recoil_mass"]["one", "photon_efficiency_up", :].sum(flow=True).value
    assert up == pytest.approx(30.0 * 1.005**3, rel=1e-12)


def test_data_needs_no_truth_columns(processor: AxionToPhotons) -> None:
    columns = {name: one_event()[name] for name in processor.required_columns("data")}
    assert not {"mcE", "generatorWeight"} & set(columns)
    assert run(processor, columns, kind="data")["histograms"]["cutflow_entries"]["one", "region:pair_mass_low"] == 1


def test_chunks_add_up(processor: AxionToPhotons, photon_columns: Callable[..., dict[str, Any]]) -> None:
    columns = photon_columns(1200, 8)
    whole = run(processor, columns, kind="signal", mass_gev=MASS)["histograms"]
    parts = [
        run(processor, {name: value[part] for name, value in columns.items()}, kind="signal", mass_gev=MASS)
        for part in (slice(0, 500), slice(500, 1200))
    ]
    for name, histogram in whole.items():
        total = parts[0]["histograms"][name] + parts[1]["histograms"][name]
        np.testing.assert_allclose(total.values(flow=True), histogram.values(flow=True), rtol=1e-12, atol=1e-12)


def test_blocks_add_up(
    processor: AxionToPhotons, signal: dict[str, Any], photon_columns: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(axion_to_photons, "BLOCK_EVENTS", 97)
    output = run(processor, photon_columns(3000, 5), kind="signal", mass_gev=MASS)["histograms"]
    for name, histogram in signal["histograms"].items():
        np.testing.assert_allclose(output[name].values(flow=True), histogram.values(flow=True), rtol=1e-12, atol=1e-12)


def test_outputs_of_different_samples_have_the_same_histograms(processor: AxionToPhotons) -> None:
    signal = run(processor, one_event(), kind="signal", mass_gev=1.0)["histograms"]
    data = run(processor, one_event(), kind="data")["histograms"]
    assert list(signal) == list(data)
    assert list((signal["signal_shape/recoil_mass"] + data["signal_shape/recoil_mass"]).axes["dataset"]) == ["one"]


def test_processor_survives_pickling(processor: AxionToPhotons) -> None:
    again = pickle.loads(pickle.dumps(processor))
    columns = one_event()
    first, second = (run(each, columns, kind="background")["histograms"] for each in (processor, again))
    assert all(first[name] == second[name] for name in first)


def test_empty_chunk(processor: AxionToPhotons) -> None:
    columns = {name: value[:0] for name, value in one_event().items()}
    output = run(processor, columns, kind="signal", mass_gev=1.0)
    assert output["ledger"] == {"one": {"a.root": 0}}
    assert output["histograms"]["cutflow_entries"].sum() == 0


# -- bad content ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["__weight__", "generatorWeight", "nTracks", "decayBetaGamma"])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_bad_event_values_are_refused_with_their_entry(processor: AxionToPhotons, column: str, bad: float) -> None:
    with pytest.raises(EventContentError, match=rf"'{column}'(.|\n)*a.root entry 40"):
        run(processor, one_event(**{column: np.array([bad])}), kind="signal", mass_gev=1.0, entrystart=40)


@pytest.mark.parametrize("column", ["E", "theta", "phi", "mcE", "mcTheta", "mcPhi"])
def test_bad_photon_values_are_refused_with_their_entry(processor: AxionToPhotons, column: str) -> None:
    columns = one_event()
    columns = {name: ak.concatenate([value, value]) for name, value in columns.items()}
    columns[column] = ak.Array([[1.0, 1.0, 1.0], [1.0, math.nan, 1.0]])
    with pytest.raises(EventContentError, match=rf"'{column}'(.|\n)*a.root entry 41"):
        run(processor, columns, kind="background", entrystart=40)


def test_photons_of_vetoed_events_may_be_anything(processor: AxionToPhotons) -> None:
    columns = one_event(nTracks=np.array([1.0]), E=ak.Array([[math.nan, 1.0, 1.0]]))
    assert run(processor, columns, kind="data")["histograms"]["cutflow_entries"]["one", "no_tracks"] == 0


def test_lists_of_different_length_are_refused(processor: AxionToPhotons) -> None:
    with pytest.raises(EventContentError, match="'E' and 'theta'"):
        run(processor, one_event(theta=ak.Array([[1.0, 1.0]])), kind="data")


def test_flat_candidate_ntuple_is_refused(processor: AxionToPhotons) -> None:
    with pytest.raises(InputFileError, match="VariablesToEventBasedTree"):
        run(processor, one_event(E=np.array([1.0])), kind="data")


@pytest.mark.parametrize("metadata", [{}, {"kind": "signal"}, {"kind": "signal", "mass_gev": -1.0}])
def test_incomplete_metadata_is_refused(processor: AxionToPhotons, metadata: dict[str, Any]) -> None:
    with pytest.raises(InputFileError):
        run(processor, one_event(), **metadata)


def test_unknown_names(processor: AxionToPhotons) -> None:
    with pytest.raises(UnknownNameError, match="signal"):
        run(processor, one_event(), kind="signl")
    with pytest.raises(UnknownNameError, match="did you mean 'axion_to_photons'"):
        search_processor(processor.config.model_copy(update={"search": "axion_to_photon"}), processor.detector)

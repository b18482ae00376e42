"""The search for a single photon against a plain loop over events, and the rules its histograms must obey."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
from coffea.nanoevents.methods import base
from coffea.processor import accumulate

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.single_photon import SinglePhotonConfig
from darkreach.errors import ConfigError, EventContentError, UnknownNameError
from darkreach.histograms import region_edges
from darkreach.kinematics import boost
from darkreach.searches.single_photon import SinglePhoton

STEMS = ("energy_scale", "resolution", "photon_efficiency")
VARIATIONS = ("nominal", *(f"{stem}_{direction}" for stem in STEMS for direction in ("up", "down")))
MASS = 5.0


@pytest.fixture(scope="module")
def config() -> SinglePhotonConfig:
    return read_config(config_path("searches", "single_photon"), SinglePhotonConfig)


@pytest.fixture(scope="module")
def processor(config: SinglePhotonConfig, detector_config: DetectorConfig) -> SinglePhoton:
    return SinglePhoton(config, detector_config)


def lists(random: np.random.Generator, counts: np.ndarray, **columns: np.ndarray) -> dict[str, ak.Array]:
    return {name: ak.unflatten(values.astype(np.float32), counts) for name, values in columns.items()}


def make_columns(events: int, seed: int) -> dict[str, Any]:
    """Events with a hard photon mostly, others beside it, tracks, clusters opposite to the photon, and gaps."""
    random = np.random.default_rng(seed)
    counts = random.choice([0, 1, 2, 3], p=[0.02, 0.68, 0.2, 0.1], size=events)
    n, first = int(counts.sum()), np.concatenate([[0], np.cumsum(counts)])[:-1]
    energy = random.exponential(0.12, n) + 0.05
    hard = first[counts > 0]
    energy[hard] = random.uniform(0.6, 6.5, len(hard))
    theta, phi = random.uniform(0.45, 2.4, n), random.uniform(-np.pi, np.pi, n)
    # residuals cross the seam at +-pi
    seen = (phi + random.normal(0.0, 0.05, n) + np.pi) % (2.0 * np.pi) - np.pi
    photons = lists(
        random,
        counts,
        photon_E=energy * (1.0 + random.normal(0.0, 0.03, n)),
        photon_theta=theta + random.normal(0.0, 0.01, n),
        photon_phi=seen,
        photon_mcE=energy,
        photon_mcTheta=theta,
        photon_mcPhi=phi,
        photon_mcPDG=random.choice([22, 0, 11], p=[0.8, 0.1, 0.1], size=n),
    )
    tracks = random.poisson(0.15, events)
    t = int(tracks.sum())
    clusters = random.poisson(0.5, events)
    k = int(clusters.sum())
    return {
        "__weight__": random.choice([1.0, 2.0], size=events),
        "generatorWeight": random.uniform(0.5, 1.5, events),
        "l1_lml1": (random.random(events) < 0.6).astype(np.int8),
        "l1_lml6": (random.random(events) < 0.6).astype(np.int8),
        **photons,
        **lists(
            random,
            tracks,
            track_p=random.exponential(0.4, t),
            track_theta=random.uniform(0.3, 2.6, t),
            track_dr=random.normal(0.0, 0.6, t),
            track_dz=random.normal(0.0, 2.0, t),
        ),
        **lists(random, clusters, klm_theta=random.uniform(0.4, 2.7, k), klm_phi=random.uniform(-np.pi, np.pi, k)),
    }


def run(processor: SinglePhoton, columns: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    attached = {"__record__": "NanoEvents", "metadata": {"dataset": "one", "filename": "a.root"} | metadata}
    record = ak.contents.RecordArray([ak.to_layout(value) for value in columns.values()], list(columns))
    return processor.process(ak.Array(record.copy(parameters=attached), behavior=base.behavior))


@pytest.fixture(scope="module")
def columns() -> dict[str, Any]:
    return make_columns(3000, 3)


@pytest.fixture(scope="module")
def signal(processor: SinglePhoton, columns: dict[str, Any]) -> dict[str, Any]:
    return run(processor, columns, kind="signal", mass_gev=MASS)["histograms"]


# -- the oracle: four-vectors and boosts by hand, one event after the other -------------------------------------------


def direction(theta: float, phi: float) -> np.ndarray:
    return np.array([math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)])


class Oracle:
    def __init__(self, config: SinglePhotonConfig, detector: DetectorConfig) -> None:
        self.config, self.cuts = config, config.selection
        self.beams = detector.beams.beams()
        half = 0.5 * self.beams.crossing_angle
        self.electron = self.beams.electron_energy * np.array([1.0, math.sin(half), 0.0, math.cos(half)])
        self.positron = self.beams.positron_energy * np.array([1.0, math.sin(half), 0.0, -math.cos(half)])
        self.total = self.electron + self.positron

    def to_cm(self, four: np.ndarray) -> np.ndarray:
        return boost(four, -self.beams.boost)

    def photons(self, columns: dict[str, Any], event: int, variation: str) -> list[tuple[float, float, float]]:
        names = ("E", "theta", "phi", "mcE", "mcTheta", "mcPhi", "mcPDG")
        rows = zip(*(columns[f"photon_{name}"][event] for name in names), strict=True)
        sign = 1.0 if variation.endswith("up") else -1.0
        varied = []
        for energy, theta, phi, *true, pdg in rows:
            if variation.startswith("energy_scale"):
                energy *= 1.0 + sign * self.config.variations.energy_scale.value
            if variation.startswith("resolution") and pdg == 22:
                factor = 1.0 + sign * self.config.variations.resolution.value
                turn = math.atan2(math.sin(phi - true[2]), math.cos(phi - true[2]))
                energy = true[0] + factor * (energy - true[0])
                theta, phi = true[1] + factor * (theta - true[1]), true[2] + factor * turn
            varied.append((energy, theta, phi))
        return varied

    def has_track(self, columns: dict[str, Any], event: int) -> bool:
        rows = zip(*(columns[f"track_{name}"][event] for name in ("p", "theta", "dr", "dz")), strict=True)
        return any(
            p * math.sin(theta) > self.cuts.track_transverse_momentum.value
            and abs(dr) < self.cuts.track_transverse_impact.value
            and abs(dz) < self.cuts.track_longitudinal_impact.value
            for p, theta, dr, dz in rows
        )

    def select(self, columns: dict[str, Any], event: int, variation: str) -> dict[str, Any] | None:
        """Return what the regions need, or None."""
        found = []
        if max(columns["photon_E"][event], default=0.0) < 0.5:
            return None
        for energy, theta, phi in self.photons(columns, event, variation):
            four = energy * np.concatenate([[1.0], direction(theta, phi)])
            energy_cm = self.to_cm(four)[0]
            if energy_cm > self.cuts.veto_energy_cm.value:
                found.append((energy_cm, four, theta))
        if len(found) != 1 or found[0][0] <= self.cuts.minimum_energy_cm.value:
            return None
        energy_cm, four, theta = found[0]
        flipped = self.to_cm(four) * np.array([1.0, -1.0, -1.0, -1.0])
        opposite = boost(flipped, self.beams.boost)[1:]
        for one in zip(columns["klm_theta"][event], columns["klm_phi"][event], strict=True):
            cosine = direction(*one) @ opposite / np.linalg.norm(opposite)
            if math.degrees(math.acos(np.clip(cosine, -1.0, 1.0))) < self.cuts.muon_system_angle.value:
                return None
        recoil = self.total - four
        squared = recoil[0] ** 2 - recoil[1:] @ recoil[1:]
        for beam in (self.electron, self.positron):
            # the square of recoil - x beam is linear in x
            whole = recoil - beam
            share = squared / (squared - (whole[0] ** 2 - whole[1:] @ whole[1:]))
            unseen = recoil - share * beam
            angle = math.degrees(math.atan2(math.hypot(unseen[1], unseen[2]), unseen[3]))
            if any(gap.low <= angle <= gap.high for gap in self.cuts.uncovered_ranges):
                return None
        return {"energy": four[0], "energy_cm": energy_cm, "theta": math.degrees(theta), "squared": squared}

    def in_region(self, region: Any, columns: dict[str, Any], event: int, selected: dict[str, Any]) -> bool:
        low, high = (
            sum(c * selected["energy_cm"] ** power for power, c in enumerate(curve.coefficients))
            for curve in (region.lowest_angle, region.highest_angle)
        )
        fired = any(columns[f"l1_{line}"][event] for line in region.trigger_lines)
        return bool(fired and low <= selected["theta"] <= high)

    def efficiency(self, energy: float, variation: str) -> float:
        sign = {"photon_efficiency_up": 1.0, "photon_efficiency_down": -1.0}.get(variation, 0.0)
        steps = self.config.variations.photon_efficiency
        below = [value for edge, value in zip(steps.energy_edges, steps.values, strict=False) if energy < edge]
        return 1.0 + sign * (below[0] if below else steps.values[-1])


@pytest.mark.agreement
def test_histograms_are_those_of_a_loop_over_events(
    config: SinglePhotonConfig, detector_config: DetectorConfig, columns: dict[str, Any], signal: dict[str, Any]
) -> None:
    oracle = Oracle(config, detector_config)
    columns = {name: ak.to_list(values) for name, values in columns.items()}
    entries: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for event in range(len(columns["__weight__"])):
        if oracle.has_track(columns, event):
            continue
        weight = float(columns["__weight__"][event] * columns["generatorWeight"][event])
        for variation in VARIATIONS:
            selected = oracle.select(columns, event, variation)
            for region in config.regions:
                if selected is not None and oracle.in_region(region, columns, event, selected):
                    own = weight * oracle.efficiency(selected["energy"], variation)
                    entries.setdefault((region.name, variation), []).append((selected["squared"], own))
    for region in config.regions:
        edges = region_edges(region, config, oracle.beams.sqrt_s)
        for variation in VARIATIONS:
            squared, weights = np.array(entries[region.name, variation]).T
            got = signal[f"region/{region.name}"][{"dataset": 0, "variation": variation}].view(flow=True)
            everywhere = np.concatenate([[-np.inf], edges, [np.inf]])
            expected = np.histogram(squared, everywhere, weights=weights)[0]
            assert np.count_nonzero(expected) > 20
            # single-precision input: a photon on the edge of a bin may fall on either side
            np.testing.assert_allclose(got["value"], expected, rtol=1e-9, atol=1e-12)
    nominal = np.array(entries["low", "nominal"])
    cutflow = dict(zip(signal["cutflow"].axes["cut"], signal["cutflow"].values()[0], strict=True))
    assert cutflow["region:low"] == pytest.approx(nominal[:, 1].sum())
    assert cutflow["all"] > cutflow["trigger"] > cutflow["no_tracks"] > cutflow["photon"] > cutflow["single_photon"]
    assert cutflow["single_photon"] > cutflow["no_opposite_cluster"] > cutflow["covered"] > cutflow["region:low"] > 0.0


def test_chunks_add_up(processor: SinglePhoton, columns: dict[str, Any], signal: dict[str, Any]) -> None:
    again = pickle.loads(pickle.dumps(processor))
    parts = [
        run(again, {name: values[part] for name, values in columns.items()}, kind="signal", mass_gev=MASS)
        for part in (slice(0, 1100), slice(1100, None))
    ]
    total = accumulate(parts)["histograms"]
    for name, histogram in signal.items():
        np.testing.assert_allclose(total[name].values(flow=True), histogram.values(flow=True), rtol=1e-9, atol=1e-12)


def test_data_fill_the_nominal_without_truth(
    processor: SinglePhoton, columns: dict[str, Any], signal: dict[str, Any]
) -> None:
    measured = {name: columns[name] for name in processor.required_columns("data")}
    assert not any(name.startswith("photon_mc") or name == "generatorWeight" for name in measured)
    histograms = run(processor, measured, kind="data")["histograms"]
    low = histograms["region/low"]
    assert low[{"variation": "nominal"}].values().sum() > 0.0
    assert low[{"variation": "energy_scale_up"}].values().sum() == 0.0
    assert len(histograms["signal_shape/low"].axes["dataset"]) == 0
    entries = histograms["cutflow_entries"].values()[0]
    np.testing.assert_array_equal(entries, signal["cutflow_entries"].values()[0])


def test_what_is_read_is_enough(processor: SinglePhoton, columns: dict[str, Any], signal: dict[str, Any]) -> None:
    needed = {name: columns[name] for name in processor.required_columns("signal")}
    histograms = run(processor, needed, kind="signal", mass_gev=MASS)["histograms"]
    np.testing.assert_array_equal(histograms["region/high"].values(), signal["region/high"].values())


@pytest.mark.parametrize("name", ["photon_E", "photon_theta", "photon_mcE", "track_dr", "klm_phi"])
def test_numbers_that_are_none_are_refused(processor: SinglePhoton, columns: dict[str, Any], name: str) -> None:
    flat, counts = ak.to_numpy(ak.flatten(columns[name])).copy(), ak.num(columns[name])
    row = len(flat) // 2
    flat[row] = np.nan
    event = int(np.searchsorted(np.cumsum(ak.to_numpy(counts)), row, side="right"))
    broken = columns | {name: ak.unflatten(flat, counts)}
    with pytest.raises(EventContentError, match=rf"'{name}' is not a finite number(.|\n)*a.root entry {event}\b"):
        run(processor, broken, kind="signal", mass_gev=MASS)


def test_lists_of_different_lengths_are_refused(processor: SinglePhoton, columns: dict[str, Any]) -> None:
    longer = ak.concatenate([columns["photon_phi"][:7], [[0.0] * 9], columns["photon_phi"][8:]])
    with pytest.raises(EventContentError, match=r"'photon_E' and 'photon_phi'(.|\n)*entry 7\b"):
        run(processor, columns | {"photon_phi": longer}, kind="signal", mass_gev=MASS)


def test_a_trigger_line_that_the_detector_has_not(config: SinglePhotonConfig, detector_config: DetectorConfig) -> None:
    region = config.regions[0].model_copy(update={"trigger_lines": ("lml66",)})
    wrong = config.model_copy(update={"regions": (region, *config.regions[1:])})
    with pytest.raises(UnknownNameError, match="lml6"):
        SinglePhoton(wrong, detector_config)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("  veto_energy_cm:", "  veto_energy:", "did you mean 'veto_energy_cm'"),
        ("    trigger_lines: [lml1, lml6]\n    lowest", "    lowest", "trigger_lines"),
        ("veto_energy_cm: {value: 0.3", "veto_energy_cm: {value: 3.0", "veto_energy_cm must be between"),
        ("muon_system_angle: {value: 90.0", "muon_system_angle: {value: 250.0", "muon_system_angle"),
    ],
)
def test_configurations_with_mistakes(tmp_path: Path, old: str, new: str, named: str) -> None:
    text = config_path("searches", "single_photon").read_text()
    assert old in text
    (tmp_path / "wrong.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=named):
        read_config(tmp_path / "wrong.yaml", SinglePhotonConfig)


def test_fiducial_curves(config: SinglePhotonConfig) -> None:
    low, high = config.regions
    at = np.array([5.29, 2.0])
    bounds = [
        curve.degrees(at) for curve in (low.lowest_angle, low.highest_angle, high.lowest_angle, high.highest_angle)
    ]
    # 35.6 to 120.3 deg at 5.29 GeV, 54.9 to 98.4 deg at 2 GeV
    assert [bounds[0][0], bounds[1][0]] == pytest.approx([35.6, 120.3], abs=0.05)
    assert [bounds[2][1], bounds[3][1]] == pytest.approx([54.9, 98.4], abs=0.05)

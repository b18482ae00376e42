"""The search for a kaon and something invisible against a loop over events, its q^2, and what it refuses."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import awkward as ak
import numpy as np
import pytest
from scipy.stats import norm

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.kaon_recoil import KaonRecoilConfig
from darkreach.errors import EventContentError, InputFileError, UnknownNameError
from darkreach.generators.process_registry import find_process
from darkreach.histograms.binning import squared_mass_resolution
from darkreach.kinematics import CHARGED_KAON_MASS, Beams, boost
from darkreach.response import measure_events
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.kaon_recoil import KaonRecoil
from darkreach.searches.kaon_recoil_events import kaon_candidates
from darkreach.searches.kaon_recoil_kinematics import (
    KaonMomenta,
    beam_recoil_mass_squared,
    even_deviates,
    kaon_energy_cm,
)
from darkreach.simulation.event_lists import measured_lists, stored_values

AsEvents = Callable[..., ak.Array]
Columns = dict[str, Any]
MASS = 1.5
B_MASS = 5.27941


@pytest.fixture(scope="module")
def config() -> KaonRecoilConfig:
    return read_config(config_path("searches", "b_to_k_invisible_scalar"), KaonRecoilConfig)


@pytest.fixture(scope="module")
def processor(config: KaonRecoilConfig, detector_config: DetectorConfig) -> KaonRecoil:
    return KaonRecoil(config, detector_config)


def simulated(detector: DetectorConfig, mass: float, number: int) -> Columns:
    """Columns of signal events as the ntuples have them; the other B leaves nothing."""
    process = find_process("b_to_k_scalar_invisible")
    values = process.values({"mass_gev": mass, "decay_other_b": 0.0})
    source = process.open(detector.beams.beams(), values, 0.0).source
    measured = measure_events(source(number, np.random.default_rng(7)), detector, np.random.default_rng(8))
    rows = measured_lists(measured, measured.trial)
    flat = stored_values(rows, rows.columns())
    columns: Columns = {}
    for column in rows.columns():
        values_of = flat[column.name]
        if column.level != "event":
            values_of = ak.unflatten(values_of, np.diff(rows.lists[column.collection].offsets))
        columns[column.name] = values_of
    return columns


def random_tracks(events: int, beams: Beams) -> Columns:
    """Events with tracks of all kinds: true kaons of the signal decay among them, others of B mesons too."""
    random = np.random.default_rng(31)
    counts = random.choice([0, 1, 2, 4], size=events)
    n = int(counts.sum())
    energy = random.uniform(0.6, 3.4, n)
    # some at the energy of the signal, moved by the motion of the B
    energy[::2] = (B_MASS**2 + CHARGED_KAON_MASS**2 - MASS**2) / (2 * B_MASS) + random.uniform(
        -0.15, 0.15, len(energy[::2])
    )
    size = np.sqrt(energy**2 - CHARGED_KAON_MASS**2)
    cosine, turn = random.uniform(-0.9, 0.9, n), random.uniform(-np.pi, np.pi, n)
    sine = np.sqrt(1.0 - cosine**2)
    at_rest = np.stack([energy, size * sine * np.cos(turn), size * sine * np.sin(turn), size * cosine], axis=1)
    lab = boost(at_rest, beams.boost)
    true = np.linalg.norm(lab[:, 1:], axis=1)
    theta, phi = np.arccos(lab[:, 3] / true), np.arctan2(lab[:, 2], lab[:, 1])
    code = random.choice([321, -321, 211], p=[0.45, 0.45, 0.1], size=n)
    identification = random.uniform(0.7, 1.0, n)
    identification[5] = np.nan
    lists = {
        "p": true * random.normal(1.0, 0.01, n), "theta": theta, "phi": phi,
        "dr": np.abs(random.normal(0.0, 0.3, n)), "dz": random.normal(0.0, 1.0, n), "kaonID": identification,
        "mcP": true, "mcTheta": theta, "mcPhi": phi, "mcPDG": code,
        "genMotherPDG": random.choice([521, -521, 421], p=[0.4, 0.4, 0.2], size=n),
    }  # fmt: skip
    return {
        "__weight__": random.choice([1.0, 2.0], size=events),
        "__event__": np.sort(random.choice(10 * events, size=events, replace=False)).astype(np.uint32),
        "generatorWeight": random.uniform(0.5, 1.5, events),
        **{f"track_{name}": ak.unflatten(values, counts) for name, values in lists.items()},
    }


def slow_regions(
    columns: Columns, config: KaonRecoilConfig, beams: Beams, name: str, mass: float | None
) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Loop over events: q^2 and weight by region and variation."""
    cuts, sizes = config.selection, config.variations
    rows = ak.zip({key: value for key, value in columns.items() if key.startswith("track_")}).to_list()
    found = defaultdict(list)

    def q_squared(
        track: dict[str, float], scale: float = 1.0, prefix: str = "track_p", angles: str = "track_"
    ) -> float:
        p = scale * track[prefix]
        theta, phi = track[angles + ("mcTheta" if "mc" in prefix else "theta")], track["track_phi"]
        lab = np.array([math.hypot(p, CHARGED_KAON_MASS), p * math.sin(theta) * math.cos(phi),
                        p * math.sin(theta) * math.sin(phi), p * math.cos(theta)])  # fmt: skip
        return beams.s / 4 + CHARGED_KAON_MASS**2 - beams.sqrt_s * float(boost(lab[None], -beams.boost)[0, 0])

    for index, tracks in enumerate(rows):
        left = columns["__weight__"][index] * columns["generatorWeight"][index]
        place = ((int(columns["__event__"][index]) + 0.5) * 2.0 / (1.0 + math.sqrt(5.0))) % 1.0
        kaons = [
            track
            for track in tracks
            if track["track_kaonID"] > cuts.identification.value
            and track["track_p"] * math.sin(track["track_theta"]) >= cuts.transverse_momentum.value
            and abs(track["track_dr"]) < 0.5
            and abs(track["track_dz"]) < 2.0
        ]
        for region in config.regions:
            tagged = region.resolution is not None
            chosen, known = kaons, {}
            if mass is not None:
                for track in kaons:
                    offset = mass**2 - q_squared(track, prefix="track_mcP")
                    mother = 521 if track["track_mcPDG"] == 321 else -521 if track["track_mcPDG"] == -321 else 0
                    if track["track_genMotherPDG"] == mother and abs(offset) < 2.5:
                        known[id(track)] = offset
                if tagged:
                    chosen = [track for track in kaons if id(track) in known]
            if not chosen:
                continue
            best = min(chosen, key=q_squared)
            curve = region.signal_efficiency if mass is not None else region.background_efficiencies[name]
            places, values = zip(*curve.knots, strict=True)
            weight = left * math.exp(np.interp(q_squared(best), places, np.log(values)))
            left -= weight
            motion = known.get(id(best), 0.0) if tagged else 0.0
            smear = region.resolution.value * norm.ppf(place) if region.resolution is not None else 0.0

            def record(variation: str, value: float, size: float, name: str = region.name) -> None:
                found[name, variation].append((value, size))

            record("nominal", q_squared(best) + motion + smear, weight)
            for way, sign in (("up", 1.0), ("down", -1.0)):
                moved = q_squared(best, 1.0 + sign * sizes.track_momentum_scale.value)
                record(f"track_momentum_scale_{way}", moved + motion + smear, weight)
                factor = 1.0 + sign * sizes.tag_resolution.value * (id(best) in known)
                record(f"tag_resolution_{way}", q_squared(best) + motion + factor * smear, weight)
                for stem, acts in (("tag_efficiency", tagged), ("inclusive_efficiency", not tagged)):
                    factor = 1.0 + sign * getattr(sizes, stem).value * acts
                    record(f"{stem}_{way}", q_squared(best) + motion + smear, factor * weight)
    return found


@pytest.mark.agreement
@pytest.mark.parametrize(("kind", "name", "mass"), [("signal", "one", MASS), ("background", "b_meson_pair", None)])
def test_regions_hold_what_a_loop_selects(
    processor: KaonRecoil, config: KaonRecoilConfig, as_events: AsEvents, kind: str, name: str, mass: float | None
) -> None:
    beams = processor.detector.beams.beams()
    columns = random_tracks(400, beams)
    metadata = {} if mass is None else {"mass_gev": mass}
    found = processor.process(as_events(columns, kind=kind, dataset=name, **metadata))["histograms"]
    expected = slow_regions(columns, config, beams, name, mass)
    for region in config.regions:
        histogram = found[f"region/{region.name}"]
        edges = histogram.axes[-1].edges
        for variation in processor.variations:
            values, weights = np.array(expected[region.name, variation]).T
            assert len(values) > 20
            filled, _ = np.histogram(values, edges, weights=weights)
            squares, _ = np.histogram(values, edges, weights=weights**2)
            view = histogram[name, variation, :].view()
            # numpy takes differences of cumulative sums
            np.testing.assert_allclose(view.value, filled, rtol=0.0, atol=1e-12 * float(filled.max()))
            np.testing.assert_allclose(view.variance, squares, rtol=0.0, atol=1e-12 * float(squares.max()))
    # the signal has tagged kaons with and without the motion of the B taken out, or the loop would prove little
    if mass is not None:
        assert 0 < len(expected["hadronic_tag", "nominal"]) < len(expected["inclusive_tag", "nominal"])


def test_chunks_add_up_to_the_whole(processor: KaonRecoil, as_events: AsEvents) -> None:
    columns = random_tracks(300, processor.detector.beams.beams())
    whole = processor.process(as_events(columns, kind="background", dataset="uubar"))
    parts = [
        processor.process(
            as_events({name: values[part] for name, values in columns.items()}, kind="background", dataset="uubar")
        )
        for part in (slice(0, 77), slice(77, 300))
    ]
    for name, histogram in whole["histograms"].items():
        both = parts[0]["histograms"][name] + parts[1]["histograms"][name]
        np.testing.assert_allclose(both.values(flow=True), histogram.values(flow=True), rtol=1e-12)


@pytest.mark.parametrize("mass", [0.01, 1.0, 2.0, 3.0, 4.0, 4.6])
def test_knots_are_the_resolution_in_both_regions(
    processor: KaonRecoil, config: KaonRecoilConfig, detector_config: DetectorConfig, as_events: AsEvents, mass: float
) -> None:
    columns = simulated(detector_config, mass, 20_000)
    beams = detector_config.beams.beams()
    kaons = kaon_candidates(as_events(columns), config.selection, beams, ChunkSource("s", "a", "signal", mass, 0))
    # nearly all kaons of the signal are recognised as such
    chosen = kaons.fastest(of_signal=True)
    assert len(chosen.event) > 0.995 * len(kaons.event) > 0.7 * 20_000
    deviates = even_deviates(columns["__event__"].astype(np.int64))[chosen.event]
    for region in config.regions:
        difference = processor._observable(region, chosen, deviates) - mass**2
        low, middle, high = np.quantile(difference, [norm.cdf(-1), 0.5, norm.cdf(1)])
        resolution = float(squared_mass_resolution(region.observable, mass, config))
        # 15 000 events: 1 % on the width; the knots are between the masses
        assert 0.5 * (high - low) == pytest.approx(resolution, rel=0.05)
        shift = 0.0 if region.is_tagged else (beams.s / (4.0 * B_MASS**2) - 1.0) * (mass**2 - CHARGED_KAON_MASS**2)
        assert abs(middle - shift) < 0.05 * resolution
    tagged, inclusive = (squared_mass_resolution(region.observable, mass, config) for region in config.regions)
    # without the smearing of the tag the track is left
    track = processor._observable(config.regions[0], chosen, np.zeros(len(deviates))) - mass**2
    assert float(tagged) == pytest.approx(
        math.hypot(0.2, 0.5 * np.subtract(*np.quantile(track, [0.84, 0.16]))), rel=0.05
    )
    if mass < 4.5:
        assert float(inclusive) > float(tagged)


@pytest.mark.reference
@pytest.mark.parametrize(("mass", "energy"), [(1e-4, 2.663), (1.0, 2.568), (2.0, 2.284), (3.0, 1.810), (4.0, 1.147)])
def test_q_squared_of_the_kaon_alone_is_off_by_the_motion_of_the_b(mass: float, energy: float) -> None:
    beams = Beams(7.004, 4.002, 0.083)
    source = (
        find_process("b_to_k_scalar_invisible")
        .open(beams, {"mass_gev": mass, "sin_theta": 1e-3, "decay_other_b": 0.0}, 0.0)
        .source
    )
    particles = source(20_000, np.random.default_rng(3)).momentum.reshape(-1, 4, 4)
    b_meson, kaon = particles[:, 0], particles[:, 2]
    size = np.linalg.norm(kaon[:, 1:], axis=1)
    kaons = KaonMomenta(size, np.arccos(kaon[:, 3] / size), np.arctan2(kaon[:, 2], kaon[:, 1]))
    np.testing.assert_allclose(kaon_energy_cm(kaons, beams), boost(kaon, -beams.boost)[:, 0], rtol=1e-12)
    product = b_meson[:, 0] * kaon[:, 0] - np.sum(b_meson[:, 1:] * kaon[:, 1:], axis=1)
    np.testing.assert_allclose(product / B_MASS, energy, atol=6e-4)
    shift = beam_recoil_mass_squared(kaon_energy_cm(kaons, beams), beams.sqrt_s) - mass**2
    expected = (beams.s / (4.0 * B_MASS**2) - 1.0) * (mass**2 - CHARGED_KAON_MASS**2)
    assert float(shift.mean()) == pytest.approx(expected, abs=4.0 * float(shift.std()) / math.sqrt(20_000))
    assert float(np.abs(shift).max()) < 1.85
    if mass == 1.0:
        assert expected == pytest.approx(0.003, abs=5e-4)
        at_rest = beam_recoil_mass_squared(np.array([product[0] / B_MASS]), 10.58) - 1.0
        assert float(at_rest[0]) == pytest.approx(0.058, abs=1e-3)


def test_even_deviates_are_normal_without_random_numbers() -> None:
    drawn = even_deviates(np.arange(2_000))
    place = np.sort(norm.cdf(drawn))
    # random numbers would be off by 0.03
    assert np.abs(place - (np.arange(2_000) + 0.5) / 2_000).max() < 3e-3
    assert (drawn.mean(), drawn.std()) == pytest.approx((0.0, 1.0), abs=4e-3)
    # neighbouring numbers of a subset, too
    assert even_deviates(np.arange(5, 40_000, 7)).std() == pytest.approx(1.0, abs=0.01)
    np.testing.assert_array_equal(even_deviates(np.array([9, 3])), drawn[[9, 3]])


def test_regions_share_events_without_counting_one_twice(
    config: KaonRecoilConfig, detector_config: DetectorConfig, as_events: AsEvents
) -> None:
    everything = {"knots": [[0.0, 1.0]], "source": "test"}
    content = config.model_dump(mode="json")
    content["regions"][0]["signal_efficiency"] = everything
    greedy = KaonRecoil(KaonRecoilConfig.model_validate(content), detector_config)
    columns = simulated(detector_config, MASS, 500)
    histograms = greedy.process(as_events(columns, kind="signal", mass_gev=MASS))["histograms"]
    cutflow = dict(zip(histograms["cutflow"].axes[-1], histograms["cutflow"].values()[0], strict=True))
    assert cutflow["region:hadronic_tag"] == pytest.approx(cutflow["kaon"], rel=1e-12)
    assert cutflow["region:inclusive_tag"] == pytest.approx(0.0, abs=1e-12 * cutflow["kaon"])


def test_faults_are_named(processor: KaonRecoil, as_events: AsEvents) -> None:
    columns = random_tracks(20, processor.detector.beams.beams())
    with pytest.raises(InputFileError, match="cannot read data"):
        processor.process(as_events(columns, kind="data"))
    with pytest.raises(UnknownNameError, match="background with efficiencies"):
        processor.process(as_events(columns, kind="background", dataset="b_meson_pairs"))
    # parameters stand behind the name of the process
    processor.process(as_events(columns, kind="background", dataset="b_meson_pair_extra"))
    broken = columns | {"track_kaonID": columns["track_kaonID"][:, :1]}
    with pytest.raises(EventContentError, match="differ in length"):
        processor.process(as_events(broken, kind="background", dataset="uubar"))
    infinite = columns | {"track_p": columns["track_p"] + np.inf}
    with pytest.raises(EventContentError, match="not a finite number"):
        processor.process(as_events(infinite, kind="background", dataset="uubar"))

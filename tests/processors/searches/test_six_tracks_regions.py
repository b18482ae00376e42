"""The regions of the search with six tracks against plain loops over events; no event is in two of them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import awkward as ak
import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.configuration.six_tracks import SixTracksConfig
from darkreach.kinematics import boost
from darkreach.searches.six_tracks import SixTracks
from darkreach.searches.six_tracks_events import FLAVOUR_MASSES

Columns = dict[str, Any]
Filled = Callable[[SixTracks, ak.Array], list[tuple[Any, ...]]]
DARK_PHOTON, DARK_HIGGS = 1.5, 5.0
NAMES = ("electrons", "muons", "pions", "anything")
LOOPED = 1_200
"""Events that are looped over."""


@pytest.fixture(scope="module")
def tight(six_track_config: SixTracksConfig, six_track_detector: DetectorConfig) -> SixTracks:
    """With cuts on tracks that the detector does not make itself."""
    content = six_track_config.model_dump(mode="json")
    content["selection"]["tracks"] |= {
        "transverse_momentum": {"value": 0.3, "source": "convention"},
        "polar_range": {"low": 23.0, "high": 143.0},
        "transverse_impact": {"value": 0.01, "source": "convention"},
        "longitudinal_impact": {"value": 0.01, "source": "convention"},
    }
    return SixTracks(SixTracksConfig.model_validate(content), six_track_detector)


def four_momentum(momentum: float, theta: float, phi: float, flavour: int) -> np.ndarray:
    direction = [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)]
    return np.array([np.hypot(momentum, FLAVOUR_MASSES[flavour]), *(momentum * np.array(direction))])


def mass(momentum: np.ndarray) -> float:
    return float(np.sqrt(max(momentum[0] ** 2 - momentum[1:] @ momentum[1:], 0.0)))


class PlainSearch:
    """The selection by loops, from the numbers of the configuration."""

    def __init__(self, config: SixTracksConfig, detector: DetectorConfig) -> None:
        self.cuts, self.total = config.selection, detector.beams.beams().four_momentum
        self.regions = {tuple(sorted(region.decays)): region for region in config.regions}

    def flavour(self, track: dict[str, float]) -> int:
        identification = self.cuts.identification
        if track["electronID"] > identification.electron.threshold.value:
            return 0
        if track["muonID"] > identification.muon.threshold.value:
            return 1
        assert identification.kaon is not None
        return 3 if track["kaonID"] > identification.kaon.threshold.value else 2

    def place(self, tracks: list[dict[str, float]]) -> tuple[str, bool, tuple[float, ...], tuple[float, ...]] | None:
        """Region, whether its sideband, x and y of an event; None if it is in no region."""
        cuts = self.cuts.tracks
        near = [
            {**track, "flavour": self.flavour(track)}
            for track in tracks
            if abs(track["dr"]) <= cuts.transverse_impact.value and abs(track["dz"]) <= cuts.longitudinal_impact.value
        ]
        if len(near) == 6 and sum(track["charge"] for track in near) == 0:
            momenta = [four_momentum(t["p"], t["theta"], t["phi"], int(t["flavour"])) for t in near]
            if mass(np.sum(momenta, axis=0)) > self.cuts.smallest_balance.value * mass(self.total):
                return self.choose(near)
        leptons = [track for track in near if track["flavour"] < 2]
        if len(leptons) == 4 and sum(track["charge"] for track in leptons) == 0:
            return self.choose(leptons)
        return None

    def choose(self, tracks: list[dict[str, float]]) -> tuple[str, bool, tuple[float, ...], tuple[float, ...]] | None:
        positive = [track for track in tracks if track["charge"] > 0]
        negative = [track for track in tracks if track["charge"] < 0]
        best = None
        for order in itertools.permutations(negative):
            pairs = list(zip(positive, order, strict=True))
            if any(one["flavour"] != two["flavour"] or one["flavour"] == 3 for one, two in pairs):
                continue
            momenta = [[four_momentum(t["p"], t["theta"], t["phi"], int(t["flavour"])) for t in pair] for pair in pairs]
            masses = [mass(one + two) for one, two in momenta]
            if best is None or max(masses) - min(masses) < best[0]:
                best = (max(masses) - min(masses), masses, pairs, momenta)
        return None if best is None else self.judge(*best)

    def judge(self, spread: float, masses: list[float], pairs: Any, momenta: Any) -> Any:
        decays = [NAMES[pair[0]["flavour"]] for pair in pairs]
        decays += ["anything"] if len(pairs) == 2 else []
        region = self.regions.get(tuple(sorted(decays)))
        cuts = self.cuts.tracks
        for track in itertools.chain(*pairs):
            angle = np.degrees(track["theta"])
            if not cuts.polar_range.low <= angle <= cuts.polar_range.high:
                return None
            if track["p"] * np.sin(track["theta"]) < cuts.transverse_momentum.value:
                return None
        if region is None:
            return None
        x = float(np.mean(masses))
        bosons = [one + two for one, two in momenta]
        for pair, boson, (one, _) in zip(pairs, bosons, momenta, strict=True):
            if pair[0]["flavour"] == 0 and self.cosine(one, boson) >= self.cuts.largest_helicity_cosine.value:
                return None
        if len(pairs) == 2:
            recoil = self.total - np.sum(bosons, axis=0)
            squared = recoil[0] ** 2 - recoil[1:] @ recoil[1:]
            resolution = np.interp(x, *np.array(self.cuts.recoil.resolution.knots).T)
            if abs(squared - x**2) > self.cuts.recoil.largest.value * resolution:
                return None
            bosons.append(recoil)
        relative = spread / np.interp(x, *np.array(self.cuts.spread.resolution.knots).T)
        low, high = self.cuts.spread.sideband
        if not (relative < self.cuts.spread.largest or low <= relative < high):
            return None
        y = []
        for alone in range(3):
            one, two = (boson for number, boson in enumerate(bosons) if number != alone)
            product = one[0] * two[0] - one[1:] @ two[1:]
            y.append(float(np.sqrt(2.0 * x**2 + 2.0 * product)))
        return region.name, bool(relative >= low), (x, x, x), tuple(y)

    def cosine(self, electron: np.ndarray, boson: np.ndarray) -> float:
        electron, boson = (boost(each, -self.total[1:] / self.total[0]) for each in (electron, boson))
        along = boost(electron, -boson[1:] / boson[0])[1:]
        return float(abs(along @ boson[1:]) / np.linalg.norm(along) / np.linalg.norm(boson[1:]))


@pytest.mark.agreement
def test_regions_hold_what_plain_loops_select(
    tight: SixTracks, visible: Columns, unseen: Columns, as_events: Callable[..., ak.Array], filled: Filled
) -> None:
    plain = PlainSearch(tight.config, tight.detector)
    reached: set[tuple[str, bool]] = set()
    for columns in (visible, unseen):
        found = filled(tight, as_events(columns, kind="background"))
        ours = {event: place for *place, name, event, _, _ in found if name == "nominal"}
        values = {f[3]: (f[4], f[5]) for f in found if f[2] == "nominal"}
        lists = ak.zip({name.removeprefix("track_"): columns[name] for name in columns if name.startswith("track_")})
        expected = {}
        for event, tracks in enumerate(lists[:LOOPED].to_list()):
            place = plain.place(tracks)
            if place is not None:
                expected[event] = place
        first = {event: tuple(place) for event, place in ours.items() if event < LOOPED}
        assert first == {event: place[:2] for event, place in expected.items()}
        for event, (_, _, x, y) in expected.items():
            np.testing.assert_allclose(values[event][0], x, rtol=1e-9)
            np.testing.assert_allclose(sorted(values[event][1]), sorted(y), rtol=1e-9)
        reached |= {place[:2] for place in expected.values()}
    # all regions, and most sidebands
    assert {(region.name, False) for region in tight.config.regions} <= reached
    assert sum(sideband for _, sideband in reached) >= 6


def test_no_event_is_in_two_regions(
    six_track_processor: SixTracks,
    visible: Columns,
    unseen: Columns,
    as_events: Callable[..., ak.Array],
    filled: Filled,
) -> None:
    for columns in (visible, unseen):
        found = filled(six_track_processor, as_events(columns, kind="background"))
        for variation in six_track_processor.variations:
            times = Counter(event for _, _, name, event, _, _ in found if name == variation)
            assert len(times) > 300
            assert max(times.values()) == 1


def test_unseen_dark_photons_have_the_recoil_mass(
    six_track_processor: SixTracks, unseen: Columns, as_signal: Callable[..., ak.Array], filled: Filled
) -> None:
    found = filled(six_track_processor, as_signal(unseen, "open"))
    inclusive = [f for f in found if f[0].endswith("anything") and f[2] == "nominal" and not f[1]]
    assert len(inclusive) > 150
    x = np.array([f[4][0] for f in inclusive])
    nearest = np.array([min(f[5], key=lambda y: abs(y - DARK_HIGGS)) for f in inclusive])
    assert np.median(x) == pytest.approx(DARK_PHOTON, abs=0.002)
    assert np.median(nearest) == pytest.approx(DARK_HIGGS, abs=0.01)
    assert np.mean(np.abs(nearest - DARK_HIGGS) < 0.1) > 0.9

"""The search for displaced vertices once more: one event, one vertex and one kaon after the other, in plain Python."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedRegion, DisplacedSearchConfig
from darkreach.histograms.displaced_cells import DisplacedCells

MASSES = {"electron": 0.51099895e-3, "muon": 0.1056583755, "pion": 0.13957039, "kaon": 0.493677, "proton": 0.93827209}
"""GeV, PDG 2024."""

CODES = {11: "electron", 13: "muon", 211: "pion", 321: "kaon", 2212: "proton"}
PAIRS = {"ee": "electron", "mumu": "muon", "pipi": "pion", "kk": "kaon"}

Event = dict[str, Any]


@dataclass
class Found:
    """Everything that is filled: (values, weight) by histogram, and by cut the events or candidates counted."""

    fills: dict[str, list[tuple[tuple[float, ...], float]]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def momentum(event: Event, track: int, mass: float) -> list[float]:
    size, theta, phi = (event[f"track_{name}"][track] for name in ("p", "theta", "phi"))
    across = size * math.sin(theta)
    return [
        math.sqrt(size**2 + mass**2),
        across * math.cos(phi),
        across * math.sin(phi),
        size * math.cos(theta),
    ]


def total(*momenta: list[float]) -> list[float]:
    return [sum(values) for values in zip(*momenta, strict=True)]


def invariant_mass(*momenta: list[float]) -> float:
    e, x, y, z = total(*momenta)
    return math.sqrt(max(e * e - x * x - y * y - z * z, 0.0))


def at_rest_of(total_momentum: list[float], one: list[float]) -> list[float]:
    """Boost by the textbook: parallel and perpendicular parts."""
    energy, *vector = total_momentum
    speed = math.sqrt(sum((value / energy) ** 2 for value in vector))
    axis = [value / energy / speed for value in vector]
    gamma = 1.0 / math.sqrt(1.0 - speed**2)
    along = sum(a * b for a, b in zip(axis, one[1:], strict=True))
    moved = gamma * (along - speed * one[0])
    across = [value - along * a for value, a in zip(one[1:], axis, strict=True)]
    return [gamma * (one[0] - speed * along), *(c + moved * a for c, a in zip(across, axis, strict=True))]


class Loop:
    """The search by loops."""

    def __init__(self, config: DisplacedSearchConfig, detector: DetectorConfig, *, weighted: bool) -> None:
        self.config, self.detector, self.weighted = config, detector, weighted
        beams = detector.beams
        half = 0.5 * beams.crossing_angle.value
        electron, positron = beams.electron_energy.value, beams.positron_energy.value
        self.beams = total(
            [electron, electron * math.sin(half), 0.0, electron * math.cos(half)],
            [positron, positron * math.sin(half), 0.0, -positron * math.cos(half)],
        )
        self.sqrt_s = invariant_mass(self.beams)
        self.found = Found()

    def factor(self, event: Event, track: int, hypothesis: str, threshold: float) -> float:
        section = getattr(self.detector.identification, hypothesis)
        if not self.weighted:
            return float(event[f"track_{hypothesis}ID"][track] > threshold)
        species = CODES[abs(event["track_mcPDG"][track])]
        table, scales = getattr(section, species), self.detector.scales
        value = float(table.at([event["track_mcP"][track]], [event["track_mcTheta"][track]])[0])
        if species == hypothesis:
            value = 1.0 - scales.identification_inefficiency.value * (1.0 - value)
        else:
            value *= scales.misidentification.value
        value = min(max(value, 0.0), 1.0)
        # of a variable with F(x) = x^k and F(working point) = 1 - value
        power = math.inf if value == 1.0 else math.log(1.0 - value) / math.log(section.working_point)
        return 1.0 - threshold**power

    def event(self, event: Event, weight: float) -> None:
        cuts, counts = self.config.selection, self.found.counts
        counts["all"].append(weight)
        lines = cuts.trigger_lines
        if lines and not any(event[f"l1_{line}"] for line in lines):
            return
        counts["trigger"].append(weight)
        steps = [set(range(len(event["vertex_dr"])))] + [set() for _ in range(3)]
        steps[0] = {
            vertex
            for vertex in steps[0]
            if self.config.radius_edges[0] <= event["vertex_dr"][vertex] < self.config.radius_edges[-1]
        }
        for vertex in steps[0]:
            pair = self.pair(event, vertex, "pion")
            if min(math.hypot(one[1], one[2]) for one in pair) < cuts.track_transverse_momentum.value:
                continue
            steps[1].add(vertex)
            _, x, y, _ = total(*pair)
            place = event["vertex_x"][vertex], event["vertex_y"][vertex]
            cosine = (x * place[0] + y * place[1]) / math.hypot(x, y) / event["vertex_dr"][vertex]
            if cosine < cuts.pointing_cosine.value:
                continue
            steps[2].add(vertex)
            if math.hypot(x, y) >= cuts.pair_transverse_momentum.value:
                steps[3].add(vertex)
        for name, vertices in zip(("vertex", "track_momenta", "pointing", "pair_momentum"), steps, strict=True):
            if vertices:
                counts[name].append(weight)
        if not steps[3]:
            return
        b_candidate = cuts.b_candidate
        if b_candidate is not None and b_candidate.fox_wolfram_ratio is not None:
            if self.shape(event) > b_candidate.fox_wolfram_ratio.value:
                return
            counts["event_shape"].append(weight)
        for region in self.config.regions:
            self.region(region, event, sorted(steps[3]), weight)

    def pair(self, event: Event, vertex: int, species: str) -> list[list[float]]:
        return [momentum(event, event[f"vertex_{name}"][vertex], MASSES[species]) for name in ("first", "second")]

    def shape(self, event: Event) -> float:
        particles = [momentum(event, track, MASSES["pion"]) for track in range(len(event["track_p"]))]
        for energy, theta, phi in zip(*(event[f"photon_{name}"] for name in ("E", "theta", "phi")), strict=True):
            across = energy * math.sin(theta)
            particles.append([energy, across * math.cos(phi), across * math.sin(phi), energy * math.cos(theta)])
        vectors = [at_rest_of(self.beams, one)[1:] for one in particles]
        moments = [0.0, 0.0]
        for one, other in itertools.product(vectors, repeat=2):
            product = math.hypot(*one) * math.hypot(*other)
            cosine = sum(a * b for a, b in zip(one, other, strict=True)) / product
            moments[0] += product
            moments[1] += product * 0.5 * (3.0 * cosine**2 - 1.0)
        return moments[1] / moments[0]

    def region(self, region: DisplacedRegion, event: Event, vertices: list[int], weight: float) -> None:
        candidates = [one for vertex in vertices for one in self.candidates(region, event, vertex)]
        cells, settings = DisplacedCells(region, self.config.mass), self.config.selection.b_candidate

        def inside(one: dict[str, float], name: str) -> bool:
            if settings is None:
                return True
            if name == "energy":
                return abs(one["energy"]) <= settings.energy_difference.value
            return settings.beam_constrained_mass.low <= one["mass"] <= settings.beam_constrained_mass.high

        for histogram, cuts in (
            ("mass_radius", ("mass", "energy")),
            ("beam_constrained_mass", ("energy",)),
            ("energy_difference", ("mass",)),
        ):
            chosen = [one for one in candidates if all(inside(one, name) for name in cuts)]
            if not self.weighted and chosen:
                chosen = [min(chosen, key=lambda one: one["rank"])]
            for one in chosen:
                own = weight * one["factor"]
                if histogram == "mass_radius":
                    self.found.counts[f"region:{region.name}"].append(own)
                    values = (float(cells.expected(one["pair_mass"])), one["radius"])
                elif settings is None:
                    continue
                else:
                    values = (one["mass"] if histogram == "beam_constrained_mass" else one["energy"],)
                self.found.fills[f"{histogram}/{region.name}"].append((values, own))

    def candidates(self, region: DisplacedRegion, event: Event, vertex: int) -> Iterator[dict[str, float]]:
        species, tracks = PAIRS[region.pair], [event[f"vertex_{name}"][vertex] for name in ("first", "second")]
        radius = event["vertex_dr"][vertex]
        if region.smallest_radius is not None and radius < region.smallest_radius:
            return
        distance = region.material_distance
        if distance is not None and event["vertex_materialDistance"][vertex] < distance.value:
            return
        for veto in region.vetoes:
            for hypotheses in ((veto.first, veto.second), (veto.second, veto.first)):
                taken = [momentum(event, track, MASSES[one]) for track, one in zip(tracks, hypotheses, strict=True)]
                if veto.mass.low <= invariant_mass(*taken) <= veto.mass.high:
                    return
        factor = 1.0
        for track in tracks:
            factor *= self.factor(event, track, species, self.config.selection.identification.value)
            for vetoed in region.vetoed_identification:
                point = getattr(self.detector.identification, vetoed).working_point
                factor *= 1.0 - self.factor(event, track, vetoed, point)
        if factor == 0.0:
            return
        pair = self.pair(event, vertex, species)
        known = {"radius": radius, "pair_mass": invariant_mass(*pair)}
        if self.config.selection.b_candidate is None:
            _, x, y, _ = total(*pair)
            yield {**known, "factor": factor, "rank": -math.hypot(x, y)}
            return
        for kaon, share in self.kaons(region.kaon, event, tracks):
            energy, *vector = at_rest_of(self.beams, total(*pair, *kaon))
            difference = energy - 0.5 * self.sqrt_s
            if abs(difference) <= self.config.selection.b_candidate.sideband_energy_difference.value:
                mass = math.sqrt(max(0.25 * self.sqrt_s**2 - sum(value**2 for value in vector), 0.0))
                yield {**known, "factor": factor * share, "rank": abs(difference), "mass": mass, "energy": difference}

    def kaons(self, kind: str, event: Event, used: list[int]) -> Iterator[tuple[list[list[float]], float]]:
        cuts = self.config.selection.b_candidate
        assert cuts is not None
        others = [
            track
            for track in range(len(event["track_p"]))
            if track not in used
            and abs(event["track_dr"][track]) <= cuts.impact.value
            and abs(event["track_dz"][track]) <= cuts.longitudinal_impact.value
            and event["track_p"][track] * math.sin(event["track_theta"][track]) >= cuts.transverse_momentum.value
        ]
        threshold = cuts.identification.value
        for kaon in others:
            share = self.factor(event, kaon, "kaon", threshold)
            if share == 0.0:
                continue
            first = momentum(event, kaon, MASSES["kaon"])
            if kind == "kplus":
                yield [first], share
                continue
            for pion in others:
                both = share * self.factor(event, pion, "pion", threshold)
                second = momentum(event, pion, MASSES["pion"])
                opposite = event["track_charge"][kaon] * event["track_charge"][pion] < 0
                within = cuts.resonance_mass.low <= invariant_mass(first, second) <= cuts.resonance_mass.high
                if pion != kaon and both > 0.0 and opposite and within:
                    yield [first, second], both

"""Coefficients of the suppression of tau pairs: a linear discriminant against rectangular cuts, on separate samples.

For each recoil mass both are made to have the largest Punzi figure of merit, efficiency/(z/2 + sqrt(B)), in a window of
two resolutions on either side, z = 1.28 for 90 %, with all simulated backgrounds of the search. Printed is what another
set of samples says of them and of the table of the configuration:

    python tests/benchmarks/two_lepton_suppression.py [search] [factor on the numbers of events]
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass

import awkward as ak
import numpy as np
from coffea.nanoevents.methods import base
from scipy.optimize import minimize

from darkreach.configuration import DetectorConfig, config_path, read_config
from darkreach.configuration.two_leptons import TwoLeptonsConfig
from darkreach.generators.process_registry import find_process
from darkreach.histograms.binning import squared_mass_resolution
from darkreach.response import measure_events
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.searches.chunk_source import ChunkSource
from darkreach.searches.lepton_events import lepton_candidates
from darkreach.searches.lepton_pairs import ELECTRONS
from darkreach.searches.recoil_suppression import passes_suppression
from darkreach.searches.two_leptons_selection import SelectedPairs, TwoLeptonCuts
from darkreach.simulation.event_lists import measured_lists, stored_values

MASSES = (0.2, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 7.5, 8.0, 8.5)
QUANTILE = 1.2816
CHUNK = 25_000
FLOOR = 0.2
"""Events added to every background: none is known better."""


@dataclass(frozen=True)
class Pairs:
    """Pairs that pass everything but the suppression; variables (n, 3) as in its table."""

    weight: np.ndarray
    mass_squared: np.ndarray
    variables: np.ndarray
    in_table: np.ndarray

    def near(self, mass: float, width: float) -> Pairs:
        rows = np.abs(self.mass_squared - mass**2) < width
        return Pairs(self.weight[rows], self.mass_squared[rows], self.variables[rows], self.in_table[rows])


class Samples:
    """Makes pairs of a process in memory."""

    def __init__(self, config: TwoLeptonsConfig, detector: DetectorConfig) -> None:
        self.config, self.detector = config, detector
        self.cuts = TwoLeptonCuts(config.selection, detector)
        self.low = min(region.polar_range.low for region in config.regions)
        self.high = max(region.polar_range.high for region in config.regions)

    def make(self, name: str, number: int, seed: int, values: dict, radiation: float | None, forced: dict) -> Pairs:
        process = find_process(name)
        isr = process.usual_isr_fraction if radiation is None else radiation
        source = process.open(self.detector.beams.beams(), process.values(values), isr).source
        chunks = []
        for start in range(0, number, CHUNK):
            random = np.random.default_rng([seed, start])
            particles = source(min(CHUNK, number - start), random)
            measured = measure_events(particles, self.detector, random, forced=ForcedOutcomes(**forced))
            rows = measured_lists(measured, np.arange(len(measured)))
            chunks.append(self._pairs(rows, number))
        return joined(chunks)

    def _pairs(self, rows, number: int) -> Pairs:
        flat = stored_values(rows, rows.columns())
        columns = {
            column.name: ak.unflatten(flat[column.name], np.diff(rows.lists[column.collection].offsets))
            if column.level == "candidate"
            else flat[column.name]
            for column in rows.columns()
        }
        record = ak.contents.RecordArray([ak.to_layout(values) for values in columns.values()], list(columns))
        metadata = {"dataset": "one", "filename": "memory", "kind": "background"}
        events = ak.Array(record.copy(parameters={"metadata": metadata}), behavior=base.behavior)
        fired = np.any([flat[f"l1_{line}"] > 0 for line in self.config.selection.trigger_lines], axis=0)
        wanted = {ELECTRONS[self.config.selection.flavours]}
        source = ChunkSource.from_metadata(metadata)
        _, candidates = lepton_candidates(events, self.config.selection, fired, wanted, source)
        selected = self.cuts.select(candidates, candidates.measured)
        passing = self.cuts.steps(selected)[-2]
        passing &= (selected.recoil_polar_angle >= self.low) & (selected.recoil_polar_angle < self.high)
        weight = flat["generatorWeight"][candidates.event] * self.config.luminosity.value / number
        return self._of(selected, weight * self.config.selection.event_efficiency.value, passing)

    def _of(self, selected: SelectedPairs, weight: np.ndarray, passing: np.ndarray) -> Pairs:
        found = selected.kinematics
        variables = np.stack([found.against_faster, found.against_slower, found.pair_transverse], axis=1)
        in_table = passes_suppression(found, self.config.selection.tau_suppression)
        return Pairs(weight[passing], found.recoil_mass_squared[passing], variables[passing], in_table[passing])


def joined(parts: list[Pairs]) -> Pairs:
    names = ("weight", "mass_squared", "variables", "in_table")
    return Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def punzi(efficiency: float, background: float) -> float:
    return efficiency / (0.5 * QUANTILE + np.sqrt(background + FLOOR))


def merit(
    signal: Pairs, background: Pairs, passes: Callable[[Pairs], np.ndarray], produced: float
) -> tuple[float, ...]:
    efficiency = signal.weight[passes(signal)].sum() / produced
    events = background.weight[passes(background)].sum()
    return punzi(efficiency, events), efficiency, events


def best_cuts(signal: Pairs, background: Pairs, produced: float) -> np.ndarray:
    grid = itertools.product(np.arange(0.0, 2.0, 0.15), np.arange(0.0, 3.3, 0.3), np.arange(1.2, 2.3, 0.2))
    return np.array(max(grid, key=lambda cuts: merit(signal, background, above(np.array(cuts)), produced)[0]))


def above(cuts: np.ndarray) -> Callable[[Pairs], np.ndarray]:
    return lambda pairs: np.all(pairs.variables > cuts, axis=1)


def linear(coefficients: np.ndarray) -> Callable[[Pairs], np.ndarray]:
    return lambda pairs: pairs.variables @ coefficients > 1.0


def best_line(signal: Pairs, background: Pairs, produced: float) -> np.ndarray:
    """A smooth step instead of the cut, from several starts."""

    def loss(coefficients: np.ndarray) -> float:
        def share(pairs: Pairs) -> float:
            step = 1.0 / (1.0 + np.exp(-np.clip((pairs.variables @ coefficients - 1.0) / 0.03, -40.0, 40.0)))
            return float(np.sum(pairs.weight * step))

        # one standard deviation of the simulation on top keeps it from seeking holes in the sample
        step = share(background)
        return -punzi(share(signal) / produced, step + np.sqrt(max(step, 0.0) * background.weight.max(initial=0.0)))

    starts = [[0.8, 0.0, 0.0], [0.0, 0.0, 0.7], [0.5, 0.0, 0.15], [0.3, 0.0, 0.2], [0.2, 0.0, 0.45]]
    found = [minimize(loss, start, method="Nelder-Mead", options={"maxfev": 200}).x for start in starts]
    return max(found, key=lambda line: merit(signal, background, linear(line), produced)[0])


def main(search: str = "z_prime_invisible", factor: float = 1.0) -> None:
    config = read_config(config_path("searches", search), TwoLeptonsConfig)
    samples = Samples(config, read_config(config_path("detectors", config.detector), DetectorConfig))
    signal, sets = config.simulation.signal, []
    for seed in (1, 2):
        parts = [
            samples.make(
                one.process, round(factor * one.events), seed, dict(one.parameters), one.maximum_isr_fraction,
                one.forced.model_dump(),
            )
            for one in config.simulation.backgrounds
        ]  # fmt: skip
        sets.append(joined(parts))
    print("mass | coefficients, cuts | on other samples: figure of merit, efficiency, background of line, cuts, table")
    for mass in MASSES:
        width = 2.0 * float(squared_mass_resolution("recoil_mass_squared", mass, config))
        values = {**signal.parameters, signal.coupling_parameter: config.simulation.reference_coupling.value}
        number = round(50_000 * factor)
        pairs = [
            samples.make(signal.process, number, seed, {**values, "mass_gev": mass}, None, {}).near(mass, width)
            for seed in (1, 2)
        ]
        tree = find_process(signal.process).values({**values, "mass_gev": mass})
        produced = produced_events(config, signal.process, tree, samples.detector)
        train, test = ((pairs[index], sets[index].near(mass, width)) for index in (0, 1))
        line, cuts = best_line(*train, produced), best_cuts(*train, produced)
        judged = [merit(*test, passes, produced) for passes in (linear(line), above(cuts), lambda one: one.in_table)]
        shown = "; ".join(f"{fom:.4f} {efficiency:.4f} {events:.3g}" for fom, efficiency, events in judged)
        print(f"{mass:4} | {line.round(3).tolist()} {cuts.round(2).tolist()} | {shown}", flush=True)


def produced_events(config: TwoLeptonsConfig, name: str, values: dict, detector: DetectorConfig) -> float:
    process = find_process(name)
    source = process.open(detector.beams.beams(), values, process.usual_isr_fraction).source
    return float(source(CHUNK, np.random.default_rng(3)).weight_fb.mean()) * config.luminosity.value


if __name__ == "__main__":
    main(*sys.argv[1:2], *(float(argument) for argument in sys.argv[2:3]))

"""Small photon ntuples of random events with all kinds of blemish, and samples of every process."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from darkreach.configuration import AxionConfig, DetectorConfig, config_path, read_config
from darkreach.events.manifest import SampleFile, SampleManifest, write_manifest
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process import OpenedProcess
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams, boost
from darkreach.provenance import digest_file

Columns = Mapping[str, ak.Array | np.ndarray]
LISTS = ("E", "theta", "phi", "mcE", "mcTheta", "mcPhi")


@pytest.fixture(scope="session")
def search_config() -> AxionConfig:
    return read_config(config_path("searches", "axion_to_photons"), AxionConfig)


@pytest.fixture(scope="session")
def detector_config() -> DetectorConfig:
    return read_config(config_path("detectors", "belle2"), DetectorConfig)


def _directions(random: np.random.Generator, events: int) -> np.ndarray:
    """Three unit vectors of a decay at rest in a random plane, (events, 3, 3), and energies in units of sqrt(s)."""
    shares = np.sort(random.uniform(0.0, 1.0, (events, 2)), axis=1)
    halves = np.stack([shares[:, 0], shares[:, 1] - shares[:, 0], 1.0 - shares[:, 1]], axis=1)
    energy = 0.5 * (1.0 - halves)
    cosine = np.clip(1.0 - (2.0 * (energy[:, 0] + energy[:, 1]) - 1.0) / (2.0 * energy[:, 0] * energy[:, 1]), -1, 1)
    planar = np.zeros((events, 3, 3))
    planar[:, 0, 2] = energy[:, 0]
    planar[:, 1, 0] = energy[:, 1] * np.sqrt(1.0 - cosine**2)
    planar[:, 1, 2] = energy[:, 1] * cosine
    planar[:, 2] = -planar[:, 0] - planar[:, 1]
    axes, _ = np.linalg.qr(random.normal(size=(events, 3, 3)))
    return np.einsum("nij,nkj->nki", axes, planar)


@pytest.fixture(scope="session")
def photon_columns(detector_config: DetectorConfig) -> Callable[..., dict[str, ak.Array | np.ndarray]]:
    """Return a maker of random events: (number, seed) -> columns by name."""
    beams = detector_config.beams.beams()

    def make(events: int, seed: int) -> dict[str, ak.Array | np.ndarray]:
        random = np.random.default_rng(seed)
        momenta = beams.sqrt_s * _directions(random, events)
        energy_cm = np.linalg.norm(momenta, axis=-1, keepdims=True)
        lab = boost(np.concatenate([energy_cm, momenta], axis=-1), beams.boost)
        # some events lose a photon, some gain one or two from elsewhere, soft or hard
        counts = random.choice([0, 2, 3, 4, 5], p=[0.02, 0.08, 0.6, 0.2, 0.1], size=events)
        extra_theta = random.uniform(0.3, 2.6, (events, 2))
        true = {
            "mcE": np.concatenate([lab[..., 0], random.exponential(0.25, (events, 2)) + 0.05], axis=1),
            "mcTheta": np.concatenate([np.arccos(lab[..., 3] / lab[..., 0]), extra_theta], axis=1),
            "mcPhi": np.concatenate(
                [np.arctan2(lab[..., 2], lab[..., 1]), random.uniform(-np.pi, np.pi, (events, 2))], axis=1
            ),
        }
        measured = {
            "E": true["mcE"] * (1.0 + random.normal(0.0, 0.03, true["mcE"].shape)),
            "theta": true["mcTheta"] + random.normal(0.0, 0.006, true["mcE"].shape),
            # residuals cross the seam at +-pi
            "phi": (true["mcPhi"] + random.normal(0.0, 0.05, true["mcE"].shape) + np.pi) % (2.0 * np.pi) - np.pi,
        }
        kept = np.arange(5) < counts[:, np.newaxis]
        lists = {name: ak.unflatten(values[kept], counts) for name, values in (measured | true).items()}
        return {
            "__experiment__": np.full(events, 7, np.int32),
            "__run__": np.full(events, 11, np.int32),
            "__event__": np.arange(events, dtype=np.uint32),
            "__production__": np.full(events, 1, np.int32),
            "__ncandidates__": counts.astype(np.int32),
            "__weight__": random.choice([1.0, 2.0], size=events),
            "nTracks": random.choice([0.0, 1.0, 2.0], p=[0.9, 0.05, 0.05], size=events),
            "generatorWeight": random.uniform(0.5, 1.5, events),
            "decayBetaGamma": random.uniform(0.0, 45.0, events),
            **lists,
        }

    return make


def _write_parquet(path: Path, columns: Columns, row_group: int) -> None:
    arrays = {
        name: ak.to_arrow(values, extensionarray=False) if isinstance(values, ak.Array) else pa.array(values)
        for name, values in columns.items()
    }
    pq.write_table(pa.table(arrays), path, row_group_size=row_group)


def _write_root(path: Path, columns: Columns, row_group: int, tree: str = "tree") -> None:
    flat = {name: values for name, values in columns.items() if not isinstance(values, ak.Array)}
    flat.pop("__ncandidates__", None)
    lists = ak.zip({name: values for name, values in columns.items() if isinstance(values, ak.Array)})
    types = {name: values.dtype for name, values in flat.items()} | {"photon": lists.type.content}
    with uproot.recreate(path) as file:
        # one shared counter, as VariablesToEventBasedTree writes it
        file.mktree(
            tree,
            types,
            counter_name=lambda _: "__ncandidates__",
            field_name=lambda outer, inner: inner if outer == "photon" else outer + inner,
        )
        for start in range(0, len(lists), row_group):
            part = slice(start, start + row_group)
            file[tree].extend({name: values[part] for name, values in flat.items()} | {"photon": lists[part]})


@pytest.fixture(scope="session")
def write_events() -> Callable[..., Path]:
    """Return a writer: (path, columns, entries a row group) by the suffix of the path."""

    def write(path: Path, columns: Columns, row_group: int = 400, **options: str) -> Path:
        if path.suffix == ".root":
            _write_root(path, columns, row_group, **options)
        else:
            _write_parquet(path, columns, row_group)
        return path

    return write


@pytest.fixture(scope="session")
def write_sample(write_events: Callable[..., Path]) -> Callable[..., Path]:
    """Return a writer of a sample folder: (folder, list of columns, kind, mass, suffix)."""

    def write(
        folder: Path, parts: list[Columns], kind: str, *, mass: float | None = None, suffix: str = ".parquet"
    ) -> Path:
        folder.mkdir(parents=True)
        files = []
        for number, columns in enumerate(parts):
            path = write_events(folder / f"events_{number:04d}{suffix}", columns)
            files.append(SampleFile(path.name, len(columns["nTracks"]), digest_file(path)))
        simulated = kind in ("signal", "background")
        manifest = SampleManifest(
            sample=folder.name,
            process="random photons",
            kind=kind,
            parameters={} if mass is None else {"mass_gev": mass, "coupling": 1.0e-3},
            cross_section_fb=100.0 if simulated else None,
            cross_section_source="test",
            generated_events=sum(file.entries for file in files),
            weight_column="generatorWeight" if simulated else None,
            luminosity_inverse_fb=None if simulated else 0.445,
            seed=1,
            generator="test",
            files=tuple(files),
        )
        write_manifest(folder, manifest)
        return folder

    return write


VALUES = MappingProxyType(
    {
        "mass_gev": 1.2,
        "dark_photon_mass_gev": 1.0,
        "dark_higgs_mass_gev": 3.0,
        "dark_matter_mass_gev": 0.3,
        "mass_splitting_gev": 0.3,
        "branching_electrons": 0.3,
        "branching_muons": 0.3,
        "branching_pions": 0.2,
        "branching_kaons": 0.1,
        "lifetime_ctau_cm": 1.5,
        # by Pythia is tried in tests of its own
        "decay_other_b": 0.0,
    }
)
"""By name of the parameter, for all processes that have it; others keep their default."""

BEAMS = MappingProxyType(
    {
        "exact": Beams(7.004, 4.002, 0.083),
        "spread": Beams(7.004, 4.002, 0.083, 0.0051, 0.0024),
        # the laboratory is the CM: cuts in laboratory angles, made symmetric, keep all symmetries
        "symmetric": Beams(5.29, 5.29, 0.0),
    }
)

PYTHIA_NUMBER, NUMBER = 300, 4000

Sample = Callable[..., GeneratedParticles]


def is_pythia(name: str) -> bool:
    """Whether Pythia makes the events."""
    return "pythia" in getattr(find_process(name).open, "func", find_process(name).open).__module__


@pytest.fixture(scope="session")
def process_values() -> Mapping[str, float]:
    return VALUES


@pytest.fixture(scope="session")
def open_process() -> Callable[..., OpenedProcess]:
    """Return an opener of processes: (name, beams by name, radiation, other values), skipping where Pythia lacks."""

    def opened(name: str, beams: str = "exact", radiation: float = 0.0, **other: float) -> OpenedProcess:
        if (is_pythia(name) or other.get("decay_other_b") == 1.0) and not importlib.util.find_spec("pythia8mc"):
            pytest.skip("pythia8mc is not installed")
        process = find_process(name)
        known = {parameter.name for parameter in process.parameters}
        values = process.values({key: value for key, value in {**VALUES, **other}.items() if key in known})
        if beams == "symmetric":
            values |= {key: 180.0 - values[key.replace("high", "low")] for key in values if "high_deg" in key}
        return process.open(BEAMS[beams], values, radiation)

    return cache(opened)


@pytest.fixture(scope="session")
def sample(open_process: Callable[..., OpenedProcess]) -> Sample:
    """Return a maker of samples: (name, beams by name, radiation, other values) -> particles."""

    def made(name: str, beams: str = "exact", radiation: float = 0.0, **other: float) -> GeneratedParticles:
        opened = open_process(name, beams, radiation, **other)
        slow = is_pythia(name) or other.get("decay_other_b") == 1.0
        return opened.source(PYTHIA_NUMBER if slow else NUMBER, np.random.default_rng(20261))

    return cache(made)

"""Generated particles on their way through single precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from darkreach.generators import GeneratedParticles
from darkreach.kinematics import ELECTRON_MASS
from darkreach.simulation.generated_files import read_generated
from darkreach.simulation.list_files import ParquetLists
from darkreach.simulation.particle_lists import particle_lists


def particles(momenta: np.ndarray, pdg: list[int]) -> GeneratedParticles:
    m = len(momenta)
    return GeneratedParticles(
        np.array([0, 0, m - 1, m]),
        np.array([0.1, 1.0 / 3.0, 1e-300]),
        np.array(pdg, dtype=np.int32),
        momenta,
        np.linspace(-80.0, 80.0, 3 * m).reshape(m, 3),
        np.arange(-1, m - 1, dtype=np.int32),
        np.arange(m) % 2 == 0,
    )


def of_mass(mass: float, momentum: list[float]) -> list[float]:
    return [np.sqrt(mass**2 + np.sum(np.square(momentum))), *momentum]


def back(events: GeneratedParticles, path: Path) -> tuple[np.ndarray, GeneratedParticles]:
    with ParquetLists(path) as file:
        file.append(particle_lists(events, np.array([3, 5, 4_000_000_000])))
    (read,) = read_generated(path)
    return read


def test_everything_comes_back(tmp_path: Path) -> None:
    masses = [ELECTRON_MASS, 0.0, 0.10566, 9.5, 0.1349768]
    random = np.random.default_rng(1)
    momenta = np.array([of_mass(mass, random.normal(size=3) * 3.0) for mass in masses])
    events = particles(momenta, [11, 22, 13, 9000005, 111])
    trial, read = back(events, tmp_path / "a.parquet")
    assert trial.tolist() == [3, 5, 4_000_000_000]
    for name in ("offsets", "weight_fb", "pdg", "mother", "final"):
        assert getattr(read, name).tolist() == getattr(events, name).tolist(), name
    assert read.pdg.dtype == np.int32
    assert np.allclose(read.vertex, events.vertex, rtol=1e-7, atol=0.0)
    assert np.allclose(read.momentum, momenta, rtol=2e-7, atol=0.0)
    squared = read.momentum[:, 0] ** 2 - np.sum(read.momentum[:, 1:] ** 2, axis=1)
    # also that of an electron of 5 GeV, of which an energy in single precision would leave nothing
    assert np.sqrt(np.maximum(squared, 0.0)) == pytest.approx(masses, rel=1e-5, abs=1e-7)


def test_soft_radiation_keeps_its_direction_and_spacelike_momenta_their_mass(tmp_path: Path) -> None:
    soft = [1e-60, 0.6e-60, 0.0, 0.8e-60]
    spacelike = [1.0, 0.0, 0.0, 2.0]
    events = particles(np.array([soft, spacelike, [0.0, 0.0, 0.0, 0.0]]), [22, 23, 22])
    _, read = back(events, tmp_path / "a.parquet")
    energy = read.momentum[0, 0]
    assert 0.0 < energy < 1e-29
    assert read.momentum[0, 1:] / energy == pytest.approx([0.6, 0.0, 0.8], rel=1e-6)
    assert read.momentum[1] == pytest.approx(spacelike, rel=1e-6)
    assert not np.any(read.momentum[2])

"""One Pythia serves all chunks of a thread: what it draws depends on the seed, never on what was drawn before."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.generators.pythia import pythia_library
from darkreach.generators.pythia.pythia_library import shared_pythia
from darkreach.kinematics import Beams

pytest.importorskip("pythia8mc")

BEAMS = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
NAMES = ("muon_pair", "tau_pair", "charm_pair", "b_meson_pair")


@pytest.fixture(autouse=True)
def none_started() -> Iterator[None]:
    pythia_library._started.cache_clear()
    yield
    pythia_library._started.cache_clear()


def draw(name: str, seed: int, events: int = 200) -> GeneratedParticles:
    process = find_process(name)
    source = process.open(BEAMS, process.values({}), 0.5).source
    return pickle.loads(pickle.dumps(source))(events, np.random.default_rng(seed))  # type: ignore[no-any-return]


def same(first: GeneratedParticles, second: GeneratedParticles) -> bool:
    names = ("offsets", "weight_fb", "pdg", "momentum", "vertex", "mother", "final")
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in names)


@pytest.mark.parametrize("name", NAMES)
def test_draws_do_not_depend_on_earlier_ones(name: str) -> None:
    alone = draw(name, 7)
    pythia_library._started.cache_clear()
    for seed in (1, 2, 3):
        draw(name, seed, 300)
    assert same(draw(name, 7), alone)
    assert not same(draw(name, 8), alone)


def test_pythia_starts_once_for_all_chunks_of_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    start = pythia_library.start_pythia
    monkeypatch.setattr(pythia_library, "start_pythia", lambda settings: started.append(settings) or start(settings))
    for name in NAMES:
        for seed in (1, 2, 3):
            draw(name, seed, 20)
    assert len(started) == len(set(started)) == len(NAMES)


def test_threads_do_not_share_one() -> None:
    settings = ("Print:quiet = on", "ProcessLevel:all = off")
    here = shared_pythia(settings)
    assert shared_pythia(settings) is here
    with ThreadPoolExecutor(1) as other:
        assert other.submit(shared_pythia, settings).result() is not here

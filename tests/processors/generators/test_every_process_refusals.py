"""Numbers that no process can do are refused before the first event: where, what is allowed and what was given."""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from darkreach.errors import ConfigError
from darkreach.generators.process import OpenedProcess
from darkreach.generators.process_registry import find_process, known_processes
from darkreach.kinematics import Beams

Open = Callable[..., OpenedProcess]

BEAMS = Beams(7.004, 4.002, 0.083, 0.0051, 0.0024)
NUMBERS = (-math.inf, -1.0, 0.0, 1e-9, 0.5, 10.5, 1e300, math.inf, math.nan)
NAMES = list(known_processes())
OWN = [
    name
    for name, process in known_processes().items()
    if "pythia" not in getattr(process.open, "func", process.open).__module__
]
MASSES = sorted((name, one.name) for name in OWN for one in find_process(name).parameters if "mass_gev" in one.name)
SLOW = "radiative_bhabha"
"""Learns a grid for a second whenever it is opened."""
ALWAYS_REFUSED = {"lifetime_ctau_cm": (-1.0, -1e-9), "decay_radius_to_cm": (-1.0,), "decay_radius_from_cm": (-1.0, 5.0)}
"""Whatever the other parameters are at their values of the tests."""


def start(name: str, values: Mapping[str, float], radiation: float = 0.35) -> OpenedProcess | None:
    """Open a process with all values, or None if it is refused as it should be."""
    try:
        return find_process(name).open(BEAMS, values, radiation)
    except ConfigError as refused:
        assert refused.where, refused
        assert refused.allowed, refused
        assert refused.given, refused
        return None


def tried(name: str, values: Mapping[str, float], radiation: float = 0.35) -> bool:
    """Whether a process takes the values; its events are then finite numbers."""
    opened = start(name, values, radiation)
    if opened is not None:
        particles = opened.source(60, np.random.default_rng(1))
        assert np.all(particles.weight_fb >= 0.0)
        for column in (particles.weight_fb, particles.momentum, particles.vertex):
            assert np.all(np.isfinite(column))
    return opened is not None


@pytest.fixture(scope="session")
def values_of(process_values: Mapping[str, float]) -> Callable[[str], dict[str, float]]:
    """Return a maker of all values of a process."""

    def values(name: str) -> dict[str, float]:
        process = find_process(name)
        known = {one.name for one in process.parameters}
        return process.values({key: value for key, value in process_values.items() if key in known})

    return values


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN)
def test_no_number_ends_in_anything_but_events_or_a_refusal(
    name: str, values_of: Callable[[str], dict[str, float]]
) -> None:
    values = values_of(name)
    numbers = [number for number in NUMBERS if name != SLOW or not 0.0 < abs(number) <= 1e3]
    for parameter in values:
        taken = [number for number in numbers if tried(name, {**values, parameter: number})]
        assert not any(math.isnan(number) for number in taken), parameter
        # an infinite largest mass means no limit
        assert parameter == "maximum_pair_mass_gev" or not any(math.isinf(number) for number in taken), parameter
        for number in ALWAYS_REFUSED.get(parameter, ()):
            assert start(name, {**values, parameter: number}) is None, (parameter, number)
        if re.search("^(?!maximum).*(mass_gev|coupling|mixing|sin_theta)", parameter):
            assert not set(taken) & {-1.0, 0.0, 1e300}, parameter


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_are_none_are_refused_by_name(name: str) -> None:
    process = find_process(name)
    for parameter in process.parameters:
        for number in (math.nan, math.inf, -math.inf):
            with pytest.raises(ConfigError) as refused:
                process.values({parameter.name: number})
            assert refused.value.where == parameter.name
            assert refused.value.given == str(number)
            assert refused.value.allowed


@pytest.mark.parametrize("name", NAMES)
def test_radiation_of_a_meaningless_fraction_is_refused(
    name: str, values_of: Callable[[str], dict[str, float]]
) -> None:
    if name not in OWN and not importlib.util.find_spec("pythia8mc"):
        pytest.skip("pythia8mc is not installed")
    for fraction in (-0.1, -1e-12, 1.0 + 1e-9, 2.0, math.inf, math.nan):
        assert start(name, values_of(name), fraction) is None, fraction
    if name in OWN:
        for fraction in (0.0, 0.999) if name != SLOW else ():
            assert tried(name, values_of(name), fraction), fraction


@pytest.mark.parametrize(("name", "parameter"), MASSES)
def test_masses_up_to_the_named_edges_make_events(
    name: str, parameter: str, values_of: Callable[[str], dict[str, float]]
) -> None:
    values = {key: 0.0 if key.startswith("branching_") else value for key, value in values_of(name).items()}
    edges: set[float] = set()
    for outside in (-1.0, 1e4):
        try:
            find_process(name).open(BEAMS, {**values, parameter: outside}, 0.35)
        except ConfigError as refused:
            edges |= {float(text) for text in re.findall(r"(?<![\w.(])\d+\.?\d*(?:e-?\d+)?", refused.allowed or "")}
    assert edges, "neither a negative nor a huge mass is refused"
    for edge in edges:
        for number in (edge * factor for factor in (1 - 1e-6, 1.0, 1 + 1e-12, 1 + 1e-6)):
            tried(name, {**values, parameter: number})


@pytest.mark.parametrize("name", NAMES)
def test_sizes_of_samples_from_nothing_on(name: str, open_process: Open) -> None:
    opened = open_process(name, "spread", 0.35)
    for number in (0, 1, 2):
        particles = opened.source(number, np.random.default_rng(3))
        assert len(particles) == number
        assert particles.offsets.dtype == np.int64
        assert particles.pdg.dtype == particles.mother.dtype == np.int32
        assert particles.final.dtype == np.bool_
        assert particles.momentum.shape == (particles.offsets[-1], 4)
        assert particles.vertex.shape == (particles.offsets[-1], 3)


@pytest.mark.parametrize(
    "code", [0.0, 0.5, 13.5, 3e9], ids=["no particle", "half a code", "not a whole code", "no code of 32 bits"]
)
def test_the_particle_gun_shoots_whole_codes(code: float, values_of: Callable[[str], dict[str, float]]) -> None:
    values = values_of("particle_gun")
    for parameter in ("mother_pdg", "first_pdg", "second_pdg"):
        assert start("particle_gun", {**values, parameter: code}) is None

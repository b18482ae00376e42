"""Truth columns of the decay of a new particle, against the generated positions and momenta."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.events.columns import DECAY_TRUTH_COLUMNS
from darkreach.events.variable_source import how_to_add, is_of_event, known_column
from darkreach.generators.generated_particles import GeneratedParticles
from darkreach.generators.process_registry import find_process
from darkreach.response import measure_events
from darkreach.response.new_particle_decays import new_particle_decays
from darkreach.simulation.event_lists import measured_lists

Maker = Callable[..., GeneratedParticles]
WINDOW = {"decay_radius_from_cm": 0.01, "decay_radius_to_cm": 80.0, "decay_spread": 1.0}


def generate(detector: DetectorConfig, name: str, n: int, **values: float) -> GeneratedParticles:
    process = find_process(name)
    known = {parameter.name for parameter in process.parameters}
    given = {"decay_other_b": 0.0, "lifetime_ctau_cm": 50.0, **WINDOW, **values}
    chosen = process.values({key: value for key, value in given.items() if key in known})
    return process.open(detector.beams.beams(), chosen, 0.35 if "photon" in name else 0.0).source(
        n, np.random.default_rng(3)
    )


@pytest.mark.parametrize(
    ("name", "code", "values"),
    [
        ("b_to_kstar0_scalar_mumu", 9000035, {"mass_gev": 0.8}),
        ("displaced_dark_photon", 9000022, {"mass_gev": 1.4, "branching_kaons": 1.0}),
    ],
)
def test_columns_are_those_of_the_decay_point(
    name: str, code: int, values: dict[str, float], detector_config: DetectorConfig
) -> None:
    """Each event by itself, from its list of particles."""
    events = generate(detector_config, name, 400, **values)
    measured = measure_events(events, detector_config, np.random.default_rng(4))
    mass = values["mass_gev"]
    assert len(measured) > 150
    for row, trial in enumerate(measured.trial):
        start, stop = events.offsets[trial], events.offsets[trial + 1]
        new = start + events.pdg[start:stop].tolist().index(code)
        product = start + events.mother[start:stop].tolist().index(new - start)
        path = np.linalg.norm(events.vertex[product] - events.vertex[new])
        size = np.linalg.norm(events.momentum[new, 1:])
        expected = {
            "decayBetaGamma": size / mass,
            "decayProperLength": path * mass / size,
            "decayRadius": np.linalg.norm(events.vertex[product, :2]),
            "decayTransverseMomentum": np.linalg.norm(events.momentum[new, 1:3]),
        }
        for column, value in expected.items():
            assert measured.event[column][row] == pytest.approx(value, rel=1e-9, abs=0.0), column
    # true vertices of the response are at the same radius
    vertices = measured.lists["vertex"]
    which = np.repeat(np.arange(len(measured)), np.diff(vertices.offsets))
    found = vertices.columns["mcPDG"] == code
    assert found.sum() > 30
    np.testing.assert_allclose(vertices.columns["mcDr"][found], measured.event["decayRadius"][which[found]], rtol=1e-12)


def test_proper_lengths_follow_the_lifetime(detector_config: DetectorConfig) -> None:
    events = generate(
        detector_config,
        "b_to_k_scalar_mumu",
        20_000,
        mass_gev=1.0,
        lifetime_ctau_cm=3.0,
        decay_radius_from_cm=0.0,
        decay_radius_to_cm=0.0,
        decay_spread=0.0,
    )
    length = new_particle_decays(events)["decayProperLength"]
    # mean and standard deviation of an exponential
    assert float(length.mean()) == pytest.approx(3.0, rel=4.0 / np.sqrt(20_000))
    assert float(length.std()) == pytest.approx(3.0, rel=8.0 / np.sqrt(20_000))


def test_first_decayed_new_particle_counts(events_of: Maker, beam_of: Maker) -> None:
    """An undecayed one stands first; of the decayed ones the first; its first product is where it decays."""
    new = np.concatenate([beam_of(13, size, 90.0, 1) for size in (1.0, 2.0, 4.0)], axis=1)
    momenta = np.concatenate([new, *(beam_of(13, 1.0, 90.0, 1) for _ in range(3))], axis=1)
    vertex = np.array([[[0.0, 0, 0], [0, 0, 1], [0, 0, 1], [3, 4, 1], [8, 15, 1], [30, 40, 1]]])
    codes, mothers = (9000022, 9000035, -9000035, 13, -13, -13), (-1, -1, -1, 1, 2, 1)
    events = events_of(codes, momenta, vertex, mothers, (True, False, False, True, True, True))
    columns = new_particle_decays(events)
    assert columns["decayRadius"] == pytest.approx([5.0])
    assert columns["decayTransverseMomentum"] == pytest.approx([2.0])
    assert columns["decayProperLength"] == pytest.approx([5.0 * 0.1056583755 / 2.0])
    assert columns["decayBetaGamma"] == pytest.approx([2.0 / 0.1056583755])


def test_without_a_decay_everything_is_zero(events_of: Maker, beam_of: Maker, quiet: DetectorConfig) -> None:
    pair = np.concatenate([beam_of(13, 2.0, 60.0, 3), beam_of(13, 2.0, 100.0, 3)], axis=1)
    displaced = np.full((3, 2, 3), 2.0)
    for codes, mother, final in (
        ((13, -13), (-1, -1), (True, True)),
        ((9000035, 13), (-1, -1), (True, True)),
        # not final, but nobody's mother: the boost and momentum are known, the place is not
        ((9000035, 13), (-1, -1), (False, True)),
    ):
        events = events_of(codes, pair, displaced, mother, final)
        columns = measure_events(events, quiet, np.random.default_rng(1)).event
        assert not columns["decayProperLength"].any() and not columns["decayRadius"].any()
        assert columns["decayTransverseMomentum"].any() == (not final[0])
        assert columns["decayBetaGamma"].any() == (not final[0])


def test_new_particles_at_rest_have_a_radius_and_no_length(events_of: Maker, beam_of: Maker) -> None:
    rest = np.array([[[1.0, 0.0, 0.0, 0.0]]])
    momenta = np.concatenate([rest, beam_of(13, 0.4, 90.0, 1)], axis=1)
    vertex = np.array([[[0.3, 0.4, 0.0], [0.3, 0.4, 0.0]]])
    columns = new_particle_decays(events_of((9000035, 13), momenta, vertex, (-1, 0), (False, True)))
    assert columns["decayRadius"] == pytest.approx([0.5])
    assert columns["decayProperLength"].tolist() == columns["decayBetaGamma"].tolist() == [0.0]


def test_columns_are_in_the_table_with_their_units(quiet: DetectorConfig, events_of: Maker, beam_of: Maker) -> None:
    units = {column.name: column.unit for column in DECAY_TRUTH_COLUMNS}
    assert units == {"decayProperLength": "cm", "decayRadius": "cm", "decayTransverseMomentum": "GeV"}
    measured = measure_events(events_of((13,), beam_of(13, 2.0, 60.0, 2)), quiet, np.random.default_rng(1))
    written = {column.name: column for column in measured_lists(measured, measured.trial).columns()}
    for name in units:
        assert written[name] is known_column(name)
        assert written[name].truth and is_of_event(name)
        assert "darkreach simulate" in how_to_add(name)

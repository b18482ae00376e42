"""Dark Higgsstrahlung: cross-section by the stored grid and by limits, widths by explicit sums over polarisations."""

from __future__ import annotations

import csv
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from darkreach.kinematics import FINE_STRUCTURE, HBAR_C_SQUARED_FB, MUON_MASS
from darkreach.models.axion_like_particle import escape_probability
from darkreach.models.dark_higgsstrahlung import (
    born_cross_section_fb,
    dark_photon_pair_width_gev,
    light_dark_higgs_decay_length_cm,
    light_dark_higgs_width_gev,
)

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "scalar_darkhiggsstrahlung_xs.csv"


@pytest.mark.reference
@pytest.mark.skipif(not TABLE.is_file(), reason="the table of an independent computation is not here")
def test_cross_sections_of_the_table() -> None:
    with TABLE.open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert len(rows) > 150
    for row in rows:
        masses = float(row["mA_GeV"]), float(row["mh_GeV"])
        unit = float(row["sigma_over_eps2alphaD_fb"])
        assert born_cross_section_fb(*masses, 1.0, 10.58) == pytest.approx(unit, rel=1e-5), masses
        attobarn = 1e3 * born_cross_section_fb(*masses, 1e-6 / 137.036, 10.58)
        assert attobarn == pytest.approx(float(row["sigma_ab_eps1e-3_alphaD_eq_alpha"]), rel=1e-4), masses


def test_the_cross_section_of_light_particles_and_at_threshold() -> None:
    light = HBAR_C_SQUARED_FB * math.pi * FINE_STRUCTURE * 1e-9 / (3.0 * 10.58**2)
    assert born_cross_section_fb(1e-4, 1e-4, 1e-9, 10.58) == pytest.approx(light, rel=1e-6, abs=0.0)
    assert born_cross_section_fb(6.0, 4.58, 1e-9, 10.58) == pytest.approx(0.0, abs=1e-12)
    assert born_cross_section_fb(6.0, 5.0, 1e-9, 10.58) == 0.0
    # with the root of the room that is left
    near, nearer = (born_cross_section_fb(6.0, 4.58 - room, 1e-9, 10.58) for room in (1e-4, 1e-6))
    assert near / nearer == pytest.approx(10.0, rel=1e-3)


def test_width_to_dark_photons_is_that_of_an_explicit_sum_over_polarisations() -> None:
    higgs, mass, alpha_dark = 3.1, 1.2, 0.07
    momentum = math.sqrt(0.25 * higgs**2 - mass**2)
    energy = 0.5 * higgs
    metric = np.diag([1.0, -1.0, -1.0, -1.0])

    def polarisations(sign: float) -> list[np.ndarray]:
        along = np.array([sign * momentum, 0.0, 0.0, energy]) / mass
        return [np.array([0.0, 1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0, 0.0]), along]

    contracted = sum((a @ metric @ b) ** 2 for a, b in product(polarisations(1.0), polarisations(-1.0)))
    squared = 4.0 * 4.0 * math.pi * alpha_dark * mass**2 * contracted
    # two bodies, which are the same
    expected = 0.5 * squared * momentum / (8.0 * math.pi * higgs**2)
    assert float(dark_photon_pair_width_gev(higgs, mass, alpha_dark)) == pytest.approx(expected, rel=1e-12)
    assert float(dark_photon_pair_width_gev(2.0, 1.01, alpha_dark)) == 0.0


def test_a_heavy_dark_higgs_boson_decays_at_once_and_a_light_one_never() -> None:
    # 4 million metres, from muons alone
    length = float(light_dark_higgs_decay_length_cm(1.0, 2.0, 1e-3, FINE_STRUCTURE))
    assert length == pytest.approx(4e8, rel=0.1)
    muons = FINE_STRUCTURE**3 * 1e-12 / (2.0 * math.pi**2) * (MUON_MASS / 2.0) ** 2 * (1.0 - 4.0 * MUON_MASS**2) ** 1.5
    assert float(light_dark_higgs_width_gev(1.0, 2.0, 1e-3, FINE_STRUCTURE)) == pytest.approx(muons, rel=1e-3, abs=0.0)
    # none is seen: 5 GeV of energy, a detector of four metres
    assert float(escape_probability(5.0 * length, 400.0)) > 1.0 - 1e-6
    # c tau goes as alpha_D/(epsilon^2 alpha_D)^2: at the strongest limit of the invisible search it is kilometres
    strongest, weakest = (math.sqrt(limit / FINE_STRUCTURE) for limit in (1.7e-8, 2e-6))
    assert float(light_dark_higgs_decay_length_cm(1.0, 9.0, strongest, FINE_STRUCTURE)) > 1e5
    # but at the weakest one, for two heavy particles at rest, less than a detector: it needs a larger alpha_D there
    corner = [float(light_dark_higgs_decay_length_cm(5.27, 5.28, weakest, FINE_STRUCTURE))]
    corner.append(float(light_dark_higgs_decay_length_cm(5.27, 5.28, weakest * math.sqrt(FINE_STRUCTURE), 1.0)))
    assert corner[0] < 100.0
    assert corner[1] == pytest.approx(corner[0] / FINE_STRUCTURE, rel=1e-9)
    prompt = 1.973269804e-14 / float(dark_photon_pair_width_gev(0.8, 0.25, FINE_STRUCTURE))
    assert prompt < 1e-9

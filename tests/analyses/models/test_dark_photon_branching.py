"""Branching fractions of a dark photon against a compiled table, and the patterns of several decays."""

from __future__ import annotations

import csv
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest

from darkreach.models.dark_photon_branching import ANYTHING, PAIRS, branching_fractions, decay_probability

TABLE = Path(__file__).parents[4] / "shared" / "physics" / "tables" / "aprime_br.csv"


@pytest.mark.reference
@pytest.mark.skipif(not TABLE.is_file(), reason="the table of an independent computation is not here")
def test_fractions_of_the_table_row_by_row() -> None:
    with TABLE.open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    worst: dict[str, tuple[float, float]] = {}
    compared = 0
    for row in rows:
        mass = float(row["m_GeV"])
        # closer to the threshold of muons the table is too coarse
        if mass < 0.22:
            continue
        ours = branching_fractions(mass)
        muons = float(ours["muons"]) / float(row["BR_mumu"])
        electrons = float(ours["electrons"]) / float(row["BR_ee"])
        pions = float(ours["pions"]) / float(row["BR_pipi"]) if float(row["BR_pipi"]) > 0.01 else 1.0
        print(f"{mass:7.4f} GeV: ours over the table: e {electrons:.3f} mu {muons:.3f} pi {pions:.3f}")
        place = "charm" if 3.1 < mass < 3.73 else "phi" if 1.015 <= mass <= 1.03 else "elsewhere"
        for what, ratio in ((f"mu {place}", muons), (f"pi {place}", pions)):
            if abs(np.log(ratio)) >= abs(np.log(worst.get(what, (0.0, 1.0))[1])):
                worst[what] = (mass, ratio)
        assert electrons == pytest.approx(muons, rel=1e-3)
        compared += 1
    print({what: f"{ratio:.3f} at {mass:g} GeV" for what, (mass, ratio) in worst.items()})
    assert compared == 56
    assert 1.0 / 1.06 < worst["mu elsewhere"][1] < 1.06
    # the table has 10 % less of the peak of the phi meson
    assert 1.0 / 1.15 < worst["mu phi"][1] < 1.0
    # the table lets charm begin below two D mesons, where R is measured to be 2.2
    assert 1.1 < worst["mu charm"][1] < 1.25
    # the dip of the form factor at 1.5 GeV apart, where there are few
    assert 1.0 / 1.2 < worst["pi elsewhere"][1] < 1.2


def test_the_patterns_of_three_decays_exclude_each_other_and_are_all_there_is() -> None:
    for mass in (0.22, 0.5, 0.7827, 1.0195, 2.0, 5.0, 10.0):
        fractions = branching_fractions(mass)
        assert sum(float(value) for value in fractions.values()) == pytest.approx(1.0, rel=1e-12)
        patterns = list(combinations_with_replacement((*PAIRS, ANYTHING), 3))
        probabilities = [decay_probability(pattern, mass) for pattern in patterns]
        assert len(patterns) == 20
        # (BR_e + BR_mu + BR_pi + BR_other)^3; what is smaller than a millionth is taken for rounding
        assert sum(probabilities) == pytest.approx(1.0, rel=1e-5)
        pairs = sum(float(fractions[name]) for name in PAIRS)
        seen = sum(p for p, pattern in zip(probabilities, patterns, strict=True) if ANYTHING not in pattern)
        assert seen == pytest.approx(pairs**3, rel=1e-9)


def test_numbers_of_patterns() -> None:
    electrons, muons, pions = (float(branching_fractions(0.9)[name]) for name in PAIRS)
    assert decay_probability(["electrons", "muons", "pions"], 0.9) == pytest.approx(6.0 * electrons * muons * pions)
    assert decay_probability(["muons", "pions", "muons"], 0.9) == pytest.approx(3.0 * muons**2 * pions)
    assert decay_probability(["muons"] * 3, 0.9) == pytest.approx(muons**3)
    other = 1.0 - electrons - muons - pions
    assert decay_probability(["muons", "muons", "anything"], 0.9) == pytest.approx(3.0 * muons**2 * other)
    assert decay_probability(["muons"], 9.0) == pytest.approx(0.154, abs=0.001)

"""From histograms to closed contours in mass and lifetime: all limits found, in at most five times the goal."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lifetime_hypotheses import GATE, GOAL_SECONDS, made_up, measure


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_hypotheses_of_mass_and_lifetime(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = Namespace(hypotheses=1000, workers=2, single_channels=False)
    found = measure(made_up(tmp_path), tmp_path / "histograms.zip", options, tmp_path)
    printed = capsys.readouterr().out
    assert found["hypotheses"] >= 1000
    assert f"'ok': {found['hypotheses']}" in printed
    assert printed.count("closed: True") == 2
    assert found["seconds"] < GATE * GOAL_SECONDS

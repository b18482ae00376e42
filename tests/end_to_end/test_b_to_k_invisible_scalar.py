"""The shipped search for B+ -> K+ S, S unseen, from its demo preset to the report."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from darkreach.command_line.main import run_command_line
from darkreach.couplings import read_couplings
from darkreach.histograms import read_histograms
from darkreach.limits import read_limits

pytestmark = pytest.mark.slow

LUMINOSITY = 362.0


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kaon") / "run"
    assert run_command_line(["run", "b_to_k_invisible_scalar", "--out", str(out), "--method", "asymptotic"]) == 0
    return out


def test_limits_are_of_the_expected_size(finished: Path) -> None:
    document = read_limits(finished / "limits.json")
    assert {limit.status for limit in document.limits} == {"ok"}
    branching = {
        one.mass_gev: one.lower
        for one in read_couplings(finished / "couplings_kaon_branching_fraction.csv")
        if one.quantile == "0"
    }
    mixing = {one.mass_gev: one.lower for one in read_couplings(finished / "couplings.csv") if one.quantile == "0"}
    assert len(branching) == len(mixing) == len(document.limits)
    for mass, value in branching.items():
        assert 1e-6 < value < 1e-5
        assert mixing[mass] == pytest.approx(5e-3 * math.sqrt(value / 1e-5), rel=0.12)


def test_the_escaping_scalar_is_excluded_below_two_muons_only(finished: Path) -> None:
    found = [one for one in read_couplings(finished / "couplings_sin_theta_escaping.csv") if one.quantile == "0"]
    assert {one.mass_gev for one in found} == {0.01, 0.1, 0.2, 0.212, 0.215}
    # two muons open at 0.2113 GeV: the upper end falls
    upper = {one.mass_gev: one.upper for one in found}
    assert upper[0.215] < upper[0.212] < upper[0.2] < upper[0.1] == upper[0.01] == math.inf


def test_backgrounds_are_about_what_is_observed(finished: Path) -> None:
    histograms = read_histograms(finished / "histograms.zip").histograms
    events: dict[str, np.ndarray] = {}
    for region, edges in (("hadronic_tag", [-1.5, 23.0]), ("inclusive_tag", [-1.0, 4.0, 8.0, 23.0])):
        histogram = histograms[f"region/{region}"]
        chosen = [name for name in histogram.axes[0] if not name.startswith("signal")]
        total = LUMINOSITY * sum(histogram[name, "nominal", :].values() for name in chosen)
        summed = np.concatenate([[0.0], np.cumsum(total)])
        events[region] = np.diff(np.interp(edges, histogram.axes[-1].edges, summed))
    # events in signal regions of arXiv:2311.14647, by q^2 for the inclusive tag (HEPData 10.17182/hepdata.166082)
    assert events["hadronic_tag"] == pytest.approx([252], rel=0.15)
    assert events["inclusive_tag"] == pytest.approx([3430, 3223, 2640], rel=0.20)


def test_the_report_has_all_couplings_and_regions(finished: Path) -> None:
    figures = {path.stem for path in (finished / "figures").glob("*.svg")}
    assert {
        "limit_90", "limit_sin_theta_escaping_90", "limit_kaon_branching_fraction_90",
        "spectrum_hadronic_tag_and_inclusive_tag",
    } <= figures  # fmt: skip
    page = (finished / "report.html").read_text()
    for text in ("rate of neutrino pair", "pseudo-data", "tag efficiency", "regions[0].signal_efficiency"):
        assert text in page

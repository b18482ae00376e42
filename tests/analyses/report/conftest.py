"""Synthetic results for a report: limits that rise with mass, one of them failed, and the couplings they exclude."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.couplings.couplings_file import ExcludedInterval
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.limits.limits_file import LimitsDocument
from darkreach.limits.results import Limit, LimitQuality
from darkreach.published import read_published
from darkreach.report import CouplingReading, NamedEffect, ReportContent

MASSES = (0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9.4, 9.7)
LUMINOSITY = 0.445
REFERENCE = 1.0e-3
BANDS = (0.72, 0.84, 1.0, 1.18, 1.37)


def signal_cross_section_fb(mass: float) -> float:
    return 118.4 * (1.0 - mass**2 / 111.93) ** 3


def expected_limit(mass: float) -> float:
    return float(1.0e-3 * (1.0 + 0.4 * mass) / (1.0 - mass**2 / 111.93))


def limits_of(mass: float, level: float) -> Limit:
    strength = (expected_limit(mass) / REFERENCE) ** 2 * (0.84 if level == 0.9 else 1.0)
    expected = tuple(strength * band**2 for band in BANDS)
    wiggle = 1.0 + 0.25 * np.sin(7.0 * mass)
    return Limit(
        name=f"axion_{mass:g}",
        values={"mass_gev": mass, "ctau_cm": 0.0},
        cl=level,
        method="asymptotic",
        engine="pyhf",
        observed=float(strength * wiggle),
        expected=expected,
        quality=LimitQuality(cls_at_observed=1.0 - level + 1e-9, cls_at_expected=(1.0 - level,) * 5),
    )


def intervals_of(limit: Limit) -> list[ExcludedInterval]:
    values = {"observed": limit.observed, **dict(zip(("-2", "-1", "0", "1", "2"), limit.expected, strict=True))}
    mass = float(limit.values["mass_gev"])
    return [
        ExcludedInterval(mass, 0.0, quantile, REFERENCE * strength**0.5, float("inf"))
        for quantile, strength in values.items()
        if strength is not None
    ]


@pytest.fixture(scope="session")
def content(search: AxionConfig, detector: DetectorConfig, histograms: SearchHistograms) -> ReportContent:
    good = [limits_of(mass, level) for mass in MASSES for level in (0.90, 0.95)]
    # one hypothesis that failed: it must be a gap in the figures and a warning in the page
    limits = [
        replace(limit, observed=None, expected=(), status="failed", reason="the fit did not converge",
                quality=LimitQuality()) if limit.name == "axion_6" else limit
        for limit in good
    ]  # fmt: skip
    document = LimitsDocument(
        search="axion_to_photons",
        poi="mu",
        parameters=("mass_gev", "ctau_cm"),
        luminosity_inverse_fb=LUMINOSITY,
        mu_one="cross-section at g_agg = 0.001 GeV^-1",
        workspace_digests={},
        meanings={
            limit.name: {"cross_section_fb": signal_cross_section_fb(float(limit.values["mass_gev"]))}
            for limit in limits
        },
        limits=tuple(limits),
        record={"darkreach": "0.1.0", "git_hash": "abc", "seeds": {"simulation": 1}},
    )
    couplings = {
        level: [row for limit in limits if limit.cl == level and limit.expected for row in intervals_of(limit)]
        for level in (0.90, 0.95)
    }
    effects = (NamedEffect("backgrounds other than three photons", "1.10 in g, not simulated"),)
    readings = (CouplingReading(search.couplings[0], couplings),)
    published = (read_published("axion_to_photons"),)
    return ReportContent(search, detector, histograms, document, readings, published, effects)

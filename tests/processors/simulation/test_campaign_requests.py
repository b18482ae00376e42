"""Campaigns: every combination of values becomes a sample, and what is wrong is said before anything is generated."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkreach.configuration import DetectorConfig, config_path, known_configs, read_config
from darkreach.configuration.campaign import CampaignConfig
from darkreach.errors import DarkreachError
from darkreach.simulation.campaign_requests import campaign_requests

TEXT = """
title: t
detector: belle2
seed: 5
samples:
  - {process: muon_pair_tree, events: 10}
  - process: dark_photon_photon
    events: 20
    maximum_isr_fraction: 0
    parameters: {mass_gev: [1, 2], kinetic_mixing: [1.0e-3, 1.0e-2]}
"""


def detector() -> DetectorConfig:
    return read_config(config_path("detectors", "belle2"), DetectorConfig)


def campaign(folder: Path, text: str = TEXT) -> CampaignConfig:
    path = folder / "campaign.yaml"
    path.write_text(text)
    return read_config(path, CampaignConfig)


def test_every_combination_is_a_sample(tmp_path: Path) -> None:
    requests = campaign_requests(campaign(tmp_path), detector())
    assert [(one.sample, one.events, one.maximum_isr_fraction, one.seed) for one in requests] == [
        ("muon_pair_tree", 10, 0.35, 5),
        ("dark_photon_photon_mass_gev_1", 20, 0.0, 5),
        ("dark_photon_photon_mass_gev_1_kinetic_mixing_0.01", 20, 0.0, 5),
        ("dark_photon_photon_mass_gev_2", 20, 0.0, 5),
        ("dark_photon_photon_mass_gev_2_kinetic_mixing_0.01", 20, 0.0, 5),
    ]
    assert {one.seed for one in campaign_requests(campaign(tmp_path), detector(), seed=9)} == {9}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("muon_pair_tree", "muon_pair_three", "muon_pair_tree"),
        ("mass_gev: [1, 2], ", "", "mass_gev"),
        ("mass_gev: [1, 2]", "mass: [1, 2]", "mass_gev"),
        ("events: 10}", "events: 0}", "campaign.yaml:6"),
        ("events: 10}", "event: 10}", "events"),
    ],
)
def test_faults_are_named(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in TEXT
    with pytest.raises(DarkreachError) as found:
        campaign_requests(campaign(tmp_path, TEXT.replace(before, after, 1)), detector())
    assert message in str(found.value)


@pytest.mark.parametrize("name", known_configs("campaigns"))
def test_shipped_campaigns_can_be_opened(name: str) -> None:
    requests = campaign_requests(read_config(config_path("campaigns", name), CampaignConfig), detector())
    assert len({one.sample for one in requests}) == len(requests)
    for one in requests:
        # Pythia takes long to start; its settings are checked where it is
        if one.process.name.split("_")[0] not in ("uubar", "ddbar", "ssbar", "charm", "tau", "b", "muon"):
            one.open()

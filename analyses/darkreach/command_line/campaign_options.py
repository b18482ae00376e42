"""Campaigns on the command line: their names, what they may be given, and what they consist of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from darkreach.command_line.process_options import ProcessOptions
from darkreach.configuration import DetectorConfig, config_path, known_configs, read_config
from darkreach.configuration.campaign import CampaignConfig
from darkreach.simulation.campaign_requests import campaign_requests
from darkreach.simulation.process_request import ProcessRequest


def is_campaign(name: str) -> bool:
    """Return whether a name is that of a shipped campaign, or of a YAML file."""
    return name in known_configs("campaigns") or Path(name).suffix in (".yaml", ".yml")


def requests_of_campaign(name: str, options: ProcessOptions, seed: int | None) -> list[ProcessRequest]:
    """Return the samples of a campaign; of the options it takes ``--force`` and ``--generator-only``.

    Raises:
        ConfigError: the file is wrong, or another option is given.
        UnknownNameError: no such process, parameter or detector; proposes the closest name.
    """
    replace(options, force=False, generator_only=False).refuse(name)
    path = config_path("campaigns", name) if name in known_configs("campaigns") else Path(name)
    campaign = read_config(path, CampaignConfig)
    detector = read_config(config_path("detectors", campaign.detector), DetectorConfig)
    return campaign_requests(campaign, detector, seed=seed, measured=not options.generator_only)

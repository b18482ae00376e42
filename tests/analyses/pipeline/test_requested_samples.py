"""Groups of backgrounds are compared with the samples before anything is simulated."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkreach.configuration import config_path
from darkreach.errors import ConfigError, UnknownNameError
from darkreach.pipeline.requested_samples import requests_of
from darkreach.pipeline.settings import RunSettings, run_settings


def changed(folder: Path, old: str, new: str) -> RunSettings:
    text = config_path("searches", "single_photon").read_text()
    assert old in text
    path = folder / "single_photon.yaml"
    path.write_text(text.replace(old, new, 1))
    return run_settings("single_photon", config_file=path)


def test_a_group_without_a_sample_is_refused(tmp_path: Path) -> None:
    settings = changed(tmp_path, "samples: [three_photon]", "samples: [three_photon, three_photn_lost]")
    with pytest.raises(UnknownNameError, match="did you mean 'three_photon_lost'"):
        requests_of(settings)


def test_a_background_in_two_groups_is_refused(tmp_path: Path) -> None:
    settings = changed(tmp_path, "samples: [three_photon]", "samples: [three_photon, radiative_bhabha]")
    with pytest.raises(ConfigError, match="several groups"):
        requests_of(settings)

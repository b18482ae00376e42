"""Published ranges over a plane: what a file must say, and which points it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from darkreach.configuration import known_configs, read_config
from darkreach.errors import ConfigError
from darkreach.published import PublishedRange, PublishedSearch, published_search, read_published

TEXT = """\
search: somewhere
ranges:
  - paper: "arXiv:2207.00509"
    source: "arXiv:2207.00509, abstract"
    quantity: cross_section_fb
    unit: fb
    decays: [muons]
    confidence_level: 0.90
    luminosity_inverse_fb: 8.34
    low: 1.7
    high: 5.0
    dark_photon_mass_gev: [4.0, 9.7]
"""


def write(folder: Path, old: str = "", new: str = "") -> Path:
    path = folder / "somewhere.yaml"
    path.write_text(TEXT.replace(old, new) if old else TEXT)
    return path


def test_a_file_may_hold_ranges_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path)
    published = read_config(path, PublishedSearch)
    (one,) = published.ranges
    assert (one.low, one.high, one.kind, one.decays) == (1.7, 5.0, "observed", ("muons",))
    assert one.of_known_origin
    assert not one.model_copy(update={"source": "unverified: recalled"}).of_known_origin
    assert published.of("g") == ()
    monkeypatch.setattr("darkreach.published.read.config_path", lambda *_: path)
    with pytest.raises(ConfigError, match="only ranges"):
        read_published("somewhere")


def test_points_inside_and_outside(tmp_path: Path) -> None:
    (one,) = read_config(write(tmp_path), PublishedSearch).ranges
    assert one.holds(4.0, 0.1)
    assert not one.holds(3.9, 0.1)
    heavy = one.model_copy(update={"dark_higgs_mass_gev": (1.0, 2.0)})
    assert heavy.holds(5.0, 2.0)
    assert not heavy.holds(5.0, 2.1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("low: 1.7", "low: 7.1", "low, high must rise"),
        ("[4.0, 9.7]", "[9.7, 4.0]", "dark_photon_mass_gev must rise"),
        ("unit: fb", "unit: ab", "a cross-section is in fb"),
        ("quantity: cross_section_fb", "quantity: epsilon", "only a cross-section"),
        ("[muons]", "[kaons]", "pions"),
    ],
)
def test_a_wrong_range_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_config(write(tmp_path, old, new), PublishedSearch)


def test_a_file_says_something(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="give limits, or ranges"):
        PublishedSearch(search="somewhere")


def test_all_shipped_files_are_read() -> None:
    for name in known_configs("published"):
        for one in published_search(name).ranges:
            assert isinstance(one, PublishedRange)

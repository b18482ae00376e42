"""Les Houches files: a file written by hand with known content, and files that are not whole."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest

from darkreach.errors import ConfigError, InputFileError
from darkreach.generators.exchange import read_event_file, read_lhe, summarise_lhe
from darkreach.generators.generated_particles import concatenate_particles

pytest.importorskip("pylhe")

FILE = """<LesHouchesEvents version="3.0">
<header>
</header>
<init>
11 -11 5.29 5.29 0 0 0 0 {strategy} 2
2.0 0.03 1.0 1
1.0 0.04 1.0 2
</init>
{events}</LesHouchesEvents>
"""
# Z' of 4 GeV flies 40 mm times p/m = 3/4, that is 3 cm, before it decays
EVENT = """<event>
 6 1 {weight} 10.58 0.0073 0.118
 11 -1 0 0 0 0 0.0 0.0 5.29 5.29 0.0 0.0 9.0
 -11 -1 0 0 0 0 0.0 0.0 -5.29 5.29 0.0 0.0 9.0
 9000032 2 1 2 0 0 0.0 3.0 0.0 5.0 4.0 40.0 9.0
 22 1 1 2 0 0 0.0 -3.0 0.0 3.0 0.0 0.0 9.0
 13 1 3 0 0 0 0.5 1.5 0.0 2.5 0.10566 0.0 9.0
 -13 1 3 0 0 0 -0.5 1.5 0.0 2.5 0.10566 0.0 9.0
</event>
"""


def by_hand(path: Path, weights: tuple[float, ...] = (2.0, 1.0), text: str = EVENT, strategy: int = -4) -> Path:
    events = "".join(text.format(weight=weight) for weight in weights)
    path.write_text(FILE.format(events=events, strategy=strategy))
    return path


def test_a_file_written_by_hand(tmp_path: Path) -> None:
    (events,) = read_lhe(by_hand(tmp_path / "a.lhe"))
    assert events.offsets.tolist() == [0, 4, 8]
    assert events.pdg[:4].tolist() == [9000032, 22, 13, -13]
    assert events.mother[:4].tolist() == [-1, -1, 0, 0]
    assert events.final[:4].tolist() == [False, True, True, True]
    assert events.vertex[:4] == pytest.approx(np.array([[0, 0, 0], [0, 0, 0], [0, 3, 0], [0, 3, 0]]))
    assert events.momentum[2].tolist() == [2.5, 0.5, 1.5, 0.0]
    assert events.weight_fb.tolist() == pytest.approx([4000.0, 2000.0])


def test_flights_add_up(tmp_path: Path) -> None:
    """A' h': h' flies 3 cm and decays into two A', one of which flies on for 1 cm (c tau = 5 mm, p/m = 2)."""
    event = """<event>
 5 1 {weight} 10.58 0.0073 0.118
 9000025 2 0 0 0 0 0.0 3.0 0.0 5.0 4.0 40.0 9.0
 9000022 2 1 1 0 0 0.0 0.0 2.0 2.236068 1.0 5.0 9.0
 9000022 1 1 1 0 0 0.0 3.0 -2.0 2.763932 1.0 0.0 9.0
 11 1 2 2 0 0 0.0 0.0 1.0 1.0 0.000511 0.0 9.0
 -11 1 2 2 0 0 0.0 0.0 1.0 1.0 0.000511 0.0 9.0
</event>
"""
    (events,) = read_lhe(by_hand(tmp_path / "a.lhe", (1.0,), event))
    assert events.vertex == pytest.approx(np.array([[0, 0, 0], [0, 3, 0], [0, 3, 0], [0, 3, 1], [0, 3, 1]]))
    assert events.mother.tolist() == [-1, 0, 0, 1, 1]


def test_what_a_file_says_of_itself(tmp_path: Path) -> None:
    found = summarise_lhe(by_hand(tmp_path / "a.lhe", (1.0, 1.0, 4.0), strategy=3))
    assert (found.events, found.sum_of_weights, found.file_format) == (3, 6.0, "LHE")
    assert (found.cross_section_fb, found.cross_section_error_fb) == pytest.approx((3000.0, 50.0))
    assert summarise_lhe(tmp_path / "a.lhe", 5.0).cross_section_fb == 5.0


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_chunks_make_up_the_file(tmp_path: Path, chunk: int) -> None:
    plain = by_hand(tmp_path / "a.lhe", (1.0, 2.0, 3.0, 4.0, 5.0))
    path = tmp_path / "a.lhe.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    whole = concatenate_particles(list(read_event_file(path, chunk)))
    assert whole.weight_fb.tolist() == pytest.approx([1000.0, 2000.0, 3000.0, 4000.0, 5000.0])
    assert whole.counts.tolist() == [4] * 5


@pytest.mark.parametrize("kept", [0.98, 0.7, 0.35])
def test_a_file_cut_short_says_where(tmp_path: Path, kept: float) -> None:
    path = by_hand(tmp_path / "a.lhe", (1.0,) * 8)
    text = path.read_text()
    path.write_text(text[: int(kept * len(text))])
    with pytest.raises(InputFileError, match="cut short") as caught:
        next(iter(read_lhe(path)))
    assert f"a.lhe:{len(path.read_text().splitlines())}" in str(caught.value)
    assert f"event {path.read_text().count('<event>')}" in str(caught.value)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (EVENT.replace(" 6 1 ", " 7 1 "), "particles are missing"),
        (EVENT.replace("0.10566 0.0 9.0", "0.10566"), "cannot be read"),
        (EVENT.replace(" 13 1 3 ", " 4 1 3 "), "hadronised"),
        (EVENT.replace(" 2 1 2 0 0 0.0 3.0", " 2 5 2 0 0 0.0 3.0"), "mothers must stand"),
        (EVENT.replace("0.5 1.5 0.0 2.5", "0.5 1.5 0.0 nan"), "not a number"),
    ],
)
def test_bad_events_are_refused_by_number(tmp_path: Path, broken: str, message: str) -> None:
    path = tmp_path / "a.lhe"
    events = EVENT.format(weight=1.0) * 2 + broken.format(weight=1.0) + EVENT.format(weight=1.0)
    path.write_text(FILE.format(events=events, strategy=3))
    with pytest.raises(InputFileError, match=message) as caught:
        list(read_lhe(path))
    assert "event 3" in str(caught.value)


def test_text_that_is_not_well_formed_is_refused_by_line(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.lhe", (1.0, 1.0))
    lines = path.read_text().splitlines(keepends=True)
    lines[14] = lines[14].replace(" 1 ", " < ", 1)
    path.write_text("".join(lines))
    with pytest.raises(InputFileError, match="not well-formed") as caught:
        list(read_lhe(path))
    assert "line 15" in str(caught.value)


def test_a_file_without_events_or_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="normalised"):
        summarise_lhe(by_hand(tmp_path / "a.lhe", ()))
    path = tmp_path / "b.lhe"
    path.write_text("<LesHouchesEvents version='3.0'>\n</LesHouchesEvents>\n")
    with pytest.raises(InputFileError, match="header"):
        summarise_lhe(path)
    path.write_text("something else\n")
    with pytest.raises(InputFileError, match="not a Les Houches"):
        summarise_lhe(path)


def test_a_missing_library_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylhe", None)
    with pytest.raises(ConfigError, match=r"darkreach\[generators\]"):
        list(read_lhe(by_hand(tmp_path / "a.lhe")))

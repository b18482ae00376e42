"""HepMC files: a file written by hand with known content, round trips, and files that are not whole."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest

from darkreach.errors import ConfigError, InputFileError, OutputError
from darkreach.generators.exchange import read_event_file, read_hepmc, summarise_hepmc, write_hepmc
from darkreach.generators.generated_particles import GeneratedParticles, concatenate_particles
from darkreach.generators.particle_codes import DARK_PHOTON

pyhepmc = pytest.importorskip("pyhepmc")

BEAMS = np.array([[5.29, 0.0, 0.0, 5.29], [5.29, 0.0, 0.0, -5.29]])

# e+e- -> (internal copy of) A' gamma, A' -> mu+ mu- at 30 mm; MeV and mm; weights 2 and 1; 3 pb
BY_HAND = """HepMC::Version 3.02.05
HepMC::Asciiv3-START_EVENT_LISTING
W 1
N nominal
{events}HepMC::Asciiv3-END_EVENT_LISTING
"""
EVENT = """E {number} 3 7
U MEV MM
W {weight}
A 0 GenCrossSection 3.0 0.1 -1 -1
P 1 0 11 0 0 5290 5290 0 4
P 2 0 -11 0 0 -5290 5290 0 4
V -1 0 [1,2]
P 3 -1 9000022 0 3000 0 5000 4000 22
P 4 -1 22 0 -3000 0 3000 0 1
V -2 0 [3]
P 5 -2 9000022 0 3000 0 5000 4000 2
V -3 0 [5] @ 0 30 0 40
P 6 -3 13 500 1500 0 2500 105 1
P 7 -3 -13 -500 1500 0 2500 105 1
"""


def by_hand(path: Path, weights: tuple[float, ...] = (2.0, 1.0), text: str = EVENT) -> Path:
    events = "".join(text.format(number=number, weight=weight) for number, weight in enumerate(weights))
    path.write_text(BY_HAND.format(events=events))
    return path


def sample() -> GeneratedParticles:
    """Two events: A' gamma with A' -> mu mu at 3 cm, and a pair of photons."""
    momentum = np.array(
        [[5.0, 0, 3, 0], [3, 0, -3, 0], [2.5, 0.5, 1.5, 0], [2.5, -0.5, 1.5, 0], [5, 0, 0, 5], [5, 0, 0, -5]]
    )
    vertex = np.zeros((6, 3))
    vertex[2:4] = 0.0, 3.0, 0.0
    return GeneratedParticles(
        np.array([0, 4, 6]), np.array([4000.0, 2000.0]),
        np.array([DARK_PHOTON, 22, 13, -13, 22, 22], dtype=np.int32), momentum, vertex,
        np.array([-1, -1, 0, 0, -1, -1], dtype=np.int32), np.array([False, True, True, True, True, True]),
    )  # fmt: skip


def same(one: GeneratedParticles, two: GeneratedParticles) -> None:
    for name in ("offsets", "pdg", "mother", "final"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name
    for name in ("weight_fb", "momentum", "vertex"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-9, abs=1e-12), name


def test_a_file_written_by_hand(tmp_path: Path) -> None:
    (events,) = read_hepmc(by_hand(tmp_path / "a.hepmc"))
    assert events.offsets.tolist() == [0, 4, 8]
    assert events.pdg[:4].tolist() == [22, DARK_PHOTON, 13, -13]
    assert events.mother[:4].tolist() == [-1, -1, 1, 1]
    assert events.final[:4].tolist() == [True, False, True, True]
    assert events.vertex[:4].tolist() == [[0, 0, 0], [0, 0, 0], [0, 3, 0], [0, 3, 0]]
    assert events.momentum[2].tolist() == [2.5, 0.5, 1.5, 0.0]
    # weights 2 and 1 of 3 pb together: mean 3000 fb
    assert events.weight_fb.tolist() == pytest.approx([4000.0, 2000.0])


def test_what_a_file_says_of_itself(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.hepmc", (1.0, 1.0, 4.0))
    found = summarise_hepmc(path)
    assert (found.events, found.sum_of_weights, found.file_format) == (3, 6.0, "HepMC3")
    assert (found.cross_section_fb, found.cross_section_error_fb) == pytest.approx((3000.0, 100.0))
    given = summarise_hepmc(path, 50.0)
    assert (given.cross_section_fb, given.cross_section_source) == (50.0, "given with the file")
    assert np.mean(concatenate_particles(list(read_hepmc(path, 2, 50.0))).weight_fb) == pytest.approx(50.0)


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_chunks_make_up_the_file(tmp_path: Path, chunk: int) -> None:
    path = by_hand(tmp_path / "a.hepmc", (1.0, 2.0, 3.0, 4.0, 5.0))
    parts = list(read_hepmc(path, chunk))
    assert [len(part) for part in parts] == [chunk] * (5 // chunk) + [5 % chunk] * (5 % chunk > 0)
    (whole,) = read_hepmc(path)
    same(concatenate_particles(parts), whole)


@pytest.mark.parametrize("name", ["a.hepmc", "a.hepmc.gz"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    before = sample()
    assert write_hepmc(tmp_path / name, [before], BEAMS) == 2
    (after,) = read_event_file(tmp_path / name)
    same(before, after)


def test_a_sample_of_pythia_is_read_back(tmp_path: Path) -> None:
    pytest.importorskip("pythia8mc")
    from darkreach.generators.pythia.pair_production import open_pair
    from darkreach.kinematics import Beams

    before = open_pair("charm_pair", Beams(7.004, 4.002, 0.083), {}, 0.9).source(40, np.random.default_rng(1))
    write_hepmc(tmp_path / "a.hepmc", [before], BEAMS)
    (after,) = read_hepmc(tmp_path / "a.hepmc", 40)
    assert np.array_equal(before.counts, after.counts)
    # the format gives the cross-section nine digits
    assert after.weight_fb == pytest.approx(before.weight_fb, rel=1e-8)
    for row in range(40):
        one, two = before.select(np.array([row])), after.select(np.array([row]))
        first, second = (np.lexsort((e.momentum[:, 1], e.pdg)) for e in (one, two))
        assert np.array_equal(one.pdg[first], two.pdg[second])
        assert one.momentum[first] == pytest.approx(two.momentum[second], abs=1e-9)
        assert one.vertex[first] == pytest.approx(two.vertex[second], abs=1e-9)
        # the code of each mother is the same, though the order is another
        codes = [np.where(e.mother >= 0, e.pdg[e.mother], 0) for e in (one, two)]
        assert np.array_equal(codes[0][first], codes[1][second])


def test_particles_made_elsewhere_keep_their_vertices(tmp_path: Path) -> None:
    before = sample()
    before.vertex[3], before.vertex[5] = (0.0, 3.5, 0.0), (1.0, 0.0, 0.0)
    write_hepmc(tmp_path / "a.hepmc", [before], BEAMS)
    (after,) = read_hepmc(tmp_path / "a.hepmc")
    for row in range(2):
        one, two = before.select(np.array([row])), after.select(np.array([row]))
        first, second = np.argsort(one.momentum @ [1, 2, 3, 4]), np.argsort(two.momentum @ [1, 2, 3, 4])
        assert np.array_equal(one.pdg[first], two.pdg[second])
        assert one.vertex[first] == pytest.approx(two.vertex[second], abs=1e-9)


def test_files_of_the_older_format(tmp_path: Path) -> None:
    path = tmp_path / "a.hepmc2"
    with pyhepmc.open(str(by_hand(tmp_path / "a.hepmc"))) as old, pyhepmc.open(str(path), "w", format="HepMC2") as new:
        for event in old:
            new.write(event)
    (events,) = read_event_file(path)
    assert summarise_hepmc(path).file_format == "HepMC2"
    (expected,) = read_hepmc(tmp_path / "a.hepmc")
    assert events.momentum == pytest.approx(expected.momentum)
    assert events.vertex == pytest.approx(expected.vertex)


@pytest.mark.parametrize("kept", [0.97, 0.7, 0.4])
def test_a_file_cut_short_says_where(tmp_path: Path, kept: float) -> None:
    path = by_hand(tmp_path / "a.hepmc", (1.0,) * 10)
    text = path.read_text()
    path.write_text(text[: int(kept * len(text))])
    lines = len(path.read_text().splitlines())
    events = path.read_text().count("\nE ")
    with pytest.raises(InputFileError, match="cut short") as caught:
        next(iter(read_hepmc(path)))
    assert f"a.hepmc:{lines}" in str(caught.value)
    assert f"event {events}" in str(caught.value)


def test_a_compressed_file_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.hepmc.gz"
    path.write_bytes(gzip.compress(by_hand(tmp_path / "a.hepmc", (1.0,) * 50).read_bytes())[:-20])
    with pytest.raises(InputFileError, match="cut short"):
        summarise_hepmc(path)


def test_a_hole_in_the_middle_is_an_error(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.hepmc", (1.0,) * 6)
    lines = path.read_text().splitlines(keepends=True)
    del lines[40:43]
    path.write_text("".join(lines))
    with pytest.raises(InputFileError, match="event"):
        list(read_hepmc(path))


def test_final_quarks_are_refused(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.hepmc", (1.0, 1.0), EVENT.replace("-3 13 ", "-3 4 ").replace("-3 -13 ", "-3 -4 "))
    with pytest.raises(InputFileError, match="hadronised") as caught:
        list(read_hepmc(path))
    assert "event 1" in str(caught.value)


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read"):
        list(read_hepmc(by_hand(tmp_path / "a.hepmc", (float("nan"), 1.0))))
    with pytest.raises(InputFileError, match="normalised"):
        list(read_hepmc(by_hand(tmp_path / "b.hepmc", (1.0, -1.0))))


def test_a_file_without_cross_section_needs_one(tmp_path: Path) -> None:
    path = by_hand(
        tmp_path / "a.hepmc", (1.0,), "".join(EVENT.splitlines(keepends=True)[:3] + EVENT.splitlines(keepends=True)[4:])
    )
    with pytest.raises(InputFileError, match="no cross-section"):
        summarise_hepmc(path)
    assert summarise_hepmc(path, 7.0).cross_section_fb == 7.0


@pytest.mark.parametrize("content", ["", "just text\n" * 50])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.hepmc"
    path.write_text(content)
    with pytest.raises(InputFileError, match="known format"):
        read_event_file(path)
    with pytest.raises(InputFileError, match="not a HepMC"):
        summarise_hepmc(path)


def test_a_missing_file_and_a_missing_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputFileError, match="cannot be opened"):
        read_event_file(tmp_path / "none.hepmc")
    path = by_hand(tmp_path / "a.hepmc")
    monkeypatch.setitem(sys.modules, "pyhepmc", None)
    with pytest.raises(ConfigError, match=r"darkreach\[generators\]"):
        summarise_hepmc(path)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_hepmc(tmp_path / "a.hepmc", [sample()], BEAMS)
    with pytest.raises(OutputError, match="exists"):
        write_hepmc(tmp_path / "a.hepmc", [sample()], BEAMS)

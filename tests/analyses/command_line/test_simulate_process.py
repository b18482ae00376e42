"""``darkreach simulate PROCESS`` and ``darkreach list``: samples, reuse, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkreach.command_line.main import run_command_line
from darkreach.events.manifest import check_files, read_manifest
from darkreach.events.readers import iterate_chunks
from darkreach.generators.exchange import write_hepmc
from darkreach.generators.process_registry import find_process
from darkreach.kinematics import Beams
from darkreach.simulation.sample_pieces import CHUNK_TRIALS

SIGNAL = ["simulate", "axion_photon", "-n", "500", "--isr", "0"]


def run(*words: object) -> int:
    return run_command_line([str(word) for word in words])


def defaults_of(name: str) -> dict[str, float]:
    return {one.name: one.default for one in find_process(name).parameters if one.default is not None}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}


def test_a_sample_of_a_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*SIGNAL, "--set", "mass_gev=1.5", "--out", tmp_path / "a"]
    assert run(*words, "--json", tmp_path / "a.json") == 0
    (told,) = json.loads((tmp_path / "a.json").read_text())
    folder = tmp_path / "a" / "axion_photon_mass_gev_1.5"
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    assert told["sample"] == folder.name
    assert (told["generated_events"], told["entries"]) == (500, manifest.entries)
    assert told["parameters"]["mass_gev"] == 1.5
    assert told["cross_section_fb"] == manifest.cross_section_fb
    assert manifest.record["settings"]["maximum_isr_fraction"] == 0.0
    (chunk,) = (chunk for _, chunk in iterate_chunks(folder / "events_0000.parquet", ["photon_E", "generatorWeight"]))
    assert 0 < len(chunk) == manifest.entries
    printed = capsys.readouterr()
    assert "axion_photon_mass_gev_1.5" in printed.out and "effective" in printed.out
    assert "500 events" in printed.err
    assert run(*words) == 0
    assert "already done" in capsys.readouterr().err
    before = contents(tmp_path / "a")
    assert run(*words, "--seed", 5) == 1
    assert "seed was 1, is 5" in capsys.readouterr().err
    assert contents(tmp_path / "a") == before
    assert run(*words, "--seed", 5, "--force") == 0
    assert read_manifest(folder).seed == 5


def test_a_scan_and_the_bytes_of_two_workers(tmp_path: Path) -> None:
    events = CHUNK_TRIALS + 500
    words = ["simulate", "axion_photon", "-n", events, "--set", "mass_gev=1,2", "--generator-only"]
    assert run(*words, "--out", tmp_path / "one") == 0
    assert run(*words, "--out", tmp_path / "two", "--workers", 2) == 0
    one = contents(tmp_path / "one")
    assert sorted(one) == sorted(
        f"axion_photon_mass_gev_{mass}/generated/{name}"
        for mass in (1, 2)
        for name in ("manifest.json", "particles_0000.parquet", "particles_0001.parquet")
    )
    assert one == contents(tmp_path / "two")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["axion_foton", "-n", "10"], "did you mean 'axion_photon'"),
        (["axion_to_photon", "-n", "10"], "did you mean 'axion_to_photons'"),
        (["axion_photon", "-n", "10", "--set", "mas_gev=1"], "did you mean 'mass_gev'"),
        (["axion_photon", "-n", "10"], "needs a value for mass_gev"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=heavy"], "NAME=NUMBER"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=nan"], "NAME=NUMBER"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--set", "mass_gev=2"], "twice"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=11"], "below 10.57"),
        (["axion_photon", "--set", "mass_gev=1"], "how many events"),
        (["axion_photon", "-n", "0", "--set", "mass_gev=1"], "positive number of events"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--isr", "1.5"], "below 1"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--format", "csv"], "parquet, root"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--detector", "belle3"], "did you mean 'belle2'"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1,2", "--name", "a"], "one name for several samples"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1,1"], "the same name"),
        (
            ["axion_photon", "-n", "10", "--set", "mass_gev=1", "--forced", "lost_photon=1"],
            "did you mean 'lost_photons'",
        ),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--forced", "lost_photons=2"], "0 or 1"),
        (
            [
                "axion_photon",
                "-n",
                "10",
                "--set",
                "mass_gev=1",
                "--forced",
                "wrong_muons=1",
                "--forced",
                "wrong_pions=0",
            ],
            "only one kind of wrong",
        ),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--preset", "demo"], "only there for a search"),
        (["axion_to_photons", "-n", "10"], "only there for a process"),
        (["axion_to_photons", "--isr", "0"], "only there for a process"),
    ],
)
def test_wrong_requests_are_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert run("simulate", *words, "--out", tmp_path / "a") == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.parquet"))


def test_forced_losses_are_samples_of_their_own(tmp_path: Path) -> None:
    words = [*SIGNAL, "--set", "mass_gev=1.5", "--out", tmp_path]
    name = "axion_photon_mass_gev_1.5"
    for option in ([], ["--forced", "lost_photons=0"], ["--forced", "lost_photons=1"]):
        assert run(*words, *option) == 0
    free, none, one = (
        sum(
            float(chunk["generatorWeight"].to_numpy().sum())
            for _, chunk in iterate_chunks(tmp_path / sample / "events_0000.parquet", ["generatorWeight"])
        )
        for sample in (name, f"{name}_lost_photons_0", f"{name}_lost_photons_1")
    )
    # what is neither lost nor kept is the loss of two photons or more
    assert 0.0 < one < 0.1 * none
    assert none + one == pytest.approx(free, rel=0.02)
    generated = {
        read_manifest(tmp_path / sample / "generated").files[0].sha256
        for sample in (name, f"{name}_lost_photons_0", f"{name}_lost_photons_1")
    }
    assert len(generated) == 1


def test_events_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beams = np.array([[7.0, 0.0, 0.0, 7.0], [4.0, 0.0, 0.0, -4.0]])
    opened = find_process("two_photon").open(Beams(7.004, 4.002, 0.083), defaults_of("two_photon"), 0.0)
    particles = opened.source(300, np.random.default_rng(1))
    path = tmp_path / "theirs.hepmc"
    write_hepmc(path, [particles], beams)
    words = ["simulate", "theirs", "--from", path, "--out", tmp_path / "out"]
    assert run(*words, "--json", tmp_path / "a.json") == 0
    (told,) = json.loads((tmp_path / "a.json").read_text())
    assert (told["sample"], told["generated_events"], told["kind"]) == ("theirs", 300, "background")
    assert told["cross_section_fb"] == pytest.approx(particles.weight_fb.mean(), rel=1e-6)
    capsys.readouterr()
    assert run(*words, "-n", 10) == 1
    assert "only there for a process" in capsys.readouterr().err
    assert run(*words, "--kind", "signals") == 1
    assert "did you mean 'signal'" in capsys.readouterr().err
    assert run(*words, "--preset", "demo") == 1
    assert run("simulate", "two_photon", "-n", 5, "--kind", "signal", "--out", tmp_path / "b") == 1
    assert "only there for a file" in capsys.readouterr().err
    path.write_bytes(path.read_bytes()[:-200])
    assert run("simulate", "theirs", "--from", path, "--out", tmp_path / "c") == 1
    told_of = capsys.readouterr().err
    assert "cut short" in told_of and "theirs.hepmc:" in told_of


def test_list_shows_processes_and_their_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    printed = capsys.readouterr().out
    assert "axion_to_photons" in printed and "e+e- -> gamma a, a -> gamma gamma" in printed
    assert run("list", "--json", "-") == 0
    told = json.loads(capsys.readouterr().out)
    assert "axion_to_photons" in [search["search"] for search in told["searches"]]
    processes = {process["process"]: process for process in told["processes"]}
    assert len(processes) == len(told["processes"])
    assert {"name", "meaning", "default"} <= set(processes["axion_photon"]["parameters"][0])
    assert run("list", "axion_photon") == 0
    assert "mass_gev" in capsys.readouterr().out
    assert run("list", "axion_foton") == 1
    assert "did you mean 'axion_photon'" in capsys.readouterr().err

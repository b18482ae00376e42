"""``darkreach simulate PROCESS`` and ``darkreach list``: samples, reuse, refusals."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
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


@pytest.mark.slow
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
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--forced", "lost_photons=2"], "0 to 1"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--forced", "wrong_muons=7"], "0 to 6"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--preset", "demo"], "only there for a search"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--name", "../a"], "a name of a folder"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--name", "a/b"], "a name of a folder"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--name", ".a"], "a name of a folder"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--name", "generated"], "a name of a folder"),
        (["axion_photon", "-n", "10", "--set", "mass_gev=1", "--generator-only", "--format", "root"], "as Parquet"),
        (
            ["axion_photon", "-n", "10", "--set", "mass_gev=1", "--generator-only", "--forced", "lost_photons=1"],
            "leave out one of the two",
        ),
        ([], "what is to be simulated"),
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


def lhe_text(weights: list[float]) -> str:
    """Muon pairs at rest in the laboratory, in pb, mean weight as cross-section."""
    lines = ['<LesHouchesEvents version="3.0">', "<init>", "11 -11 5.29 5.29 0 0 0 0 -4 1", "5.0 0.1 10.0 1", "</init>"]
    for number, weight in enumerate(weights):
        cosine, momentum = np.sin(number), np.sqrt(5.29**2 - 0.10566**2)
        px, pz = momentum * np.sqrt(1.0 - cosine**2), momentum * cosine
        lines += ["<event>", f"4 1 {weight:.6e} 10.58 0.0073 0.12"]
        lines += [f"{code} -1 0 0 0 0 0 0 {sign * 5.29} 5.29 0 0 9" for code, sign in ((11, 1), (-11, -1))]
        lines += [
            f"{code} 1 1 2 0 0 {sign * px:.12e} 0 {sign * pz:.12e} 5.29 0.10566 0 9"
            for code, sign in ((13, 1), (-13, -1))
        ]
        lines.append("</event>")
    return "\n".join([*lines, "</LesHouchesEvents>", ""])


def test_weights_of_both_signs_in_a_file_without_a_name(tmp_path: Path) -> None:
    pytest.importorskip("pylhe")
    weights = [10.0 if number % 4 else -10.0 for number in range(400)]
    path = tmp_path / "theirs.2.lhe.gz"
    path.write_bytes(gzip.compress(lhe_text(weights).encode()))
    words = ["simulate", "--from", path, "--out", tmp_path / "out", "--format", "parquet", "--format", "root"]
    assert run(*words) == 0
    folder = tmp_path / "out" / "theirs.2"
    generated, measured = read_manifest(folder / "generated"), read_manifest(folder)
    for manifest in (generated, measured):
        assert manifest.cross_section_fb == pytest.approx(5000.0, rel=1e-12)
        assert manifest.cross_section_error_fb == pytest.approx(100.0)
    # (sum w)^2 / sum w^2 of 300 positive and 100 negative weights
    assert generated.effective_events == pytest.approx(100.0)
    assert generated.record["weights"]["sum_fb"] == pytest.approx(5000.0, rel=1e-12)
    share = 5000.0 / sum(weights)
    for name in ("events_0000.parquet", "events_0000.root"):
        (chunk,) = (part for _, part in iterate_chunks(folder / name, ["__event__", "generatorWeight"]))
        stored, event = (chunk[column].to_numpy() for column in ("generatorWeight", "__event__"))
        assert stored == pytest.approx(share * np.array(weights)[event.astype(int)], rel=1e-12)
        assert stored.sum() == pytest.approx(measured.record["weights"]["sum_fb"], rel=1e-12)


@pytest.mark.parametrize("suffix", [".lhe", ".lhe.gz", ".hepmc3", ".hepmc3.gz"])
def test_event_files_cut_short_anywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    pytest.importorskip("pylhe" if "lhe" in suffix else "pyhepmc")
    whole, cut = tmp_path / f"whole{suffix.removesuffix('.gz')}", tmp_path / f"cut{suffix}"
    if "lhe" in suffix:
        whole.write_text(lhe_text([1.0] * 30))
    else:
        opened = find_process("two_photon").open(Beams(7.004, 4.002, 0.083), defaults_of("two_photon"), 0.0)
        beams = np.array([[7.0, 0.0, 0.0, 7.0], [4.0, 0.0, 0.0, -4.0]])
        write_hepmc(whole, [opened.source(30, np.random.default_rng(1))], beams)
    content = gzip.compress(whole.read_bytes()) if suffix.endswith(".gz") else whole.read_bytes()
    # the end mark itself may lose its line end, nothing else
    for length in np.random.default_rng(3).integers(0, len(content) - 2, 10).tolist():
        cut.write_bytes(content[:length])
        assert run("simulate", "--from", cut, "--out", tmp_path / "out") == 1, length
        told = capsys.readouterr().err
        assert told.startswith("error: ") and "Traceback" not in told and str(cut) in told
        assert not list((tmp_path / "out").rglob("*.parquet"))
    cut.write_bytes(content)
    assert run("simulate", "--from", cut, "--out", tmp_path / "out") == 0


def test_a_compressed_file_damaged_inside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = bytearray(gzip.compress(lhe_text([1.0] * 100).encode()))
    content[len(content) // 2 : len(content) // 2 + 30] = bytes(30)
    path = tmp_path / "theirs.lhe.gz"
    path.write_bytes(content)
    assert run("simulate", "--from", path, "--out", tmp_path / "out") == 1
    assert "the event file is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("pythia8mc", ["tau_pair", "-n", "10"]),
        ("pythia8mc", ["b_meson_pair", "-n", "10"]),
        ("pylhe", ["--from", "a.lhe"]),
        ("pyhepmc", ["--from", "a.hepmc3"]),
    ],
)
def test_a_missing_wheel_is_one_message(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    words: list[str],
) -> None:
    (tmp_path / "a.lhe").write_text(lhe_text([1.0]))
    (tmp_path / "a.hepmc3").write_text("HepMC::Version 3.02.05\nHepMC::Asciiv3-END_EVENT_LISTING\n")
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.chdir(tmp_path)
    assert run("simulate", *words, "--out", tmp_path / "out") == 1
    assert "pip install 'darkreach[generators]'" in capsys.readouterr().err
    assert not list((tmp_path / "out").rglob("*.parquet"))


def test_list_says_what_campaigns_and_columns_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "belle2_cocktail") == 0
    assert "dark_photon_photon -n 20000 mass_gev=0.1,1,3,5,7" in capsys.readouterr().out
    assert run("list", "belle2_cocktial") == 1
    assert "did you mean 'belle2_cocktail'" in capsys.readouterr().err
    assert run("list", "--columns", "--json", "-") == 0
    columns = {column["name"]: column for column in json.loads(capsys.readouterr().out)}
    assert (columns["track_p"]["unit"], columns["track_p"]["level"]) == ("GeV", "candidate")
    assert run("list", "--columns") == 0
    printed = capsys.readouterr().out
    assert all(f"\n{name} " in f"\n{printed}" for name in columns)


def test_every_stored_column_says_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*SIGNAL, "--set", "mass_gev=1", "--name", "a", "--out", tmp_path) == 0
    capsys.readouterr()
    assert run("list", "--columns", "--json", "-") == 0
    listed = {column["name"] for column in json.loads(capsys.readouterr().out)}
    for path in (tmp_path / "a" / "events_0000.parquet", tmp_path / "a" / "generated" / "particles_0000.parquet"):
        for field in pq.read_schema(path):
            assert field.metadata[b"meaning"], field.name
            assert field.name in listed or field.name.startswith("l1_")


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

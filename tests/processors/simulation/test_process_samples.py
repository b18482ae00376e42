"""Samples of a process: levels, files, weights, random numbers, reuse and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow.parquet as pq
import pytest

from darkreach.configuration import DetectorConfig
from darkreach.errors import ConfigError, EventContentError, InputFileError
from darkreach.events.manifest import SampleManifest, check_files, read_manifest
from darkreach.events.readers import iterate_chunks
from darkreach.generators import Process
from darkreach.provenance import source_digest
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.simulation import generated_files, measured_files, sample_pieces
from darkreach.simulation.code_identity import GENERATED_ROOMS, MEASURED_ROOMS, generated_code, measured_code
from darkreach.simulation.process_request import ProcessRequest
from darkreach.simulation.sample_making import begin_sample, finish_sample, make_piece
from darkreach.simulation.sample_plan import plan_sample

Simulate = Callable[..., SampleManifest]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sample_pieces, measured_files):
        monkeypatch.setattr(module, "CHUNK_TRIALS", 1000)


@pytest.fixture
def simulate(measure: Callable[..., object]) -> Simulate:
    def run(request: ProcessRequest, out: Path, *, backwards: bool = False, force: bool = False) -> SampleManifest:
        plan = plan_sample(request, out, replace_other=force)
        if plan.manifest is not None:
            return plan.manifest
        begin_sample(plan)
        pieces = plan.pieces[::-1] if backwards else plan.pieces
        return finish_sample(plan, [make_piece(plan, piece, measure) for piece in pieces])

    return run


def digests(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.is_file()}


def read(folder: Path, columns: list[str]) -> ak.Array:
    manifest = read_manifest(folder)
    chunks = [chunk for file in manifest.files for _, chunk in iterate_chunks(folder / file.path, columns)]
    return ak.concatenate(chunks)


def test_both_levels_and_their_weights(
    simulate: Simulate, request_of: Callable[..., ProcessRequest], tmp_path: Path
) -> None:
    manifest = simulate(request_of(20_000), tmp_path)
    folder = tmp_path / "muons"
    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"events_{number:04d}.parquet" for number in range(20)),
        "generated",
        "manifest.json",
    ]
    generated = read_manifest(folder / "generated")
    for each in (manifest, generated):
        check_files(folder if each is manifest else folder / "generated", each)
        assert each.generated_events == 20_000 == sum(file.generated_events for file in each.files)
        # weights uniform in [0, 2w/0.75] for 3/4 of the trials, mean w = 1000 fb
        assert each.cross_section_fb == pytest.approx(1000.0, abs=4.0 * each.cross_section_error_fb)
        # <w^2>/<w>^2 = (4/3)/0.75, so that the relative error is sqrt((16/9 - 1)/n)
        assert each.cross_section_error_fb == pytest.approx(1000.0 * np.sqrt(7 / 9 / 20_000), rel=0.02)
    true = read(folder / "generated", ["__event__", "generatorWeight", "particle_pdg", "nparticle"])
    assert ak.all(true["nparticle"] == 2)
    # numbers of trials, of which a quarter has no weight
    assert 19_950 < ak.max(true["__event__"]) < 20_000
    assert len(np.unique(true["__event__"])) == len(true)
    assert ak.all(true["particle_pdg"] == [[13, -13]])
    assert np.sum(true["generatorWeight"]) == pytest.approx(generated.cross_section_fb, rel=1e-12)
    assert generated.effective_events == pytest.approx(20_000 * 9 / 16, rel=0.02)
    assert generated.entries == len(true) == pytest.approx(15_000, abs=4 * np.sqrt(20_000 * 3 / 16))
    measured = read(
        folder, ["__event__", "generatorWeight", "track_p", "ntrack", "nTracks", "photon_E", "nphoton", "l1_lml0"]
    )
    assert ak.all(ak.num(measured["track_p"]) == measured["ntrack"])
    assert ak.all(ak.num(measured["photon_E"]) == measured["nphoton"])
    assert ak.any(measured["nphoton"] != measured["ntrack"])
    assert ak.all(measured["nTracks"] == measured["ntrack"])
    assert ak.all(measured["l1_lml0"] == (measured["ntrack"] == 2))
    # one of 25 events loses both tracks
    assert np.sum(measured["generatorWeight"]) == pytest.approx(0.96 * manifest.cross_section_fb, rel=0.01)
    weight_of = dict(zip(true["__event__"].tolist(), true["generatorWeight"].tolist(), strict=True))
    assert [weight_of[event] for event in measured["__event__"].tolist()] == measured["generatorWeight"].tolist()


def test_same_request_same_bytes_in_any_order(
    simulate: Simulate, request_of: Callable[..., ProcessRequest], tmp_path: Path
) -> None:
    simulate(request_of(), tmp_path / "a")
    simulate(request_of(), tmp_path / "b", backwards=True)
    first = digests(tmp_path / "a")
    assert first == digests(tmp_path / "b")
    # two levels at once, or one after the other
    simulate(request_of(measured=False), tmp_path / "c")
    simulate(request_of(), tmp_path / "c")
    assert first == digests(tmp_path / "c")


def test_seeds_values_and_chunks_have_random_numbers_of_their_own(
    simulate: Simulate, request_of: Callable[..., ProcessRequest], tmp_path: Path
) -> None:
    for name, options in (("a", {}), ("b", {"seed": 8}), ("c", {"mass": 0.2}), ("longer", {"events": 3500})):
        simulate(request_of(**options), tmp_path / name)
    weights = {
        name: read(tmp_path / name / "muons" / "generated", ["generatorWeight"])["generatorWeight"].to_numpy()
        for name in ("a", "b", "c", "longer")
    }
    assert len(np.unique(np.concatenate([weights["a"], weights["b"], weights["c"]]))) == sum(
        len(weights[name]) for name in "abc"
    )
    # more events leave the earlier chunks as they are, but for their share
    begin = len(read_manifest(tmp_path / "a" / "muons" / "generated").files[:2])
    assert begin == 2
    one, two = (pq.read_table(tmp_path / name / "muons" / "events_0000.parquet") for name in ("a", "longer"))
    assert one["track_p"].to_pylist() == two["track_p"].to_pylist()
    assert np.allclose(one["generatorWeight"].to_numpy() * 2500, two["generatorWeight"].to_numpy() * 3500, rtol=1e-12)


def test_finished_samples_are_reused_and_damaged_ones_made_again(
    simulate: Simulate, request_of: Callable[..., ProcessRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = simulate(request_of(), tmp_path)
    before = digests(tmp_path)
    drawn: list[int] = []
    written = generated_files.write_generated

    def counted(*arguments: object) -> object:
        drawn.append(1)
        return written(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("darkreach.simulation.sample_making.write_generated", counted)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    assert simulate(request_of(), tmp_path) == manifest
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    measured = tmp_path / "muons" / "events_0001.parquet"
    measured.write_bytes(measured.read_bytes()[:-100])
    simulate(request_of(), tmp_path)
    # the generated events were there
    assert not drawn
    assert digests(tmp_path) == before
    (tmp_path / "muons" / "manifest.json").unlink()
    generated = tmp_path / "muons" / "generated" / "particles_0001.parquet"
    content = bytearray(generated.read_bytes())
    content[500] ^= 0xFF
    generated.write_bytes(content)
    simulate(request_of(), tmp_path)
    assert len(drawn) == 1
    assert digests(tmp_path) == before


def test_another_detector_uses_the_generated_events_again(
    simulate: Simulate,
    request_of: Callable[..., ProcessRequest],
    detector_config: DetectorConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulate(request_of(), tmp_path)
    before = digests(tmp_path)
    response = detector_config.photon_response
    worse = response.energy_constant_term.model_copy(update={"value": 0.05})
    other = detector_config.model_copy(
        update={"photon_response": response.model_copy(update={"energy_constant_term": worse})}
    )
    with pytest.raises(ConfigError, match="other settings") as caught:
        simulate(request_of(detector=other), tmp_path)
    assert caught.value.given == "detector.photon_response differs"
    assert "generated events are used again" in str(caught.value.next_step)
    assert digests(tmp_path) == before
    monkeypatch.setattr("darkreach.simulation.sample_making.write_generated", None)
    simulate(request_of(detector=other), tmp_path, force=True)
    after = digests(tmp_path)
    assert {name for name in before if after[name] != before[name]} == {
        "muons/manifest.json",
        *(f"muons/events_{number:04d}.parquet" for number in range(3)),
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"events": 3000}, "events was 2500, is 3000"),
        ({"mass": 0.2}, "parameters.mass_gev was 0.106, is 0.2"),
        ({"seed": 3}, "seed was 7, is 3"),
        ({"maximum_isr_fraction": 0.3}, "maximum_isr_fraction was 0.0, is 0.3"),
        ({"forced": ForcedOutcomes(lost_photons=1)}, "forced.lost_photons was not there, is 1"),
        ({"formats": ("root",)}, "formats was ['parquet'], is ['root']"),
    ],
)
def test_samples_with_other_settings_are_kept_unless_told_otherwise(
    simulate: Simulate,
    request_of: Callable[..., ProcessRequest],
    tmp_path: Path,
    change: dict[str, object],
    told: str,
) -> None:
    simulate(request_of(), tmp_path)
    before = digests(tmp_path)
    with pytest.raises(ConfigError, match="other settings") as caught:
        simulate(request_of(**change), tmp_path)
    assert caught.value.given == told
    assert "--force" in str(caught.value.next_step)
    assert digests(tmp_path) == before
    simulate(request_of(**change), tmp_path, force=True)
    simulate(request_of(**change), tmp_path / "fresh")
    if "formats" in change:
        # every ROOT file has an identifier of its own
        assert not list(tmp_path.glob("muons/*.parquet"))
        return
    assert digests(tmp_path / "muons") == digests(tmp_path / "fresh" / "muons")


def test_only_the_code_of_some_rooms_decides() -> None:
    assert set(MEASURED_ROOMS) - set(GENERATED_ROOMS) == {"response"}
    assert {"generators", "kinematics", "simulation"} <= set(GENERATED_ROOMS)
    assert len({generated_code(), measured_code(), source_digest()}) == 3


def test_other_code_replaces_a_sample_without_a_word(
    simulate: Simulate, request_of: Callable[..., ProcessRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(request_of(), tmp_path)
    digest = read_manifest(tmp_path / "muons").record["request_digest"]
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "muons" / "generated").glob("*.parquet")}
    monkeypatch.setattr("darkreach.simulation.sample_plan.measured_code", lambda: "another")
    simulate(request_of(), tmp_path)
    assert read_manifest(tmp_path / "muons").record["request_digest"] != digest
    # only the detector has other code
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "muons" / "generated").glob("*.parquet")}
    for name in ("generated_code", "measured_code"):
        monkeypatch.setattr(f"darkreach.simulation.sample_plan.{name}", lambda: "yet another")
    simulate(request_of(), tmp_path)
    assert not kept.items() & {(path, path.stat().st_mtime_ns) for path in kept}


def test_root_holds_the_same_events(
    simulate: Simulate, request_of: Callable[..., ProcessRequest], tmp_path: Path
) -> None:
    manifest = simulate(request_of(formats=("root", "parquet")), tmp_path)
    assert [file.path.split(".")[1] for file in manifest.files] == ["root"] * 3
    folder = tmp_path / "muons"
    for root, parquet in zip(manifest.files, manifest.copies, strict=True):
        columns = pq.read_schema(folder / parquet.path).names
        (one,) = (chunk for _, chunk in iterate_chunks(folder / root.path, columns))
        (two,) = (chunk for _, chunk in iterate_chunks(folder / parquet.path, columns))
        assert one.fields == two.fields == columns
        assert ak.array_equal(one, two, check_parameters=False), root.path


def test_events_without_weight_or_tracks_are_counted_though_not_written(
    request_of: Callable[..., ProcessRequest], muon_process: Process, simulate: Simulate, tmp_path: Path
) -> None:
    def open_nothing(*arguments: object) -> object:
        opened = muon_process.open(*arguments)  # type: ignore[arg-type]

        def source(n: int, random: np.random.Generator) -> object:
            particles = opened.source(n, random)
            return replace(particles, weight_fb=np.zeros(n))

        return replace(opened, source=source)

    request = replace(request_of(), process=replace(muon_process, open=open_nothing))
    manifest = simulate(request, tmp_path)
    assert (manifest.files, manifest.entries, manifest.generated_events) == ((), 0, 2500)
    assert (manifest.cross_section_fb, manifest.effective_events) == (0.0, 0.0)


@pytest.mark.parametrize("fault", ["nan", "fewer"])
def test_broken_generators_are_named(
    request_of: Callable[..., ProcessRequest], muon_process: Process, simulate: Simulate, tmp_path: Path, fault: str
) -> None:
    def open_broken(*arguments: object) -> object:
        opened = muon_process.open(*arguments)  # type: ignore[arg-type]

        def source(n: int, random: np.random.Generator) -> object:
            particles = opened.source(n, random)
            if fault == "nan":
                particles.weight_fb[3] = np.nan
                return particles
            return particles.select(np.arange(n - 1))

        return replace(opened, source=source)

    request = replace(request_of(), process=replace(muon_process, open=open_broken))
    with pytest.raises(EventContentError, match="not finite|another number") as caught:
        simulate(request, tmp_path)
    assert "muons(coupling=1.0, mass_gev=0.106), trials 0 to 1000" in str(caught.value.where)
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events": 0}, "positive number of events"),
        ({"seed": -1}, "0 or above"),
        ({"maximum_isr_fraction": 1.0}, "below 1"),
        ({"formats": ()}, "at most once"),
        ({"formats": ("csv",)}, "parquet, root"),
        ({"mass": 100.0}, "below half"),
    ],
)
def test_impossible_requests_are_refused(
    simulate: Simulate,
    request_of: Callable[..., ProcessRequest],
    tmp_path: Path,
    change: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(ConfigError) as caught:
        simulate(request_of(**change), tmp_path)
    assert message in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_damage_in_the_middle_of_generated_events_is_an_error_with_a_way_out(
    request_of: Callable[..., ProcessRequest], simulate: Simulate, tmp_path: Path
) -> None:
    simulate(request_of(measured=False), tmp_path)
    path = tmp_path / "muons" / "generated" / "particles_0000.parquet"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputFileError, match="cannot be read") as caught:
        list(generated_files.read_generated(path))
    assert "--force" in str(caught.value.next_step)


def test_the_detector_has_random_numbers_of_its_own_in_every_chunk(
    request_of: Callable[..., ProcessRequest], measure: Callable[..., object], tmp_path: Path
) -> None:
    drawn: list[float] = []

    def recording(particles: object, detector: object, random: np.random.Generator, *, forced: object) -> object:
        drawn.append(random.random())
        return measure(particles, detector, random, forced=forced)

    for name, options in (("a", {}), ("b", {"mass": 0.2}), ("c", {"seed": 8})):
        plan = plan_sample(request_of(**options), tmp_path / name)
        for piece in plan.pieces:
            make_piece(plan, piece, recording)
    assert len(drawn) == len(set(drawn)) == 9


def test_a_sample_that_is_made_anew_has_no_manifest_until_it_is_whole(
    simulate: Simulate, request_of: Callable[..., ProcessRequest], tmp_path: Path
) -> None:
    simulate(request_of(), tmp_path)

    def broken(*_: object, **__: object) -> object:
        raise EventContentError("no such luck")

    plan = plan_sample(request_of(seed=8), tmp_path, replace_other=True)
    begin_sample(plan)
    with pytest.raises(EventContentError, match="luck"):
        make_piece(plan, plan.pieces[0], broken)
    for folder in (tmp_path / "muons", tmp_path / "muons" / "generated"):
        with pytest.raises(InputFileError, match="no sample manifest"):
            read_manifest(folder)
    # the events generated before are used
    first = tmp_path / "muons" / "generated" / "particles_0000.parquet"
    time = first.stat().st_mtime_ns
    simulate(request_of(seed=8), tmp_path)
    assert first.stat().st_mtime_ns == time

"""Making the files of a sample one by one, anywhere, and finishing it with its manifests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from darkreach.errors import DarkreachError, OutputError
from darkreach.events.manifest import MANIFEST_NAME, SampleFile, SampleManifest, write_manifest
from darkreach.provenance import digest_file, digest_json, run_record
from darkreach.simulation.generated_files import (
    GENERATED_FOLDER,
    generated_path,
    reusable_sums,
    write_generated,
)
from darkreach.simulation.measured_files import Response, measured_path, write_measured
from darkreach.simulation.sample_pieces import SamplePiece
from darkreach.simulation.sample_plan import SamplePlan
from darkreach.simulation.weight_sums import WeightSums, added_sums


@dataclass(frozen=True)
class MadePiece:
    """One file of a sample at both levels.

    Attributes:
        piece: which trials.
        generated: sums over the generated events.
        measured: sums over the measured events; None if the detector was not simulated.
        digests: SHA-256 of the files by name: generated ones first, then one a format.
    """

    piece: SamplePiece
    generated: WeightSums
    measured: WeightSums | None
    digests: tuple[str, ...]


def begin_sample(plan: SamplePlan) -> None:
    """Take away the manifests of what is made anew: from here on the folder is in no state to be read.

    Raises:
        OutputError: the folder of the sample cannot be written.
    """
    try:
        (plan.folder / MANIFEST_NAME).unlink(missing_ok=True)
        (plan.folder / GENERATED_FOLDER / MANIFEST_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            "cannot write to the folder of the sample",
            where=str(plan.folder),
            given=str(error),
            next_step="choose another output folder with --out, or another --name",
        ) from error


def make_piece(plan: SamplePlan, piece: SamplePiece, response: Response) -> MadePiece:
    """Generate the events of a file, unless they are there, and measure them.

    Raises:
        DarkreachError: whatever went wrong.
    """
    request = plan.request
    path = generated_path(plan.folder, piece.index)
    generated = reusable_sums(path, piece.index, plan.generated_digest)
    if generated is None:
        stream = (request.seed, request.stream)
        source = request.open().source
        generated = write_generated(path, source, stream, piece, request.events, plan.generated_digest)
    digests, measured = [digest_file(path)], None
    if request.measured:
        targets = [(kind, measured_path(plan.folder, piece.index, kind)) for kind in request.formats]
        stream = (request.seed, f"{request.stream}/detector")
        measured = replace(
            write_measured(path, targets, request.detector, stream, response, request.forced), trials=piece.trials
        )
        digests += [digest_file(target) for _, target in targets]
    return MadePiece(piece, generated, measured, tuple(digests))


def finish_sample(plan: SamplePlan, made: Sequence[MadePiece]) -> SampleManifest:
    """Write the manifests of a sample all of whose files are there, and return the one asked for.

    Raises:
        DarkreachError: a file is missing.
    """
    if sorted(one.piece.index for one in made) != [piece.index for piece in plan.pieces]:
        raise DarkreachError("not all files of the sample were made", where=str(plan.folder))
    ordered = sorted(made, key=lambda one: one.piece.index)
    generated = added_sums(one.generated for one in ordered)
    names = [generated_path(Path(), one.piece.index).name for one in ordered]
    files = _files(names, ordered, [one.generated.entries for one in ordered], 0)
    settings = plan.request.generated_settings()
    folder = plan.folder / GENERATED_FOLDER
    manifest = _manifest(plan, generated, generated, files, settings, plan.generated_digest)
    _remove_leftovers(folder, "particles_*", manifest)
    write_manifest(folder, manifest)
    if not plan.request.measured:
        return manifest
    entries = [one.measured.entries if one.measured else 0 for one in ordered]
    measured = added_sums(one.measured for one in ordered if one.measured)
    by_format = [
        _files([measured_path(Path(), one.piece.index, kind).name for one in ordered], ordered, entries, place)
        for place, kind in enumerate(plan.request.formats, start=1)
    ]
    settings = plan.request.measured_settings()
    manifest = _manifest(plan, generated, measured, by_format[0], settings, plan.measured_digest)
    manifest = replace(manifest, copies=tuple(file for files in by_format[1:] for file in files))
    _remove_leftovers(plan.folder, "events_*", manifest)
    write_manifest(plan.folder, manifest)
    return manifest


def _files(names: Sequence[str], made: Sequence[MadePiece], entries: Sequence[int], place: int) -> list[SampleFile]:
    """Return the files with events; those without any leave their trials to the one before, or to the next."""
    files: list[SampleFile] = []
    waiting = 0
    for name, one, number in zip(names, made, entries, strict=True):
        trials = one.piece.trials
        if number:
            files.append(SampleFile(name, number, one.digests[place], generated_events=trials + waiting))
            waiting = 0
        elif files:
            files[-1] = replace(files[-1], generated_events=(files[-1].generated_events or 0) + trials)
        else:
            waiting += trials
    return files


def _manifest(
    plan: SamplePlan,
    generated: WeightSums,
    written: WeightSums,
    files: Sequence[SampleFile],
    settings: dict[str, Any],
    digest: str,
) -> SampleManifest:
    request = plan.request
    record = run_record(digest_json(settings), seeds={"simulation": request.seed}).as_dict()
    record |= {"request_digest": digest, "settings": settings, "identity": dict(plan.identity)}
    record["weights"] = {
        "largest_over_mean": written.largest_over_mean,
        "sum_fb": written.total,
        "sum_of_squares_fb2": written.squares,
    }
    generator = plan.identity.get("generator")
    return SampleManifest(
        sample=request.sample,
        process=request.process.title,
        kind=request.process.kind,
        parameters=dict(request.values),
        cross_section_fb=generated.total,
        cross_section_source=plan.cross_section_source,
        generated_events=generated.trials,
        weight_column="generatorWeight",
        luminosity_inverse_fb=None,
        seed=request.seed,
        generator=f"darkreach {record['darkreach']}" + (f", {generator}" if generator else ""),
        files=tuple(files),
        record=record,
        cross_section_error_fb=_error(plan, generated),
        effective_events=written.effective_events,
    )


def _error(plan: SamplePlan, generated: WeightSums) -> float:
    """Return the error of the cross-section, fb: that of the generator if it says one, else that of the weights."""
    file = plan.request.event_file
    return generated.error if file is None else file.summary.cross_section_error_fb or generated.error


def _remove_leftovers(folder: Path, pattern: str, manifest: SampleManifest) -> None:
    """Remove files of an earlier sample with more files or other formats, partial ones, and those without events."""
    listed = {file.path for file in (*manifest.files, *manifest.copies)}
    for path in (*folder.glob(f"{pattern}.*"), *folder.glob(f".*.partial.{pattern}")):
        if path.name not in listed:
            path.unlink()

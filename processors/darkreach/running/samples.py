"""Samples to run over: simulated ones described by their manifest, and plain ntuples of a user that have none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from darkreach.errors import InputFileError
from darkreach.events.manifest import SampleFile, SampleManifest, check_files, read_manifest
from darkreach.events.readers import open_events
from darkreach.provenance import digest_file
from darkreach.running.bad_files import BadFiles, DroppedFile, cannot_drop, drop_file

_SUFFIXES = (".parquet", ".root")


@dataclass(frozen=True)
class DataSample:
    """Ntuples of recorded events without a manifest.

    Attributes:
        name: unique name of the sample.
        path: one file, several files, or a folder of which all ROOT and Parquet files are read, in order of names.
        luminosity: fb^-1.
    """

    name: str
    path: Path | tuple[Path, ...]
    luminosity: float


@dataclass(frozen=True)
class OpenedSample:
    """A manifest and the folder its paths start from.

    Attributes:
        folder: where the paths of the manifest start.
        manifest: of the files that are used.
        bad_files: what to do about a file that cannot be used.
        dropped: files left out, already taken off the manifest.
        made_here: whether there was no manifest, so that this one was made from the files.
        not_compared: why nobody looked whether events come twice, in words; empty if they were compared or the files
            were written together.
    """

    folder: Path
    manifest: SampleManifest
    bad_files: BadFiles = "fail"
    dropped: tuple[DroppedFile, ...] = ()
    made_here: bool = False
    not_compared: str = ""

    @property
    def weight_factor(self) -> float:
        """Factor on the weights of simulated events, so that those left stand for the whole cross-section."""
        if self.manifest.weight_column is None or not self.dropped:
            return 1.0
        left = self.manifest.generated_events
        return (left + sum(file.generated_events or 0 for file in self.dropped)) / left

    def without(self, path: str, error: InputFileError) -> OpenedSample:
        """Return the sample without a bad file if that is wanted and possible.

        Raises:
            InputFileError: the error given if bad files end the run, or one that says why the file cannot be dropped.
        """
        if self.bad_files == "fail":
            raise error
        manifest, dropped = drop_file(self.manifest, path, error)
        return replace(self, manifest=manifest, dropped=(*self.dropped, dropped))


def open_samples(samples: Sequence[Path | DataSample], *, bad_files: BadFiles = "fail") -> list[OpenedSample]:
    """Read or make the manifest of every sample, and check that no file changed and none comes twice.

    Args:
        samples: folders with a manifest, or ntuples without one.
        bad_files: ``drop`` leaves out files that are missing or changed, where the manifest says what they carry.

    Raises:
        InputFileError: a file is missing, changed since its manifest was written, or a copy of another one; two samples
            have the same name; there is no sample.
    """
    opened = [
        _open_data(sample, bad_files) if isinstance(sample, DataSample) else _open_folder(sample, bad_files)
        for sample in samples
    ]
    if not opened:
        raise InputFileError("no samples to process", next_step="give the folder of at least one sample")
    _refuse_repeated_names(opened)
    _refuse_copies(opened)
    return opened


def _open_folder(path: Path, bad_files: BadFiles) -> OpenedSample:
    folder = path.parent if path.is_file() else path
    sample = OpenedSample(folder, read_manifest(path), bad_files)
    if bad_files == "fail":
        check_files(folder, sample.manifest)
        return sample
    # copies are never read: only the files themselves can be bad
    for file in sample.manifest.files:
        try:
            check_files(folder, replace(sample.manifest, files=(file,), copies=()))
        except InputFileError as error:
            sample = sample.without(file.path, error)
    return sample


def _open_data(sample: DataSample, bad_files: BadFiles) -> OpenedSample:
    if not sample.luminosity > 0.0:
        raise InputFileError(
            "luminosity of a data sample must be positive",
            where=sample.name,
            given=str(sample.luminosity),
            next_step="give it in fb^-1",
        )
    paths = _data_files(sample)
    folder = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    try:
        files = tuple(_describe(path, folder) for path in paths)
    except InputFileError as error:
        if bad_files == "fail":
            raise
        raise cannot_drop(sample.name, error, "luminosity_inverse_fb") from error
    manifest = SampleManifest(
        sample=sample.name,
        process="recorded events",
        kind="data",
        parameters={},
        cross_section_fb=None,
        cross_section_source="",
        generated_events=sum(file.entries for file in files),
        weight_column=None,
        luminosity_inverse_fb=sample.luminosity,
        seed=None,
        generator="",
        files=files,
    )
    return OpenedSample(folder, manifest, bad_files, made_here=True)


def _data_files(sample: DataSample) -> list[Path]:
    given = sample.path if isinstance(sample.path, tuple) else (sample.path,)
    paths: list[Path] = []
    for path in given:
        inside = sorted(one for one in path.iterdir() if one.suffix in _SUFFIXES) if path.is_dir() else [path]
        paths += inside
    if not paths:
        raise InputFileError(
            "no ntuples for this data sample",
            where=f"{sample.name}: {', '.join(map(str, given))}",
            allowed=" or ".join(_SUFFIXES),
            next_step="check the path of the data",
        )
    return paths


def _describe(path: Path, folder: Path) -> SampleFile:
    with open_events(path) as file:
        return SampleFile(str(path.absolute().relative_to(folder)), file.entries, digest_file(path))


def _refuse_repeated_names(samples: Sequence[OpenedSample]) -> None:
    folders: dict[str, Path] = {}
    for sample in samples:
        name = sample.manifest.sample
        if name in folders:
            raise InputFileError(
                f"two samples are called '{name}'",
                where=f"{folders[name]} and {sample.folder}",
                next_step="give each sample once, or rename one",
            )
        folders[name] = sample.folder


def _refuse_copies(samples: Sequence[OpenedSample]) -> None:
    seen: dict[str, Path] = {}
    for sample in samples:
        for file in sample.manifest.files:
            path = sample.folder / file.path
            if file.sha256 in seen:
                raise InputFileError(
                    "two files have the same content; their events would count twice",
                    where=f"{seen[file.sha256]} and {path}",
                    next_step="remove the copy",
                )
            seen[file.sha256] = path

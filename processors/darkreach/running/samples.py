"""Samples to run over: simulated ones described by their manifest, and plain ntuples of a user that have none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from darkreach.errors import InputFileError
from darkreach.events.manifest import SampleFile, SampleManifest, check_files, read_manifest
from darkreach.events.readers import open_events
from darkreach.provenance import digest_file

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
    """A manifest and the folder its paths start from."""

    folder: Path
    manifest: SampleManifest


def open_samples(samples: Sequence[Path | DataSample]) -> list[OpenedSample]:
    """Read or make the manifest of every sample, and check that no file changed and none comes twice.

    Raises:
        InputFileError: a file is missing, changed since its manifest was written, or a copy of another one; two samples
            have the same name; there is no sample.
    """
    opened = [_open_data(sample) if isinstance(sample, DataSample) else _open_folder(sample) for sample in samples]
    if not opened:
        raise InputFileError("no samples to process", next_step="give the folder of at least one sample")
    _refuse_repeated_names(opened)
    _refuse_copies(opened)
    return opened


def _open_folder(path: Path) -> OpenedSample:
    manifest = read_manifest(path)
    folder = path if path.is_dir() else path.parent
    check_files(folder, manifest)
    return OpenedSample(folder, manifest)


def _open_data(sample: DataSample) -> OpenedSample:
    if not sample.luminosity > 0.0:
        raise InputFileError(
            "luminosity of a data sample must be positive",
            where=sample.name,
            given=str(sample.luminosity),
            next_step="give it in fb^-1",
        )
    paths = _data_files(sample)
    folder = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    files = tuple(_describe(path, folder) for path in paths)
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
    return OpenedSample(folder, manifest)


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

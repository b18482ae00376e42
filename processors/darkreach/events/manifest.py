"""The sample manifest: what a folder of ntuples is, and how its weights become a rate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from darkreach.errors import InputFileError
from darkreach.provenance import digest_file, write_json

MANIFEST_NAME = "manifest.json"
FORMAT_VERSION = "darkreach-sample-1"


@dataclass(frozen=True)
class SampleFile:
    """One ntuple file of a sample.

    Attributes:
        path: relative to the manifest.
        entries: number of events written.
        sha256: of its bytes.
        generated_events: of simulated events, those that this file stands for; None if nobody wrote it down.
        luminosity_inverse_fb: of (pseudo-)data, what this file was recorded with, fb^-1; None likewise. A file can be
            left out of its sample only if one of the two is known.
    """

    path: str
    entries: int
    sha256: str
    generated_events: int | None = None
    luminosity_inverse_fb: float | None = None


@dataclass(frozen=True)
class SampleManifest:
    """Description of one sample, written beside its ntuples as ``manifest.json``.

    Attributes:
        sample: unique name, e.g. ``signal_1000MeV``.
        process: the physics process in words.
        kind: ``signal``, ``background``, ``pseudo_data`` or ``data``.
        parameters: plain numbers of the hypothesis; signals carry ``mass_gev`` and ``coupling``.
        cross_section_fb: cross-section of the generated volume; None for data.
        cross_section_source: formula or paper.
        generated_events: events generated, including those that left nothing in the detector.
        weight_column: column whose sum over *all generated* events is ``cross_section_fb * event_efficiency``; None
            for data. Its sum over the events of ``files`` times a luminosity is the number of events expected.
        luminosity_inverse_fb: integrated luminosity of (pseudo-)data; None for weighted samples.
        seed: seed of the random numbers; None for data.
        generator: name and version of the code that made it.
        files: the ntuples, in order; what a reader reads.
        record: provenance.
        event_efficiency: part of the weights that is no cross-section (trigger, vetoes); 1 if there is none.
        copies: the same events once more in another format; a reader never adds them to ``files``.
        cross_section_error_fb: statistical error of the cross-section; None if nobody wrote it down.
        effective_events: (sum w)^2 / sum w^2 over the events of ``files``; None likewise.
    """

    sample: str
    process: str
    kind: Literal["signal", "background", "pseudo_data", "data"]
    parameters: Mapping[str, float]
    cross_section_fb: float | None
    cross_section_source: str
    generated_events: int
    weight_column: str | None
    luminosity_inverse_fb: float | None
    seed: int | None
    generator: str
    files: tuple[SampleFile, ...]
    record: Mapping[str, Any] = field(default_factory=dict)
    event_efficiency: float = 1.0
    copies: tuple[SampleFile, ...] = ()
    cross_section_error_fb: float | None = None
    effective_events: float | None = None
    format: str = FORMAT_VERSION

    @property
    def entries(self) -> int:
        """Number of events written."""
        return sum(file.entries for file in self.files)


def write_manifest(folder: Path, manifest: SampleManifest) -> Path:
    """Write ``manifest.json`` into the folder of the sample and return its path."""
    path = folder / MANIFEST_NAME
    write_json(path, asdict(manifest))
    return path


def read_manifest(path: Path) -> SampleManifest:
    """Read a manifest from its file or its folder.

    Raises:
        InputFileError: the file is missing, is not a manifest, or is of another format version.
    """
    path = path / MANIFEST_NAME if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.get("format") != FORMAT_VERSION:
            raise InputFileError(
                "not a sample manifest of a known format",
                where=str(path),
                allowed=FORMAT_VERSION,
                given=str(content.get("format")),
                next_step="write the sample again with 'darkreach simulate'",
            )
        for key in ("files", "copies"):
            content[key] = tuple(SampleFile(**file) for file in content.get(key, ()))
        return SampleManifest(**content)
    except FileNotFoundError as error:
        raise InputFileError(
            "no sample manifest", where=str(path), next_step="run 'darkreach simulate' first, or give another folder"
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError) as error:
        raise InputFileError(
            "not a sample manifest", where=str(path), given=str(error), next_step="write the sample again"
        ) from error


def check_files(folder: Path, manifest: SampleManifest) -> None:
    """Compare the files of a sample with the digests of its manifest.

    Raises:
        InputFileError: a file is missing or its content changed since the manifest was written.
    """
    for file in (*manifest.files, *manifest.copies):
        path = folder / file.path
        if not path.is_file():
            raise InputFileError("file of the manifest is missing", where=str(path), next_step="simulate again")
        if digest_file(path) != file.sha256:
            raise InputFileError(
                "file changed since its manifest was written",
                where=str(path),
                allowed=f"SHA-256 {file.sha256[:16]}...",
                next_step="simulate the sample again, or restore the file",
            )

"""What is to be done for a sample of a process: nothing, all, or only the detector; others are never replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkreach.errors import ConfigError, InputFileError
from darkreach.events.manifest import MANIFEST_NAME, SampleManifest, check_files, read_manifest
from darkreach.provenance import digest_file
from darkreach.simulation.code_identity import generated_code, measured_code
from darkreach.simulation.generated_files import GENERATED_FOLDER
from darkreach.simulation.process_request import ProcessRequest, check_process_request, settings_digest
from darkreach.simulation.sample_pieces import SamplePiece, sample_pieces


@dataclass(frozen=True)
class SamplePlan:
    """A sample and what is left to do for it.

    Attributes:
        request: what was asked for.
        folder: of the sample.
        cross_section_source: formula or paper that the weights follow.
        identity: what else decides the generated events.
        generated_digest: identity of the generated events.
        measured_digest: identity of the measured events.
        pieces: files to make; none if the sample is finished.
        manifest: of a finished sample.
    """

    request: ProcessRequest
    folder: Path
    cross_section_source: str
    identity: Mapping[str, Any]
    generated_digest: str
    measured_digest: str
    pieces: tuple[SamplePiece, ...]
    manifest: SampleManifest | None = None

    @property
    def digest(self) -> str:
        """Identity of the sample that was asked for."""
        return self.measured_digest if self.request.measured else self.generated_digest

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of the sample that was asked for."""
        return self.request.measured_settings() if self.request.measured else self.request.generated_settings()


def sample_digest(request: ProcessRequest) -> str:
    """Return the identity of the measured events of a request: settings, what the process names, and the code.

    Raises:
        ConfigError: a value is outside of its range, or the process needs a package that is not installed.
    """
    return settings_digest(request.measured_settings(), request.open().identity, measured_code())


def plan_sample(request: ProcessRequest, out: Path, *, replace_other: bool = False) -> SamplePlan:
    """Look at what there is and return what is to be done; unfinished and damaged files count as not there.

    Args:
        request: which sample.
        out: folder of all samples.
        replace_other: whether a sample of the same name with other settings is replaced.

    Raises:
        ConfigError: the request makes no sense, or a sample of this name has other settings and is to be kept.
    """
    check_process_request(request)
    opened = request.open()
    folder = out / request.sample
    generated = settings_digest(request.generated_settings(), opened.identity, generated_code())
    measured = settings_digest(request.measured_settings(), opened.identity, measured_code())
    pieces = tuple(sample_pieces(request.events))
    plan = SamplePlan(request, folder, opened.cross_section_source, opened.identity, generated, measured, pieces)
    if not replace_other:
        _refuse_other_settings(folder, request.measured_settings())
        _refuse_other_settings(folder / GENERATED_FOLDER, request.generated_settings())
    place = folder if request.measured else folder / GENERATED_FOLDER
    manifest = _finished(place, plan.digest)
    if manifest is None:
        _remove_damaged(folder / GENERATED_FOLDER, generated)
        return plan
    return SamplePlan(request, folder, opened.cross_section_source, opened.identity, generated, measured, (), manifest)


def _manifest(folder: Path) -> SampleManifest | None:
    try:
        return read_manifest(folder)
    except (InputFileError, OSError):
        # not there, not one, or something else stands in its way: writing tells
        return None


def _finished(folder: Path, digest: str) -> SampleManifest | None:
    manifest = _manifest(folder)
    if manifest is None or manifest.record.get("request_digest") != digest:
        return None
    try:
        check_files(folder, manifest)
    except InputFileError:
        return None
    return manifest


def _refuse_other_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Refuse to replace a sample that somebody made with other settings; other code alone replaces it."""
    if not (folder / MANIFEST_NAME).is_file():
        return
    manifest = _manifest(folder)
    stored = None if manifest is None else manifest.record.get("settings")
    if stored == settings:
        return
    if not isinstance(stored, Mapping):
        different = "a manifest of another kind"
    else:
        names = [name for name in {**stored, **settings} if stored.get(name) != settings.get(name)]
        different = "; ".join(_difference(name, stored.get(name), settings.get(name)) for name in names)
    raise ConfigError(
        "a sample of this name was made with other settings",
        where=str(folder),
        given=different,
        next_step="choose another --out or --name, or replace it with --force"
        + ("; its generated events are used again" if _only_detector(stored, settings) else ""),
    )


def _only_detector(stored: Any, settings: Mapping[str, Any]) -> bool:
    if not isinstance(stored, Mapping):
        return False
    changed = [name for name in {**stored, **settings} if stored.get(name) != settings.get(name)]
    return all(name.startswith("detector.") or name == "formats" for name in changed)


def _difference(name: str, before: Any, now: Any) -> str:
    short = [_short(value) for value in (before, now)]
    return f"{name} was {short[0]}, is {short[1]}" if "..." not in short else f"{name} differs"


def _short(value: Any) -> str:
    text = "not there" if value is None else str(value)
    return text if len(text) <= 40 else "..."


def _remove_damaged(folder: Path, digest: str) -> None:
    """Remove files of generated events that are not what their manifest says; their own notes cannot tell."""
    manifest = _manifest(folder)
    if manifest is None or manifest.record.get("request_digest") != digest:
        return
    for file in manifest.files:
        path = folder / file.path
        if path.is_file() and digest_file(path) != file.sha256:
            path.unlink()

"""Simulating one sample: events into ntuples, then the manifest; finished samples are reused."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import InputFileError
from darkreach.events.manifest import MANIFEST_NAME, SampleManifest, check_files, read_manifest, write_manifest
from darkreach.provenance import digest_json, run_record
from darkreach.simulation.ntuple_block import ntuple_columns
from darkreach.simulation.pseudo_data_sample import write_pseudo_data_sample
from darkreach.simulation.sample_request import SampleRequest, check_request, request_digest
from darkreach.simulation.weighted_sample import write_weighted_sample
from darkreach.simulation.write_ntuples import NtupleFiles
from darkreach.simulation.written_sample import Progress, WrittenSample

_KIND: Final[dict[str, Literal["signal", "background", "pseudo_data"]]] = {
    "axion_signal": "signal",
    "three_photons": "background",
    "pseudo_data": "pseudo_data",
}
_PROCESS: Final = {
    "axion_signal": "e+e- -> gamma a, a -> gamma gamma",
    "three_photons": "e+e- -> gamma gamma gamma",
    "pseudo_data": "pseudo-data of e+e- -> gamma gamma gamma",
}
_CROSS_SECTION_SOURCE: Final = {
    "axion_signal": "alpha g^2/24 (1 - m^2/s)^3, averaged over the simulated collisions",
    "three_photons": "tree-level QED inside the generator cuts, averaged over the simulated collisions",
    "pseudo_data": "",
}


def simulate_sample(
    request: SampleRequest,
    config: AxionConfig,
    detector: DetectorConfig,
    out: Path,
    *,
    progress: Progress | None = None,
) -> SampleManifest:
    """Simulate one sample into ``out/<sample>``: ``events_0000.<format>``, ..., and at last ``manifest.json``.

    A finished sample of the same request, settings and code whose files are intact is returned as it is. Parquet
    files of equal requests have equal bytes. With several formats the files of the first one are ``files`` of the
    manifest, the others its ``copies``.

    Args:
        request: which sample.
        config: the search, whose simulation settings are used.
        detector: beams and photon response.
        out: folder of all samples.
        progress: called with the events done and their total.

    Raises:
        ConfigError: the request or the settings make no sense, or ask for too many pseudo-data events.
        OutputError: the folder cannot be written.
    """
    check_request(request)
    folder = out / request.sample
    finished = finished_sample(request, config, detector, out)
    if finished is not None:
        return finished
    # from here on the folder is in no state to be read
    (folder / MANIFEST_NAME).unlink(missing_ok=True)
    settings = config.simulation
    data = request.process == "pseudo_data"
    write = write_pseudo_data_sample if data else write_weighted_sample
    with NtupleFiles(folder, ntuple_columns(truth=not data), settings.formats, settings.file_entries) as files:
        written = write(request, settings, detector, files, progress or _silent)
        files.finish()
    record = run_record(_config_digest(config, detector), seeds={"simulation": request.seed}).as_dict()
    record["request_digest"] = request_digest(request, config, detector)
    manifest = _manifest(request, config, files, written, record)
    _remove_leftovers(folder, manifest)
    write_manifest(folder, manifest)
    return manifest


def _silent(_done: int, _total: int) -> None:
    return


def finished_sample(
    request: SampleRequest, config: AxionConfig, detector: DetectorConfig, out: Path
) -> SampleManifest | None:
    """Return the manifest of a sample in ``out`` if it is of this request and its files are intact, or None."""
    folder = out / request.sample
    try:
        manifest = read_manifest(folder)
        if manifest.record.get("request_digest") != request_digest(request, config, detector):
            return None
        check_files(folder, manifest)
    except InputFileError:
        # missing, truncated or changed: to be simulated again
        return None
    return manifest


def _config_digest(config: AxionConfig, detector: DetectorConfig) -> str:
    used = detector.model_dump(mode="json", include=set(config.detector_sections))
    return digest_json({"simulation": config.simulation.model_dump(mode="json"), "detector": used})


def _manifest(
    request: SampleRequest,
    config: AxionConfig,
    files: NtupleFiles,
    written: WrittenSample,
    record: dict[str, object],
) -> SampleManifest:
    settings = config.simulation
    data = request.process == "pseudo_data"
    first, *others = settings.formats
    return SampleManifest(
        sample=request.sample,
        process=_PROCESS[request.process],
        kind=_KIND[request.process],
        parameters=written.parameters,
        cross_section_fb=written.cross_section_fb,
        cross_section_source=_CROSS_SECTION_SOURCE[request.process],
        generated_events=written.generated_events,
        weight_column=None if data else "generatorWeight",
        luminosity_inverse_fb=request.luminosity_inverse_fb,
        seed=request.seed,
        generator=f"darkreach {record['darkreach']}",
        files=files.files(first, written.generated_events),
        record=record,
        event_efficiency=settings.event_efficiency.value,
        copies=tuple(file for name in others for file in files.files(name, written.generated_events)),
    )


def _remove_leftovers(folder: Path, manifest: SampleManifest) -> None:
    """Remove ntuples of an earlier run with more files or other formats, and partial files of a killed one."""
    listed = {file.path for file in (*manifest.files, *manifest.copies)}
    for pattern in ("events_*.parquet", "events_*.root", ".*.partial.events_*"):
        for path in folder.glob(pattern):
            if path.name not in listed:
                path.unlink()

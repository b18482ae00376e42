"""The processing stage: samples of a search in, its histograms out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from darkreach.configuration import DetectorConfig, SearchConfig
from darkreach.errors import InputFileError
from darkreach.events.manifest import SampleManifest
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES
from darkreach.histograms.search_histograms import SearchHistograms
from darkreach.provenance import run_record
from darkreach.running.execute import Progress, execute_plan
from darkreach.running.plan import plan_run
from darkreach.running.samples import DataSample, open_samples
from darkreach.searches.registry import search_processor

WEIGHT_COLUMN = "generatorWeight"


def process_samples(
    config: SearchConfig,
    detector: DetectorConfig,
    sample_folders: Sequence[Path | DataSample],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
    config_digest: str,
) -> SearchHistograms:
    """Fill the histograms of a search from its samples.

    Args:
        config: the search; its name chooses the processor.
        detector: beams for the boosts.
        sample_folders: folders with a manifest, or data samples, in the order the histograms list them.
        workers: local processes.
        scheduler: address of a running dask scheduler; overrides ``workers``.
        progress: called with (events done, events planned).
        config_digest: SHA-256 of the configuration, for the record.

    Raises:
        UnknownNameError: no search of this name.
        InputFileError, EventContentError, LedgerError, DarkreachError: as ``run_processor``.
    """
    processor = search_processor(config.search)(config, detector)
    opened = open_samples(sample_folders)
    manifests = {sample.manifest.sample: sample.manifest for sample in opened}
    for manifest in manifests.values():
        _check_weights(manifest)
    # one chunk size everywhere, so that equal inputs give equal bytes
    plan = plan_run(opened, processor.required_columns, chunk_entries=DEFAULT_CHUNK_ENTRIES)
    output, ledger = execute_plan(processor, plan, workers=workers, scheduler=scheduler, progress=progress)
    inputs = {f"{name}/{file.path}": file.sha256 for name, manifest in manifests.items() for file in manifest.files}
    record = run_record(config_digest, inputs=inputs)
    return SearchHistograms(config.search, output["histograms"], manifests, ledger, record.as_dict())


def _check_weights(manifest: SampleManifest) -> None:
    expected = WEIGHT_COLUMN if manifest.kind in ("signal", "background") else None
    if manifest.weight_column != expected:
        raise InputFileError(
            f"weights of a {manifest.kind} sample are in another column than this search reads",
            where=manifest.sample,
            allowed=str(expected),
            given=str(manifest.weight_column),
            next_step="write the sample again, or correct weight_column in its manifest",
        )

"""The processing stage: samples of a search in, its histograms out; planned first, kept item by item, resumable."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from darkreach.configuration import DetectorConfig, SearchConfig
from darkreach.errors import DarkreachError, InputFileError
from darkreach.events.manifest import SampleManifest
from darkreach.events.readers import DEFAULT_CHUNK_ENTRIES
from darkreach.histograms.search_histograms import LedgerEntry, SearchHistograms
from darkreach.provenance import run_record
from darkreach.running.bad_files import BadFiles, dropped_text
from darkreach.running.collect import Collection
from darkreach.running.execute import NEXT_STEP, Progress, Workplace, collect
from darkreach.running.identity import identity_of
from darkreach.running.ledger import checked_ledger, missing_items_error
from darkreach.running.plan import Plan, plan_run
from darkreach.running.plan_file import write_plan
from darkreach.running.result_store import ResultStore
from darkreach.running.samples import DataSample, OpenedSample, open_samples
from darkreach.running.shared_events import refuse_shared_events
from darkreach.running.work import ColumnarProcessor
from darkreach.searches.registry import search_processor

WEIGHT_COLUMN = "generatorWeight"

Notice = Callable[[str], None]
"""Told about stored results that cannot be used, files that are left out, and events that are not compared."""


def process_samples(
    config: SearchConfig,
    detector: DetectorConfig,
    sample_folders: Sequence[Path | DataSample],
    *,
    workplace: Workplace | None = None,
    progress: Progress | None = None,
    config_digest: str,
    folder: Path | None = None,
    resume: bool = False,
    bad_files: BadFiles = "fail",
    notice: Notice | None = None,
) -> SearchHistograms:
    """Fill the histograms of a search from its samples.

    Args:
        config: the search; its name chooses the processor.
        detector: beams for the boosts.
        sample_folders: folders with a manifest, or data samples, in the order the histograms list them.
        workplace: where events are processed; this process by default.
        progress: called with (events done, events planned).
        config_digest: SHA-256 of the configuration, for the record.
        folder: keeps the plan and the result of every item; None keeps nothing.
        resume: take results the folder has already, of unchanged code, configuration and files.
        bad_files: ``drop`` leaves out files that cannot be read, with what they carry.
        notice: told in words about results computed again and files left out.

    Raises:
        UnknownNameError: no search of this name.
        InputFileError, EventContentError, LedgerError, DarkreachError: as ``run_processor``; with a folder the other
            items are finished and kept first.
        OutputError: the folder cannot take the results.
    """
    processor = search_processor(config, detector)
    with ExitStack() as stack:
        if folder is None and bad_files == "drop":
            # a file found bad late changes the plan: what is done must not be lost
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        samples: Sequence[OpenedSample] = open_samples(sample_folders, bad_files=bad_files)
        while True:
            plan = plan_search(processor, samples, notice=notice)
            store = None if folder is None else open_store(folder, plan)
            collection = collect(
                processor,
                plan,
                workplace=workplace,
                progress=progress,
                store=store,
                reuse=resume,
                notice=notice,
            )
            if bad_files == "fail" or not collection.failures:
                break
            samples, resume = _without_bad_files(plan, collection), True
    if collection.failures:
        raise missing_items_error(plan, collection.failures, NEXT_STEP)
    ledger = checked_ledger(plan, collection.processed)
    if store is not None:
        store.forget_all_but(plan.items)
    return search_histograms(config.search, processor.postprocess(collection.output or {}), plan, ledger, config_digest)


def plan_search(processor: ColumnarProcessor, samples: Sequence[OpenedSample], *, notice: Notice | None = None) -> Plan:
    """Check the samples of a search and plan their events.

    Args:
        processor: of the search.
        samples: in the order of merging.
        notice: told of data nobody can check for events that come twice.

    Raises:
        InputFileError: weights in a column the search does not read, events that come twice, or as ``plan_run``.
    """
    checked = []
    for sample in samples:
        _check_weights(sample.manifest)
        checked.append(refuse_shared_events(sample))
        if checked[-1].not_compared and notice is not None:
            notice(
                f"events that come twice in sample '{sample.manifest.sample}' would not be noticed: "
                f"{checked[-1].not_compared}"
            )
    # one chunk size everywhere, so that equal inputs give equal bytes
    identity = identity_of(processor.identity())
    return plan_run(checked, processor.required_columns, chunk_entries=DEFAULT_CHUNK_ENTRIES, identity=identity)


def open_store(folder: Path, plan: Plan) -> ResultStore:
    """Write the plan into the folder of the processing stage and return the store of its results.

    Raises:
        OutputError: the folder cannot be written.
    """
    assert plan.identity is not None
    write_plan(folder, plan)
    store = ResultStore(folder, plan.identity)
    store.record_identity()
    return store


def search_histograms(
    search: str, output: dict[str, Any], plan: Plan, ledger: tuple[LedgerEntry, ...], config_digest: str
) -> SearchHistograms:
    """Put the merged output of a search together with its manifests and its record."""
    manifests = {sample.manifest.sample: sample.manifest for sample in plan.samples}
    inputs = {f"{name}/{file.path}": file.sha256 for name, manifest in manifests.items() for file in manifest.files}
    record = run_record(config_digest, inputs=inputs).as_dict()
    dropped = {one.manifest.sample: dropped_text(one.dropped) for one in plan.samples if one.dropped}
    if dropped:
        record["dropped_files"] = dropped
    not_compared = {one.manifest.sample: one.not_compared for one in plan.samples if one.not_compared}
    if not_compared:
        record["events_not_compared"] = not_compared
    return SearchHistograms(search, output["histograms"], manifests, ledger, record)


def _without_bad_files(plan: Plan, collection: Collection) -> list[OpenedSample]:
    """Return the samples without the files that could not be read.

    Raises:
        DarkreachError: an item failed for another reason than its file, or a file cannot be dropped.
    """
    others = {at: error for at, error in collection.failures.items() if not isinstance(error, InputFileError)}
    if others:
        raise missing_items_error(plan, others, NEXT_STEP)
    bad: dict[tuple[str, str], DarkreachError] = {}
    for position, error in sorted(collection.failures.items()):
        bad.setdefault((plan.items[position].sample, plan.items[position].file), error)
    samples = []
    for opened in plan.samples:
        sample = opened
        for (name, file), error in bad.items():
            if name == sample.manifest.sample and isinstance(error, InputFileError):
                sample = sample.without(file, error)
        samples.append(sample)
    return samples


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

"""Results on disk: the same bits again, and nothing trusted that is not whole and its own."""

from __future__ import annotations

import errno
import io
import pickle
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uhi.io.zip
from coffea.processor.accumulator import iadd

from darkreach.configuration import AxionConfig, DetectorConfig
from darkreach.errors import DarkreachError, InputFileError, OutputError
from darkreach.running import Plan, WorkItem, open_samples, plan_run
from darkreach.running import result_file as result_file_module
from darkreach.running.identity import Identity
from darkreach.running.result_store import ResultStore
from darkreach.running.work import WorkResult, process_item
from darkreach.searches import AxionToPhotons

IDENTITY = Identity("code", {"binning": "b", "corrections": "c"}, {"numpy": "2"})


@pytest.fixture(scope="module")
def processor(search_config: AxionConfig, detector_config: DetectorConfig) -> AxionToPhotons:
    return AxionToPhotons(search_config, detector_config)


@pytest.fixture(scope="module")
def plan(
    tmp_path_factory: pytest.TempPathFactory,
    processor: AxionToPhotons,
    photon_columns: Callable[..., dict[str, Any]],
    write_sample: Callable[..., Path],
) -> Plan:
    folder = tmp_path_factory.mktemp("samples")
    samples = [
        write_sample(folder / "signal", [photon_columns(500, 1)], "signal", mass=5.0),
        write_sample(folder / "background", [photon_columns(900, 2)], "background"),
    ]
    return plan_run(open_samples(samples), processor.required_columns, chunk_entries=400)


@pytest.fixture(scope="module")
def results(processor: AxionToPhotons, plan: Plan) -> list[WorkResult]:
    return [process_item(processor, item) for item in plan.items]


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "processing", IDENTITY)


def test_a_result_comes_back_bit_by_bit(store: ResultStore, plan: Plan, results: list[WorkResult]) -> None:
    for item, result in zip(plan.items, results, strict=True):
        assert store.read(item) is None
        store.write(item, result)
        again = store.read(item)
        assert again is not None
        assert again.processed == result.processed
        assert again.output == result.output
    assert not list(store.folder.rglob("*partial*"))


def test_stored_results_add_up_as_fresh_ones(store: ResultStore, plan: Plan, results: list[WorkResult]) -> None:
    """Categories of samples must still be able to grow."""
    loaded = []
    for item, result in zip(plan.items, results, strict=True):
        store.write(item, result)
        one = store.read(item)
        assert one is not None
        loaded.append(one)
    fresh = iadd(pickle.loads(pickle.dumps(results[0].output)), results[1].output)
    mixed = iadd(loaded[0].output, pickle.loads(pickle.dumps(results[1].output)))
    assert iadd(store.read(plan.items[0]).output, loaded[1].output) == fresh == mixed  # type: ignore[union-attr]
    assert set(fresh["histograms"]["cutflow"].axes[0]) == {"signal", "background"}


def test_equal_results_give_equal_bytes_readable_with_public_tools(
    store: ResultStore, plan: Plan, results: list[WorkResult]
) -> None:
    item = plan.items[0]
    store.write(item, results[0])
    first = store.path(item).read_bytes()
    store.write(item, results[0])
    assert store.path(item).read_bytes() == first
    with zipfile.ZipFile(store.path(item)) as archive:
        content = uhi.io.zip.read(archive, "histograms/cutflow")
    np.testing.assert_array_equal(
        content["storage"]["values"], results[0].output["histograms"]["cutflow"].view(flow=True)["value"]
    )


@pytest.mark.parametrize("damage", ["truncated", "one byte", "empty", "pickle", "other item", "other identity"])
def test_a_damaged_or_foreign_result_is_refused(
    store: ResultStore, plan: Plan, results: list[WorkResult], damage: str
) -> None:
    item, other = plan.items
    store.write(item, results[0])
    path = store.path(item)
    content = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "one byte":
        middle = len(content) // 3
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "pickle":
        path.write_bytes(pickle.dumps(results[0]))
    elif damage == "other item":
        store.write(other, results[1])
        shutil.copy(store.path(other), path)
    else:
        foreign = replace(store, identity=replace(IDENTITY, source="other"))
        foreign.write(item, results[0])
        shutil.copy(foreign.path(item), path)
    with pytest.raises(InputFileError, match="cannot be used"):
        store.read(item)


def test_arrays_of_objects_are_never_loaded(store: ResultStore, plan: Plan, results: list[WorkResult]) -> None:
    item = plan.items[0]
    store.write(item, WorkResult({"values": np.arange(3.0)}, results[0].processed))
    with zipfile.ZipFile(store.path(item)) as archive:
        metadata = archive.read("result.json")
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(store.path(item), "w") as archive:
        archive.writestr("result.json", metadata)
        archive.writestr("values.npy", buffer.getvalue())
    with pytest.raises(InputFileError, match="pickle"):
        store.read(item)


def test_output_that_is_no_data_is_refused(store: ResultStore, plan: Plan) -> None:
    with pytest.raises(OutputError, match=r"cannot be stored as data(.|\n)*names(.|\n)*set"):
        store.write(plan.items[0], WorkResult({"names": {"a"}}, (1,)))
    assert not store.path(plan.items[0]).exists()


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "no space left"), (errno.EROFS, "read-only"), (errno.EDQUOT, "quota")]
)
def test_a_full_or_read_only_disk_is_one_error_and_keeps_what_is_done(
    store: ResultStore,
    plan: Plan,
    results: list[WorkResult],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    words: str,
) -> None:
    store.write(plan.items[0], results[0])

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(number, "the disk says no")

    monkeypatch.setattr(result_file_module.uhi.io.zip, "write", full)
    with pytest.raises(OutputError, match=rf"{words}(.|\n)*--resume"):
        store.write(plan.items[1], results[1])
    monkeypatch.undo()
    assert store.read(plan.items[0]) is not None
    assert store.read(plan.items[1]) is None
    assert not list(store.folder.rglob("*partial*"))


def test_failures_are_counted_until_a_success(store: ResultStore, plan: Plan, results: list[WorkResult]) -> None:
    item = plan.items[0]
    for attempts in (1, 2):
        store.record_failure(item, DarkreachError("bad day", where="here"))
        failure = store.failure(item)
        assert failure is not None
        assert (failure.error, failure.attempts) == ("bad day (where: here)", attempts)
    store.write(item, results[0])
    assert store.failure(item) is None


def test_keys_follow_content_and_not_names(plan: Plan) -> None:
    item = plan.items[0]
    assert replace(item, path=Path("/elsewhere/a.root"), file="a.root").key == item.key
    changes: list[dict[str, Any]] = [
        {"sha256": "0" * 64},
        {"edges": (*item.edges[:-1], item.stop + 1)},
        {"columns": (*item.columns, "M")},
        {"metadata": (("kind", "background"),)},
        {"sample": "other"},
    ]
    keys = {replace(item, **change).key for change in changes} | {item.key}
    assert len(keys) == len(changes) + 1


def test_what_changed_is_named(store: ResultStore, plan: Plan, results: list[WorkResult]) -> None:
    item: WorkItem = plan.items[0]
    store.record_identity()
    store.write(item, results[0])
    later = replace(store, identity=Identity("new", {"binning": "x", "corrections": "y"}, {"numpy": "3"}))
    assert later.read(item) is None
    (identity,) = later.stale()[item.key]
    assert identity == IDENTITY
    assert later.identity.changes_since(IDENTITY) == (
        "source of the processor changed; corrections changed; configuration changed: binning; numpy changed: 2 to 3"
    )
    later.forget_all_but(plan.items)
    assert not store.path(item).exists()

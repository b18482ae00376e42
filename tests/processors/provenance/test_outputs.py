"""Atomic writing, digests and run records."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from darkreach.errors import DarkreachError, InputFileError, OutputError
from darkreach.provenance import atomic_path, digest_file, digest_json, run_record, source_digest, write_json


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def fail() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_in_place_of_a_folder_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_json(tmp_path / "file" / "a.json", {})


def test_nan_is_not_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not list(tmp_path.iterdir())


def test_digests_depend_on_content_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert digest_file(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_json({"a": [1, 2.5], "b": None}) == digest_json({"b": None, "a": [1, 2.5]})
    assert digest_json({"a": 1}) != digest_json({"a": 2})


def test_records_are_equal_for_equal_runs() -> None:
    assert run_record("digest", seeds={"a": 1}) == run_record("digest", seeds={"a": 1})
    assert json.dumps(run_record("digest").as_dict())
    assert len(source_digest()) == 64


def test_the_source_digest_is_the_same_in_another_process() -> None:
    words = [sys.executable, "-c", "from darkreach.provenance import source_digest; print(source_digest())"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == source_digest()


def test_errors_survive_the_way_between_processes() -> None:
    import pickle

    error = InputFileError("what", where="here", given="that")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is InputFileError
    assert str(copy) == str(error) == "what\n  where:   here\n  given:   that"
    assert isinstance(copy, DarkreachError)

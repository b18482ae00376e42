"""Provenance: atomic writing, content digests and the run record that every output carries."""

from darkreach.provenance.atomic_write import atomic_path, write_json, write_text
from darkreach.provenance.digest import digest_file, digest_json
from darkreach.provenance.run_record import RunRecord, git_hash, run_record
from darkreach.provenance.source import source_digest

__all__ = [
    "RunRecord",
    "atomic_path",
    "digest_file",
    "digest_json",
    "git_hash",
    "run_record",
    "source_digest",
    "write_json",
    "write_text",
]

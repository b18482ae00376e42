"""Patches share what they leave alone, change nothing they were given, and mean what the reference library means."""

from __future__ import annotations

import copy
import json

import jsonpatch
import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkreach.errors import WorkspaceError
from darkreach.sharing.patch_operations import patched

BEFORE = {"list": [1, [2, {"deep": [3, 4]}], "text"], "object": {"a/b": 1, "~": [5], "0": {"x": None}}, "number": 7}
KEYS = ["list", "object", "number", "0", "1", "2", "3", "00", "-1", "-", "deep", "a~1b", "~0", "x", "new", "", "²"]
POINTERS = st.lists(st.sampled_from(KEYS), max_size=4).map(lambda parts: "".join(f"/{part}" for part in parts))
VALUES = st.sampled_from([0, "v", None, [], {}, [8, [9]], {"x": {"y": []}}])
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "move", "copy", "test"]), "path": POINTERS},
    optional={"value": VALUES, "from": POINTERS},
)


def reference(operations):
    try:
        return jsonpatch.apply_patch(BEFORE, operations)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, AttributeError, KeyError):
        return WorkspaceError


@given(st.lists(OPERATIONS, max_size=5))
def test_same_result_as_the_reference_library(operations):
    given_operations, before = copy.deepcopy(operations), copy.deepcopy(BEFORE)
    expected = reference(copy.deepcopy(operations))
    if expected is WorkspaceError:
        with pytest.raises(WorkspaceError, match="does not apply"):
            patched(BEFORE, operations, "random")
    else:
        assert json.dumps(patched(BEFORE, operations, "random")) == json.dumps(expected)
    # neither the content nor the patch is changed, although the result shares their parts
    assert before == BEFORE
    assert operations == given_operations


def test_untouched_parts_are_shared():
    after = patched(BEFORE, [{"op": "add", "path": "/list/1/1/deep/-", "value": 5}], "one")
    assert after["object"] is BEFORE["object"]
    assert after["list"][1][1]["deep"] == [3, 4, 5]
    assert BEFORE["list"][1][1]["deep"] == [3, 4]


def test_a_value_changed_by_a_later_operation_stays_as_it_was_in_the_patch():
    value = {"inner": []}
    operations = [
        {"op": "add", "path": "/object/v", "value": value},
        {"op": "add", "path": "/object/v/inner/-", "value": 1},
    ]
    assert patched(BEFORE, operations, "two")["object"]["v"] == {"inner": [1]}
    assert value == {"inner": []}

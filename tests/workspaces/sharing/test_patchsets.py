from __future__ import annotations

import copy

import pyhf
import pytest

from darkreach.errors import UnknownNameError, WorkspaceError
from darkreach.sharing import apply_patch, apply_patches, read_patch, read_patchset, read_workspace, workspace_digest

PATH = "/channels/0/samples/-"


@pytest.fixture
def patchset(workspace, background_only):
    signal = workspace["channels"][0]["samples"][1]
    patches = [
        {"metadata": {"name": f"m{mass}", "values": [float(mass), 0.0], "cross_section_fb": 2.0 * mass},
         "patch": [{"op": "add", "path": PATH, "value": signal | {"data": [1.0 * mass, 2.0 * mass]}}]}
        for mass in (1, 2)
    ]  # fmt: skip
    metadata = {
        "digests": {"sha256": pyhf.utils.digest(background_only)},
        "labels": ["mass_gev", "ctau_cm"],
        "description": "for a test",
        "references": {"hepdata": "ins0000000"},
    }
    return {"metadata": metadata, "patches": patches, "version": "1.0.0"}


def test_hypotheses_are_what_pyhf_makes(background_only, patchset, write):
    read = read_patchset(write(patchset, "patchset.json"))
    hypotheses = apply_patches(background_only, read)
    assert [hypothesis.name for hypothesis in hypotheses] == ["m1", "m2"]
    for hypothesis in hypotheses:
        assert hypothesis.workspace == dict(pyhf.PatchSet(patchset).apply(background_only, hypothesis.name))
    assert hypotheses[1].values == {"mass_gev": 2.0, "ctau_cm": 0.0}
    assert hypotheses[1].meaning == {"cross_section_fb": 4.0}


def test_background_only_is_not_changed(background_only, patchset):
    before = copy.deepcopy(background_only)
    apply_patches(background_only, patchset)
    assert background_only == before


def test_names_choose_and_order(background_only, patchset):
    assert [h.name for h in apply_patches(background_only, patchset, ["m2", "m1"])] == ["m2", "m1"]
    with pytest.raises(UnknownNameError, match="unknown patch 'm3'"):
        apply_patches(background_only, patchset, ["m3"])


def test_edited_workspace_is_refused(background_only, patchset):
    background_only["observations"][0]["data"][0] += 1.0
    with pytest.raises(WorkspaceError, match="another background-only workspace") as caught:
        apply_patches(background_only, patchset)
    assert pyhf.utils.digest(background_only) in caught.value.given
    assert patchset["metadata"]["digests"]["sha256"] in caught.value.allowed
    assert "needs a new patchset" in caught.value.next_step


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_digests_are_those_of_pyhf(workspace, algorithm):
    workspace["channels"][0]["name"] = "Kanäle → μ"
    assert workspace_digest(workspace, algorithm) == pyhf.utils.digest(workspace, algorithm)
    with pytest.raises(WorkspaceError, match="unknown digest algorithm"):
        workspace_digest(workspace, "crc32")


def test_one_broken_patch_loses_no_other(background_only, patchset):
    patchset["patches"][0]["patch"][0]["path"] = "/channels/5/samples/-"
    broken = {}
    assert [h.name for h in apply_patches(background_only, patchset, broken=broken)] == ["m2"]
    assert broken["m1"].where == "patch m1: operation 0 (add /channels/5/samples/-)"
    with pytest.raises(WorkspaceError, match="does not apply"):
        apply_patches(background_only, patchset)


def test_unchanged_samples_are_shared(background_only, patchset):
    one, two = apply_patches(background_only, patchset)
    background = background_only["channels"][0]["samples"][0]
    assert one.workspace["channels"][0]["samples"][0] is background
    assert two.workspace["channels"][0]["samples"][0] is background


def test_a_sample_is_checked_again_in_a_channel_of_other_length(background_only, patchset):
    """The same object in two places is right in one of them only."""
    background = background_only["channels"][0]["samples"][0]
    other = {"name": "other", "samples": [{"name": "one_bin", "data": [1.0], "modifiers": []}, background]}
    operations = [
        {"op": "add", "path": "/channels/-", "value": other},
        {"op": "add", "path": "/observations/-", "value": {"name": "other", "data": [1.0]}},
    ]
    with pytest.raises(WorkspaceError, match="sample 'background' has another number of bins"):
        apply_patch(background_only, operations, name="broken")


def test_measurement_is_chosen_after_the_patch(background_only, patchset):
    other = {"name": "other", "config": {"poi": "k", "parameters": []}}
    operations = patchset["patches"][0]["patch"] + [
        {"op": "add", "path": "/measurements/-", "value": other},
        {"op": "add", "path": f"{PATH[:-1]}1/modifiers/-", "value": {"name": "k", "type": "normfactor", "data": None}},
    ]
    hypothesis = apply_patch(background_only, operations, name="two", measurement="other")
    assert hypothesis.workspace["measurements"] == [other]
    with pytest.raises(UnknownNameError, match="unknown measurement 'othr'") as caught:
        apply_patch(background_only, operations, name="two", measurement="othr")
    assert caught.value.next_step == "did you mean 'other'?"


def test_failing_operation_is_named(background_only, patchset):
    good = patchset["patches"][0]["patch"][0]
    with pytest.raises(WorkspaceError, match="does not apply") as caught:
        apply_patch(background_only, [good, {"op": "remove", "path": "/channels/7"}], name="broken")
    assert caught.value.where == "patch broken: operation 1 (remove /channels/7)"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/channels/zero/samples/-", "value": 1},
        {"op": "test", "path": "/version", "value": "0"},
        {"op": "replace", "path": "/nothing", "value": 1},
        {"op": "add", "path": "no slash", "value": 1},
        {"op": "nonsense", "path": "/version", "value": 1},
        {"op": "add", "path": "/version/deeper/still", "value": 1},
    ],
)
def test_every_kind_of_bad_operation(background_only, operation):
    with pytest.raises(WorkspaceError) as caught:
        apply_patch(background_only, [operation], name="broken")
    assert caught.value.where.startswith("patch broken: operation 0")


def test_result_must_be_a_workspace_with_a_signal(background_only):
    with pytest.raises(WorkspaceError, match="no modifier is called 'mu'") as caught:
        apply_patch(background_only, [], name="empty")
    assert caught.value.where.startswith("patch empty")
    with pytest.raises(WorkspaceError, match="'channels' is a required property"):
        apply_patch(background_only, [{"op": "remove", "path": "/channels"}], name="bare")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda p: p["metadata"].pop("digests"), "'digests' is a required property"),
        (lambda p: p["patches"][1]["metadata"].update(name="m 2"), "does not match"),
        (lambda p: p["patches"][1]["metadata"].update(name="m1"), "contradicts itself"),
        (lambda p: p["patches"][1]["metadata"].update(values=[1.0, 0.0]), "contradicts itself"),
        (lambda p: p["patches"][1]["metadata"].update(values=[1.0]), "contradicts itself"),
        (lambda p: p["patches"][1].update(patch=[{"op": "add", "path": "/a"}]), "not a valid pyhf patchset"),
    ],
)
def test_bad_patchset(patchset, write, change, what):
    change(patchset)
    with pytest.raises(WorkspaceError, match=what):
        read_patchset(write(patchset, "patchset.json"))


def test_bare_patch_and_patchset_are_told_apart(patchset, write):
    bare = write(patchset["patches"][0]["patch"], "patch.json")
    assert read_patch(bare) == patchset["patches"][0]["patch"]
    with pytest.raises(WorkspaceError, match="one bare JSON patch"):
        read_patchset(bare)
    with pytest.raises(WorkspaceError, match="not a valid pyhf jsonpatch"):
        read_patch(write(patchset, "patchset.json"))


def test_public_example_patchset(shared):
    folder = shared / "pyhf/tests/test_patchset"
    patchset = read_patchset(folder / "example_patchset.json")
    assert len(patchset["patches"]) == len(pyhf.PatchSet(patchset))


def test_public_sbottom_patch_builds_a_model(shared):
    folder = shared / "sbottom/RegionA"
    workspace = read_workspace(folder / "BkgOnly.json")
    patch = read_patch(folder / "patch.sbottom_1300_205_60.json")
    hypothesis = apply_patch(workspace, patch, name="sbottom_1300_205_60")
    model = pyhf.Workspace(hypothesis.workspace).model()
    assert model.config.poi_name == workspace["measurements"][0]["config"]["poi"]
    assert model.config.suggested_fixed()[model.config.poi_index] is False

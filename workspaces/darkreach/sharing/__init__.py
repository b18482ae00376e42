"""Sharing: reading anybody's pyhf workspaces and patchsets, checked, as hypotheses to test."""

from darkreach.sharing.digests import workspace_digest
from darkreach.sharing.hypothesis import BrokenHypothesis, Hypothesis
from darkreach.sharing.hypothesis_checks import check_parameter_of_interest
from darkreach.sharing.measurements import with_measurement
from darkreach.sharing.patchsets import apply_patch, apply_patches, read_patch, read_patchset
from darkreach.sharing.projection import projected
from darkreach.sharing.read_workspace import plain_hypothesis, read_workspace
from darkreach.sharing.strict_json import MAXIMUM_BYTES
from darkreach.sharing.suspicious_content import suspicious_content
from darkreach.sharing.workspace_checks import check_workspace

__all__ = [
    "MAXIMUM_BYTES",
    "BrokenHypothesis",
    "Hypothesis",
    "apply_patch",
    "apply_patches",
    "check_parameter_of_interest",
    "check_workspace",
    "plain_hypothesis",
    "projected",
    "read_patch",
    "read_patchset",
    "read_workspace",
    "suspicious_content",
    "with_measurement",
    "workspace_digest",
]

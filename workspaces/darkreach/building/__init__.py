"""Building: histograms of a search become a pyhf workspace and a patchset of signals."""

from darkreach.building.mass_grid import hypothesis_name, mass_grid, mass_resolution, region_of
from darkreach.building.signal_morphing import (
    SignalMorphing,
    anchor_cross_section,
    read_signal_morphing,
    signal_manifests,
)
from darkreach.building.workspace_builder import SearchWorkspace, build_workspace
from darkreach.building.write_workspace import patchset_text, write_workspace

__all__ = [
    "SearchWorkspace",
    "SignalMorphing",
    "anchor_cross_section",
    "build_workspace",
    "hypothesis_name",
    "mass_grid",
    "mass_resolution",
    "patchset_text",
    "read_signal_morphing",
    "region_of",
    "signal_manifests",
    "write_workspace",
]

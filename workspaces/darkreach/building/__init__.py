"""Building: histograms of a search become a pyhf workspace and a patchset of signals."""

from darkreach.building.mass_grid import hypothesis_name, mass_grid, mass_resolution, region_of, regions_of
from darkreach.building.plane_workspace import build_plane_workspace
from darkreach.building.signal_anchors import anchor_cross_section, signal_manifests
from darkreach.building.signal_morphing import SignalMorphing, read_signal_morphing
from darkreach.building.workspace_builder import SearchWorkspace, build_workspace
from darkreach.building.write_workspace import patchset_text, write_workspace

__all__ = [
    "SearchWorkspace",
    "SignalMorphing",
    "anchor_cross_section",
    "build_plane_workspace",
    "build_workspace",
    "hypothesis_name",
    "mass_grid",
    "mass_resolution",
    "patchset_text",
    "read_signal_morphing",
    "region_of",
    "regions_of",
    "signal_manifests",
    "write_workspace",
]

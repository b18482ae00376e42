"""Building: histograms of a search become a pyhf workspace and a patchset of signals."""

from darkreach.building.displaced_checks import check_displaced_settings
from darkreach.building.displaced_efficiencies import (
    DisplacedEfficiencies,
    WindowEfficiency,
    read_displaced_efficiencies,
)
from darkreach.building.displaced_points import displaced_name
from darkreach.building.displaced_rates import DisplacedRates
from darkreach.building.displaced_workspace import build_displaced_workspace
from darkreach.building.mass_grid import hypothesis_name, mass_grid, mass_resolution, region_of, regions_of
from darkreach.building.plane_workspace import build_plane_workspace
from darkreach.building.signal_anchors import anchor_cross_section, signal_manifests
from darkreach.building.signal_morphing import SignalMorphing, read_signal_morphing
from darkreach.building.workspace_builder import SearchWorkspace, build_workspace
from darkreach.building.write_workspace import patchset_text, write_workspace

__all__ = [
    "DisplacedEfficiencies",
    "DisplacedRates",
    "SearchWorkspace",
    "SignalMorphing",
    "WindowEfficiency",
    "anchor_cross_section",
    "build_displaced_workspace",
    "build_plane_workspace",
    "build_workspace",
    "check_displaced_settings",
    "displaced_name",
    "hypothesis_name",
    "mass_grid",
    "mass_resolution",
    "patchset_text",
    "read_displaced_efficiencies",
    "read_signal_morphing",
    "region_of",
    "regions_of",
    "signal_manifests",
    "write_workspace",
]

"""HistFactory likelihoods as flat arrays: compiled from pyhf workspaces, evaluated with exact derivatives, fitted."""

from __future__ import annotations

from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.likelihood.compile_workspaces import (
    PackedWorkspaces,
    WorkspaceCompiler,
    compile_workspaces,
    pack_workspaces,
)
from darkreach.likelihood.model_arrays import CompiledModel, Dataset, ModelArrays, allocate_scratch, observed_dataset
from darkreach.likelihood.packed_models import PackedModels, pack_models
from darkreach.likelihood.scan_models import ScanModels, scan_models
from darkreach.likelihood.signal_scan import SignalScan, add_signal, scan_workspace

__all__ = [
    "CompiledModel",
    "Dataset",
    "ModelArrays",
    "PackedModels",
    "PackedWorkspaces",
    "ScanModels",
    "SignalScan",
    "WorkspaceCompiler",
    "add_signal",
    "allocate_scratch",
    "compile_workspace",
    "compile_workspaces",
    "observed_dataset",
    "pack_models",
    "pack_workspaces",
    "scan_models",
    "scan_workspace",
]

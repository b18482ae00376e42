"""HistFactory likelihoods as flat arrays: compiled from pyhf workspaces, evaluated with exact derivatives, fitted."""

from __future__ import annotations

from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.likelihood.model_arrays import CompiledModel, Dataset, ModelArrays, allocate_scratch, observed_dataset

__all__ = ["CompiledModel", "Dataset", "ModelArrays", "allocate_scratch", "compile_workspace", "observed_dataset"]

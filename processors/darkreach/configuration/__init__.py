"""Configuration: YAML files with line-numbered errors, read into frozen models."""

from darkreach.configuration.detector import BeamsConfig, DetectorConfig, PhotonResponseConfig
from darkreach.configuration.document import read_config
from darkreach.configuration.locate import config_path, known_configs, shipped_folder
from darkreach.configuration.quantities import Quantity, Range, Section, UnverifiedNumber, unverified_numbers
from darkreach.configuration.search import (
    BinningSettings,
    CouplingSettings,
    Observable,
    PhotonEfficiencyVariation,
    Preset,
    RegionSettings,
    SearchConfig,
    SelectionSettings,
    SimulationSettings,
    VariationSettings,
    WorkspaceSettings,
)
from darkreach.configuration.validation import ValidationConfig

__all__ = [
    "BeamsConfig",
    "BinningSettings",
    "CouplingSettings",
    "DetectorConfig",
    "Observable",
    "PhotonEfficiencyVariation",
    "PhotonResponseConfig",
    "Preset",
    "Quantity",
    "Range",
    "RegionSettings",
    "SearchConfig",
    "Section",
    "SelectionSettings",
    "SimulationSettings",
    "UnverifiedNumber",
    "ValidationConfig",
    "VariationSettings",
    "WorkspaceSettings",
    "config_path",
    "known_configs",
    "read_config",
    "shipped_folder",
    "unverified_numbers",
]

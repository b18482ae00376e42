"""Configuration: YAML files with line-numbered errors, read into frozen models."""

from darkreach.configuration.axion_to_photons import (
    AxionConfig,
    PhotonBinning,
    PhotonEfficiencyVariation,
    PhotonRegion,
    ThreePhotonCuts,
    ThreePhotonPreset,
    ThreePhotonSimulation,
)
from darkreach.configuration.detector import BeamsConfig, DetectorConfig, PhotonResponseConfig
from darkreach.configuration.document import read_chosen_config, read_config
from darkreach.configuration.locate import config_path, known_configs, shipped_folder
from darkreach.configuration.quantities import Quantity, Range, Section, UnverifiedNumber, unverified_numbers
from darkreach.configuration.recoil_search import RecoilRegion, RecoilSearchConfig
from darkreach.configuration.search import (
    BackgroundGroup,
    BinningSettings,
    ControlSettings,
    CouplingSettings,
    FlatBackground,
    LikelihoodSettings,
    MassPreset,
    MassScanConfig,
    Preset,
    RegionSettings,
    SearchConfig,
    SimulationSettings,
    VariationSettings,
    WorkspaceSettings,
)
from darkreach.configuration.validation import ValidationConfig

__all__ = [
    "AxionConfig",
    "BackgroundGroup",
    "BeamsConfig",
    "BinningSettings",
    "ControlSettings",
    "CouplingSettings",
    "DetectorConfig",
    "FlatBackground",
    "LikelihoodSettings",
    "MassPreset",
    "MassScanConfig",
    "PhotonBinning",
    "PhotonEfficiencyVariation",
    "PhotonRegion",
    "PhotonResponseConfig",
    "Preset",
    "Quantity",
    "Range",
    "RecoilRegion",
    "RecoilSearchConfig",
    "RegionSettings",
    "SearchConfig",
    "Section",
    "SimulationSettings",
    "ThreePhotonCuts",
    "ThreePhotonPreset",
    "ThreePhotonSimulation",
    "UnverifiedNumber",
    "ValidationConfig",
    "VariationSettings",
    "WorkspaceSettings",
    "config_path",
    "known_configs",
    "read_chosen_config",
    "read_config",
    "shipped_folder",
    "unverified_numbers",
]

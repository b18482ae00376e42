"""Corrections and systematics as data: correctionlib payloads with their meaning, importers, and normalisation."""

from darkreach.corrections.candidate_rows import CandidateRows, candidate_rows
from darkreach.corrections.contracts import CorrectionDescription, CorrectionFile, Nuisance, ShiftedQuantity
from darkreach.corrections.correction import Correction, Coverage
from darkreach.corrections.correction_set import Corrections, require_inside
from darkreach.corrections.data_luminosity import DataLuminosity, data_luminosity
from darkreach.corrections.eigen_variations import EigenVariations, eigen_variations
from darkreach.corrections.event_weights import (
    EventWeights,
    cross_section_weights,
    sampled_counts,
    simulated_luminosity,
)
from darkreach.corrections.grid_payload import ImportedCorrection, ImportSettings
from darkreach.corrections.luminosity_table import (
    IntegratedLuminosity,
    LuminosityTable,
    read_luminosity_table,
    runs_of,
)
from darkreach.corrections.payload import read_payload
from darkreach.corrections.read_corrections import described_correction, read_corrections
from darkreach.corrections.systematics_table import import_systematics_table
from darkreach.corrections.sysvar_table import import_sysvar_table
from darkreach.corrections.sysvar_yaml import import_sysvar_yaml

__all__ = [
    "CandidateRows",
    "Correction",
    "CorrectionDescription",
    "CorrectionFile",
    "Corrections",
    "Coverage",
    "DataLuminosity",
    "EigenVariations",
    "EventWeights",
    "ImportSettings",
    "ImportedCorrection",
    "IntegratedLuminosity",
    "LuminosityTable",
    "Nuisance",
    "ShiftedQuantity",
    "candidate_rows",
    "cross_section_weights",
    "data_luminosity",
    "described_correction",
    "eigen_variations",
    "import_systematics_table",
    "import_sysvar_table",
    "import_sysvar_yaml",
    "read_corrections",
    "read_luminosity_table",
    "read_payload",
    "require_inside",
    "runs_of",
    "sampled_counts",
    "simulated_luminosity",
]

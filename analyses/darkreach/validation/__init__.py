"""Validation: the simulation checked against formulas, other generators and known resolutions."""

from darkreach.validation.check_result import CheckResult
from darkreach.validation.page import number_table, write_validation
from darkreach.validation.validate import Validation, validate_simulation

__all__ = ["CheckResult", "Validation", "number_table", "validate_simulation", "write_validation"]

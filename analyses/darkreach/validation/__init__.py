"""Validation: the simulation checked against formulas, other generators and known resolutions."""

from darkreach.validation.check_result import CheckResult
from darkreach.validation.page import write_validation
from darkreach.validation.validate import Validation, validate_simulation

__all__ = ["CheckResult", "Validation", "validate_simulation", "write_validation"]

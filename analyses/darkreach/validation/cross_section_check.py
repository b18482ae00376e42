"""The mean weight of a process against its cross-section."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from darkreach.configuration import ValidationConfig
from darkreach.configuration.validation import CrossSectionCheck
from darkreach.validation.check_result import CheckResult
from darkreach.validation.generated_sample import generated_chunks

FEMTOBARNS: Final = {"fb": 1.0, "pb": 1e3, "nb": 1e6}
"""Size of the units a reference may have."""


def check_cross_section(check: CrossSectionCheck, config: ValidationConfig) -> CheckResult:
    """Generate the events and compare their mean weight, in the unit of the reference.

    Raises:
        ConfigError: the process cannot be generated as configured.
    """
    unit = FEMTOBARNS[check.reference.unit]
    weights = np.concatenate([part.weight_fb for part in generated_chunks(check, config)]) / unit
    total, squared = math.fsum(weights), math.fsum(weights**2)
    mean = total / len(weights)
    variance = max(squared / len(weights) - mean**2, 0.0)
    return CheckResult(
        name=check.name,
        group="cross-section",
        process=check.process,
        unit=check.reference.unit,
        computed=mean,
        error=math.sqrt(variance / len(weights)),
        reference=check.reference.value,
        source=check.reference.source,
        tolerance=check.tolerance,
        effective_events=total**2 / squared if squared > 0.0 else 0.0,
    )

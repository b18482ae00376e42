"""Where Python enters the compiled kernel: arrays come in as tuples and go on as structures. Imports numba."""

from __future__ import annotations

from darkreach.likelihood.model_arrays import Dataset, FloatArray, ModelArrays, allocate_scratch
from darkreach.likelihood.numba_structures import model_structure, scratch_structure
from darkreach.limits.asymptotic_kernel import LimitNumbers, asymptotic_limits


def enter_asymptotic_limits(
    model: ModelArrays,
    data: Dataset,
    targets: FloatArray,
    log_levels: FloatArray,
    numbers: LimitNumbers,
) -> None:
    """Call ``asymptotic_limits`` with structures in place of the large tuples, and with work space of its own."""
    asymptotic_limits(
        model_structure(*model),
        data,
        targets,
        log_levels,
        scratch_structure(*allocate_scratch(model)),
        scratch_structure(*allocate_scratch(model)),
        numbers,
    )

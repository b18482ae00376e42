"""How many background events a likelihood expects under its signal."""

from __future__ import annotations

import numpy as np

from darkreach.likelihood.model_arrays import CompiledModel, FloatArray, allocate_scratch, observed_dataset
from darkreach.likelihood.reference_likelihood import evaluate
from darkreach.limits.method_choice import effective_background


def background_under_signal(model: CompiledModel, background_fit: FloatArray, strength: float) -> float:
    """Return the effective number of background events of a likelihood (``effective_background``).

    Args:
        model: the likelihood.
        background_fit: shape (P,), parameters of the fit without signal.
        strength: signal strength of the order of the limit.
    """
    arrays, scratch = model.arrays, allocate_scratch(model.arrays)
    theta, data = background_fit.copy(), observed_dataset(arrays)
    theta[arrays.poi[0]] = 0.0
    with np.errstate(all="ignore"):
        evaluate(arrays, data, theta, scratch)
        background, gamma = scratch.rate.copy(), scratch.gamma.copy()
        theta[arrays.poi[0]] = 1.0
        evaluate(arrays, data, theta, scratch)
    return effective_background(background, scratch.plain + gamma * scratch.scaled - background, strength)

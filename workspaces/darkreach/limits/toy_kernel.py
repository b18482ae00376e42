"""Fits of pseudo-experiments (toys): many data sets of one likelihood in a call, without the global lock."""

from __future__ import annotations

from typing import NamedTuple

from darkreach.likelihood.lowest_minimum import find_mirrors, lowest_minimum
from darkreach.likelihood.model_arrays import Dataset, FloatArray, IndexArray, allocate_scratch
from darkreach.likelihood.packed_models import PackedModels, unpack_model


class ToyFits(NamedTuple):
    """Data sets and their fits; N data sets, P parameters, B bins.

    Attributes:
        counts: shape (N, B), events.
        centres: shape (N, P), auxiliary data of the parameters.
        gamma_centres: shape (N, B), auxiliary data of the gammas.
        theta: shape (N, P), start values; best-fit values on return.
        fallback: shape (P,), other start values, but for the signal strength of conditional fits.
        value: shape (N,), minimum of the negative log-likelihood.
        status: shape (N,), status of each fit.
    """

    counts: FloatArray
    centres: FloatArray
    gamma_centres: FloatArray
    theta: FloatArray
    fallback: FloatArray
    value: FloatArray
    status: IndexArray


def enter_toy_fits(packed: PackedModels, strength: float, stiffness: float, fits: ToyFits) -> None:
    """Fit every data set, at a fixed signal strength or, where that is negative, freely.

    Args:
        packed: one likelihood.
        strength: signal strength of conditional fits; negative for free fits.
        stiffness: keeps rates of bins without events from becoming negative.
        fits: data and start values; receives the results.
    """
    model = unpack_model(packed, 0)
    scratch = allocate_scratch(model)
    scratch.stiffness[0] = stiffness
    poi = model.poi[0]
    mirrors = find_mirrors(model, scratch)
    held = model.held if strength < 0.0 else scratch.held
    for toy in range(fits.value.size):
        data = Dataset(fits.counts[toy], fits.centres[toy], fits.gamma_centres[toy])
        theta = fits.theta[toy]
        if strength >= 0.0:
            theta[poi] = strength
        status, value = lowest_minimum(model, data, theta, fits.fallback, held, mirrors, scratch)
        fits.status[toy], fits.value[toy] = status, value

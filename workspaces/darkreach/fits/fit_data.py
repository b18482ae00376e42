"""Data of fits: observed, Asimov, or pseudo-data of a background."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from darkreach.errors import ConfigError
from darkreach.fits.fit_model import FitModel
from darkreach.likelihood import Dataset, allocate_scratch
from darkreach.likelihood.model_arrays import POISSON, UNCONSTRAINED, FloatArray
from darkreach.likelihood.reference_likelihood import evaluate

DataChoice: TypeAlias = Literal["observed", "asimov"]
"""Observed data, or the expectation at the declared start values (without a fit, auxiliary data as declared)."""


def choose_data(model: FitModel, data: DataChoice, poi: float | None = None) -> Dataset:
    """Return observed data, or the Asimov data of the nominal model.

    Args:
        model: the likelihood.
        data: which.
        poi: parameter of interest of the Asimov data; None for its start value.

    Raises:
        ConfigError: neither of the two, or a strength for observed data.
    """
    if data not in ("observed", "asimov"):
        raise ConfigError("unknown data", given=repr(data), allowed="observed, asimov", next_step="choose one of them")
    if data == "observed":
        return model.observed
    return asimov_data(model, *nominal_point(model, poi))


def nominal_point(model: FitModel, poi: float | None = None) -> tuple[FloatArray, FloatArray]:
    """Return theta and gammas as declared: where their auxiliary data put them, or else at the start values."""
    arrays = model.arrays
    theta, gammas = arrays.initial.copy(), np.ones(arrays.counts.size)
    for parameter in model.parameters:
        if parameter.bin >= 0:
            gammas[parameter.bin] = parameter.centre
        elif parameter.constraint in ("normal", "poisson"):
            theta[parameter.theta] = parameter.centre
    if poi is not None:
        theta[arrays.poi[0]] = poi
    return theta, gammas


def expected_events(model: FitModel, theta: FloatArray, gammas: FloatArray) -> FloatArray:
    """Return the expected events of each bin at any parameters."""
    scratch = allocate_scratch(model.arrays)
    with np.errstate(all="ignore"):
        evaluate(model.arrays, model.observed, theta, scratch)
    rates: FloatArray = scratch.plain + gammas * scratch.scaled
    return rates


def auxiliary_data(model: FitModel, theta: FloatArray, gammas: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the expected auxiliary data of theta and of the gammas."""
    arrays = model.arrays
    centre = np.where(arrays.constraint == POISSON, theta * arrays.width, theta)
    gamma_centre = np.where(arrays.gamma_constraint == POISSON, gammas * arrays.gamma_width, gammas)
    # without a constraint, or held, the entry is not read
    unread = (arrays.constraint == UNCONSTRAINED) | (arrays.held == 1)
    return (
        np.where(unread, arrays.centre, centre),
        np.where(arrays.gamma_constraint == UNCONSTRAINED, arrays.gamma_centre, gamma_centre),
    )


def asimov_data(model: FitModel, theta: FloatArray, gammas: FloatArray) -> Dataset:
    """Return the expected main and auxiliary data at any parameters; rates below zero are those of empty bins."""
    return Dataset(np.maximum(expected_events(model, theta, gammas), 0.0), *auxiliary_data(model, theta, gammas))

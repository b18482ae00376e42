"""Pseudo-data of a likelihood: events and auxiliary data thrown around a fitted point, by seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkreach.fits.fit_model import FitModel
from darkreach.fits.postfit import PostFit
from darkreach.likelihood import Dataset
from darkreach.likelihood.model_arrays import NORMAL, POISSON, FloatArray, IndexArray


def throw_toys(model: FitModel, point: PostFit, toys: Sequence[int], seed: int) -> list[Dataset]:
    """Return pseudo-data around a fitted point; a toy of a number and seed is the same whatever others are thrown.

    Args:
        model: the likelihood.
        point: where the parameters are.
        toys: numbers of the toys.
        seed: of all toys.
    """
    return [_throw(model, point, np.random.default_rng([seed, toy])) for toy in toys]


def _throw(model: FitModel, point: PostFit, random: np.random.Generator) -> Dataset:
    arrays = model.arrays
    kinds = np.where(arrays.held == 1, 0, arrays.constraint)
    return Dataset(
        random.poisson(np.maximum(point.rates, 0.0)).astype(np.float64),
        _auxiliary(random, kinds, point.theta, arrays.centre, arrays.width),
        _auxiliary(random, arrays.gamma_constraint, point.gammas, arrays.gamma_centre, arrays.gamma_width),
    )


def _auxiliary(
    random: np.random.Generator, kinds: IndexArray, values: FloatArray, centre: FloatArray, width: FloatArray
) -> FloatArray:
    thrown = centre.copy()
    normal, poisson = kinds == NORMAL, kinds == POISSON
    thrown[normal] = random.normal(values[normal], width[normal])
    thrown[poisson] = random.poisson(np.maximum(values * width, 0.0)[poisson])
    return thrown

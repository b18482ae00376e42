"""Suppression of tau pairs by transverse momenta, with coefficients that follow the recoil mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from darkreach.configuration.two_leptons import TauSuppression
from darkreach.searches.lepton_kinematics import PairKinematics

Floats = NDArray[np.float64]


def passes_suppression(kinematics: PairKinematics, suppression: TauSuppression | None) -> NDArray[np.bool_]:
    """Return which pairs (k,) pass; all if there is no suppression. A negative squared mass counts as zero.

    A cut on one variable is a discriminant with one coefficient. That of the recoil against the faster lepton is at
    most m_tau for tau pairs without radiation: each lepton has at most m_tau/2 across its tau.
    """
    if suppression is None:
        return np.ones(len(kinematics.recoil_mass_squared), dtype=np.bool_)
    mass = np.sqrt(np.maximum(kinematics.recoil_mass_squared, 0.0))
    knots = np.array(suppression.knots)
    faster, slower, pair, threshold = (np.interp(mass, knots[:, 0], knots[:, column]) for column in range(1, 5))
    value = faster * kinematics.against_faster + slower * kinematics.against_slower + pair * kinematics.pair_transverse
    return np.asarray(value > threshold)

"""Fits: best fit with errors, pulls, impacts, scans, significances and goodness of fit of any pyhf workspace."""

from darkreach.fits.best_fit import fit
from darkreach.fits.discovery import DiscoverySignificance, discovery_significance
from darkreach.fits.fit_data import DataChoice
from darkreach.fits.fit_model import FitModel, FitTarget, Parameter, fit_model
from darkreach.fits.global_significance import GlobalSignificance, global_significance
from darkreach.fits.goodness_of_fit import GoodnessOfFit, chi_square_goodness, goodness_of_fit
from darkreach.fits.impacts import GroupImpact, Impact, Impacts, impacts
from darkreach.fits.joint_background import JointBackground, joint_background
from darkreach.fits.profile_scan import ProfileScan, scan
from darkreach.fits.pulls import Pull, pulls
from darkreach.fits.results import FitResult, FittedParameter
from darkreach.fits.upcrossings import ExpectedUpcrossings, GlobalPValue, expected_upcrossings, global_p_value

__all__ = [
    "DataChoice",
    "DiscoverySignificance",
    "ExpectedUpcrossings",
    "FitModel",
    "FitResult",
    "FitTarget",
    "FittedParameter",
    "GlobalPValue",
    "GlobalSignificance",
    "GoodnessOfFit",
    "GroupImpact",
    "Impact",
    "Impacts",
    "JointBackground",
    "Parameter",
    "ProfileScan",
    "Pull",
    "chi_square_goodness",
    "discovery_significance",
    "expected_upcrossings",
    "fit",
    "fit_model",
    "global_p_value",
    "global_significance",
    "goodness_of_fit",
    "impacts",
    "joint_background",
    "pulls",
    "scan",
]

"""Models: widths, lifetimes, cross-sections and kinematics of dark-sector particles."""

from darkreach.models.axion_like_particle import (
    center_of_mass_beta_gamma,
    cross_section_fb,
    decay_length_cm,
    escape_probability,
    minimal_opening_angle,
    photon_width_gev,
    proper_decay_length_cm,
)
from darkreach.models.decay_zones import radial_probability, zone_probabilities
from darkreach.models.higgs_mixed_scalar import scalar_branching_fractions, scalar_ctau_cm

__all__ = [
    "center_of_mass_beta_gamma",
    "cross_section_fb",
    "decay_length_cm",
    "escape_probability",
    "minimal_opening_angle",
    "photon_width_gev",
    "proper_decay_length_cm",
    "radial_probability",
    "scalar_branching_fractions",
    "scalar_ctau_cm",
    "zone_probabilities",
]

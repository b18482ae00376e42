"""Decays: two and three bodies, decay points, lifetimes as weights, trees of particles."""

from darkreach.generators.decays.decay_tree import DecayTree
from darkreach.generators.decays.decay_vertex import (
    DecayVertices,
    DecayWindow,
    Spread,
    check_lifetime,
    decay_vertices,
)
from darkreach.generators.decays.even_three_body_decay import even_three_body_decay
from darkreach.generators.decays.lifetime_weights import (
    effective_fraction,
    expected_effective_fraction,
    lifetime_weights,
)
from darkreach.generators.decays.michel_decay import MichelDecay, michel_decay
from darkreach.generators.decays.rest_frame import boost_from_rest_frame, directions_about, isotropic_directions
from darkreach.generators.decays.tabulated_density import TabulatedDensity, tabulate_density
from darkreach.generators.decays.three_body_decay import SquaredAmplitude, ThreeBodyDecay, three_body_decay
from darkreach.generators.decays.two_body_decay import two_body_decay, two_body_momentum
from darkreach.generators.decays.unit_quadrature import unit_quadrature

__all__ = [
    "DecayTree",
    "DecayVertices",
    "DecayWindow",
    "MichelDecay",
    "Spread",
    "SquaredAmplitude",
    "TabulatedDensity",
    "ThreeBodyDecay",
    "boost_from_rest_frame",
    "check_lifetime",
    "decay_vertices",
    "directions_about",
    "effective_fraction",
    "even_three_body_decay",
    "expected_effective_fraction",
    "isotropic_directions",
    "lifetime_weights",
    "michel_decay",
    "tabulate_density",
    "three_body_decay",
    "two_body_decay",
    "two_body_momentum",
    "unit_quadrature",
]

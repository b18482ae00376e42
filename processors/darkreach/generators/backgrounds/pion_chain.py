"""e+e- -> 3(pi+ pi-) as jets make it: a chain of pions along an axis, with limited momenta across it.

Pythia makes one such event among a thousand of u, d and s pairs; a search for six tracks needs as many of them as its
data hold. The model has three numbers: Gaussian momenta across the axis, rapidities that are even from end to end and
moved about their places by a Gaussian, charges that alternate along the chain. Scale and origin of the rapidity
conserve energy and momentum. The axis goes as 1 + cos^2. With the default numbers the quartiles of pair masses, and
how often three pairs have masses within 0.2 to 0.4 GeV, are those of Pythia to 10 %; its resonances are not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import ConfigError
from darkreach.generators.backgrounds.particle_source import particle_source
from darkreach.generators.collisions import generate_collisions
from darkreach.generators.final_state_events import FinalStateEvents
from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.kinematics import CHARGED_PION_MASS, Beams

Array = NDArray[np.float64]

SIX_PIONS_PDG: Final = (211, -211) * 3

_ITERATIONS: Final = 40


def generate_pion_chain(
    beams: Beams,
    cross_section_fb: float,
    transverse_momentum: float,
    disorder: float,
    n: int,
    random: np.random.Generator,
    *,
    maximum_isr_fraction: float,
) -> FinalStateEvents:
    """Generate n events; the mean weight is the cross-section, times the radiator's part within the limit.

    Args:
        beams: beam energies, spreads and crossing angle.
        cross_section_fb: without radiation, fb; falls as 1/s.
        transverse_momentum: standard deviation of each component across the axis before their sum is made zero, GeV.
        disorder: standard deviation of places on the chain, in units of its length.
        n: number of events.
        random: source of random numbers.
        maximum_isr_fraction: 0 for no radiation; see :func:`generate_collisions`.

    Example:
        >>> random = np.random.default_rng(1)
        >>> events = generate_pion_chain(Beams(5.29, 5.29, 0.0), 1.0, 0.4, 0.2, 3, random, maximum_isr_fraction=0.0)
        >>> np.abs(events.momenta.sum(axis=1)).round(6).tolist()[0]
        [10.58, 0.0, 0.0, 0.0]
    """
    threshold = (len(SIX_PIONS_PDG) * CHARGED_PION_MASS) ** 2
    collisions = generate_collisions(beams, n, random, maximum_isr_fraction=maximum_isr_fraction, threshold=threshold)
    momenta, made = pion_chains(np.sqrt(collisions.s), transverse_momentum, disorder, random)
    turned = _about_the_beams(momenta[..., 1:], random)
    flat = (momenta[..., 0], *np.moveaxis(turned, -1, 0))
    laboratory = np.stack(
        [collisions.to_laboratory(*(component[:, row] for component in flat)) for row in range(len(SIX_PIONS_PDG))],
        axis=1,
    )
    weight = np.where(made, cross_section_fb * collisions.weight * beams.s / collisions.s, 0.0)
    return FinalStateEvents(weight, SIX_PIONS_PDG, laboratory, collisions.radiated)


def pion_chains(
    sqrt_s: Array, transverse_momentum: float, disorder: float, random: np.random.Generator
) -> tuple[Array, NDArray[np.bool_]]:
    """Return momenta (n, 6, 4) in the CM along the third axis, GeV, and where (n,) the energy was enough for them.

    Args:
        sqrt_s: (n,) GeV.
        transverse_momentum: as above, GeV.
        disorder: as above.
        random: source of random numbers.
    """
    shape = (len(sqrt_s), len(SIX_PIONS_PDG))
    across = transverse_momentum * random.standard_normal((*shape, 2))
    across -= across.mean(axis=1, keepdims=True)
    mass = np.sqrt(CHARGED_PION_MASS**2 + np.sum(across**2, axis=-1))
    place = np.sort(random.random(shape), axis=1) + disorder * random.standard_normal(shape)
    place -= 0.5 * (place.max(axis=1, keepdims=True) + place.min(axis=1, keepdims=True))
    made = mass.sum(axis=1) < 0.999 * sqrt_s
    rapidity = _rapidities(np.where(made[:, np.newaxis], mass, 1e-3), place, sqrt_s)
    # the first pion of a chain is as often negative: both ends look alike
    rapidity *= np.where(random.random(len(sqrt_s)) < 0.5, 1.0, -1.0)[:, np.newaxis]
    momenta = np.stack([mass * np.cosh(rapidity), across[..., 0], across[..., 1], mass * np.sinh(rapidity)], axis=-1)
    return momenta, made


def _rapidities(mass: Array, place: Array, sqrt_s: Array) -> Array:
    """Return y = a + b place with sum m cosh y = sqrt(s) and sum m sinh y = 0.

    The product of sum m exp(b place) and sum m exp(-b place) is s: its logarithm is convex in b, and Newton's method
    comes down to the root from above, where the two ends alone have that product.
    """
    first, last = np.argmin(place, axis=1), np.argmax(place, axis=1)
    rows = np.arange(len(mass))
    length = place[rows, last] - place[rows, first]
    scale = 2.0 * np.log(sqrt_s)
    slope = np.maximum(scale - np.log(mass[rows, first] * mass[rows, last]), 0.0) / length
    for _ in range(_ITERATIONS):
        up, down = (mass * np.exp(sign * slope[:, np.newaxis] * place) for sign in (1.0, -1.0))
        plus, minus = up.sum(axis=1), down.sum(axis=1)
        value = np.log(plus) + np.log(minus) - scale
        rise = (up * place).sum(axis=1) / plus - (down * place).sum(axis=1) / minus
        slope = slope - value / rise
        if np.abs(value).max(initial=0.0) < 1e-13:
            break
    return np.asarray(np.log(sqrt_s / plus)[:, np.newaxis] + slope[:, np.newaxis] * place)


def _about_the_beams(momenta: Array, random: np.random.Generator) -> Array:
    """Turn momenta (n, 6, 3) so that their third axis goes as 1 + cos^2 to the beams, which are the new third axis."""
    n = len(momenta)
    # 1 + cos^2: c with c^3 + 3 c = 8 u - 4
    half = 4.0 * random.random(n) - 2.0
    cosine = np.cbrt(half + np.sqrt(half**2 + 1.0)) + np.cbrt(half - np.sqrt(half**2 + 1.0))
    sine, azimuth = np.sqrt(np.maximum(1.0 - cosine**2, 0.0)), 2.0 * math.pi * random.random(n)
    u, v, w = np.moveaxis(momenta, -1, 0)
    c, s, cos, sin = (values[:, np.newaxis] for values in (cosine, sine, np.cos(azimuth), np.sin(azimuth)))
    outward = c * u + s * w
    return np.stack([cos * outward - sin * v, sin * outward + cos * v, c * w - s * u], axis=-1)


def _open_pion_chain(beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    for name in ("cross_section_fb", "transverse_momentum_gev", "disorder"):
        if not values[name] > 0.0:
            raise ConfigError("not a number of this model", where=name, allowed="above 0", given=f"{values[name]:g}")
    numbers = values["cross_section_fb"], values["transverse_momentum_gev"], values["disorder"]
    generate = partial(generate_pion_chain, beams, *numbers, maximum_isr_fraction=maximum_isr_fraction)
    return OpenedProcess(particle_source(generate), "cross_section_fb without radiation, counted in events of Pythia")


PION_CHAIN: Final = Process(
    "pion_chain",
    "e+e- -> 3(pi+ pi-), pions along the axis of two jets: a model of such events of u, d and s pairs",
    "background",
    (
        ProcessParameter("cross_section_fb", "without radiation, fb; default: of Pythia at 10.58 GeV", 2900.0),
        ProcessParameter("transverse_momentum_gev", "standard deviation across the axis", 0.4),
        ProcessParameter("disorder", "standard deviation of the places on the chain, in its length", 0.2),
    ),
    _open_pion_chain,
)

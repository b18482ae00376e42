"""A smooth background without simulation of its shape: floating Bernstein polynomials as HistFactory samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls
from scipy.special import betainc

from darkreach.building.channels import Channel
from darkreach.building.modifiers import normfactor
from darkreach.building.region_spectra import RegionSpectra
from darkreach.building.rounding import FloatArray, significant

_SMALLEST_START = 1.0e-3


@dataclass(frozen=True)
class BernsteinBackground:
    """A polynomial density over neighbouring channels.

    Attributes:
        samples: the samples of every channel, by channel name.
        parameters: initial values and bounds of the coefficients, for the measurement.
        chi_square: of the template to the polynomial, with the statistical errors of data of this size.
        degrees_of_freedom: bins minus coefficients.
    """

    samples: dict[str, list[dict[str, Any]]]
    parameters: list[dict[str, Any]]
    chi_square: float
    degrees_of_freedom: int


def bernstein_integrals(edges: FloatArray, order: int) -> FloatArray:
    """Return the integral of every Bernstein basis polynomial over every bin, shape (order + 1, bins).

    The variable is mapped to [0, 1] between the outer edges. The basis is a partition of unity, so that the sum over
    the polynomials is the bin width over the full width. From
    int_0^u b_{k,n} = I_u(k + 1, n - k + 1) / (n + 1), the regularised incomplete beta function (DLMF 8.17.5).

    Args:
        edges: rising bin edges, shape (bins + 1,).
        order: degree n of the polynomials.

    Example:
        >>> bernstein_integrals(np.array([0.0, 1.0, 2.0]), 1)
        array([[0.375, 0.125],
               [0.125, 0.375]])
    """
    unit = (edges - edges[0]) / (edges[-1] - edges[0])
    index = np.arange(order + 1)[:, np.newaxis]
    return np.diff(betainc(index + 1.0, order - index + 1.0, unit), axis=1) / (order + 1)


def fit_coefficients(basis: FloatArray, template: FloatArray) -> FloatArray:
    """Return the non-negative coefficients, shape (order + 1,), that fit a template best.

    Least squares, each bin weighted with the Poisson error of data that follow the template.

    Args:
        basis: events a bin of every basis function, shape (order + 1, bins).
        template: events a bin, positive, shape (bins,).
    """
    weights = 1.0 / np.sqrt(template)
    coefficients, _ = nnls((basis * weights).T, template * weights)
    return np.asarray(coefficients, dtype=np.float64)


def bernstein_background(
    spectra: RegionSpectra, channels: Sequence[Channel], order: int, digits: int
) -> BernsteinBackground:
    """Describe the background of neighbouring channels by one polynomial density in the observable.

    One sample a basis function, each with its own free factor >= 0: the background is positive everywhere whatever the
    fit does, and any HistFactory tool can read it. A factor of one for all is a flat density with the number of
    events of the template. One polynomial spans all channels given: pieces that float on their own would leave a step
    where they meet, which for a hypothesis is under the peak.

    Args:
        spectra: of the region; its nominal template gives the initial values only.
        channels: neighbouring channels of the region.
        order: degree of the polynomial.
        digits: significant digits written.
    """
    bins = slice(channels[0].start, channels[-1].stop)
    edges = spectra.edges[bins.start : bins.stop + 1]
    template = spectra.total_background[bins]
    basis = bernstein_integrals(edges, order) * template.sum()
    coefficients = fit_coefficients(basis, template)
    prefix = f"bernstein_{channels[0].name}"
    samples = {
        channel.name: [
            {
                "name": f"bernstein_{index}",
                "data": significant(values[channel.start - bins.start : channel.stop - bins.start], digits),
                "modifiers": [normfactor(f"{prefix}_{index}")],
            }
            for index, values in enumerate(basis)
        ]
        for channel in channels
    }
    chi_square = float(np.sum((template - coefficients @ basis) ** 2 / template))
    parameters = [_parameter(f"{prefix}_{index}", value, digits) for index, value in enumerate(coefficients)]
    return BernsteinBackground(samples, parameters, chi_square, len(template) - order - 1)


def _parameter(name: str, fitted: float, digits: int) -> dict[str, Any]:
    # a start on the bound itself has no slope for optimisers that map the bounded range to the whole line
    start = significant([max(fitted, _SMALLEST_START)], digits)
    return {"name": name, "inits": start, "bounds": [[0.0, 10.0 * max(1.0, *start)]]}

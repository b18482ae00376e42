"""Exact CLs of several counting channels whose nuisance parameters are marginalised.

The statistic is T = sum_c n_c w_c with whole-number weights w_c (``exact_weights``). Any such statistic gives valid CLs
limits; to compute the distribution of a sum of event weights exactly is the idea of H. Hu and J. Nielsen,
physics/9906010. All probabilities are averages over what is known of the nuisance parameters without the bins that have
signal, in numerator and denominator alike (the hybrid method of R. Cousins and V. Highland, Nucl. Instrum. Meth. A 320
(1992) 331): CLs = <P(T <= T_obs | mu)> / <P(T <= T_obs | 0)>.

A free normalisation has a flat prior in the events expected in its sidebands, whose posterior after m of them is
Gamma(m + 1). With m = 0 the mean is one event, where a maximum-likelihood fit has none: background is never excluded by
an empty sideband. (The prior 1/x cannot be used there.) pyhf's toys are thrown from the profiled rate, zero then.
Bounds of free normalisations serve fits and are not applied.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from darkreach.likelihood.kernel_assembly import compiled_functions, interpreted_functions
from darkreach.likelihood.model_arrays import CompiledModel, FloatArray, IndexArray
from darkreach.likelihood.packed_models import pack_models
from darkreach.limits import exact_rates, exact_sums
from darkreach.limits.asymptotic_cls import BANDS
from darkreach.limits.exact_channels import MOST_EVENTS, CountingChannels, counting_channels
from darkreach.limits.exact_counting import ExactLimits
from darkreach.limits.exact_nodes import NODES_EXPONENT, NuisanceNodes, nuisance_nodes
from darkreach.limits.exact_rates import NodeInputs, NodeRates
from darkreach.limits.exact_sums import LANES, NodeSums, SumLimits, SumWork
from darkreach.limits.exact_weights import LARGEST_WEIGHT, event_weights, likely_limit
from darkreach.limits.method_choice import effective_background

_SMALLEST_SAMPLE = 0.25
"""Effective share of the nodes below which bins without signal say too much about nuisance parameters."""
_LARGEST_SUM = 4096
"""Events times largest weight: many events need less fine weights."""
_BEYOND = 1 << 16
_QUANTILES = ndtr(np.array(BANDS))


class Accuracy(NamedTuple):
    """How fine exact sums are: log2 of the number of nodes, and the largest weight of an event."""

    exponent: int = NODES_EXPONENT
    largest_weight: int = LARGEST_WEIGHT


class ChannelLimits(NamedTuple):
    """Limits of each confidence level, and what they sum, in words."""

    limits: tuple[ExactLimits, ...]
    summary: str


@cache
def exact_function(use_numba: bool) -> dict[str, Callable[..., Any]]:
    """Return the kernel's entry points, compiled or interpreted."""
    functions = compiled_functions if use_numba else interpreted_functions
    return functions((exact_rates, exact_sums))


def channel_limits(
    model: CompiledModel,
    confidence_levels: Sequence[float],
    *,
    accuracy: Accuracy | None = None,
    most_background: float = math.inf,
    use_numba: bool = True,
) -> ChannelLimits | str:
    """Return the five expected limits and the observed one of each confidence level, or why they cannot be summed.

    Args:
        model: the likelihood.
        confidence_levels: e.g. (0.90, 0.95).
        accuracy: nodes and weights; chosen so that limits are stable to half a per cent.
        most_background: effective background of a single bin from which on there are no limits. Several bins are
            summed anyway: a clean one among others spoils asymptotic formulas.
        use_numba: False interprets the kernel.

    Example:
        >>> from darkreach.likelihood.compile_workspace import compile_workspace
        >>> mu = {"name": "mu", "type": "normfactor", "data": None}
        >>> size = {"name": "size", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}}
        >>> channels = [{"name": name, "samples": [
        ...     {"name": "signal", "data": [1.0], "modifiers": [mu, size]},
        ...     {"name": "background", "data": [0.1], "modifiers": []}]} for name in ("a", "b")]
        >>> model = compile_workspace({
        ...     "channels": channels,
        ...     "observations": [{"name": "a", "data": [0.0]}, {"name": "b", "data": [0.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ... })
        >>> found = channel_limits(model, [0.90])
        >>> found.summary, round(found.limits[0].strengths[-1], 2)
        ('2 counting channels, nuisance parameters marginalised', 1.16)
    """
    fine = accuracy or Accuracy()
    channels = counting_channels(model)
    if isinstance(channels, str):
        return channels
    nodes = nuisance_nodes(model, channels, fine.exponent)
    if isinstance(nodes, str):
        return nodes
    rates = node_rates(model, channels, nodes, use_numba=use_numba)
    likely = np.exp(rates.log_weight[:-1] - rates.log_weight[:-1].max())
    if not likely.sum() ** 2 >= _SMALLEST_SAMPLE * likely.size * np.sum(likely**2):
        return "bins without signal say too much about the nuisance parameters"
    # posterior mean of the events in sidebands; the last entry serves channels without
    mean = np.append(channels.sideband_events + 1.0, 0.0)[channels.owner]
    background, signal = rates.background[-1] + mean * rates.ratio[-1], rates.signal[-1]
    observed = model.arrays.counts[channels.on]
    events = float(background.sum() + observed.sum())
    reason = _declined(events, background, signal, most_background)
    if reason is not None:
        return reason
    weights = event_weights(background, signal, min(fine.largest_weight, int(_LARGEST_SUM / (1.0 + events))))
    sums = merged(rates, likely / likely.sum(), weights, channels)
    found = _solved(sums, int(observed @ weights), confidence_levels, use_numba)
    return found if isinstance(found, str) else ChannelLimits(found, _summary(channels))


def _declined(events: float, background: FloatArray, signal: FloatArray, most_background: float) -> str | None:
    if not events <= MOST_EVENTS:
        return f"{events:.4g} events are observed or expected, more than {MOST_EVENTS:g}"
    if not 0.0 < signal.sum() < math.inf:
        return "there is no signal"
    single = signal.size == 1
    if single and effective_background(background, signal, likely_limit(background, signal)) >= most_background:
        return f"{most_background:g} or more background events are expected under the signal"
    return None


def node_rates(
    model: CompiledModel, channels: CountingChannels, nodes: NuisanceNodes, *, use_numba: bool = True
) -> NodeRates:
    """Return the expected events of all bins with signal at all nodes."""
    size = (nodes.theta.shape[0], channels.on.size)
    on = np.full(model.arrays.counts.size, -1, dtype=np.int64)
    on[channels.on] = np.arange(channels.on.size)
    leak = np.zeros((size[0], channels.free.size))
    rates = NodeRates(np.zeros(size), np.zeros(size), np.zeros(size), leak, np.zeros(size[0]))
    inputs = NodeInputs(*nodes, on, channels.sideband, channels.sideband_events, channels.control, channels.kind)
    with np.errstate(all="ignore"):
        exact_function(use_numba)["enter_node_rates"](pack_models([model.arrays]), inputs, channels.owner, rates)
    return rates


def merged(rates: NodeRates, probability: FloatArray, weights: IndexArray, channels: CountingChannels) -> NodeSums:
    """Return the rates at the nodes; channels of one weight are summed, those of weight zero do not count."""
    known = np.unique(weights[weights > 0])
    member = (weights[:, np.newaxis] == known).astype(np.float64)
    order = np.argsort(channels.owner, kind="stable")
    order = order[(channels.owner[order] >= 0) & (weights[order] > 0)]
    used, first = np.unique(channels.owner[order], return_index=True)
    return NodeSums(
        np.ascontiguousarray(member.T @ rates.background[:-1].T),
        np.ascontiguousarray(member.T @ rates.signal[:-1].T),
        probability,
        known,
        np.ascontiguousarray(rates.ratio[:-1, order].T),
        weights[order],
        np.append(first, order.size).astype(np.int64),
        channels.sideband_events[used] + 1.0,
        np.ascontiguousarray(rates.leak[:-1, used].T),
    )


def _work(sums: NodeSums, last: int) -> SumWork:
    size = (last + 1, LANES)
    return SumWork(
        np.empty((sums.weight.size, LANES)),
        np.empty(size),
        np.empty(size),
        np.empty((sums.shape.size, *size)),
        np.empty((sums.ratio_weight.size, LANES)),
        np.empty((sums.ratio_weight.size, LANES)),
        np.empty((sums.shape.size, LANES)),
        np.zeros(3),
    )


def _solved(
    sums: NodeSums, observed: int, confidence_levels: Sequence[float], use_numba: bool
) -> tuple[ExactLimits, ...] | str:
    quantiles = _quantiles(sums, observed, use_numba)
    if isinstance(quantiles, str):
        return quantiles
    outcomes = np.array([*quantiles, observed], dtype=np.int64)
    order = np.argsort(outcomes, kind="stable")
    shape = (len(confidence_levels), outcomes.size)
    limits = SumLimits(outcomes[order], np.zeros(shape), np.zeros(shape))
    targets = np.log1p(-np.array(confidence_levels, dtype=np.float64))
    signal = float(sums.probability @ sums.signal.sum(axis=0))
    with np.errstate(all="ignore"):
        enter = exact_function(use_numba)["enter_sum_limits"]
        enter(sums, targets, limits, signal, _work(sums, int(outcomes.max())))
    if not np.isfinite(limits.strength).all():
        return "nuisance parameters let the signal vanish: CLs stays above its target"
    strengths, cls = np.zeros(shape), np.zeros(shape)
    strengths[:, order], cls[:, order] = limits.strength, limits.cls
    rows = zip(strengths.tolist(), cls.tolist(), strict=True)
    return tuple(ExactLimits(tuple(row), tuple(levels)) for row, levels in rows)


def _summary(channels: CountingChannels) -> str:
    number = channels.on.size
    averaged = channels.parameters.size + channels.gammas.size + channels.free.size > 0
    size = f"{number} counting channel{'s' if number > 1 else ''}"
    return f"{size}, nuisance parameters marginalised" if averaged else size


def _quantiles(sums: NodeSums, observed: int, use_numba: bool) -> list[int] | str:
    """Return the smallest sums that background alone does not exceed with the probabilities of the bands."""
    mean = float(sums.probability @ (sums.weight @ sums.background))
    mean += float((sums.ratio_weight * np.repeat(sums.shape, np.diff(sums.first))) @ sums.ratio @ sums.probability)
    last = max(observed, math.ceil(mean + 2.5 * math.sqrt(mean * float(sums.weight[-1]))), int(sums.weight[-1]))
    while last < _BEYOND:
        total, work = np.zeros(last + 1), _work(sums, last)
        with np.errstate(all="ignore"):
            exact_function(use_numba)["enter_background_sums"](sums, work, total)
        if total[-1] >= _QUANTILES[-1]:
            return [int(place) for place in np.searchsorted(total, _QUANTILES)]
        last *= 2
    return "nuisance parameters let the background grow beyond all sums"

"""CLs of a sum of whole-number event weights: exact probabilities of a compound process, averaged over nodes.

Poisson numbers with means r_g count w_g each. The background that a free normalisation scales has the rate
lambda sum_c rho_c in the channels c, where the density of lambda is that of Gamma(m + 1) after m events in the sideband
(flat prior): the mixture is negative binomial, with the generating function
exp(sum_g r_g (z^w_g - 1)) prod_j (1 + sum_c rho_c (1 - z^w_c))^-(m_j + 1). Its logarithmic derivative gives
t P(t) = sum_g w_g r_g P(t - w_g) + sum_j (m_j + 1) sum_c w_c rho_c h_j(t - w_c) with
h_j(t) = (P(t) + sum_c rho_c h_j(t - w_c)) / (1 + sum_c rho_c): all terms are positive. Compiled.

Where x events of signal are expected in the sideband, j of the m events are signal, and the mixture is one of
Gamma(m - j + 1) with Poisson probabilities of j <= m. Its first order replaces m by m - <j>, with
<j> = x (1 - B(m, x)) and Erlang's loss formula B. It is exact for m = 0.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from darkreach.likelihood.model_arrays import FloatArray, IndexArray

PRECISION = 1e-9
"""Relative precision of the signal strength."""
_COARSE_NODES, _COARSE_PRECISION = 16, 1e-2
LANES = 32
"""Nodes that are computed together: enough for vector instructions, few enough for the cache."""
_MOST_STEPS, _FARTHEST = 200, 1e9


class NodeSums(NamedTuple):
    """Channels of equal weight, merged; N nodes, G groups, S channels with a sideband, J free normalisations.

    Attributes:
        background, signal: shape (G, N), events at signal strength zero (without those below), and added by one.
        probability: shape (N,), of each node; they add up to one.
        weight: shape (G,), of an event, rising.
        ratio: shape (S, N), background by events in the sideband, ordered by free normalisation.
        ratio_weight: shape (S,), of an event.
        first: shape (J + 1,), first channel of each free normalisation.
        shape: shape (J,), m + 1.
        leak: shape (J, N), signal in the sidebands at strength one.
    """

    background: FloatArray
    signal: FloatArray
    probability: FloatArray
    weight: IndexArray
    ratio: FloatArray
    ratio_weight: IndexArray
    first: IndexArray
    shape: FloatArray
    leak: FloatArray


class SumWork(NamedTuple):
    """Work space for sums up to t at ``LANES`` of N nodes.

    Attributes:
        rate: shape (G, LANES), expected events times their weight.
        total, chance: shape (t + 1, LANES), P(T <= t) and P(T = t).
        mixed: shape (J, t + 1, LANES), h_j.
        share: shape (S, LANES), rho_c / (1 + sum rho).
        pull: shape (S, LANES), (m - <j> + 1) w_c rho_c.
        rest: shape (J, LANES), 1 / (1 + sum rho).
        result: shape (3,), average and derivative of P(T <= t), and log CLs.
    """

    rate: FloatArray
    total: FloatArray
    chance: FloatArray
    mixed: FloatArray
    share: FloatArray
    pull: FloatArray
    rest: FloatArray
    result: FloatArray


class SumLimits(NamedTuple):
    """Results at L confidence levels for Q outcomes.

    Attributes:
        outcome: shape (Q,), rising sums of weights; equal ones share a result.
        strength, cls: shape (L, Q), limits and CLs there; a limit is infinite where CLs stays above its target.
    """

    outcome: IndexArray
    strength: FloatArray
    cls: FloatArray


def remaining_shape(shape: float, signal: float) -> float:
    """Return m + 1 without the mean number of events that are signal, by Erlang's recursion.

    Example:
        >>> remaining_shape(1.0, 2.0), remaining_shape(2.0, 1.0)
        (1.0, 1.5)
    """
    if signal <= 0.0 or shape <= 1.0:
        return shape
    loss = 1.0
    for number in range(1, int(shape)):
        loss = signal * loss / (number + signal * loss)
    return shape - signal * (1.0 - loss)


def fill_first(sums: NodeSums, start: int, nodes: int, strength: float, work: SumWork) -> None:
    """Fill everything that does not depend on the outcome, and the probability of no event at all."""
    rate, chance, share, pull, rest = work.rate, work.chance, work.share, work.pull, work.rest
    for node in range(nodes):
        exponent = 0.0
        for group in range(sums.weight.size):
            events = sums.background[group, start + node] + strength * sums.signal[group, start + node]
            exponent += events
            rate[group, node] = events * sums.weight[group]
        for number in range(sums.shape.size):
            size = 1.0
            for channel in range(sums.first[number], sums.first[number + 1]):
                size += sums.ratio[channel, start + node]
            shape = remaining_shape(sums.shape[number], strength * sums.leak[number, start + node])
            for channel in range(sums.first[number], sums.first[number + 1]):
                share[channel, node] = sums.ratio[channel, start + node] / size
                pull[channel, node] = shape * sums.ratio_weight[channel] * sums.ratio[channel, start + node]
            rest[number, node] = 1.0 / size
            exponent += shape * math.log(size)
        chance[0, node] = math.exp(-exponent)
        work.total[0, node] = chance[0, node]
        for number in range(sums.shape.size):
            work.mixed[number, 0, node] = chance[0, node] * rest[number, node]


def fill_cumulative(sums: NodeSums, start: int, nodes: int, strength: float, work: SumWork, last: int) -> None:
    """Fill P(T = t) and P(T <= t) for t up to ``last`` at some nodes from ``start`` on, innermost loops over these."""
    fill_first(sums, start, nodes, strength, work)
    rate, total, chance, mixed, share, rest = work.rate, work.total, work.chance, work.mixed, work.share, work.rest
    weight, ratio_weight, first, normalisations = sums.weight, sums.ratio_weight, sums.first, sums.shape.size
    pull = work.pull
    for outcome in range(1, last + 1):
        for node in range(nodes):
            chance[outcome, node] = 0.0
        for group in range(weight.size):
            before = outcome - weight[group]
            if before < 0:
                break
            for node in range(nodes):
                chance[outcome, node] += rate[group, node] * chance[before, node]
        for number in range(normalisations):
            for node in range(nodes):
                mixed[number, outcome, node] = 0.0
            for channel in range(first[number], first[number + 1]):
                before = outcome - ratio_weight[channel]
                for node in range(nodes if before >= 0 else 0):
                    mixed[number, outcome, node] += share[channel, node] * mixed[number, before, node]
                    chance[outcome, node] += pull[channel, node] * mixed[number, before, node]
        inverse = 1.0 / outcome
        for node in range(nodes):
            chance[outcome, node] *= inverse
            total[outcome, node] = total[outcome - 1, node] + chance[outcome, node]
        for number in range(normalisations):
            for node in range(nodes):
                mixed[number, outcome, node] += chance[outcome, node] * rest[number, node]


def average(sums: NodeSums, nodes: int, strength: float, outcome: int, work: SumWork) -> None:
    """Write the average of P(T <= outcome) over the first nodes, and its derivative by the strength, into the result.

    Args:
        sums: rates.
        nodes: how many nodes to use.
        strength: of the signal.
        outcome: sum of weights.
        work: work space.
    """
    total, result = work.total, work.result
    result[0], result[1] = 0.0, 0.0
    for start in range(0, nodes, LANES):
        lanes = min(LANES, nodes - start)
        fill_cumulative(sums, start, lanes, strength, work, outcome)
        for node in range(lanes):
            result[0] += sums.probability[start + node] * total[outcome, node]
        for group in range(sums.weight.size):
            before = outcome - sums.weight[group]
            for node in range(lanes):
                below = total[before, node] if before >= 0 else 0.0
                change = sums.signal[group, start + node] * (below - total[outcome, node])
                result[1] += sums.probability[start + node] * change


def root(
    sums: NodeSums,
    nodes: int,
    outcome: int,
    target: float,
    start: float,
    precision: float,
    work: SumWork,
) -> float:
    """Return the strength at which log CLs has a value; log CLs there stays in ``work.result[2]``.

    Newton's method inside a bracket; infinite where CLs does not fall far enough.
    """
    result = work.result
    average(sums, nodes, 0.0, outcome, work)
    floor = result[0]
    low, high, strength = 0.0, math.inf, start
    for _ in range(_MOST_STEPS):
        average(sums, nodes, strength, outcome, work)
        value = math.log(result[0] / floor) if result[0] > 0.0 else -math.inf
        result[2] = value
        step = (target - value) * result[0] / result[1] if result[1] < 0.0 and value > -math.inf else math.inf
        if abs(step) <= precision * strength:
            return strength
        if value > target:
            low = strength
        else:
            high = strength
        if high - low <= precision * low:
            return strength
        following = strength + step
        if not low < following < high:
            following = 4.0 * strength if high == math.inf else 0.5 * (low + high)
        elif high == math.inf:
            following = min(following, 10.0 * strength)
        if following > _FARTHEST * start:
            return math.inf
        strength = following
    return strength


def enter_background_sums(sums: NodeSums, work: SumWork, total: FloatArray) -> None:
    """Fill the averages of P(T <= t) at signal strength zero, for all t of ``total``; work space as for ``average``."""
    total.fill(0.0)
    for start in range(0, sums.probability.size, LANES):
        lanes = min(LANES, sums.probability.size - start)
        fill_cumulative(sums, start, lanes, 0.0, work, total.size - 1)
        for outcome in range(total.size):
            for node in range(lanes):
                total[outcome] += sums.probability[start + node] * work.total[outcome, node]


def enter_sum_limits(sums: NodeSums, targets: FloatArray, limits: SumLimits, signal: float, work: SumWork) -> None:
    """Fill the limits of all outcomes.

    Args:
        sums: rates at all nodes.
        targets: shape (L,), log(1 - CL).
        limits: receives the results; holds the outcomes.
        signal: expected events at strength one, from which the search starts.
        work: work space.
    """
    nodes, outcomes = sums.probability.size, limits.outcome
    for level in range(targets.size):
        target, strength, cls = targets[level], limits.strength[level], limits.cls[level]
        for place in range(outcomes.size):
            known = place
            while outcomes[known] == outcomes[place] and known > 0:
                known -= 1
            known += 1 if outcomes[known] != outcomes[place] else 0
            if known < place:
                strength[place], cls[place] = strength[known], cls[known]
                continue
            start = (1.0 + math.sqrt(outcomes[place] / sums.weight[sums.weight.size - 1]) - target) / signal
            coarse = root(sums, min(nodes, _COARSE_NODES), outcomes[place], target, start, _COARSE_PRECISION, work)
            start = coarse if coarse < math.inf else start
            strength[place] = root(sums, nodes, outcomes[place], target, start, PRECISION, work)
            cls[place] = math.exp(work.result[2])

"""Expected events of counting channels at nodes of their nuisance parameters: a layer of the compiled kernel."""

from __future__ import annotations

import math
from typing import NamedTuple

from darkreach.likelihood.expected_rates import fill_interpolations, fill_products, fill_templates
from darkreach.likelihood.model_arrays import FloatArray, IndexArray, ModelArrays, Scratch, allocate_scratch
from darkreach.likelihood.packed_models import PackedModels, unpack_model


class NodeRates(NamedTuple):
    """Expected events at N nodes; C bins with signal.

    Attributes:
        background, signal: shape (N, C), of a known size at signal strength zero, and added by one.
        ratio: shape (N, C), background of a bin by events in all sidebands of its free normalisation.
        leak: shape (N, F), signal at strength one in the sidebands of a free normalisation.
        log_weight: shape (N,), log-likelihood of the bins without signal, up to a constant.
    """

    background: FloatArray
    signal: FloatArray
    ratio: FloatArray
    leak: FloatArray
    log_weight: FloatArray


class NodeInputs(NamedTuple):
    """Nuisance parameters at N nodes, and the role of every bin and block; see ``CountingChannels``.

    Attributes:
        theta: shape (N, P), 1 for free normalisations and the signal strength.
        gamma: shape (N, B).
        on: shape (B,), number of a bin with signal, or -1.
        sideband, sideband_events, control: as in ``CountingChannels``.
        kind: shape (K,), -2 for blocks of signal, -1 for background of known size, else its free normalisation.
    """

    theta: FloatArray
    gamma: FloatArray
    on: IndexArray
    sideband: IndexArray
    sideband_events: FloatArray
    control: IndexArray
    kind: IndexArray


def fill_channels(
    model: ModelArrays, nodes: NodeInputs, node: int, scratch: Scratch, rates: NodeRates, total: FloatArray
) -> None:
    """Add the blocks to the channels, to ``scratch.rate`` of bins without signal, and to the sidebands of ``total``."""
    rate, total_rate = scratch.rate, total
    rate.fill(0.0)
    total_rate.fill(0.0)
    for block in range(model.block_bin.size):
        begin, first, kind = model.block_cell[block], model.block_bin[block], nodes.kind[block]
        for cell in range(model.block_cell[block + 1] - begin):
            factor = nodes.gamma[node, first + cell] if model.scaled[begin + cell] else 1.0
            value = factor * scratch.block_factor[block] * scratch.template[begin + cell]
            value *= scratch.cell_factor[begin + cell]
            channel = nodes.on[first + cell]
            if channel < 0 and kind == -2:
                if nodes.sideband[first + cell] >= 0:
                    rates.leak[node, nodes.sideband[first + cell]] += max(value, 0.0)
            elif channel < 0:
                rate[first + cell] += value
                if nodes.sideband[first + cell] >= 0:
                    total_rate[nodes.sideband[first + cell]] += value
            elif kind == -2:
                rates.signal[node, channel] += value
            elif kind == -1:
                rates.background[node, channel] += value
            else:
                rates.ratio[node, channel] += value


def log_weight(model: ModelArrays, nodes: NodeInputs, rate: FloatArray, total: FloatArray) -> float:
    """Return the log-likelihood of bins without signal, and of how the sidebands of one normalisation share events."""
    weight = 0.0
    for index in range(rate.size):
        expected, count = max(rate[index], 1e-300), model.counts[index]
        if nodes.control[index]:
            weight -= expected
        if (nodes.control[index] or nodes.sideband[index] >= 0) and count > 0.0:
            weight += count * math.log(expected)
    for number in range(total.size):
        if nodes.sideband_events[number] > 0.0:
            weight -= nodes.sideband_events[number] * math.log(max(total[number], 1e-300))
    return weight


def enter_node_rates(packed: PackedModels, nodes: NodeInputs, owner: IndexArray, rates: NodeRates) -> None:
    """Fill the rates of the first likelihood at all nodes; negative rates count as zero.

    Args:
        packed: the likelihood.
        nodes: where to evaluate it.
        owner: shape (C,), free normalisation of each bin with signal, or -1.
        rates: receives the results, zero before.
    """
    model = unpack_model(packed, 0)
    scratch = allocate_scratch(model)
    total = nodes.sideband_events.copy()
    for node in range(nodes.theta.shape[0]):
        theta = nodes.theta[node]
        fill_interpolations(model, theta, scratch)
        fill_products(model, scratch)
        fill_templates(model, theta, scratch)
        fill_channels(model, nodes, node, scratch, rates, total)
        rates.log_weight[node] = log_weight(model, nodes, scratch.rate, total)
        for channel in range(owner.size):
            rates.background[node, channel] = max(rates.background[node, channel], 0.0)
            rates.signal[node, channel] = max(rates.signal[node, channel], 0.0)
            if owner[channel] >= 0:
                events = max(total[owner[channel]], 1e-300)
                rates.ratio[node, channel] = max(rates.ratio[node, channel], 0.0) / events
    scratch.counter[0] += 1

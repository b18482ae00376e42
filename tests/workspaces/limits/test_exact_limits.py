"""Exact limits of several channels: closed forms, quadrature, enumeration, pseudo-experiments, properties."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import gamma, nbinom, norm, poisson

from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.limits import compute_limits, limit_engine
from darkreach.limits.asymptotic_cls import BANDS
from darkreach.limits.exact_limits import Accuracy, channel_limits
from darkreach.limits.exact_weights import event_weights
from darkreach.sharing.hypothesis import Hypothesis

MU = {"name": "mu", "type": "normfactor", "data": None}
FREE = {"name": "k", "type": "normfactor", "data": None}


def normsys(name, high, low):
    return {"name": name, "type": "normsys", "data": {"hi": high, "lo": low}}


def sample(name, rate, *modifiers):
    return {"name": name, "data": [rate], "modifiers": list(modifiers)}


def workspace(*channels):
    """Return the workspace of one-bin channels, each of its samples and its observed events."""
    names = [f"channel_{number:02d}" for number in range(len(channels))]
    return {
        "channels": [{"name": name, "samples": list(one[0])} for name, one in zip(names, channels, strict=True)],
        "observations": [{"name": name, "data": [float(one[1])]} for name, one in zip(names, channels, strict=True)],
        "measurements": [{"name": "fit", "config": {"poi": "mu", "parameters": []}}],
        "version": "1.0.0",
    }


def channel(events=0, background=0.1, signal=1.0, *modifiers):
    return [sample("signal", signal, MU, *modifiers), sample("background", background)], events


def strengths(*channels, cl=0.90, **options):
    found = channel_limits(compile_workspace(workspace(*channels)), [cl], **options)
    assert not isinstance(found, str), found
    return np.array(found.limits[0].strengths)


def observed(*channels, **options):
    return float(strengths(*channels, **options)[-1])


def on_off(events, sideband, ratio, *modifiers):
    """Return a bin with signal and its sideband, background in the first ``ratio`` times that in the second."""
    return (
        ([sample("signal", 1.0, MU), sample("background", 2.0 * ratio, FREE)], events),
        ([sample("background", 2.0, FREE, *modifiers)], sideband),
    )


@pytest.mark.reference
@pytest.mark.parametrize(("size", "published"), [(0.05, 2.306), (0.1, 2.316), (0.2, 2.353), (0.3, 2.407)])
def test_uncertain_efficiency(size, published) -> None:
    # between -1 and 1 code 4 is a polynomial; beyond, and nearly in between, it is the power itself
    wanted = brentq(lambda s: quad(lambda z: norm.pdf(z) * math.exp(-s * (1 + size) ** z), -5, 5)[0] - 0.1, 1.0, 5.0)
    assert wanted == pytest.approx(published, abs=6e-4)
    one = channel(0, 0.1, 1.0, normsys("efficiency", 1 + size, 1 / (1 + size)))
    assert observed(one) == pytest.approx(wanted, rel=1.5e-3)
    assert observed(one, accuracy=Accuracy(exponent=13)) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("background", "error", "events", "published"),
    [(1.0, 0.01, 2, 4.443), (1.0, 0.32, 2, 4.488), (1.0, 0.6, 2, 4.582), (10.0, 3.0, 10, 8.03)],
)
def test_gamma_background(background, error, events, published) -> None:
    uncertain = sample("background", background, {"name": "u", "type": "shapesys", "data": [error]})
    one = [sample("signal", 1.0, MU), uncertain], events
    assert observed(one) == pytest.approx(published, rel=2e-3)
    shape = (background / error) ** 2

    def below(strength):
        # a negative binomial background plus a Poisson signal
        chance = nbinom.pmf(np.arange(events + 1), shape, shape / (shape + background))
        return float(np.sum(chance * poisson.cdf(events - np.arange(events + 1), strength)))

    wanted = brentq(lambda strength: below(strength) / below(0.0) - 0.1, 0.0, 50.0)
    assert observed(one, accuracy=Accuracy(exponent=13)) == pytest.approx(wanted, rel=2e-4)


@pytest.mark.parametrize(
    ("sideband", "events", "ratio"), [(0, 0, 0.3), (0, 1, 0.3), (3, 2, 0.25), (20, 7, 0.2), (200, 60, 0.25)]
)
def test_sideband_is_a_negative_binomial_background(sideband, events, ratio) -> None:
    def below(strength):
        chance = nbinom.pmf(np.arange(events + 1), sideband + 1, 1.0 / (1.0 + ratio))
        return float(np.sum(chance * poisson.cdf(events - np.arange(events + 1), strength)))

    wanted = brentq(lambda strength: below(strength) / below(0.0) - 0.1, 0.0, 200.0, xtol=1e-13)
    limits = strengths(*on_off(events, sideband, ratio))
    assert limits[-1] == pytest.approx(wanted, rel=1e-8)
    # bands: quantiles of the same distribution
    for band, limit in zip(BANDS, limits, strict=False):
        quantile = int(nbinom.ppf(norm.cdf(band), sideband + 1, 1.0 / (1.0 + ratio)))
        assert limit == pytest.approx(observed(*on_off(quantile, sideband, ratio)), rel=1e-8)


def test_enumeration_of_three_channels() -> None:
    signals, known, ratios, sidebands = (1.0, 0.6, 0.3), (0.4, 0.05, 0.7), (0.2, 0.5), (2, 0)
    events = (1, 0, 2)
    channels = []
    for number in range(3):
        free = {**FREE, "name": f"k{number}"}
        samples = [sample("signal", signals[number], MU), sample("background", known[number])]
        if number < 2:
            samples.append(sample("other", ratios[number], free))
            channels.append(([sample("other", 1.0, free)], sidebands[number]))
        channels.append((samples, events[number]))
    means = [known[n] + (ratios[n] * (sidebands[n] + 1) if n < 2 else 0.0) for n in range(3)]
    weights = event_weights(np.array(means), np.array(signals))
    most = 40

    def pmf(number, strength):
        chance = poisson.pmf(np.arange(most), known[number] + strength * signals[number])
        if number < 2:
            other = nbinom.pmf(np.arange(most), sidebands[number] + 1, 1.0 / (1.0 + ratios[number]))
            chance = np.convolve(chance, other)[:most]
        return chance

    outcomes = np.zeros((most,) * 3, dtype=int)
    for counts in product(range(most), repeat=3):
        outcomes[counts] = int(np.dot(counts, weights))

    def below(outcome, strength):
        parts = [pmf(number, strength) for number in range(3)]
        return float(np.einsum("i,j,k,ijk", *parts, (outcomes <= outcome).astype(float)))

    quantiles = [
        next(one for one in np.unique(outcomes) if below(one, 0.0) >= norm.cdf(band)) for band in (0.0, 1.0, 2.0)
    ]
    limits = strengths(*channels)
    for outcome, limit in zip([*quantiles, int(np.dot(events, weights))], limits[2:], strict=True):
        wanted = brentq(lambda s, o=outcome: below(o, s) / below(o, 0.0) - 0.1, 0.0, 40.0, xtol=1e-12)
        assert limit == pytest.approx(wanted, rel=1e-7)


def test_one_sideband_of_two_channels_correlates_them() -> None:
    ratios, sideband, events = (0.4, 0.4), 3, (2, 1)
    channels = [
        ([sample("signal", 1.0, MU), sample("background", ratio, FREE)], n)
        for ratio, n in zip(ratios, events, strict=True)
    ]
    found = observed(*channels, ([sample("background", 1.0, FREE)], sideband))

    def below(strength):
        # equal channels have equal weights: only the sum counts
        density = gamma(sideband + 1)
        return quad(lambda x: density.pdf(x) * poisson.cdf(3, 0.8 * x + 2.0 * strength), 0.0, 60.0, epsabs=0.0)[0]

    wanted = brentq(lambda strength: below(strength) / below(0.0) - 0.1, 0.0, 40.0)
    assert found == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize(
    ("sideband", "events", "leak", "precision"),
    [(0, 1, 0.1, 1e-8), (1, 0, 0.05, 2e-3), (3, 2, 0.05, 2e-3), (3, 2, 0.15, 4e-3), (30, 8, 0.05, 1e-3)],
)
def test_signal_in_the_sideband(sideband, events, leak, precision) -> None:
    def below(strength):
        inside, numbers = poisson.pmf(np.arange(sideband + 1), leak * strength), np.arange(events + 1)
        total = 0.0
        for lost, chance in enumerate(inside / inside.sum()):
            background = nbinom.pmf(numbers, sideband - lost + 1, 1.0 / 1.3)
            total += chance * float(np.sum(background * poisson.cdf(events - numbers, strength)))
        return total

    wanted = brentq(lambda strength: below(strength) / below(0.0) - 0.1, 0.0, 60.0)
    on, off = on_off(events, sideband, 0.3)
    off[0].append(sample("signal", leak, MU))
    assert observed(on, off) == pytest.approx(wanted, rel=precision)
    if sideband:
        assert observed(on, off) > (1.0 + 5.0 * precision) * observed(*on_off(events, sideband, 0.3))
    # as much signal by background as in the window: no sideband
    off[0][-1] = sample("signal", 5.0, MU)
    assert "no sideband pins" in str(channel_limits(compile_workspace(workspace(on, off)), [0.90]))


def test_bins_without_signal_inform_shared_nuisances() -> None:
    size = normsys("size", 1.5, 1 / 1.5)
    on = [sample("signal", 1.0, MU), sample("background", 2.0, size)], 3
    control = [sample("background", 5.0, size)], 8

    def below(strength):
        def integrand(z):
            factor = 1.5**z
            return norm.pdf(z) * poisson.pmf(8, 5.0 * factor) * poisson.cdf(3, 2.0 * factor + strength)

        return quad(integrand, -5.0, 5.0, epsabs=0.0)[0]

    wanted = brentq(lambda strength: below(strength) / below(0.0) - 0.1, 0.0, 40.0)
    assert observed(on, control) == pytest.approx(wanted, rel=5e-3)
    # without the control channel the limit is another one
    assert observed(on) != pytest.approx(wanted, rel=2e-2)


def test_staterror_is_a_normal_above_zero() -> None:
    few = sample("background", 0.8, {"name": "statistics", "type": "staterror", "data": [0.8]})

    def below(strength):
        return quad(lambda g: norm.pdf(g, 1.0, 1.0) * poisson.cdf(2, 0.8 * g + strength), 0.0, 10.0)[0]

    wanted = brentq(lambda strength: below(strength) / below(0.0) - 0.1, 0.0, 40.0)
    assert observed(([sample("signal", 1.0, MU), few], 2)) == pytest.approx(wanted, rel=3e-3)


def test_two_copies_without_events_halve_the_limit() -> None:
    one = channel(0, 0.1, 1.0, normsys("efficiency", 1.1, 0.9))
    assert observed(one, one) == pytest.approx(0.5 * observed(one), rel=1e-9)


def test_a_useless_channel_changes_nothing() -> None:
    channels = [channel(0, 0.1, 1.0, normsys("efficiency", 1.1, 0.9)), channel(2, 0.4, 0.5)]
    limits = strengths(*channels)
    # a name before all others, with a nuisance parameter of its own
    useless = [sample("signal", 0.0, MU), sample("background", 5.0, normsys("a", 1.2, 0.8))], 7
    assert strengths(*channels, useless).tolist() == limits.tolist()
    nearly = [sample("signal", 1e-6, MU), sample("background", 50.0)], 47
    assert strengths(*channels, nearly) == pytest.approx(limits, rel=1e-5)


def many_channels(seed, regions=4):
    random = np.random.default_rng(seed)
    channels = []
    for number in range(regions):
        free = {**FREE, "name": f"k{number}"}
        sideband = 10.0 ** random.uniform(-0.5, 0.5)
        shared = [normsys(name, 1.0 + size, 1.0 - size) for name, size in (("luminosity", 0.01), ("tracks", 0.05))]
        transfer = 10.0 ** random.uniform(-1.5, -0.5)
        signal = 10.0 ** random.uniform(-1.0, 0.0)
        on = [sample("signal", signal, MU, *shared), sample("background", sideband * transfer, free)]
        off = [sample("background", sideband, free, normsys(f"sideband_{number}", 1.2, 0.8))]
        channels += [(on, random.poisson(sideband * transfer)), (off, random.poisson(sideband))]
    return channels


def test_pseudo_experiments_of_the_model_itself() -> None:
    # drawn with other random numbers, straight from the definition; three events in channels of any weight
    channels = [(samples, events + (number == 2)) for number, (samples, events) in enumerate(many_channels(3))]
    model, random, size = compile_workspace(workspace(*channels)), np.random.default_rng(1), 400_000
    (found,) = channel_limits(model, [0.90]).limits
    on, off = channels[::2], channels[1::2]
    z = random.standard_normal((2, size))
    counts = {mu: np.zeros((len(on), size)) for mu in (0.0, found.strengths[-1])}
    signals, means = [], []
    for number, ((samples, _), (sideband, seen)) in enumerate(zip(on, off, strict=True)):
        nominal, transfer = samples[0]["data"][0], samples[1]["data"][0] / sideband[0]["data"][0]
        own = code_4(random.standard_normal(size), 0.2)
        background = random.gamma(seen + 1.0, size=size) * transfer / own
        signal = nominal * code_4(z[0], 0.01) * code_4(z[1], 0.05)
        signals.append(nominal)
        means.append((seen + 1.0) * transfer)
        for mu, drawn in counts.items():
            drawn[number] = random.poisson(background + mu * signal)
    weights = event_weights(np.array(means), np.array(signals))
    outcome = sum(weight * events for weight, (_, events) in zip(weights, on, strict=True))
    assert outcome > 0
    with_signal, without = (float(np.mean(weights @ counts[mu] <= outcome)) for mu in (found.strengths[-1], 0.0))
    assert with_signal / without == pytest.approx(0.10, abs=4.0 * math.sqrt(0.1 / size))


def code_4(z, size):
    """Linear in between, exponential beyond: what code 4 smooths, to a few 1e-4 for these sizes."""
    return np.where(z >= 0.0, (1.0 + size) ** z, (1.0 - size) ** -z)


def test_default_nodes_are_enough() -> None:
    for seed in range(6):
        channels = many_channels(seed)
        values, fine = (observed(*channels, accuracy=one) for one in (None, Accuracy(exponent=11)))
        assert values == pytest.approx(fine, rel=5e-3)


def test_compiled_sums_are_those_of_the_source() -> None:
    coarse = Accuracy(exponent=2, largest_weight=4)
    channels = many_channels(5, regions=2)
    compiled, interpreted = (strengths(*channels, accuracy=coarse, use_numba=flag) for flag in (True, False))
    assert compiled == pytest.approx(interpreted, rel=1e-10)


def test_weights_keep_the_power_of_the_likelihood_ratio() -> None:
    channels = many_channels(3)
    plain, default, fine = (
        strengths(*channels, accuracy=Accuracy(largest_weight=largest))[2:5].mean() for largest in (1, 32, 512)
    )
    assert default == pytest.approx(fine, rel=0.02)
    assert plain > 1.05 * default


TWICE = [sample("signal", 1.0, MU, {**MU, "name": "k"}), sample("background", 1.0)]


@pytest.mark.parametrize(
    ("channels", "reason"),
    [
        ([([sample("signal", 0.0, MU), sample("background", 1.0)], 1)], "0 bins have signal"),
        ([([sample("signal", -1.0, MU), sample("background", 3.0)], 1)], "the expected signal is negative"),
        ([channel()] * 65, "65 bins have signal, more than 64"),
        ([channel(events=1.5)], "not whole"),
        ([channel(events=201)], "201 events are observed in bins with signal"),
        ([channel(events=100, background=150.0)], "250 events are observed or expected"),
        (
            [([sample("signal", 1.0, MU), sample("background", 1.0, FREE)], 1)],
            "no sideband pins the free normalisation",
        ),
        ([(TWICE, 1)], "no sideband pins the free normalisation k"),
        ([(TWICE, 1), ([sample("background", 1.0, FREE)], 2)], "several free normalisations meet in channel_00"),
        (
            [*on_off(1, 2, 0.5), ([sample("background", 1.0, FREE), sample("other", 1.0)], 2)],
            "channel_02[0] is no sideband of k alone",
        ),
        (
            [
                ([sample("signal", 1.0, MU), sample("background", 1.0, normsys("size", 2.0, 0.5))], 1),
                ([sample("background", 1000.0, normsys("size", 2.0, 0.5))], 1500),
            ],
            "say too much about the nuisance parameters",
        ),
    ],
)
def test_what_cannot_be_summed(channels, reason) -> None:
    found = channel_limits(compile_workspace(workspace(*channels)), [0.90])
    assert isinstance(found, str)
    assert reason in found


def test_a_shape_with_free_normalisation_is_no_counting_experiment() -> None:
    # of its bins only the last has no signal: a poor sideband
    shape = workspace(channel())
    shape["channels"][0]["samples"] = [
        {"name": "signal", "data": [0.2, 0.6, 0.2, 0.0], "modifiers": [MU]},
        {"name": "background", "data": [30.0] * 4, "modifiers": [FREE]},
    ]
    shape["observations"][0]["data"] = [31.0, 33.0, 28.0, 27.0]
    found = channel_limits(compile_workspace(shape), [0.90])
    assert found == "the free normalisation k scales a shape, not single bins"
    (limit,) = compute_limits([Hypothesis("h", {}, shape)], [0.90], engine=limit_engine("compiled", method="auto"))
    assert limit.method == "asymptotic"


def test_many_background_events_are_left_to_the_formulas() -> None:
    one = Hypothesis("h", {}, workspace(channel(31, 30.0, 1.0, normsys("efficiency", 1.05, 0.95))))
    auto, exact = (
        compute_limits([one], [0.90], engine=limit_engine("compiled", method=method))[0] for method in ("auto", "exact")
    )
    assert (auto.method, exact.method) == ("asymptotic", "exact")
    assert auto.observed == pytest.approx(exact.observed, rel=0.1)


def hypotheses(number):
    return [Hypothesis(f"h{one}", {"mass_gev": float(one)}, workspace(*many_channels(one))) for one in range(number)]


def test_workers_and_company_do_not_matter() -> None:
    engine, many = limit_engine("compiled", method="auto"), hypotheses(40)
    many[7] = replace(many[7], workspace={})
    alone, together = (compute_limits(many, [0.90, 0.95], engine=engine, workers=workers) for workers in (1, 2))
    assert alone == together
    assert [limit.status for limit in alone[14:16]] == ["failed", "failed"]
    assert {limit.method for limit in alone if limit.status == "ok"} == {"exact"}
    assert engine.limits(many[3], [0.90, 0.95]) == alone[6:8]


@pytest.mark.slow
@pytest.mark.parametrize("sideband", [0, 1])
def test_toys_agree_where_nothing_is_seen(sideband) -> None:
    # elsewhere they differ: toys profile nuisance parameters and move auxiliary data, which tells equal counts apart
    hypothesis = Hypothesis("h", {}, workspace(*on_off(0, sideband, 0.1)))
    exact, toys = (
        compute_limits([hypothesis], [0.90], engine=limit_engine("compiled", method=method, toys=2000))[0]
        for method in ("exact", "toys")
    )
    assert toys.observed == pytest.approx(exact.observed, rel=1e-5)

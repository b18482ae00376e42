from __future__ import annotations

import numpy as np
import pytest

from darkreach.building.informative_channels import channel_information, informative_channels


def kept(signal, background, variance=None):
    background = np.array(background)
    spread = np.zeros(len(background)) if variance is None else np.array(variance)
    return informative_channels(np.array(signal), background, spread).tolist()


def test_without_background_signals_count_alike():
    # s^2/(mu s) is s/mu
    found = channel_information(np.array([1.0, 3.0]), np.zeros(2), np.zeros(2))
    assert found[1] / found[0] == pytest.approx(3.0)


def test_with_much_background_signals_count_squared():
    found = channel_information(np.array([1.0, 3.0]), np.array([1e6, 1e6]), np.zeros(2))
    assert found[1] / found[0] == pytest.approx(9.0, rel=1e-2)


def test_a_thousandth_is_left_out():
    assert kept([1.0, 0.0009], [0.0, 0.0]) == [True, False]
    assert kept([1.0, 0.0011], [0.0, 0.0]) == [True, True]
    # together: neither alone would be worth a thousandth
    assert kept([1.0, 0.0006, 0.0007], [0.0, 0.0, 0.0]) == [True, False, True]


def test_nothing_without_signal():
    assert kept([0.0, 2.0, 0.0], [0.0, 0.0, 3.0]) == [False, True, False]


def test_much_background_gives_way_to_exact_sums():
    # a hundredth of the information, and more background events than can be summed
    assert kept([1.0, 0.5], [0.1, 90.0]) == [True, False]
    assert kept([1.0, 0.5], [0.1, 70.0]) == [True, True]
    # too much to lose
    assert kept([1.0, 2.0], [0.1, 90.0]) == [True, True]


def test_uncertain_background_says_less():
    certain, uncertain = (
        channel_information(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([0.0, one])) for one in (0.0, 10.0)
    )
    assert uncertain[1] < 0.5 * certain[1]

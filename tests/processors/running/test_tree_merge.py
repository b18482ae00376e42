"""Sums in a fixed tree: the same bits in any order of arrival, few sums alive."""

from __future__ import annotations

import math

import hist
import numpy as np
import pytest
from hist import Hist

from darkreach.errors import LedgerError
from darkreach.running.merge import TreeMerge


def merged(values: np.ndarray, order: np.ndarray) -> TreeMerge:
    merge = TreeMerge(len(values))
    for position in order:
        merge.add(int(position), {"sum": values[position].copy()})
    return merge


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 100])
def test_any_order_gives_the_same_bits(count: int) -> None:
    random = np.random.default_rng(count)
    values = random.lognormal(0.0, 8.0, (count, 5))
    reference = merged(values, np.arange(count)).output
    assert reference is not None
    np.testing.assert_allclose(reference["sum"], values.sum(axis=0), rtol=1e-12)
    for _ in range(10):
        output = merged(values, random.permutation(count)).output
        assert output is not None
        np.testing.assert_array_equal(output["sum"], reference["sum"])


def test_a_plain_sum_would_depend_on_the_order() -> None:
    """Else the test above would prove nothing."""
    random = np.random.default_rng(1)
    values = random.lognormal(0.0, 8.0, (100, 5))
    sums = {tuple(sum(values[i] for i in random.permutation(100))) for _ in range(10)}
    assert len(sums) > 1


def test_few_sums_are_alive() -> None:
    count, late = 2000, 7
    merge, most = TreeMerge(count), 0
    # workers finish out of order, but not by much
    order = sorted(range(count), key=lambda index: index + late * ((index * 37) % 2))
    for position in order:
        merge.add(position, {"events": 1})
        most = max(most, merge.alive)
    assert merge.output == {"events": count}
    assert most <= math.ceil(math.log2(count)) + 1 + late


def test_a_missing_or_repeated_position_shows() -> None:
    merge = TreeMerge(3)
    merge.add(0, {"events": 1})
    merge.add(2, {"events": 1})
    assert merge.output is None
    with pytest.raises(LedgerError, match="twice"):
        merge.add(0, {"events": 1})


def test_samples_stay_in_the_order_of_the_plan() -> None:
    """Axes of samples grow as histograms are added: on the left side stands the earlier one."""
    names = [f"sample_{number}" for number in range(6)]
    merge = TreeMerge(len(names))
    for position in (5, 3, 4, 0, 2, 1):
        histogram = Hist(hist.axis.StrCategory([names[position]], growth=True))
        merge.add(position, {"histogram": histogram.fill([names[position]])})
    assert merge.output is not None
    assert list(merge.output["histogram"].axes[0]) == names

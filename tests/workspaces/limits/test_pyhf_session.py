"""pyhf's global backend is the caller's."""

from __future__ import annotations

import logging

import pyhf
import pytest

from darkreach.limits.pyhf_session import pyhf_numpy


@pytest.fixture
def callers_backend():
    before = pyhf.get_backend()
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(tolerance=0.5), precision="32b")
    yield pyhf.get_backend()
    pyhf.set_backend(*before)


def test_the_backend_of_the_caller_comes_back(callers_backend) -> None:
    with pyhf_numpy():
        tensor, optimizer = pyhf.get_backend()
        assert (tensor.precision, optimizer.name) == ("64b", "scipy")
    assert pyhf.get_backend() == callers_backend
    assert not logging.getLogger("pyhf.optimize.mixins").disabled


def test_it_comes_back_after_an_error(callers_backend) -> None:
    with pytest.raises(ZeroDivisionError), pyhf_numpy():
        raise ZeroDivisionError
    assert pyhf.get_backend() == callers_backend
    assert pyhf.tensorlib.precision == "32b"

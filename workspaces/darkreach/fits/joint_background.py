"""The background of a whole scan from one fit of all channels at once.

Hypotheses that share channels, e.g. controls, are fitted to different parts of the data, and their fits without signal
disagree on the shared ones within the errors. Pseudo-data common to all of them need one expectation of every bin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkreach.errors import ConfigError, WorkspaceError
from darkreach.fits.common_toys import CommonBackground
from darkreach.fits.fit_model import FitModel, fit_model
from darkreach.fits.lowest_fit import lowest_fit
from darkreach.fits.postfit import PostFit, post_fit
from darkreach.likelihood.model_arrays import FloatArray

_NO_SIGNAL = "no_signal"


@dataclass(frozen=True, eq=False)
class JointBackground:
    """A background-only workspace and its fit.

    Attributes:
        model: likelihood of all channels; its signal is zero.
        point: fit of the observed data.
    """

    model: FitModel
    point: PostFit

    @property
    def rates(self) -> dict[str, float]:
        """Expected events by bin, ``channel[index]``."""
        return dict(zip(self.model.compiled.bin_names, np.maximum(self.point.rates, 0.0).tolist(), strict=True))

    @property
    def counts(self) -> dict[str, float]:
        """Observed events by bin."""
        return dict(zip(self.model.compiled.bin_names, self.model.arrays.counts.tolist(), strict=True))

    @property
    def values(self) -> dict[str, float]:
        """Fitted parameters by name."""
        return {
            parameter.name: float(value)
            for parameter, value in zip(self.model.parameters, self.point.values, strict=True)
        }


def joint_background(workspace: Mapping[str, Any], measurement: str | None = None) -> JointBackground:
    """Fit all channels of a background-only workspace, as patchsets have one.

    Args:
        workspace: pyhf 1.0.0 workspace without the signal.
        measurement: name of the measurement; None for the first.

    Raises:
        WorkspaceError: it is not usable.
        ConfigError: the fit failed.

    Example:
        >>> rate = {"name": "rate", "type": "normfactor", "data": None}
        >>> fitted = joint_background({
        ...     "channels": [{"name": "c", "samples": [{"name": "b", "data": [5.0, 10.0], "modifiers": [rate]}]}],
        ...     "observations": [{"name": "c", "data": [8.0, 10.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     "version": "1.0.0",
        ... })
        >>> {name: round(rate, 6) for name, rate in fitted.rates.items()}
        {'c[0]': 6.0, 'c[1]': 12.0}
    """
    model = fit_model(with_empty_signal(workspace, measurement), measurement=measurement)
    outcome = lowest_fit(model, model.observed, [(model.parameter(model.poi), 0.0)])
    if outcome.reason:
        raise ConfigError(
            "toys need a fit of all channels without signal", where="background-only workspace", given=outcome.reason
        )
    point = post_fit(model, model.observed, outcome.theta, floored=outcome.floored, held_poi=True)
    return JointBackground(model, point)


def joint_common_background(models: Sequence[FitModel], joint: JointBackground) -> CommonBackground:
    """Return the background expectation of a scan with the rates and parameters of the joint fit.

    Parameters that only hypotheses have, e.g. of a spurious signal, are where their auxiliary data put them.

    Raises:
        ConfigError: a hypothesis has a bin, or observed events, that the joint workspace has not.
    """
    rates, counts, values = joint.rates, joint.counts, joint.values
    bins = {name: index for index, name in enumerate(rates)}
    for model in models:
        for name, count in zip(model.compiled.bin_names, model.arrays.counts, strict=True):
            if counts.get(name) != count:
                raise ConfigError(
                    "a hypothesis does not belong to the background-only workspace",
                    where=f"{model.name}: {name}",
                    given=f"{count:g} events",
                    allowed="no such bin" if name not in counts else f"{counts[name]:g} events",
                    next_step="give the workspace that the patchset was made for",
                )
    known: dict[str, float] = {}
    for model in models:
        for parameter in _constrained(model):
            known.setdefault(parameter.name, values.get(parameter.name, parameter.centre))
    places = {name: index for index, name in enumerate(known)}
    return CommonBackground(
        models=tuple(models),
        rates=_array(rates.values()),
        bins=tuple(np.array([bins[name] for name in model.compiled.bin_names], dtype=np.int64) for model in models),
        names=tuple(known),
        values=_array(known.values()),
        places=tuple(
            np.array([places[parameter.name] for parameter in _constrained(model)], dtype=np.int64) for model in models
        ),
        difference=0.0,
    )


def _constrained(model: FitModel) -> list[Any]:
    return [parameter for parameter in model.parameters if parameter.constraint in ("normal", "poisson")]


def _array(values: Any) -> FloatArray:
    return np.array(list(values), dtype=np.float64)


def with_empty_signal(workspace: Mapping[str, Any], measurement: str | None) -> dict[str, Any]:
    """Return the workspace with a sample of zero events that the parameter of interest multiplies."""
    try:
        measurements = workspace["measurements"]
        chosen = next((one for one in measurements if one["name"] == measurement), measurements[0])
        poi, (first, *others) = chosen["config"]["poi"], workspace["channels"]
        bins = len(first["samples"][0]["data"])
        modifiers = [modifier["name"] for channel in workspace["channels"] for sample in channel["samples"]
                     for modifier in sample["modifiers"]]  # fmt: skip
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise WorkspaceError(
            "the workspace does not follow the pyhf 1.0.0 schema",
            given=f"{type(error).__name__}: {error}",
            next_step="check it with `pyhf inspect FILE`",
        ) from error
    if poi in modifiers:
        return dict(workspace)
    factor = {"name": poi, "type": "normfactor", "data": None}
    signal = {"name": _NO_SIGNAL, "data": [0.0] * bins, "modifiers": [factor]}
    return {**workspace, "channels": [{**first, "samples": [*first["samples"], signal]}, *others]}

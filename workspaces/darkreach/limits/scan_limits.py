"""Limits of a scan straight from arrays of its signal: no workspace is written or read for a hypothesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from darkreach.errors import LimitError
from darkreach.likelihood.packed_models import PackedModels
from darkreach.likelihood.scan_models import ScanModels, scan_models
from darkreach.likelihood.signal_scan import SignalScan
from darkreach.limits.results import Limit
from darkreach.sharing.hypothesis import Hypothesis

_BATCH = 64


def scan_limits(
    workspace: Mapping[str, Any],
    scan: SignalScan,
    confidence_levels: Sequence[float],
    *,
    values: Sequence[Mapping[str, float | str]],
    names: Sequence[str] | None = None,
    signal: str = "signal",
    workers: int = 1,
) -> list[Limit]:
    """Return the asymptotic limits of all hypotheses of a scan, those of one hypothesis together.

    Args:
        workspace: pyhf workspace with the signal sample and its modifiers in place (``likelihood.add_signal``); its
            numbers are replaced.
        scan: signal of N hypotheses.
        confidence_levels: e.g. (0.90, 0.95).
        values: coordinates of each hypothesis, e.g. [{"mass_gev": 1.0}, ...].
        names: of the hypotheses; made from the coordinates if missing.
        signal: name of the sample.
        workers: threads; the result does not depend on it.

    Raises:
        WorkspaceError: the workspace is not usable, or its signal and the scan do not fit together.
        LimitError: a coordinate or name is missing, or a confidence level is not between 0 and 1.

    Example:
        >>> import numpy as np
        >>> from darkreach.likelihood import add_signal
        >>> background = {
        ...     "channels": [{"name": "c", "samples": [{"name": "b", "data": [100.0, 90.0], "modifiers": []}]}],
        ...     "observations": [{"name": "c", "data": [100.0, 90.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     "version": "1.0.0",
        ... }
        >>> workspace = add_signal(background, {"c": [("normfactor", "mu")]})
        >>> scan = SignalScan(np.array([[1.0, 0.0], [0.0, 1.0]]))
        >>> found = scan_limits(workspace, scan, [0.95], values=[{"mass_gev": 1.0}, {"mass_gev": 2.0}])
        >>> [round(limit.observed, 1) for limit in found]
        [20.9, 19.9]
    """
    # imports scipy, which importing this module must not do
    from darkreach.limits.compiled_engine import CompiledEngine

    hypotheses = _hypotheses(workspace, scan, values, names)
    models = scan_models(workspace, scan, signal=signal)

    def batch(first: int) -> list[list[Limit]]:
        chosen = range(first, min(first + _BATCH, scan.hypotheses))
        return CompiledEngine().limits_of_packed(
            [hypotheses[index] for index in chosen],
            [models.model(index) for index in chosen],
            _part(models, chosen),
            confidence_levels,
        )

    with ThreadPoolExecutor(workers) as executor:
        batches = list(executor.map(batch, range(0, scan.hypotheses, _BATCH)))
    return [limit for found in batches for limits in found for limit in limits]


def _hypotheses(
    workspace: Mapping[str, Any],
    scan: SignalScan,
    values: Sequence[Mapping[str, float | str]],
    names: Sequence[str] | None,
) -> list[Hypothesis]:
    if len(values) != scan.hypotheses or (names is not None and len(names) != scan.hypotheses):
        raise LimitError(
            "hypotheses, coordinates and names differ in number",
            allowed=f"{scan.hypotheses} of each",
            given=f"{len(values)} coordinates, {scan.hypotheses if names is None else len(names)} names",
        )
    labels = names or ["_".join(f"{key}_{value}" for key, value in point.items()) for point in values]
    return [Hypothesis(name, point, workspace) for name, point in zip(labels, values, strict=True)]


def _part(models: ScanModels, chosen: range) -> PackedModels:
    packed, part = models.packed, slice(chosen.start, chosen.stop)
    return packed._replace(float_start=packed.float_start[part], integer_start=packed.integer_start[part])

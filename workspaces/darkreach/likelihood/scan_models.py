"""Likelihoods of a scan straight from arrays of its signal: one compiled workspace, copied rows, changed columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import WorkspaceError, unknown_name
from darkreach.likelihood.model_arrays import CompiledModel, FloatArray, IndexArray
from darkreach.likelihood.model_template import ModelTemplate, make_template
from darkreach.likelihood.normalisation_polynomial import polynomial_columns
from darkreach.likelihood.packed_models import PackedModels
from darkreach.likelihood.signal_scan import SignalScan, scan_workspace
from darkreach.likelihood.staterror_widths import relative_widths
from darkreach.likelihood.template_plan import SamplePlan, StaterrorPlan


@dataclass(frozen=True)
class ScanModels:
    """The likelihoods of all hypotheses of a scan.

    Attributes:
        packed: their arrays, in the order of the hypotheses.
        templates: one for each structure; bins without any uncertainty make another one.
        structure: shape (N,), number of the template of each hypothesis.
    """

    packed: PackedModels
    templates: tuple[ModelTemplate, ...]
    structure: IndexArray

    def model(self, index: int) -> CompiledModel:
        """Return the likelihood of one hypothesis, a view of the packed arrays."""
        template = self.templates[int(self.structure[index])]
        begin = int(self.packed.float_start[index])
        row = self.packed.floats[begin : begin + template.floats.size]
        return template.with_row(row, template.model.poi_bounds)


@dataclass(frozen=True)
class _Part:
    """The signal in one channel: its bins among all, its places in the row."""

    bins: slice
    plan: SamplePlan
    modifiers: tuple[Mapping[str, Any], ...]


def scan_models(
    workspace: Mapping[str, Any], scan: SignalScan, *, signal: str = "signal", measurement: str | None = None
) -> ScanModels:
    """Return the likelihoods of all hypotheses of a scan, equal bit by bit to compiling their workspaces.

    Args:
        workspace: with the signal sample and its modifiers in place (``add_signal``); its numbers are replaced.
        scan: the signal of all hypotheses.
        signal: name of the sample.
        measurement: name of the measurement; None for the first.

    Raises:
        WorkspaceError: the workspace is not usable, or its signal and the scan do not fit together.
        UnknownNameError: the scan has a systematic uncertainty that the signal has not.

    Example:
        >>> background = {"name": "b", "data": [3.0, 2.0], "modifiers": []}
        >>> signal = {"name": "signal", "data": [0.0, 0.0],
        ...           "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]}
        >>> workspace = {
        ...     "channels": [{"name": "c", "samples": [background, signal]}],
        ...     "observations": [{"name": "c", "data": [3.0, 1.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ... }
        >>> models = scan_models(workspace, SignalScan(np.array([[1.0, 0.5], [0.5, 1.0]])))
        >>> models.model(1).arrays.nominal
        array([3. , 2. , 0.5, 1. ])
    """
    _check_fit(workspace, scan, signal)
    first = make_template(scan_workspace(workspace, scan, 0, signal), measurement)
    parts = tuple(_parts(first, scan, signal))
    widths = _widths(first, parts, scan)
    structure, leaders = _structures(widths, scan.hypotheses)
    templates = [first]
    templates += [make_template(scan_workspace(workspace, scan, index, signal), measurement) for index in leaders[1:]]
    float_start = np.zeros(scan.hypotheses, dtype=np.int64)
    rows, end = [], 0
    for number, template in enumerate(templates):
        # a slice where there is one structure only, so that nothing is copied
        members: Any = slice(None) if len(templates) == 1 else np.flatnonzero(structure == number)
        filled = _filled_rows(template, tuple(_parts(template, scan, signal)), scan, widths, members)
        float_start[members] = end + template.floats.size * np.arange(filled.shape[0])
        rows.append(filled.ravel())
        end += filled.size
    integers = [template.integers for template in templates]
    integer_start = np.cumsum([0, *(row.size for row in integers[:-1])])[structure]
    packed = PackedModels(
        rows[0] if len(rows) == 1 else np.concatenate(rows), np.concatenate(integers), float_start, integer_start
    )
    return ScanModels(packed, tuple(templates), structure)


def _check_fit(workspace: Mapping[str, Any], scan: SignalScan, signal: str) -> None:
    bins = sum(len(channel["samples"][0]["data"]) for channel in workspace["channels"])
    if scan.nominal.shape[1] != bins or not scan.hypotheses:
        raise WorkspaceError(
            "the scan does not fit the workspace",
            allowed=f"(1 or more hypotheses, {bins} bins)",
            given=str(scan.nominal.shape),
            next_step="give all bins of all channels, channels in alphabetical order",
        )
    samples = [s for channel in workspace["channels"] for s in channel["samples"] if s["name"] == signal]
    carried = {(modifier["type"], modifier["name"]) for sample in samples for modifier in sample["modifiers"]}
    for kind, given in (("normsys", scan.normalisations), ("histosys", scan.shapes)):
        for name in given:
            if (kind, name) not in carried:
                raise unknown_name(kind, name, {known for own, known in carried if own == kind}, where=signal)
    for kind, name in sorted(carried):
        missing = (kind == "histosys" and name not in scan.shapes) or (kind == "staterror" and scan.statistical is None)
        if missing or kind == "shapesys":
            raise WorkspaceError(
                f"the scan has no numbers for {kind} '{name}' of the signal",
                where=f"sample {signal}",
                next_step="add them to the scan, or remove the modifier (shapesys: use a staterror)",
            )


def _parts(template: ModelTemplate, scan: SignalScan, signal: str) -> Iterator[_Part]:
    first, absent = 0, np.ones(scan.nominal.shape[1], dtype=bool)
    for _, plans in sorted(template.channels, key=lambda channel: channel[0]):
        bins = slice(first, first + plans[0].rates.size)
        for plan in plans:
            if plan.sample["name"] == signal:
                absent[bins] = False
                yield _Part(bins, plan, tuple(plan.sample["modifiers"]))
        first = bins.stop
    if np.any(scan.nominal[:, absent]):
        raise WorkspaceError(
            "the scan has signal in a channel without the signal sample",
            where=template.model.bin_names[int(np.flatnonzero(absent)[0])],
            next_step="add the sample to that channel",
        )


def _widths(template: ModelTemplate, parts: tuple[_Part, ...], scan: SignalScan) -> dict[int, FloatArray]:
    """Return the relative uncertainties (N, bins) of every staterror that the signal carries."""
    widths = {}
    for part in parts:
        for _, number, carrier in part.plan.staterrors:
            plan = template.staterrors[number]
            if not plan.places.refillable:
                raise WorkspaceError(
                    "the measurement sets the constraint of a staterror that the signal carries",
                    where=part.plan.sample["name"],
                    next_step="remove its auxdata, sigmas and fixed from the parameters of the measurement",
                )
            widths[number] = _summed_widths(plan, carrier, scan, part.bins)
    return widths


def _summed_widths(plan: StaterrorPlan, carrier: int, scan: SignalScan, bins: slice) -> FloatArray:
    assert scan.statistical is not None
    total, variance = scan.nominal[:, bins], np.square(scan.statistical[:, bins])
    before = plan.before[carrier]
    if before is not None:
        total, variance = before[0] + total, before[1] + variance
    for rates, more in zip(plan.rates[carrier + 1 :], plan.variances[carrier + 1 :], strict=True):
        total, variance = total + rates, variance + more
    return relative_widths(total, variance)


def _structures(widths: Mapping[int, FloatArray], hypotheses: int) -> tuple[IndexArray, list[int]]:
    """Group hypotheses by their bins without uncertainty; return the group of each and the first of each group."""
    structure = np.zeros(hypotheses, dtype=np.int64)
    if not widths:
        return structure, [0]
    idle: NDArray[np.bool_] = np.concatenate([relative == 0.0 for relative in widths.values()], axis=1)
    if (idle == idle[0]).all():
        return structure, [0]
    numbers: dict[bytes, int] = {}
    leaders = []
    for index, pattern in enumerate(idle):
        key = pattern.tobytes()
        if key not in numbers:
            numbers[key] = len(numbers)
            leaders.append(index)
        structure[index] = numbers[key]
    return structure, leaders


def _filled_rows(
    template: ModelTemplate, parts: tuple[_Part, ...], scan: SignalScan, widths: Mapping[int, FloatArray], members: Any
) -> FloatArray:
    nominal = scan.nominal[members]
    rows = np.empty((nominal.shape[0], template.floats.size))
    rows[:] = template.floats
    polynomials = {name: _polynomials(*pair, members) for name, pair in scan.normalisations.items()}
    for part in parts:
        own = nominal[:, part.bins]
        rows[:, part.plan.nominal] = own
        for shape in part.plan.shapes:
            high, low = scan.shapes[part.modifiers[shape.modifier]["name"]]
            np.subtract(high[members, part.bins], own, out=rows[:, shape.up])
            np.subtract(own, low[members, part.bins], out=rows[:, shape.down])
        for position, place in part.plan.normalisations:
            name = part.modifiers[position]["name"]
            if name in polynomials:
                rows[:, place] = polynomials[name]
    for number, relative in widths.items():
        places = template.staterrors[number].places
        chosen = np.where(places.idle, 1.0, relative[members])
        rows[:, places.widths] = chosen[:, places.used]
    return rows


def _polynomials(high: FloatArray, low: FloatArray, members: Any) -> FloatArray:
    high, low = high[members], low[members]
    # the logarithm of the standard library, as for single workspaces; numpy's may differ in the last bit
    log_high = np.fromiter(map(math.log, high.tolist()), dtype=np.float64, count=high.size)
    log_low = np.fromiter(map(math.log, low.tolist()), dtype=np.float64, count=low.size)
    return np.stack(polynomial_columns(high, low, log_high, log_low), axis=1)

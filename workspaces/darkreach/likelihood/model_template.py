"""A compiled workspace as template: hypotheses of the same structure need only their changed numbers filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkreach.likelihood.compile_workspace import build_arrays
from darkreach.likelihood.model_arrays import UNCONSTRAINED, CompiledModel, FloatArray, ModelArrays
from darkreach.likelihood.normalisation_polynomial import COEFFICIENTS, normalisation_polynomial
from darkreach.likelihood.packed_models import float_positions, float_row, integer_row
from darkreach.likelihood.parameter_sets import shapesys_factors
from darkreach.likelihood.staterror_widths import relative_widths
from darkreach.likelihood.template_plan import PlanMaker, SamplePlan, StaterrorPlan

_POLYNOMIAL = ModelArrays._fields.index("factor_polynomial")
_UNUSABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError)


class _OtherStructureError(ValueError):
    """A workspace cannot be filled into a template."""


@dataclass(frozen=True)
class ModelTemplate:
    """A compiled workspace with the places of its numbers; make it with ``make_template``.

    Attributes:
        model: of the workspace the template was made from.
        floats: shape (F,), its numbers in the order of ``packed_models.FLOAT_FIELDS``.
        integers: shape (I,), the row of integers that all its hypotheses share.
        measurement: the measurement in use, as the workspace has it.
        measurement_name: as asked for; None for the first.
        channels: name and sample plans of each channel, in the order of the workspace.
        observations: name, data and place of each observation, in the order of the workspace.
        staterrors: plans of the staterrors.
        pieces: number of each field of floats in ``ModelArrays``, and its place in the row.
    """

    model: CompiledModel
    floats: FloatArray
    integers: Any
    measurement: Mapping[str, Any]
    measurement_name: str | None
    channels: tuple[tuple[str, tuple[SamplePlan, ...]], ...]
    observations: tuple[tuple[str, Any, slice | None], ...]
    staterrors: tuple[StaterrorPlan, ...]
    pieces: tuple[tuple[int, slice], ...]

    def refill(self, workspace: Mapping[str, Any]) -> CompiledModel | None:
        """Return what ``compile_workspace`` returns, or None where the workspace must be compiled anew.

        None stands for another structure as well as for numbers that are not usable: compiling it says why.
        The integer arrays and names are those of the template.
        """
        filled = self.refill_row(workspace)
        return None if filled is None else self.with_row(*filled)

    def refill_row(self, workspace: Mapping[str, Any]) -> tuple[FloatArray, tuple[float, float]] | None:
        """Return the row of floats of a workspace and its declared bounds of the POI, or None as ``refill`` does."""
        row = self.floats.copy()
        try:
            poi_bounds = self._fill_poi(workspace["measurements"], row)
            self._fill_observations(workspace["observations"], row)
            self._fill_channels(workspace["channels"], row)
        except _UNUSABLE:
            return None
        return row, poi_bounds

    def with_row(self, row: FloatArray, poi_bounds: tuple[float, float]) -> CompiledModel:
        """Return the model with the numbers of a row, which it shares, and declared bounds of the POI."""
        known = self.model
        fields: list[Any] = list(known.arrays)
        for number, place in self.pieces:
            fields[number] = row[place]
        fields[_POLYNOMIAL] = fields[_POLYNOMIAL].reshape(-1, COEFFICIENTS)
        return CompiledModel(
            ModelArrays._make(fields),
            known.parameter_names,
            known.gamma_names,
            known.bin_names,
            poi_bounds,
            known.measurement,
        )

    def _fill_poi(self, measurements: Any, row: FloatArray) -> tuple[float, float]:
        """Compare the measurement, in which only start and bounds of free normalisations may differ."""
        if self.measurement_name is None:
            chosen = measurements[0]
        else:
            chosen = next(entry for entry in measurements if entry["name"] == self.measurement_name)
        if chosen == self.measurement:
            return self.model.poi_bounds
        poi_bounds = self.model.poi_bounds
        new, old = dict(chosen["config"]), dict(self.measurement["config"])
        entries, known = new.pop("parameters"), old.pop("parameters")
        if new != old or chosen["name"] != self.measurement["name"] or len(entries) != len(known):
            raise _OtherStructureError
        for entry, other in zip(entries, known, strict=True):
            if entry != other:
                changed = other | {key: entry[key] for key in ("inits", "bounds") if key in other}
                if entry != changed or not {"inits", "bounds"} <= changed.keys():
                    raise _OtherStructureError
                (initial,), ((low, high),) = entry["inits"], entry["bounds"]
                if not (low < high and low <= initial <= high and math.isfinite(initial)):
                    raise _OtherStructureError
                if other["name"] != new["poi"]:
                    self._fill_normalisation(other["name"], float(initial), (float(low), float(high)), row)
                    continue
                if not high > 0.0:
                    raise _OtherStructureError
                poi_bounds = float(low), float(high)
                row[int(self.model.arrays.poi[0])] = max(float(initial), 0.0)
        return poi_bounds

    def _fill_normalisation(self, name: str, initial: float, bounds: tuple[float, float], row: FloatArray) -> None:
        """Fill start and bounds of a free normalisation; these three fields begin the row."""
        arrays = self.model.arrays
        if name not in self.model.parameter_names:
            raise _OtherStructureError
        index, size = self.model.parameter_names.index(name), arrays.initial.size
        if arrays.constraint[index] != UNCONSTRAINED:
            raise _OtherStructureError
        row[index], row[size + index], row[2 * size + index] = initial, *bounds

    def _fill_observations(self, observations: Any, row: FloatArray) -> None:
        if len(observations) != len(self.observations):
            raise _OtherStructureError
        for entry, (name, known, place) in zip(observations, self.observations, strict=True):
            if entry["name"] != name:
                raise _OtherStructureError
            data = entry["data"]
            if data != known and place is not None:
                row[place] = _numbers(data, place.stop - place.start)
                if row[place].min() < 0.0:
                    raise _OtherStructureError

    def _fill_channels(self, channels: Any, row: FloatArray) -> None:
        if len(channels) != len(self.channels):
            raise _OtherStructureError
        changed: dict[int, dict[int, tuple[FloatArray, FloatArray]]] = {}
        renamed = False
        for channel, (name, plans) in zip(channels, self.channels, strict=True):
            samples = channel["samples"]
            if channel["name"] != name or len(samples) != len(plans):
                raise _OtherStructureError
            renamed = renamed or any(s["name"] != p.sample["name"] for s, p in zip(samples, plans, strict=True))
            for sample, plan in zip(samples, plans, strict=True):
                if sample != plan.sample:
                    self._fill_sample(sample, plan, row, changed)
        if renamed:
            self._check_new_names(channels)
        for number, parts in changed.items():
            _fill_staterror(self.staterrors[number], parts, row)

    def _check_new_names(self, channels: Any) -> None:
        """Refuse new names of samples, often that of the signal, which change the order or mix samples up."""
        names: dict[str, str] = {}
        for channel, (_, plans) in zip(channels, self.channels, strict=True):
            new, old = [sample["name"] for sample in channel["samples"]], [plan.sample["name"] for plan in plans]
            if len(set(new)) != len(new) or np.argsort(new).tolist() != np.argsort(old).tolist():
                raise _OtherStructureError
            if any(names.setdefault(before, after) != after for before, after in zip(old, new, strict=True)):
                raise _OtherStructureError
        if len(set(names.values())) != len(names):
            raise _OtherStructureError

    def _fill_sample(
        self,
        sample: Mapping[str, Any],
        plan: SamplePlan,
        row: FloatArray,
        changed: dict[int, dict[int, tuple[FloatArray, FloatArray]]],
    ) -> None:
        modifiers, known = sample["modifiers"], plan.sample["modifiers"]
        if len(modifiers) != len(known):
            raise _OtherStructureError
        differs = [_differs(new, old) for new, old in zip(modifiers, known, strict=True)]
        rates, data = plan.rates, sample["data"]
        moved = data != plan.sample["data"]
        if moved:
            rates = _numbers(data, rates.size)
            row[plan.nominal] = rates
        for position, up, down, up_rates, down_rates in plan.shapes:
            if differs[position]:
                templates = modifiers[position]["data"]
                up_rates, down_rates = (
                    _numbers(templates["hi_data"], rates.size),
                    _numbers(templates["lo_data"], rates.size),
                )
            if moved or differs[position]:
                np.subtract(up_rates, rates, out=row[up])
                np.subtract(rates, down_rates, out=row[down])
        for position, polynomial in plan.normalisations:
            if differs[position]:
                factors = modifiers[position]["data"]
                high, low = float(factors["hi"]), float(factors["lo"])
                if not (high < math.inf and low < math.inf):
                    raise _OtherStructureError
                row[polynomial] = normalisation_polynomial(high, low)
        for position, number, carrier in plan.staterrors:
            if moved or differs[position]:
                variance = self.staterrors[number].variances[carrier]
                if differs[position]:
                    variance = _squares(modifiers[position]["data"], rates.size)
                changed.setdefault(number, {})[carrier] = rates, variance
        for position, centres, places in plan.shapesys:
            if moved or differs[position]:
                factors, valid = shapesys_factors(rates, _numbers(modifiers[position]["data"], rates.size))
                if not places.refillable or (valid == places.idle).any():
                    raise _OtherStructureError
                row[places.widths] = row[centres] = factors[places.used]


def make_template(workspace: Mapping[str, Any], measurement: str | None = None) -> ModelTemplate:
    """Compile a workspace and return it as template.

    Args:
        workspace: pyhf 1.0.0 workspace as JSON-like data.
        measurement: name of the measurement; None for the first.

    Raises:
        WorkspaceError: the workspace is not usable.

    Example:
        >>> def workspace(rate):
        ...     modifier = {"name": "mu", "type": "normfactor", "data": None}
        ...     sample = {"name": "s", "data": [rate], "modifiers": [modifier]}
        ...     return {
        ...         "channels": [{"name": "c", "samples": [sample]}],
        ...         "observations": [{"name": "c", "data": [3.0]}],
        ...         "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     }
        >>> make_template(workspace(1.0)).refill(workspace(2.0)).arrays.nominal
        array([2.])
    """
    # a copy: what the caller changes in place later must not look like the template
    workspace = _copied(dict(workspace) if isinstance(workspace, Mapping) else workspace)
    builder = build_arrays(workspace, measurement)
    content, model = builder.content, builder.finish()
    positions = float_positions(model.arrays)
    samples = tuple(workspace["channels"][b.channel_index]["samples"][b.sample_index] for b in content.blocks)
    maker = PlanMaker(builder, positions, samples)
    plans = {(b.channel_index, b.sample_index): plan for b, plan in zip(content.blocks, maker.samples, strict=True)}
    return ModelTemplate(
        model=model,
        floats=float_row(model.arrays),
        integers=integer_row(model.arrays),
        measurement=next(entry for entry in workspace["measurements"] if entry["name"] == content.measurement),
        measurement_name=measurement,
        channels=tuple(
            (channel["name"], tuple(plans[index, number] for number in range(len(channel["samples"]))))
            for index, channel in enumerate(workspace["channels"])
        ),
        observations=_observations(workspace, builder, positions["counts"]),
        staterrors=maker.staterrors,
        pieces=_pieces(model.arrays, positions),
    )


def _observations(workspace: Mapping[str, Any], builder: Any, counts: int) -> tuple[tuple[str, Any, slice | None], ...]:
    places = {
        block.channel: slice(counts + block.bins.start, counts + block.bins.stop) for block in builder.content.blocks
    }
    return tuple((entry["name"], entry["data"], places.get(entry["name"])) for entry in workspace["observations"])


def _copied(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _copied(item) for key, item in content.items()}
    if isinstance(content, (list, tuple)):
        # comparing numbers that are the same objects takes half the time
        return [item if type(item) is float else _copied(item) for item in content]
    return content


def _pieces(model: ModelArrays, positions: Mapping[str, int]) -> tuple[tuple[int, slice], ...]:
    return tuple(
        (ModelArrays._fields.index(name), slice(begin, begin + getattr(model, name).size))
        for name, begin in positions.items()
    )


def _differs(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    if new == old:
        return False
    if new["type"] != old["type"] or new["name"] != old["name"]:
        raise _OtherStructureError
    return True


def _numbers(values: Any, bins: int) -> FloatArray:
    # the sum is finite only if every number is, and texts have none
    if not math.isfinite(sum(values)):
        raise _OtherStructureError
    numbers = np.array(values, dtype=np.float64)
    if numbers.shape != (bins,):
        raise _OtherStructureError
    return numbers


def _squares(values: Any, bins: int) -> FloatArray:
    errors = _numbers(values, bins)
    if errors.min() < 0.0:
        raise _OtherStructureError
    return np.square(errors)


def _fill_staterror(plan: StaterrorPlan, changed: Mapping[int, tuple[FloatArray, FloatArray]], row: FloatArray) -> None:
    first = min(changed)
    sums = plan.before[first]
    for carrier in range(first, len(plan.rates)):
        rates, variance = changed.get(carrier) or (plan.rates[carrier], plan.variances[carrier])
        # in the order of the blocks, so that the sum is the same to the last bit
        sums = (rates, variance) if sums is None else (sums[0] + rates, sums[1] + variance)
    if sums is None or not plan.places.refillable:
        raise _OtherStructureError
    relative = relative_widths(*sums)
    # widths beyond all numbers are compiled anew, which refuses them
    if ((relative == 0.0) != plan.places.idle).any() or not relative.max() < math.inf:
        raise _OtherStructureError
    # a fixed bin may stand in theta, with the width pyhf gives it
    relative[plan.places.idle] = 1.0
    row[plan.places.widths] = relative[plan.places.used]

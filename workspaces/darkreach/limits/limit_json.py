"""Limits as JSON-like data and back, with every key checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast, get_args

from darkreach.errors import InputFileError, unknown_name
from darkreach.limits.results import TOY_FIELDS, Limit, LimitQuality, Method, Status

_LIMIT_KEYS = tuple(field.name for field in fields(Limit))
_QUALITY_KEYS = tuple(field.name for field in fields(LimitQuality) if field.name not in TOY_FIELDS)


def limits_as_json_list(limits: Sequence[Limit]) -> list[dict[str, Any]]:
    """Return the objects of ``darkreach limit --json``: a failed hypothesis has null numbers, a status and a reason.

    Example:
        >>> limit = Limit("m1", {"mass_gev": 1.0}, 0.95, "asymptotic", "pyhf", None, (), "failed", "no minimum")
        >>> entry = limits_as_json_list([limit])[0]
        >>> entry["observed"], entry["expected"], entry["status"]
        (None, [None, None, None, None, None], 'failed')
    """
    return [limit.as_dict() for limit in limits]


def limit_from_json(content: Any, *, where: str = "limit") -> Limit:
    """Return the limit of one JSON object.

    Args:
        content: as made by ``Limit.as_dict``.
        where: named in errors.

    Raises:
        InputFileError: a key is missing or a value is of the wrong kind.
        UnknownNameError: a key nobody knows.
    """
    check_keys(content, _LIMIT_KEYS, where)
    quality = content["quality"]
    has_toys = isinstance(quality, Mapping) and any(name in quality for name in TOY_FIELDS)
    check_keys(quality, (*_QUALITY_KEYS, *TOY_FIELDS) if has_toys else _QUALITY_KEYS, f"{where}.quality")
    status = content["status"]
    if status not in get_args(Status):
        raise unknown_name("status", str(status), get_args(Status), where=where)
    try:
        return Limit(
            name=str(content["name"]),
            values={str(label): _coordinate(value) for label, value in content["values"].items()},
            cl=float(content["cl"]),
            method=_method(content["method"], status, where),
            engine=str(content["engine"]),
            observed=_finite(content["observed"]) if status == "ok" else None,
            expected=_five(content["expected"]) if status == "ok" else (),
            status=status,
            reason=str(content["reason"]),
            quality=_quality(quality, has_toys),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise InputFileError(
            "not a limit", where=where, given=str(error), next_step="compute the limits again"
        ) from error


def _quality(content: Mapping[str, Any], has_toys: bool) -> LimitQuality:
    toys: dict[str, Any] = {}
    if has_toys:
        toys = {
            "toys": int(content["toys"]),
            "failed_toys": int(content["failed_toys"]),
            "failed_toys_at": tuple(str(place) for place in content["failed_toys_at"]),
            "observed_error": _number_or_none(content["observed_error"]),
            "expected_errors": tuple(float(value) for value in content["expected_errors"]),
        }
    return LimitQuality(
        cls_at_observed=_number_or_none(content["cls_at_observed"]),
        cls_at_expected=tuple(math.nan if value is None else float(value) for value in content["cls_at_expected"]),
        parameters_at_bound=tuple(str(name) for name in content["parameters_at_bound"]),
        evaluations=int(content["evaluations"]),
        note=str(content["note"]),
        **toys,
    )


def check_keys(content: Any, known: Sequence[str], where: str) -> None:
    """Refuse anything but a JSON object with exactly the known keys.

    Raises:
        InputFileError: not an object, or a key is missing.
        UnknownNameError: a key nobody knows.
    """
    if not isinstance(content, Mapping):
        raise InputFileError("not a JSON object", where=where, given=type(content).__name__)
    for key in content:
        if key not in known:
            raise unknown_name("key", str(key), known, where=where)
    missing = [key for key in known if key not in content]
    if missing:
        raise InputFileError("keys are missing", where=where, allowed=", ".join(known), given=f"no {missing}")


def _method(given: Any, status: Status, where: str) -> Method:
    # only a limit that failed can be without a method
    methods = [known for known in get_args(Method) if status == "failed" or known != "auto"]
    for known in methods:
        if given == known:
            return cast("Method", known)
    raise unknown_name("method", str(given), methods, where=where)


def _five(values: Sequence[float]) -> tuple[float, ...]:
    if len(values) != 5:
        raise ValueError(f"{len(values)} expected limits instead of 5")
    # null stands for a limit that does not exist
    return tuple(math.inf if value is None else _finite(value) for value in values)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a limit")
    return number


def _coordinate(value: Any) -> float | str:
    return value if isinstance(value, str) else float(value)


def _number_or_none(value: Any) -> float | None:
    return None if value is None else float(value)

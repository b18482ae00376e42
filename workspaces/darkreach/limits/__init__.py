"""Limits: hypotheses in, CLs upper limits on the signal strength out, with a self-check of each."""

from darkreach.limits.compute import compute_limits
from darkreach.limits.engine import LimitEngine
from darkreach.limits.engines import (
    DEFAULT_SEED,
    DEFAULT_TOYS,
    ENGINE_NAMES,
    METHOD_NAMES,
    MINIMUM_TOYS,
    EngineName,
    MethodName,
    limit_engine,
    make_engine,
)
from darkreach.limits.limit_json import limit_from_json, limits_as_json_list
from darkreach.limits.limits_file import LimitsDocument, read_limits, write_limits
from darkreach.limits.one_hypothesis import limits_of, method_of
from darkreach.limits.results import Limit, LimitQuality, Status
from darkreach.limits.scan_limits import scan_limits

__all__ = [
    "DEFAULT_SEED",
    "DEFAULT_TOYS",
    "ENGINE_NAMES",
    "METHOD_NAMES",
    "MINIMUM_TOYS",
    "EngineName",
    "Limit",
    "LimitEngine",
    "LimitQuality",
    "LimitsDocument",
    "MethodName",
    "Status",
    "compute_limits",
    "limit_engine",
    "limit_from_json",
    "limits_as_json_list",
    "limits_of",
    "make_engine",
    "method_of",
    "read_limits",
    "scan_limits",
    "write_limits",
]

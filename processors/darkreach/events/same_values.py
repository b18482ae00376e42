"""Whether two columns hold the same bits: NaN equals the same NaN, and -0 is not 0."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def same_arrow_values(first: pa.Array, second: pa.Array) -> bool:
    """Compare two Arrow arrays: type, nulls, lengths of lists, and every bit of the values that are not null.

    Example:
        >>> same_arrow_values(pa.array([float("nan"), None]), pa.array([float("nan"), None]))
        True
        >>> same_arrow_values(pa.array([0.0]), pa.array([-0.0]))
        False
    """
    if first.type != second.type or len(first) != len(second) or not first.is_null().equals(second.is_null()):
        return False
    if pa.types.is_list(first.type) or pa.types.is_large_list(first.type):
        lengths = pc.list_value_length(first).equals(pc.list_value_length(second))
        return bool(lengths and same_arrow_values(first.flatten(), second.flatten()))
    if pa.types.is_floating(first.type):
        integer = {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[first.type.bit_width]
        first, second = first.view(integer), second.view(integer)
    return bool(first.equals(second))


def same_awkward_values(first: ak.Array, second: ak.Array) -> bool:
    """Compare two arrays of numbers, lists of numbers or text.

    Example:
        >>> same_awkward_values(ak.Array([[1.0], []]), ak.Array([[1.0], []]))
        True
        >>> same_awkward_values(ak.Array([[1.0], []]), ak.Array([[], [1.0]]))
        False
    """
    if first.layout.is_list:
        if str(first.type) != str(second.type):
            return False
        offsets, values = _lists(first)
        other_offsets, other_values = _lists(second)
        return np.array_equal(offsets, other_offsets) and _same_bits(values, other_values)
    return _same_bits(np.asarray(first), np.asarray(second))


def _lists(array: ak.Array) -> tuple[Any, Any]:
    layout: Any = ak.to_layout(array).to_ListOffsetArray64(True)
    return np.asarray(layout.offsets), np.asarray(layout.content.to_backend_array())[: layout.offsets[-1]]


def _same_bits(first: Any, second: Any) -> bool:
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    return np.array_equal(np.ascontiguousarray(first).view(np.uint8), np.ascontiguousarray(second).view(np.uint8))

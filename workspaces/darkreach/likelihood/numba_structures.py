"""Model and work space as numba structures: compiled functions pass one pointer instead of sixty arrays.

Only this module (and whoever compiles the kernel) imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numba import njit
from numba.core import types
from numba.experimental import structref
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from darkreach.likelihood.model_arrays import ModelArrays, Scratch


class _ArrayStructure(types.StructRef):
    """A structure whose fields are arrays."""

    def preprocess_fields(self, fields: Any) -> Any:
        """Keep the field types free of literal values."""
        return tuple((name, types.unliteral(kind)) for name, kind in fields)  # type: ignore[no-untyped-call]


@structref.register
class ModelStructure(_ArrayStructure):
    """Compile-time type of ``ModelReference``."""


@structref.register
class ScratchStructure(_ArrayStructure):
    """Compile-time type of ``ScratchReference``."""


class ModelReference(structref.StructRefProxy):
    """The fields of ``ModelArrays`` behind one pointer; made inside compiled code."""


class ScratchReference(structref.StructRefProxy):
    """The fields of ``Scratch`` behind one pointer; made inside compiled code."""


structref.define_proxy(ModelReference, ModelStructure, list(ModelArrays._fields))  # type: ignore[no-untyped-call]
structref.define_proxy(ScratchReference, ScratchStructure, list(Scratch._fields))  # type: ignore[no-untyped-call]

# compiled code reads fields by name, whichever of the two forms it is given
model_structure: Callable[..., ModelArrays] = cast("Callable[..., ModelArrays]", ModelReference)
scratch_structure: Callable[..., Scratch] = cast("Callable[..., Scratch]", ScratchReference)


def _pointer(element: types.Type) -> Callable[..., Any]:
    """Return the compiled function that takes an address as a pointer."""

    def typed(context: Any, address: Any) -> Any:
        return types.CPointer(element)(address), generated  # type: ignore[no-untyped-call]

    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    made: Callable[..., Any] = intrinsic(typed)
    return made


_float_pointer, _integer_pointer = _pointer(types.float64), _pointer(types.int64)


@njit(nogil=True)
def float_view(array: Any, first: int, size: int) -> Any:
    """Return a part of an array that does not count references; the array must outlive it."""
    return carray(_float_pointer(array.ctypes.data + 8 * first), (size,))


@njit(nogil=True)
def integer_view(array: Any, first: int, size: int) -> Any:
    """Return a part of an array of integers that does not count references; the array must outlive it."""
    return carray(_integer_pointer(array.ctypes.data + 8 * first), (size,))

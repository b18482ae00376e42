"""Model and work space as numba structures: compiled functions pass one pointer instead of sixty arrays.

Only this module (and whoever compiles the kernel) imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numba.core import types
from numba.experimental import structref

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

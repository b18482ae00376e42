"""The schema under which stock coffea reads basf2 event-wise ntuples: one field a variable, under its basf2 name."""

from __future__ import annotations

from typing import Any

from coffea.nanoevents import BaseSchema

from darkreach.errors import InputFileError
from darkreach.events.names import unescape_name


class Basf2EventSchema(BaseSchema):  # type: ignore[misc]  # coffea is untyped
    """Fields are the variables themselves: ``events.E`` and ``events.theta`` are lists, ``events.nTracks`` a number.

    Names that ROOT cannot hold are turned back (``useCMSFrame__boE__bc`` becomes ``useCMSFrame(E)``). Lists stay
    separate fields: they share one counter in the file, and a search reads only the ones it declares.

    coffea leaves out Parquet columns whose name holds a comma, with a warning; ``darkreach.events.readers`` reads them.

    Raises:
        InputFileError: two stored names stand for the same variable.
    """

    __dask_capable__ = False

    def __init__(self, base_form: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(base_form, *args, **kwargs)
        names = [unescape_name(name) for name in self._form["fields"]]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise InputFileError(
                "two columns stand for the same variable",
                given=", ".join(repeated),
                next_step="write each variable once",
            )
        self._form["fields"] = names

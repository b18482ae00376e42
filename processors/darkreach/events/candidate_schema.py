"""The schema under which stock coffea reads event-wise trees with the candidates of an event as one list of records."""

from __future__ import annotations

import re
from typing import Any, Final

from coffea.nanoevents.schemas.base import zip_forms

from darkreach.errors import InputFileError
from darkreach.events.schema import Basf2EventSchema

_COUNTER: Final = re.compile(r"\[([^\]\d][^\]]*)\]")


class Basf2CandidateListSchema(Basf2EventSchema):
    """Lists that share a counter become one list of records: ``events.candidates.E``, ``events.candidates[0].theta``.

    The collection of the counter ``__ncandidates__`` is called ``candidates``, that of ``ntrack`` is called ``track``.
    Only counters that the file itself names are believed: lists of equal length by chance stay apart, and so do those
    of Parquet and RNTuple files, which have no counters. Everything else is as in ``Basf2EventSchema``.

    Raises:
        InputFileError: a variable has the name of a collection, or two names stand for the same variable.
    """

    def __init__(self, base_form: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(base_form, *args, **kwargs)
        single: dict[str, Any] = {}
        collections: dict[str, dict[str, Any]] = {}
        for name, form in zip(self._form["fields"], self._form["contents"], strict=True):
            counter = _counter(form)
            target = single if counter is None else collections.setdefault(_collection(counter), {})
            target[name] = form
        both = sorted(set(single) & set(collections))
        if both:
            raise InputFileError(
                "a variable has the name of a list of candidates",
                given=", ".join(both),
                next_step="read this file with Basf2EventSchema",
            )
        # lists of records keep the offsets of their first variable: the counter is the same
        records = {name: zip_forms(forms, name) for name, forms in collections.items()}
        self._form["fields"] = [*single, *records]
        self._form["contents"] = [*single.values(), *records.values()]


def _counter(form: dict[str, Any]) -> str | None:
    """Return the counter of a list, from the branch title ``E[__ncandidates__]/D`` that coffea keeps."""
    if not form["class"].startswith("ListOffsetArray"):
        return None
    title = str(form["content"].get("parameters", {}).get("__doc__", ""))
    found = _COUNTER.search(title)
    return found.group(1) if found else None


def _collection(counter: str) -> str:
    return counter.strip("_").removeprefix("n")

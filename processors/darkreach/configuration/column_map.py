"""Column maps: which variable of somebody's ntuples is which of our columns."""

from __future__ import annotations

from darkreach.configuration.quantities import Section


class ColumnMapConfig(Section):
    """One kind of ntuple.

    Attributes:
        title: what ntuples these are.
        tree: of ROOT files; None for ``tree``, or the only one.
        columns: the variable of each of our columns, by the name of our column.
        other_columns: the same for names that the column table does not know.
        weight: variable of a weight whose mean over all generated events is 1; None if there is none.
    """

    title: str
    tree: str | None = None
    columns: dict[str, str]
    other_columns: dict[str, str] = {}
    weight: str | None = None

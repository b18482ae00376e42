"""Small multiples: panels of one kind in rows and columns, under one label, with one legend outside of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.figures.style import FigureLabel, new_figure

_PANEL: Final = (4.6, 2.9)
_MARGINS: Final = (1.0, 1.6)
_SPACE: Final = 0.035
_TITLE_SIZE: Final = 15.0


def panel_columns(count: int) -> int:
    """Return how many columns so many panels stand in.

    Example:
        >>> [panel_columns(count) for count in (1, 2, 4, 5, 8, 9)]
        [1, 2, 2, 3, 3, 3]
    """
    return 1 if count == 1 else 2 if count <= 4 else 3


def new_panels(
    count: int, label: FigureLabel, *, share_x: bool = True, share_y: bool = True, columns: int = 0
) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many panels, row by row, and the label above all; call inside the style.

    Args:
        count: of panels, one or more.
        label: data kind, luminosity, energy.
        share_x: all panels have one horizontal scale, written below the lowest of each column.
        share_y: the same of the vertical scale, written beside the first of each row.
        columns: as many as suit the number of panels if left out.
    """
    columns = min(columns or panel_columns(count), count)
    rows = -(-count // columns)
    figure, grid = new_figure(nrows=rows, ncols=columns, squeeze=False, sharex=share_x, sharey=share_y)
    figure.set_size_inches(_MARGINS[0] + _PANEL[0] * columns, _MARGINS[1] + _PANEL[1] * rows)
    layout: Any = figure.get_layout_engine()
    layout.set(hspace=_SPACE, wspace=_SPACE)
    panels = list(grid.flat)
    for empty in panels[count:]:
        empty.remove()
    for above in panels[max(count - columns, 0) : count]:
        above.tick_params(axis="x", which="both", labelbottom=True)
    figure.suptitle(rf"$\mathbf{{darkreach}}$ {label.data_kind}      {label.text}", fontsize=13.0)
    return figure, panels[:count]


def title_panels(figure: Figure, panels: Sequence[Axes], x_title: str, y_title: str) -> None:
    """Write the titles of the axes: below the lowest panel of each column, and once beside all."""
    place = panels[0].get_subplotspec()
    columns = 1 if place is None else place.get_gridspec().ncols
    for axes in panels[-columns:]:
        axes.set_xlabel(x_title)
    figure.supylabel(y_title, fontsize=_TITLE_SIZE)


def outside_legend(figure: Figure, panels: Sequence[Axes], title: str, *, columns: int = 5) -> None:
    """List what is drawn in any panel once, below all of them, where it covers nothing."""
    drawn: dict[str, Any] = {}
    for axes in panels:
        for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
            drawn.setdefault(text, handle)
    if drawn:
        figure.legend(drawn.values(), drawn.keys(), title=title, loc="outside lower center", ncols=columns)

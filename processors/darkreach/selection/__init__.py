"""Selection: named cuts on arrays in a fixed order, their cutflow and what each removes alone (N-1)."""

from darkreach.selection.cutflow import Cutflow
from darkreach.selection.named_cuts import Cut, NamedCuts, Rows, Selected

__all__ = ["Cut", "Cutflow", "NamedCuts", "Rows", "Selected"]

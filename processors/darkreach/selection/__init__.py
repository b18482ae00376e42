"""Selection: named cuts in a fixed order, their cutflow, what each removes alone (N-1), and the best candidate."""

from darkreach.selection.best_candidate import (
    NOT_RANKED,
    BestCandidates,
    best_candidates,
    candidate_ranks,
    plain_best_candidates,
)
from darkreach.selection.cutflow import Cutflow
from darkreach.selection.named_cuts import Cut, NamedCuts, Rows, Selected

__all__ = [
    "NOT_RANKED",
    "BestCandidates",
    "Cut",
    "Cutflow",
    "NamedCuts",
    "Rows",
    "Selected",
    "best_candidates",
    "candidate_ranks",
    "plain_best_candidates",
]

"""One thing found in an ntuple, and how bad it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One sentence about a file.

    Attributes:
        severity: ``fault`` if the search cannot run or would count wrongly, ``warning`` if someone should look,
            ``note`` otherwise.
        what: the sentence, with counts.
    """

    severity: Literal["fault", "warning", "note"]
    what: str

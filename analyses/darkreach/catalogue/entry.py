"""An entry of the catalogue: the workspace of a search, its limits and couplings, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from darkreach.configuration import shipped_folder
from darkreach.errors import InputFileError, unknown_name
from darkreach.pipeline import RunFolder, couplings_name


@dataclass(frozen=True)
class CatalogueEntry:
    """Paths of one entry.

    Attributes:
        name: the search.
        folder: holds BkgOnly.json, patchset.json, limits.json, couplings.csv, couplings_<CL>.csv, for further couplings
            couplings_<name>.csv, of a plane cross_sections.csv, of a search in mass and lifetime efficiency_grid.csv
            and branching_ratio_limits.csv or cross_section_limits.csv, and README.md.
    """

    name: str
    folder: Path

    @property
    def workspace(self) -> Path:
        """Background-only workspace."""
        return self.folder / "BkgOnly.json"

    @property
    def patchset(self) -> Path:
        """One patch a hypothesis."""
        return self.folder / "patchset.json"

    @property
    def limits(self) -> Path:
        """Stored limits."""
        return self.folder / "limits.json"

    def couplings(self, confidence_level: float, levels: Sequence[float], further: str = "") -> Path:
        """Stored excluded intervals of the main coupling, or of a further one by name, at one of several levels."""
        return self.folder / couplings_name(confidence_level, levels, further)

    def cross_sections(self, confidence_level: float, levels: Sequence[float]) -> Path:
        """Limits on the cross-section at all points of a plane; entries of mass scans have none."""
        return self.folder / couplings_name(confidence_level, levels).replace("couplings", "cross_sections")

    def lifetime_limits(self, name: str, confidence_level: float, levels: Sequence[float]) -> Path:
        """Limits against mass and lifetime, named as in the folder of a run; other entries have none."""
        return RunFolder(self.folder).lifetime_limits(name, confidence_level, levels)

    @property
    def efficiency_grid(self) -> Path:
        """Efficiencies against mass and lifetime; other entries have none."""
        return RunFolder(self.folder).efficiency_grid


def known_entries(names: Sequence[str] | None = None, folder: Path | None = None) -> list[CatalogueEntry]:
    """Return the entries of a catalogue, by default all of the shipped one.

    Raises:
        InputFileError: the catalogue folder does not exist or holds no entry.
        UnknownNameError: a name is not in the catalogue.
    """
    root = shipped_folder("workspaces/catalogue", "stored_catalogue") if folder is None else folder
    known = sorted(path.parent.name for path in root.glob("*/limits.json"))
    if not known:
        raise InputFileError("no entries in the catalogue", where=str(root), next_step="give another --catalogue")
    for name in names or ():
        if name not in known:
            raise unknown_name("catalogue entry", name, known, where=str(root))
    return [CatalogueEntry(name, root / name) for name in names or known]

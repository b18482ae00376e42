"""Where a chunk of events comes from: sample, file, entry range; read from the metadata a coffea runner attaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from darkreach.errors import EventContentError, InputFileError, unknown_name

SIMULATED_KINDS: Final = ("signal", "background")
RECORDED_KINDS: Final = ("data", "pseudo_data")


def is_simulated(kind: str) -> bool:
    """Return whether a sample of this kind carries truth columns and generator weights.

    Raises:
        UnknownNameError: a kind nobody knows.

    Example:
        >>> is_simulated("signal"), is_simulated("pseudo_data")
        (True, False)
    """
    if kind not in SIMULATED_KINDS + RECORDED_KINDS:
        raise unknown_name("sample kind", kind, SIMULATED_KINDS + RECORDED_KINDS)
    return kind in SIMULATED_KINDS


@dataclass(frozen=True)
class ChunkSource:
    """One chunk of one file of one sample.

    Attributes:
        dataset: name of the sample.
        filename: as the runner names it.
        kind: signal, background, data or pseudo_data.
        mass: of the decaying particle of a signal sample, GeV; None otherwise.
        plane_masses: of the dark photon and the dark Higgs boson of a signal with both, GeV; None otherwise.
        generated_ctau_cm: mean proper decay length of a signal that lives, cm; None otherwise.
        first_entry: entry number of the first event of the chunk.
    """

    dataset: str
    filename: str
    kind: str
    mass: float | None
    first_entry: int
    plane_masses: tuple[float, float] | None = None
    generated_ctau_cm: float | None = None

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> ChunkSource:
        """Read the metadata of coffea events; ``kind`` (and masses of signals) come from the fileset.

        Raises:
            InputFileError: ``kind`` is missing, or a signal has no positive ``mass_gev``.
            UnknownNameError: a kind nobody knows.
        """
        dataset = str(metadata["dataset"])
        if "kind" not in metadata:
            raise InputFileError(
                "sample has no kind",
                where=dataset,
                allowed=", ".join(SIMULATED_KINDS + RECORDED_KINDS),
                next_step='add "metadata": {"kind": ...} to the fileset',
            )
        kind = str(metadata["kind"])
        is_simulated(kind)
        mass, plane_masses = _masses(metadata) if kind == "signal" else (None, None)
        if kind == "signal" and plane_masses is None and not (mass is not None and mass > 0.0):
            raise InputFileError(
                "signal sample has no mass",
                where=dataset,
                allowed="mass_gev > 0, or dark_photon_mass_gev and dark_higgs_mass_gev",
                given=str(mass),
                next_step="add mass_gev to the parameters of its manifest",
            )
        first_entry = int(metadata.get("entrystart", 0))
        ctau = float(metadata["lifetime_ctau_cm"]) if kind == "signal" and "lifetime_ctau_cm" in metadata else None
        return cls(dataset, str(metadata["filename"]), kind, mass, first_entry, plane_masses, ctau)

    @property
    def simulated(self) -> bool:
        """Whether truth columns and generator weights are there."""
        return is_simulated(self.kind)

    def require_finite(self, column: str, values: NDArray[np.float64], event: NDArray[np.int64] | None = None) -> None:
        """Refuse NaN and infinity.

        Args:
            column: named in the error.
            values: (n,).
            event: (n,) index of the event in the chunk; the position itself if None.

        Raises:
            EventContentError: names the file and the first entry concerned.
        """
        # a sum is finite only if all terms are (or overflows, which the second look sorts out)
        if np.isfinite(values.sum()):
            return
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad) == 0:
            return
        position = int(bad[0]) if event is None else int(event[bad[0]])
        raise EventContentError(
            f"'{column}' is not a finite number",
            where=f"{self.filename} entry {self.first_entry + position}",
            given=f"{values[bad[0]]} (and {len(bad) - 1} more in this chunk)",
            next_step="find out why this event was written so; leave it out only on purpose",
        )


def _masses(metadata: Mapping[str, Any]) -> tuple[float | None, tuple[float, float] | None]:
    single, both = (
        [float(metadata[key]) for key in keys if key in metadata]
        for keys in (("mass_gev",), ("dark_photon_mass_gev", "dark_higgs_mass_gev"))
    )
    return (single[0] if single else None), ((both[0], both[1]) if len(both) == 2 and min(both) > 0.0 else None)

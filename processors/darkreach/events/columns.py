"""The column table: the ntuple columns the searches read or the simulation writes, with their units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Column:
    """One ntuple column under its basf2 variable name.

    Attributes:
        name: basf2 variable name (unescaped), or our own name where basf2 has none.
        level: ``event`` (one value an event) or ``candidate`` (a list an event).
        dtype: NumPy type written by our simulation; real ntuples may carry wider ones.
        unit: empty for counts and flags.
        meaning: one line.
        truth: only present in simulation.
        collection: which lists have the same length: that of ``n<collection>``, or of ``__ncandidates__`` if empty.
    """

    name: str
    level: Literal["event", "candidate"]
    dtype: str
    unit: str
    meaning: str
    truth: bool = False
    collection: str = ""


INDEX_COLUMNS: Final = (
    Column("__experiment__", "event", "int32", "", "experiment number"),
    Column("__run__", "event", "int32", "", "run number"),
    Column("__event__", "event", "uint32", "", "event number in the run"),
    Column("__production__", "event", "int32", "", "production number"),
    Column("__ncandidates__", "event", "int32", "", "number of candidates in the event"),
    Column("__weight__", "event", "float64", "", "inverse sampling rate of the ntuple; never a generator weight"),
)
"""Kept exactly, never converted."""

PHOTON_EVENT_COLUMNS: Final = (
    *INDEX_COLUMNS,
    Column("nTracks", "event", "float64", "", "reconstructed tracks in the event"),
    Column("E", "candidate", "float64", "GeV", "photon energy, laboratory"),
    Column("theta", "candidate", "float64", "rad", "polar angle, laboratory"),
    Column("phi", "candidate", "float64", "rad", "azimuthal angle"),
)
"""What an event-wise photon ntuple must carry; photons in order of falling energy, from the interaction point."""

DECAY_TRUTH_COLUMNS: Final = (
    Column(
        "decayProperLength",
        "event",
        "float64",
        "cm",
        "c times the proper time lived by the first new particle that has decayed; 0 if none",
        truth=True,
    ),
    Column(
        "decayRadius",
        "event",
        "float64",
        "cm",
        "distance of its decay from the interaction point, transverse; 0 if none",
        truth=True,
    ),
    Column(
        "decayTransverseMomentum",
        "event",
        "float64",
        "GeV",
        "its momentum across the beams (z axis), laboratory; 0 if none",
        truth=True,
    ),
)
"""Truth of measured events beside ``decayBetaGamma``: the decay of the same new particle."""

PHOTON_TRUTH_COLUMNS: Final = (
    Column("generatorWeight", "event", "float64", "fb", "cross-section weight of a simulated event", truth=True),
    Column(
        "decayBetaGamma",
        "event",
        "float64",
        "",
        "p/m of the decaying particle, laboratory; 0 if none",
        truth=True,
    ),
    Column("mcE", "candidate", "float64", "GeV", "true energy of the cluster", truth=True),
    Column("mcTheta", "candidate", "float64", "rad", "true polar angle", truth=True),
    Column("mcPhi", "candidate", "float64", "rad", "true azimuthal angle", truth=True),
    Column(
        "genMotherPDG",
        "candidate",
        "float64",
        "",
        "PDG code of the mother: 9000005 axion, 11 beam",
        truth=True,
    ),
)
"""Truth of simulated photon ntuples; merged clusters carry the sum of their photons, and the mother of the hardest."""

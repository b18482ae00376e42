"""The column table of ntuples with several lists an event: names begin with that of their list, as in ``track_p``."""

from __future__ import annotations

from typing import Final

from darkreach.events.columns import Column

_TRACK: Final = (
    ("p", "float32", "GeV", "momentum, laboratory"),
    ("theta", "float32", "rad", "polar angle, laboratory"),
    ("phi", "float32", "rad", "azimuthal angle"),
    ("charge", "int8", "", "charge in units of that of the positron"),
    ("dr", "float32", "cm", "distance from the interaction point, transverse; signed"),
    ("dz", "float32", "cm", "distance from the interaction point, along the beam; signed"),
    ("muonID", "float32", "", "muon identification, 0 to 1"),
    ("electronID", "float32", "", "electron identification, 0 to 1"),
    ("kaonID", "float32", "", "kaon identification, 0 to 1"),
    ("pionID", "float32", "", "pion identification, 0 to 1"),
)
_PHOTON: Final = (
    ("E", "float32", "GeV", "energy, laboratory"),
    ("theta", "float32", "rad", "polar angle, laboratory"),
    ("phi", "float32", "rad", "azimuthal angle"),
)
_VERTEX: Final = (
    ("first", "int32", "", "place of the first track in the list of tracks"),
    ("second", "int32", "", "place of the second track"),
    ("x", "float32", "cm", "x of the vertex of both tracks"),
    ("y", "float32", "cm", "y of the vertex"),
    ("z", "float32", "cm", "z of the vertex"),
    ("dr", "float32", "cm", "distance of the vertex from the interaction point, transverse"),
    ("materialDistance", "float32", "cm", "transverse distance of the vertex from the closest layer of material"),
    ("M", "float32", "GeV", "invariant mass if both tracks are pions"),
)
_KLM: Final = (
    ("theta", "float32", "rad", "polar angle of a cluster in the muon detector"),
    ("phi", "float32", "rad", "its azimuthal angle"),
)
_PARTICLE: Final = (
    ("pdg", "int32", "", "PDG code; new particles have codes of their own from 9000005 on"),
    ("px", "float32", "GeV", "x component of the momentum, laboratory"),
    ("py", "float32", "GeV", "y component of the momentum"),
    ("pz", "float32", "GeV", "z component of the momentum"),
    ("M", "float32", "GeV", "mass; negative if the square of the four-momentum is"),
    ("x", "float32", "cm", "x where the particle is made"),
    ("y", "float32", "cm", "y where the particle is made"),
    ("z", "float32", "cm", "z where the particle is made"),
    ("mother", "int32", "", "place of the mother in the list; -1 for particles of the collision itself"),
    ("final", "bool", "", "whether the detector may see it: not decayed in the list"),
)
_TRUTH: Final = {
    "track": (
        ("mcPDG", "int32", "", "PDG code of the true particle"),
        ("mcP", "float32", "GeV", "true momentum"),
        ("mcTheta", "float32", "rad", "true polar angle"),
        ("mcPhi", "float32", "rad", "true azimuthal angle"),
        ("genMotherPDG", "int32", "", "PDG code of the true mother"),
        ("mcVertexR", "float32", "cm", "true distance of the production vertex from the beam"),
    ),
    "photon": (
        ("mcPDG", "int32", "", "PDG code of the true particle; 0 for none"),
        ("mcE", "float32", "GeV", "true energy"),
        ("mcTheta", "float32", "rad", "true polar angle"),
        ("mcPhi", "float32", "rad", "true azimuthal angle"),
        ("genMotherPDG", "int32", "", "PDG code of the true mother"),
    ),
    "vertex": (
        ("mcPDG", "int32", "", "PDG code of the common mother; 0 for none"),
        ("mcDr", "float32", "cm", "true distance of the vertex from the beam"),
    ),
    "klm": (
        ("mcPDG", "int32", "", "PDG code of the true particle; 0 for none"),
        ("mcE", "float32", "GeV", "true energy"),
        ("mcTheta", "float32", "rad", "true polar angle"),
        ("mcPhi", "float32", "rad", "true azimuthal angle"),
        ("genMotherPDG", "int32", "", "PDG code of the true mother"),
    ),
}


def _columns() -> dict[str, Column]:
    measured = {"track": _TRACK, "photon": _PHOTON, "vertex": _VERTEX, "klm": _KLM}
    table = {}
    for collection, entries in measured.items():
        for name, dtype, unit, meaning in entries:
            full = f"{collection}_{name}"
            table[full] = Column(full, "candidate", dtype, unit, meaning, collection=collection)
    for collection, entries in {**_TRUTH, "particle": _PARTICLE}.items():
        for name, dtype, unit, meaning in entries:
            full = f"{collection}_{name}"
            table[full] = Column(full, "candidate", dtype, unit, meaning, truth=True, collection=collection)
    for collection in (*measured, "particle"):
        name = counter_of(collection)
        table[name] = Column(name, "event", "int32", "", f"length of the lists of a {collection}")
    return table


def counter_of(collection: str) -> str:
    """Return the column that holds the length of the lists of a collection; the one without a name is that of basf2.

    Example:
        >>> counter_of("track"), counter_of("")
        ('ntrack', '__ncandidates__')
    """
    return f"n{collection}" if collection else "__ncandidates__"


def list_column(collection: str, name: str) -> str:
    """Return the full name of a column of a collection.

    Example:
        >>> list_column("track", "p"), list_column("", "E")
        ('track_p', 'E')
    """
    return f"{collection}_{name}" if collection else name


def trigger_column(name: str) -> Column | None:
    """Return the column of a first-level trigger line, or None if the name is not one of a line.

    Example:
        >>> trigger_column("l1_ffo").meaning, trigger_column("E")
        ("whether trigger line 'ffo' has fired, 0 or 1", None)
    """
    if not name.startswith("l1_"):
        return None
    line = name.removeprefix("l1_")
    return Column(name, "event", "int8", "", f"whether trigger line '{line}' has fired, 0 or 1")


LIST_COLUMNS: Final = _columns()
"""Columns of the lists ``track``, ``photon``, ``vertex``, ``klm`` and ``particle`` (true ones), and their counters."""

"""The particles that tracks are taken for, and the names of the variables that tell them apart."""

from __future__ import annotations

from typing import Final

HYPOTHESES: Final = {"electron": "electronID", "muon": "muonID", "pion": "pionID", "kaon": "kaonID"}
"""Hypotheses and the names of their variables."""

SPECIES: Final = {11: "electron", 13: "muon", 211: "pion", 321: "kaon", 2212: "proton"}
"""True particles that make tracks, by absolute code."""

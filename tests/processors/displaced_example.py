"""Small searches for displaced vertices, with and without a B meson, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import awkward as ak
import numpy as np

from darkreach.configuration import DetectorConfig
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.generators.process_registry import find_process
from darkreach.response import measure_events
from darkreach.simulation.event_lists import measured_lists, stored_values

PAIRS = {"ee": (0.05, 0.002), "mumu": (0.22, 0.003), "pipi": (0.29, 0.003), "kk": (0.99, 0.003)}
"""Smallest masses and resolutions in them, GeV."""

K_SHORT = {"first": "pion", "second": "pion", "mass": {"low": 0.478, "high": 0.518}}
LAMBDA = {"first": "proton", "second": "pion", "mass": {"low": 1.109, "high": 1.123}}
D_ZERO = {"first": "kaon", "second": "pion", "mass": {"low": 1.845, "high": 1.885}}


def example_config(b_candidate: bool) -> DisplacedSearchConfig:
    """Return a search for B -> K S with regions kplus_ee, kplus_mumu, kplus_pipi, kstar0_mumu, or for vertices alone.

    Those of the latter are ee, mumu, pipi and kk. Everything is small: two presets, ``demo`` and ``full``, of few
    events.
    """
    names = ("kplus_ee", "kplus_mumu", "kplus_pipi", "kstar0_mumu") if b_candidate else ("ee", "mumu", "pipi", "kk")
    return DisplacedSearchConfig.model_validate(
        {
            "search": "long_lived_example" if b_candidate else "displaced_example",
            "processor": "displaced_pairs",
            "title": "displaced vertices",
            "detector": "belle2",
            "luminosity": {"value": 189.0 if b_candidate else 100.0, "unit": "fb^-1", "source": "convention"},
            "simulation": _simulation(names, b_candidate),
            "mass": {
                "observable": "reduced_mass" if b_candidate else "pair_mass",
                "cells_per_resolution": 1.0,
                "step_resolutions": 5.0,
                "label": "M",
            },
            "lifetimes_cm": [0.01, 0.1, 1.0, 10.0, 100.0],
            "radius_edges": [0.05, 0.2, 60.0] if b_candidate else [0.2, 1.0, 4.0, 60.0],
            "selection": _selection(b_candidate),
            "regions": [_region(name) for name in names],
            "workspace": {
                "window_half_width": 2.5,
                "sideband": {"inner": 5.0, "outer": 25.0, "ratio_uncertainty": _number(0.1)},
                "smoothing_resolutions": 60.0,
                "luminosity_uncertainty": _number(0.01),
                "signal_efficiency_uncertainty": _number(0.05),
                "patch_digits": 5,
            },
            "couplings": [
                {"name": "sin_theta", "unit": "", "model": "higgs_mixed_scalar"}
                if b_candidate
                else {"name": "epsilon", "unit": "", "model": "visible_dark_photon"}
            ],
            "confidence_levels": [0.95 if b_candidate else 0.9],
            "presets": {
                name: {
                    "signal_events": events,
                    "background_factor": 1.0,
                    "anchor_masses": [0.3, 0.4, 0.6, 1.0, 1.5, 2.0],
                    "scan": [0.35, 0.8, 1.6],
                }
                for name, events in (("demo", 200), ("full", 400))
            },
        }
    )


def _number(value: float, unit: str = "") -> dict[str, Any]:
    return {"value": value, "unit": unit, "source": "convention"}


def _simulation(names: tuple[str, ...], b_candidate: bool) -> dict[str, Any]:
    signals = []
    for name in names:
        kaon, pair = name.split("_") if b_candidate else ("", name)
        process = f"b_to_{kaon.replace('plus', '')}_scalar_{pair}" if b_candidate else "displaced_dark_photon"
        branching = {"ee": "electrons", "mumu": "muons", "pipi": "pions", "kk": "kaons"}[pair]
        parameters = {} if b_candidate else {f"branching_{branching}": 1.0}
        mass = {"low": PAIRS[pair][0], "high": 4.3}
        signals.append({"label": name, "process": process, "parameters": parameters, "mass": mass})
    return {
        "reference_coupling": _number(1e-7) if b_candidate else _number(1.0, "fb"),
        "coupling_parameter": "sin_theta" if b_candidate else "kinetic_mixing",
        "generated_coupling": _number(1e-3),
        "combined_coupling": _number(3e-4 if b_candidate else 1e-4),
        "generated_ctau_cm": _number(100.0, "cm"),
        "decay_radius": {"low": 0.01, "high": 70.0},
        "signals": signals,
        "backgrounds": [{"process": name, "events": 300} for name in ("b_meson_pair", "charm_pair")],
        "formats": ["parquet"],
        "seed": 1,
        "pseudo_data_seed": 2,
    }


def _selection(b_candidate: bool) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "event_efficiency": _number(0.9),
        "track_transverse_momentum": _number(0.15, "GeV"),
        "identification": _number(0.9),
        "pointing_cosine": _number(0.9 if b_candidate else 0.99),
        "pair_transverse_momentum": _number(0.0 if b_candidate else 0.5, "GeV"),
    }
    if not b_candidate:
        return {**chosen, "trigger_lines": ["ffo", "hie", "lml0"]}
    return {
        **chosen,
        "background_identification": "weighted",
        "b_candidate": {
            "impact": _number(0.5, "cm"),
            "longitudinal_impact": _number(2.0, "cm"),
            "transverse_momentum": _number(0.1, "GeV"),
            "identification": _number(0.9),
            "resonance_mass": {"low": 0.796, "high": 0.996},
            "beam_constrained_mass": {"low": 5.27, "high": 5.29},
            "energy_difference": _number(0.05, "GeV"),
            "sideband_energy_difference": _number(0.25, "GeV"),
            "fox_wolfram_ratio": _number(0.35),
        },
    }


def _region(name: str) -> dict[str, Any]:
    kaon, pair = name.split("_") if "_" in name else ("none", name)
    threshold, resolution = PAIRS[pair]
    hadrons = pair in ("pipi", "kk")
    return {
        "name": name,
        "pair": pair,
        "kaon": kaon,
        "signal": name,
        "mass": {"low": threshold, "high": 2.5},
        "excluded": [{"low": 0.47, "high": 0.53}] if pair == "pipi" else [],
        "material_distance": _number(0.2, "cm") if pair in ("ee", "pipi") else None,
        "vetoes": [K_SHORT, LAMBDA, D_ZERO] if hadrons else [K_SHORT],
        "vetoed_identification": ["electron", "muon"] if hadrons else [],
        "resolution": {"knots": [[threshold, resolution], [2.5, 0.01]], "source": "computed"},
    }


def simulated_columns(
    process: str, number: int, seed: int, parameters: Mapping[str, float], detector: DetectorConfig
) -> dict[str, Any]:
    """Return the columns of an ntuple of a process, by name, without initial-state radiation.

    Args:
        process: by name.
        number: of trials.
        seed: of all random numbers.
        parameters: of the process.
        detector: beams and response.
    """
    found = find_process(process)
    source = found.open(detector.beams.beams(), found.values(parameters), 0.0).source
    measured = measure_events(source(number, np.random.default_rng(seed)), detector, np.random.default_rng(seed + 1))
    rows = measured_lists(measured, np.arange(len(measured)))
    flat = stored_values(rows, rows.columns())
    return {
        column.name: flat[column.name]
        if column.level == "event"
        else ak.unflatten(flat[column.name], np.diff(rows.lists[column.collection].offsets))
        for column in rows.columns()
    }


def living(config: DisplacedSearchConfig, mass: float) -> dict[str, float]:
    """Return the parameters of signals of a mass (GeV) that are forced to decay as the search wants it."""
    settings = config.simulation
    return {
        "mass_gev": mass,
        settings.coupling_parameter: settings.generated_coupling.value,
        "lifetime_ctau_cm": settings.generated_ctau_cm.value,
        "decay_radius_from_cm": settings.decay_radius.low,
        "decay_radius_to_cm": settings.decay_radius.high,
        "decay_spread": 1.0,
    }

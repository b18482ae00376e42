"""Processes tau -> X N with N -> nu e e, nu mu mu, nu pi0 or unseen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from darkreach.generators.process import OpenedProcess, Process, ProcessParameter
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.displaced_decays import DISPLACED_PARAMETERS, displaced_decays
from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
from darkreach.generators.signals.heavy_neutral_lepton_amplitudes import to_neutrino_lepton_pair
from darkreach.generators.signals.heavy_neutral_lepton_signal import HeavyNeutralLeptonSignal, NeutralLeptonDecay
from darkreach.generators.signals.heavy_neutral_lepton_widths import heavy_neutral_lepton_ctau_cm, partial_widths
from darkreach.generators.signals.parameter_ranges import require_between
from darkreach.generators.signals.tau_decay_modes import highest_mass, tau_decay_mode
from darkreach.kinematics import ELECTRON_MASS, MUON_MASS, NEUTRAL_PION_MASS, Beams

TAU_MODES: Final[Mapping[str, str]] = {
    "pi": "pi- N",
    "rho": "rho- N, rho- -> pi- pi0",
    "a1": "a1- N, a1- -> pi- pi+ pi-",
    "electron": "e- nubar N",
    "muon": "mu- nubar N",
}
HEAVY_MODES: Final[Mapping[str, tuple[str, float, int]]] = {
    "ee": ("N -> nu e+ e-", 2.0 * ELECTRON_MASS, 11),
    "mumu": ("N -> nu mu+ mu-", 2.0 * MUON_MASS, 13),
    "pi0": ("N -> nu pi0", NEUTRAL_PION_MASS, 0),
    "invisible": ("N unseen", 0.0, 0),
}
"""Title, threshold (GeV) and code of the lepton."""

MIXING: Final = ProcessParameter("mixing_squared", "|U_tau|^2 of N; the rate is proportional to it", 1e-3)


def _open(
    tau_mode: str, heavy_mode: str, beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float
) -> OpenedProcess:
    check_radiation(maximum_isr_fraction)
    numbers = heavy_flavour_numbers()
    threshold, lepton = HEAVY_MODES[heavy_mode][1:]
    mass = require_between("mass_gev", values["mass_gev"], threshold, highest_mass(tau_mode))
    mixing = require_between("mixing_squared", values["mixing_squared"], 0.0, 1.0, "")
    mode = tau_decay_mode(numbers, tau_mode, mass)
    decay, fraction = None, 1.0
    if heavy_mode != "invisible":
        widths = partial_widths(numbers, mass)
        fraction = widths[heavy_mode] / sum(widths.values())
        lepton_mass = 0.5 * threshold
        leptonic = to_neutrino_lepton_pair(numbers, mass, lepton_mass) if lepton else None
        decay = NeutralLeptonDecay(lepton, leptonic, displaced_decays(values))
    total = mode.branching_fraction * mixing * fraction
    others = tuple(tau_decay_mode(numbers, name, 0.0) for name in TAU_MODES)
    signal = HeavyNeutralLeptonSignal(beams, mode, decay, total, numbers, maximum_isr_fraction, others)
    ctau = heavy_neutral_lepton_ctau_cm(numbers, mass, mixing)
    radiation = (
        f"sigma(tau tau) {numbers.production.tau_pair_cross_section.value:g} nb with all radiation"
        if maximum_isr_fraction > 0.0
        else "sigma(tau tau) of lowest order with alpha(0)"
    )
    text = (
        f"{radiation}; BR(tau -> {tau_mode} N) {mode.branching_fraction * mixing:.4g} at |U_tau|^2 = {mixing:g} from "
        f"the measured one with a neutrino; BR of N {fraction:.4g} (0705.1729); c tau of a Dirac N: {ctau:.4g} cm; "
        f"the other tau decays in {signal.other_fraction:.3f} of its modes"
    )
    return OpenedProcess(signal, text, {"heavy_flavour": numbers.model_dump()})


HEAVY_NEUTRAL_LEPTON_PROCESSES: Final[tuple[Process, ...]] = tuple(
    Process(
        f"tau_to_{tau_mode}_heavy_neutral_lepton_{heavy_mode}",
        f"e+e- -> tau+ tau-, tau- -> {tau_title}, {heavy_title}; the other tau -> pi, rho, 3 pi, e or mu",
        "signal",
        (
            ProcessParameter("mass_gev", "mass of N, GeV"),
            MIXING,
            *(DISPLACED_PARAMETERS if heavy_mode != "invisible" else ()),
        ),
        partial(_open, tau_mode, heavy_mode),
    )
    for tau_mode, tau_title in TAU_MODES.items()
    for heavy_mode, (heavy_title, _, _) in HEAVY_MODES.items()
)

"""Tau pairs by the decays of both, as processes with a name.

They are parts of the process ``tau_pair``, with the same total cross-section of all tau pairs: a sample of ``tau_pair``
holds them too, and both together count twice. Faster than Pythia, with spins, without radiation of the tau leptons and
in their decays.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from darkreach.generators.backgrounds.tau_pair_decays import TauPairDecays
from darkreach.generators.process import OpenedProcess, Process
from darkreach.generators.radiator import check_radiation
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers, heavy_flavour_numbers
from darkreach.generators.signals.tau_pairs import require_tau_pairs
from darkreach.kinematics import HBAR_C_CM, HBAR_GEV_SECONDS, Beams

_FB_PER_NB: Final = 1e6
_WHOLE_RADIATION: Final = 0.999
"""The reference cross-section is inclusive."""


def tau_pair_rate_fb(numbers: HeavyFlavourNumbers, decays: tuple[str, str]) -> float:
    """Return the cross-section of tau pairs with these decays, in either order of the charges, in fb.

    Example:
        >>> round(tau_pair_rate_fb(heavy_flavour_numbers(), ("muon", "muon")))
        27792
    """
    tau = numbers.tau_leptons
    fraction = {"electron": tau.to_electron, "muon": tau.to_muon, "pion": tau.to_pion}
    orders = 1.0 if decays[0] == decays[1] else 2.0
    pairs = numbers.production.tau_pair_cross_section.value * _FB_PER_NB
    return pairs * orders * fraction[decays[0]].value * fraction[decays[1]].value


def _open(
    decays: tuple[str, str], beams: Beams, values: Mapping[str, float], maximum_isr_fraction: float
) -> OpenedProcess:
    del values
    require_tau_pairs(beams)
    check_radiation(maximum_isr_fraction)
    numbers = heavy_flavour_numbers()
    length = HBAR_C_CM / HBAR_GEV_SECONDS * numbers.tau_leptons.lifetime.value * 1e-12
    source = TauPairDecays(beams, decays, tau_pair_rate_fb(numbers, decays), length, maximum_isr_fraction)
    formula = (
        "reference cross-section of tau pairs times branching fractions; V - A decays, spins correlated at tree level:"
        " Tsai, Phys. Rev. D 4 (1971) 2821; radiation along the beams: Kuraev and Fadin,"
        " Sov. J. Nucl. Phys. 41 (1985) 466"
    )
    return OpenedProcess(source, formula, {"heavy_flavour": numbers.model_dump()})


def _process(first: str, second: str, title: str) -> Process:
    name = f"tau_pair_{first}_{second}"
    return Process(name, title, "background", (), partial(_open, (first, second)), _WHOLE_RADIATION)


TAU_PAIR_PROCESSES: Final[tuple[Process, ...]] = (
    _process("muon", "muon", "e+e- -> tau+ tau-, both to mu nu nu (part of tau_pair)"),
    _process("electron", "muon", "e+e- -> tau+ tau-, one to e nu nu, one to mu nu nu (part of tau_pair)"),
    _process("electron", "electron", "e+e- -> tau+ tau-, both to e nu nu (part of tau_pair)"),
    _process("muon", "pion", "e+e- -> tau+ tau-, one to mu nu nu, one to pi nu (part of tau_pair)"),
    _process("electron", "pion", "e+e- -> tau+ tau-, one to e nu nu, one to pi nu (part of tau_pair)"),
)

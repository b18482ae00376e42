"""Variables of basf2 that have one value an event: flat candidate ntuples repeat them in every row of the event.

Names and units as registered in basf2 (EventVariables.cc, TriggerVariables.cc, MetaVariables.cc), where c is 1.
"""

from __future__ import annotations

import re
from typing import Final

from darkreach.events.columns import Column

_VARIABLES: Final = (
    ("missingMass2OfEvent", "GeV^2", "missing mass squared"),
    ("missingEnergyOfEventCMS", "GeV", "missing energy, centre-of-mass frame"),
    ("missingMomentumOfEvent", "GeV", "missing momentum, laboratory"),
    ("missingMomentumOfEvent_Px", "GeV", "x component of the missing momentum, laboratory"),
    ("missingMomentumOfEvent_Py", "GeV", "y component of the missing momentum, laboratory"),
    ("missingMomentumOfEvent_Pz", "GeV", "z component of the missing momentum, laboratory"),
    ("missingMomentumOfEvent_theta", "rad", "polar angle of the missing momentum, laboratory"),
    ("missingMomentumOfEventCMS", "GeV", "missing momentum, centre-of-mass frame"),
    ("missingMomentumOfEventCMS_Px", "GeV", "x component of the missing momentum, centre-of-mass frame"),
    ("missingMomentumOfEventCMS_Py", "GeV", "y component of the missing momentum, centre-of-mass frame"),
    ("missingMomentumOfEventCMS_Pz", "GeV", "z component of the missing momentum, centre-of-mass frame"),
    ("missingMomentumOfEventCMS_theta", "rad", "polar angle of the missing momentum, centre-of-mass frame"),
    ("visibleEnergyOfEventCMS", "GeV", "visible energy, centre-of-mass frame"),
    ("totalPhotonsEnergyOfEvent", "GeV", "energy of all photons, laboratory"),
    ("nKLMClusters", "", "clusters in the muon detector"),
    ("nChargeZeroTrackFits", "", "track fits of charge zero"),
    ("Ecms", "GeV", "centre-of-mass energy"),
    ("beamE", "GeV", "energy of both beams, laboratory"),
    ("beamPx", "GeV", "x component of the momentum of both beams, laboratory"),
    ("beamPy", "GeV", "y component of the momentum of both beams, laboratory"),
    ("beamPz", "GeV", "z component of the momentum of both beams, laboratory"),
    ("IPX", "cm", "x of the measured interaction point"),
    ("IPY", "cm", "y of the measured interaction point"),
    ("IPZ", "cm", "z of the measured interaction point"),
    ("eventT0", "ns", "time of the event relative to the trigger"),
    ("expNum", "", "experiment number"),
    ("runNum", "", "run number"),
    ("evtNum", "", "event number"),
    ("L1Trigger", "", "1 if any first-level trigger bit is set after prescale and mask"),
    ("HighLevelTrigger", "", "1 if the high-level trigger accepts the event"),
)
_TRUTH: Final = (
    ("EcmsMC", "GeV", "true centre-of-mass energy"),
    ("totalEnergyMC", "GeV", "energy of all generated particles"),
    ("nMCParticles", "", "generated particles"),
    ("genIPX", "cm", "x of the generated interaction point"),
    ("genIPY", "cm", "y of the generated interaction point"),
    ("genIPZ", "cm", "z of the generated interaction point"),
    ("genMissingMass2OfEvent", "GeV^2", "generated missing mass squared"),
    ("genMissingEnergyOfEventCMS", "GeV", "generated missing energy, centre-of-mass frame"),
)

EVENT_VARIABLES: Final = (
    *(Column(name, "event", "float64", unit, meaning) for name, unit, meaning in _VARIABLES),
    *(Column(name, "event", "float64", unit, meaning, truth=True) for name, unit, meaning in _TRUTH),
)

_WITH_ARGUMENT: Final = {
    "L1PSNM": ("", "trigger line, after prescale and mask"),
    "L1FTDL": ("", "trigger line, before prescale"),
    "L1Input": ("", "input of the trigger logic"),
    "L1PSNMBit": ("", "trigger bit, after prescale and mask"),
    "L1FTDLBit": ("", "trigger bit, before prescale"),
    "L1InputBit": ("", "input bit of the trigger logic"),
    "L1Prescale": ("", "prescale of a trigger line"),
    "L1PSNMBitPrescale": ("", "prescale of a trigger bit"),
    "SoftwareTriggerResult": ("", "result of a line of the high-level trigger: -1, 0 or 1"),
    "SoftwareTriggerResultNonPrescaled": ("", "the same without its prescale"),
    "nCleanedTracks": ("", "tracks that pass a cut"),
    "nCleanedECLClusters": ("", "calorimeter clusters that pass a cut"),
    "nParticlesInList": ("", "particles in a list"),
    "totalEnergyOfParticlesInList": ("GeV", "energy of all particles in a list"),
}
_CALL: Final = re.compile(r"(\w+)\(.*\)")


def variable_of_event(name: str) -> Column | None:
    """Return a variable of the event by its (unescaped) basf2 name, also one with arguments; None for all others.

    Example:
        >>> variable_of_event("missingMass2OfEvent").unit, variable_of_event("L1FTDLBit(12)").meaning
        ('GeV^2', 'trigger bit, before prescale')
        >>> variable_of_event("mRecoil") is None, variable_of_event("daughter(0, p)") is None
        (True, True)
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    call = _CALL.fullmatch(name)
    if call is None or call[1] not in _WITH_ARGUMENT:
        return None
    unit, meaning = _WITH_ARGUMENT[call[1]]
    return Column(name, "event", "float64", unit, meaning)


_BY_NAME: Final = {column.name: column for column in EVENT_VARIABLES}

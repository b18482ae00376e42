"""Events of Pythia 8: pairs of fermions, pairs of B mesons, decays of hadrons."""

from darkreach.generators.pythia.event_records import DECAYED_KEPT
from darkreach.generators.pythia.pair_production import open_pair
from darkreach.generators.pythia.processes import PYTHIA_PROCESSES
from darkreach.generators.pythia.pythia_decays import PythiaDecays
from darkreach.generators.pythia.pythia_library import require_pythia

__all__ = ["DECAYED_KEPT", "PYTHIA_PROCESSES", "PythiaDecays", "open_pair", "require_pythia"]

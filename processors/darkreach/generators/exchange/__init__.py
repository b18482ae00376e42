"""Events of other generators: HepMC and LHE files in, HepMC3 out."""

from darkreach.generators.exchange.event_file import EventFileSummary
from darkreach.generators.exchange.event_files import read_event_file, summarise_event_file
from darkreach.generators.exchange.hepmc_files import read_hepmc, summarise_hepmc
from darkreach.generators.exchange.hepmc_writer import write_hepmc
from darkreach.generators.exchange.lhe_files import read_lhe, summarise_lhe

__all__ = [
    "EventFileSummary",
    "read_event_file",
    "read_hepmc",
    "read_lhe",
    "summarise_event_file",
    "summarise_hepmc",
    "summarise_lhe",
    "write_hepmc",
]

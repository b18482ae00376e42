"""What the samples of Pythia are normalised to and what Pythia is told, from ``configs/generators/pythia.yaml``."""

from __future__ import annotations

from darkreach.configuration import Quantity, Section, config_path, read_config
from darkreach.errors import unknown_name


class PairSample(Section):
    """One pair of fermions.

    Attributes:
        products: particle codes of what the virtual photon becomes.
        cross_section: nb, of the whole sample, with radiation of any hardness.
        minimum_mass: GeV, of the pair before it radiates.
    """

    products: tuple[int, ...]
    cross_section: Quantity
    minimum_mass: Quantity


class PythiaConfig(Section):
    """Everything in the file.

    Attributes:
        settings: lines for every sample.
        pair_production: lines for pairs of fermions.
        processes: by name.
    """

    settings: tuple[str, ...]
    pair_production: tuple[str, ...]
    processes: dict[str, PairSample]

    def pair(self, name: str) -> PairSample:
        """Return one pair by its name.

        Raises:
            UnknownNameError: there is none of this name.
        """
        if name not in self.processes:
            raise unknown_name("pair of Pythia", name, self.processes)
        return self.processes[name]


def load_pythia_config() -> PythiaConfig:
    """Return the shipped configuration.

    Example:
        >>> load_pythia_config().pair("muon_pair").cross_section.value
        1.148
    """
    return read_config(config_path("generators", "pythia"), PythiaConfig)

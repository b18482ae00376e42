"""Rates of four-fermion processes from ``configs/generators/four_fermion.yaml``."""

from __future__ import annotations

from typing import Final

from darkreach.configuration import Quantity, Section, config_path, read_config
from darkreach.errors import unknown_name

_FB_PER_NB: Final = 1e6


class FourFermionRates(Section):
    """Everything in the file.

    Attributes:
        minimum_pair_mass: GeV, of the rates with two electrons and two leptons.
        cross_sections: nb, by process; also of processes that nothing here generates.
    """

    minimum_pair_mass: Quantity
    cross_sections: dict[str, Quantity]

    def rate_fb(self, name: str) -> float:
        """Return a cross-section in fb.

        Raises:
            UnknownNameError: the table has no such process.

        Example:
            >>> four_fermion_rates().rate_fb("electron_pair_muon_pair")
            18900000.0
        """
        if name not in self.cross_sections:
            raise unknown_name("four-fermion process", name, self.cross_sections)
        return self.cross_sections[name].value * _FB_PER_NB


def four_fermion_rates() -> FourFermionRates:
    """Read the shipped table.

    Raises:
        ConfigError: the file is damaged.
    """
    return read_config(config_path("generators", "four_fermion"), FourFermionRates)

"""Numbers of decays of B mesons and tau leptons, from ``configs/generators/heavy_flavour.yaml``."""

from __future__ import annotations

from functools import cache

from darkreach.configuration import Quantity, Section, config_path, read_config


class ProductionNumbers(Section):
    """Rates of what decays."""

    b_pair_cross_section: Quantity
    charged_fraction: Quantity
    tau_pair_cross_section: Quantity


class BMesonNumbers(Section):
    """Masses and lifetimes of B mesons."""

    charged_mass: Quantity
    neutral_mass: Quantity
    charged_lifetime: Quantity
    neutral_lifetime: Quantity


class KaonNumbers(Section):
    """Kaons that B mesons decay into."""

    resonance_mass: Quantity
    resonance_width: Quantity
    short_lived_ctau: Quantity
    short_lived_to_pions: Quantity


class BToSNumbers(Section):
    """Quark masses, mixing and form factors of b to s transitions."""

    top_mass: Quantity
    bottom_mass: Quantity
    strange_mass: Quantity
    w_mass: Quantity
    ckm_product: Quantity
    f0_residue: Quantity
    f0_pole: Quantity
    a0_residue: Quantity
    a0_pole: Quantity
    a0_second_residue: Quantity
    a0_second_pole: Quantity


class TauNumbers(Section):
    """Branching fractions of the tau lepton and the hadrons it decays into."""

    lifetime: Quantity
    to_pion: Quantity
    to_two_pions: Quantity
    to_three_pions: Quantity
    to_electron: Quantity
    to_muon: Quantity
    rho_mass: Quantity
    rho_width: Quantity
    a1_mass: Quantity
    a1_width: Quantity


class NeutralCurrentNumbers(Section):
    """Weak couplings and neutral mesons of decays by the neutral current."""

    fermi_constant: Quantity
    weak_mixing: Quantity
    pion_decay_constant: Quantity
    eta_decay_constant: Quantity
    eta_prime_decay_constant: Quantity
    rho_coupling: Quantity
    omega_coupling: Quantity
    phi_coupling: Quantity
    eta_mass: Quantity
    eta_prime_mass: Quantity
    omega_mass: Quantity
    phi_mass: Quantity


class HeavyFlavourNumbers(Section):
    """All of them; units and sources stand beside the values."""

    production: ProductionNumbers
    b_mesons: BMesonNumbers
    kaons: KaonNumbers
    b_to_s: BToSNumbers
    tau_leptons: TauNumbers
    neutral_currents: NeutralCurrentNumbers


@cache
def heavy_flavour_numbers() -> HeavyFlavourNumbers:
    """Return the shipped numbers.

    Example:
        >>> heavy_flavour_numbers().production.charged_fraction.value
        0.514
    """
    return read_config(config_path("generators", "heavy_flavour"), HeavyFlavourNumbers)

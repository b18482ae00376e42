"""Branching fractions of B mesons into a kaon and a scalar or an axion-like particle.

Form factors f0 and A0: Ball and Zwicky, hep-ph/0406232 and hep-ph/0412079. One set for all of these decays.
"""

from __future__ import annotations

import math

from darkreach.generators.decays import two_body_momentum
from darkreach.generators.signals.heavy_flavour_numbers import HeavyFlavourNumbers
from darkreach.kinematics import CHARGED_KAON_MASS, HBAR_GEV_SECONDS, NEUTRAL_KAON_MASS


def b_meson_mass(numbers: HeavyFlavourNumbers, *, charged: bool) -> float:
    """Return the mass of a B meson, GeV."""
    return (numbers.b_mesons.charged_mass if charged else numbers.b_mesons.neutral_mass).value


def kaon_mass(*, charged: bool) -> float:
    """Return the mass of the kaon of B+ -> K+ or of B0 -> K0, GeV.

    Example:
        >>> kaon_mass(charged=False)
        0.497611
    """
    return CHARGED_KAON_MASS if charged else NEUTRAL_KAON_MASS


def b_meson_width(numbers: HeavyFlavourNumbers, *, charged: bool) -> float:
    """Return the total width of a B meson, GeV.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> f"{b_meson_width(heavy_flavour_numbers(), charged=True):.3e}"
        '4.018e-13'
    """
    lifetime = numbers.b_mesons.charged_lifetime if charged else numbers.b_mesons.neutral_lifetime
    return HBAR_GEV_SECONDS / (lifetime.value * 1e-12)


def form_factor_f0(numbers: HeavyFlavourNumbers, q_squared: float) -> float:
    """Return f0 of B -> K at a momentum transfer squared in GeV^2."""
    return numbers.b_to_s.f0_residue.value / (1.0 - q_squared / numbers.b_to_s.f0_pole.value)


def form_factor_a0(numbers: HeavyFlavourNumbers, q_squared: float) -> float:
    """Return A0 of B -> K* at a momentum transfer squared in GeV^2."""
    values = numbers.b_to_s
    first = values.a0_residue.value / (1.0 - q_squared / values.a0_pole.value)
    return first + values.a0_second_residue.value / (1.0 - q_squared / values.a0_second_pole.value)


def scalar_b_to_s_coupling(numbers: HeavyFlavourNumbers) -> float:
    """Return xi of xi S s_L-bar b_R at sin(theta) = 1.

    xi = 3 sqrt2 G_F m_t^2 V_ts* V_tb m_b/(16 pi^2 v), v = (sqrt2 G_F)^(-1/2) (Batell, Pospelov and Ritz, 0911.4938).
    """
    fermi, values = numbers.neutral_currents.fermi_constant.value, numbers.b_to_s
    vacuum = 1.0 / math.sqrt(math.sqrt(2.0) * fermi)
    loop = 3.0 * math.sqrt(2.0) * fermi * values.top_mass.value**2 * values.ckm_product.value
    return loop * values.bottom_mass.value / (16.0 * math.pi**2 * vacuum)


def scalar_branching_fraction(
    numbers: HeavyFlavourNumbers, mass_gev: float, sin_theta: float, *, charged: bool, vector: bool
) -> float:
    """Return BR(B -> K S) or, for the vector, BR(B -> K* S) of a scalar that mixes with the Higgs boson.

    Gamma(K) = xi^2 (m_B^2 - m_K^2)^2/(m_b - m_s)^2 f0^2 lambda^(1/2)/(64 pi m_B^3) and
    Gamma(K*) = xi^2 A0^2 lambda^(3/2)/(64 pi m_B^3 (m_b + m_s)^2); zero above the kinematic end.

    Args:
        numbers: masses, lifetimes, form factors.
        mass_gev: of the scalar, GeV.
        sin_theta: mixing angle; the rate is proportional to its square.
        charged: B+ or B0.
        vector: K* or K.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> round(scalar_branching_fraction(heavy_flavour_numbers(), 0.5, 1.0, charged=True, vector=False), 3)
        0.398
    """
    b_mass, root = _kinematics(numbers, mass_gev, charged=charged, vector=vector)
    coupling = scalar_b_to_s_coupling(numbers) * sin_theta
    bottom, strange = numbers.b_to_s.bottom_mass.value, numbers.b_to_s.strange_mass.value
    if vector:
        amplitude = form_factor_a0(numbers, mass_gev**2) * root / (bottom + strange)
    else:
        kaons = b_mass**2 - kaon_mass(charged=charged) ** 2
        amplitude = form_factor_f0(numbers, mass_gev**2) * kaons / (bottom - strange)
    width = (coupling * amplitude) ** 2 * root / (64.0 * math.pi * b_mass**3)
    return width / b_meson_width(numbers, charged=charged)


def axion_b_to_s_coupling(numbers: HeavyFlavourNumbers) -> float:
    """Return g_abs/g_aW: (3 sqrt2 G_F m_W^2/(16 pi^2)) V_tb V_ts f(m_t^2/m_W^2), f(y) = y [1 + y (ln y - 1)]/(1 - y)^2.

    Izaguirre, Lin and Shuve, 1611.09355.
    """
    fermi, values = numbers.neutral_currents.fermi_constant.value, numbers.b_to_s
    ratio = (values.top_mass.value / values.w_mass.value) ** 2
    loop = ratio * (1.0 + ratio * (math.log(ratio) - 1.0)) / (1.0 - ratio) ** 2
    weak = 3.0 * math.sqrt(2.0) * fermi * values.w_mass.value**2 / (16.0 * math.pi**2)
    return weak * values.ckm_product.value * loop


def axion_branching_fraction(
    numbers: HeavyFlavourNumbers, mass_gev: float, coupling: float, *, charged: bool, vector: bool
) -> float:
    """Return BR(B -> K a) or BR(B -> K* a) of an axion-like particle coupled to W bosons (1611.09355).

    Gamma(K) = g^2 m_B^3/(64 pi) (1 - m_K^2/m_B^2)^2 f0^2 lambda^(1/2), Gamma(K*) = g^2 m_B^3/(64 pi) A0^2 lambda^(3/2)
    with lambda of masses over m_B and g = g_abs.

    Args:
        numbers: masses, lifetimes, form factors.
        mass_gev: of the axion-like particle, GeV.
        coupling: g_aW, 1/GeV; the rate is proportional to its square.
        charged: B+ or B0.
        vector: K* or K.

    Example:
        >>> from darkreach.generators.signals.heavy_flavour_numbers import heavy_flavour_numbers
        >>> f"{axion_branching_fraction(heavy_flavour_numbers(), 1.0, 1e-5, charged=True, vector=False):.2e}"
        '1.77e-07'
    """
    b_mass, root = _kinematics(numbers, mass_gev, charged=charged, vector=vector)
    root /= b_mass**2
    if vector:
        amplitude = form_factor_a0(numbers, mass_gev**2) * root
    else:
        amplitude = form_factor_f0(numbers, mass_gev**2) * (1.0 - (kaon_mass(charged=charged) / b_mass) ** 2)
    width = (coupling * axion_b_to_s_coupling(numbers) * amplitude) ** 2 * b_mass**3 * root / (64.0 * math.pi)
    return width / b_meson_width(numbers, charged=charged)


def _kinematics(numbers: HeavyFlavourNumbers, mass_gev: float, *, charged: bool, vector: bool) -> tuple[float, float]:
    """Return m_B and lambda^(1/2)(m_B^2, m_K^2, m^2) = 2 m_B p*, which vanishes above the kinematic end."""
    b_mass = b_meson_mass(numbers, charged=charged)
    kaon = numbers.kaons.resonance_mass.value if vector else kaon_mass(charged=charged)
    return b_mass, 2.0 * b_mass * float(two_body_momentum(b_mass, kaon, mass_gev))

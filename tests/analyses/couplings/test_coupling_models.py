"""The registry of models: every known one can be made, and what is refused."""

from __future__ import annotations

import pytest

from darkreach.configuration import CouplingSettings, Quantity
from darkreach.couplings import MODELS, coupling_model
from darkreach.errors import ConfigError, LimitError, UnknownNameError


def settings(model: str, **parameters: tuple[float, str]) -> CouplingSettings:
    quantities = {name: Quantity(value=value, unit=unit, source="test") for name, (value, unit) in parameters.items()}
    return CouplingSettings(name="g", unit="", model=model, parameters=quantities)


GIVEN = {
    "axion_to_photons": {"displacement_reach": (30.0, "cm")},
    "dark_photon_invisible": {},
    "axion_invisible": {},
    "axion_escaping": {"escape_length": (300.0, "cm")},
    "invisible_kaon_scalar": {"escape_radius": (300.0, "cm")},
    "kaon_branching_fraction": {},
    "z_prime_vanilla": {},
    "z_prime_invisible": {},
}


def test_the_models_are_those_of_the_contract() -> None:
    assert set(MODELS) == set(GIVEN)


@pytest.mark.parametrize("name", list(GIVEN))
def test_every_model_is_made_and_asks_for_its_metadata(name: str) -> None:
    model = coupling_model(settings(name, **GIVEN[name]))
    with pytest.raises(LimitError, match="metadata of the hypothesis has no") as error:
        model.full_coupling(1.0, {"name": "m1000MeV"})
    assert error.value.where == "meanings.m1000MeV"


def test_unknown_names_get_the_closest_known_one() -> None:
    with pytest.raises(UnknownNameError, match="model of a coupling") as error:
        coupling_model(settings("z_prime_vanila"))
    assert "z_prime_vanilla" in str(error.value.next_step)
    with pytest.raises(UnknownNameError, match="parameter of axion_escaping") as error:
        coupling_model(settings("axion_escaping", escape_lenght=(300.0, "cm")))
    assert "escape_length" in str(error.value.next_step)


@pytest.mark.parametrize(
    ("model", "parameters", "message"),
    [
        ("axion_escaping", {}, "needs more parameters"),
        ("axion_to_photons", {}, "needs more parameters"),
        ("axion_escaping", {"escape_length": (3.0, "m")}, "another unit"),
        ("axion_escaping", {"escape_length": (0.0, "cm")}, "out of range"),
        ("dark_photon_invisible", {"alpha_dark": (0.5, "")}, "needs more parameters"),
        ("dark_photon_invisible", {"alpha_dark": (0.5, ""), "dark_matter_mass_ratio": (0.5, "")}, "out of range"),
    ],
)
def test_wrong_parameters_are_refused(model: str, parameters: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        coupling_model(settings(model, **parameters))

"""The known models of couplings by name, with the parameters of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from darkreach.configuration import CouplingSettings
from darkreach.couplings.axion_coupling import AxionToPhotons
from darkreach.couplings.axion_recoil_coupling import AxionEscaping, AxionInvisible
from darkreach.couplings.coupling_model import CouplingModel, PlaneCouplingModel
from darkreach.couplings.dark_higgsstrahlung_coupling import DarkHiggsstrahlung, DarkHiggsstrahlungMixing
from darkreach.couplings.dark_photon_coupling import DarkPhotonInvisible
from darkreach.couplings.invisible_kaon_coupling import InvisibleKaonScalar, KaonBranchingFraction
from darkreach.couplings.long_lived_model import HiggsMixedScalar, LongLivedModel, VisibleDarkPhoton
from darkreach.couplings.z_prime_coupling import ZPrimeInvisible, ZPrimeVanilla
from darkreach.errors import ConfigError, unknown_name

Model = TypeVar("Model", bound=CouplingModel | PlaneCouplingModel | LongLivedModel)


@dataclass(frozen=True)
class ModelParameter:
    """A parameter of a model: its unit, and the open range its value must lie in."""

    unit: str = ""
    above: float = 0.0
    below: float = float("inf")


@dataclass(frozen=True)
class KnownModel(Generic[Model]):
    """How a model is made.

    Attributes:
        make: from values of parameters by name.
        required: parameters that must be given.
        together: parameters of which all or none are given.
    """

    make: Callable[..., Model]
    required: Mapping[str, ModelParameter] = field(default_factory=dict)
    together: Mapping[str, ModelParameter] = field(default_factory=dict)


MODELS: Final[Mapping[str, KnownModel[CouplingModel]]] = {
    "axion_to_photons": KnownModel(AxionToPhotons, {"displacement_reach": ModelParameter("cm")}),
    "dark_photon_invisible": KnownModel(
        DarkPhotonInvisible,
        together={"alpha_dark": ModelParameter(), "dark_matter_mass_ratio": ModelParameter(below=0.5)},
    ),
    "axion_invisible": KnownModel(AxionInvisible),
    "axion_escaping": KnownModel(AxionEscaping, {"escape_length": ModelParameter("cm")}),
    "invisible_kaon_scalar": KnownModel(InvisibleKaonScalar, together={"escape_radius": ModelParameter("cm")}),
    "kaon_branching_fraction": KnownModel(KaonBranchingFraction),
    "z_prime_vanilla": KnownModel(ZPrimeVanilla),
    "z_prime_invisible": KnownModel(ZPrimeInvisible),
}
"""Of mass scans."""

PLANE_MODELS: Final[Mapping[str, KnownModel[PlaneCouplingModel]]] = {
    "dark_higgsstrahlung": KnownModel(DarkHiggsstrahlung),
    "dark_higgsstrahlung_mixing": KnownModel(DarkHiggsstrahlungMixing, {"alpha_dark": ModelParameter()}),
}
"""Of planes of two masses."""

LONG_LIVED_MODELS: Final[Mapping[str, KnownModel[LongLivedModel]]] = {
    "higgs_mixed_scalar": KnownModel(HiggsMixedScalar),
    "visible_dark_photon": KnownModel(VisibleDarkPhoton, together={"sqrt_s": ModelParameter("GeV")}),
}
"""Of particles whose lifetime is searched beside their mass."""


def coupling_model(settings: CouplingSettings) -> CouplingModel:
    """Return the model that a reading of the limits names.

    Raises:
        UnknownNameError: no such model, or it has no such parameter.
        ConfigError: a parameter is missing, out of range, or in another unit.

    Example:
        >>> coupling_model(CouplingSettings(name="g_prime", unit="", model="z_prime_invisible"))
        ZPrimeInvisible()
    """
    return _made(settings, MODELS)


def plane_coupling_model(settings: CouplingSettings) -> PlaneCouplingModel:
    """Return the model of planes that a reading of the limits names.

    Raises:
        UnknownNameError: no such model, or it has no such parameter.
        ConfigError: a parameter is missing, out of range, or in another unit.

    Example:
        >>> plane_coupling_model(CouplingSettings(name="strength", unit="", model="dark_higgsstrahlung"))
        DarkHiggsstrahlung()
    """
    return _made(settings, PLANE_MODELS)


def long_lived_model(settings: CouplingSettings) -> LongLivedModel:
    """Return the model of a long-lived particle that a reading of the limits names.

    Raises:
        UnknownNameError: no such model, or it has no such parameter.
        ConfigError: a parameter is out of range, or in another unit.

    Example:
        >>> long_lived_model(CouplingSettings(name="sin_theta", unit="", model="higgs_mixed_scalar"))
        HiggsMixedScalar()
    """
    return _made(settings, LONG_LIVED_MODELS)


def _made(settings: CouplingSettings, models: Mapping[str, KnownModel[Model]]) -> Model:
    where = f"couplings.{settings.name}"
    if settings.model not in models:
        raise unknown_name("model of a coupling", settings.model, models, where=f"{where}.model")
    known, given = models[settings.model], settings.parameters
    parameters = {**known.required, **known.together}
    for name, quantity in given.items():
        if name not in parameters:
            raise unknown_name(f"parameter of {settings.model}", name, parameters, where=f"{where}.parameters")
        expected = parameters[name]
        if quantity.unit != expected.unit or not expected.above < quantity.value < expected.below:
            raise ConfigError(
                f"{name} is out of range, or in another unit",
                where=f"{where}.parameters.{name}",
                allowed=f"between {expected.above:g} and {expected.below:g} {expected.unit}".rstrip(),
                given=f"{quantity.value:g} {quantity.unit}".rstrip(),
            )
    needed = {*known.required, *(known.together if given.keys() & known.together.keys() else ())}
    if needed - given.keys():
        raise ConfigError(
            f"the model {settings.model} needs more parameters",
            where=f"{where}.parameters",
            allowed=", ".join(sorted(needed)),
            given=", ".join(sorted(given)) or "none",
        )
    return known.make(**{name: quantity.value for name, quantity in given.items()})

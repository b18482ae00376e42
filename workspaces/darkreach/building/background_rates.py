"""How far the rate of a background may move: its factors in regions and in controls."""

from __future__ import annotations

from darkreach.building.mass_grid import hypothesis_name
from darkreach.building.modifiers import LUMINOSITY, Modifier, lognormal, normfactor, normsys
from darkreach.configuration import LikelihoodSettings, RegionSettings, WorkspaceSettings


def rate_modifiers(sample: str, settings: LikelihoodSettings, region: RegionSettings | None) -> list[Modifier]:
    """Return the factors of a simulated background sample of the likelihood.

    Of a group: ``rate_<group>``, one for all regions and controls, free or constrained; the luminosity unless free; and
    in regions ``transfer_<group>_<mass range>``. Without groups: ``background_rate_<region>`` if rates float, else the
    luminosity. A free rate needs no luminosity: the two would be one and the same direction.

    Args:
        sample: its name.
        settings: of the workspace.
        region: None in a control, and in a plane of two masses.

    Example:
        >>> from darkreach.configuration import AxionConfig, config_path, read_config
        >>> config = read_config(config_path("searches", "axion_to_photons"), AxionConfig)
        >>> rate_modifiers("three_photons", config.workspace, config.regions[0])
        [{'name': 'background_rate_pair_mass_low', 'type': 'normfactor', 'data': None}]
    """
    luminosity = normsys(LUMINOSITY, settings.luminosity_uncertainty.value)
    group = next((group for group in settings.groups if group.name == sample), None)
    if group is None:
        floating = isinstance(settings, WorkspaceSettings) and settings.background_rate == "floating"
        if region is not None and floating:
            return [normfactor(f"background_rate_{region.name}")]
        return [luminosity]
    factors = [normfactor(f"rate_{sample}")] if group.rate == "floating" else [luminosity]
    if group.uncertainty is not None:
        factors.append(lognormal(f"rate_{sample}", group.uncertainty.value))
    if group.transfer is not None and region is not None:
        factors.append(lognormal(f"transfer_{sample}_{mass_range_name(region)}", group.transfer.value))
    return factors


def mass_range_name(region: RegionSettings) -> str:
    """Return the name of the mass range of a region, the same for all regions that act together.

    Example:
        >>> mass_range_name(RegionSettings(name="low", observable="recoil_mass_squared", mass_range=(0.01, 4.0)))
        'm10MeV_m4000MeV'
    """
    return "_".join(hypothesis_name(mass) for mass in region.mass_range)

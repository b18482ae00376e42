"""Which nuisance parameters the variations of the histograms become, and what they are called."""

from __future__ import annotations

from typing import Final

from darkreach.building.modifiers import LUMINOSITY, PARAMETER_OF_INTEREST, SIGNAL_EFFICIENCY, SPURIOUS_SIGNAL
from darkreach.configuration import SearchConfig, VariationSettings
from darkreach.configuration.axion_to_photons import PhotonVariations
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms

_PHOTON_PARAMETERS: Final = {"energy_scale": "photon_energy_scale", "resolution": "photon_resolution"}
"""Parameters of photon variations that are not called as these are."""

_TAKEN: Final = (PARAMETER_OF_INTEREST, LUMINOSITY, SIGNAL_EFFICIENCY, SPURIOUS_SIGNAL)
_TAKEN_STEMS: Final = ("staterror_", "background_rate_", "bernstein_", "rate_", "transfer_")
_DIRECTIONS: Final = ("up", "down")
_WITH_VARIATIONS: Final = ("region/", "signal_shape/", "control/", "plane_variation/", "signal_plane/")


def parameter_names(variations: VariationSettings) -> dict[str, str]:
    """Return the nuisance parameter of each variation that is on: its own name unless its class says otherwise."""
    other = _PHOTON_PARAMETERS if isinstance(variations, PhotonVariations) else {}
    return {stem: other.get(stem, stem) for stem in variations.stems}


def is_taken(name: str) -> bool:
    """Return whether no variation and no factor of the signal may have this name."""
    return name in _TAKEN or name.startswith(_TAKEN_STEMS)


def shared_nuisances(histograms: SearchHistograms, config: SearchConfig) -> dict[str, str]:
    """Return variations (without ``_up`` and ``_down``) by parameter; each moves signal and background together.

    A nuisance parameter of a correction keeps its name: two searches with the same correction share it.

    Raises:
        WorkspaceError: variations that the configuration knows nothing of, that have one direction only or are not in
            all histograms, or the name of a parameter of the workspace.
    """
    own = config.variations.stems
    found = {name: _stems(name, histograms) for name in histograms.histograms if name.startswith(_WITH_VARIATIONS)}
    corrected = list(dict.fromkeys(stem for stems in found.values() for stem in stems if stem not in own))
    if corrected and not config.corrections:
        raise WorkspaceError(
            "the histograms hold variations that the configuration does not name",
            where="histograms",
            allowed=", ".join(own),
            given=", ".join(corrected),
            next_step="build with the configuration, and its corrections, that the events were processed with",
        )
    for name, stems in found.items():
        for stem in (*own, *corrected):
            if stem not in stems:
                raise WorkspaceError(
                    f"the histograms hold no variation '{stem}_up'",
                    where=f"histogram {name}",
                    allowed=", ".join(stems),
                    given=stem,
                    next_step="process the events again with this configuration",
                )
    parameters = {name: stem for stem, name in parameter_names(config.variations).items()}
    for stem in corrected:
        if stem in parameters or is_taken(stem):
            raise WorkspaceError(
                "a nuisance parameter of a correction has the name of another parameter of the workspace",
                where=f"correlation: {stem}",
                allowed=f"anything but {', '.join((*parameters, *_TAKEN))} and names that begin with"
                f" {', '.join(_TAKEN_STEMS)}",
                given=stem,
                next_step="give it another `correlation` in the description of the correction",
            )
    return parameters | {stem: stem for stem in corrected}


def _stems(name: str, histograms: SearchHistograms) -> list[str]:
    variations = [one for one in histograms.histograms[name].axes["variation"] if one != NOMINAL]
    stems = list(dict.fromkeys(one.removesuffix("_up").removesuffix("_down") for one in variations))
    lonely = [stem for stem in stems if not {f"{stem}_{way}" for way in _DIRECTIONS} <= set(variations)]
    if lonely:
        raise WorkspaceError(
            "a variation has one direction only",
            where=f"histogram {name}",
            allowed="two of each, <name>_up and <name>_down",
            given=", ".join(lonely),
            next_step="process the events again",
        )
    return stems

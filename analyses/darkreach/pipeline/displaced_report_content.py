"""Collecting the files of a run of a search for displaced vertices into what its report shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from darkreach.building.displaced_inputs import read_displaced_inputs
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.couplings import displaced_rates, read_couplings, read_efficiency_grids
from darkreach.errors import WorkspaceError
from darkreach.figures.lifetime_limit_grid import Floats
from darkreach.histograms import SearchHistograms, read_histograms
from darkreach.limits import read_limits
from darkreach.pipeline.run_folder import RunFolder
from darkreach.pipeline.settings import RunSettings
from darkreach.pipeline.sideband_agreement import disagreeing_windows
from darkreach.pipeline.stage_inputs import coupling_files
from darkreach.published import published_or_none
from darkreach.report.content import CouplingReading, NamedEffect
from darkreach.report.displaced_content import DisplacedReportContent
from darkreach.sharing import read_patchset

_MOST_WINDOWS: Final = 12


def displaced_report_content(
    settings: RunSettings, config: DisplacedSearchConfig, folder: RunFolder
) -> DisplacedReportContent:
    """Read the results of a finished run of a search for displaced vertices.

    Raises:
        InputFileError: a file of the run is missing or broken.
    """
    files = coupling_files(settings, folder)
    readings = tuple(
        CouplingReading(one, {level: read_couplings(path) for (name, level), path in files.items() if name == one.name})
        for one in config.couplings
    )
    published = published_or_none(config.search)
    patchset = read_patchset(folder.workspace / "patchset.json")
    histograms = read_histograms(folder.histograms)
    cautions = _cautions(patchset, config.workspace.sideband.ratio_uncertainty.value)
    drawn: dict[str, tuple[Floats, Floats]] = {}
    try:
        drawn = drawn_data(settings, config, histograms, patchset)
    except WorkspaceError as error:
        # spectra without points must not cost the report of the limits
        cautions.append(f"The pseudo-data are missing in the spectra: {error.one_line()}")
    return DisplacedReportContent(
        search=config,
        detector=settings.detector,
        histograms=histograms,
        limits=read_limits(folder.limits),
        grids=read_efficiency_grids(folder.efficiency_grid),
        readings=readings,
        drawn=drawn,
        without_limits=[tested_mass(name) for name in patchset["metadata"].get("hypotheses_without_signal", ())],
        published=published.lifetimes if published else (),
        effects=tuple(NamedEffect(cause, "") for cause in (published.causes if published else ())),
        cautions=cautions,
    )


def drawn_data(
    settings: RunSettings, config: DisplacedSearchConfig, histograms: SearchHistograms, patchset: Mapping[str, Any]
) -> dict[str, tuple[Floats, Floats]]:
    """Return pseudo-data that were drawn when the workspace was built, and what from, by region.

    Both have the shape (cells, radius bins), in events. They are drawn again with the seed of the patchset;
    none if the data are in the histograms.

    Raises:
        WorkspaceError: the histograms are not those of the search.
    """
    drawn = patchset["metadata"].get("pseudo_data")
    if drawn is None or "injected" in drawn:
        return {}
    rates, seed = displaced_rates(config, settings.sqrt_s), (int(drawn["seed"]), None)
    inputs = read_displaced_inputs(histograms, config, rates, settings.luminosity_inverse_fb, None, seed)
    found = ((name, one.observed, one.simulated) for name, one in inputs.regions.items())
    return {name: (observed, expected) for name, observed, expected in found if expected is not None}


def tested_mass(name: str) -> tuple[str, float]:
    """Return channel and mass, GeV, of a hypothesis that is known by its name alone.

    Example:
        >>> tested_mass("kplus_mumu_m300p5_ctau0p05")
        ('kplus_mumu', 0.3005)
    """
    channel, mass = name.rsplit("_ctau", 1)[0].rsplit("_m", 1)
    return channel, round(float(mass.replace("p", ".")) / 1000.0, 9)


def _cautions(patchset: Mapping[str, Any], ratio_uncertainty: float) -> list[str]:
    metadata, found = patchset["metadata"], []
    if "pseudo_data" in metadata:
        found.append(
            "The pseudo-data are drawn from the simulated background, averaged over neighbouring masses: they agree"
            " with it better than data can, and narrow structures of the background are smeared out."
        )
    without = metadata.get("hypotheses_without_signal", ())
    if without:
        found.append(
            f"{len(without)} hypotheses have too little simulated signal in all regions and no limit, such as"
            f" {without[0]}."
        )
    biased = disagreeing_windows(patchset, ratio_uncertainty)
    if biased:
        found.append(
            f"In {len(biased)} windows the sidebands tell another background than was simulated, by more than three"
            f" standard deviations, and limits are not right: {', '.join(biased[:_MOST_WINDOWS])}"
            f"{', ...' if len(biased) > _MOST_WINDOWS else ''}."
        )
    return found

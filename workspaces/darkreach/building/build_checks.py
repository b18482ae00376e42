"""What must hold between histograms, configuration and request before anything is built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from darkreach.building.mass_grid import hypothesis_name
from darkreach.building.rounding import FloatArray
from darkreach.building.shared_nuisances import is_taken
from darkreach.configuration import LikelihoodSettings, MassScanConfig
from darkreach.errors import WorkspaceError
from darkreach.histograms.search_histograms import SearchHistograms


def check_settings(config: MassScanConfig) -> None:
    """Refuse settings of the workspace that contradict each other.

    Raises:
        WorkspaceError: polynomials together with groups, controls or flat backgrounds; controls without groups; samples
            of the likelihood of one name; a factor of the signal with the name of another parameter.
    """
    settings = config.workspace
    where = f"search {config.search}: workspace"
    grouped = bool(settings.groups or settings.flat_backgrounds or config.controls)
    if settings.background == "bernstein" and grouped:
        raise WorkspaceError(
            "a polynomial background has no groups, controls or flat backgrounds",
            where=where,
            given="background: bernstein",
            next_step="use background: templates, or take them out",
        )
    if config.controls and not settings.groups:
        raise WorkspaceError(
            "controls need groups, whose rates they constrain",
            where=where,
            given=", ".join(control.name for control in config.controls),
            next_step="name the backgrounds in workspace.groups",
        )
    names = [group.name for group in settings.groups] + list({flat.name for flat in settings.flat_backgrounds})
    regions = [(flat.name, flat.region) for flat in settings.flat_backgrounds]
    repeated = {name for name in names if names.count(name) > 1 or name == "signal"}
    repeated |= {name for name, region in regions if regions.count((name, region)) > 1}
    if repeated:
        raise WorkspaceError(
            "every group and every flat background of a region needs its own name, and not 'signal'",
            where=where,
            given=", ".join(sorted(repeated)),
            next_step="rename them",
        )
    check_signal_factors(settings, where)


def check_signal_factors(settings: LikelihoodSettings, where: str, stems: tuple[str, ...] = ()) -> None:
    """Refuse factors of the signal with the name of another parameter of the workspace, or beginning with ``stems``.

    Raises:
        WorkspaceError: names them.
    """
    taken = [name for name in settings.signal_uncertainties if is_taken(name) or name.startswith(stems)]
    if taken:
        raise WorkspaceError(
            "a factor of the signal has the name of another parameter of the workspace",
            where=f"{where}.signal_uncertainties",
            given=", ".join(taken),
            next_step="rename it",
        )


def check_masses(masses: Sequence[float]) -> None:
    """Refuse an empty list and masses that share a name.

    Raises:
        WorkspaceError: names the masses given twice.
    """
    names = [hypothesis_name(mass) for mass in masses]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not names:
        raise WorkspaceError(
            "every mass must be given once" if repeated else "no mass was given",
            where="masses",
            given=", ".join(repeated),
            next_step="give at least one mass in GeV, each once",
        )


def check_data(
    histograms: SearchHistograms,
    name: str | None,
    luminosity_inverse_fb: float,
    injected: object | None = None,
) -> None:
    """Refuse a data sample that is not there, or of another luminosity (fb^-1), or that a signal is to be put into.

    Raises:
        WorkspaceError: names the samples there are, or the luminosity recorded.
    """
    if name is None:
        return
    if injected is not None:
        raise WorkspaceError(
            "a signal can be injected into drawn pseudo-data only",
            where="injected",
            given=f"data sample '{name}'",
            next_step="leave out the data sample, or simulate pseudo-data with the signal",
        )
    known = {m.sample: m for m in histograms.samples.values() if m.kind in ("pseudo_data", "data")}
    if name not in known:
        raise WorkspaceError(
            f"the histograms hold no data sample '{name}'", where="samples", allowed=", ".join(known), given=name
        )
    recorded = known[name].luminosity_inverse_fb
    if recorded is not None and not np.isclose(recorded, luminosity_inverse_fb, rtol=1e-6):
        raise WorkspaceError(
            "the luminosity is not that of the data",
            where=f"manifest of {name}: luminosity_inverse_fb",
            allowed=f"{recorded:g} fb^-1",
            given=f"{luminosity_inverse_fb:g} fb^-1",
            next_step="use the luminosity of the sample, or make pseudo-data of the other luminosity",
        )


def check_binning(histograms: SearchHistograms, config: MassScanConfig, name: str, expected: FloatArray) -> None:
    """Refuse a histogram that was filled with other bin edges than the configuration asks for.

    Args:
        histograms: of the search.
        config: of the search.
        name: ``region/<region>`` or ``control/<control>``.
        expected: its edges.

    Raises:
        WorkspaceError: the histogram is missing or has other edges.
    """
    if name not in histograms.histograms:
        raise WorkspaceError(
            f"the histograms hold no '{name}'", where="histograms", allowed=", ".join(histograms.histograms), given=name
        )
    edges = histograms.histograms[name].axes[-1].edges
    if len(edges) != len(expected) or not np.allclose(edges, expected, rtol=1e-9, atol=1e-12):
        raise WorkspaceError(
            "the histogram has other bins than the configuration",
            where=name,
            allowed=f"{len(expected) - 1} bins from {expected[0]:.6g} to {expected[-1]:.6g}",
            given=f"{len(edges) - 1} bins from {edges[0]:.6g} to {edges[-1]:.6g}",
            next_step=f"process the events again with the configuration of {config.search}",
        )

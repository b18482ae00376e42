"""What must hold between the settings of a plane search before anything is built."""

from __future__ import annotations

from darkreach.building.build_checks import check_signal_factors
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.errors import WorkspaceError


def check_plane_settings(config: PlaneSearchConfig) -> None:
    """Refuse settings of the workspace of a plane search that contradict each other.

    Raises:
        WorkspaceError: templates together with sidebands; groups of one name, with the name ``signal`` or with a
            transfer, which is for controls; free rates of more groups than single bins can tell apart; a factor of the
            signal with the name of another parameter.
    """
    settings = config.workspace
    where = f"search {config.search}: workspace"
    if settings.extraction == "template" and settings.sideband is not None:
        raise WorkspaceError(
            "templates take their background from simulation, sidebands from data",
            where=f"{where}.extraction",
            given="template, with a sideband",
            next_step="use extraction: window, or take the sideband out",
        )
    names = [group.name for group in settings.groups]
    repeated = {name for name in names if names.count(name) > 1 or name in ("signal", "background")}
    if repeated:
        raise WorkspaceError(
            "every group needs its own name, and not 'signal' or 'background'",
            where=f"{where}.groups",
            given=", ".join(sorted(repeated)),
            next_step="rename them",
        )
    with_transfer = [group.name for group in settings.groups if group.transfer is not None]
    if with_transfer:
        raise WorkspaceError(
            "a plane search has no controls that a rate could be transferred from",
            where=f"{where}.groups: transfer",
            given=", ".join(with_transfer),
            next_step="take it out",
        )
    free = [group.name for group in settings.groups if group.rate == "floating"]
    if settings.extraction == "window" and settings.sideband is None and len(free) >= len(config.regions):
        raise WorkspaceError(
            "a free background cannot be told from the signal in a single bin",
            where=f"{where}.groups: rate",
            allowed=f"at most {len(config.regions) - 1} free rates with {len(config.regions)} windows a hypothesis",
            given=", ".join(free),
            next_step="constrain the rates, or use extraction: template",
        )
    check_signal_factors(settings, where, ("background_", "sideband_"))

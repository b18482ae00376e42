"""Options that several commands share, and how their text becomes values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from darkreach.configuration import known_configs
from darkreach.configuration.site import SiteConfig, read_site
from darkreach.errors import ConfigError
from darkreach.limits import MINIMUM_TOYS
from darkreach.pipeline import RunSettings, parse_luminosity, run_settings

if TYPE_CHECKING:
    from darkreach.running.task_progress import Watch
    from darkreach.running.tasks import TaskExecutor


def complete_search(incomplete: str) -> list[str]:
    """Return the searches that begin with the text, for shell completion."""
    return [name for name in known_configs("searches") if name.startswith(incomplete)]


def complete_site(incomplete: str) -> list[str]:
    """Return the sites that begin with the text, for shell completion."""
    return [name for name in known_configs("sites") if name.startswith(incomplete)]


SearchArgument = Annotated[
    str, typer.Argument(help="Name of the search; see 'darkreach list'.", autocompletion=complete_search)
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="Another YAML file for the search.")]
PresetOption = Annotated[str, typer.Option("--preset", help="How much to simulate and which masses: demo or full.")]
LuminosityOption = Annotated[
    str | None, typer.Option("--luminosity", help="Integrated luminosity with unit, e.g. 445/pb.")
]
LevelsOption = Annotated[
    list[float] | None, typer.Option("--cl", help="Confidence level, e.g. 0.95; may be given more than once.")
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, help="Processes.")]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Root seed; the pseudo-data gets the next one.")]
EngineOption = Annotated[str, typer.Option("--engine", help="Limit engine: auto, compiled or pyhf.")]
MethodOption = Annotated[
    str, typer.Option("--method", help="How CLs is found: auto, asymptotic, toys or exact (pyhf: asymptotic only).")
]
ToysOption = Annotated[
    int, typer.Option("--toys", min=MINIMUM_TOYS, help="Most toys thrown from one hypothesis and signal strength.")
]
ToySeedOption = Annotated[int, typer.Option("--seed", min=0, help="Root seed of the toys.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Reuse what is already done and unchanged.")]
SiteOption = Annotated[
    str | None,
    typer.Option(
        "--site",
        help="Where workers run: a name such as slurm, or a YAML file; --workers above 1 replaces its number.",
        autocompletion=complete_site,
    ),
]
SchedulerOption = Annotated[str | None, typer.Option("--scheduler", help="Address of a running dask scheduler.")]
JsonOption = Annotated[
    Path | None, typer.Option("--json", help="Write the result as JSON here; - for standard output.")
]


def checked_levels(levels: list[float] | None) -> tuple[float, ...] | None:
    """Return the confidence levels, or None if none was given.

    Raises:
        ConfigError: a level is outside (0.5, 1), e.g. 95 instead of 0.95.
    """
    for level in levels or ():
        if not 0.5 < level < 1.0:
            hint = f"write --cl {level / 100:g}" if 50.0 < level < 100.0 else "choose a level such as 0.90 or 0.95"
            raise ConfigError(
                "not a confidence level", where="--cl", allowed="0.5 < CL < 1", given=f"{level:g}", next_step=hint
            )
    return tuple(levels) if levels else None


def site_of(site: str | None, scheduler: str | None = None) -> SiteConfig | None:
    """Return the site named on the command line, or None.

    Raises:
        UnknownNameError: no such site.
        ConfigError: its file is wrong, or a scheduler was given as well.
    """
    if site is None:
        return None
    if scheduler is not None:
        raise ConfigError(
            "a scheduler and a site exclude each other",
            where="--scheduler, --site",
            given=f"{scheduler}, {site}",
            next_step="leave one of them out; a site of kind 'scheduler' holds an address",
        )
    return read_site(site)


@contextmanager
def executor_from_options(
    workers: int, site: str | None, scheduler: str | None = None, watch: Watch | None = None
) -> Iterator[TaskExecutor]:
    """Yield what carries out tasks: this process, local processes, or other workers; started by the first task.

    Raises:
        UnknownNameError: no such site.
        DarkreachError: it cannot be used.
    """
    # what distributes needs a second to import, which other commands need not pay
    from darkreach.running.workers_on_demand import workers_on_demand

    with workers_on_demand(
        workers=workers, scheduler=scheduler, site=site_of(site, scheduler), watch=watch
    ) as executor:
        yield executor


def settings_from_options(
    search: str,
    *,
    config: Path | None = None,
    preset: str = "demo",
    luminosity: str | None = None,
    levels: list[float] | None = None,
    seed: int | None = None,
    engine: str = "auto",
    method: str = "auto",
) -> RunSettings:
    """Turn option texts into the settings of a run."""
    return run_settings(
        search,
        config_file=config,
        preset=preset,
        luminosity_inverse_fb=None if luminosity is None else parse_luminosity(luminosity),
        confidence_levels=checked_levels(levels),
        seed=seed,
        engine=engine,
        method=method,
    )

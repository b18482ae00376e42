"""Sites: where workers run and what they may use; one YAML file each in ``configs/sites/``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from darkreach.configuration.document import read_config
from darkreach.configuration.locate import config_path
from darkreach.configuration.quantities import Section
from darkreach.errors import ConfigError, unknown_name

PositiveInt = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0)]
Line = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]+$")]
Address = Annotated[str, Field(pattern=r"^[a-z]+://\S+$")]


class SiteConfig(Section):
    """What every site says.

    Attributes:
        kind: decides which other keys there are.
        title: for people.
        note: what is not verified about it.
        workers: how many are asked for when the command line does not say.
        no_workers_timeout: seconds without any worker, waiting in a queue included, after which a run gives up.
    """

    kind: str
    title: str
    note: str = ""
    workers: PositiveInt = 1
    no_workers_timeout: Positive = 300.0


class LocalSite(SiteConfig):
    """Processes of this machine; memory in GB a worker, no limit of its own if left out."""

    kind: Literal["local"]
    memory: Positive | None = None


class BatchSite(SiteConfig):
    """One worker a job of a batch system.

    Attributes:
        memory: of a job, GB.
        cores: of a job; a worker computes one task at a time on each.
        wall_time: minutes after which the batch system kills a job.
        lifetime: minutes after which a worker hands back its work and ends by itself.
        lifetime_stagger: minutes by which lifetimes differ, so that not all workers end at once.
        death_timeout: seconds a worker looks for the scheduler; a cold file system needs more than dask's 60.
        setup: shell commands before the worker starts, e.g. sourcing an environment.
        directives: extra lines of the job's header, as the batch system writes them.
        python: interpreter on the worker; this one if left out, as on a shared file system.
        interface: network interface of scheduler and workers, e.g. ``ib0``.
        log_folder: where jobs write their output.
        local_folder: fast disk of a worker.
    """

    memory: Positive
    cores: PositiveInt = 1
    wall_time: Positive
    lifetime: Positive
    lifetime_stagger: Annotated[float, Field(ge=0)] = 0.0
    death_timeout: Positive = 300.0
    no_workers_timeout: Positive = 3600.0
    setup: tuple[Line, ...] = ()
    directives: tuple[Line, ...] = ()
    python: Line | None = None
    interface: Line | None = None
    log_folder: Line | None = None
    local_folder: Line | None = None

    @model_validator(mode="after")
    def _ends_before_it_is_killed(self) -> BatchSite:
        if not self.lifetime + self.lifetime_stagger < self.wall_time:
            raise ValueError(
                f"lifetime plus lifetime_stagger must be below wall_time, "
                f"got {self.lifetime:g} + {self.lifetime_stagger:g} and {self.wall_time:g} minutes"
            )
        return self


class HTCondorSite(BatchSite):
    """HTCondor; ``disk`` of a job in GB, directives as ``key = value``."""

    kind: Literal["htcondor"]
    disk: Positive = 1.0

    @model_validator(mode="after")
    def _directives_are_assignments(self) -> HTCondorSite:
        for line in self.directives:
            if "=" not in line:
                raise ValueError(f"a directive of HTCondor is 'key = value', got '{line}'")
        return self


class SlurmSite(BatchSite):
    """SLURM."""

    kind: Literal["slurm"]
    queue: Line | None = None
    account: Line | None = None


class LsfSite(BatchSite):
    """LSF; ``memory_units`` must be those of the site's ``lsf.conf``."""

    kind: Literal["lsf"]
    queue: Line | None = None
    project: Line | None = None
    memory_units: Literal["kb", "mb", "gb"] = "kb"


class SchedulerSite(SiteConfig):
    """A dask scheduler that is already running, with whatever workers it has."""

    kind: Literal["scheduler"]
    address: Address


class GatewaySite(SiteConfig):
    """A dask-gateway server; needs the package ``dask-gateway``."""

    kind: Literal["gateway"]
    address: Address
    options: dict[str, str | int | float | bool] = {}


_KINDS: Final[dict[str, type[SiteConfig]]] = {
    "local": LocalSite,
    "htcondor": HTCondorSite,
    "slurm": SlurmSite,
    "lsf": LsfSite,
    "scheduler": SchedulerSite,
    "gateway": GatewaySite,
}


class _Kind(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    kind: str


def read_site(name: str) -> SiteConfig:
    """Read a site by the name of a shipped file, or by the path of another YAML file.

    Raises:
        UnknownNameError: no such site; names the closest one.
        ConfigError: an unknown key or kind, or a value out of range (file:line).

    Example:
        >>> read_site("local").kind
        'local'
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else config_path("sites", name)
    kind = read_config(path, _Kind).kind
    if kind not in _KINDS:
        raise unknown_name("kind of site", kind, _KINDS, where=f"{path}:{_line_of_kind(path)}")
    return read_config(path, _KINDS[kind])


def _line_of_kind(path: Path) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if line.startswith("kind")), 1)


def scaled(site: SiteConfig, workers: int | None) -> SiteConfig:
    """Return the site with another number of workers, if one is given.

    Raises:
        ConfigError: fewer than one.
    """
    if workers is None:
        return site
    if workers < 1:
        raise ConfigError("number of workers must be positive", given=str(workers), next_step="give 1 or more")
    return site.model_copy(update={"workers": workers})

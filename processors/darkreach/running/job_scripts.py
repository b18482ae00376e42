"""Jobs of batch systems: what a site says, as dask-jobqueue wants it."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from darkreach.configuration.site import BatchSite, HTCondorSite, LsfSite, SlurmSite
from darkreach.errors import ConfigError
from darkreach.running.worker_environment import exported_environment

_PACKAGE: Final = "dask-jobqueue"


def batch_cluster(site: BatchSite) -> Any:
    """Return a cluster of a batch system, with its scheduler in this process and no job submitted yet.

    Raises:
        ConfigError: dask-jobqueue is not installed.
    """
    # any free port: dask's own may belong to another run
    return _cluster_class(site)(**job_options(site), scheduler_options={"dashboard_address": ":0"})


def job_script(site: BatchSite, *, scheduler: str = "tcp://SCHEDULER:8786") -> str:
    """Return the script that is submitted for one worker; nothing is started.

    Args:
        site: the batch system.
        scheduler: address the worker will look for.

    Raises:
        ConfigError: dask-jobqueue is not installed.
    """
    job = _cluster_class(site).job_cls(scheduler=scheduler, name="darkreach", **job_options(site))
    script: str = job.job_script()
    return script


def job_options(site: BatchSite) -> dict[str, Any]:
    """Return the keyword arguments of the dask-jobqueue cluster of a site.

    Example:
        >>> from darkreach.configuration.site import SlurmSite
        >>> site = SlurmSite(kind="slurm", title="s", memory=4, wall_time=90, lifetime=80, lifetime_stagger=5)
        >>> options = job_options(site)
        >>> options["walltime"], options["worker_extra_args"]
        ('01:30:00', ['--lifetime', '80m', '--lifetime-stagger', '5m'])
    """
    options: dict[str, Any] = {
        "cores": site.cores,
        "processes": 1,
        "memory": f"{site.memory:g} GB",
        "job_name": "darkreach",
        "death_timeout": round(site.death_timeout),
        # ends by itself before the batch system ends it: a job that is killed looks like one that crashed. Without
        # --lifetime-restart, as a new worker in the old job would be killed with it: a new job is asked for instead
        "worker_extra_args": ["--lifetime", f"{site.lifetime:g}m", "--lifetime-stagger", f"{site.lifetime_stagger:g}m"],
        "job_script_prologue": [*exported_environment(), *site.setup],
        "job_extra_directives": list(site.directives),
        "python": site.python,
        "interface": site.interface,
        "log_directory": site.log_folder,
        "local_directory": site.local_folder,
    }
    minutes = round(site.wall_time)
    if isinstance(site, HTCondorSite):
        options["disk"] = f"{site.disk:g} GB"
        options["job_extra_directives"] = dict(_assignment(line) for line in site.directives)
    elif isinstance(site, SlurmSite):
        options |= {"queue": site.queue, "account": site.account}
        options["walltime"] = f"{minutes // 60:02d}:{minutes % 60:02d}:00"
    elif isinstance(site, LsfSite):
        options |= {"queue": site.queue, "project": site.project, "lsf_units": site.memory_units, "use_stdin": True}
        options["walltime"] = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return options


def _assignment(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip(), value.strip()


def _cluster_class(site: BatchSite) -> Any:
    try:
        dask_jobqueue: Any = import_module("dask_jobqueue")
    except ImportError as error:
        raise ConfigError(
            f"a site of kind '{site.kind}' needs the package {_PACKAGE}",
            where=site.title,
            given=str(error),
            next_step="pip install 'darkreach[cluster]'",
        ) from error
    names = {"htcondor": "HTCondorCluster", "slurm": "SLURMCluster", "lsf": "LSFCluster"}
    return getattr(dask_jobqueue, names[site.kind])

"""Whether a site can be used: one worker started there, its software compared with this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from darkreach.configuration.site import SiteConfig
from darkreach.running.cluster import open_cluster
from darkreach.running.cluster_watch import ClusterWatch
from darkreach.running.dask_executor import DaskExecutor
from darkreach.running.worker_versions import check_workers, software


@dataclass(frozen=True)
class SiteCheck:
    """What was found at a site.

    Attributes:
        scheduler: its address.
        here: software of this process, version by name.
        workers: the same of each worker, by address.
    """

    scheduler: str
    here: dict[str, str]
    workers: dict[str, dict[str, str]]


def check_site(site: SiteConfig) -> SiteCheck:
    """Start one worker of a site, import this package there, and let it carry out one task.

    Raises:
        WorkerSoftwareError: it runs other software, or cannot import this package.
        ClusterLostError: no worker within the time the site allows.
        DarkreachError: the scheduler does not answer, or the batch system refuses.
    """
    with open_cluster(workers=1, site=site) as cluster:
        ClusterWatch(cluster.client, cluster.patience, cluster.revive).wait_for_worker()
        found = check_workers(cluster.client)
        executor = DaskExecutor(cluster.client, revive=cluster.revive, no_workers_timeout=cluster.patience)
        for outcome in executor.run(_nothing, None, [site.title]):
            if outcome.error is not None:
                raise outcome.error
        scheduler: Any = cluster.client.scheduler
        return SiteCheck(str(scheduler.address), dict(software()), found)


def _nothing(shared: None, task: str) -> str:
    return task

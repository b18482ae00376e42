"""Sites: their files, the scripts of their jobs, and a batch system small enough to be a shell script."""

from __future__ import annotations

import gc
import os
import stat
import sys
from pathlib import Path

import cloudpickle
import pytest

from darkreach.configuration import known_configs
from darkreach.configuration.site import BatchSite, SlurmSite, read_site
from darkreach.errors import ConfigError, DarkreachError, UnknownNameError
from darkreach.running.job_scripts import job_script
from darkreach.running.tasks import open_executor

GOLDEN = Path(__file__).parent / "job_scripts"

SLURM = """\
kind: slurm
title: test
memory: 1
wall_time: 10
lifetime: 8
"""


def square(shared: int, task: int) -> tuple[int, str, str]:
    return shared * task**2, os.environ["MALLOC_TRIM_THRESHOLD_"], os.environ["SETUP_WAS_RUN"]


# the workers cannot import this file
cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.mark.parametrize("name", known_configs("sites"))
def test_shipped_sites_are_valid(name: str) -> None:
    assert read_site(name).title


@pytest.mark.parametrize("name", ["kekcc", "naf", "slurm"])
def test_job_scripts(name: str) -> None:
    pytest.importorskip("dask_jobqueue")
    site = read_site(name)
    assert isinstance(site, BatchSite)
    script = job_script(site).replace(sys.executable, "PYTHON")
    assert script == (GOLDEN / f"{name}.txt").read_text()
    # the environment stands before the worker starts, and the worker ends before its job is ended
    assert script.index("export MALLOC_TRIM_THRESHOLD_=268435456") < script.index("dask_worker")
    assert site.lifetime + site.lifetime_stagger < site.wall_time
    assert f"--lifetime {site.lifetime:g}m" in script


@pytest.mark.parametrize(
    ("change", "message", "line"),
    [
        (("memory: 1", "memmory: 1"), "did you mean 'memory'", 3),
        (("kind: slurm", "kind: slurmm"), "did you mean 'slurm'", 1),
        (("lifetime: 8", "lifetime: 10"), "must be below wall_time", 1),
        (("memory: 1", "memory: -1"), "greater than 0", 3),
        (("memory: 1", "memory: .inf"), "finite", 3),
        (("title: test", 'title: test\nsetup: ["a\\nb"]'), "pattern", 3),
    ],
)
def test_faults_are_named_with_their_line(tmp_path: Path, change: tuple[str, str], message: str, line: int) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SLURM)
    assert isinstance(read_site(str(path)), SlurmSite)
    path.write_text(SLURM.replace(*change))
    with pytest.raises((ConfigError, UnknownNameError)) as caught:
        read_site(str(path))
    assert message in str(caught.value)
    assert str(caught.value.where).startswith(f"{path}:{line}")


def test_an_unknown_site_names_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'kekcc'"):
        read_site("kekc")


def test_a_gateway_needs_its_package() -> None:
    if "dask_gateway" in sys.modules:
        pytest.skip("dask-gateway is installed")
    with (
        pytest.raises(ConfigError, match="pip install dask-gateway"),
        open_executor(site=read_site("gateway")),
    ):
        pass


@pytest.mark.filterwarnings("ignore:unclosed cluster:ResourceWarning")
def test_a_batch_system_that_is_not_here() -> None:
    pytest.importorskip("dask_jobqueue")
    site = read_site("slurm").model_copy(update={"no_workers_timeout": 2.0})
    with pytest.raises(DarkreachError), open_executor(site=site) as executor:
        list(executor.run(square, 1, [1]))
    # a cluster that dask-jobqueue gave up while it was made complains when it is collected: here, not in a later test
    gc.collect()


@pytest.mark.filterwarnings("ignore")
def test_jobs_do_the_work_and_are_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask_jobqueue")
    # as a real one, it keeps a copy of the script
    write_command(
        tmp_path / "sbatch",
        f'cp "$1" {tmp_path}/script; setsid bash {tmp_path}/script > {tmp_path}/job.log 2>&1 < /dev/null &\n'
        f'echo "Submitted batch job $!"; echo $! >> {tmp_path}/jobs',
    )
    write_command(tmp_path / "scancel", f'for job in "$@"; do kill -- -$job; echo $job >> {tmp_path}/ended; done')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    site = SlurmSite(
        kind="slurm",
        title="a shell script",
        memory=2.0,
        wall_time=5.0,
        lifetime=4.0,
        setup=("export SETUP_WAS_RUN=yes",),
        no_workers_timeout=60.0,
        interface="lo",
    )
    with open_executor(site=site) as executor:
        outcomes = {outcome.index: outcome.value for outcome in executor.run(square, 10, range(5))}
    assert outcomes == {index: (10 * index**2, "268435456", "yes") for index in range(5)}
    jobs = (tmp_path / "jobs").read_text().split()
    assert len(jobs) == 1
    assert set((tmp_path / "ended").read_text().split()) == set(jobs)


def write_command(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)

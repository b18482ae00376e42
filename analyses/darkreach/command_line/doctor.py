"""``darkreach doctor``: whether this machine and this installation can do the work."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from pathlib import Path

from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import JsonOption, SiteOption, site_of
from darkreach.configuration import DetectorConfig, config_path, known_configs, read_config
from darkreach.configuration.site import read_site
from darkreach.errors import DarkreachError
from darkreach.limits import make_engine
from darkreach.provenance import run_record
from darkreach.searches import read_search

NAME = "doctor"
_MINIMUM_DISK_BYTES = 2e9


def command(site: SiteOption = None, json: JsonOption = None) -> None:
    """Check versions, configurations, limit engines, memory and disk; exit code 1 if anything is wrong.

    With --site one worker is started there, and its software compared with this one.
    """
    checks = [*_configurations(), *_engines(), _disk()]
    workers: dict[str, dict[str, str]] = {}
    if site is not None:
        fault, workers = _site(site, quiet=str(json) == "-")
        checks.append((f"site {site}", fault))
    record = run_record("")
    if str(json) != "-":
        versions = {"darkreach": record.darkreach, "commit": record.git_hash, "system": platform.platform()}
        versions |= {"cores": str(os.cpu_count())} | dict(record.libraries)
        print_table("versions", ["what", "value"], [[name, value] for name, value in versions.items()])
        print_line("")
        print_table("checks", ["check", "result"], [[name, fault or "ok"] for name, fault in checks])
    write_result(
        json,
        {"versions": record.as_dict(), "checks": {name: fault or "ok" for name, fault in checks}}
        | ({"workers": workers} if site is not None else {}),
    )
    faults = [f"{name}: {fault}" for name, fault in checks if fault]
    if faults:
        raise DarkreachError(
            f"{len(faults)} checks failed", given="; ".join(faults), next_step="mend the first of them"
        )


def _site(name: str, *, quiet: bool) -> tuple[str, dict[str, dict[str, str]]]:
    """Return what is wrong with a site, and the software of its workers; print both."""
    config = site_of(name)
    assert config is not None
    # dask takes a second to import, which the other checks need not pay
    from darkreach.running.site_check import check_site

    try:
        found = check_site(config)
    except DarkreachError as error:
        return error.one_line(), {}
    if not quiet:
        places = sorted(found.workers)
        rows = [
            [what, here, *(found.workers[place].get(what, "-") for place in places)]
            for what, here in found.here.items()
        ]
        print_table(f"site {name}: {config.title}, scheduler {found.scheduler}", ["what", "here", *places], rows)
        print_line("")
    return "", found.workers


def _configurations() -> list[tuple[str, str]]:
    results = []
    for name in known_configs("sites"):
        try:
            read_site(name)
            results.append((f"site file {name}", ""))
        except DarkreachError as error:
            results.append((f"site file {name}", str(error)))
    for name in known_configs("searches"):
        try:
            config = read_search(config_path("searches", name))
            read_config(config_path("detectors", config.detector), DetectorConfig)
            results.append((f"configuration {name}", ""))
        except DarkreachError as error:
            results.append((f"configuration {name}", str(error)))
    return results


def _engines() -> list[tuple[str, str]]:
    results = []
    for name in ("pyhf", "compiled"):
        try:
            make_engine(name)
            results.append((f"limit engine {name}", ""))
        except (DarkreachError, ImportError) as error:
            results.append((f"limit engine {name}", str(error)))
    return results


def _disk() -> tuple[str, str]:
    free = shutil.disk_usage(Path(tempfile.gettempdir())).free
    fault = "" if free > _MINIMUM_DISK_BYTES else f"{free / 1e9:.1f} GB free, {_MINIMUM_DISK_BYTES / 1e9:g} GB needed"
    return ("free disk", fault)

"""The stages of a run, each from files to files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from darkreach.building import write_workspace
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import write_excluded
from darkreach.errors import InputFileError
from darkreach.events.manifest import MANIFEST_NAME
from darkreach.histograms import read_histograms, write_histograms
from darkreach.limits import compute_limits, limit_engine, read_limits, write_limits
from darkreach.pipeline.displaced_report_content import displaced_report_content
from darkreach.pipeline.lifetime_tables import write_lifetime_tables
from darkreach.pipeline.limits_document import limits_document
from darkreach.pipeline.plane_report_content import plane_report_content
from darkreach.pipeline.report_content import report_content
from darkreach.pipeline.run import Run, interruptible, stage_outputs
from darkreach.pipeline.search_workspace import build_search_workspace
from darkreach.pipeline.settings import write_settings
from darkreach.pipeline.simulate import simulate_samples
from darkreach.pipeline.stage_inputs import coupling_files, sample_paths, stage_inputs
from darkreach.report import (
    displaced_report_figures,
    plane_report_figures,
    report_figures,
    write_displaced_report,
    write_figures,
    write_plane_report,
    write_report,
)
from darkreach.running import process_samples
from darkreach.running.disk_faults import disk_faults
from darkreach.running.workers_on_demand import workers_on_demand
from darkreach.sharing import apply_patches, read_patchset, read_workspace


def run_search(run: Run) -> dict[str, float]:
    """Carry out all stages, with the same workers for all that need some, and return the seconds each took.

    Raises:
        DarkreachError: from any stage; finished stages keep their results.
        StageInterrupted: on Ctrl-C; ``resume`` does the rest.
    """
    write_settings(run.folder.settings, run.settings)
    seconds: dict[str, float] = {}
    with workers_on_demand(workers=run.workers, scheduler=run.scheduler, site=run.site, watch=run.watch) as executor:
        _carry_out((simulate, process, build, limit), replace(run, executor=executor), seconds)
    # what is left needs no workers: others may have them
    _carry_out((couple, write_report_of), run, seconds)
    return seconds


def _carry_out(stages: Sequence[Callable[[Run], None]], run: Run, seconds: dict[str, float]) -> None:
    for function in stages:
        name = function.__name__.removesuffix("_of").removeprefix("write_")
        start = time.monotonic()
        with interruptible(name):
            function(run)
        seconds[name] = time.monotonic() - start


def simulate(run: Run) -> None:
    """Generate signals at the anchor masses, the background and the pseudo-data; finished samples are reused."""
    # workers elsewhere start in another folder
    samples = run.folder.samples.absolute()
    with disk_faults(samples):
        simulate_samples(run.settings, samples, executor=run.executor, progress=run.progress)


def process(run: Run) -> None:
    """Turn events into histograms, item by item; on resume finished items are reused."""
    with stage_outputs(run, "process", *stage_inputs(run, "process")) as outputs:
        if outputs is None:
            return
        histograms = process_samples(
            run.settings.config,
            run.settings.detector,
            sample_paths(run),
            workplace=run.workplace,
            progress=lambda done, planned: run.progress("process", done, planned),
            config_digest=run.settings.digest,
            folder=run.folder.processing,
            resume=run.resume,
            bad_files=run.bad_files,
            notice=run.notice,
        )
        write_histograms(run.folder.histograms, histograms)
        outputs.append(run.folder.histograms)


def build(run: Run) -> None:
    """Turn histograms into BkgOnly.json and patchset.json."""
    with stage_outputs(run, "build", *stage_inputs(run, "build")) as outputs:
        if outputs is None:
            return
        workspace = build_search_workspace(run.settings, read_histograms(run.folder.histograms))
        outputs.extend(write_workspace(run.folder.workspace, workspace))


def limit(run: Run) -> None:
    """Compute CLs limits on the signal strength of every hypothesis."""
    settings = run.settings
    relevant, paths = stage_inputs(run, "limit")
    with stage_outputs(run, "limit", relevant, paths) as outputs:
        if outputs is None:
            return
        hypotheses = apply_patches(read_workspace(paths[0]), read_patchset(paths[1]))
        limits = compute_limits(
            hypotheses,
            settings.confidence_levels,
            engine=limit_engine(settings.engine, method=settings.method),
            workers=run.workers,
            # on this machine threads may be enough
            executor=run.executor if run.elsewhere else None,
            processes=run.executor,
            progress=lambda done, planned: run.progress("limit", done, planned),
            checkpoint=run.folder.limit_checkpoints,
        )
        write_limits(run.folder.limits, limits_document(settings, paths, hypotheses, limits))
        outputs.append(run.folder.limits)


def couple(run: Run) -> None:
    """Turn limits into excluded intervals of the coupling, one file a confidence level."""
    with stage_outputs(run, "couple", *stage_inputs(run, "couple")) as outputs:
        if outputs is None:
            return
        document = read_limits(run.folder.limits)
        couplings = {one.name: one for one in run.settings.config.couplings}
        for (name, level), path in coupling_files(run.settings, run.folder).items():
            outputs.append(write_excluded(path, document, couplings[name], cl=level))
        config = run.settings.config
        if isinstance(config, DisplacedSearchConfig):
            histograms = read_histograms(run.folder.histograms)
            outputs.extend(write_lifetime_tables(run.settings, config, run.folder, document, histograms))


def write_report_of(run: Run) -> None:
    """Draw the figures and write the report page."""
    with stage_outputs(run, "report", *stage_inputs(run, "report")) as outputs:
        if outputs is None:
            return
        config, drawn = run.settings.config, run.folder.root / "figures"
        if isinstance(config, PlaneSearchConfig):
            plane = plane_report_content(run.settings, config, run.folder)
            figures = tuple(plane_report_figures(plane))
            outputs.extend(write_figures(drawn, figures))
            outputs.append(write_plane_report(run.folder.report, plane, figures))
            return
        if isinstance(config, DisplacedSearchConfig):
            displaced = displaced_report_content(run.settings, config, run.folder)
            figures = tuple(displaced_report_figures(displaced))
            outputs.extend(write_figures(drawn, figures))
            outputs.append(write_displaced_report(run.folder.report, displaced, figures))
            return
        content = report_content(run.settings, run.folder)
        figures = tuple(report_figures(content))
        outputs.extend(write_figures(drawn, figures))
        outputs.append(write_report(run.folder.report, content, figures))


def sample_folders(samples: Path) -> list[Path]:
    """Return the folder itself if it is that of a sample, else those of all samples inside it, in name order.

    Raises:
        InputFileError: the folder does not exist.
    """
    if not samples.is_dir():
        raise InputFileError(
            "no such folder of samples", where=str(samples), next_step="run 'darkreach simulate' first"
        )
    if (samples / MANIFEST_NAME).is_file():
        # what it holds besides, such as generated events, belongs to it
        return [samples]
    return sorted(path.parent for path in samples.glob(f"*/{MANIFEST_NAME}"))

"""The stages of a run, each from files to files."""

from __future__ import annotations

from pathlib import Path

from darkreach.building import write_workspace
from darkreach.configuration import CouplingSettings
from darkreach.couplings import couplings_from_limits, write_couplings
from darkreach.errors import InputFileError
from darkreach.events.manifest import MANIFEST_NAME
from darkreach.histograms import read_histograms, write_histograms
from darkreach.limits import LimitsDocument, compute_limits, make_engine, read_limits, write_limits
from darkreach.pipeline.limits_document import limits_document
from darkreach.pipeline.report_content import report_content
from darkreach.pipeline.run import Run, interruptible, stage_outputs
from darkreach.pipeline.search_workspace import build_search_workspace
from darkreach.pipeline.settings import write_settings
from darkreach.pipeline.simulate import requests_of, simulate_samples
from darkreach.report import report_figures, write_figures, write_report
from darkreach.running import process_samples
from darkreach.sharing import apply_patches, read_patchset, read_workspace


def run_search(run: Run) -> None:
    """Carry out all stages.

    Raises:
        DarkreachError: from any stage; finished stages keep their results.
        StageInterrupted: on Ctrl-C; ``resume`` does the rest.
    """
    write_settings(run.folder.settings, run.settings)
    for function in (simulate, process, build, limit, couple, write_report_of):
        with interruptible(function.__name__.removesuffix("_of").removeprefix("write_")):
            function(run)


def simulate(run: Run) -> None:
    """Generate signals at the anchor masses, the background and the pseudo-data; finished samples are reused."""
    simulate_samples(run.settings, run.folder.samples, workers=run.workers, progress=run.progress)


def process(run: Run) -> None:
    """Turn events into histograms."""
    config = run.settings.config.model_dump(mode="json")
    relevant = {key: config[key] for key in ("selection", "regions", "binning", "variations")}
    # the samples of this run only: the folder may hold others of an earlier preset
    folders = [run.folder.samples / request.sample for request in requests_of(run.settings)]
    with stage_outputs(run, "process", relevant, [folder / MANIFEST_NAME for folder in folders]) as outputs:
        if outputs is None:
            return
        histograms = process_samples(
            run.settings.config,
            run.settings.detector,
            folders,
            workers=run.workers,
            scheduler=run.scheduler,
            progress=lambda done, planned: run.progress("process", done, planned),
            config_digest=run.settings.digest,
        )
        write_histograms(run.folder.histograms, histograms)
        outputs.append(run.folder.histograms)


def build(run: Run) -> None:
    """Turn histograms into BkgOnly.json and patchset.json."""
    settings = run.settings
    config = settings.config.model_dump(mode="json")
    relevant = {key: config[key] for key in ("regions", "binning", "workspace", "simulation")}
    relevant |= {"masses": settings.preset.scan_masses, "luminosity": settings.luminosity_inverse_fb}
    with stage_outputs(run, "build", relevant, [run.folder.histograms]) as outputs:
        if outputs is None:
            return
        workspace = build_search_workspace(settings, read_histograms(run.folder.histograms))
        outputs.extend(write_workspace(run.folder.workspace, workspace))


def limit(run: Run) -> None:
    """Compute CLs limits on the signal strength of every hypothesis."""
    settings = run.settings
    paths = [run.folder.workspace / "BkgOnly.json", run.folder.workspace / "patchset.json"]
    relevant = {"confidence_levels": settings.confidence_levels, "engine": settings.engine}
    with stage_outputs(run, "limit", relevant, paths) as outputs:
        if outputs is None:
            return
        hypotheses = apply_patches(read_workspace(paths[0]), read_patchset(paths[1]))
        limits = compute_limits(
            hypotheses,
            settings.confidence_levels,
            engine=make_engine(settings.engine),
            workers=run.workers,
            progress=lambda done, planned: run.progress("limit", done, planned),
            checkpoint=run.folder.limit_checkpoints,
        )
        write_limits(run.folder.limits, limits_document(settings, paths, hypotheses, limits))
        outputs.append(run.folder.limits)


def couple(run: Run) -> None:
    """Turn limits into excluded intervals of the coupling, one file a confidence level."""
    coupling = run.settings.config.coupling
    with stage_outputs(run, "couple", coupling.model_dump(mode="json"), [run.folder.limits]) as outputs:
        if outputs is None:
            return
        document = read_limits(run.folder.limits)
        for level in run.settings.confidence_levels:
            path = run.folder.couplings(level, run.settings.confidence_levels)
            outputs.append(write_couplings_of(path, document, coupling, level))


def write_couplings_of(path: Path, document: LimitsDocument, coupling: CouplingSettings, level: float) -> Path:
    """Write the excluded intervals at one confidence level and return the path."""
    intervals = couplings_from_limits(document, reach_cm=coupling.displacement_reach.value, cl=level)
    header = {
        "coupling": coupling.name,
        "unit": coupling.unit,
        "confidence_level": f"{level:g}",
        "luminosity": f"{document.luminosity_inverse_fb:g} fb^-1",
        "data": " and ".join(sorted({str(meaning["data_kind"]) for meaning in document.meanings.values()})),
        "search": document.search,
    }
    write_couplings(path, intervals, header)
    return path


def write_report_of(run: Run) -> None:
    """Draw the figures and write the report page."""
    inputs = [run.folder.histograms, run.folder.limits]
    levels = run.settings.confidence_levels
    inputs += [run.folder.couplings(level, levels) for level in levels]
    with stage_outputs(run, "report", run.settings.as_dict(), inputs) as outputs:
        if outputs is None:
            return
        content = report_content(run.settings, run.folder)
        figures = tuple(report_figures(content))
        outputs.extend(write_figures(run.folder.root / "figures", figures))
        outputs.append(write_report(run.folder.report, content, figures))


def sample_folders(samples: Path) -> list[Path]:
    """Return the folders of all samples inside a folder, in name order.

    Raises:
        InputFileError: the folder does not exist.
    """
    if not samples.is_dir():
        raise InputFileError(
            "no such folder of samples", where=str(samples), next_step="run 'darkreach simulate' first"
        )
    return sorted(path.parent for path in samples.glob(f"*/{MANIFEST_NAME}"))

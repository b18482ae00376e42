"""``darkreach fit``: best fit, pulls, impacts, scans and significance of any pyhf workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from darkreach.command_line.display import print_line, write_result
from darkreach.command_line.fit_table import (
    print_fit,
    print_goodness,
    print_impacts,
    print_scan,
    print_significance,
    print_strength,
)
from darkreach.command_line.limit_inputs import read_hypotheses
from darkreach.command_line.options import JsonOption
from darkreach.errors import ConfigError, LimitError
from darkreach.fits import (
    DataChoice,
    FitModel,
    FitResult,
    Impacts,
    ProfileScan,
    chi_square_goodness,
    discovery_significance,
    fit,
    fit_model,
    goodness_of_fit,
    impacts,
    scan,
)
from darkreach.provenance import write_text
from darkreach.sharing import BrokenHypothesis, Hypothesis

NAME = "fit"


def command(
    workspace: Annotated[Path, typer.Argument(help="pyhf workspace (JSON).")],
    patchset: Annotated[Path | None, typer.Option("--patchset", help="Patchset of the workspace.")] = None,
    hypothesis: Annotated[str | None, typer.Option("--hypothesis", help="Patch of the patchset to fit.")] = None,
    patch: Annotated[Path | None, typer.Option("--patch", help="JSON patch of the workspace.")] = None,
    measurement: Annotated[
        str | None, typer.Option("--measurement", help="Name of the measurement; the first one if not given.")
    ] = None,
    asimov: Annotated[bool, typer.Option("--asimov", help="Fit the expectation of the nominal model.")] = False,
    with_impacts: Annotated[
        bool, typer.Option("--impacts", help="Shift of the parameter of interest by each nuisance parameter.")
    ] = False,
    scanned: Annotated[str | None, typer.Option("--scan", help="Profile the likelihood over this parameter.")] = None,
    toys: Annotated[int, typer.Option("--toys", min=0, help="Toys for the goodness of fit.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Root seed of the toys.")] = 0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Fits at a time.")] = 1,
    figures: Annotated[Path | None, typer.Option("--figures", help="Folder for figures (SVG).")] = None,
    json: JsonOption = None,
) -> None:
    """Fit all parameters: values, errors, pulls, goodness of fit and discovery significance."""
    model = fit_model(_read_hypothesis(workspace, patchset, hypothesis, patch, measurement), measurement=measurement)
    data: DataChoice = "asimov" if asimov else "observed"
    if scanned is not None:
        # a name nobody knows is reported before any work
        model.parameter(scanned)
    result = fit(model, data=data)
    shown = str(json) != "-"
    content: dict[str, Any] = {"fit": result.as_dict()}
    if result.status != "ok":
        write_result(json, content)
        raise LimitError("the fit failed", where=result.hypothesis, given=result.reason, next_step=_next_step(result))
    if shown:
        print_fit(result)
    content |= _strength(model, result, shown, asimov=asimov)
    content |= _goodness(model, result, shown, toys=0 if asimov else toys, seed=seed, threads=threads)
    ranked = impacts(model, data=data, threads=threads) if with_impacts else None
    profile = scan(model, scanned, data=data, threads=threads) if scanned is not None else None
    if ranked is not None:
        content["impacts"] = ranked.as_dict()
        if shown:
            print_impacts(ranked)
    if profile is not None:
        content["scan"] = profile.as_dict()
        if shown:
            print_scan(profile)
    write_result(json, content)
    if figures is not None:
        paths = _draw(figures, result, ranked, profile)
        if shown:
            print_line("\n".join(str(path) for path in paths))


def _read_hypothesis(
    workspace: Path, patchset: Path | None, name: str | None, patch: Path | None, measurement: str | None
) -> Hypothesis:
    tested = read_hypotheses(
        [workspace],
        patchset=patchset,
        names=None if name is None else [name],
        patches=None if patch is None else [patch],
        measurement=measurement,
    )
    if len(tested) > 1:
        names = [entry.name for entry in tested]
        raise ConfigError(
            "a fit takes one hypothesis",
            where="--hypothesis",
            given=f"a patchset with {len(names)} hypotheses",
            allowed=", ".join(names[:8]) + (", ..." if len(names) > 8 else ""),
            next_step=f"choose one, e.g. --hypothesis {names[0]}",
        )
    if isinstance(tested[0], BrokenHypothesis):
        raise tested[0].error
    return tested[0]


def _strength(model: FitModel, result: FitResult, shown: bool, *, asimov: bool) -> dict[str, Any]:
    """Return and print asymmetric errors of the parameter of interest and, of observed data, the significance."""
    profile = scan(model, result.poi, (), data="asimov" if asimov else "observed")
    content: dict[str, Any] = {"errors": {"down": profile.error_down, "up": profile.error_up}}
    if shown:
        print_strength(result[result.poi], profile)
    if not asimov:
        found = discovery_significance(model)
        content["discovery"] = found.as_dict()
        if shown:
            print_significance(found)
    return content


def _goodness(model: FitModel, result: FitResult, shown: bool, *, toys: int, seed: int, threads: int) -> dict[str, Any]:
    goodness = goodness_of_fit(model, toys=toys, seed=seed, threads=threads) if toys else chi_square_goodness(result)
    if shown:
        print_goodness(goodness)
    return {"goodness_of_fit": goodness.as_dict()}


def _draw(folder: Path, result: FitResult, ranked: Impacts | None, profile: ProfileScan | None) -> list[Path]:
    # matplotlib only where figures are wanted
    from darkreach.figures import save_svg
    from darkreach.figures.correlation import draw_correlation
    from darkreach.figures.impacts import draw_impacts
    from darkreach.figures.pulls import draw_pulls
    from darkreach.figures.scan import draw_scan

    figures = {}
    if any(parameter.pull is not None for parameter in result):
        figures["pulls"] = draw_pulls(result)
    if sum(not flag for flag in result.flags) > 1:
        figures["correlation"] = draw_correlation(result)
    if ranked is not None and ranked.ranked:
        figures["impacts"] = draw_impacts(ranked)
    if profile is not None:
        figures["scan"] = draw_scan(profile, result.hypothesis)
    paths = []
    for name, figure in figures.items():
        path = folder / f"{name}.svg"
        write_text(path, save_svg(figure))
        paths.append(path)
    return paths


def _next_step(result: FitResult) -> str:
    return f"compare the data with the expectation, and the bounds of {result.poi} with what it must reach"

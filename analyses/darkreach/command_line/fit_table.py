"""Tables of fits for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from darkreach.command_line.display import print_line, print_table
from darkreach.fits import (
    DiscoverySignificance,
    FitResult,
    FittedParameter,
    GoodnessOfFit,
    Impacts,
    ProfileScan,
)

MAXIMUM_ROWS = 40
"""A terminal shows so many parameters; the JSON result holds all."""


def print_fit(result: FitResult) -> None:
    """Print values, errors and pulls: free parameters first, then the largest pulls."""
    fitted = sorted(result, key=lambda p: (p.name != result.poi, p.pull is not None, -abs(p.pull or 0.0)))
    rows = [
        [
            parameter.name,
            f"{parameter.value:.5g}",
            _number(parameter.error),
            _number(parameter.pull, "+.2f"),
            _number(parameter.constraint_ratio, ".2f"),
            parameter.constraint,
            parameter.flag,
        ]
        for parameter in fitted[:MAXIMUM_ROWS]
    ]
    columns = ["parameter", "value", "error", "pull", "error/prefit", "constraint", "remark"]
    print_table(f"Best fit of {result.hypothesis}, measurement {result.measurement}, {result.data} data", columns, rows)
    if len(rows) < len(fitted):
        print_line(f"{len(rows)} of {len(fitted)} parameters, the largest pulls; --json has all of them")
    for note in result.notes:
        print_line(f"note: {note}")


def print_strength(poi: FittedParameter, profile: ProfileScan) -> None:
    """Print the parameter of interest with its symmetric and asymmetric errors."""
    symmetric = f"± {poi.error:.4g}" if poi.error is not None else f"({poi.flag})"
    up, down = (_number(error) for error in (profile.error_up, profile.error_down))
    print_line(f"{poi.name} = {poi.value:.5g} {symmetric}; where -2 delta ln L is 1: +{up} -{down}")


def print_goodness(goodness: GoodnessOfFit) -> None:
    """Print the goodness of fit."""
    text = f"goodness of fit: {goodness.statistic:.2f} for {goodness.degrees_of_freedom} degrees of freedom"
    if goodness.p_value is not None:
        text += f", p-value {goodness.p_value:.3g}"
    if goodness.toy_p_value is not None:
        text += f"; from {goodness.toys} toys {goodness.toy_p_value:.3g} ± {goodness.toy_p_value_error:.1g}"
    print_line(text)


def print_significance(found: DiscoverySignificance) -> None:
    """Print the discovery significance, observed and expected."""
    if found.status != "ok":
        print_line(f"discovery significance: {found.reason}")
        return
    expected = found.reason or f"expected for the nominal signal {found.expected_significance:.3g}"
    observed = f"{found.significance:.3g} standard deviations (p-value {found.p_value:.3g})"
    print_line(f"discovery significance: {observed}; {expected}")


def print_impacts(impacts: Impacts) -> None:
    """Print the largest impacts and those of groups."""
    rows = [
        [
            impact.parameter.name,
            *(_number(shift, "+.4g") for shift in (impact.postfit_up, impact.postfit_down)),
            *(_number(shift, "+.4g") for shift in (impact.prefit_up, impact.prefit_down)),
            impact.note,
        ]
        for impact in impacts.ranked[:MAXIMUM_ROWS]
    ]
    columns = ["parameter", "+1 sigma", "-1 sigma", "+1 sigma before", "-1 sigma before", "remark"]
    print_table(f"Impacts on {impacts.fit.poi}", columns, rows)
    if len(rows) < len(impacts.ranked):
        print_line(f"{len(rows)} of {len(impacts.ranked)} parameters, the largest; --json has all of them")
    groups = [[group.name, str(len(group.members)), _number(group.impact)] for group in impacts.groups]
    if impacts.statistical is not None:
        groups.append(["statistical", "", _number(impacts.statistical)])
    if groups:
        print_table("Errors by group (in quadrature)", ["group", "parameters", f"error of {impacts.fit.poi}"], groups)


def print_scan(scan: ProfileScan) -> None:
    """Print the profile of one parameter."""
    rows: Sequence[Sequence[str]] = [
        [f"{value:.5g}", f"{rise:.4f}"] for value, rise in zip(scan.values, scan.delta, strict=True)
    ]
    print_table(f"Profile of {scan.parameter}", [scan.parameter, "-2 delta ln L"], rows)
    print_line(
        f"{scan.parameter} = {scan.best:.5g}, errors where -2 delta ln L is 1: "
        f"+{_number(scan.error_up)} -{_number(scan.error_down)}"
    )


def _number(value: float | None, form: str = ".4g") -> str:
    return "-" if value is None else format(value, form)

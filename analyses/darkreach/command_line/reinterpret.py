"""``darkreach reinterpret``: published limits in mass and lifetime against a model of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from darkreach.catalogue.stored_lifetimes import find_lifetime_limits
from darkreach.command_line.display import print_line, print_table, write_result
from darkreach.command_line.options import JsonOption
from darkreach.couplings.couplings_file import ExcludedInterval, write_couplings
from darkreach.couplings.lifetime_limits_file import read_lifetime_limits, read_lifetime_limits_header
from darkreach.reinterpretation import excluded_model, read_user_model

NAME = "reinterpret"


def command(
    search: Annotated[
        str,
        typer.Argument(help="Search of the catalogue, folder of a run, or file of published limits (CSV)."),
    ],
    model: Annotated[
        Path,
        typer.Option("--model", help="Table (CSV) or Python file of a model; a Python file is run as it is."),
    ],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.")],
    json: JsonOption = None,
) -> None:
    """Give the region of a model that published limits exclude, from the limits alone.

    Limits against mass and lifetime have the efficiency at each lifetime in them: they hold for every particle that
    is made and decays in the same way. At each mass of the limits, the rate of the model is compared with the limit
    at the lifetime that belongs to its coupling, and all crossings are found: there may be none, one or several
    intervals. Of several channels that one decides which is expected to be the best, at each coupling anew; they
    are not added up, which limits do not allow. Shorter lifetimes than any of the limits are not excluded; above the
    longest the limit rises as the lifetime.

    A model is a table of rates, in the quantity of the limits, and of lifetimes. Between its rows all is straight in
    the logarithms, so that two couplings a mass are enough for powers. Each channel has a column:

    \b
        # coupling: sin_theta
        mass_gev,coupling,ctau_cm,kplus_mumu,kplus_pipi
        0.45,1e-6,1.07623e6,4.921e-14,2.307e-13
        0.45,1e-1,1.07623e-4,4.921e-4,2.307e-3
        0.50,1e-6,8.0947e5,4.452e-14,2.345e-13
        0.50,1e-1,8.0947e-5,4.452e-4,2.345e-3

    Or it is a Python file that defines:

    \b
        COUPLING = "sin_theta"
        COUPLING_RANGE = (1e-6, 0.1)
        MASS_RANGE_GEV = (0.45, 0.5)
        CHANNELS = ["kplus_mumu", "kplus_pipi"]
    \b
        def rate(channel, mass_gev, coupling):
            share = {"kplus_mumu": 0.04452, "kplus_pipi": 0.2345}[channel]
            power = {"kplus_mumu": -0.953, "kplus_pipi": 0.155}[channel]
            return share * (mass_gev / 0.5) ** power * coupling**2
    \b
        def ctau_cm(mass_gev, coupling):
            return 8.0947e-7 * (0.5 / mass_gev) ** 2.703 / coupling**2
    """
    limits = find_lifetime_limits(search)
    header = read_lifetime_limits_header(limits)
    tested = read_user_model(model)
    intervals = excluded_model(tested, read_lifetime_limits(limits))
    lines = {"coupling": tested.coupling, "unit": tested.unit, **header, "limits": limits.name, "model": model.name}
    write_couplings(out, intervals, lines)
    if str(json) != "-":
        _print(intervals, tested.coupling, header["confidence_level"])
    write_result(json, {"couplings": str(out), "coupling": tested.coupling, "intervals": len(intervals)})


def _print(intervals: list[ExcludedInterval], coupling: str, level: str) -> None:
    observed = [interval for interval in intervals if interval.quantile == "observed"] or [
        interval for interval in intervals if interval.quantile == "0"
    ]
    if not observed:
        print_line("nothing of this model is excluded")
        return
    rows = [[f"{i.mass_gev:.4g}", f"{i.lower:.4g}", f"{i.upper:.4g}", f"{i.ctau_cm:.4g}", i.quantile] for i in observed]
    columns = ["mass (GeV)", "from", "to", "c tau (cm) at the first", "limit"]
    print_table(f"Excluded: {coupling}, {level}", columns, rows)

"""What one region counts at one mass, for all lifetimes together, and its on and off channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from darkreach.building.displaced_efficiencies import WindowEfficiency
from darkreach.building.displaced_inputs import DisplacedRegionInputs
from darkreach.building.modifiers import Modifier, lognormal, normfactor
from darkreach.building.plane_sideband import sideband_channel
from darkreach.building.rounding import FloatArray, significant
from darkreach.building.signal_samples import signal_factors
from darkreach.configuration.displaced_search import DisplacedWorkspaceSettings

_SMALLEST_START: Final = 1.0e-3
_NEGLIGIBLE: Final = 1.0e-3
"""Of the signal in a window, what of it in the sidebands would pretend to be background there."""
_SMALLEST_STATISTICS: Final = 0.01
"""Relative statistical error of an efficiency below which it has no parameter."""


@dataclass(frozen=True, eq=False)
class RegionCounts:
    """One region at one mass.

    Attributes:
        region: its name.
        observed: events in the window, shape (radius bins,).
        off: events in the sidebands, same shape.
        tau: width of the sidebands over that of the window.
        simulated: background of the window, same shape; None if the data are no drawn pseudo-data.
        window: efficiency of the window, shapes (lifetimes, radius bins).
        leaking: efficiency of the sidebands, same shape.
    """

    region: str
    observed: FloatArray
    off: FloatArray
    tau: float
    simulated: FloatArray | None
    window: WindowEfficiency
    leaking: FloatArray

    @property
    def background(self) -> FloatArray:
        """Background events expected in the window, shape (radius bins,)."""
        return self.off / self.tau

    @property
    def variance(self) -> FloatArray:
        """Squared uncertainty of the background, shape (radius bins,)."""
        return (self.off + 1.0) / self.tau**2


def region_counts(inputs: DisplacedRegionInputs, mass_gev: float, digits: int) -> RegionCounts | None:
    """Return what a region counts at a mass; None without a window, sidebands or simulated signal there."""
    cells = inputs.windows.at(mass_gev)
    if cells is None or not inputs.efficiencies.serves(mass_gev):
        return None
    window, sideband = (inputs.windows.pull_shares(mass_gev, one).sum(axis=0) for one in (cells.window, cells.sideband))
    simulated = inputs.simulated
    return RegionCounts(
        inputs.region.name,
        inputs.observed[cells.window].sum(axis=0),
        inputs.observed[cells.sideband].sum(axis=0),
        significant([cells.tau], digits)[0],
        None if simulated is None else simulated[cells.window].sum(axis=0),
        inputs.efficiencies.counted(mass_gev, window),
        inputs.efficiencies.counted(mass_gev, sideband).efficiency,
    )


def radius_channel(region: str, radius: int) -> str:
    """Return the name of the on channel of a bin of the radius."""
    return f"{region}_r{radius}"


def signal_modifiers(settings: DisplacedWorkspaceSettings, region: str, relative_error: float) -> list[Modifier]:
    """Return the factors of the signal of a region; ``signal_statistics_<region>`` if above a per cent, up to one."""
    factors = signal_factors(settings)
    if relative_error > _SMALLEST_STATISTICS:
        # less than one effective event is part of a single one
        factors.append(lognormal(f"signal_statistics_{region}", float(f"{min(relative_error, 1.0):.3g}")))
    return factors


def on_off_channels(
    counts: RegionCounts, radius: int, signal: tuple[float, float], factors: Sequence[Modifier],
    settings: DisplacedWorkspaceSettings,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the on and the off channel of one bin of the radius.

    ``background_<channel>`` is the number of background events expected in the window, in the off channel multiplied
    by tau; ``sideband_<region>`` is the uncertainty of that ratio. Signal in the sidebands is part of the off channel
    unless negligible.

    Args:
        counts: of the region.
        radius: number of the bin.
        signal: events at mu = 1 in window and sidebands.
        factors: of the signal.
        settings: of the workspace.
    """
    name, digits = radius_channel(counts.region, radius), settings.patch_digits
    background = normfactor(f"background_{name}")
    ratio = lognormal(f"sideband_{counts.region}", settings.sideband.ratio_uncertainty.value)
    on, off = significant(signal, digits)
    channels: list[dict[str, Any]] = [
        {"name": name, "samples": [
            {"name": "background", "data": [1.0], "modifiers": [background, ratio]},
            {"name": "signal", "data": [on], "modifiers": factors}]},
        {"name": sideband_channel(name), "samples": [
            {"name": "background", "data": [counts.tau], "modifiers": [background]}]},
    ]  # fmt: skip
    if off > _NEGLIGIBLE * counts.tau * on:
        channels[1]["samples"].append({"name": "signal", "data": [off], "modifiers": factors})
    return channels


def background_start(channel: str, observed: float, expected: float, largest: float) -> dict[str, Any]:
    """Return start and bounds of the background of a channel.

    Args:
        channel: its name.
        observed: events in its window.
        expected: background events there.
        largest: an upper estimate of them.

    Example:
        >>> background_start("mumu_r0", 0.0, 0.0, 0.1)
        {'name': 'background_mumu_r0', 'inits': [0.001], 'bounds': [[0.0, 10.0]]}
    """
    # a start on the bound itself has no slope for optimisers that map the bounded range to the whole line
    start = float(f"{max(expected, _SMALLEST_START):.3g}")
    bound = 10.0 ** math.ceil(math.log10(10.0 * max(1.0, observed, largest)))
    return {"name": f"background_{channel}", "inits": [start], "bounds": [[0.0, bound]]}

"""What the channels of a search for displaced vertices are called, and the masses that each of them leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from darkreach.building.displaced_windows import left_out
from darkreach.configuration.displaced_search import COMBINED, DisplacedRegion, DisplacedSearchConfig
from darkreach.figures.lifetime_limit_grid import Gap
from darkreach.histograms.displaced_cells import region_cells

_PAIRS: Final = {
    "ee": ("e^+e^-", "e⁺e⁻"),
    "mumu": (r"\mu^+\mu^-", "μ⁺μ⁻"),
    "pipi": (r"\pi^+\pi^-", "π⁺π⁻"),
    "kk": ("K^+K^-", "K⁺K⁻"),
}
_KAONS: Final = {"none": ("", ""), "kplus": ("K^+", "K⁺"), "kstar0": ("K^{*0}", "K*⁰")}
_SQUARES: Final = {r"$\sin\theta$": r"$\sin^2\theta$"}
_ALL: Final = "all channels"


def channel_text(config: DisplacedSearchConfig, channel: str) -> str:
    r"""Return the final state of a channel as mathtext, the decay products in brackets beside a kaon."""
    return _named(config, channel, 0)


def plain_channel(config: DisplacedSearchConfig, channel: str) -> str:
    """Return the final state of a channel without mathtext."""
    return _named(config, channel, 1)


def quantity_title(config: DisplacedSearchConfig, channel: str, coupling: str) -> str:
    r"""Return the title of an axis of limits of a channel, mathtext with unit.

    Args:
        config: the search.
        channel: a region, or ``combined`` for the square of the coupling at a fixed lifetime.
        coupling: symbol, mathtext.
    """
    if channel == COMBINED:
        return rf"{_SQUARES.get(coupling, coupling + '$^2$')} at fixed $c\tau$"
    if config.simulation.reference_coupling.unit == "fb":
        return r"$\sigma \times \mathcal{B}$ [fb]"
    return "product of branching fractions"


def left_out_masses(config: DisplacedSearchConfig, channel: str) -> tuple[Gap, ...]:
    """Return the ranges of mass (GeV) between its ends in which a channel has no hypothesis, rising.

    For all channels together these are the ranges that no region serves.
    """
    cells = [one for name, one in region_cells(config).items() if channel in (name, COMBINED)]
    served = [
        part
        for one in cells
        for part in _without(
            (one.region.mass.low, one.region.mass.high), [(gap.low, gap.high) for gap in left_out(one)]
        )
    ]
    gaps, reached = [], None
    for low, high in sorted(served):
        if reached is not None and low > reached:
            gaps.append((reached, low))
        reached = high if reached is None else max(reached, high)
    return tuple(gaps)


def region_named(config: DisplacedSearchConfig, channel: str) -> DisplacedRegion | None:
    """Return the region of a channel; None for all together."""
    return next((region for region in config.regions if region.name == channel), None)


def _without(whole: Gap, holes: Sequence[Gap]) -> list[Gap]:
    parts = []
    start = whole[0]
    for low, high in sorted(holes):
        if low > start:
            parts.append((start, min(low, whole[1])))
        start = max(start, high)
    if start < whole[1]:
        parts.append((start, whole[1]))
    return [(low, high) for low, high in parts if low < high]


def _named(config: DisplacedSearchConfig, channel: str, kind: int) -> str:
    region = region_named(config, channel)
    if region is None:
        return _ALL
    kaon, pair = _KAONS[region.kaon][kind], _PAIRS[region.pair][kind]
    text = f"{kaon}({pair})" if kaon else pair
    return f"${text}$" if kind == 0 else text

"""Our limits over a plane beside the range that a paper says its limits have."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from darkreach.catalogue.published_comparison import SAME_LUMINOSITY
from darkreach.configuration import CouplingSettings
from darkreach.couplings import plane_coupling_model, plane_masses
from darkreach.couplings.coupling_model import Meaning, meaning_value
from darkreach.errors import unknown_name
from darkreach.limits import LimitsDocument
from darkreach.models.dark_photon_branching import decay_probability
from darkreach.published import CROSS_SECTION, PublishedRange

Array = NDArray[np.float64]
_Scale: TypeAlias = Callable[[Array, float, Meaning], Array]

MARGIN: Final = 1.5
"""Ours count as inside from the lowest published limit over this to the highest times this."""


@dataclass(frozen=True)
class OurRange:
    """Ours, of all hypotheses that the published range is said of; NaN without any.

    Attributes:
        hypotheses: with a limit.
        inside: of them, within the published range and its margin.
        low: lowest limit.
        median: of all.
        high: highest limit.
    """

    hypotheses: int
    inside: int
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class ComparedRange:
    """Ours beside one published range.

    Attributes:
        published: the range.
        luminosity_inverse_fb: ours, fb^-1, None if not known; nothing is scaled where the paper has another one.
        expected: our median expected limits.
        observed: our observed limits.
    """

    published: PublishedRange
    luminosity_inverse_fb: float | None
    expected: OurRange
    observed: OurRange

    @property
    def same_luminosity(self) -> bool:
        """Whether paper and ours have as many data."""
        theirs = self.published.luminosity_inverse_fb
        return math.isclose(self.luminosity_inverse_fb or math.nan, theirs, rel_tol=SAME_LUMINOSITY)

    @property
    def reached(self) -> bool:
        """Whether all our median limits are inside, for as many data."""
        return self.same_luminosity and self.expected.inside == self.expected.hypotheses > 0

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-like data, null where there is no number."""
        content: dict[str, Any] = {"published": self.published.model_dump(mode="json"), "reached": self.reached}
        content["luminosity_inverse_fb"] = self.luminosity_inverse_fb
        for name, ours in (("expected", self.expected), ("observed", self.observed)):
            content[name] = {key: None if math.isnan(value) else value for key, value in asdict(ours).items()}
        return content


def beside_range(
    published: PublishedRange, document: LimitsDocument, couplings: Sequence[CouplingSettings]
) -> ComparedRange:
    """Compare limits over a plane with a published range of the same confidence level.

    Args:
        published: the range.
        document: ours; its meanings have ``cross_section_fb`` and ``coupling`` of mu = 1.
        couplings: of the search, one of which the range may be of.

    Raises:
        UnknownNameError: the range is of a coupling that the search has not.
        LimitError: a hypothesis is no point of the plane, or its meaning is incomplete.
    """
    scale = _scale(published, couplings)
    expected, observed = [], []
    for limit in document.at(published.confidence_level):
        masses = plane_masses(limit)
        if limit.status == "ok" and limit.observed is not None and published.holds(*masses):
            strengths = np.array([limit.expected[2], limit.observed])
            median, seen = scale(strengths, masses[0], document.meanings.get(limit.name, {})).tolist()
            expected.append(median)
            observed.append(seen)
    ours = document.luminosity_inverse_fb
    return ComparedRange(published, ours, _our_range(published, expected), _our_range(published, observed))


def _scale(published: PublishedRange, couplings: Sequence[CouplingSettings]) -> _Scale:
    """Return what turns signal strengths (n,) into the published quantity."""
    if published.quantity == CROSS_SECTION:
        decays = published.decays

        def cross_section(strength: Array, mass: float, meaning: Meaning) -> Array:
            share = decay_probability(decays, mass) if decays else 1.0
            return strength * float(meaning_value(meaning, CROSS_SECTION)) * share

        return cross_section
    known = {one.name: one for one in couplings}
    if published.quantity not in known:
        raise unknown_name("coupling of a published range", published.quantity, [CROSS_SECTION, *known])
    model = plane_coupling_model(known[published.quantity])
    return lambda strength, _mass, meaning: model.coupling(strength, meaning)


def _our_range(published: PublishedRange, values: Sequence[float]) -> OurRange:
    finite = sorted(value for value in values if math.isfinite(value))
    if not finite:
        return OurRange(0, 0, math.nan, math.nan, math.nan)
    inside = sum(published.low / MARGIN <= value <= published.high * MARGIN for value in finite)
    return OurRange(len(finite), inside, finite[0], statistics.median(finite), finite[-1])

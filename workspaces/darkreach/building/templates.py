"""Bins of one sample and variation, taken out of the histograms of a search and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from hist import Hist

from darkreach.building.rounding import FloatArray
from darkreach.errors import WorkspaceError, closest_name
from darkreach.histograms.search_histograms import NOMINAL, SearchHistograms


@dataclass(frozen=True)
class Template:
    """Contents of a histogram along its last axis.

    Attributes:
        edges: bin edges, shape (bins + 1,).
        values: sums of weights, shape (bins,).
        variances: sums of squared weights, shape (bins,).
    """

    edges: FloatArray
    values: FloatArray
    variances: FloatArray


def read_template(histograms: SearchHistograms, name: str, sample: str, variation: str = NOMINAL) -> Template:
    """Return the bins of one sample and variation, without under- and overflow.

    Args:
        histograms: histograms of the search.
        name: ``region/<region>`` or ``signal_shape/<region>``.
        sample: name on the dataset axis.
        variation: name on the variation axis.

    Raises:
        WorkspaceError: histogram, sample or variation is missing, or a bin is not finite or negative.
    """
    where = f"histogram {name}, sample {sample}, variation {variation}"
    require_held("histogram", name, list(histograms.histograms), where)
    histogram = histograms.histograms[name]
    require_held("sample", sample, list(histogram.axes["dataset"]), where)
    require_held("variation", variation, list(histogram.axes["variation"]), where)
    selected = cast("Hist[Any]", histogram[{"dataset": sample, "variation": variation}])
    values = np.asarray(selected.values(), dtype=np.float64)
    variances = np.asarray(selected.variances(), dtype=np.float64)
    edges = np.asarray(selected.axes[0].edges, dtype=np.float64)
    check_bins(values, edges, where)
    check_bins(variances, edges, f"{where}, sum of squared weights")
    return Template(edges, values, variances)


def check_bins(values: FloatArray, edges: FloatArray, where: str) -> None:
    """Refuse bins that no likelihood can use.

    Raises:
        WorkspaceError: names the first bin that is not finite or is negative.
    """
    for problem, bad in (("not finite", ~np.isfinite(values)), ("negative", values < 0.0)):
        if bad.any():
            index = int(np.flatnonzero(bad)[0])
            raise WorkspaceError(
                f"a bin is {problem}",
                where=f"{where}, bin {index} from {edges[index]:.5g} to {edges[index + 1]:.5g}",
                given=str(values[index]),
                next_step="find the event weights that caused it; wider bins help against negative weights",
            )


def require_held(kind: str, name: str, known: list[str], where: str) -> None:
    """Refuse a histogram, sample or variation that is not there.

    Raises:
        WorkspaceError: names what there is, and the closest name.
    """
    if name not in known:
        match = closest_name(name, known)
        raise WorkspaceError(
            f"the histograms hold no {kind} '{name}'",
            where=where,
            allowed=", ".join(known),
            given=name,
            next_step=f"did you mean '{match}'?" if match else "process this sample first",
        )

"""pyhf's process-wide state, borrowed: the numpy backend while fits run, and the caller's settings back afterwards."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from darkreach.errors import WorkspaceError


@contextmanager
def pyhf_numpy() -> Iterator[None]:
    """Run the body with pyhf's numpy backend in double precision and our optimizer; restore whatever was set before.

    The backend belongs to the process: no other thread may use pyhf meanwhile.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import pyhf

        from darkreach.limits.pyhf_optimizer import RoundOptimizer
    before = pyhf.get_backend()
    logger = logging.getLogger("pyhf.optimize.mixins")
    was_disabled = logger.disabled
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # steps of the minimizer outside the region where rates are positive are expected, and judged by their result
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            # a failed minimisation is repeated or reported as a limit, not on the terminal
            logger.disabled = True
            pyhf.set_backend("numpy", RoundOptimizer(), precision="64b")
            yield
        finally:
            logger.disabled = was_disabled
            pyhf.set_backend(*before)


def build_model(workspace: Mapping[str, Any], name: str) -> tuple[Any, list[float]]:
    """Return the pyhf model of the first measurement and its data (main and auxiliary); call inside ``pyhf_numpy``.

    Raises:
        WorkspaceError: the workspace is invalid, or has no parameter of interest that may float.
    """
    import pyhf

    invalid = (
        pyhf.exceptions.InvalidSpecification,
        pyhf.exceptions.InvalidMeasurement,
        pyhf.exceptions.InvalidModel,
        pyhf.exceptions.InvalidModifier,
        pyhf.exceptions.InvalidNameReuse,
        pyhf.exceptions.UnspecifiedPOI,
        LookupError,
        TypeError,
        ValueError,
    )
    try:
        content = pyhf.Workspace(workspace)
        model = content.model()
        data = [float(value) for value in content.data(model)]
    except invalid as error:
        raise WorkspaceError(
            "pyhf cannot build the model", where=name, given=str(error), next_step="correct the workspace"
        ) from error
    index = model.config.poi_index
    if index is None or model.config.suggested_fixed()[index]:
        raise WorkspaceError(
            "the workspace has no floating parameter of interest",
            where=f"{name}: measurements[0].config",
            allowed="the name of a normfactor that is not fixed",
            given=str(model.config.poi_name),
            next_step="set 'poi' in the measurement and release the parameter",
        )
    return model, data

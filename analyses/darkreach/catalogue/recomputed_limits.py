"""Limits computed again, each hypothesis by the method that its stored limits have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from darkreach.limits import Limit, LimitEngine, compute_limits, limit_engine
from darkreach.sharing import Hypothesis

_ANY = "auto"


def recomputed_limits(
    hypotheses: Sequence[Hypothesis],
    stored: Sequence[Limit],
    *,
    engine: str = "auto",
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Limit], LimitEngine]:
    """Return limits of all hypotheses at the stored confidence levels, and the engine of the last ones.

    What ``auto`` chooses may change from one version to the next; the limit by a method may not. Hypotheses whose
    limits are by several methods, or are not stored, are computed as ``auto`` chooses, and so are all of them by an
    engine that has asymptotic limits only.

    Args:
        hypotheses: to be tested.
        stored: limits whose methods and confidence levels count.
        engine: auto, compiled or pyhf.
        workers: as for ``compute_limits``.
        progress: called with the number of hypotheses done and planned.
    """
    levels = sorted({limit.cl for limit in stored})
    methods: dict[str, set[str]] = {}
    for limit in stored:
        methods.setdefault(limit.name, set()).add(limit.method)
    groups: dict[str, list[Hypothesis]] = {}
    compiled = limit_engine(engine).name == "compiled"
    for hypothesis in hypotheses:
        found = methods.get(hypothesis.name, set())
        method = next(iter(found)) if compiled and len(found) == 1 else _ANY
        groups.setdefault(method, []).append(hypothesis)
    limits: list[Limit] = []
    done, chosen = 0, limit_engine(engine)
    for method, members in groups.items():
        chosen = limit_engine(engine, method=method)

        def told(here: int, _planned: int, before: int = done) -> None:
            if progress is not None:
                progress(before + here, len(hypotheses))

        limits += compute_limits(members, levels, engine=chosen, workers=workers, progress=told)
        done += len(members)
    return limits, chosen

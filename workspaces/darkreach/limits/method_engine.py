"""The compiled engine with a choice of method: asymptotic formulas, toys, or exact sums."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from darkreach.errors import LimitError, WorkspaceError
from darkreach.likelihood.compile_workspace import compile_workspace
from darkreach.likelihood.compile_workspaces import compile_workspaces
from darkreach.likelihood.model_arrays import CompiledModel, FloatArray
from darkreach.likelihood.packed_models import pack_models
from darkreach.limits.asymptotic_entry import row_of
from darkreach.limits.compiled_engine import CompiledEngine, limit_targets, solve_limits
from darkreach.limits.compiled_quality import make_limit
from darkreach.limits.engines import MethodName
from darkreach.limits.exact_counting import Counting, ExactLimits, counting_of, exact_limits
from darkreach.limits.exact_limits import ChannelLimits, channel_limits
from darkreach.limits.expected_background import background_under_signal
from darkreach.limits.method_choice import MINIMUM_BACKGROUND
from darkreach.limits.results import Limit, LimitQuality, Method, Status
from darkreach.limits.toy_limits import ToySettings
from darkreach.limits.toy_results import limits_by_toys
from darkreach.limits.toy_roots import NoSensitivityError
from darkreach.provenance import digest_json
from darkreach.sharing.hypothesis import Hypothesis


@dataclass(frozen=True)
class MethodEngine:
    """Limits by asymptotic formulas, toys, exact sums, or the best of them; implements ``LimitEngine``.

    ``auto`` is exact for a counting experiment without nuisance parameters and for several counting channels
    (``exact_limits``), asymptotic from ten effective background events under the signal on, and below exact for one
    counting channel, else by toys;
    ``quality.note`` says which and why.

    Attributes:
        method: auto, asymptotic, toys or exact.
        settings: what toys may cost, and their seed.
        engine: computes the asymptotic limits, from which toys start.

    Example:
        >>> modifier = {"name": "mu", "type": "normfactor", "data": None}
        >>> samples = [{"name": "s", "data": [1.0], "modifiers": [modifier]},
        ...            {"name": "b", "data": [0.1], "modifiers": []}]
        >>> workspace = {
        ...     "channels": [{"name": "c", "samples": samples}],
        ...     "observations": [{"name": "c", "data": [0.0]}],
        ...     "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
        ...     "version": "1.0.0",
        ... }
        >>> (limit,) = MethodEngine().limits(Hypothesis("h", {}, workspace), [0.90])
        >>> limit.method, round(limit.observed, 4)
        ('exact', 2.3026)
    """

    method: MethodName = "auto"
    settings: ToySettings = field(default_factory=ToySettings)
    engine: CompiledEngine = field(default_factory=CompiledEngine)

    @property
    def name(self) -> str:
        """Name recorded in every limit."""
        return self.engine.name

    @property
    def hypotheses_per_process(self) -> int:
        """Toys take seconds a hypothesis, about as long as the start of a process; exact sums run in threads before."""
        return 4 if self.method in ("auto", "toys") else self.engine.hypotheses_per_process

    def limits(self, hypothesis: Hypothesis, confidence_levels: Sequence[float]) -> list[Limit]:
        """Return one limit per confidence level, in order; a failure is a Limit with status ``failed``.

        Raises:
            WorkspaceError: the workspace itself is not usable.
            LimitError: a confidence level is not between 0 and 1.
        """
        _check_levels(confidence_levels)
        model = compile_workspace(hypothesis.workspace, self.engine.measurement)
        if self.method == "asymptotic":
            return self._asymptotic(hypothesis, model, confidence_levels)[0]
        exact = self._exactly(hypothesis, model, confidence_levels) if self.method != "toys" else None
        if exact is not None:
            return exact
        asymptotic, background_fit = self._asymptotic(hypothesis, model, confidence_levels)
        if self.method == "toys":
            return self._by_toys(hypothesis, model, asymptotic, "")
        if any(limit.status == "failed" for limit in asymptotic):
            # without them there is nothing to choose by
            return [replace(limit, method="auto") if limit.status == "failed" else limit for limit in asymptotic]
        if any(limit.status != "ok" for limit in asymptotic):
            return asymptotic
        if any(math.inf in limit.expected for limit in asymptotic):
            return [_with_note(limit, "asymptotic: toys need all five expected limits") for limit in asymptotic]
        background = background_under_signal(model, background_fit, max(limit.expected[2] for limit in asymptotic))
        why = f"{background:.3g} background events under the signal, asymptotic from {MINIMUM_BACKGROUND:g} on"
        if background >= MINIMUM_BACKGROUND:
            return [_with_note(limit, f"asymptotic: {why}") for limit in asymptotic]
        # the fit may expect less than what was expected before
        exact = self._exactly(hypothesis, model, confidence_levels, most_background=math.inf)
        return self._by_toys(hypothesis, model, asymptotic, f"toys: {why}") if exact is None else exact

    def quick_limits(
        self, hypotheses: Sequence[Hypothesis], confidence_levels: Sequence[float]
    ) -> list[list[Limit] | None]:
        """Return the limits of hypotheses that are summed exactly, None for all others.

        Raises:
            LimitError: a confidence level is not between 0 and 1.
        """
        if self.method not in ("auto", "exact"):
            return [None] * len(hypotheses)
        _check_levels(confidence_levels)
        models = compile_workspaces((one.workspace for one in hypotheses), self.engine.measurement)
        return [
            None if isinstance(model, WorkspaceError) else self._exactly(hypothesis, model, confidence_levels)
            for hypothesis, model in zip(hypotheses, models, strict=True)
        ]

    def _exactly(
        self,
        hypothesis: Hypothesis,
        model: CompiledModel,
        confidence_levels: Sequence[float],
        *,
        most_background: float = MINIMUM_BACKGROUND,
    ) -> list[Limit] | None:
        """Return exact limits; if there are none, failed ones for the method ``exact``, else None."""
        chosen = self.method == "auto"
        counting = counting_of(model)
        if isinstance(counting, Counting):
            note = "exact: one bin with signal and no nuisance parameters" if chosen else ""
            sums = [exact_limits(counting, cl) for cl in confidence_levels]
            return [_exact(hypothesis, one, cl, note) for one, cl in zip(sums, confidence_levels, strict=True)]
        # from there on asymptotic formulas hold, and auto takes them
        most = most_background if chosen else math.inf
        found = channel_limits(model, confidence_levels, most_background=most, use_numba=self.engine.use_numba)
        if isinstance(found, ChannelLimits):
            note = f"exact: {found.summary}" if chosen else ""
            return [_exact(hypothesis, one, cl, note) for one, cl in zip(found.limits, confidence_levels, strict=True)]
        if chosen:
            return None
        reason = f"not a counting experiment that can be summed exactly: {found}"
        return [_failed(hypothesis, cl, "exact", self.name, reason) for cl in confidence_levels]

    def _asymptotic(
        self, hypothesis: Hypothesis, model: CompiledModel, confidence_levels: Sequence[float]
    ) -> tuple[list[Limit], FloatArray]:
        """Return the asymptotic limits and the parameters of the fit without signal."""
        size = (model.arrays.initial.size, model.arrays.counts.size)
        packed = pack_models([model.arrays])
        numbers = row_of(solve_limits(packed, [size], confidence_levels, use_numba=self.engine.use_numba), 0, *size)
        places = limit_targets(tuple(confidence_levels))[2]
        limits = [
            make_limit(hypothesis, model, numbers, place, cl)
            for place, cl in zip(places, confidence_levels, strict=True)
        ]
        return limits, numbers.background

    def _by_toys(
        self, hypothesis: Hypothesis, model: CompiledModel, asymptotic: Sequence[Limit], why: str
    ) -> list[Limit]:
        for limit in asymptotic:
            if limit.status != "ok":
                return [replace(one, method="toys") for one in asymptotic]
            if math.inf in limit.expected:
                reason = "toys need all five expected limits; nuisance parameters absorb the signal in some"
                return [_failed(hypothesis, one.cl, "toys", self.name, reason) for one in asymptotic]
        seed = (self.settings.seed, hypothesis_number(hypothesis))
        try:
            limits = limits_by_toys(model, asymptotic, seed, self.settings, use_numba=self.engine.use_numba)
        except LimitError as error:
            reason = f"{error.what} ({error.given})" if error.given else error.what
            status: Status = "no_sensitivity" if isinstance(error, NoSensitivityError) else "failed"
            failed = [_failed(hypothesis, limit.cl, "toys", self.name, reason) for limit in asymptotic]
            return [replace(limit, status=status) for limit in failed]
        return [_with_note(limit, why) for limit in limits]


def hypothesis_number(hypothesis: Hypothesis) -> int:
    """Return the number that a workspace adds to the seed: toys depend on its content, not on its name or place."""
    return int(hashlib.sha256(digest_json(hypothesis.workspace).encode()).hexdigest()[:16], 16)


def _check_levels(confidence_levels: Sequence[float]) -> None:
    for cl in confidence_levels:
        if not 0.0 < cl < 1.0:
            raise LimitError("a confidence level is not between 0 and 1", given=str(cl), allowed="e.g. 0.95")


def _exact(hypothesis: Hypothesis, found: ExactLimits, cl: float, note: str) -> Limit:
    return Limit(
        name=hypothesis.name,
        values=hypothesis.values,
        cl=cl,
        method="exact",
        engine="compiled",
        observed=found.strengths[-1],
        expected=found.strengths[:-1],
        quality=LimitQuality(cls_at_observed=found.cls[-1], cls_at_expected=found.cls[:-1], note=note),
    )


def _failed(hypothesis: Hypothesis, cl: float, method: Method, engine: str, reason: str) -> Limit:
    return Limit(hypothesis.name, hypothesis.values, cl, method, engine, None, (), "failed", reason)


def _with_note(limit: Limit, note: str) -> Limit:
    joined = "; ".join(part for part in (note, limit.quality.note) if part)
    return replace(limit, quality=replace(limit.quality, note=joined))

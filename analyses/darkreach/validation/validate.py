"""All checks of the simulation, spread over an executor."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias

from darkreach.configuration import DetectorConfig, ValidationConfig
from darkreach.configuration.validation import AngleCheck, CrossSectionCheck, ResolutionCheck
from darkreach.running.tasks import TaskExecutor
from darkreach.validation.angle_check import AngleResult, check_angle
from darkreach.validation.check_result import CheckResult
from darkreach.validation.cross_section_check import check_cross_section
from darkreach.validation.resolution_check import ResolutionResult, check_resolution

Check: TypeAlias = CrossSectionCheck | ResolutionCheck | AngleCheck
Outcome: TypeAlias = CheckResult | ResolutionResult | AngleResult


@dataclass(frozen=True)
class Validation:
    """The outcomes of all checks, in the order of the configuration.

    Attributes:
        config: what was asked for.
        cross_sections: against formulas and other generators.
        resolutions: with their distributions.
        angles: against closed forms.
    """

    config: ValidationConfig
    cross_sections: tuple[CheckResult, ...]
    resolutions: tuple[ResolutionResult, ...]
    angles: tuple[AngleResult, ...]

    @property
    def numbers(self) -> tuple[CheckResult, ...]:
        """All checks of a single number."""
        return (*self.cross_sections, *(found.result for found in self.resolutions))

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that have not passed."""
        found: tuple[CheckResult | AngleResult, ...] = (*self.numbers, *self.angles)
        return tuple(one.name for one in found if not one.passed)


def validate_simulation(
    config: ValidationConfig,
    detector: DetectorConfig,
    executor: TaskExecutor,
    progress: Callable[[int, int], None] = lambda done, planned: None,
) -> Validation:
    """Run all checks; the outcomes do not depend on who runs them.

    Args:
        config: the checks.
        detector: whose resolutions are checked.
        executor: runs one check at a time on each worker.
        progress: called with the checks done and their number.

    Raises:
        DarkreachError: a check cannot be run as configured.
    """
    checks: list[Check] = [*config.cross_sections, *config.resolutions, *config.angles]
    found: dict[int, Outcome] = {}
    outcomes = executor.run(_run, (config, detector), checks)
    # a generator: closing it cancels what still runs
    with closing(outcomes):  # type: ignore[type-var]
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
            assert outcome.value is not None
            found[outcome.index] = outcome.value
            progress(len(found), len(checks))
    ordered = [found[index] for index in range(len(checks))]
    return Validation(
        config,
        tuple(one for one in ordered if isinstance(one, CheckResult)),
        tuple(one for one in ordered if isinstance(one, ResolutionResult)),
        tuple(one for one in ordered if isinstance(one, AngleResult)),
    )


def _run(shared: tuple[ValidationConfig, DetectorConfig], check: Check) -> Outcome:
    config, detector = shared
    if isinstance(check, CrossSectionCheck):
        return check_cross_section(check, config)
    if isinstance(check, ResolutionCheck):
        return check_resolution(check, config, detector)
    return check_angle(check, config)

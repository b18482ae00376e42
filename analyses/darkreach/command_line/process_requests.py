"""From the options of simulating a process to samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from darkreach.command_line.process_options import ProcessOptions, refuse_options
from darkreach.configuration import DetectorConfig, config_path, known_configs, read_config
from darkreach.errors import ConfigError, unknown_name
from darkreach.generators.process_registry import find_process, known_processes
from darkreach.response.forced_outcomes import MOST_WRONG, ForcedOutcomes
from darkreach.response.track_hypotheses import HYPOTHESES
from darkreach.simulation.event_file_sample import event_file_request
from darkreach.simulation.process_request import ProcessRequest, process_sample_name

DEFAULT_SEED: Final = 1


def forced_outcomes(texts: Sequence[str]) -> ForcedOutcomes:
    """Return the rare outcomes that become weights.

    Raises:
        UnknownNameError: no such outcome; proposes the closest name.
        ConfigError: not a whole number, or more than can be forced.

    Example:
        >>> forced_outcomes(["lost_photons=1", "wrong_pions=0"]).wrong_by_hypothesis
        {'pion': 0}
    """
    known = {f"wrong_{kind}s": kind for kind in HYPOTHESES}
    values = parameter_values(texts, "--forced")
    for name, numbers in values.items():
        if name not in (*known, "lost_photons"):
            raise unknown_name("outcome", name, (*known, "lost_photons"), where="--forced")
        if len(numbers) != 1 or numbers[0] not in range(MOST_WRONG + 1):
            raise ConfigError(
                "this outcome cannot be forced so", where="--forced", allowed=f"0 to {MOST_WRONG}", given=name
            )
    forced = {name: int(numbers[0]) for name, numbers in values.items()}
    wrong = {known[name]: number for name, number in forced.items() if name in known}
    return ForcedOutcomes(lost_photons=forced.get("lost_photons"), wrong_identifications=wrong or None)


def process_requests(name: str, options: ProcessOptions, seed: int | None) -> list[ProcessRequest]:
    """Return one request for each combination of the values given, or that of all events of a file.

    Raises:
        UnknownNameError: no such process, parameter or detector; proposes the closest name.
        ConfigError: no number of events, a value is missing or no number, or one name for several samples.
        InputFileError: an event file is cut short.
    """
    scanned = parameter_values(options.settings or ())
    combinations = [dict(zip(scanned, values, strict=True)) for values in itertools.product(*scanned.values())]
    if len(combinations) > 1 and (options.sample is not None or options.event_file is not None):
        raise ConfigError("one name for several samples", where="--set", given=f"{len(combinations)} samples")
    if options.generator_only and (options.formats or options.forced):
        raise ConfigError(
            "true particles are written as they are, as Parquet",
            where="--format" if options.formats else "--forced",
            given="together with --generator-only",
            next_step="leave out one of the two",
        )
    outcomes = forced_outcomes(options.forced or ())
    measured_by = detector_config(options.detector or "belle2")
    formats = tuple(options.formats or ("parquet",))
    root = DEFAULT_SEED if seed is None else seed
    if options.event_file is not None:
        return [_file_request(name, options, combinations[0], measured_by, root, outcomes)]
    refuse_options(["--kind"] * bool(options.kind) + ["--cross-section"] * bool(options.cross_section), name, "a file")
    found = find_process(name)
    if options.events is None:
        raise ConfigError("how many events?", where="-n", given="nothing", next_step="add -n 100000")
    requests = []
    for given in combinations:
        values = found.values(given)
        requests.append(
            ProcessRequest(
                options.sample or process_sample_name(found, values) + forced_name(outcomes),
                found,
                values,
                options.events,
                root,
                found.usual_isr_fraction if options.isr is None else options.isr,
                measured_by,
                formats,
                measured=not options.generator_only,
                forced=outcomes,
            )
        )
    return requests


def _file_request(
    name: str,
    options: ProcessOptions,
    values: Mapping[str, float],
    detector: DetectorConfig,
    seed: int,
    outcomes: ForcedOutcomes,
) -> ProcessRequest:
    assert options.event_file is not None
    given = {"-n": options.events, "--isr": options.isr, "--name": options.sample}
    refuse_options([word for word, value in given.items() if value is not None], name, "a process")
    kinds: tuple[Literal["signal", "background"], ...] = ("signal", "background")
    wanted = options.kind or "background"
    if wanted not in kinds:
        raise unknown_name("kind of events", wanted, kinds, where="--kind")
    return event_file_request(
        options.event_file,
        name + forced_name(outcomes),
        kinds[kinds.index(wanted)],
        detector,
        seed=seed,
        values=values,
        cross_section_fb=options.cross_section,
        formats=tuple(options.formats or ("parquet",)),
        measured=not options.generator_only,
        forced=outcomes,
    )


def forced_name(forced: ForcedOutcomes) -> str:
    """Return what the name of a sample says about forced outcomes.

    Example:
        >>> forced_name(ForcedOutcomes()), forced_name(ForcedOutcomes(lost_photons=1))
        ('', '_lost_photons_1')
    """
    words = "" if forced.lost_photons is None else f"_lost_photons_{forced.lost_photons}"
    return words + "".join(f"_wrong_{one}s_{number}" for one, number in forced.wrong_by_hypothesis.items())


def parameter_values(texts: Sequence[str], option: str = "--set") -> dict[str, list[float]]:
    """Return the values given for each parameter.

    Raises:
        ConfigError: a text is not NAME=NUMBER, or a parameter stands twice.

    Example:
        >>> parameter_values(["mass_gev=0.5,1.5", "coupling=1e-3"])
        {'mass_gev': [0.5, 1.5], 'coupling': [0.001]}
    """
    values: dict[str, list[float]] = {}
    for text in texts:
        name, _, numbers = text.partition("=")
        try:
            parsed = [float(number) for number in numbers.split(",")]
        except ValueError:
            parsed = []
        if not name or not parsed or not all(math.isfinite(number) for number in parsed) or name in values:
            raise ConfigError(
                "a parameter is given twice" if name in values else "not a parameter with a number",
                where=option,
                allowed="NAME=NUMBER, or NAME=NUMBER,NUMBER,...",
                given=text,
                next_step="'darkreach list PROCESS' shows the parameters",
            )
        values[name.strip()] = parsed
    return values


def detector_config(name: str) -> DetectorConfig:
    """Return a shipped detector by name, or that of a YAML file.

    Raises:
        UnknownNameError: no such detector.
        ConfigError: the file is missing or wrong.
    """
    path = Path(name)
    shipped = path if path.suffix in (".yaml", ".yml") else config_path("detectors", name)
    return read_config(shipped, DetectorConfig)


def unknown_simulation(name: str) -> Exception:
    """Return the error for a name that is neither a search nor a process nor a campaign."""
    known = [*known_configs("searches"), *known_processes(), *known_configs("campaigns")]
    return unknown_name("search, process or campaign", name, known)

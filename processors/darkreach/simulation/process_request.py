"""A sample of one process: what is asked for, checked before anything is generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from darkreach.configuration import DetectorConfig
from darkreach.errors import ConfigError
from darkreach.generators.exchange.event_file import EventFileSummary
from darkreach.generators.process import OpenedProcess, Process
from darkreach.provenance import digest_json
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.simulation.list_files import LIST_FORMATS

_TAKEN: Final = ("generated",)
"""Folders that each sample has of its own."""

_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class EventFile:
    """Events that another generator has written, instead of those that a process draws.

    Attributes:
        path: of the file.
        sha256: of its content.
        summary: what it says of itself.
    """

    path: Path
    sha256: str
    summary: EventFileSummary


@dataclass(frozen=True)
class ProcessRequest:
    """One sample to simulate.

    Attributes:
        sample: name of the sample and of its folder.
        process: what is generated.
        values: of all parameters.
        events: to generate.
        seed: root of the random numbers, which also depend on process, values and chunk, and on nothing else.
        maximum_isr_fraction: largest share of the beam energy that goes into radiation along the beams; 0 for none.
        detector: its beams collide, and it measures the particles.
        formats: of the measured events; the first one is read by others, the rest are copies.
        measured: whether the detector is simulated.
        forced: rare outcomes of the response that become weights.
        event_file: where the generated events come from, if the process does not draw them.
    """

    sample: str
    process: Process
    values: Mapping[str, float]
    events: int
    seed: int
    maximum_isr_fraction: float
    detector: DetectorConfig
    formats: tuple[str, ...] = ("parquet",)
    measured: bool = True
    forced: ForcedOutcomes = ForcedOutcomes()
    event_file: EventFile | None = None

    @property
    def stream(self) -> str:
        """Name of the random numbers."""
        settings = ", ".join(f"{name}={value!r}" for name, value in sorted(self.values.items()))
        return f"{self.process.name}({settings})"

    def open(self) -> OpenedProcess:
        """Return the process with its numbers.

        Raises:
            ConfigError: a value is outside of its range, or the process needs a package that is not installed.
        """
        return self.process.open(self.detector.beams.beams(), self.values, self.maximum_isr_fraction)

    def generated_settings(self) -> dict[str, Any]:
        """Return what decides the generated events, beside the code."""
        if self.event_file is not None:
            return {
                "file": self.event_file.path.name,
                "file.sha256": self.event_file.sha256,
                "file.cross_section_fb": self.event_file.summary.cross_section_fb,
                **{f"parameters.{name}": value for name, value in self.values.items()},
                "kind": self.process.kind,
                "events": self.events,
            }
        return {
            "process": self.process.name,
            **{f"parameters.{name}": value for name, value in self.values.items()},
            "events": self.events,
            "seed": self.seed,
            "maximum_isr_fraction": self.maximum_isr_fraction,
            **{f"beams.{name}": value for name, value in asdict(self.detector.beams.beams()).items()},
        }

    def measured_settings(self) -> dict[str, Any]:
        """Return what decides the measured events, beside the code."""
        detector = self.detector.model_dump(mode="json", exclude={"beams"})
        return {
            **self.generated_settings(),
            **{f"detector.{name}": content for name, content in detector.items()},
            "seed": self.seed,
            **{f"forced.{name}": value for name, value in asdict(self.forced).items()},
            "formats": list(self.formats),
        }


def settings_digest(settings: Mapping[str, Any], identity: Mapping[str, Any], code: str) -> str:
    """Return the identity of a sample: settings, what else the process names, the digest of the code, and NumPy."""
    return digest_json({"settings": dict(settings), "identity": dict(identity), "code": code, "numpy": np.__version__})


def process_sample_name(process: Process, values: Mapping[str, float]) -> str:
    """Return the name of a sample: the process, and its parameters that have no default or another value.

    Example:
        >>> from darkreach.generators.process import ProcessParameter
        >>> parameters = (ProcessParameter("mass_gev", "mass"), ProcessParameter("coupling", "coupling", 1e-3))
        >>> pair = Process("pair", "e+e- -> pair", "signal", parameters, None)
        >>> process_sample_name(pair, {"mass_gev": 1.5, "coupling": 1e-3})
        'pair_mass_gev_1.5'
    """
    words = [process.name]
    for parameter in process.parameters:
        value = values[parameter.name]
        if parameter.default is None or value != parameter.default:
            words.append(f"{parameter.name}_{value:.10g}")
    return "_".join(words)


def check_process_request(request: ProcessRequest) -> None:
    """Refuse requests out of range.

    Raises:
        ConfigError: name, number of events, seed, radiation or formats make no sense.
    """
    known = bool(request.formats) and set(request.formats) <= set(LIST_FORMATS)
    name = request.sample
    # the name becomes a folder, which must not be another one than asked for with --out
    plain = name == Path(name).name and name.isprintable() and not name.startswith(".") and name not in _TAKEN
    rules = (
        (
            plain and 0 < len(name.encode()) <= _LONGEST_NAME,
            "name",
            f"a name of a folder: 1 to {_LONGEST_NAME} bytes, no '/', no '.' in front, not '{_TAKEN[0]}'",
            repr(name),
        ),
        (request.events > 0, "events", "a positive number of events", str(request.events)),
        (request.seed >= 0, "seed", "0 or above", str(request.seed)),
        (
            0.0 <= request.maximum_isr_fraction < 1.0,
            "maximum fraction of energy radiated",
            "0 for no radiation, or a number below 1",
            f"{request.maximum_isr_fraction:g}",
        ),
        (
            known and len(set(request.formats)) == len(request.formats),
            "format",
            f"{', '.join(LIST_FORMATS)}, each at most once",
            ", ".join(request.formats) or "none",
        ),
    )
    for fulfilled, key, allowed, given in rules:
        if not fulfilled:
            raise ConfigError(
                "the sample cannot be simulated", where=f"sample {request.sample}: {key}", allowed=allowed, given=given
            )

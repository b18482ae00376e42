"""Options of simulating single processes and event files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import typer

from darkreach.configuration import known_configs
from darkreach.errors import ConfigError
from darkreach.generators.exchange.event_file import COMPRESSED
from darkreach.generators.process_registry import known_processes


def complete_process(incomplete: str) -> list[str]:
    """Return the searches, processes and campaigns that begin with the text, for shell completion."""
    known = (*known_configs("searches"), *known_processes(), *known_configs("campaigns"))
    return [name for name in known if name.startswith(incomplete)]


def name_of_file(path: Path | None) -> str:
    """Return the name of a sample whose events come from a file and that was given no other.

    Raises:
        ConfigError: there is no file either.

    Example:
        >>> name_of_file(Path("theirs/events.2.hepmc3.gz"))
        'events.2'
    """
    if path is None:
        raise ConfigError(
            "what is to be simulated?",
            allowed="a search, a process or a campaign, or the events of a file with --from",
            next_step="'darkreach list' shows all names",
        )
    return Path(path.stem).stem if path.suffix in COMPRESSED else path.stem


EventsOption = Annotated[int | None, typer.Option("-n", "--events", help="Events to generate (a process).")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Parameter of the process, e.g. mass_gev=1.5; mass_gev=1,2,3 makes a sample each."),
]
IsrOption = Annotated[
    float | None,
    typer.Option(
        "--isr",
        help="Largest energy fraction radiated along the beams (a process; 0: none) [usual for it, mostly 0.35].",
    ),
]
DetectorOption = Annotated[
    str | None, typer.Option("--detector", help="Detector by name, or a YAML file (a process) [belle2].")
]
GeneratorOnlyOption = Annotated[bool, typer.Option("--generator-only", help="True particles only (a process).")]
FormatOption = Annotated[
    list[str] | None, typer.Option("--format", help="parquet or root, or both, the first one to be read (a process).")
]
NameOption = Annotated[str | None, typer.Option("--name", help="Name of the sample (a process).")]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Replace samples of the same name that have other settings (a process).")
]

ForcedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--forced",
        help="Rare outcome in all events, its probability as a weight (a process): lost_photons=1, wrong_muons=2, ...; "
        "=0 is the rest.",
    ),
]


FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from", help="HepMC or LHE file whose events are measured; the name is then that of the sample, or left out."
    ),
]
KindOption = Annotated[str | None, typer.Option("--kind", help="signal or background (--from) [background].")]
CrossSectionOption = Annotated[
    float | None, typer.Option("--cross-section", help="Instead of that of the file, fb (--from).")
]


@dataclass(frozen=True)
class ProcessOptions:
    """What only simulating a process takes, as given on the command line; None for what was not."""

    events: int | None = None
    settings: Sequence[str] | None = None
    isr: float | None = None
    detector: str | None = None
    generator_only: bool = False
    formats: Sequence[str] | None = None
    sample: str | None = None
    force: bool = False
    forced: Sequence[str] | None = None
    event_file: Path | None = None
    kind: str | None = None
    cross_section: float | None = None

    def refuse(self, name: str) -> None:
        """Raise ConfigError if any is given for a search."""
        words = {"events": "-n", "settings": "--set", "formats": "--format", "sample": "--name", "event_file": "--from"}
        given = [
            words.get(field.name, "--" + field.name.replace("_", "-"))
            for field in fields(self)
            if getattr(self, field.name) is not None and getattr(self, field.name) is not False
        ]
        refuse_options(given, name, "a process")


def refuse_options(given: Sequence[str], name: str, what: str) -> None:
    """Refuse options that only searches, or only processes, have.

    Raises:
        ConfigError: there are some.
    """
    if given:
        raise ConfigError(
            f"this option is only there for {what}",
            where=given[0],
            given=f"simulate {name} {given[0]} ...",
            next_step=f"leave it out, or name {what}",
        )

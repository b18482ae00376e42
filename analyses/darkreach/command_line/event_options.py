"""Options of the commands that read events, and how their text becomes samples."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from darkreach.errors import ConfigError, unknown_name
from darkreach.pipeline import sample_folders
from darkreach.running import BAD_FILES, BadFiles, DataSample

SamplesArgument = Annotated[list[Path] | None, typer.Argument(help="Folders of samples, or one folder of them.")]
DataOption = Annotated[
    list[Path] | None, typer.Option("--data", help="Ntuple of data (ROOT or Parquet) without manifest.")
]
BadFilesOption = Annotated[
    str,
    typer.Option(
        "--bad-files",
        help="A file of events that cannot be read: fail, or drop the whole file with the luminosity or generated "
        "events that its manifest gives for it.",
    ),
]


def bad_files_of(text: str) -> BadFiles:
    """Return what to do about bad files.

    Raises:
        UnknownNameError: neither fail nor drop.

    Example:
        >>> bad_files_of("drop")
        'drop'
    """
    for known in BAD_FILES:
        if text == known:
            return known
    raise unknown_name("treatment of bad files", text, BAD_FILES, where="--bad-files")


def event_samples(
    samples: Sequence[Path] | None, data: Sequence[Path] | None, luminosity_inverse_fb: float
) -> list[Path | DataSample]:
    """Return the samples given on the command line; plain ntuples of data get the luminosity, fb^-1.

    Raises:
        ConfigError: nothing was given.
    """
    inputs: list[Path | DataSample] = [
        found for folder in samples or () for found in sample_folders(folder) or [folder]
    ]
    if data:
        inputs.append(DataSample("data", tuple(data), luminosity_inverse_fb))
    if not inputs:
        raise ConfigError("nothing to process", where="SAMPLES", next_step="give sample folders or --data FILE")
    return inputs


def tell(text: str) -> None:
    """Say something on standard error that is worth knowing and no error."""
    sys.stderr.write(f"note: {text}\n")

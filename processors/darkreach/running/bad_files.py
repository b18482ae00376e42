"""Leaving out a whole bad file, with the luminosity or the generated events it carries; never half a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from darkreach.errors import InputFileError
from darkreach.events.manifest import SampleFile, SampleManifest

BadFiles = Literal["fail", "drop"]
"""What to do about a file that cannot be used: end the run, or leave the whole file out."""

BAD_FILES: Final[tuple[BadFiles, ...]] = ("fail", "drop")


@dataclass(frozen=True)
class DroppedFile:
    """A file left out of a sample, what it carried, and why it was left out.

    Attributes:
        file: its entry in the manifest.
        generated_events: taken off the sample; they stay None for data.
        luminosity_inverse_fb: taken off the sample, fb^-1; None for simulated samples.
        reason: one line.
    """

    file: SampleFile
    generated_events: int | None
    luminosity_inverse_fb: float | None
    reason: str

    def __str__(self) -> str:
        carried = (
            f"{self.generated_events} generated events"
            if self.luminosity_inverse_fb is None
            else f"{self.luminosity_inverse_fb:g} fb^-1"
        )
        return f"{self.file.path} ({self.file.entries} events, {carried}): {self.reason}"


def drop_file(manifest: SampleManifest, path: str, error: InputFileError) -> tuple[SampleManifest, DroppedFile]:
    """Return the manifest without a file, and what was dropped.

    Data lose the luminosity of the file, simulated samples its generated events: their weights must then be scaled by
    generated events before over after, as they add up to the cross-section over all generated events.

    Raises:
        InputFileError: the manifest does not say what the file carries, or nothing would be left.
    """
    (file,) = (one for one in manifest.files if one.path == path)
    simulated = manifest.weight_column is not None
    carried = file.generated_events if simulated else file.luminosity_inverse_fb
    if carried is None:
        raise cannot_drop(manifest.sample, error, "generated_events" if simulated else "luminosity_inverse_fb")
    left = tuple(one for one in manifest.files if one.path != path)
    reason = error.one_line()
    if simulated:
        reduced = replace(manifest, files=left, generated_events=manifest.generated_events - int(carried))
        dropped = DroppedFile(file, int(carried), None, reason)
        amount: float = reduced.generated_events
    else:
        amount = float(f"{(manifest.luminosity_inverse_fb or 0.0) - carried:.12g}")
        events = manifest.generated_events - (file.generated_events or file.entries)
        reduced = replace(manifest, files=left, luminosity_inverse_fb=amount, generated_events=max(events, 0))
        dropped = DroppedFile(file, None, float(carried), reason)
    if not left or not amount > 0.0:
        raise InputFileError(
            f"nothing is left of sample '{manifest.sample}' without its bad files",
            where=error.where,
            given=reason,
            next_step="mend or replace the files, or leave the sample out",
        )
    return reduced, dropped


def cannot_drop(sample: str, error: InputFileError, key: str) -> InputFileError:
    """Build the error for a bad file of which nobody wrote down what it carries."""
    return InputFileError(
        f"{error.what}; and the file cannot be dropped, as nothing says what it carries",
        where=error.where,
        allowed=error.allowed,
        given=error.given,
        next_step=f"mend the file; or leave it out and give the luminosity of the rest; or give {key} of each file in "
        f"the manifest of sample '{sample}'",
    )


def dropped_text(dropped: Sequence[DroppedFile]) -> list[str]:
    """Return one line a dropped file.

    Example:
        >>> dropped_text([DroppedFile(SampleFile("b.root", 10, ""), None, 0.1, "truncated")])
        ['b.root (10 events, 0.1 fb^-1): truncated']
    """
    return [str(one) for one in dropped]

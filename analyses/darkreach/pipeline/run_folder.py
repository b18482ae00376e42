"""The folder of a run: where each stage puts its files, and the lock that keeps a second run out."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from darkreach.errors import InputFileError, OutputError


@dataclass(frozen=True)
class RunFolder:
    """Paths inside the output folder of a run.

    Example:
        >>> RunFolder(Path("results")).limits.as_posix()
        'results/limits.json'
    """

    root: Path

    @property
    def settings(self) -> Path:
        """Resolved settings and provenance."""
        return self.root / "run.json"

    @property
    def samples(self) -> Path:
        """One folder a sample: ntuples and manifest."""
        return self.root / "samples"

    @property
    def processing(self) -> Path:
        """Plan, results and failures of the events, item by item."""
        return self.root / "processing"

    @property
    def jobs(self) -> Path:
        """Shell scripts of a plan that is carried out without dask."""
        return self.root / "jobs"

    @property
    def histograms(self) -> Path:
        """All histograms of the search."""
        return self.root / "histograms.zip"

    @property
    def workspace(self) -> Path:
        """Folder of BkgOnly.json and patchset.json."""
        return self.root / "workspace"

    @property
    def limits(self) -> Path:
        """Limits on the signal strength."""
        return self.root / "limits.json"

    @property
    def limit_checkpoints(self) -> Path:
        """One file a finished hypothesis, for --resume."""
        return self.root / ".limit_checkpoints"

    def couplings(self, confidence_level: float, levels: Sequence[float], further: str = "") -> Path:
        """Excluded intervals of the main coupling, or of a further one by name, at one of several confidence levels."""
        return self.root / couplings_name(confidence_level, levels, further)

    def lifetime_limits(self, name: str, confidence_level: float, levels: Sequence[float]) -> Path:
        """Limits against mass and lifetime at one of several confidence levels, named as the couplings are."""
        level = "" if confidence_level == max(levels) else f"_{100 * confidence_level:g}"
        return self.root / name.replace(".csv", f"{level}.csv")

    @property
    def efficiency_grid(self) -> Path:
        """Efficiencies against mass and lifetime."""
        return self.root / "efficiency_grid.csv"

    @property
    def radius_efficiency(self) -> Path:
        """Efficiencies against true radius and momentum of decays."""
        return self.root / "radius_efficiency.csv"

    @property
    def report(self) -> Path:
        """The report page."""
        return self.root / "report.html"

    def stage_record(self, stage: str) -> Path:
        """What a finished stage was made from and what it wrote."""
        return self.root / ".stages" / f"{stage}.json"


def couplings_name(confidence_level: float, levels: Sequence[float], further: str = "") -> str:
    """Return the file name of excluded intervals: ``couplings.csv`` for the highest level, else with the level.

    Args:
        confidence_level: which.
        levels: all of the run.
        further: name of the coupling if it is not the main one of the search.

    Example:
        >>> couplings_name(0.95, (0.90, 0.95)), couplings_name(0.90, (0.90, 0.95), "g_agg")
        ('couplings.csv', 'couplings_g_agg_90.csv')
    """
    level = "" if confidence_level == max(levels) else f"_{100 * confidence_level:g}"
    return f"couplings{'_' if further else ''}{further}{level}.csv"


@contextmanager
def locked(folder: Path, *, create: bool = True) -> Iterator[None]:
    """Hold the folder for one run; a lock left by a dead process of this machine is taken over.

    Args:
        folder: to hold.
        create: whether a folder that is not there is made.

    Raises:
        OutputError: another run holds the folder, or it cannot be written.
        InputFileError: there is no such folder, and none is to be made.
    """
    if not create and not folder.is_dir():
        raise InputFileError("no such folder", where=str(folder), next_step="check the path")
    lock = folder / ".lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder):
            if _abandoned(lock):
                lock.unlink(missing_ok=True)
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump({"pid": os.getpid(), "host": socket.gethostname()}, stream)
    except FileExistsError as error:
        if not folder.is_dir():
            raise OutputError(
                "a file stands where the output folder should be", where=str(folder), next_step="choose another folder"
            ) from error
        raise OutputError(
            "another run holds this output folder",
            where=str(lock),
            given=lock.read_text(encoding="utf-8") if lock.is_file() else str(error),
            next_step="wait for it, or remove the lock file if no such process runs any more",
        ) from error
    except OSError as error:
        raise OutputError(
            "cannot write to the output folder", where=str(folder), given=str(error), next_step="choose another --out"
        ) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one run at a time look at the lock: of two that see a dead one, the second would remove that of the first."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        # some network disks know no such locks: there, two runs in the same instant are not told apart
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _abandoned(lock: Path) -> bool:
    try:
        holder = json.loads(lock.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return False
    if holder.get("host") != socket.gethostname():
        return False
    try:
        os.kill(int(holder["pid"]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, KeyError, ValueError):
        return False
    return False

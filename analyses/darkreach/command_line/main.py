"""The command ``darkreach``: its words are the rooms of the framework; errors become one message and an exit code."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

import typer

from darkreach.command_line import (
    build,
    check_ntuple,
    couple,
    cutflow,
    doctor,
    fit,
    import_ntuple,
    limit,
    merge,
    plan,
    process,
    publish,
    recompact,
    reinterpret,
    report,
    reproduce,
    retry_failed,
    run,
    significance,
    simulate,
    status,
    validate_limits,
    validate_simulation,
)
from darkreach.command_line import list as list_command
from darkreach.errors import DarkreachError

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130

app = typer.Typer(
    help="Dark-sector searches at e+e- colliders: events, histograms, workspaces, CLs limits, excluded couplings.\n\n"
    "Exit codes: 0 all of it worked, 1 an error was reported, 2 the command line is wrong, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _with_exit_codes(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors and Ctrl-C into one message and an exit code, before typer sees them and loses their text."""

    @functools.wraps(command)
    def guarded(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
        except DarkreachError as error:
            sys.stderr.write(f"error: {error}\n")
            raise typer.Exit(EXIT_ERROR) from error
        except KeyboardInterrupt as interruption:
            place = f" in the {interruption} stage" if str(interruption) else ""
            again = "the same command with --resume does" if "resume" in options else "the same command does"
            sys.stderr.write(f"interrupted{place}: finished work is kept; {again} the rest\n")
            raise typer.Exit(EXIT_INTERRUPTED) from interruption

    return guarded


ROOMS = (
    run,
    simulate,
    process,
    cutflow,
    build,
    limit,
    fit,
    significance,
    couple,
    report,
    list_command,
    doctor,
    check_ntuple,
    import_ntuple,
    reinterpret,
    reproduce,
    publish,
    recompact,
    status,
    retry_failed,
    plan,
    merge,
    validate_limits,
    validate_simulation,
)
for room in ROOMS:
    app.command(room.NAME)(_with_exit_codes(room.command))


def main() -> None:
    """Run the command line; every expected error is one message on standard error and a non-zero exit code."""
    app()


def run_command_line(arguments: list[str]) -> int:
    """Run one command inside this process and return its exit code."""
    try:
        app(arguments, prog_name="darkreach")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_ERROR
    return 0


if __name__ == "__main__":
    main()

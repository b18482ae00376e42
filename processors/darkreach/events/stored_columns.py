"""Which stored column carries which variable: exact names first, then the ROOT-safe spelling of basf2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from darkreach.errors import MissingColumnError, closest_name
from darkreach.events.names import escape_name, unescape_name


def stored_names(available: Iterable[str], wanted: Sequence[str], *, where: str) -> dict[str, str]:
    """Return the stored name of every wanted variable, in the order wanted.

    Args:
        available: column names as stored, escaped or not.
        wanted: basf2 variable names.
        where: file named in errors.

    Raises:
        MissingColumnError: a variable is stored under neither name; proposes the closest one.

    Example:
        >>> stored_names(["E", "useCMSFrame__boE__bc"], ["useCMSFrame(E)", "E"], where="a.root")
        {'useCMSFrame(E)': 'useCMSFrame__boE__bc', 'E': 'E'}
    """
    known = list(available)
    exact = set(known)
    unescaped: dict[str, str] = {}
    found = {}
    for name in wanted:
        if name in exact:
            found[name] = name
        elif escape_name(name) in exact:
            found[name] = escape_name(name)
        else:
            # rare, and slow for wide files: stored under a spelling that only the way back leads to
            unescaped = unescaped or {unescape_name(stored): stored for stored in reversed(known)}
            if name not in unescaped:
                raise _missing(name, sorted(unescaped), where)
            found[name] = unescaped[name]
    return found


def _missing(name: str, known: list[str], where: str) -> MissingColumnError:
    match = closest_name(name, known)
    proposal = f"did you mean '{match}'? Otherwise " if match else ""
    shown = ", ".join(known[:40]) + (f", ... ({len(known)} columns)" if len(known) > 40 else "")
    return MissingColumnError(
        f"column '{name}' is missing",
        where=where,
        given=shown or "no columns",
        next_step=f"{proposal}add it to the variables of VariablesToEventBasedTree",
    )

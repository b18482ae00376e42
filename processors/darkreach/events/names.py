"""Column names as ROOT branches: the escape rules of basf2 (``makeROOTCompatible``) and their inverse."""

from __future__ import annotations

import re
from typing import Final

_CODES: Final = {
    " ": "sp", ",": "cm", ":": "cl", "=": "eq", "<": "st", ">": "gt", ".": "pt", "+": "pl", "-": "mi", "(": "bo",
    ")": "bc", "{": "co", "}": "cc", "[": "so", "]": "sc", "`": "to", "´": "tc", "^": "ha", "°": "ci", "$": "do",
    "§": "pa", "%": "pr", "!": "em", "?": "qm", ";": "sm", "#": "hs", "*": "mu", "/": "sl", "\\": "bl", "'": "sq",
    '"': "dq", "~": "ti", "|": "pi", "&": "am", "@": "at",
}  # fmt: skip
_CHARACTERS: Final = {code: character for character, code in _CODES.items()}
_ESCAPED: Final = re.compile("__(" + "|".join(_CHARACTERS) + ")")

PROTECTED_NAMES: Final = frozenset(
    {
        "__experiment__",
        "__run__",
        "__event__",
        "__production__",
        "__candidate__",
        "__ncandidates__",
        "__weight__",
        "__signalSideCandidate__",
        "__nSignalSideCandidates__",
        "__MCDecayString__",
    }
)
"""Index columns: ``__production__`` contains the code of ``%`` but is never un-escaped."""


def escape_name(name: str) -> str:
    """Return the ROOT branch name of a variable; characters without a code are removed, as basf2 does.

    Example:
        >>> escape_name("useCMSFrame(p)"), escape_name("__production__")
        ('useCMSFrame__bop__bc', '__production__')
    """
    if name in PROTECTED_NAMES:
        return name
    coded = "".join(f"__{_CODES[character]}" if character in _CODES else character for character in name)
    return re.sub(r"[^a-zA-Z0-9_]", "", coded)


def unescape_name(name: str) -> str:
    """Return the variable name of a ROOT branch; index columns are kept.

    Not exact where a variable name itself holds two underscores before a code.

    Example:
        >>> unescape_name("daughter__bo0__cm__spmRecoil__bc"), unescape_name("__production__")
        ('daughter(0, mRecoil)', '__production__')
    """
    if name in PROTECTED_NAMES:
        return name
    return _ESCAPED.sub(lambda match: _CHARACTERS[match.group(1)], name)

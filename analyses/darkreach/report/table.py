"""Tables of a report: plain text cells, and numbers written the way physicists write them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from darkreach.figures.axis_text import SUPERSCRIPTS

NOTHING: Final = "–"

SYMBOLS: Final = (
    ("->", "→"),
    ("e+e-", "e⁺e⁻"),
    ("e+ e-", "e⁺e⁻"),
    ("mu+ mu-", "μ⁺μ⁻"),
    ("mu mu", "μμ"),
    ("e mu ", "eμ "),
    ("pi pi", "ππ"),
    ("gamma", "γ"),
    ("epsilon", "ε"),
    ("alpha", "α"),
    ("eta|", "η|"),
)
"""What words for particles become, in this order."""


@dataclass(frozen=True)
class Table:
    """One table: cells are plain text, escaped by the page.

    Attributes:
        header: titles of the columns.
        rows: cells, as many as the header has.
        caption: a sentence above the table.
        text_columns: positions of columns that hold words; the others are aligned as numbers.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    text_columns: frozenset[int] = frozenset({0})


def power_of_ten(power: int) -> str:
    """Return a power of ten.

    Example:
        >>> power_of_ten(-3)
        '10⁻³'
    """
    return "10" + str(power).translate(SUPERSCRIPTS)


def scaled_unit(power: int, unit: str) -> str:
    """Return a power of ten and a unit; empty for pure numbers as they are.

    Example:
        >>> scaled_unit(-3, "GeV⁻¹"), scaled_unit(0, "")
        ('10⁻³ GeV⁻¹', '')
    """
    return f"{power_of_ten(power) if power else ''} {unit}".strip()


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits, trailing zeros kept; a dash for None and NaN.

    Example:
        >>> number(0.5), number(1234.5), number(1.04e-3), number(None)
        ('0.500', '1230', '1.04 × 10⁻³', '–')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if value == 0.0 or math.isinf(value):
        return f"{value:g}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if not -2 <= power <= 5:
        return f"{mantissa} × {power_of_ten(power)}"
    return f"{float(f'{mantissa}e{power}'):.{max(digits - 1 - power, 0)}f}"


def measured(value: float, error: float) -> str:
    """Return a number with its error: two digits of the error decide how many the number has.

    Example:
        >>> measured(0.26314, 0.00143), measured(15520.3, 28.0)
        ('0.2631 ± 0.0014', '15520 ± 28')
    """
    decimals = max(1 - math.floor(math.log10(error)), 0) if error > 0.0 else 2
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def readable_process(words: str) -> str:
    """Return the name of a process with its particles as symbols.

    Example:
        >>> readable_process("e+e- -> gamma a")
        'e⁺e⁻ → γ a'
    """
    for word, symbol in SYMBOLS:
        words = words.replace(word, symbol)
    return words


def common_power(values: list[float]) -> int:
    """Return the power of ten, a multiple of three, that suits a column of positive numbers.

    Example:
        >>> common_power([7.1e-4, 1.3e-3, 1.6e-2])
        -3
    """
    finite = sorted(value for value in values if math.isfinite(value) and value > 0.0)
    return 3 * math.floor(math.log10(finite[len(finite) // 2]) / 3.0) if finite else 0

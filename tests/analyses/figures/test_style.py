from __future__ import annotations

import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest

from darkreach.figures.style import (
    COLOURS,
    FigureLabel,
    house_style,
    luminosity_text,
    new_figure,
    save_svg,
    write_label,
)

LABEL = FigureLabel("pseudo-data", 0.445, 10.5796)


def lightness(colour: str) -> float:
    """Return the CIE relative luminance of a colour #rrggbb."""
    channels = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("luminosity", "text"),
    [(0.445, "445 pb$^{-1}$"), (1.0, "1 fb$^{-1}$"), (426.88, "426.9 fb$^{-1}$"), (5e4, "50 ab$^{-1}$")],
)
def test_luminosity_is_said_in_its_natural_unit(luminosity: float, text: str) -> None:
    assert luminosity_text(luminosity) == text


def test_plain_label_says_luminosity_and_energy() -> None:
    assert LABEL.plain_text == "∫L dt = 445 pb⁻¹, √s = 10.58 GeV"


def test_bands_can_be_told_apart_in_grey() -> None:
    one, two = lightness(COLOURS["one_sigma"]), lightness(COLOURS["two_sigma"])
    # WCAG contrast ratio; lines on the bands must stand out more than the bands from each other
    assert (two + 0.05) / (one + 0.05) > 1.5
    assert (one + 0.05) / (lightness(COLOURS["expected"]) + 0.05) > 3.0


def drawn() -> str:
    with house_style():
        figure, axes = new_figure()
        axes.plot([1, 2], [3, 4])
        write_label(axes, LABEL)
    return save_svg(figure)


def test_svg_is_well_formed_and_has_no_date_and_no_network_address() -> None:
    svg = drawn()
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "dc:date" not in svg
    assert "<metadata" not in svg


def test_same_figure_gives_same_bytes() -> None:
    assert drawn() == drawn()


def test_global_settings_stay_as_they_were() -> None:
    before = dict(mpl.rcParams)
    drawn()
    assert dict(mpl.rcParams) == before

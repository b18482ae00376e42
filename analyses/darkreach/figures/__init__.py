"""Figures: functions take frozen data and return matplotlib figures; no limit depends on what happens here."""

from darkreach.figures.band import EXPECTED, Island, LimitBand, coupling_limits, cross_section_limits
from darkreach.figures.cross_section_band import draw_cross_section_band
from darkreach.figures.cutflow import Cutflow, CutflowRow, sample_cutflow
from darkreach.figures.efficiency import EfficiencyCurves, draw_efficiency, efficiency_curves
from darkreach.figures.exclusion import exclusion_html
from darkreach.figures.limit_band import draw_limit_band
from darkreach.figures.merged_bins import merge_bins
from darkreach.figures.pair_mass import draw_pair_mass
from darkreach.figures.polar_angle import draw_polar_angle
from darkreach.figures.resolution import draw_resolution
from darkreach.figures.spectrum import ShownSignal, Spectrum, region_spectrum
from darkreach.figures.style import FigureLabel, percent, save_svg

__all__ = [
    "EXPECTED",
    "Cutflow",
    "CutflowRow",
    "EfficiencyCurves",
    "FigureLabel",
    "Island",
    "LimitBand",
    "ShownSignal",
    "Spectrum",
    "coupling_limits",
    "cross_section_limits",
    "draw_cross_section_band",
    "draw_efficiency",
    "draw_limit_band",
    "draw_pair_mass",
    "draw_polar_angle",
    "draw_resolution",
    "efficiency_curves",
    "exclusion_html",
    "merge_bins",
    "percent",
    "region_spectrum",
    "sample_cutflow",
    "save_svg",
]

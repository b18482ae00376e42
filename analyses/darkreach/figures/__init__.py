"""Figures: functions take frozen data and return matplotlib figures; no limit depends on what happens here."""

from darkreach.figures.band import EXPECTED, Island, LimitBand, coupling_limits, cross_section_limits
from darkreach.figures.cross_section_band import draw_cross_section_band
from darkreach.figures.cutflow import Cutflow, CutflowRow, sample_cutflow
from darkreach.figures.efficiency import EfficiencyCurves, draw_efficiency, efficiency_curves
from darkreach.figures.exclusion import exclusion_html
from darkreach.figures.group_cutflow import GroupCutflow, draw_group_cutflow, group_cutflow
from darkreach.figures.group_rates import FittedChannel, fitted_channels
from darkreach.figures.limit_band import draw_limit_band
from darkreach.figures.local_significance import draw_local_significance, significance_rows
from darkreach.figures.merged_bins import merge_bins
from darkreach.figures.pair_mass import draw_pair_mass
from darkreach.figures.polar_angle import draw_polar_angle
from darkreach.figures.resolution import draw_resolution
from darkreach.figures.spectrum import ShownSignal, Spectrum, region_spectrum
from darkreach.figures.stacked_figure import draw_stacked
from darkreach.figures.stacked_spectrum import (
    OverlaidSignal,
    StackedSpectrum,
    merged_for_display,
    stacked_spectrum,
    with_same_signal,
)
from darkreach.figures.style import FigureLabel, percent, save_svg

__all__ = [
    "EXPECTED",
    "Cutflow",
    "CutflowRow",
    "EfficiencyCurves",
    "FigureLabel",
    "FittedChannel",
    "GroupCutflow",
    "Island",
    "LimitBand",
    "OverlaidSignal",
    "ShownSignal",
    "Spectrum",
    "StackedSpectrum",
    "coupling_limits",
    "cross_section_limits",
    "draw_cross_section_band",
    "draw_efficiency",
    "draw_group_cutflow",
    "draw_limit_band",
    "draw_local_significance",
    "draw_pair_mass",
    "draw_polar_angle",
    "draw_resolution",
    "draw_stacked",
    "efficiency_curves",
    "exclusion_html",
    "fitted_channels",
    "group_cutflow",
    "merge_bins",
    "merged_for_display",
    "percent",
    "region_spectrum",
    "sample_cutflow",
    "save_svg",
    "significance_rows",
    "stacked_spectrum",
    "with_same_signal",
]

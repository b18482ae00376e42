"""Signals from matrix elements of our own, each at a reference coupling."""

from darkreach.generators.signals.axion_matrix_element import (
    axion_angular_density,
    axion_cross_section_fb,
    sample_axion_cosine,
)
from darkreach.generators.signals.axion_signal import generate_axion_signal

__all__ = ["axion_angular_density", "axion_cross_section_fb", "generate_axion_signal", "sample_axion_cosine"]

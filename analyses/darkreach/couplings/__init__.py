"""Couplings: limits on the signal strength in, excluded intervals of a coupling out."""

from darkreach.couplings.axion_coupling import axion_signal_strength
from darkreach.couplings.coupling_model import CouplingModel, PlaneCouplingModel
from darkreach.couplings.coupling_models import (
    LONG_LIVED_MODELS,
    MODELS,
    PLANE_MODELS,
    coupling_model,
    long_lived_model,
    plane_coupling_model,
)
from darkreach.couplings.couplings_file import COLUMNS, QUANTILES, ExcludedInterval, read_couplings, write_couplings
from darkreach.couplings.couplings_table import read_couplings_header
from darkreach.couplings.decay_boost import BoostSpectrum, DecayBoosts, decay_boosts
from darkreach.couplings.displaced_efficiency import displaced_efficiency
from darkreach.couplings.displaced_grids import displaced_efficiency_grids
from darkreach.couplings.displaced_rates import displaced_rates
from darkreach.couplings.efficiency_grid import EfficiencyGrid
from darkreach.couplings.efficiency_grid_file import read_efficiency_grids, write_efficiency_grids
from darkreach.couplings.excluded_couplings import couplings_from_limits
from darkreach.couplings.excluded_region import excluded_intervals
from darkreach.couplings.exclusion_strips import ExclusionStrip
from darkreach.couplings.lifetime_limits import LifetimeLimit, lifetime_limits_from, limits_by_lifetime
from darkreach.couplings.lifetime_limits_file import (
    read_lifetime_limits,
    read_lifetime_limits_header,
    write_lifetime_limits,
    write_search_lifetime_limits,
)
from darkreach.couplings.long_lived_couplings import long_lived_couplings, long_lived_couplings_from_limits
from darkreach.couplings.long_lived_model import LongLivedModel
from darkreach.couplings.long_lived_region import (
    coupling_scan,
    excluded_islands,
    lifetime_intervals,
    long_lived_intervals,
)
from darkreach.couplings.long_lived_signal import LongLivedSignal, power_law_signal
from darkreach.couplings.plane_couplings import PLANE_MASSES, plane_couplings_from_limits, plane_masses
from darkreach.couplings.plane_couplings_file import (
    PLANE_COLUMNS,
    PlaneInterval,
    read_plane_couplings,
    write_plane_couplings,
)
from darkreach.couplings.recoil_axion import RecoilAxions, recoil_axions
from darkreach.couplings.reweighted_efficiency import SelectedDecays
from darkreach.couplings.write_excluded import (
    ExcludedCouplings,
    excluded_couplings,
    is_long_lived_coupling,
    is_plane_coupling,
    read_excluded,
    write_excluded,
)

__all__ = [
    "COLUMNS",
    "LONG_LIVED_MODELS",
    "MODELS",
    "PLANE_COLUMNS",
    "PLANE_MASSES",
    "PLANE_MODELS",
    "QUANTILES",
    "BoostSpectrum",
    "CouplingModel",
    "DecayBoosts",
    "EfficiencyGrid",
    "ExcludedCouplings",
    "ExcludedInterval",
    "ExclusionStrip",
    "LifetimeLimit",
    "LongLivedModel",
    "LongLivedSignal",
    "PlaneCouplingModel",
    "PlaneInterval",
    "RecoilAxions",
    "SelectedDecays",
    "axion_signal_strength",
    "coupling_model",
    "coupling_scan",
    "couplings_from_limits",
    "decay_boosts",
    "displaced_efficiency",
    "displaced_efficiency_grids",
    "displaced_rates",
    "excluded_couplings",
    "excluded_intervals",
    "excluded_islands",
    "is_long_lived_coupling",
    "is_plane_coupling",
    "lifetime_intervals",
    "lifetime_limits_from",
    "limits_by_lifetime",
    "long_lived_couplings",
    "long_lived_couplings_from_limits",
    "long_lived_intervals",
    "long_lived_model",
    "plane_coupling_model",
    "plane_couplings_from_limits",
    "plane_masses",
    "power_law_signal",
    "read_couplings",
    "read_couplings_header",
    "read_efficiency_grids",
    "read_excluded",
    "read_lifetime_limits",
    "read_lifetime_limits_header",
    "read_plane_couplings",
    "recoil_axions",
    "write_couplings",
    "write_efficiency_grids",
    "write_excluded",
    "write_lifetime_limits",
    "write_plane_couplings",
    "write_search_lifetime_limits",
]

from __future__ import annotations

import numpy as np
import pytest

from darkreach.building import check_displaced_settings
from darkreach.errors import WorkspaceError


def sideband(formulas, inner, outer):
    return {"inner": inner, "outer": outer, "ratio_uncertainty": formulas.number(0.1)}


@pytest.mark.parametrize(
    ("half_width", "ends", "match"),
    [
        (3.5, (3.0, 10.0), "the window reaches into its sidebands"),
        (26.0, (27.0, 29.0), "the window is wider than the histograms of the signal"),
        (2.0, (3.0, 31.0), "the sidebands reach beyond the histograms"),
        (2.0, (3.0, 3.4), "the sidebands are narrower than a cell"),
    ],
)
def test_settings_that_contradict_each_other(formulas, half_width, ends, match):
    config = formulas.search(window_half_width=half_width, sideband=sideband(formulas, *ends))
    with pytest.raises(WorkspaceError, match=match):
        check_displaced_settings(config)


@pytest.mark.parametrize("ends", [(2.0, 30.0), (2.0, 2.5)])
def test_settings_at_their_limits(formulas, ends):
    check_displaced_settings(formulas.search(sideband=sideband(formulas, *ends)))


@pytest.mark.parametrize(
    "name", ["mu", "luminosity", "background_first_r0", "sideband_first", "signal_statistics_first"]
)
def test_taken_names(formulas, name):
    config = formulas.search(signal_uncertainties={name: formulas.number(0.1)})
    with pytest.raises(WorkspaceError, match="the name of another parameter"):
        check_displaced_settings(config)


@pytest.fixture(scope="module")
def search(formulas):
    config = formulas.search()
    data = {region.name: np.ones((400, 2)) for region in config.regions}
    return config, formulas.make_histograms(config, background=0.1, data=data)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"masses": []}, "no mass was given"),
        ({"masses": [0.8, 0.8]}, "each given once"),
        ({"masses": [0.8, 2.5]}, r"(?s)must be inside a region.*third 0\.6 to 2 GeV without 1 to 1\.2.*2\.5"),
        ({"lifetimes_cm": [0.3]}, "must be some of those of the search"),
        ({"lifetimes_cm": [1.0, 1.0]}, "each given once"),
        ({"lifetimes_cm": []}, "must be some of those of the search"),
        ({"injected": ("third", 1.1, 1.0, 2.0)}, "no such channel at the mass of the injected signal"),
        ({"injected": ("first", 1.1, 2.0, 2.0)}, "must be some of those of the search"),
        ({"injected": ("first", 1.1, 1.0, 2.0), "data_sample": "data"}, "drawn pseudo-data only"),
        ({"data_sample": "other"}, "no data sample 'other'"),
        ({"data_sample": "data", "luminosity_inverse_fb": 11.0}, "not that of the data"),
    ],
)
def test_requests(formulas, search, options, match):
    with pytest.raises(WorkspaceError, match=match):
        formulas.build(*search, **{"masses": [0.8], **options})


def test_weighted_data(formulas):
    config = formulas.search()
    data = {name: np.full((400, 2), 0.5) for name in ("first", "second", "third")}
    with pytest.raises(WorkspaceError, match="the data are weighted"):
        formulas.build(config, formulas.make_histograms(config, data=data), data_sample="data")


def test_other_cells(formulas, search):
    config = formulas.search(cells=4.0)
    with pytest.raises(WorkspaceError, match=r"mass_radius/first: axis mass"):
        formulas.build(config, search[1])


def test_rates(formulas, search):
    class Unphysical(formulas.Rates):
        def channel_fb(self, region, mass_gev):
            return float("nan")

    with pytest.raises(WorkspaceError, match="the rate of a signal is no number"):
        formulas.build(*search, Unphysical(), masses=[0.8])


def test_no_signal_anywhere(formulas, search):
    class Nothing(formulas.Rates):
        def combined_fb(self, region, mass_gev):
            return 0.0

    with pytest.raises(WorkspaceError, match="no hypothesis has a signal in any region"):
        formulas.build(*search, Nothing(), masses=[0.8], single_channels=False)

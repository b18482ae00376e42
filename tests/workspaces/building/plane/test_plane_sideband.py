from __future__ import annotations

import numpy as np
import pytest

from darkreach.building.plane_hypothesis import hypothesis_cells
from darkreach.building.plane_points import plane_points
from darkreach.building.plane_regions import kept_parts

LUMINOSITY = 10.0


def counts(name, shape):
    """Data: one event in every third cell of regions, two in every cell of sidebands."""
    cells = np.arange(shape[0] * shape[1]).reshape(shape)
    return np.where(cells % 3 == 0, 1.0, 0.0) if name.startswith("plane/") else np.full(shape, 2.0)


@pytest.fixture(scope="module")
def measured(formulas):
    config = formulas.visible()
    return config, formulas.make_histograms(config, data=(counts, LUMINOSITY))


@pytest.fixture(scope="module")
def applied(formulas, measured):
    """Return metadata and patch of a point, and a function from channel and sample to what the patch says of it."""
    config, histograms = measured

    def apply(point, **options):
        made = formulas.build(config, histograms, LUMINOSITY, points=[point], data_sample="data", **options)
        patch = made.patchset["patches"][0]
        names = [channel["name"] for channel in made.background_only["channels"]]
        samples = {
            (names[int(one["path"].split("/")[2])], sample["name"]): sample
            for one in patch["patch"]
            if one["op"] == "replace" and one["path"].startswith("/channels/")
            for sample in one["value"]
        }
        return patch, samples

    return apply


def window_by_hand(formulas, config, point, radius):
    """Return numbers of cells within a radius, by region of the plane: all, and those kinematics allows in full."""
    x = np.arange(0.2 + 0.0125, 4.0, 0.025)[:, np.newaxis]
    y = np.arange(0.5 + 0.05, 10.0, 0.1)
    return ((x - point[0]) / 0.05) ** 2 + ((y - point[1]) / 0.4) ** 2 <= radius**2


def test_on_and_off_by_hand(formulas, measured, applied):
    point = (1.5, 5.8)
    patch, samples = applied(point)
    on = window_by_hand(formulas, measured[0], point, 2.0)
    off = window_by_hand(formulas, measured[0], point, 5.0)
    # far from where kinematics ends: areas are numbers of cells
    tau = 4.0 * off.sum() / on.sum()
    observed = counts("plane/electrons", on.shape)[on].sum()
    assert samples["electrons", "background"]["data"] == [1.0]
    assert samples["electrons_sideband", "background"]["data"] == pytest.approx([tau], rel=1e-6)
    assert samples["muons_sideband", "background"]["data"] == pytest.approx([0.5 * tau], rel=1e-6)
    meta = patch["metadata"]
    assert meta["regions"] == ["electrons", "mixed", "muons"]
    assert meta["observed"]["electrons"] == observed
    assert meta["sideband_observed"]["electrons"] == 2.0 * off.sum()
    assert meta["background_events"]["electrons"] == pytest.approx(2.0 * off.sum() / tau, rel=1e-6)
    names = [[modifier["name"] for modifier in samples[name]["modifiers"]] for name in samples]
    assert names[0] == ["background_electrons", "sideband_electrons"]
    assert names[2 if len(names[1]) > 2 else 1] == ["background_electrons"]
    ratio = samples["electrons", "background"]["modifiers"][1]["data"]
    assert ratio == pytest.approx({"hi": 1.2, "lo": 1.0 / 1.2})
    observations = {one["name"]: one["data"] for one in patch["patch"][-2]["value"]}
    assert observations["electrons"] == [observed]
    assert observations["electrons_sideband"] == [2.0 * off.sum()]


def test_start_and_bounds(applied):
    patch, _ = applied((1.5, 5.8))
    settings = {one["name"]: one for one in patch["patch"][-1]["value"]}
    background = patch["metadata"]["background_events"]["electrons"]
    assert list(settings) == ["mu", "background_electrons", "background_mixed", "background_muons"]
    one = settings["background_electrons"]
    assert one["inits"][0] == pytest.approx(background, rel=0.01)
    assert one["bounds"][0][0] == 0.0
    assert one["bounds"][0][1] > 3.0 * max(background, patch["metadata"]["observed"]["electrons"])


def test_signal_in_the_sideband(formulas, applied):
    _, samples = applied((1.5, 5.8))
    produced = LUMINOSITY * formulas.cross_section(1.5, 5.8) * 0.02
    efficiency = formulas.efficiency(1.5, 5.8)
    inside = 1.0 - np.exp(-2.0)
    assert samples["electrons", "signal"]["data"][0] == pytest.approx(produced * efficiency * inside, rel=0.02)
    # 0.015 of it against tau = 25 events of background for one is little, against half as many it is not
    leaking = formulas.LEAKING * produced * efficiency
    assert ("electrons_sideband", "signal") not in samples
    assert samples["muons_sideband", "signal"]["data"][0] == pytest.approx(2.5 * leaking, rel=1e-3)
    names = [one["name"] for one in samples["muons_sideband", "signal"]["modifiers"]]
    assert names == ["mu", "luminosity", "signal_efficiency"]


def test_areas_end_where_kinematics_does(formulas, measured, applied):
    # the window is cut by m_h = 2 m_A: half of it, more or less; the sideband too
    point = (2.6, 5.21)
    patch, samples = applied(point)
    config = measured[0]
    areas = []
    for radius in (2.0, 5.0):
        # the centres of 20 x 20 parts of each cell
        window = window_by_hand(formulas, config, point, radius)
        x = (0.2 + 0.025 * (np.arange(20 * window.shape[0]) + 0.5) / 20)[:, np.newaxis]
        y = 0.5 + 0.1 * (np.arange(20 * window.shape[1]) + 0.5) / 20
        allowed = (y >= 2.0 * x) & (x + y <= 10.0)
        shares = allowed.reshape(window.shape[0], 20, window.shape[1], 20).mean(axis=(1, 3))
        areas.append(shares[window].sum())
    tau = samples["electrons_sideband", "background"]["data"][0]
    assert tau == pytest.approx(4.0 * areas[1] / areas[0], rel=5e-3)
    assert 0.3 < areas[0] / window_by_hand(formulas, config, point, 2.0).sum() < 0.7
    assert patch["metadata"]["sideband_factor"]["electrons"] == tau


def test_vetoed_masses(formulas, measured):
    takes_part = {1.85: True, 1.95: False, 2.1: False, 2.25: False, 2.4: True}
    points = [(mass, 6.0) for mass in takes_part]
    made = formulas.build(*measured, LUMINOSITY, points=points, data_sample="data")
    for patch, (mass, _) in zip(made.patchset["patches"], points, strict=True):
        assert ("muons" in patch["metadata"]["regions"]) == takes_part[mass]
        assert "electrons" in patch["metadata"]["regions"]


def test_sideband_does_not_count_vetoed_areas(formulas, measured, applied):
    config = measured[0]
    _, samples = applied((1.85, 6.0))
    grid_x = np.linspace(0.2, 4.0, 153)
    on, off = (window_by_hand(formulas, config, (1.85, 6.0), radius) for radius in (2.0, 5.0))
    free = ((grid_x[1:] <= 2.0 + 1e-9) | (grid_x[:-1] >= 2.2 - 1e-9)).astype(float)
    tau = 2.0 * (off * free[:, np.newaxis]).sum() / on.sum()
    assert tau < 0.95 * 2.0 * off.sum() / on.sum()
    assert samples["muons_sideband", "background"]["data"][0] == pytest.approx(tau, rel=1e-6)


def test_mass_range_of_a_region(applied):
    assert applied((0.9, 4.0))[0]["metadata"]["regions"] == ["electrons", "muons"]


def test_kept_parts_of_cells(formulas, measured):
    inputs = formulas.inputs_of(*measured, data_sample="data")
    kept = kept_parts(inputs.regions[2].region, inputs.cells)
    assert set(kept.round(9).tolist()) == {0.0, 1.0}
    assert (1.0 - kept).sum() * 0.025 == pytest.approx(0.2)
    point = plane_points(inputs.cells.grid, [(1.5, 5.8)])[0]
    assert (
        hypothesis_cells(inputs, point).sideband.inside.sum()
        > 4.0 * hypothesis_cells(inputs, point).window.inside.sum()
    )

from __future__ import annotations

import numpy as np
import pyhf
import pytest
from scipy.stats import multivariate_normal

from darkreach.building.plane_cells import PlaneCells
from darkreach.building.plane_points import plane_points
from darkreach.building.plane_template_bins import in_a_row, template_bins
from darkreach.histograms.plane_grid import PlaneGrid

POINT = (3.0, 1.5)


@pytest.fixture(scope="module")
def floating(formulas):
    quantity = formulas.convention
    groups = [{"name": "pairs", "samples": ["muons", "more_muons"], "rate": "floating"},
              {"name": "taus", "samples": ["taus"], "rate": "constrained", "uncertainty": quantity(0.2)}]  # fmt: skip
    config = formulas.invisible(extraction="template", template_half_width=3.0, groups=groups)
    return config, formulas.make_histograms(config, variance=0.002)


@pytest.fixture(scope="module")
def made(formulas, floating):
    return formulas.build(*floating, 100.0, points=[POINT])


@pytest.fixture(scope="module")
def model(made):
    patchset = pyhf.PatchSet(made.patchset)
    patchset.verify(made.background_only)
    return pyhf.Workspace(patchset.apply(made.background_only, "mA_3000_mh_1500")).model()


def sample(made, region, name):
    value = next(
        one["value"] for one in made.patchset["patches"][0]["patch"] if one["path"] == f"/channels/{region}/samples"
    )
    return next(one for one in value if one["name"] == name)


def test_bins_are_a_resolution_wide_and_hold_all_of_the_square(made, floating, formulas):
    meta = made.patchset["patches"][0]["metadata"]
    assert meta["bins"]["barrel"] == 36
    inputs = formulas.inputs_of(*floating, luminosity=100.0, seed=2)
    x = 0.5 * (inputs.cells.x_edges[1:] + inputs.cells.x_edges[:-1])
    y = 0.5 * (inputs.cells.y_edges[1:] + inputs.cells.y_edges[:-1])
    square = np.outer(np.abs(x - 3.0) <= 0.15, np.abs(y - 2.25) <= 1.2)
    background, data = inputs.regions[0].background, inputs.regions[0].observed
    for number, group in enumerate(("pairs", "taus")):
        assert sum(sample(made, 0, group)["data"]) == pytest.approx(background.values[number][square].sum(), rel=1e-6)
    assert meta["background_events"]["barrel"] == pytest.approx(background.total[square].sum(), rel=1e-6)
    assert meta["observed"]["barrel"] == data[square].sum()


def test_signal_of_the_bins_is_that_of_a_gaussian(made, formulas):
    signal = np.array(sample(made, 0, "signal")["data"])
    produced = 100.0 * formulas.cross_section(*POINT) * 0.2 * formulas.efficiency(*POINT)
    # both pulls below three
    assert signal.sum() == pytest.approx(produced * 0.9949, rel=0.01)
    cells = PlaneCells(PlaneGrid(formulas.invisible().plane, formulas.SQRT_S))
    (point,) = plane_points(cells.grid, [POINT])
    starts = [np.arange(0, 12, 2), np.arange(0, 12, 2)]
    x, y = (edges[[*s, -1]] for edges, s in zip(cells.pull_edges(point, cells.square(point, 3.0)), starts, strict=True))
    gaussian = multivariate_normal([0.0, 0.0], [[1.0, -0.6], [-0.6, 1.0]])
    corners = gaussian.cdf(np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1))
    wanted = in_a_row(np.diff(np.diff(corners, axis=0), axis=1))
    assert wanted.max() > 5.0 * np.median(wanted)
    assert signal / produced == pytest.approx(wanted, rel=0.02, abs=3e-4)


def test_model_is_valid_and_its_parameters_move_it(made, model):
    assert model.config.channel_nbins == {"barrel": 36, "forward": 36}
    assert {"rate_pairs", "rate_taus", "tagging", "scale", "mu"} <= set(model.config.par_order)
    assert model.config.par_map["staterror_barrel"]["paramset"].n_parameters == 36
    parameters = np.array(model.config.suggested_init())
    parameters[model.config.poi_index] = 0.0
    nominal = model.expected_actualdata(parameters)
    parameters[model.config.par_slice("rate_pairs")] = 2.0
    more = model.expected_actualdata(parameters)
    barrel = model.config.channel_slices["barrel"]
    assert (more - nominal)[barrel] == pytest.approx(sample(made, 0, "pairs")["data"], rel=1e-6)
    parameters[model.config.par_slice("rate_pairs")] = 1.0
    parameters[model.config.par_slice("tagging")] = 1.0
    assert model.expected_actualdata(parameters) == pytest.approx(1.1 * nominal, rel=1e-5)


def test_bins_without_background_are_merged_into_neighbours(formulas):
    config = formulas.invisible()
    cells = PlaneCells(PlaneGrid(config.plane, formulas.SQRT_S))
    (point,) = plane_points(cells.grid, [POINT])
    window = cells.square(point, 3.0)
    values = np.full(cells.shape, 20.0)
    values[window.x.start : window.x.start + 4, window.y] = 0.0
    bins = template_bins(cells, point, window, values, values)
    found = bins.merged(bins.rectangles(window.box(values)))
    assert found.min() > 10.0
    assert found.sum() == window.box(values).sum()
    assert len(found) < len(bins.x_starts) * len(bins.y_starts)
    few = template_bins(cells, point, window, 1e-3 * values, 1e-3 * values)
    assert few.starts == (0,)


def test_row_turns_back_at_every_end():
    rectangles = np.arange(12.0).reshape(3, 4)
    row = in_a_row(rectangles)
    place = {value: divmod(int(value), 4) for value in row}
    steps = [abs(np.subtract(place[a], place[b])).sum() for a, b in zip(row[:-1], row[1:], strict=True)]
    assert steps == [1] * 11

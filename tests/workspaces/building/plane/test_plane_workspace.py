from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyhf
import pytest

from darkreach.building import patchset_text
from darkreach.building.plane_hypothesis import hypothesis_cells
from darkreach.building.plane_points import plane_point_name, plane_points
from darkreach.errors import WorkspaceError
from darkreach.histograms.plane_grid import PlaneGrid

POINTS = ((3.0, 1.5), (2.6, 1.5))
SIX = ((1.5, 5.8), (2.6, 5.5))


@pytest.fixture(scope="module")
def windows(formulas, unseen):
    return formulas.build(unseen.config, unseen.histograms, points=POINTS)


@pytest.fixture(scope="module")
def on_and_off(formulas, seen):
    return formulas.build(seen.config, seen.histograms, points=SIX)


@pytest.fixture
def both(windows, on_and_off):
    return windows, on_and_off


def model_of(made, point):
    patchset = pyhf.PatchSet(made.patchset)
    patchset.verify(made.background_only)
    workspace = pyhf.Workspace(patchset.apply(made.background_only, plane_point_name(*point)))
    return workspace, workspace.model()


def rates(model, **values):
    parameters = np.array(model.config.suggested_init())
    for name, value in values.items():
        parameters[model.config.par_slice(name)] = value
    expected = model.expected_actualdata(parameters)
    return {name: expected[model.config.channel_slices[name]].tolist() for name in model.config.channels}


def test_names():
    assert plane_point_name(0.25, 1.00005) == "mA_250_mh_1000p05"


def test_window_is_a_valid_workspace_of_the_numbers_it_says(windows, unseen, formulas):
    for patch, point in zip(windows.patchset["patches"], POINTS, strict=True):
        meta = patch["metadata"]
        assert meta["values"] == list(point)
        workspace, model = model_of(windows, point)
        assert model.config.channels == ["barrel", "forward"]
        background, both = rates(model, mu=0.0), rates(model, mu=1.0)
        for name in model.config.channels:
            assert background[name][0] == pytest.approx(meta["background_events"][name], rel=1e-6)
            produced = (
                10.0
                * formulas.cross_section(*point)
                * formulas.branching(next(one for one in unseen.config.regions if one.name == name), point[0])
            )
            signal = both[name][0] - background[name][0]
            assert signal == pytest.approx(produced * meta["efficiency"][name], rel=1e-6)
            assert workspace.observations[name] == [meta["observed"][name]]
            assert meta["effective_events"][name] == pytest.approx(meta["background_events"][name] / 0.2, rel=1e-6)
        total = sum(both[name][0] - background[name][0] for name in both)
        assert meta["expected_signal_events"] == pytest.approx(total, rel=1e-6)
        assert meta["coupling"] == 1e-7
        assert meta["luminosity_inverse_fb"] == 10.0
        assert meta["cross_section_fb"] == pytest.approx(formulas.cross_section(*point), rel=1e-7)
        assert "background_from_radius" not in meta


def test_nuisances_are_shared_and_move_what_they_should(windows):
    _, model = model_of(windows, POINTS[0])
    assert set(model.config.par_order) == {
        "mu", "luminosity", "signal_efficiency", "scale", "tagging", "rate_pairs", "staterror_barrel",
        "staterror_forward",
    }  # fmt: skip
    nominal, pairs = rates(model, mu=0.0), rates(model, mu=0.0, rate_pairs=1.0)
    # muons and more_muons, 4 of 6 parts, 10 % more of them
    assert pairs["barrel"][0] / nominal["barrel"][0] == pytest.approx(1.0 + 0.1 * 4.0 / 6.0, rel=1e-6)
    assert rates(model, mu=0.0, tagging=1.0)["forward"][0] == pytest.approx(1.1 * nominal["forward"][0], rel=1e-5)
    assert rates(model, mu=0.0, tagging=-1.0)["forward"][0] == pytest.approx(0.92 * nominal["forward"][0], rel=1e-5)
    assert rates(model, mu=0.0, luminosity=1.0)["barrel"][0] == pytest.approx(1.01 * nominal["barrel"][0], rel=1e-6)
    signal = rates(model, mu=1.0)["barrel"][0] - nominal["barrel"][0]
    changed = rates(model, mu=1.0, signal_efficiency=-1.0)["barrel"][0] - nominal["barrel"][0]
    assert changed == pytest.approx(0.95 * signal, rel=1e-6)


def test_variations_far_from_the_window_do_not_matter(formulas, unseen):
    name = "plane_variation/barrel"
    axes = unseen.histograms.histograms[name].axes
    x, variation = axes["x"], list(axes["variation"]).index("tagging_up")
    # the window about 3.0 GeV has a half width of 0.1 GeV
    for edge, factor in ((3.3, 1.1), (1.0, 1.65)):
        copied = unseen.histograms.histograms[name].copy()
        copied.view(flow=False)["value"][:, variation, x.edges[:-1] > edge] *= 1.5
        changed = replace(unseen.histograms, histograms={**unseen.histograms.histograms, name: copied})
        made = formulas.build(unseen.config, changed, points=POINTS[:1])
        nominal, varied = (rates(model_of(made, POINTS[0])[1], mu=0.0, tagging=value) for value in (0.0, 1.0))
        assert varied["barrel"][0] == pytest.approx(factor * nominal["barrel"][0], rel=1e-5)
        assert varied["forward"][0] == pytest.approx(1.1 * nominal["forward"][0], rel=1e-5)


def test_on_and_off_channels_are_a_valid_workspace(on_and_off, seen):
    workspace, model = model_of(on_and_off, SIX[0])
    assert model.config.channels == sorted(
        name for one in seen.config.regions for name in (one.name, f"{one.name}_sideband")
    )
    meta = on_and_off.patchset["patches"][0]["metadata"]
    background = {name: f"background_{name}" for name in meta["regions"]}
    found = rates(model, mu=0.0, **{background[name]: 3.0 for name in meta["regions"]})
    for name in meta["regions"]:
        assert found[name] == pytest.approx([3.0], rel=1e-9)
        assert found[f"{name}_sideband"] == pytest.approx([3.0 * meta["sideband_factor"][name]], rel=1e-7)
        assert workspace.observations[f"{name}_sideband"] == [meta["sideband_observed"][name]]
    raised = rates(model, mu=0.0, background_mixed=3.0, sideband_mixed=1.0)
    assert raised["mixed"] == pytest.approx([3.6], rel=1e-9)
    assert raised["mixed_sideband"] == found["mixed_sideband"]
    assert rates(model, mu=0.0, luminosity=1.0, background_mixed=3.0)["mixed"] == pytest.approx([3.0])


def test_background_alone_is_the_whole_plane(both, formulas, seen):
    for made in both:
        pyhf.Workspace(made.background_only)
        assert not any(s["name"] == "signal" for c in made.background_only["channels"] for s in c["samples"])
    channels = {one["name"]: one["samples"][0]["data"] for one in both[1].background_only["channels"]}
    assert channels["electrons"] == [1.0]
    assert channels["electrons_sideband"] == [4.0]
    inputs = formulas.inputs_of(seen.config, seen.histograms, seed=2)
    observations = {one["name"]: one["data"] for one in both[1].background_only["observations"]}
    assert observations["electrons"] == [inputs.regions[0].observed.sum()]


def test_pseudo_data_are_one_draw_of_the_plane(formulas, unseen):
    near = ((3.0, 1.5), (3.05, 1.5))
    made = formulas.build(unseen.config, unseen.histograms, points=near, pseudo_data_seed=5)
    inputs = formulas.inputs_of(unseen.config, unseen.histograms, seed=5)
    cells = inputs.regions[0].observed
    for point, patch in zip(plane_points(inputs.cells.grid, near), made.patchset["patches"], strict=True):
        window = hypothesis_cells(inputs, point).window
        assert patch["metadata"]["observed"]["barrel"] == (window.box(cells) * window.inside).sum()
        assert patch["metadata"]["data_kind"].startswith("pseudo-data")
    expected = inputs.regions[0].background.total
    assert cells.sum() == pytest.approx(expected.sum(), abs=4.0 * np.sqrt(expected.sum()))
    assert (inputs.regions[1].observed != cells).any()
    other = formulas.inputs_of(unseen.config, unseen.histograms, seed=6)
    assert (other.regions[0].observed != cells).any()
    assert made.patchset["metadata"]["pseudo_data"] == {"seed": 5}


def test_results_are_the_same_again_and_alone(formulas, unseen, windows):
    again = formulas.build(unseen.config, unseen.histograms, points=POINTS)
    assert patchset_text(again.patchset) == patchset_text(windows.patchset)
    assert json.dumps(again.background_only) == json.dumps(windows.background_only)
    alone = formulas.build(unseen.config, unseen.histograms, points=POINTS[1:])
    assert alone.patchset["patches"] == windows.patchset["patches"][1:]


def test_signal_and_background_are_linear_in_the_luminosity(formulas, unseen, windows):
    more = formulas.build(unseen.config, unseen.histograms, 30.0, points=POINTS)
    for one, other in zip(windows.patchset["patches"], more.patchset["patches"], strict=True):
        few, many = one["metadata"], other["metadata"]
        assert many["expected_signal_events"] == pytest.approx(3.0 * few["expected_signal_events"], rel=1e-7)
        assert many["background_events"]["barrel"] == pytest.approx(3.0 * few["background_events"]["barrel"], rel=1e-7)
        assert many["efficiency"] == few["efficiency"]
        assert many["effective_events"] == few["effective_events"]


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_injected_signal_is_found_by_the_fit(formulas, seen, strength):
    point, luminosity = SIX[0], 300.0
    injected = {"injected": (point, strength)} if strength else {}
    sideband = {"ratio": formulas.convention(4.0), "ratio_uncertainty": formulas.convention(0.01), "radius": 5.0}
    config = formulas.visible(sideband=sideband)
    made = formulas.build(config, seen.histograms, luminosity, points=[point], **injected)
    workspace, model = model_of(made, point)
    fitted = pyhf.infer.mle.fit(workspace.data(model), model)
    found = fitted[model.config.poi_index]
    meta = made.patchset["patches"][0]["metadata"]
    background = sum(meta["background_events"].values())
    error = np.sqrt(background + strength * meta["expected_signal_events"]) + 0.01 * background
    error /= meta["expected_signal_events"]
    assert error < 0.25
    assert found == pytest.approx(strength, abs=2.5 * error)
    if strength:
        assert made.patchset["metadata"]["pseudo_data"]["injected"] == {
            "dark_photon_mass_gev": 1.5, "dark_higgs_mass_gev": 5.8, "mu": 1.0,
        }  # fmt: skip


def test_regions_without_signal_are_removed(formulas, seen):
    def mostly(of_region, _):
        return {"electrons": 0.3, "mixed": 2e-5, "muons": 0.0}[of_region.name]

    made = formulas.build(seen.config, seen.histograms, points=SIX, branching=mostly)
    for point in SIX:
        _, model = model_of(made, point)
        assert model.config.channels == ["electrons", "electrons_sideband"]
        assert model.config.par_order.count("background_mixed") == 0


def test_points_without_signal_are_named(formulas, unseen):
    made = formulas.build(unseen.config, unseen.histograms, points=POINTS,
                          cross_section_fb=lambda a, h: 0.0 if a == 2.6 else formulas.cross_section(a, h))  # fmt: skip
    assert [one["metadata"]["name"] for one in made.patchset["patches"]] == ["mA_3000_mh_1500"]
    assert made.patchset["metadata"]["points_without_signal"] == ["mA_2600_mh_1500"]
    with pytest.raises(WorkspaceError, match="no hypothesis has a signal"):
        formulas.build(unseen.config, unseen.histograms, points=POINTS, branching=lambda *_: 0.0)


def test_all_hypotheses_of_the_plane_are_built(formulas, unseen):
    made = formulas.build(unseen.config, unseen.histograms)
    points = PlaneGrid(unseen.config.plane, formulas.SQRT_S).hypotheses
    assert [one["metadata"]["values"] for one in made.patchset["patches"]] == points.tolist()
    assert len(points) > 20
    pyhf.PatchSet(made.patchset)

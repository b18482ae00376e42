from __future__ import annotations

from dataclasses import replace

import hist
import numpy as np
import pytest

from darkreach.errors import WorkspaceError

POINT = (3.0, 1.5)


def changed(histograms, name, view):
    """Return the histograms with one of them copied and changed in place."""
    copied = histograms.histograms[name].copy()
    view(copied.view(flow=False))
    return replace(histograms, histograms={**histograms.histograms, name: copied})


def refusal(formulas, config, histograms, match, **options):
    with pytest.raises(WorkspaceError, match=match) as caught:
        formulas.build(config, histograms, **{"points": [POINT], **options})
    return caught.value


@pytest.mark.parametrize(("value", "problem"), [(np.nan, "not finite"), (-3.0, "negative")])
def test_bad_cell_is_named(formulas, unseen, value, problem):
    def spoil(view):
        view["value"][2, 5, 7] = value

    histograms = changed(unseen.histograms, "plane/forward", spoil)
    error = refusal(formulas, unseen.config, histograms, f"a cell is {problem}")
    assert "plane/forward, sample taus, x from 2.125 to 2.15, y from -1.6 to -1.4" in error.where


def test_negative_cell_that_its_group_outweighs_is_none(formulas, unseen):
    def lower(view):
        view["value"][1, 5, 7] *= -0.5

    histograms = changed(unseen.histograms, "plane/forward", lower)
    assert formulas.build(unseen.config, histograms, points=[POINT]).patchset["patches"]


def test_missing_histogram_and_sample(formulas, unseen):
    fewer = {name: one for name, one in unseen.histograms.histograms.items() if name != "signal_plane/forward"}
    refusal(formulas, unseen.config, replace(unseen.histograms, histograms=fewer), "'signal_plane/forward'")
    first = unseen.histograms.histograms["plane/barrel"]
    without = hist.Hist(hist.axis.StrCategory(["muons", "taus"], name="dataset"), *first.axes[1:],
                        storage=hist.storage.Weight())  # fmt: skip
    histograms = replace(unseen.histograms, histograms={**unseen.histograms.histograms, "plane/barrel": without})
    error = refusal(formulas, unseen.config, histograms, "no sample 'more_muons'")
    assert error.where == "histogram plane/barrel"


def test_other_cells_are_refused(formulas, unseen):
    x = unseen.config.plane.x.model_copy(update={"cell_widths": ((2.0, 0.05), (4.0, 0.05))})
    config = unseen.config.model_copy(update={"plane": unseen.config.plane.model_copy(update={"x": x})})
    error = refusal(formulas, config, unseen.histograms, "other cells than the configuration")
    assert error.where == "plane/barrel: axis x"


def test_variation_that_was_not_filled(formulas, unseen):
    name = "plane_variation/barrel"
    first = unseen.histograms.histograms[name]
    fewer = hist.axis.StrCategory(["nominal", "scale_up", "scale_down"], name="variation")
    without = hist.Hist(first.axes[0], fewer, *first.axes[2:], storage=hist.storage.Weight())
    histograms = replace(unseen.histograms, histograms={**unseen.histograms.histograms, name: without})
    assert refusal(formulas, unseen.config, histograms, "'tagging_up'").where == f"histogram {name}"


def test_data_that_are_no_counts(formulas):
    config = formulas.invisible()
    weighted = formulas.make_histograms(config, data=(lambda _, shape: np.full(shape, 0.5), 10.0))
    refusal(formulas, config, weighted, "the data are weighted", data_sample="data")
    refusal(formulas, config, weighted, "no data sample 'other'", data_sample="other")
    refusal(formulas, config, weighted, "luminosity is not that", data_sample="data", luminosity=11.0)
    refusal(formulas, config, weighted, "pseudo-data only", data_sample="data", injected=(POINT, 1.0))


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        ([], "no point"),
        ([POINT, POINT], "given twice"),
        ([(4.5, 1.0)], "outside its cells"),
        ([(3.0, 0.0)], "positive"),
    ],
)
def test_points(formulas, unseen, points, problem):
    refusal(formulas, unseen.config, unseen.histograms, problem, points=points)


def test_callables_are_checked(formulas, unseen):
    refusal(formulas, unseen.config, unseen.histograms, "no probability", branching=lambda *_: 1.5)

    def cross_section(dark_photon, dark_higgs):
        return np.nan if (dark_photon, dark_higgs) == POINT else formulas.cross_section(dark_photon, dark_higgs)

    refusal(formulas, unseen.config, unseen.histograms, "is no number", cross_section_fb=cross_section)


def test_settings_that_contradict_each_other(formulas, unseen, seen):
    refusal(formulas, formulas.visible(extraction="template"), seen.histograms, "templates take their background")
    groups = [{"name": "all", "samples": ["muons", "more_muons", "taus"], "rate": "fixed"}]
    transfer = [{**groups[0], "transfer": formulas.convention(0.1)}]
    refusal(formulas, formulas.invisible(groups=transfer), unseen.histograms, "no controls")
    free = [{**groups[0], "name": name, "rate": "floating"} for name in ("one", "two")]
    refusal(formulas, formulas.invisible(groups=free), unseen.histograms, "free background cannot be told")
    named = [{**groups[0], "name": "signal"}]
    refusal(formulas, formulas.invisible(groups=named), unseen.histograms, "its own name")
    for name in ("mu", "background_muons"):
        uncertain = formulas.invisible(signal_uncertainties={name: formulas.convention(0.1)})
        refusal(formulas, uncertain, unseen.histograms, "name of another parameter")

"""Pseudo-data drawn from the templates, with and without a signal in them."""

from __future__ import annotations

import numpy as np
import pyhf
import pytest

from darkreach.errors import WorkspaceError
from darkreach.fits import discovery_significance

MASSES = (0.5, 1.5, 3.0)


def counts(made):
    return {item["name"]: item["data"] for item in made.background_only["observations"]}


def expected(made):
    return {
        channel["name"]: np.sum([sample["data"] for sample in channel["samples"]], axis=0)
        for channel in made.background_only["channels"]
    }


def test_same_seed_same_bytes(build):
    first, again, other = build(MASSES), build(MASSES, pseudo_data_seed=2), build(MASSES, pseudo_data_seed=3)
    # two is the seed of the configuration
    assert first == again
    assert counts(first) != counts(other)
    assert expected(first).keys() == expected(other).keys()


def test_order_of_regions_does_not_matter(build, config):
    turned = config.model_copy(update={"regions": config.regions[::-1]})
    assert counts(build(MASSES, config=turned)) == counts(build(MASSES))


def test_a_region_alone_has_the_same_data(build, config):
    alone = config.model_copy(update={"regions": config.regions[2:]})
    everything = counts(build((3.0,)))
    for name, data in counts(build((3.0,), config=alone)).items():
        assert data == everything[name]


def test_counts_are_poisson_numbers_around_the_templates(build):
    made = [build((1.5,), pseudo_data_seed=seed) for seed in range(20)]
    for name, mean in expected(made[0]).items():
        data = np.array([counts(one)[name] for one in made])
        assert np.all(data == np.round(data))
        chi_square = np.sum((data - mean) ** 2 / mean)
        # of 160 numbers or more: five standard deviations
        assert abs(chi_square - data.size) < 5.0 * np.sqrt(2.0 * data.size + np.sum(1.0 / mean) * 20)
    together = np.array([[sum(counts(one)[f"{side}_00"]) for side in ("low_forward", "high_forward")] for one in made])
    assert abs(np.corrcoef(together.T)[0, 1]) < 0.75


def test_metadata_say_what_the_data_are(build):
    made = build((1.5,), injected=(1.0, 7.0), pseudo_data_seed=5)
    assert made.patchset["patches"][0]["metadata"]["data_kind"] == "pseudo-data drawn from the templates"
    assert made.patchset["metadata"]["pseudo_data"] == {"seed": 5, "injected": {"mass_gev": 1.0, "mu": 7.0}}
    assert "drawn from the templates" in made.patchset["metadata"]["description"]
    assert build((1.5,)).patchset["metadata"]["pseudo_data"] == {"seed": 2}


def test_an_injected_signal_is_found(hypothesis):
    injected = hypothesis(1.5, injected=(1.5, 20.0))
    found = discovery_significance(injected)
    assert found.significance > 5.0
    # the pull
    assert found.best_strength == pytest.approx(20.0, abs=3.0 * 20.0 / found.significance)
    assert discovery_significance(hypothesis(3.0, injected=(1.5, 20.0))).significance < 3.0
    assert discovery_significance(hypothesis(1.5)).significance < 3.0
    # pyhf fits the same; it is told where, for its optimizer takes long to get there
    workspace = pyhf.Workspace(injected.workspace)
    model = workspace.model()
    start = model.config.suggested_init()
    start[model.config.poi_index] = found.best_strength
    fixed = [name.startswith("staterror") or fix for name, fix in zip(
        model.config.par_names, model.config.suggested_fixed(), strict=True)]  # fmt: skip
    best = pyhf.infer.mle.fit(workspace.data(model), model, init_pars=start, fixed_params=fixed)
    assert best[model.config.poi_index] == pytest.approx(found.best_strength, rel=0.1)


def test_the_bound_has_room_for_what_was_injected(build):
    made = build((1.5,), injected=(1.5, 900.0))
    replaced = made.patchset["patches"][0]["patch"][-1]["value"]
    assert replaced[0]["bounds"] == [[0.0, 10000.0]]


def test_injection_is_in_all_regions_and_the_control(build):
    """The same random numbers with a hundred thousand times the events: what is added is the signal."""
    options = {"luminosity_inverse_fb": 1.0e6, "pseudo_data_seed": 9}
    plain, more = build((1.5,), **options), build((1.5,), injected=(1.5, 100.0), **options)
    added = {name: np.array(counts(more)[name]) - np.array(data) for name, data in counts(plain).items()}
    produced = 100.0 * 1.0e6 * 20.0 * (1.0 - 1.5**2 / 10.58**2) ** 2
    for region, share in (("low_forward", 0.3), ("low_backward", 0.7)):
        total = sum(values.sum() for name, values in added.items() if name.startswith(region))
        assert total == pytest.approx(produced * share * 0.13, rel=0.01)
    assert added["electron_muon"].sum() == pytest.approx(produced * 2.5e-3, rel=0.01)


def test_only_drawn_data_can_be_injected_into(build):
    with pytest.raises(WorkspaceError, match="drawn pseudo-data only"):
        build((1.5,), data_sample="muon_pair", injected=(1.0, 1.0))
    with pytest.raises(WorkspaceError, match="no region serves a mass of 5 GeV"):
        build((1.5,), injected=(5.0, 1.0))

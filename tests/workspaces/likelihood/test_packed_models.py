"""Packing: every field comes back, several models do not mix."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from darkreach.likelihood import compile_workspace, pack_models
from darkreach.likelihood.packed_models import unpack_model


def test_every_field_of_every_model_comes_back(all_modifiers: dict[str, Any]) -> None:
    other = copy.deepcopy(all_modifiers)
    other["channels"][0]["samples"][0]["data"] = [20.0, 50.0, 10.0]
    other["channels"][0]["samples"][1]["modifiers"] = []
    models = [compile_workspace(workspace).arrays for workspace in (all_modifiers, other, all_modifiers)]
    packed = pack_models(models)
    for index, model in enumerate(models):
        found = unpack_model(packed, index)
        for name in model._fields:
            np.testing.assert_array_equal(getattr(found, name), getattr(model, name), err_msg=name)

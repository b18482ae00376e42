from __future__ import annotations

import numpy as np

from darkreach.generators.decays import DecayTree


def test_particles_of_a_tree_keep_mothers_vertices_and_codes_of_each_event() -> None:
    random = np.random.default_rng(1)
    momentum, vertex = random.random((2, 4, 4)), random.random((2, 4, 3))
    pdg = np.array([[521, 321, 9000035, 521], [-521, -321, 9000035, -521]])
    radiated = np.array([[0.0, 0.0, 0.0, 0.0], [0.3, 0.0, 0.0, 0.3]])
    events = DecayTree(pdg, (-1, 0, 0, -1), momentum, vertex).particles(np.array([2.0, 3.0]), radiated)
    assert events.counts.tolist() == [4, 5]
    assert events.pdg.tolist() == [521, 321, 9000035, 521, -521, -321, 9000035, -521, 22]
    assert events.mother.tolist() == [-1, 0, 0, -1, -1, 0, 0, -1, -1]
    assert events.final.tolist() == [False, True, True, True, False, True, True, True, True]
    np.testing.assert_array_equal(events.momentum[4:8], momentum[1])
    np.testing.assert_array_equal(events.momentum[8], radiated[1])
    np.testing.assert_array_equal(events.vertex[:4], vertex[0])
    assert events.vertex[8].tolist() == [0.0, 0.0, 0.0]
    assert events.weight_fb.tolist() == [2.0, 3.0]

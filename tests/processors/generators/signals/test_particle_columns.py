from __future__ import annotations

import numpy as np

from darkreach.generators.signals.particle_columns import ParticleColumns


def test_mothers_are_places_among_the_particles_that_are_there() -> None:
    n = 4
    present = np.array([True, False, True, False])
    columns = ParticleColumns(n)
    first = columns.add(11, np.full((n, 4), 1.0), present=present)
    boson = columns.add(23, np.full((n, 4), 2.0), final=np.array([False, False, True, True]))
    columns.add(
        np.array([13, 11, 0, 0]), np.full((n, 4), 3.0), mother=boson, present=np.array([1, 1, 0, 0], dtype=bool)
    )
    columns.add(-11, np.full((n, 4), 4.0), mother=first, vertex=np.full((n, 3), 7.0), present=present)
    columns.add_radiated(np.array([[1.0, 0, 0, 1.0], [0, 0, 0, 0], [0, 0, 0, 0], [2.0, 0, 0, 2.0]]))
    particles = columns.particles(np.arange(4.0))
    assert particles.counts.tolist() == [5, 2, 3, 2]
    assert particles.pdg.tolist() == [11, 23, 13, -11, 22, 23, 11, 11, 23, -11, 23, 22]
    assert particles.mother.tolist() == [-1, -1, 1, 0, -1, -1, 0, -1, -1, 0, -1, -1]
    assert particles.final.tolist() == [True, False, True, True, True, False, True, True, True, True, True, True]
    assert particles.vertex[3].tolist() == [7.0, 7.0, 7.0]
    assert particles.weight_fb.tolist() == [0.0, 1.0, 2.0, 3.0]

"""The octree and its tetrahedra by themselves: balanced, filling, conforming, as fine as asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmscape.errors import MeshError
from ohmscape.mesh import octree as module
from ohmscape.mesh.octree import octree
from ohmscape.mesh.tetrahedra import boundary, lattice, quadratic

ROOTS, SIZE = np.array([2, 1, 1]), 32


def _tree(seed, growth, points=4):
    rng = np.random.default_rng(seed)
    law = np.column_stack([
        rng.uniform(0, ROOTS * SIZE, (points, 3)),
        rng.uniform(1.0, 6.0, points),
        np.full(points, growth),
        np.full(points, 100.0),
    ])  # fmt: skip
    return octree(ROOTS, SIZE, law), law


@given(st.integers(0, 1000), st.floats(0.8, 20.0))
@settings(max_examples=10, deadline=None)
def test_cubes_fill_the_box_and_are_balanced_across_edges(seed, growth):
    tree, law = _tree(seed, growth)
    assert (tree.size**3).sum() == ROOTS.prod() * SIZE**3
    low, high = tree.low, tree.low + tree.size[:, None]
    gap = np.maximum(low[:, None] - high, low - high[:, None])  # 0 where they touch
    touching = (gap <= 0).all(axis=2) & ((gap == 0).sum(axis=2) <= 2)
    ratio = tree.size[:, None] / tree.size
    assert ratio[touching].max() <= 2.0
    away = np.maximum(np.maximum(low[:, None] - law[:, :3], law[:, :3] - high[:, None]), 0.0)
    r = np.linalg.norm(away, axis=2)
    allowed = (law[:, 3] + law[:, 4] * r * (1.0 + r / law[:, 5])).min(axis=1)
    assert (tree.size <= np.maximum(allowed, 2.0)).all()
    assert np.array_equal(tree.find(tree.middles()), np.arange(len(tree.low)))
    assert (tree.find(np.array([[-1, 0, 0], [64, 0, 0], [0, 32, 0]])) == -1).all()


@given(st.integers(0, 1000), st.floats(0.8, 20.0))
@settings(max_examples=10, deadline=None)
def test_tetrahedra_fill_the_box_and_share_their_faces(seed, growth):
    tree, _ = _tree(seed, growth)
    places, corners = lattice(tree)
    assert len(np.unique(places, axis=0)) == len(places)
    p = places[corners].astype(float)
    volume = np.linalg.det(p[:, 1:] - p[:, :1]) / 6.0
    assert (volume > 0).all()
    np.testing.assert_allclose(volume.sum(), ROOTS.prod() * SIZE**3, rtol=1e-12)
    nodes, cells = quadratic(places.astype(float), corners)
    faces, owner = boundary(cells)
    assert (cells[owner][:, None] == faces[:, :, None]).any(axis=2).all()
    q = nodes[faces[:, :3]]
    area = np.linalg.norm(np.cross(q[:, 1] - q[:, 0], q[:, 2] - q[:, 0]), axis=1) / 2.0
    np.testing.assert_allclose(area.sum(), 10.0 * SIZE**2, rtol=1e-12)  # no inner face is alone


def test_too_many_cubes_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_CUBES", 50)
    with pytest.raises(MeshError, match=r"more than 50 cells.*join electrodes"):
        _tree(0, 0.3)

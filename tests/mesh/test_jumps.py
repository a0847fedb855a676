"""Cells do not straddle a jump after cutting; nothing else about the mesh changes."""

import numpy as np
import pytest

from ohmscape.mesh.box import BoxOptions, box_mesh
from ohmscape.mesh.jumps import cut_at_jumps
from tests.support.volumes import areas, face_counts, grid, on_ground

ELECTRODES = np.concatenate([on_ground(grid(3, 3)), [[0.4, 1.3, -0.8]]])


def layer(p):
    return np.where(p[:, 2] > -0.63, 100.0, 10.0)


def contact(p):
    return np.where(p[:, 0] + 0.2 * p[:, 1] > 0.77, 100.0, 1.0)


def sphere(p):
    return np.where(np.linalg.norm(p - [1.0, 1.0, -1.3], axis=1) < 0.9, 1.0, 50.0)


def thin(p):
    return np.where(np.abs(p[:, 2] + 1.1) < 0.12, 1.0, 50.0)


GROUNDS = {"layer": layer, "contact": contact, "sphere": sphere, "thin layer": thin}


@pytest.fixture(scope="module")
def box():
    return box_mesh(ELECTRODES, options=BoxOptions(2.0, 0.7))


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
def test_cutting(box, ground):
    mesh = cut_at_jumps(box, ground)
    assert len(mesh) > len(box)
    volume = mesh.volumes()
    assert volume.min() > 0
    np.testing.assert_allclose(volume.sum(), box.volumes().sum(), rtol=1e-12)
    _, counts = face_counts(mesh)
    assert counts.max() == 2
    assert (counts == 1).sum() == len(mesh.surface_faces) + len(mesh.outer_faces)
    for faces in ("surface_faces", "outer_faces"):
        both = (np.abs(areas(m, getattr(m, faces))).sum(axis=0) for m in (mesh, box))
        np.testing.assert_allclose(*both, rtol=1e-10)
    np.testing.assert_allclose(mesh.nodes[mesh.electrode_nodes], ELECTRODES, atol=1e-12)
    held = (mesh.cells[mesh.outer_cells][:, :, None] == mesh.outer_faces[:, None]).any(axis=1)
    assert held.all()


@pytest.mark.parametrize("name", ["layer", "contact"])
def test_cells_are_on_one_side(box, name):
    ground = GROUNDS[name]
    mixed = []
    for mesh in (box, cut_at_jumps(box, ground)):
        share = np.random.default_rng(0).dirichlet(np.ones(4), 20)
        places = np.einsum("qi,cia->cqa", share, mesh.corners())
        one = ground(places.reshape(-1, 3)).reshape(len(mesh), 20)
        minority = np.minimum((one == one.min()).mean(axis=1), (one > one.min()).mean(axis=1))
        mixed.append(float((minority * mesh.volumes()).sum()))
    assert mixed[1] < 0.1 * mixed[0]


def test_a_smooth_ground_is_left_alone(box):
    assert cut_at_jumps(box, lambda p: np.exp(0.3 * p[:, 0] + p[:, 2] / 7.0)) is box

"""Layouts of electrodes in three dimensions, and what a mesh of tetrahedra is judged by."""

import numpy as np

from ohmscape.mesh.volume import EDGES, FACES

OPPOSITE = ((2, 3), (0, 3), (1, 3), (1, 2), (0, 2), (0, 1))  # corners off each of EDGES


def on_ground(xy):
    return np.column_stack([xy, np.zeros(len(xy))])


def grid(nx, ny, spacing=1.0):
    return np.stack(np.meshgrid(np.arange(nx), np.arange(ny)), -1).reshape(-1, 2) * spacing


def borehole(x, y, depths):
    return np.column_stack([np.full(len(depths), x), np.full(len(depths), y), -np.abs(depths)])


def layouts():
    """Return name and electrodes of awkward layouts."""
    rng = np.random.default_rng(1)
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    cluster = np.concatenate([rng.uniform(0, 50, (40, 2)), 25 + rng.uniform(-0.5, 0.5, (20, 2))])
    holes = [borehole(x, y, 0.8 * np.arange(1, 11)) for x, y in ((0, 0), (5, 0), (0.2, 5), (5, 5))]
    return {
        "grid": on_ground(grid(6, 6)),
        "turned grid far from 0": on_ground(grid(6, 6) @ turn + [400_000.3, 5_700_000.7]),
        "line": on_ground(grid(24, 1, 5.0)),
        "lines": on_ground(grid(24, 3) * [1.0, 6.0]),
        "random": on_ground(rng.uniform(0, 50, (60, 2))),
        "cluster": on_ground(cluster),
        "boreholes": np.concatenate(holes),
        "boreholes and ground": np.concatenate([*holes[:2], on_ground(grid(5, 5) + 0.5)]),
        "two": on_ground(np.array([[0.0, 0.0], [1.0, 0.0]])),
        "shallow": np.concatenate([on_ground(grid(4, 1)), [[1.5, 0.3, -0.05]]]),
    }


def volumes(mesh):
    """Return the volumes of straight cells."""
    corners = mesh.corners()
    return np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0


def dihedral(mesh):
    """Return the smallest and the greatest angle in degrees between two faces of each cell."""
    p = mesh.corners()
    angles = []
    for (i, j), (k, m) in zip(EDGES, OPPOSITE, strict=True):
        edge = p[:, j] - p[:, i]
        edge /= np.linalg.norm(edge, axis=1)[:, None]
        a, b = p[:, k] - p[:, i], p[:, m] - p[:, i]
        a, b = (v - (v * edge).sum(axis=1)[:, None] * edge for v in (a, b))
        cos = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        angles.append(np.degrees(np.arccos(np.clip(cos, -1.0, 1.0))))
    return np.min(angles, axis=0), np.max(angles, axis=0)


def face_counts(mesh):
    """Return how many cells have each face, by its six nodes."""
    faces = np.sort(mesh.cells[:, FACES].reshape(-1, 6), axis=1)
    return np.unique(faces, axis=0, return_counts=True)


def areas(mesh, faces):
    """Return the outward area vectors of straight faces."""
    p = mesh.nodes[faces[:, :3]]
    return np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]) / 2.0

"""Cuts through a body: the colours are those of the cells that are cut."""

import numpy as np
import pytest

import ohmscape.viz.style as style
from ohmscape.mesh.box import box_mesh
from ohmscape.viz.slices import Body, slices_figure

GRID = np.stack(np.meshgrid(np.arange(5.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
ELECTRODES = np.column_stack([GRID, np.zeros(len(GRID))])
MESH = box_mesh(ELECTRODES)


def body(investigation=0.0):
    x = MESH.centres()[:, 0]
    return Body(
        MESH, np.where(x < 2.0, 10.0, 1000.0), np.full(len(MESH), investigation), ELECTRODES,
        lambda xy: np.zeros(len(xy)), 3.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def figure():
    return slices_figure(body(), title="two halves")


def images(figure):
    return [axes.images[0].get_array() for axes in figure.axes if axes.images]


def test_six_maps_and_two_sections(figure):
    assert len(images(figure)) == 8
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.images]
    depths = [float(t.split()[0]) for t in titles[:6]]
    assert depths == sorted(depths)
    assert 0 < depths[0] < depths[-1] < 3.0
    assert titles[6].startswith("section at y")


def test_left_and_right_have_their_colours(figure):
    for image in images(figure)[:7]:
        row = image[len(image) // 3]
        dark, light = row[row.shape[0] // 6], row[-row.shape[0] // 6]
        assert dark[:3].sum() < light[:3].sum()
        assert dark[3] == light[3] == 1.0


def test_unknown_ground_is_pale():
    clear, pale = (images(slices_figure(body(i)))[0].mean() for i in (0.0, 1.0))
    assert pale > clear + 0.1


def test_it_can_be_saved(figure):
    assert style.png(figure).startswith(b"\x89PNG")

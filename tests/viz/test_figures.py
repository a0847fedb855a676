"""Figures hold what they should, and are pictures of a sane size; not what each pixel is."""

import struct
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

import ohmscape
from ohmscape.viz import convergence_figure, png, pseudosection_figure, section_figure, style
from ohmscape.viz.outlines import areas, polygons
from ohmscape.viz.section import Known
from ohmscape.viz.window import window_of
from tests.support.results import boreholes, hill, lake

RESULTS = pytest.mark.parametrize("make", [hill, boreholes, lake])


def texts(figure):
    """Return all words of a figure."""
    found = [t.get_text() for t in figure.texts]
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel(), *(t.get_text() for t in axes.texts)]
    return " | ".join(found)


@RESULTS
@pytest.mark.parametrize("draw", [section_figure, pseudosection_figure, convergence_figure])
def test_is_a_picture_of_sane_size(make, draw):
    picture = png(draw(make()))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert 600 < width < 2200
    assert 300 < height < 1900
    assert 5_000 < len(picture) < 1_500_000


@pytest.mark.parametrize("draw", [section_figure, pseudosection_figure, convergence_figure])
def test_same_result_same_bytes(draw):
    assert png(draw(hill())) == png(draw(hill()))


@RESULTS
def test_section_says_what_it_is(make):
    result = make()
    words = texts(section_figure(result, title="heap.dat"))
    for part in ("heap.dat", f"{result.chi2:.2f}", "rrms", "of", "elevation z (m)", "(m)",
                 "resistivity (Ω m)", "depth of investigation"):  # fmt: skip
        assert part in words


@RESULTS
def test_section_is_drawn_in_true_aspect_within_its_window(make):
    result = make()
    axes = section_figure(result).axes[0]
    window = window_of(result)
    assert axes.get_aspect() == 1.0
    assert axes.get_xlim() == pytest.approx((window.low[0], window.high[0]))
    assert axes.get_ylim() == pytest.approx((window.low[1], window.high[1]))
    (cells,) = [
        c for c in axes.collections if isinstance(c, PolyCollection) and len(c.get_paths()) > 50
    ]
    assert len(cells.get_paths()) == window.cells.sum()


def test_electrodes_stand_where_they_are():
    result = hill()
    places = result.prepared.setting.places
    lines = [line for line in section_figure(result).axes[0].lines if line.get_marker() == "v"]
    np.testing.assert_allclose(lines[0].get_xydata(), places)


def test_water_is_named_and_not_on_the_colour_scale():
    result = lake()
    figure = section_figure(result)
    assert "water, 25 Ω m" in texts(figure)
    low, high = figure.axes[1].get_xlim()
    assert low > 25.0, "the scale is for the ground"
    assert low < 100.0 < high


def test_a_place_that_the_data_do_not_see_is_paler(monkeypatch):
    result = hill()

    def colours():
        axes = section_figure(result).axes[0]
        cells = next(c for c in axes.collections if isinstance(c, PolyCollection))
        return cells.get_facecolors()[:, :3]

    drawn = colours()
    monkeypatch.setattr("ohmscape.viz.section.PALEST", 0.0)
    whiter = (drawn - colours()).sum(axis=1)
    index = result.parameters.to_cells(result.depth_of_investigation, 0.0)[window_of(result).cells]
    assert (whiter[index > 0.3] > 0.1).all()
    assert (whiter[index <= 0.2] == 0.0).all()


def test_known_outlines_are_drawn():
    known = Known(
        np.array([[10.0, -2.0], [14.0, -2.0], [12.0, -4.0]]), closed=True, label="the cave"
    )
    assert "the cave" in texts(section_figure(hill(), known=(known,)))


def test_pseudosection_shows_each_used_reading_three_times():
    result = hill()
    figure = pseudosection_figure(result)
    panels = [axes for axes in figure.axes if axes.get_ylabel() == "pseudo-depth (m)"]
    assert [axes.texts[0].get_text() for axes in panels] == ["measured", "predicted", "misfit"]
    for axes in panels:
        assert sum(len(c.get_offsets()) for c in axes.collections) == result.prepared.used.sum()


def test_over_boreholes_it_is_drawn_by_number_and_electrode():
    words = texts(pseudosection_figure(boreholes()))
    assert "number of the reading" in words
    assert "electrode, " in words


def test_a_long_thin_section_is_exaggerated_and_says_so():
    x = np.arange(150) * 10.0
    abmn = np.stack([np.arange(147) + k for k in (0, 3, 1, 2)], axis=1)
    survey = ohmscape.Survey(ohmscape.Electrodes(np.column_stack([x, 0 * x])), abmn)
    data = ohmscape.simulate(survey, 100.0, noise="3%", seed=1)
    figure = section_figure(ohmscape.invert(data, check=False))
    assert figure.axes[0].get_aspect() > 1
    assert "times exaggerated" in texts(figure)


@pytest.mark.parametrize("name", ["a$b$c^{.dat", "x" * 300, "雪\x1b[31m\n.dat", "\udcff.dat"])
def test_hostile_names_are_drawn(name):
    png(section_figure(hill(), title=name))


@pytest.mark.parametrize(("low", "high"), [
    (8.0, 1200.0), (90.0, 210.0), (99.0, 101.0), (1e-3, 1e6), (1.0, 2.0), (3e-12, 1e9),
    (17.0, 19.0),
])  # fmt: skip
def test_ticks_are_few_and_round(low, high):
    ticks = style.round_ticks(low, high)
    assert 3 <= len(ticks) <= 10
    assert all(low * 0.999 <= t <= high * 1.001 for t in ticks)
    assert all(float(f"{t:.3g}") == t for t in ticks)


def test_scale_of_a_homogeneous_ground_does_not_blow_up_noise():
    low, high = style.limits(style.log_scale(np.array([99.0, 100.0, 101.0])))
    assert high / low >= 1.9


@RESULTS
def test_polygons_cover_the_ground_without_gaps(make):
    """Their areas add up to that between the ground (or water) and the bottom of the mesh."""
    result = make()
    mesh, setting = result.parameters.mesh, result.prepared.setting
    corners, count = polygons(mesh)
    area = areas(mesh.nodes[corners])
    assert (area > 0).all()
    assert set(np.unique(count)) <= {3, 4, 5}
    low, high = mesh.nodes.min(axis=0), mesh.nodes.max(axis=0)
    x = np.linspace(low[0], high[0], 2_000_001)
    top = np.interp(x, *setting.line.surface.T)
    if setting.water is not None:
        top = np.maximum(top, setting.water.level)
    assert area.sum() == pytest.approx(np.trapezoid(top - low[1], x), rel=1e-8)


def test_a_transition_has_its_kink_where_the_cells_above_have_a_corner():
    corners, count = polygons(hill().parameters.mesh)
    kinks = corners[count == 5, 3]
    assert len(kinks)
    assert np.isin(kinks, corners[:, [0, 1]]).all()


def test_nothing_but_viz_loads_matplotlib():
    code = (
        "import sys, ohmscape, ohmscape.workflow, ohmscape.cli.main, ohmscape.workflow.inversion\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import ohmscape.viz\nassert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

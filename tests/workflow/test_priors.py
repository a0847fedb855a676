"""Boreholes and interfaces: on the line, in the inversion, in the figure."""

import json
from functools import cache

import numpy as np
import pytest
from typer.testing import CliRunner

import ohmscape
from ohmscape.arrays.designs import dipole_dipole
from ohmscape.cli.main import app
from ohmscape.core import Data, Electrodes, Survey
from ohmscape.errors import InversionError, SurveyError
from ohmscape.formats import read, write_bert
from ohmscape.inversion.logs import Log, log_reference
from ohmscape.viz import section_figure
from ohmscape.workflow.priors import priors

FAR = 1e4
N, STEP = 30, 2.0


def earth(p):
    return np.where(p[:, 2] > -3.0, 100.0, np.where(p[:, 2] > -5.0, 10.0, 300.0))


@cache
def line():
    x = STEP * np.arange(N)
    survey = Survey(Electrodes(np.column_stack([x, 0 * x])), dipole_dipole(N, 8, (1, 2, 3)))
    layers = [np.array([[-FAR, z], [FAR, z]]) for z in (-3.0, -5.0)]
    return ohmscape.simulate(survey, earth, layers, noise="3%", seed=3)


def tables(tmp_path, x=30.0, y=""):
    header = "hole,x,y,z" if y else "hole,x,z"
    place = f"{x},{y},0" if y else f"{x},0"
    (tmp_path / "wells.csv").write_text(f"{header}\nB1,{place}\n")
    (tmp_path / "wells.intervals.csv").write_text(
        "hole,from,to,lithology,resistivity\nB1,0,3,sand,100\nB1,3,5,clay,10\nB1,5,9,rock,300\n"
    )
    (tmp_path / "top.csv").write_text("x,z,name\n0,-5,rock head\n58,-5,rock head\n")
    return tmp_path / "wells.csv", tmp_path / "top.csv"


def test_a_log_mends_what_readings_cannot_tell_apart(tmp_path):
    wells, _ = tables(tmp_path)
    told = priors(line(), wells)
    plain, logged = (ohmscape.invert(line(), check=False, **o) for o in ({}, told.options))
    centres = plain.parameters.centres
    near = (np.abs(centres[:, 0] - 30.0) < 5.0) & (centres[:, 1] > -8.5)
    true = np.log(earth(np.insert(centres, 1, 0.0, axis=1)))
    error = [np.sqrt(np.mean((np.log(r.resistivity) - true)[near] ** 2)) for r in (plain, logged)]
    assert error[1] < 0.6 * error[0]
    far = np.abs(centres[:, 0] - 30.0) > 22.0
    change = np.abs(np.log(logged.resistivity / plain.resistivity))[far]
    assert np.median(change) < 0.1, "far from the hole nothing is known"
    assert 0.9 < logged.chi2 < 1.1


def test_the_reference_is_the_logs_in_the_hole_and_fades():
    log = Log(np.array([[0.0, -1.0], [0.0, -2.0]]), np.array([10.0, 1000.0]), reach=4.0)
    at = np.array([[0.0, -1.0], [0.0, -2.0], [4.0, -1.0], [100.0, -1.0], [0.0, -9.0]])
    reference, closeness = log_reference((log,), at, 1.0, 100.0)
    np.testing.assert_allclose(np.exp(reference[[0, 1, 3, 4]]), [10.0, 1000.0, 100.0, 100.0])
    w = np.exp(-1.0)
    np.testing.assert_allclose(reference[2], w * np.log(10.0) + (1 - w) * np.log(100.0))
    np.testing.assert_allclose(closeness, [1.0, 1.0, w, 0.0, 0.0])
    two = (log, Log(log.places, np.array([1000.0, 1000.0]), reach=4.0))
    np.testing.assert_allclose(np.exp(log_reference(two, at[:1], 1.0, 7.0)[0]), [100.0])


def test_logs_that_make_no_sense():
    with pytest.raises(InversionError, match="not above 0"):
        Log(np.zeros((1, 2)), np.array([0.0]))
    with pytest.raises(InversionError, match="one resistivity for each place"):
        Log(np.zeros((2, 2)), np.ones(1))
    with pytest.raises(InversionError, match="give one of both"):
        ohmscape.InversionOptions(logs=(Log(np.zeros((1, 2)), np.ones(1)),), reference=10.0)


def test_holes_on_the_map_are_drawn_onto_the_line(tmp_path):
    wells, _ = tables(tmp_path, x=530.0, y="704.0")
    x = STEP * np.arange(N)
    places = np.column_stack([500.0 + 0.6 * x, 664.0 + 0.8 * x, 0 * x])
    data = Data(Survey(Electrodes(places), line().survey.abmn), line().resistance)
    (hole,) = priors(data, wells).holes
    np.testing.assert_allclose(hole.pieces[0].places[0], [50.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(hole.pieces[-1].places[-1], [50.0, -9.0], atol=1e-6)
    wells, _ = tables(tmp_path, x=560.0, y="664.0")
    with pytest.raises(SurveyError, match="no borehole lies near the line"):
        priors(data, wells)


def test_interfaces_go_on_beyond_the_line_and_part_the_ground(tmp_path):
    _, top = tables(tmp_path)
    told = priors(line(), None, top)
    (through,) = told.options["interfaces"]
    assert through[0, 0] < -1000.0
    assert through[-1, 0] > 1000.0
    result = ohmscape.invert(line(), check=False, **told.options)
    assert len(np.unique(result.parameters.mesh.region)) == 2
    top.write_text("x,z\n20,-5\n40,-5\n")
    assert "ends inside the line" in priors(line(), None, top).notes[0]


def test_figure_shows_holes_and_their_rocks(tmp_path):
    wells, _ = tables(tmp_path)
    told = priors(line(), wells)
    result = ohmscape.invert(line(), check=False, max_iterations=1)
    axes = section_figure(result, holes=told.holes).axes[0]
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["sand", "clay", "rock"]
    assert "B1" in [t.get_text() for t in axes.texts]
    strips = [p.get_xy() for p in axes.patches if p.get_zorder() == 4]
    assert len(strips) == 3
    np.testing.assert_allclose([s[:, 1].max() for s in strips], [0.0, -3.0, -5.0], atol=1e-9)
    np.testing.assert_allclose([s[:, 0].mean() for s in strips], 30.0, atol=0.5)


def test_command_inverts_with_both_and_says_how_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tables(tmp_path)
    write_bert(line(), tmp_path / "line.ohm")
    words = [
        "invert",
        "line.ohm",
        "-o",
        "out",
        "--boreholes",
        "wells.csv",
        "--interfaces",
        "top.csv",
    ]
    done = CliRunner().invoke(app, [*words, "--json", "-q"])
    assert done.exit_code == 0, done.output
    record = json.loads((tmp_path / "out" / "result.json").read_text())
    assert record["options"]["boreholes"] == "wells.csv"
    assert "--boreholes wells.csv --interfaces top.csv" in record["reproduce"]["command"]
    left = {}
    exec(record["reproduce"]["python"], left)
    assert left["result"].chi2 == pytest.approx(record["inversion"]["chi2"], rel=1e-6)
    assert len(read(tmp_path / "line.ohm")) == len(line())

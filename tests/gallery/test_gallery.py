"""Each script of the gallery runs as it stands, and the number that it prints is right."""

import runpy
from pathlib import Path

import pytest

GALLERY = Path(__file__).parents[2] / "gallery"


def _between(low, high):
    return lambda value: low < float(value) < high


#: script -> variable it leaves -> what must hold for it
EXPECTED = {
    "blocky_or_smooth": {"smooth_width": _between(1.2, 4.0), "blocky_width": _between(0.0, 1.1)},
    "boreholes": {"inside": _between(10.0, 90.0), "outside": _between(130.0, 170.0)},
    "depth_of_investigation": {
        "np.median(difference)": _between(0.0, 0.1),
        "same_side": _between(0.8, 1.01),
    },
    "errors_from_reciprocals": {
        "model.relative": _between(0.018, 0.022),
        "model.resistance_floor": _between(0.8e-3, 1.2e-3),
    },
    "invert_a_line": {
        "in_clay": _between(8.0, 20.0),
        "in_cave": _between(250.0, 1500.0),
        "between": _between(85.0, 120.0),
    },
    "known_region": {"found_blind": _between(100.0, 2000.0), "found_told": _between(10.0, 60.0)},
    "lambda_by_hand": {
        "guess / exact.chi2": _between(0.85, 1.15),  # of the largest lambda
        "fewer.chi2": _between(0.9, 1.1),
    },
    "layer_against_closed_form": {"error.max()": _between(0.0, 0.5), "covered": _between(90, 101)},
    "topography": {"by_flat_factor.min()": _between(0.0, 50.0), "artefact": _between(0.0, 5.0)},
    "under_water": {"with_water": _between(1.0, 1.25), "without_water": _between(1.5, 3.0)},
}


def test_every_script_is_checked():
    assert {path.stem for path in GALLERY.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_script(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    left = runpy.run_path(str(GALLERY / f"{name}.py"), run_name="__main__")
    for expression, holds in EXPECTED[name].items():
        value = eval(expression, {}, left)
        assert holds(value), f"{expression} is {value}"
    lines = capsys.readouterr().out.splitlines()
    assert 2 <= len(lines) <= 6, "one or two numbers, and the way to them"
    result = left.get("result")
    if result is not None:
        assert 0.9 < result.chi2 < 1.1
        assert result.check is None or abs(result.check.chi2 / result.chi2 - 1) < 0.1
    if "png(" in (GALLERY / f"{name}.py").read_text():
        assert all(p.read_bytes().startswith(b"\x89PNG") for p in tmp_path.glob("*.png"))
        assert any(tmp_path.glob(f"{name}*.png"))

"""PROJ against published coordinates, and what is refused."""

import numpy as np
import pytest

from ohmscape.errors import SurveyError
from ohmscape.joining.coordinates import GPS, check_projected, transformed, utm_for


def degrees(d, m=0.0, s=0.0):
    return d + m / 60.0 + s / 3600.0


@pytest.mark.parametrize(("source", "target", "place", "expected", "within"), [
    # IOGP guidance note 7-2, Transverse Mercator
    ("EPSG:4277", "EPSG:27700", (0.5, 50.5), (577_274.99, 69_740.50), 0.01),
    # Ordnance Survey, A guide to coordinate systems in Great Britain, annex C
    ("EPSG:4277", "EPSG:27700", (degrees(1, 43, 4.5177), degrees(52, 39, 27.2531)),
     (651_409.903, 313_177.270), 0.002),
    # IOGP guidance note 7-2, Lambert conic conformal (2SP), in US survey feet
    ("EPSG:4267", "EPSG:32040", (-96.0, 28.5), (2_963_503.91, 254_759.80), 0.02),
])  # fmt: skip
def test_published_coordinates(source, target, place, expected, within):
    found = transformed(np.array([[*place, 12.5]]), source, target)
    np.testing.assert_allclose(found.points[0, :2], expected, atol=within)
    assert found.points[0, 2] == 12.5, "a height passes a system without heights unchanged"


def test_gps_to_utm_and_back():
    there = np.array([[9.93, 51.53, 200.0], [9.95, 51.50, 210.0]])
    utm = transformed(there, GPS, "EPSG:32632")
    assert utm.accuracy == 0.0
    np.testing.assert_allclose(transformed(utm.points, "EPSG:32632", GPS).points, there, rtol=1e-10)
    np.testing.assert_allclose(utm.points[:, 2], there[:, 2])


def test_a_geoid_that_is_not_installed_is_said():
    found = transformed(np.array([[9.93, 51.53, 200.0]]), GPS, "EPSG:25832+7837")
    if found.points[0, 2] == 200.0:
        assert "not reduced to the geoid" in found.note
    else:
        assert found.points[0, 2] == pytest.approx(200.0 - 46.0, abs=2.0)


@pytest.mark.parametrize(("place", "zone"), [
    ((9.93, 51.53), "EPSG:32632"), ((-70.6, -33.4), "EPSG:32719"), ((180.0, 10.0), "EPSG:32660"),
    ((-180.0, 10.0), "EPSG:32601"),
])  # fmt: skip
def test_zones(place, zone):
    assert utm_for(*place) == zone


def test_what_is_refused():
    with pytest.raises(SurveyError, match=r"not within UTM.*order of the columns"):
        utm_for(51.5, 99.0)
    with pytest.raises(SurveyError, match="no system of coordinates"):
        transformed(np.zeros((1, 3)), "EPSG:4326", "EPSG:0")
    with pytest.raises(SurveyError, match="lie outside of EPSG:32632"):
        transformed(np.array([[9.0, 510.0, 0.0]]), GPS, "EPSG:32632")
    with pytest.raises(SurveyError, match="is in degree"):
        check_projected("EPSG:4326")
    with pytest.raises(SurveyError, match="is in US survey foot"):
        check_projected("EPSG:32040")
    check_projected("EPSG:25832")

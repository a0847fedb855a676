"""What ABEM's instruments share: the names of their array codes, which are not Res2DInv's."""

CODES = {
    -1: "untitled", 0: "resistance", 1: "Wenner alpha", 2: "Wenner beta", 3: "Wenner gamma",
    4: "pole-pole", 5: "dipole-dipole", 6: "pole-dipole", 7: "square alpha", 8: "square beta",
    9: "square gamma", 10: "Schlumberger", 11: "general surface array", 12: "tomography",
    13: "equatorial dipole-dipole", 14: "potential", 15: "multiple gradient",
}  # fmt: skip
TOMOGRAPHY = 12  #: electrodes are numbers, not places


def array_name(code: int) -> str:
    """Return the name of an array by ABEM's numbering."""
    return CODES.get(code, f"unknown array {code}")

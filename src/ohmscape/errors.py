"""The errors of Ohmscape, in one tree.

::

    OhmscapeError
    ├── FormatError       a file that no reader can turn into data
    ├── SurveyError       electrodes or four-point readings that physics cannot use
    ├── MeshError         ground, interfaces or regions that cannot be meshed
    ├── SimulationError   a forward calculation that cannot be trusted
    ├── InversionError    an inversion that cannot start or whose Jacobian is broken
    └── CentreError       a data centre that cannot do what is asked
        └── DamageError   an object or a record that is not what was written

Each says what is wrong, where, and how to mend it. Not converging is no error: it is a
`StopReason` of the result.
"""


class OhmscapeError(Exception):
    """What is wrong, where, and how to mend it, in one sentence.

    Parameters
    ----------
    what : str
        What is wrong.
    where : str, optional
        File, line, row or name of the place.
    mend : str, optional
        What the user can do about it.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        sentence = what if not where else f"{where}: {what}"
        super().__init__(sentence if not mend else f"{sentence} ({mend})")


class FormatError(OhmscapeError):
    """A file that no reader can turn into data."""


class SurveyError(OhmscapeError):
    """Electrodes or four-point readings that physics cannot use."""


class MeshError(OhmscapeError):
    """Ground, interfaces or regions that cannot be meshed."""


class SimulationError(OhmscapeError):
    """A forward calculation that cannot be trusted."""


class InversionError(OhmscapeError):
    """An inversion that cannot start or whose Jacobian is broken."""


class CentreError(OhmscapeError):
    """A data centre that cannot do what is asked."""


class DamageError(CentreError):
    """An object or a record that is not what was written."""

"""A centre as a value: where its catalogue and its objects are."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from ohmscape.centre.bucket import bucket_at
from ohmscape.centre.database import check_revision, connected, migrate, reading
from ohmscape.centre.ids import new_id
from ohmscape.centre.local import LocalObjects, flush
from ohmscape.centre.objects import Objects
from ohmscape.centre.schema import ORGANISATION
from ohmscape.errors import CentreError

SETTINGS = "centre.toml"
ENCODING = ("ohmscape-centre", "1")  #: encoding-type, encoding-version
DATABASE = "catalogue.sqlite"
OBJECTS = "objects"


@dataclass(frozen=True)
class Centre:
    """A data centre.

    Parameters
    ----------
    id : str
        Its name among all centres.
    folder : Path
        With its settings, and, if it is embedded, with catalogue and objects.
    engine : Engine
        Of the catalogue.
    objects : Objects
    """

    id: str
    folder: Path
    engine: Engine
    objects: Objects


def init_centre(folder: Path, *, database: str = "", objects: str = "") -> Centre:
    """Make an empty centre.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    database : str
        ``postgresql://...``; SQLite in the folder if empty.
    objects : str
        ``s3://bucket/prefix``; a folder in the folder if empty.

    Raises
    ------
    CentreError
        There is a centre already, or it cannot be made.
    """
    settings = folder / SETTINGS
    if settings.exists():
        raise CentreError("here is a centre already", where=str(folder), mend="open it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        centre = _at(folder, new_id("centre"), database, objects)
        _make_tables(centre)
        _write_settings(settings, centre.id, database, objects)
    except OSError as error:
        raise CentreError(f"cannot be made: {error.strerror}", where=str(folder)) from error
    return centre


def open_centre(folder: Path, *, upgrade: bool = False) -> Centre:
    """Return the centre of a folder.

    Parameters
    ----------
    folder : Path
    upgrade : bool
        Bring an older catalogue to this version.

    Raises
    ------
    CentreError
        There is none, or it is of another version.
    """
    try:
        told = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        kind, version = str(told["encoding-type"]), str(told["encoding-version"])
        name, database, objects = (str(told[key]) for key in ("id", "database", "objects"))
    except FileNotFoundError as error:
        mend = f"make one: ohmscape init {folder}"
        raise CentreError("here is no centre", where=str(folder), mend=mend) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CentreError(f"settings cannot be read: {error}", where=str(folder)) from error
    if (kind, version) != ENCODING:
        raise CentreError(
            f"this is {kind} {version}, this program knows {' '.join(ENCODING)}",
            where=str(folder),
            mend="use a later Ohmscape",
        )
    centre = _at(folder, name, database, objects)
    try:
        if upgrade:
            migrate(centre.engine)
        check_revision(centre.engine)
    except CentreError:
        centre.engine.dispose()
        raise
    return centre


def _make_tables(centre: Centre) -> None:
    """Make the tables; refuse a database that is another centre's already."""
    try:
        migrate(centre.engine)
        _refuse_others(centre)
    except CentreError:
        centre.engine.dispose()
        raise


def _refuse_others(centre: Centre) -> None:
    with reading(centre.engine) as connection:
        found = connection.execute(select(ORGANISATION.c.id)).first()
    if found is not None:
        raise CentreError("the database holds a centre", mend="name an empty one")


def _at(folder: Path, name: str, database: str, objects: str) -> Centre:
    url = database or f"sqlite:///{(folder / DATABASE).absolute()}"
    store: Objects = bucket_at(objects) if objects else LocalObjects(folder / OBJECTS)
    return Centre(name, folder, connected(url), store)


def _write_settings(path: Path, name: str, database: str, objects: str) -> None:
    """Write the settings; from this moment on there is a centre."""
    values = {
        "encoding-type": ENCODING[0], "encoding-version": ENCODING[1],
        "id": name, "database": database, "objects": objects,
    }  # fmt: skip
    for value in values.values():
        if '"' in value or "\\" in value or not value.isprintable():
            raise CentreError(f"{value!r} has signs that settings cannot hold")
    part = path.with_suffix(".part")
    text = "".join(f'{key} = "{value}"\n' for key, value in values.items())
    # a database's address may hold a password
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    flush(path.parent)

"""SQLite files from strangers: read-only, immutable, untrusted, with limits of size and time."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote as quoted

from ohmscape.formats._source import Source

MAGIC = b"SQLite format 3\0"
STEPS = 20_000  #: of the virtual machine between two looks at the clock
SECONDS = 5.0  #: that a file may take, and so much more per MB:
SECONDS_PER_MB = 2.0
LONGEST = 1_000_000  #: bytes of a value or a row
MOST_ROWS = 20_000_000
#: what a damaged file may raise; names in its schema need not be text
ERRORS = (sqlite3.Error, OverflowError, UnicodeError)
ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)


class Tables:
    """The tables of a file, asked for by name; nothing that the file brings is run."""

    def __init__(
        self, source: Source, connection: sqlite3.Connection, wanted: Sequence[str], mend: str
    ) -> None:
        self._source = source
        self._connection = connection
        self._mend = mend
        self.columns = self._schema(wanted)

    def _schema(self, wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
        names = self._all("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        found = {}
        for name, sql in names:
            if name in wanted and str(sql).lstrip().upper().startswith("CREATE TABLE"):
                cursor = self._execute(f"SELECT * FROM {name} LIMIT 0")
                found[name] = tuple(part[0] for part in cursor.description)
        return found

    def rows(self, name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return columns of a table in the order of its rows, the row number first.

        Raises
        ------
        FormatError
            No such table or column, damaged, too slow or too long.
        """
        missing = [c for c in columns if c not in self.columns.get(name, ())]
        if missing:
            raise self._source.fault(f"table {name} has no column {missing[0]}", mend=self._mend)
        return self._all(f"SELECT rowid, {', '.join(columns)} FROM {name}")

    def _all(self, statement: str) -> list[tuple[Any, ...]]:
        cursor = self._execute(statement)
        try:
            found = cursor.fetchmany(MOST_ROWS)
        except ERRORS as error:
            raise self._fault(error) from error
        if len(found) == MOST_ROWS:
            raise self._source.fault("too many rows", mend="split the file by survey")
        return found

    def _execute(self, statement: str) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement)
        except ERRORS as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> Exception:
        text = str(error)
        if "interrupted" in text:
            text = "takes too long to read"
        return self._source.fault(f"database: {text[:80]}", mend=self._mend)


@contextmanager
def opened(source: Source, wanted: Sequence[str], mend: str) -> Iterator[Tables]:
    """Return the tables of a file that have these names.

    Nothing is written, no other file is looked at (not even a journal), no view, trigger or
    virtual table is used, no extension loaded, no database attached.

    Raises
    ------
    FormatError
        Not a database, damaged, too slow or too long.
    """
    if not source.content.startswith(MAGIC):
        raise source.fault("is no SQLite database", mend=mend)
    end = time.monotonic() + SECONDS + SECONDS_PER_MB * len(source.content) / 1e6
    place = quoted(str(source.path.absolute()))
    try:
        connection = sqlite3.connect(f"file:{place}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as error:
        raise source.fault(f"database: {error}", mend=mend) from error
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST)
        connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 200)
        connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
        for pragma in ("trusted_schema = OFF", "query_only = ON", "mmap_size = 0",
                       "cell_size_check = ON", "temp_store = MEMORY"):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")
        connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
        connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in ALLOWED else sqlite3.SQLITE_DENY
        )
        yield Tables(source, connection, wanted, mend)
    except ERRORS as error:
        raise source.fault(f"database: {str(error)[:80]}", mend=mend) from error
    finally:
        connection.close()

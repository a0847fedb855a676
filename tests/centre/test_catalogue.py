"""The catalogue on both databases: tables as the schema says, names, the chain of the audit."""

import json
import re
import sqlite3

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from ohmscape.centre import audit
from ohmscape.centre.catalogue import (
    add_organisation,
    add_site,
    located,
)
from ohmscape.centre.centre import SETTINGS, init_centre, open_centre
from ohmscape.centre.database import connected, migrate, reading, writing
from ohmscape.centre.schema import ADDITIVE, AUDIT, EVENT, METADATA
from ohmscape.errors import CentreError
from tests.centre.party import ME, founded


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_tables_are_those_of_the_schema(centre):
    with reading(centre.engine) as c:
        there = inspect(c)
        for table in METADATA.sorted_tables:
            columns = {one["name"]: one for one in there.get_columns(table.name)}
            assert set(columns) - {"place"} == set(table.c.keys()), table.name
            for column in table.c:
                assert columns[column.name]["nullable"] == column.nullable, column
                wanted = c.dialect.type_compiler_instance.process(column.type)
                found = c.dialect.type_compiler_instance.process(columns[column.name]["type"])
                assert found == wanted, column
            assert there.get_pk_constraint(table.name)["constrained_columns"] == [
                one.name for one in table.primary_key
            ]
            keys = {(k["constrained_columns"][0], k["referred_table"])
                    for k in there.get_foreign_keys(table.name)}  # fmt: skip
            assert keys == {(k.parent.name, k.column.table.name) for k in table.foreign_keys}


def test_opened_again(centre):
    again = open_centre(centre.folder)
    again.engine.dispose()
    assert again.id == centre.id
    with pytest.raises(CentreError, match="centre already"):
        init_centre(centre.folder)
    migrate(centre.engine)  # twice is as good as once


def test_sqlite_is_strict_and_holds_keys(tmp_path):
    centre = init_centre(tmp_path)
    with reading(centre.engine) as c:
        asked = {p: c.execute(text(f"PRAGMA {p}")).scalar_one()
                 for p in ("journal_mode", "synchronous", "foreign_keys")}  # fmt: skip
        strict = dict(c.execute(text("SELECT name, strict FROM pragma_table_list")).all())
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert [t.name for t in METADATA.sorted_tables if not strict[t.name]] == []
    centre.engine.dispose()


def test_what_is_no_centre(tmp_path):
    with pytest.raises(CentreError, match=r"here is no centre .*ohmscape init"):
        open_centre(tmp_path)
    init_centre(tmp_path).engine.dispose()
    settings = tmp_path / SETTINGS
    assert settings.stat().st_mode & 0o077 == 0
    settings.write_text(settings.read_text().replace('version = "1"', 'version = "2"'))
    with pytest.raises(CentreError, match="knows ohmscape-centre 1"):
        open_centre(tmp_path)
    settings.write_text("id = ")
    with pytest.raises(CentreError, match="cannot be read"):
        open_centre(tmp_path)
    with pytest.raises(CentreError, match="no database"):
        connected("mysql://x")


def test_a_database_of_another_centre_is_refused(centre, tmp_path):
    founded(centre)
    url = centre.engine.url.render_as_string(hide_password=False)
    with pytest.raises(CentreError, match="holds a centre"):
        init_centre(tmp_path / "second", database=url)
    assert not (tmp_path / "second" / SETTINGS).exists()


def test_a_later_catalogue_is_refused(centre):
    with writing(centre.engine) as c:
        c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for call in (lambda: open_centre(centre.folder), lambda: migrate(centre.engine)):
        with pytest.raises(CentreError, match="version 9999, this program knows"):
            call()


def test_migrated_at_once_by_many(centre, many_threads):
    with writing(centre.engine) as c:
        if c.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer anyway")
    many_threads(lambda _: migrate(centre.engine), 4)
    open_centre(centre.folder).engine.dispose()


def test_found_by_path_and_by_id(centre):
    founded(centre)
    with reading(centre.engine) as c:
        site = located(c, "slag/north works")
        assert site.crs == "EPSG:32650"
        assert located(c, f"slag/{site.id}").name == "north works"
        assert located(c, "slag/north works/2026-05").instrument_serial == "7"
        with pytest.raises(CentreError, match=r"no site 'south'.*north works"):
            located(c, "slag/south")
        with pytest.raises(CentreError, match="no path"):
            located(c, "a/b/c/d/e")


@pytest.mark.parametrize("name", ["", " a", "a/b", "a\nb", "x" * 201, "\u202efdp.exe", "a\0b"])
def test_names_that_are_refused(centre, name):
    with pytest.raises(CentreError, match="no name"), writing(centre.engine) as c:
        add_organisation(c, ME, name)


def test_names_are_there_once(centre):
    founded(centre)
    with pytest.raises(CentreError, match="of this name already"), writing(centre.engine) as c:
        add_organisation(c, ME, "laboratory")


def test_only_members_have_sites(centre):
    founded(centre)
    with pytest.raises(CentreError, match="no part in the project"), writing(centre.engine) as c:
        add_site(c, ME, "slag/campus", "university")


# Audit


def broken(centre):
    with reading(centre.engine) as c:
        return audit.verify(c)


def behind_its_back(centre, *statements):
    """Change rows as somebody with the password could."""
    with writing(centre.engine) as c:
        if c.dialect.name == "sqlite":
            c.execute(text("DROP TRIGGER audit_no_update"))
            c.execute(text("DROP TRIGGER audit_no_delete"))
        else:
            c.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_written_once"))
        for statement in statements:
            c.execute(text(statement))


STEEL = "(SELECT id FROM organisation WHERE name = 'steel group')"


@pytest.mark.parametrize(("statement", "said"), [
    ("UPDATE audit SET author = 'nobody' WHERE ordinal = 2", "row 2.*altered"),
    ("UPDATE audit SET detail = '{}' WHERE ordinal = 1", "row 1.*altered"),
    ("UPDATE audit SET at = at || ' ' WHERE ordinal = 3", "row 3.*altered"),
    ("DELETE FROM audit WHERE ordinal = 2", "rows 2 to 2 are missing"),
    ("DELETE FROM audit WHERE ordinal = 1", "rows 1 to 1 are missing"),
    (f"DELETE FROM audit WHERE ordinal = 4 AND organisation_id = {STEEL}", "ends at row 3, .* 4"),
    (f"DELETE FROM audit WHERE organisation_id = {STEEL}", "ends at row 0, its head says 4"),
    ("DELETE FROM audit_head", "no head"),
    ("UPDATE audit SET previous = hash WHERE ordinal = 2", "does not hang"),
])  # fmt: skip
def test_each_change_of_the_audit_is_found(centre, statement, said):
    founded(centre)
    assert broken(centre) == []
    behind_its_back(centre, statement)
    assert any(re.search(said, f"{f.where} {f.what}") for f in broken(centre)), broken(centre)


def test_rows_in_another_order_are_found(centre):
    founded(centre)
    swap = "UPDATE audit SET ordinal = {} WHERE ordinal = {} AND organisation_id = " + STEEL
    behind_its_back(centre, *(swap.format(*p) for p in ((99, 2), (2, 3), (3, 99))))
    assert len(broken(centre)) >= 2


def test_a_chain_made_anew_is_found_with_heads_kept_elsewhere(centre):
    founded(centre)
    with reading(centre.engine) as c:
        kept = json.loads(json.dumps(audit.heads(c)))
        rows = [dict(r._mapping) for r in c.execute(select(AUDIT).order_by(AUDIT.c.ordinal))]
    last = {row["organisation_id"]: row for row in rows}
    behind_its_back(centre)
    with writing(centre.engine) as c:
        for key, row in last.items():
            new = {**row, "author": "nobody"}
            values = {"h": audit.row_hash(new), "o": key, "n": row["ordinal"]}
            c.execute(text("UPDATE audit SET author = 'nobody', hash = :h WHERE "
                           "organisation_id = :o AND ordinal = :n"), values)  # fmt: skip
            c.execute(text("UPDATE audit_head SET hash = :h WHERE organisation_id = :o"), values)
    with reading(centre.engine) as c:
        assert audit.verify(c) == []  # consistent in itself
        assert len(audit.verify(c, kept)) == len(kept)
        kept["org-gone"] = {"ordinal": 1, "hash": "0" * 64}
        assert any("whole chain" in f.what for f in audit.verify(c, kept))


@pytest.mark.parametrize("table", ADDITIVE, ids=lambda t: t.name)
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "UPDATE {0} SET {1} = {1}"])
def test_rows_are_written_once(tmp_path, table, statement):
    path = tmp_path / "catalogue.sqlite"
    init_centre(tmp_path).engine.dispose()
    with sqlite3.connect(path) as raw:  # foreign keys are off here: one row without its others
        columns = ", ".join(table.c.keys())
        state = {"state": "draft", "kind": "run", "verdict": "accepted"}
        values = [state.get(c.name, 1) for c in table.c]
        raw.execute(
            f"INSERT INTO {table.name} ({columns}) VALUES ({', '.join('?' * len(values))})", values
        )
        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            raw.execute(statement.format(table.name, table.c[0].name))
    raw.close()


def test_rows_are_written_once_in_postgresql(centre):
    founded(centre)
    if centre.engine.dialect.name != "postgresql":
        pytest.skip("above")
    for statement in ("DELETE FROM audit", "UPDATE event SET kind = ''"):
        with pytest.raises(CentreError, match="written once"), writing(centre.engine) as c:
            c.execute(text(statement))


def test_a_change_its_audit_and_its_event_are_one(centre):
    def half(c):
        add_organisation(c, ME, "half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), writing(centre.engine) as c:
        half(c)
    founded(centre)
    with reading(centre.engine) as c:
        rows = c.execute(select(AUDIT.c.action, AUDIT.c.subject)).all()
        events = c.execute(select(EVENT.c.kind, EVENT.c.subject)).all()
    assert sorted(rows) == sorted(events)
    assert len(rows) == 8
    assert broken(centre) == []


def test_many_writers_make_one_chain(centre, many_threads):
    def one(number):
        with writing(centre.engine) as c:
            for i in range(5):
                audit.note(c, STEEL_ID, ME, "counted", f"{number} {i}")

    founded(centre)
    with reading(centre.engine) as c:
        STEEL_ID = c.execute(text(f"SELECT {STEEL}")).scalar_one()
    many_threads(one)
    assert broken(centre) == []
    with reading(centre.engine) as c:
        assert audit.heads(c)[STEEL_ID]["ordinal"] == 4 + 40


def test_readers_do_not_wait_for_a_writer(centre):
    founded(centre)
    with writing(centre.engine) as w, reading(centre.engine) as r:
        add_organisation(w, ME, "late")
        names = r.execute(text("SELECT name FROM organisation")).scalars().all()
    assert "late" not in names


def test_errors_of_the_database_are_told(centre):
    with pytest.raises(CentreError, match="database: "), writing(centre.engine) as c:
        c.execute(text("SELECT * FROM nowhere"))
    assert issubclass(DBAPIError, Exception)

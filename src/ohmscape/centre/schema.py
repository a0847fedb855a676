"""The tables of the catalogue, as queries see them.

What makes them is `ohmscape.centre.migrations`; a test holds the two together. Times are text in
ISO 8601, UTC, so that they sort and hash alike everywhere; measured times are seconds since 1970.
"""

from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

METADATA = MetaData()
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
NUMBER: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")

STATES = ("draft", "reviewed", "published", "withdrawn")  #: of a version
VERDICTS = ("accepted", "returned")  #: of a need
ANSWERS = ("campaign", "run", "report")  #: that a need may have
JOBS = ("waiting", "running", "done", "failed", "cancelled")


def _text(name: str, *, to: str = "", key: bool = False, null: bool = False) -> Column[str]:
    refer = (ForeignKey(to),) if to else ()
    return Column(name, Text, *refer, primary_key=key, nullable=null)


def _of(name: str, kind: TypeEngine[Any], *, key: bool = False, null: bool = False) -> Column:  # type: ignore[type-arg]
    return Column(name, kind, primary_key=key, nullable=null)


def _one_of(name: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN ({', '.join(map(repr, values))})", name=f"{name}_known")


def _table(name: str, *parts: Column | CheckConstraint | UniqueConstraint) -> Table:  # type: ignore[type-arg]
    return Table(name, METADATA, *parts, sqlite_strict=True)


OBJECT = _table("object", _text("sha256", key=True), _of("size", WHOLE), _text("at"))
LEASE = _table("lease", _text("id", key=True), _text("sha256"), _text("at"))

ORGANISATION = _table(
    "organisation", _text("id", key=True), _text("name"), _text("kind"), _text("at"),
    UniqueConstraint("name"),
)  # fmt: skip
PROJECT = _table(
    "project", _text("id", key=True), _text("name"), _text("purpose"), _text("at"),
    UniqueConstraint("name"),
)  # fmt: skip
MEMBER = _table(
    "member",
    _text("project_id", to="project.id", key=True),
    _text("organisation_id", to="organisation.id", key=True),
    _text("role"),
    _text("at"),
    _one_of("role", ("owner", "editor", "viewer")),
)
SITE = _table(
    "site",
    _text("id", key=True),
    _text("project_id", to="project.id"),
    _text("organisation_id", to="organisation.id"),
    _text("name"),
    _text("crs"),  # of coordinates in files, e.g. EPSG:32650, "" if local
    _text("outline", null=True),  # GeoJSON geometry, WGS 84
    _text("at"),
    UniqueConstraint("project_id", "name"),
)
CAMPAIGN = _table(
    "campaign",
    _text("id", key=True),
    _text("site_id", to="site.id"),
    _text("name"),
    _text("purpose"),
    _text("geometry"),
    _text("instrument"),
    _text("instrument_serial"),
    _text("crew"),
    _text("began", null=True),
    _text("ended", null=True),
    _text("at"),
    UniqueConstraint("site_id", "name"),
)
DATASET = _table(
    "dataset",
    _of("number", WHOLE, key=True),
    _text("id"),
    _text("campaign_id", to="campaign.id"),
    _text("name"),
    _text("at"),
    UniqueConstraint("id"),
    UniqueConstraint("campaign_id", "name"),
)
VERSION = _table(
    "version",
    _text("id", key=True),
    _text("dataset_id", to="dataset.id"),
    _of("ordinal", WHOLE),
    _text("filename"),
    _text("raw_sha256", to="object.sha256"),
    _text("record_sha256", to="object.sha256"),  # what the parser found, JSON
    _text("readings_sha256", to="object.sha256", null=True),  # Parquet
    _text("format"),
    _text("facts"),  # JSON, see ohmscape.centre.facts
    _text("footprint", null=True),  # GeoJSON geometry, WGS 84; the site's outline counts if not
    _text("verdict"),  # of quality control, "" if none was made
    _text("author"),
    _text("at"),
    UniqueConstraint("dataset_id", "ordinal"),
)
STATE = _table(
    "state",
    _text("version_id", to="version.id", key=True),
    _of("ordinal", WHOLE, key=True),
    _text("state"),
    _text("reason"),
    _text("author"),
    _text("at"),
    _one_of("state", STATES),
)
REJECTED = _table(
    "rejected",
    _text("id", key=True),
    _text("campaign_id", to="campaign.id"),
    _text("filename"),
    _text("raw_sha256", to="object.sha256"),
    _text("reason"),
    _text("author"),
    _text("at"),
)
#: what search looks at: one row per data set, made anew from the rest whenever that changes
ENTRY = _table(
    "entry",
    Column("number", WHOLE, ForeignKey("dataset.number"), primary_key=True, autoincrement=False),
    _text("version_id", to="version.id"),
    _text("organisation_id", to="organisation.id"),
    _text("project_id", to="project.id"),
    _text("site_id", to="site.id"),
    _text("campaign_id", to="campaign.id"),
    _text("name"),
    _text("state"),
    _text("method"),
    _text("instrument"),
    _text("electrode_array"),
    _of("electrodes", WHOLE),
    _of("readings", WHOLE),
    _of("quality", NUMBER, null=True),  # 0 to 1: share of readings that can be used
    _text("verdict"),  # of quality control, "" if none was made
    _of("depth", NUMBER, null=True),  # m
    _of("began", NUMBER, null=True),  # s since 1970
    _of("ended", NUMBER, null=True),
    _text("footprint", null=True),  # GeoJSON geometry, WGS 84
    _of("west", NUMBER, null=True),
    _of("south", NUMBER, null=True),
    _of("east", NUMBER, null=True),
    _of("north", NUMBER, null=True),
    _text("words"),  # tokens, see ohmscape.centre.words
)
TAG = _table(
    "tag",
    Column("number", WHOLE, ForeignKey("dataset.number"), primary_key=True, autoincrement=False),
    _text("tag", key=True),
)
RUN = _table(
    "run",
    _text("id", key=True),
    _text("site_id", to="site.id"),
    _text("step"),
    _of("step_version", WHOLE),
    _text("ohmscape"),
    _text("parameters"),  # JSON
    _text("machine"),  # JSON
    _text("lock_sha256", to="object.sha256"),  # of the environment
    _text("rerun_of", to="run.id", null=True),
    _text("author"),
    _text("began"),
    _of("seconds", NUMBER),
)
RUN_INPUT = _table(
    "run_input",
    _text("run_id", to="run.id", key=True),
    _text("name", key=True),
    _text("sha256", to="object.sha256"),
    _text("filename"),
    _text("version_id", to="version.id", null=True),
)
RUN_OUTPUT = _table(
    "run_output",
    _text("run_id", to="run.id", key=True),
    _text("name", key=True),
    _text("sha256", to="object.sha256"),
)
REPORT = _table(
    "report",
    _text("id", key=True),
    _text("run_id", to="run.id"),
    _text("title"),
    _text("sha256", to="object.sha256"),
    _text("author"),
    _text("at"),
)
NEED = _table(
    "need",
    _text("id", key=True),
    _text("organisation_id", to="organisation.id"),
    _text("site_id", to="site.id"),
    _text("question"),
    _text("until", null=True),
    _text("certainty"),  # how sure the answer must be
    _text("author"),
    _text("at"),
)
ANSWER = _table(
    "answer",
    _text("id", key=True),
    _text("need_id", to="need.id"),
    _text("kind"),
    _text("subject"),
    _text("note"),
    _text("author"),
    _text("at"),
    _one_of("kind", ANSWERS),
)
VERDICT = _table(
    "verdict",
    _text("need_id", to="need.id", key=True),
    _of("ordinal", WHOLE, key=True),
    _text("answer_id", to="answer.id"),
    _text("verdict"),
    _text("reason"),
    _text("author"),
    _text("at"),
    _one_of("verdict", VERDICTS),
)
AUDIT = _table(
    "audit",
    _text("organisation_id", to="organisation.id", key=True),
    _of("ordinal", WHOLE, key=True),
    _text("at"),
    _text("author"),
    _text("action"),
    _text("subject"),
    _text("detail"),  # JSON
    _text("previous"),
    _text("hash"),
)
AUDIT_HEAD = _table(
    "audit_head",
    _text("organisation_id", to="organisation.id", key=True),
    _of("ordinal", WHOLE),
    _text("hash"),
)
EVENT = _table(
    "event",
    _of("number", WHOLE, key=True),
    _text("at"),
    _text("kind"),
    _text("subject"),
    _text("detail"),  # JSON
)
JOB = _table(
    "job",
    _text("id", key=True),
    _text("organisation_id", to="organisation.id"),
    _text("step"),
    _text("parameters"),  # JSON
    _of("priority", WHOLE),
    _text("state"),
    _text("reason"),
    _text("author"),
    _text("at"),
    _one_of("state", JOBS),
)

#: rows of these are written once; triggers hold it
ADDITIVE = (
    VERSION, STATE, REJECTED, RUN, RUN_INPUT, RUN_OUTPUT, REPORT, ANSWER, VERDICT, AUDIT, EVENT,
)  # fmt: skip

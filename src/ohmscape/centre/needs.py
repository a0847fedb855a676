"""Needs: what an organisation asks of a site, who answered with what, and whether that will do."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, select

from ohmscape.centre.audit import note
from ohmscape.centre.catalogue import by_id, located, organisation
from ohmscape.centre.ids import new_id, now
from ohmscape.centre.schema import (
    ANSWER,
    ANSWERS,
    CAMPAIGN,
    ENTRY,
    MEMBER,
    NEED,
    REPORT,
    RUN,
    SITE,
    VERDICT,
    VERDICTS,
)
from ohmscape.errors import CentreError

SUBJECTS = {"campaign": CAMPAIGN, "run": RUN, "report": REPORT}


def add_need(
    connection: Connection,
    author: str,
    site_path: str,
    question: str,
    *,
    by: str = "",
    until: str = "",
    certainty: str = "",
) -> str:
    """Put a question about a site; return the need's id.

    Parameters
    ----------
    connection : Connection
    author : str
    site_path : str
        project/site.
    question : str
        What is to be known.
    by : str
        Organisation that asks; the site's own if left out. It has a part in the project.
    until : str
        Date, ISO 8601.
    certainty : str
        How sure the answer must be, in words.
    """
    site = by_id(connection, SITE, located(connection, site_path).id)
    asker = organisation(connection, by or site.organisation_id)
    _has_part(connection, asker, site.project_id)
    if not question.strip():
        raise CentreError("no question is put", mend="say what is to be known")
    row = {"id": new_id("need"), "organisation_id": asker.id, "site_id": site.id,
           "question": question.strip(), "until": until or None, "certainty": certainty,
           "author": author, "at": now()}  # fmt: skip
    connection.execute(insert(NEED), row)
    note(connection, asker.id, author, "need put", row["id"], **row)
    return str(row["id"])


def answer_need(
    connection: Connection, author: str, need_id: str, subject: str, remark: str = ""
) -> str:
    """Answer a need by a campaign, a run or a report; return the answer's id.

    Raises
    ------
    CentreError
        No such need or subject, one of another site, or a need that is accepted already.
    """
    need = _locked(connection, need_id)
    if state_of_need(connection, need_id) == "accepted":
        raise CentreError("the need is accepted already", where=need_id, mend="put a new one")
    kind = subject.partition("-")[0]
    if kind not in SUBJECTS:
        raise CentreError(f"{subject!r} answers nothing", mend=f"an id of {', '.join(ANSWERS)}")
    if _site_id(connection, kind, subject) != need.site_id:
        raise CentreError(f"{subject} is of another site than the need", mend="check both")
    row = {"id": new_id("answer"), "need_id": need_id, "kind": kind, "subject": subject,
           "note": remark, "author": author, "at": now()}  # fmt: skip
    connection.execute(insert(ANSWER), row)
    note(connection, need.organisation_id, author, "need answered", need_id, **row)
    return str(row["id"])


def judge_need(
    connection: Connection, author: str, need_id: str, verdict: str, reason: str
) -> None:
    """Accept the last answer to a need, or send it back with a reason.

    Raises
    ------
    CentreError
        There is no answer that was not judged yet, or no reason.
    """
    need = _locked(connection, need_id)
    if verdict not in VERDICTS:
        raise CentreError(f"{verdict!r} is no verdict", mend=f"one of {', '.join(VERDICTS)}")
    if state_of_need(connection, need_id) != "answered":
        raise CentreError("there is no new answer to judge", where=need_id, mend="answer it first")
    if not reason.strip():
        raise CentreError("no reason is given", mend="say why")
    last = connection.execute(
        select(ANSWER.c.id).where(ANSWER.c.need_id == need_id).order_by(ANSWER.c.id.desc())
    ).scalars().first()  # fmt: skip
    count = connection.execute(
        select(func.count()).select_from(VERDICT).where(VERDICT.c.need_id == need_id)
    ).scalar_one()
    row = {"need_id": need_id, "ordinal": count + 1, "answer_id": last, "verdict": verdict,
           "reason": reason, "author": author, "at": now()}  # fmt: skip
    connection.execute(insert(VERDICT), row)
    note(connection, need.organisation_id, author, f"need {verdict}", need_id, **row)


def state_of_need(connection: Connection, need_id: str) -> str:
    """Return open, answered, accepted or returned."""
    return str(connection.execute(select(_state()).where(NEED.c.id == need_id)).scalar_one())


def overview(connection: Connection, organisation_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return all sites of an organisation with needs not met and the last results, in one query.

    Columns: id, site, project_id, open_needs, oldest_need, datasets, last_measured (s since 1970),
    last_run, last_run_at, last_report.
    """
    site = SITE.c.id
    unmet = select(NEED.c.id, NEED.c.site_id, NEED.c.at, _state().label("state")).subquery()
    open_ = (unmet.c.site_id == site) & (unmet.c.state != "accepted")

    def last(column: Any, table: Any, *where: Any) -> Any:
        return select(column).select_from(table).where(*where).order_by(column.desc()).limit(1)

    report = REPORT.join(RUN, REPORT.c.run_id == RUN.c.id)
    query = (
        select(
            site,
            SITE.c.name.label("site"),
            SITE.c.project_id,
            select(func.count()).select_from(unmet).where(open_).scalar_subquery()
            .label("open_needs"),
            select(func.min(unmet.c.at)).where(open_).scalar_subquery().label("oldest_need"),
            select(func.count()).select_from(ENTRY).where(ENTRY.c.site_id == site)
            .scalar_subquery().label("datasets"),
            select(func.max(ENTRY.c.ended)).where(ENTRY.c.site_id == site).scalar_subquery()
            .label("last_measured"),
            last(RUN.c.id, RUN, RUN.c.site_id == site).scalar_subquery().label("last_run"),
            last(RUN.c.began, RUN, RUN.c.site_id == site).scalar_subquery().label("last_run_at"),
            last(REPORT.c.id, report, RUN.c.site_id == site).scalar_subquery()
            .label("last_report"),
        )
        .where(SITE.c.organisation_id == organisation_id)
        .order_by(SITE.c.name)
    )  # fmt: skip
    return connection.execute(query).all()


def needs(connection: Connection, *, site_id: str = "") -> list[Row[Any]]:
    """Return all needs, or those of a site, with their state, the oldest first."""
    query = select(NEED, SITE.c.name.label("site"), _state().label("state")).join(
        SITE, NEED.c.site_id == SITE.c.id
    )
    if site_id:
        query = query.where(NEED.c.site_id == site_id)
    return list(connection.execute(query.order_by(NEED.c.id)).all())


def _state() -> Any:
    """Return the state of NEED as an expression: of the last verdict, unless answered since."""
    mine = ANSWER.c.need_id == NEED.c.id
    last = select(func.max(ANSWER.c.id)).where(mine).correlate(NEED).scalar_subquery()
    verdict = (
        select(VERDICT.c.verdict)
        .where((VERDICT.c.need_id == NEED.c.id) & (VERDICT.c.answer_id == last))
        .correlate(NEED)
        .scalar_subquery()
    )
    answered = select(literal("answered")).where(last.is_not(None)).scalar_subquery()
    return func.coalesce(verdict, answered, literal("open"))


def _locked(connection: Connection, need_id: str) -> Row[Any]:
    by_id(connection, NEED, need_id)
    return connection.execute(select(NEED).where(NEED.c.id == need_id).with_for_update()).one()


def _has_part(connection: Connection, who: Row[Any], project_id: str) -> None:
    mine = (MEMBER.c.project_id == project_id) & (MEMBER.c.organisation_id == who.id)
    if connection.execute(select(MEMBER).where(mine)).one_or_none() is None:
        raise CentreError(f"{who.name} has no part in the project", mend="share it first")


def _site_id(connection: Connection, kind: str, subject: str) -> str:
    row = by_id(connection, SUBJECTS[kind], subject)
    if kind == "report":
        row = by_id(connection, RUN, row.run_id)
    return str(row.site_id)

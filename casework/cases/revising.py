"""An issued paper turns out wrong: the head of its office puts another in its place, or takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from casework import clock, journal, outbox, papers
from casework.cases.model import Case
from casework.cases.rows import lock
from casework.cases.telling import everybody, tell
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.papers import correcting
from casework.people import Post, signature
from casework.words import Words, _

#: What blanks are called that no form asks for.
NAMES: dict[str, Words] = {
    "project.name": _("项目名称"),
    "project.address": _("项目坐落"),
    "project.gfa_total": _("总建筑面积"),
    "project.gfa_residential": _("住宅建筑面积"),
    "starter.name": _("申请人"),
    "starter.code": _("统一社会信用代码"),
    "accepted_on": _("受理日期"),
}


def kind_of(case: Case, paper: papers.Paper) -> papers.Kind:
    """The paper as the procedure of the case issues it."""
    kind = case.procedure.papers.get(paper.code)
    if kind is None:
        raise Unknown
    return kind


def names(case: Case, lang: str) -> dict[str, Words]:
    """What each blank is called: by the question that was answered, or by the list above."""
    found = dict(NAMES)
    for form in case.procedure.forms.values():
        for each in form.everything:
            if each.key:
                found.setdefault(f"answers.{each.key}", each.label.of(lang))
                found.setdefault(each.key, each.label.of(lang))
    return found


def choices(case: Case, lang: str) -> dict[str, dict[str, str]]:
    """The answers that are chosen from a list: what each value is called."""
    found: dict[str, dict[str, str]] = {}
    for form in case.procedure.forms.values():
        for each in form.everything:
            if each.key and each.ever:
                found.setdefault(f"answers.{each.key}", {o.value: o.label.of(lang) for o in each.ever})
    return found


def correct(
    case_id: int, paper_id: int, typed: Mapping[str, str], *, by: Post, reason: str, lang: str = "zh"
) -> papers.Paper:
    """Issue the paper again with other contents, under a new number; the old one says which."""
    case, old, now = lock(case_id), _of(case_id, paper_id), clock.now()
    papers.may_revise.ask(by, old)
    kind = kind_of(case, old)
    data, changes = correcting.corrected(old, kind, typed, names(case, lang))
    if not changes:
        raise NotYet(_("请至少改正一处内容；内容没有错误的，不必更正。"))
    office = {
        f.name: old.data["office"][f.name] for f in fields(papers.Office) if f.name in old.data["office"]
    }
    new = papers.issue(
        case_id=case.id,
        kind=kind,
        office=papers.Office(**{**office, "organisation_id": old.organisation_id}),
        data=data,
        by=by,
        supersedes=old,
        reason=reason,
    )
    outbox.put("paper", {"paper": new.id}, due=now, case_id=case.id)
    detail = {"paper": new.id, "number": new.number, "fingerprint": new.fingerprint, "reason": reason}
    detail |= {"instead_of": old.id, "was": old.number, "changes": changes}
    journal.write(case, "corrected", at=now, by=by, who=signature(by), detail=detail)
    known = case.variables.get("papers") or {}
    if known.get(old.code) == old.number:  # a drawing that reads the number
        case.variables = {**case.variables, "papers": {**known, old.code: new.number}}
    _tell(case, *_corrected(case, old, new, reason), now)
    return new


def withdraw(case_id: int, paper_id: int, *, by: Post, reason: str) -> papers.Paper:
    """Take a paper back; its number stays used and its code answers “withdrawn”."""
    case, paper, now = lock(case_id), _of(case_id, paper_id), clock.now()
    papers.withdraw(paper, reason, by=by)
    detail = {"paper": paper.id, "code": paper.code, "number": paper.number, "reason": reason}
    journal.write(case, "paper withdrawn", at=now, by=by, who=signature(by), detail=detail)
    _tell(case, *_withdrawn(case, paper, reason), now)
    return paper


def _of(case_id: int, paper_id: int) -> papers.Paper:
    paper = db.session.get(papers.Paper, paper_id)
    if paper is None or paper.case_id != case_id:
        raise Unknown
    return paper


def _tell(case: Case, subject: Words, body: Words, now: datetime) -> None:
    """Everybody at the applicant's hears of it."""
    tell(case, everybody([case.starter_organisation_id], now), subject, body, now)


def _corrected(case: Case, old: papers.Paper, new: papers.Paper, reason: str) -> tuple[Words, Words]:
    says = _(
        "案号 %(case)s 的《%(title)s》（%(was)s）已由 %(number)s 更正并替代，原文书不再有效。"
        "更正理由：%(reason)s",
        case=case.number,
        title=old.title,
        was=old.number,
        number=new.number,
        reason=reason,
    )
    return _("文书已更正：%(title)s", title=old.title), says


def _withdrawn(case: Case, paper: papers.Paper, reason: str) -> tuple[Words, Words]:
    says = _(
        "案号 %(case)s 的《%(title)s》（%(number)s）已撤回，不再有效。撤回理由：%(reason)s",
        case=case.number,
        title=paper.title,
        number=paper.number,
        reason=reason,
    )
    return _("文书已撤回：%(title)s", title=paper.title), says

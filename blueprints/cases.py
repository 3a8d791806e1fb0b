"""One case, whole: signatures, record, answers, papers, drawing; and what its parties may do with it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from markupsafe import Markup

from blueprints.hall.signing import signed
from casework import (
    cases,
    clock,
    committee,
    files,
    journal,
    letters,
    notices,
    packages,
    papers,
    places,
    rules,
    signoffs,
)
from casework.cases import (
    announced,
    attached,
    attachments,
    begun,
    enclosures,
    keeping,
    links,
    lists,
    privacy,
    reading,
    record,
    shown,
    standstill,
    tenders,
    unnamed,
)
from casework.db import db, row
from casework.errors import Unknown
from casework.words import say

bp = Blueprint("cases", __name__, url_prefix="/case")

#: Letters on the page of a case; its record names every one.
LETTERS = 20


def find(number: str) -> cases.Case:
    """The case, for those who take part in it."""
    return lists.find(number, by=g.post)


@bp.get("/<number>")
@rules.admits(rules.staff)
def page(number: str) -> Any:
    """Everything about one case."""
    case = find(number)
    now = clock.now()
    turn = cases.Turn(case, g.post, now)
    lanes, steps = cases.stamping_lanes(turn), lists.steps(case.id)
    nameless = unnamed.steps(case, g.post, now)
    done = sorted((s for s in steps if s.done_at and s.status == "done"), key=lambda s: (s.done_at, s.id))
    around = links.around(case, by=g.post)
    before, issued = request.args.get("before", type=row), papers.of(case.id)
    answered = [s for s in reversed(done) if s.form and _readable(s, nameless, now)]
    hung = notices.of(case.id)
    return render_template(
        "cases/page.html",
        case=case,
        procedure=case.procedure,
        waiting=lists.open_steps(case.id),
        around=around,
        ends=shown.ends(around.concerned_by),
        still=standstill.of(case, now, g.post),
        outcome=shown.outcome(turn),
        prepared=begun.prepared(by=g.post, about=case),
        nameless=nameless,
        entries=journal.of(case.id, before=before, limit=60),
        matrix=signoffs.matrix(case.id, lanes) if lanes else [],
        lanes=lanes,
        papers=issued,
        whys=reading.ended(case, issued, g.lang),
        closed=reading.closed(case, issued, g.post, now),
        addressees=tenders.addressees(case, issued),
        notices=hung,
        ended=announced.ended(hung),
        letters=letters.dispatches(case.id, LETTERS, _written_to(nameless)),
        drawn=bool(committee.draw.draws(case.id)),
        drawing=Markup(shown.drawing(case, g.lang, now)),  # noqa: S704  made by picture.svg, which escapes
        answered=answered,
        originals=attached.originals(case, answered, g.lang),
        now=now,
        told=record.reader(case.procedure, g.post, steps).says,
        who=record.who,
        term=keeping.term(case),
        exports=packages.of(case.id) if packages.export(g.post) else None,
        has_dossier=case.project is not None and places.may.see(g.post, case.project),
        held=_held(steps),
        enclosed=enclosures.of(case),
        may_withdraw=case.status == "open"
        and rules.withdraw(g.post, case)
        and rules.withdrawable(case.procedure.about.get("withdraw", True), case.variables or {}),
    )


def _written_to(nameless: frozenset[str]) -> int | None:
    """Whose letters this reader sees: the bureau all of them, others those to their own people."""
    whole = g.post.organisation.kind == "bureau" and not nameless
    return None if whole else int(g.post.organisation_id)


@bp.get("/<number>/letter/<int:letter_id>")
@rules.admits(rules.staff)
def letter(number: str, letter_id: int) -> Any:
    """One letter of the case, for the bureau and for those it went to."""
    case = find(number)
    whose = _written_to(unnamed.steps(case, g.post, clock.now()))
    found = letters.find(case.id, letter_id, whose)
    if found is None:
        raise Unknown
    return render_template("cases/letter.html", case=case, letter=found)


def _readable(step: cases.Step, nameless: frozenset[str], now: datetime) -> bool:
    """Whether this reader may see what was answered there."""
    return not privacy.hidden(step, g.post, now) and not unnamed.keeps(step, nameless, g.post)


@bp.get("/<number>/drawing")
@rules.admits(rules.staff)
def drawing(number: str) -> Response:
    """The drawing by itself, to be enlarged as far as the screen can; it runs nothing."""
    case, look = find(number), shown.style()
    response = Response(shown.drawing(case, g.lang, clock.now(), style=look), mimetype="image/svg+xml")
    ours = b64encode(hashlib.sha256(look.encode()).digest()).decode()
    response.headers["Content-Security-Policy"] = f"sandbox; default-src 'none'; style-src 'sha256-{ours}'"
    return response


def _held(steps: list[cases.Step]) -> Callable[[journal.Entry], str]:
    """How long the step of an entry lay on its desk, in words."""
    times = {step.id: shown.lasted(step, g.lang) for step in steps}
    return lambda entry: times.get(_step(entry), "")


def _step(entry: journal.Entry) -> int:
    """The step that an entry completed."""
    return int(entry.facts.get("step") or 0) if entry.what == "completed" else 0


@bp.get("/<number>/step/<int:step_id>")
@rules.admits(rules.staff)
def answers(number: str, step_id: int) -> Any:
    """What was answered in one completed step."""
    case = find(number)
    step = db.session.get(cases.Step, step_id)
    if step is None or step.case_id != case.id or step.status != "done":
        raise Unknown
    now = clock.now()
    if not _readable(step, unnamed.steps(case, g.post, now), now):
        raise Unknown
    return render_template("cases/answers.html", case=case, step=step, bound=cases.answered(step, g.lang))


@bp.get("/<number>/file/<int:file_id>")
@rules.admits(rules.staff)
def file(number: str, file_id: int) -> Any:
    """An attachment of this case, as a download."""
    case = find(number)
    return _handed(attachments.of_case(case, file_id, by=g.post, now=clock.now()))


def _handed(kept: files.File) -> Response:
    return Response(files.open(kept), headers=dict(files.headers(kept)), direct_passthrough=True)


def _download(file_id: int) -> Response:
    kept = db.session.get(files.File, file_id)
    if kept is None:
        raise Unknown
    return _handed(kept)


@bp.get("/<number>/paper/<int:paper_id>.<kind>")
@rules.admits(rules.staff)
def paper(number: str, paper_id: int, kind: str) -> Any:
    """A paper of this case: docx, pdf or the scan of its stamped copy."""
    case = find(number)
    issued = _paper(case, paper_id)
    reading.ask(case, issued, g.post, clock.now())
    file_id = {"docx": issued.docx_id, "pdf": issued.pdf_id, "scan": issued.scan_id}.get(kind)
    if file_id is None:
        raise Unknown
    return _download(file_id)


def _paper(case: cases.Case, paper_id: int) -> papers.Paper:
    issued = db.session.get(papers.Paper, paper_id)
    if issued is None or issued.case_id != case.id:
        raise Unknown
    return issued


@bp.post("/<number>/paper/<int:paper_id>/scan")
@rules.admits(rules.bureau)
def scan(number: str, paper_id: int) -> Any:
    """Lay the scan of the stamped paper copy beside its number."""
    case = cases.lock(find(number).id)
    issued, upload = _paper(case, paper_id), request.files.get("scan")
    if upload is None or not upload.filename:
        flash(say("请选择盖章件的扫描文件。"), "warn")
        return redirect(url_for("cases.page", number=number))
    kept = files.keep(upload.filename, upload.read(), post_id=g.post.id)
    papers.attach_scan(issued, kept.id, kept.sha256, by=g.post)
    detail = {"paper": issued.id, "number": issued.number, "sha256": kept.sha256}
    journal.write(case, "scanned", at=clock.now(), by=g.post, who=cases.signature(g.post), detail=detail)
    db.session.commit()
    flash(say("盖章件已登记。"), "ok")
    return redirect(url_for("cases.page", number=number))


@bp.route("/<number>/withdraw", methods=["GET", "POST"])
@rules.admits(rules.staff)
def withdraw(number: str) -> Any:
    """The applicant takes the application back, with a reason, signed."""
    case = find(number)
    rules.withdraw.ask(g.post, case)
    reason, fault = request.form.get("reason", "").strip()[:500], ""
    if request.method == "POST":
        fault = say("请填写撤回的理由。") if len(reason) < 2 else signed()[1]
        if not fault:
            cases.withdraw(case.id, by=g.post, reason=reason)
            db.session.commit()
            flash(say("申请已撤回。"), "ok")
            return redirect(url_for("cases.page", number=number))
    return render_template(
        "cases/withdraw.html", case=case, reason=reason, fault=fault
    ), 422 if fault else 200


@bp.post("/<number>/retry")
@rules.admits(rules.bureau)
def retry(number: str) -> Any:
    """Try again what failed."""

    def again() -> None:
        cases.retry(find(number).id, by=g.post, now=clock.now())
        db.session.commit()

    enclosures.unlocked(again)
    return redirect(url_for("cases.page", number=number))

"""The registers: projects with their figures and rooms, enterprises with their standing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from blueprints.hall.counter import kept_paper
from casework import clock, files, people, places, procedures, profiles, rules, standing
from casework.answers import Answers
from casework.db import db, row
from casework.errors import NotYet, Unknown
from casework.people import Organisation
from casework.places.questions import PARTIES, ChangeAnswers, ProjectAnswers
from casework.profiles import rooms
from casework.rules import admits, anyone, bureau
from casework.words import Words, say

bp = Blueprint("registers", __name__)

PAGE = 30


def _words() -> tuple[str, int]:
    """What is searched for, and after which entry the list goes on."""
    after = request.args.get("after", 0, type=row)
    return request.args.get("q", "").strip()[:60], after


def _profile() -> profiles.Profile:
    return profiles.here(clock.today())


# -- projects


@bp.get("/projects")
@admits(anyone)
def projects() -> Any:
    """Projects this visitor may see; with words, those that bear them."""
    words, after = _words()
    own = request.args.get("own") == "1"
    found = places.search(g.post, words, own=own, after=after, limit=PAGE + 1)
    return render_template(
        "registers/projects.html",
        words=words,
        own=own,
        found=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        after=after,
        may_add=bureau(g.post),
    )


@bp.get("/projects/<int:project_id>")
@admits(anyone)
def project(project_id: int) -> Any:
    """One project: parties and figures, the rooms required with the arithmetic, what its size allows."""
    one = places.find_public(project_id, by=g.post)
    facts, profile = places.facts(one), _profile()
    whole, need = places.may.see_all(g.post, one), rooms.required(profile, facts)
    area = places.current(one.id, clock.today())
    return render_template(
        "registers/project.html",
        one=one,
        whole=whole,
        may_keep=places.may.keep(g.post, one),
        may_read_parts=places.may.read_parts(g.post, one),
        need=need,
        required=rooms.metres(need.least),
        building_types=places.BUILDING_TYPES,
        property_classes=places.PROPERTY_CLASSES,
        profile=profile,
        method=profiles.tender_method(profile, facts) if whole else None,
        small=profiles.agreement_allowed(profile, facts, "small_size") if whole else None,
        history=places.size_history(one) if whole else (),
        area=area,
        bounds=places.BOUNDS,
        companions=[p for p in places.companions(area) if places.may.see(g.post, p)] if area else (),
        areas=places.area_history(one) if whole else (),
        enterprises=_of_district("enterprise") if places.may.keep(g.post, one) else (),
        committees=people.of_kind("owners", one.street_id) if places.may.keep(g.post, one) else (),
        contract=(one.facts or {}).get("service_contract"),
        services=_services() if whole else (),
    )


def _services() -> list[procedures.Procedure]:
    """What this post may apply for on a project."""
    offered = [p for p in procedures.offered() if p.subject == "project"]
    return [p for p in offered if rules.start(g.post, p.about.get("starts"))]


@bp.route("/projects/add", methods=["GET", "POST"])
@admits(bureau)
def add_project() -> Any:
    """A new project; its code is given by the register."""
    answers = ProjectAnswers(request.form)
    answers.offer({kind: _of_district(kind) for kind in PARTIES}, g.lang)
    if request.method == "POST" and answers.validate():
        try:
            one = places.register(answers.facts(), by=g.post, file_id=kept_paper(answers))
        except NotYet as error:
            return _again("registers/add_project.html", answers, "gfa_total", error)
        db.session.commit()
        return _entered(one, say("已登记，项目编号 %(code)s。", code=one.code))
    return render_template("registers/add_project.html", form=answers), 422 if answers.wrong else 200


def _entered(one: places.Project, sentence: Words) -> Any:
    """Say what the register now holds, on the project's page."""
    flash(sentence, "ok")
    return redirect(url_for("registers.project", project_id=one.id))


@bp.route("/projects/<int:project_id>/sizes", methods=["GET", "POST"])
@admits(bureau)
def change_sizes(project_id: int) -> Any:
    """New figures, with reason and paper; what they change for the size limit is said at once."""
    one = places.find(project_id, by=g.post)
    places.may.keep.ask(g.post, one)
    answers = ChangeAnswers(request.form, data=_typed(one))
    if request.method == "POST" and answers.validate():
        try:
            change = places.change_sizes(
                one,
                answers.figures(),
                by=g.post,
                reason=answers.reason.data or "",
                file_id=kept_paper(answers),
            )
        except NotYet as error:
            return _again("registers/change_sizes.html", answers, "gfa_total", error, one=one)
        db.session.commit()
        flash(say("面积已变更，原数据保留在变更记录中。"), "ok")
        if lost := profiles.agreement_lost(_profile(), change.before, change.after):
            flash(lost.en if g.lang == "en" else lost.zh, "warn")
        return redirect(url_for("registers.project", project_id=one.id))
    page = render_template("registers/change_sizes.html", form=answers, one=one)
    return page, 422 if answers.wrong else 200


@bp.post("/projects/<int:project_id>/enterprise")
@admits(bureau)
def entrust(project_id: int) -> Any:
    """Which enterprise serves the project."""
    one = places.find(project_id, by=g.post)
    places.entrust(one, request.form.get("enterprise", type=row), by=g.post)
    db.session.commit()
    return _entered(one, say("物业服务企业已登记。"))


@bp.post("/projects/<int:project_id>/owners")
@admits(bureau)
def name_owners(project_id: int) -> Any:
    """Which owners' committee is filed for the project."""
    one = places.find(project_id, by=g.post)
    places.name_owners(one, request.form.get("owners", type=row), by=g.post)
    db.session.commit()
    return _entered(one, say("业主委员会已登记。"))


@bp.get("/projects/<int:project_id>/sizes/<int:version>/file")
@admits(anyone)
def size_paper(project_id: int, version: int) -> Any:
    """The paper a change of figures rests on."""
    one = places.find(project_id, by=g.post)
    record = next((r for r in places.size_history(one) if r.version == version), None)
    return _download(record.file_id if record else None)


# -- enterprises


@bp.get("/enterprises")
@admits(anyone)
def enterprises() -> Any:
    """Enterprises on the register with their stars and what bars them today."""
    words, after = _words()
    found = standing.search(g.post, clock.today(), words, after=after, limit=PAGE + 1)
    return render_template(
        "registers/enterprises.html",
        words=words,
        kinds=standing.KINDS,
        found=found[:PAGE],
        more=found[PAGE - 1].enterprise.id if len(found) > PAGE else None,
        after=after,
    )


@bp.get("/enterprises/<int:enterprise_id>")
@admits(anyone)
def enterprise(enterprise_id: int) -> Any:
    """One enterprise: what this visitor may read of its file, and the projects it serves."""
    one, today = standing.find(enterprise_id), clock.today()
    whole = standing.read_file(g.post, one)
    return render_template(
        "registers/enterprise.html",
        one=one,
        today=today,
        whole=whole,
        now=standing.of(one.id, today),
        records=standing.readable(g.post, one, today),
        projects=places.served_by(one.id),
        kinds=standing.KINDS,
        scopes=standing.SCOPES,
        lifts=standing.LIFTS,
        decisions=standing.DECISIONS,
        may_keep=standing.keep(g.post, one),
        may_decide=standing.decide(g.post),
    )


@bp.get("/enterprises/<int:enterprise_id>/records/<int:record_id>/file")
@admits(anyone)
def record_paper(enterprise_id: int, record_id: int) -> Any:
    """The paper a record, or its end, rests on."""
    today = clock.today()
    one = standing.find_record(enterprise_id, record_id, by=g.post, on=today)
    if not standing.read_file(g.post, one.organisation):
        raise Unknown
    ended = request.args.get("of") == "lift"
    return _download(one.lift.file_id if ended and one.lift else one.file_id)


def _of_district(kind: str) -> Sequence[Organisation]:
    """Organisations of a kind in the clerk's district."""
    home = people.district(g.post.organisation)
    return people.of_kind(kind, home.id if home else None)


def _typed(one: places.Project) -> dict[str, str]:
    """The figures in force as one would type them."""
    return {key: "" if value is None else str(value) for key, value in places.sizes(one).items()}


def _again(template: str, answers: Answers, field: str, error: NotYet, **more: Any) -> Any:
    """The page once more with the office's fault beside its question; nothing is stored."""
    db.session.rollback()
    if not answers.wrong:
        answers.fault(field, error.says)
    return render_template(template, form=answers, **more), 422


def _download(file_id: int | None) -> Response:
    file = db.session.get(files.File, file_id) if file_id is not None else None
    if file is None:
        raise Unknown
    return Response(files.read(file), headers=dict(files.headers(file)))

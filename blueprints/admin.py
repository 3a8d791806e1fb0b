"""Where an administrator keeps the organisations, people and posts of the own part of the tree."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for

from casework import clock, letters
from casework.db import db, row
from casework.errors import Conflict, NotYet, Refused
from casework.people import codes, log, may, register
from casework.people.organisations import BELOW, Organisation, above
from casework.people.posts import roles_for
from casework.people.questions import NewPerson, OrganisationAnswers, PersonAnswers, PostAnswers, Reason
from casework.people.users import User, by_login
from casework.rules import administrator, admits
from casework.words import say

bp = Blueprint("admin", __name__, url_prefix="/admin")


def _to(one: Organisation | User, words: str) -> Any:
    """Done: say so on the page of what was kept."""
    db.session.commit()
    flash(words, "ok")
    if isinstance(one, User):
        return redirect(url_for("admin.person", user_id=one.id))
    return redirect(url_for("admin.organisation", organisation_id=one.id))


def _line(one: Organisation) -> list[Organisation]:
    """From the administrator's own organisation down to this one: the crumbs."""
    line = above(one)
    top = next(at for at, each in enumerate(line) if each.id == g.post.organisation_id)
    return list(reversed(line[: top + 1]))


# -- organisations


@bp.get("/")
@admits(administrator)
def organisations() -> Any:
    """The own organisation; with words, all that bear them."""
    words = request.args.get("q", "").strip()[:60]
    if not words:
        return _organisation_page(register.organisation(g.post, g.post.organisation_id), Reason())
    after = request.args.get("after", 0, type=row)
    found = register.organisations(g.post, words=words, after=after)
    persons = register.persons(g.post, words=words) if not after else []
    return render_template("admin/search.html", words=words, found=found, persons=persons, size=register.PAGE)


@bp.get("/organisations/<int:organisation_id>")
@admits(administrator)
def organisation(organisation_id: int) -> Any:
    """One organisation: facts, people, what stands below it."""
    return _organisation_page(register.organisation(g.post, organisation_id), Reason())


def _organisation_page(one: Organisation, form: Reason) -> Any:
    after, people_after = request.args.get("after", 0, type=row), request.args.get("people", 0, type=row)
    persons = register.persons(g.post, home=one.id, after=people_after)
    page = render_template(
        "admin/organisation.html",
        one=one,
        line=_line(one),
        below=register.organisations(g.post, below=one.id, after=after),
        persons=persons,
        posts=register.posts_for(persons),
        size=register.PAGE,
        may_change=may.change_organisation(g.post, one),
        may_add=one.active and bool(BELOW.get(one.kind)),
        form=form,
    )
    return page, 422 if form.wrong else 200


@bp.route("/organisations/<int:organisation_id>/add", methods=["GET", "POST"])
@admits(administrator)
def add_organisation(organisation_id: int) -> Any:
    """A new organisation directly below this one."""
    parent = register.organisation(g.post, organisation_id)
    answers = OrganisationAnswers(request.form, kinds=BELOW.get(parent.kind, ()))
    if request.method == "POST" and answers.validate():
        try:
            new = register.add_organisation(g.post, parent, answers.kind.data or "", _facts(answers))
            return _to(new, say("已登记%(name)s。", name=new.name))
        except Conflict as error:
            db.session.rollback()
            answers.fault("code", error.says)
    page = render_template("admin/edit_organisation.html", form=answers, one=None, line=_line(parent))
    return page, 422 if answers.wrong else 200


@bp.route("/organisations/<int:organisation_id>/edit", methods=["GET", "POST"])
@admits(administrator)
def edit_organisation(organisation_id: int) -> Any:
    """Facts of an organisation, changed from above."""
    one = register.organisation(g.post, organisation_id)
    may.change_organisation.ask(g.post, one)
    answers = OrganisationAnswers(request.form, obj=one, kinds=(one.kind,))
    if request.method == "POST" and answers.validate():
        try:
            register.change_organisation(g.post, one, _facts(answers))
            return _to(one, say("已变更，原内容记入日志。"))
        except Conflict as error:
            db.session.rollback()
            answers.fault("code", error.says)
    page = render_template("admin/edit_organisation.html", form=answers, one=one, line=_line(one))
    return page, 422 if answers.wrong else 200


def _facts(answers: OrganisationAnswers) -> register.OrganisationFacts:
    named: dict[str, Any] = {
        key: answers[key].data or "" for key in register.OrganisationFacts.__annotations__
    }
    return register.OrganisationFacts(**{**named, "code": named["code"] or None})


@bp.post("/organisations/<int:organisation_id>/close")
@admits(administrator)
def close_organisation(organisation_id: int) -> Any:
    """It acts no more."""
    one = register.organisation(g.post, organisation_id)
    answers = Reason(request.form)
    if not answers.validate():
        return _organisation_page(one, answers)
    register.close_organisation(g.post, one, answers.reason.data or "")
    return _to(one, say("已停用，该单位的岗位即时失效。"))


@bp.post("/organisations/<int:organisation_id>/open")
@admits(administrator)
def open_organisation(organisation_id: int) -> Any:
    """It acts again."""
    one = register.organisation(g.post, organisation_id)
    register.open_organisation(g.post, one)
    return _to(one, say("已恢复。"))


# -- people


@bp.route("/organisations/<int:organisation_id>/people/add", methods=["GET", "POST"])
@admits(administrator)
def add_person(organisation_id: int) -> Any:
    """A new account; the person sets the password through a link."""
    home = register.organisation(g.post, organisation_id)
    answers = NewPerson(request.form)
    if request.method == "POST" and answers.validate():
        link = current_app.config["RESET_LINK"]
        facts = _person_facts(answers)
        try:
            user = register.add_person(
                g.post, home, answers.login.data or "", facts, link=link, send=letters.send
            )
            return _to(
                user, say("账号已开立，设置密码的链接已发至 %(email)s。请继续设置岗位。", email=user.email)
            )
        except Conflict as error:
            db.session.rollback()
            answers.fault("login", error.says)
    page = render_template("admin/edit_person.html", form=answers, one=None, line=_line(home))
    return page, 422 if answers.wrong else 200


def _person_facts(answers: PersonAnswers) -> register.PersonFacts:
    return register.PersonFacts(
        **{one.name: answers[one.name].data or "" for one in fields(register.PersonFacts)}
    )


@bp.get("/people/<int:user_id>")
@admits(administrator)
def person(user_id: int) -> Any:
    """One person: facts, posts, what can be done, what was done."""
    return _person_page(register.person(g.post, user_id), Reason())


def _person_page(one: User, form: Reason) -> Any:
    page = render_template(
        "admin/person.html",
        one=one,
        line=_line(one.home) if one.home else [],
        posts=register.posts_of(one),
        today=clock.today(),
        done=log.entries(g.post.organisation_id, about=f"user:{one.id}", limit=20),
        oneself=not may.not_oneself(g.post, one),
        form=form,
    )
    return page, 422 if form.wrong else 200


@bp.route("/people/<int:user_id>/edit", methods=["GET", "POST"])
@admits(administrator)
def edit_person(user_id: int) -> Any:
    """Facts of a person."""
    one = register.person(g.post, user_id)
    answers = PersonAnswers(request.form, obj=one)
    if request.method == "POST" and answers.validate():
        register.change_person(g.post, one, _person_facts(answers))
        return _to(one, say("已变更，原内容记入日志。"))
    line = _line(one.home) if one.home else []
    page = render_template("admin/edit_person.html", form=answers, one=one, line=line)
    return page, 422 if answers.wrong else 200


@bp.post("/people/<int:user_id>/<any(close,code):act>")
@admits(administrator)
def with_reason(user_id: int, act: str) -> Any:
    """Close an account, or reset a lost device: both need a reason."""
    one = register.person(g.post, user_id)
    answers = Reason(request.form)
    if not answers.validate():
        return _person_page(one, answers)
    reason = answers.reason.data or ""
    if act == "close":
        register.close_person(g.post, one, reason)
        return _to(one, say("账号已停用，所有登录均已退出。"))
    codes.reset(g.post, one, reason, send=letters.send)
    return _to(one, say("动态码已重置，并已去信告知本人；下次登录时须重新绑定。"))


@bp.post("/people/<int:user_id>/<any(open,leave,link):act>")
@admits(administrator)
def at_once(user_id: int, act: str) -> Any:
    """Reopen an account, end its sessions, send a link to set the password."""
    one = register.person(g.post, user_id)
    if act == "open":
        register.open_person(g.post, one)
        return _to(one, say("账号已恢复。"))
    if act == "leave":
        register.sign_out_person(g.post, one)
        return _to(one, say("该人员的所有登录均已退出。"))
    register.send_link(g.post, one, link=current_app.config["RESET_LINK"], send=letters.send)
    return _to(one, say("设置密码的链接已发至 %(email)s。", email=one.email))


# -- posts and the log


@bp.route("/organisations/<int:organisation_id>/posts/add", methods=["GET", "POST"])
@admits(administrator)
def give_post(organisation_id: int) -> Any:
    """A person gets a role in this organisation."""
    at = register.organisation(g.post, organisation_id)
    answers = PostAnswers(request.form or request.args, roles=roles_for(at.kind))
    if request.method != "POST":
        answers.starts_on.data = clock.today().isoformat()
    elif answers.validate():
        user = by_login(answers.login.data or "")
        if user is None or not may.keep_person(g.post, user):
            answers.fault("login", say("本单位及所属单位没有账号“%(login)s”。", login=answers.login.data))
        elif (says := _give(user, at, answers)) is None:
            return _to(user, say("岗位已设置。"))
        else:
            answers.fault("role", says)
    page = render_template("admin/give_post.html", form=answers, at=at, line=_line(at))
    return page, 422 if answers.wrong else 200


def _give(user: User, at: Organisation, answers: PostAnswers) -> Any:
    first = answers.days["starts_on"] or clock.today()
    last = answers.days.get("ends_on")
    try:
        register.give_post(g.post, user, at, answers.role.data or "", starts_on=first, ends_on=last)
    except (Conflict, NotYet, Refused) as error:
        db.session.rollback()
        return error.says
    return None


@bp.post("/posts/<int:post_id>/end")
@admits(administrator)
def end_post(post_id: int) -> Any:
    """A post ends at once."""
    one = register.post(g.post, post_id)
    register.end_post(g.post, one)
    return _to(one.user, say("岗位已终止，即时失效。"))


@bp.get("/log")
@admits(administrator)
def acts() -> Any:
    """What was done about the organisations and people of the own part of the tree."""
    before = request.args.get("before", type=row)
    shown = log.entries(g.post.organisation_id, before=before)
    more = shown[-1].id if len(shown) == 50 else None
    return render_template("admin/log.html", shown=shown, more=more)

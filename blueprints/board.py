"""The public side: what is offered, the board of notices, whether a paper is genuine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for
from markupsafe import Markup

from blueprints.hall.downloads import unchanged
from casework import cases, checkpoints, clock, deadlines, notices, papers, procedures, profiles, rules
from casework.cases import announced, standstill
from casework.db import db, row
from casework.engine import feel, picture, printed
from casework.errors import Unknown
from casework.words import _

bp = Blueprint("board", __name__)


class Feed(NamedTuple):
    """How a language of the feed is named, and which is the other one."""

    tag: str
    title: str
    other: str


FEEDS = {"zh": Feed("zh-CN", "公示公告", "en"), "en": Feed("en", "Public notices", "zh-CN")}


@bp.get("/")
@rules.admits(rules.anyone)
def home() -> Any:
    """What can be done here, and the newest notices."""
    offered, newest = procedures.offered(), notices.board(clock.today(), limit=5)
    return render_template("board/home.html", offered=offered, newest=newest, ended=announced.ended(newest))


@bp.get("/notices")
@rules.admits(rules.anyone)
def board() -> Any:
    """Everything that hangs on the board today, newest first."""
    before = request.args.get("before", type=row)
    shown = notices.board(clock.today(), before=before, kind=request.args.get("kind", "")[:60])
    onward = shown[-1].id if len(shown) == notices.PAGE else None
    ended = announced.ended(shown)
    return render_template("board/notices.html", shown=shown, ended=ended, onward=onward, before=before)


@bp.get("/notices.xml")
@rules.admits(rules.anyone)
def feed() -> Response:
    """The board as an Atom feed (RFC 4287), the newest first; `next` leads to older notices (RFC 5005).

    In English with `lang=en`, whatever language the visitor's pages are in: a reader has no cookies.
    """
    before = request.args.get("before", type=row)
    lang = "en" if request.args.get("lang") == "en" else "zh"
    said, other = {"lang": lang if lang == "en" else None}, {"lang": "en" if lang == "zh" else None}
    shown = notices.board(clock.today(), before=before)
    newest_at = max((n.published_at for n in shown), default=clock.at_local(clock.today()))
    here = _here("board.feed", before=before, **said)
    links = [f"<link rel='self' type='application/atom+xml' href='{here}'/>"]
    links.append(f"<link rel='alternate' type='text/html' href='{_here('board.board')}'/>")
    turned = f"hreflang='{FEEDS[lang].other}' href='{_here('board.feed', **other)}'"
    links.append(f"<link rel='alternate' type='application/atom+xml' {turned}/>")
    if len(shown) == notices.PAGE:
        links.append(f"<link rel='next' href='{_here('board.feed', before=shown[-1].id, **said)}'/>")
    named = (lang == "en" and current_app.config["OFFICE_EN"]) or current_app.config["OFFICE"]
    office = escape(str(named or "Tendover"))
    whole = _here("board.feed", **said) if lang == "en" else _here("board.board")
    entries = "".join(_entry(n, lang) for n in shown)
    text = (
        "<?xml version='1.0' encoding='utf-8'?>"
        f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='{FEEDS[lang].tag}'>"
        f"<id>{whole}</id><title>{FEEDS[lang].title}</title><updated>{_atom(newest_at)}</updated>"
        f"<author><name>{office}</name></author>{''.join(links)}{entries}</feed>"
    )
    return unchanged(Response(text, mimetype="application/atom+xml"))


def _entry(n: notices.Notice, lang: str) -> str:
    here = _here("board.notice", notice_id=n.id)
    own = f"{here}#en" if lang == "en" else here
    return (
        f"<entry><id>{own}</id><title>{escape(n.says_title(lang))}</title><published>{_atom(n.published_at)}</published>"
        f"<updated>{_atom(n.published_at)}</updated><link rel='alternate' type='text/html' href='{here}'/>"
        f"<summary>{escape(n.says(lang)[:500])}</summary></entry>"
    )


def _atom(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _here(endpoint: str, **values: Any) -> str:
    """The public address of a page: from the settings, for the Host header says what a visitor likes."""
    return escape(current_app.config["PUBLIC_URL"].rstrip("/") + url_for(endpoint, **values))


@bp.get("/notices/<int:notice_id>")
@rules.admits(rules.anyone)
def notice(notice_id: int) -> Any:
    """One notice; after its last day it is as if it were not there (个人信息保护法 第四十七条)."""
    found = notices.find(notice_id, clock.today())
    if found is None:
        abort(404)
    case = db.session.get(cases.Case, found.case_id) if found.case_id else None
    still = standstill.of(case, clock.now(), g.post)
    later = announced.ended([found]).get(found.id)
    return render_template("board/notice.html", notice=found, still=still, later=later, today=clock.today())


@bp.get("/verify")
@rules.admits(rules.anyone)
def verify() -> Any:
    """Type in the code printed on a paper."""
    code = request.args.get("code", "").strip()
    if code:
        return redirect(url_for("board.verified", code=code[:40]))
    return render_template("board/verify.html", asked="", paper=None, newest=checkpoints.newest())


@bp.get("/verify/checkpoint.txt")
@rules.admits(rules.anyone)
def checkpoint() -> Response:
    """The newest signature over the ends of all records, exactly as signed, to be kept elsewhere."""
    newest = checkpoints.newest()
    if newest is None:
        raise Unknown(_("办理记录尚未签名。"))
    text = f"{newest.text}key {newest.key}\nsignature {newest.signature}\n"
    return Response(text, mimetype="text/plain")


@bp.get("/verify/<code>")
@rules.admits(rules.anyone)
def verified(code: str) -> Any:
    """Whether a paper is genuine, current, superseded, withdrawn or lapsed; never what it says."""
    try:
        paper = papers.find(code)
    except Unknown:
        return render_template("board/verify.html", asked=code[:40], paper=None), 404
    newer = papers.successor(paper) if paper.state == "superseded" else None
    older = papers.predecessor(paper)
    return render_template("board/verify.html", asked=code[:40], paper=paper, newer=newer, older=older)


@bp.get("/guide")
@rules.admits(rules.anyone)
def guide() -> Any:
    """How to apply, how to sign, how to do it on paper."""
    return render_template("board/guide.html", offered=procedures.offered())


@bp.get("/guide/<key>")
@rules.admits(rules.anyone)
def service(key: str) -> Any:
    """One service: the law it rests on, how long each step may take, and its drawing."""
    found = next((p for p in procedures.offered() if p.key == key), None)
    if found is None:
        raise Unknown
    return render_template("board/service.html", p=found, drawing=_drawing, period=_period)


def _drawing(procedure: procedures.Procedure) -> Markup:
    data = procedure.files["process.bpmn"]
    svg = picture.svg(
        data,
        title=procedure.says(procedure.title, g.lang),
        lang=g.lang,
        say=lambda chinese: procedure.says(chinese, g.lang),
        ids=False,
    )
    return Markup(svg + printed.of(data, svg))  # noqa: S704  made by picture.svg, which escapes


def _period(rule: deadlines.Rule) -> str:
    """自收到申请材料之日起5个工作日: a period as the rules of this place have it today."""
    known = {"profile": profiles.here(clock.today()).snapshot()}
    event = rule.event if g.lang == "zh" else rule.event_en or rule.event
    length, unit = _settled(rule.length, known), str(_settled(rule.unit, known))
    if length is None or unit not in deadlines.UNIT_WORDS:
        return str(_("自%(event)s起，期限按案件情况确定", event=event))
    words = deadlines.length(length, unit)
    period = words.zh if g.lang == "zh" else words.en
    if rule.kind == "backward":
        return str(_("%(event)s前%(period)s", event=event, period=period))
    return str(_("自%(event)s起%(period)s", event=event, period=period))


def _settled(given: Any, known: dict[str, Any]) -> Any:
    """What a rule writes as a number, or as FEEL that the profile may answer."""
    if not str(given).startswith("="):
        return given
    try:
        return feel.compile(given).evaluate(known)
    except feel.FeelError:
        return None


@bp.get("/accessibility")
@rules.admits(rules.anyone)
def accessibility() -> Any:
    """How the pages can be used without mouse, script or sharp eyes."""
    return render_template("board/accessibility.html")

"""Where a visitor stands: one file a place, none imports another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from itertools import islice
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, current_app, g, redirect, request, send_file, url_for
from flask_login import LoginManager, current_user
from werkzeug.security import safe_join

from casework import clock, files, forms, packages, prose, rules, spoken, workbooks
from casework.answers import Answers
from casework.cases import MANY, Step, Turn, called, waiting_count
from casework.db import db, row
from casework.errors import NotYet, OfficeError, TooMuch
from casework.files import thumbnails
from casework.people import codes, may, sessions
from casework.places.listing import Wanted
from casework.rules import Rule
from casework.words import Words, _, say


@dataclass(frozen=True)
class Way:
    """One entry of the navigation."""

    endpoint: str
    name: Words
    to: Rule


WAYS = (
    Way("desk.inbox", _("收件箱"), rules.staff),
    Way("apply.services", _("我要办理"), rules.staff),
    Way("desk.ledger", _("案件"), rules.staff),
    Way("registers.projects", _("登记簿"), rules.staff),
    Way("archives.index", _("归档"), packages.export),
    Way("accounts.waiting", _("开户核验"), may.window),
    Way("admin.organisations", _("单位和人员"), rules.administrator),
    Way("tenders.index", _("招标项目"), rules.anyone),
    Way("board.board", _("公示公告"), rules.anyone),
)

#: The registers, by the name under which their pages know them; offered to those whom the page admits.
REGISTERS: dict[str, tuple[str, Words]] = {
    "projects": ("registers.projects", _("物业项目")),
    "enterprises": ("registers.enterprises", _("物业服务企业")),
    "holdings": ("holdings.rooms", _("用房")),
    "facilities": ("holdings.facilities", _("设施设备")),
    "contracts": ("filed.contracts", _("服务合同")),
    "papers": ("filed.papers", _("文书")),
    "relations": ("relations.index", _("单位关系")),
    "experts": ("experts.register", _("评标专家库")),
    "violations": ("violations.index", _("违规线索")),
    "indicators": ("indicators.index", _("指标和逾期")),
}


@dataclass(frozen=True)
class Shown:
    """An entry as the page shows it."""

    name: Words
    url: str
    here: bool
    count: str


def furnish(app: Flask, login: LoginManager) -> None:
    """Give the house every place in this folder; a place that keeps the door says who is signed in."""
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        place = import_module(f"blueprints.{module.name}")
        for thing in vars(place).values():
            if isinstance(thing, Blueprint):
                app.register_blueprint(thing)
        if hasattr(place, "keep_door"):
            place.keep_door(app, login)
    offered = (navigation, register_ways, asset, form_version, first, demo_code)
    app.jinja_env.globals.update({function.__name__: function for function in offered})
    app.jinja_env.filters.update(spoken.FILTERS | called.FILTERS, prose=prose.markup, whole=prose.whole)
    app.jinja_env.tests["picture"] = thumbnails.shown
    app.view_functions["static"] = _static


def navigation() -> Iterator[Shown]:
    """The ways open to this visitor."""
    by = getattr(g, "post", None)
    known: dict[str, Callable[..., Any]] = current_app.view_functions
    for way in WAYS:
        if way.endpoint in known and way.to(by):
            count = waiting_count(by) if by and way.endpoint == "desk.inbox" else 0
            here = (request.endpoint or "").split(".")[0] == way.endpoint.split(".")[0]
            exact = request.endpoint == way.endpoint or way.endpoint.split(".")[0] != "desk"
            shown = f"{MANY - 1}+" if count >= MANY else str(count or "")
            yield Shown(way.name, url_for(way.endpoint), here and exact, shown)


def register_ways(here: str) -> Iterator[Shown]:
    """The registers open to this visitor; `here` is the one being read."""
    by, known = getattr(g, "post", None), current_app.view_functions
    for key, (endpoint, name) in REGISTERS.items():
        admitted: Rule = vars(known[endpoint])["admits"]
        if admitted(by):
            yield Shown(name, url_for(endpoint), key == here, "")


def demo_code() -> str:
    """The visitor's one-time code, on the demo's pages only."""
    if not current_app.config["DEMO"] or not current_user.is_authenticated:
        return ""
    return codes.current(current_user) or ""


def asset(name: str) -> str:
    """The address of a file of ours; it changes with the contents, so that it may be kept for a year."""
    return url_for("static", filename=name, v=_version(Path(current_app.static_folder or "") / name))


def form_look(form: forms.Form) -> str:
    """What shows and hides a form's questions, and the looks that only some forms need."""
    return form.css() + "".join(_thin(each.read_bytes()).decode() for each in _looks(form))


def _static(filename: str) -> Response:
    """A file of ours; stylesheets and scripts travel without their comments and indents."""
    path = Path(safe_join(current_app.static_folder or "", filename) or "")
    if path.suffix not in (".css", ".js") or not path.is_file():
        return current_app.send_static_file(filename)
    thin, age = BytesIO(_thin(path.read_bytes())), current_app.get_send_file_max_age(filename)
    return send_file(thin, download_name=path.name, etag=_version(path), max_age=age)


#: A comment that has its lines to itself: no text of ours goes over lines, so none is inside one.
_ASIDE = re.compile(rb"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*\n|//[^\n]*\n)|^[ \t]+", re.MULTILINE | re.DOTALL)


@lru_cache(maxsize=64)
def _thin(data: bytes) -> bytes:
    """Without whole lines of comment and without indents: a tenth of what is compressed and sent."""
    return _ASIDE.sub(b"", data)


def form_version(form: forms.Form) -> str:
    """What stands in the address of a form's stylesheet: another one for another look."""
    return form.version + "".join(map(_version, _looks(form)))


def _looks(form: forms.Form) -> list[Path]:
    """Of lists whose rows the office gives, of lists of many columns, and of forms filled in part by part."""
    wanted = {"dense.css": form.fixed_lists, "cards.css": form.broad_lists, "leaves.css": form.paged}
    return [Path(current_app.static_folder or "") / name for name, needed in wanted.items() if needed]


def wanted() -> Wanted:
    """What the visitor has narrowed a register to."""
    args = request.args
    return Wanted(
        project=args.get("project", type=row),
        kind=args.get("kind", "")[:20],
        mode=args.get("mode", "")[:20],
        due=args.get("due", "") if args.get("due") in {"soon", "late"} else "",
        words=args.get("q", "").strip()[:60],
        after=args.get("after", 0, type=row),
    )


def first(name: str) -> bool:
    """Whether the page being made asks for it for the first time: what is needed once stands there."""
    said: set[str] = g.setdefault("said", set())
    new = name not in said
    said.add(name)
    return new


@lru_cache(maxsize=64)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def ask_to_sign_in() -> Any:
    """To the sign-in page, and back here afterwards when this page can simply be asked for again."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("door.sign_in", next=here))


def kept_paper(answers: Answers) -> int | None:
    """The paper that came with the answers, kept; one not taken is a fault of its field. Raises NotYet."""
    sent = request.files.get("paper")
    if sent is None or not sent.filename:
        return None
    try:
        return files.keep(sent.filename, sent.read(), post_id=g.post.id).id
    except files.Unfit as error:
        answers.fault("paper", error.says)
        raise NotYet(error.says) from error


def signed() -> tuple[str, str]:
    """The person shows again who signs: by what ("code" or "password"), or "" and why not.

    Level S1 (电子签名法 第十三条; rules.md F.2). A wrong proof is counted, whatever becomes of the page; an
    empty one is not.
    """
    password, code = request.form.get("_password", ""), request.form.get("_code", "").strip()
    if not password and not code:
        return "", say("请输入密码或动态码，以确认由您本人签署。")
    if not sessions.prove(current_user, password=password or None, code=code or None):
        db.session.commit()
        return "", say("密码或动态码不正确，签署未完成。")
    return "code" if code else "password", ""


def proven(turn: Turn, step: Step) -> tuple[dict[str, Any] | None, str]:
    """What the record keeps of the proof, where the step asks for one; or None and why it is not signed."""
    level = turn.sign_level(step.element)
    if not level:
        return None, ""
    means, unproven = signed()
    return ({"level": level, "means": means} if means else None), unproven


def refused(answers: Answers, field: str, error: OfficeError) -> None:
    """The office's own check failed: nothing is stored, the sentence stands beside its question."""
    db.session.rollback()
    if not answers.wrong:
        answers.fault(field, error.says)


#: Rows that one workbook holds; a longer list is narrowed first.
MOST_ROWS = 50_000


def spreadsheet(
    sheet: workbooks.Sheet, rows: Iterable[Sequence[Any]], *, notes: Sequence[Words] = ()
) -> Response:
    """A list as an Excel workbook; TooMuch when it is too long."""
    every = list(islice(rows, MOST_ROWS + 1))
    if len(every) > MOST_ROWS:
        raise TooMuch(_("超过 %(n)s 行，请先按项目、种类筛选后再导出。", n=f"{MOST_ROWS:,}"))
    return workbook_response(str(sheet.name), workbooks.workbook(sheet, every, notes=notes))


def workbook_response(name: str, data: bytes) -> Response:
    """A workbook to be saved, named with the day."""
    full = quote(f"{name}-{clock.today().isoformat()}.xlsx", safe="")
    headers = {
        "Content-Type": files.KINDS["xlsx"].media,
        "Content-Disposition": f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{full}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(data, headers=headers)


def unchanged(response: Response) -> Response:
    """Open data, kept by whoever reads it and asked for again: 304 while it says the same.

    By its ETag only: what is taken off the board changes a page without anything newer being on it.
    """
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response

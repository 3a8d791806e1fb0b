"""Puts the house together: settings, extensions, places, errors, commands."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from babel import Locale
from flask import Flask, Response, current_app, g, render_template, request
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel, get_translations, ngettext
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

import blueprints
from blueprints import held
from blueprints.hall import ways
from casework import catalogue, clock, errors, tongues
from casework.db import LARGEST, db, open_database, read_only
from casework.words import Words, _, say

ROOT = Path(__file__).resolve().parent
SAFE = {"GET", "HEAD", "OPTIONS"}
STATUS = {
    errors.Refused: 403,
    errors.Unknown: 404,
    errors.Conflict: 409,
    errors.TooMuch: 413,
    errors.NotYet: 422,
    errors.Busy: 503,
}
HTTP_SAYS = {
    404: _("没有找到您要的页面，请核对网址，或按案号查询。"),
    405: _("此网址不支持这种操作方式。"),
    413: _("一次提交超过上限（连同附件 128 MB，文字 4 MB，10,000 个答案），请分次提交。已存草稿不受影响。"),
}
#: Nothing from elsewhere, nothing inline: a page that is injected into cannot run.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
#: What every answer says to the browser, unless it says something else itself.
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
PAGE_GUARDS = GUARDS | {"Cache-Control": "no-store"}
LANGUAGES = {"zh": Locale("zh"), "en": Locale("en")}


class RowNumber(IntegerConverter):
    """`<int:…>` in an address, up to what both databases count to; beyond it there is no such page."""

    regex = "[0-9]+"  # other alphabets' digits would give one page many addresses

    def __init__(self, map: Map, *args: Any, **named: Any) -> None:  # noqa: A002  werkzeug's name
        super().__init__(map, *args, **{"max": LARGEST, **named})

    def to_python(self, value: str) -> int:
        """Judged by length first: a number of 100,000 digits costs nothing."""
        short = len(value) <= len(str(LARGEST))
        return int(super().to_python(value if short else str(LARGEST + 1)))


_COMPACT = json.JSONEncoder(separators=(",", ":"))


class _Plain(TaggedJSONSerializer):
    """A session holds text, numbers and lists: nothing needs a tag. Cookies with tags are still read."""

    def dumps(self, value: Any) -> str:
        return _COMPACT.encode(value)


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie; what signs it is made once, not twice for every page."""

    serializer = _Plain()
    digest_method = staticmethod(hashlib.sha1)  # Flask's own stands behind a function, which hmac then calls

    def __init__(self, app: Flask) -> None:
        self._signer = super().get_signing_serializer(app)

    def get_signing_serializer(self, app: Flask) -> Any:
        """The one of this application."""
        return self._signer


csrf = CSRFProtect()
babel = Babel()
login = LoginManager()
migrate = Migrate(directory=str(ROOT / "casework" / "migrations"))


def create_app(instance_path: str | Path | None = None, **settings: Any) -> Flask:
    """The application. `settings` win over TENDOVER_… variables, which win over the defaults here."""
    place = Path(instance_path or os.environ.get("TENDOVER_INSTANCE") or ROOT / "instance").resolve()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database is nobody else's on this machine
    app = Flask(__name__, instance_path=str(place))
    app.config.from_mapping(_defaults(app))
    app.config.from_prefixed_env("TENDOVER")
    app.config.update(settings)
    _stand_behind(app)
    app.session_interface = Sessions(app)
    app.url_map.converters["int"] = RowNumber
    app.jinja_options["autoescape"] = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    open_database(app)
    app.before_request(_look)
    app.after_request(_tongues)
    csrf.init_app(app)
    english = catalogue.ready(ROOT / "translations", Path(app.instance_path) / "translations")
    babel.init_app(app, locale_selector=_language, default_translation_directories=str(english))
    app.jinja_env.install_gettext_callables(_in_page, ngettext, newstyle=True)  # type: ignore[attr-defined]
    login.init_app(app)
    migrate.init_app(app, db)
    _gate(app)
    _answers(app)
    blueprints.furnish(app, login)
    return app


def _defaults(app: Flask) -> dict[str, Any]:
    instance = Path(app.instance_path)
    return {
        "SECRET_KEY": _secret(instance / "secret.key"),
        "BID_SECRET": _secret(instance / "bids.key"),  # whose bid is whose: never in a backup (SECURITY.md)
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{instance / 'tendover.db'}",
        "BABEL_DEFAULT_LOCALE": "zh",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "SESSION_COOKIE_NAME": "tendover",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": None,  # as PUBLIC_URL says: https means secure
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
        "MAX_CONTENT_LENGTH": 128 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "MAX_FORM_PARTS": 10_000,
        "WTF_CSRF_TIME_LIMIT": None,
        "PUBLIC_URL": "http://127.0.0.1:5000",  # what letters and feeds lead to
        "TRUSTED_PROXIES": 0,  # how many in front of the office write X-Forwarded-…; 0: nobody is believed
        "OCDS_PREFIX": "ocds-000000",  # registered with the Open Contracting Partnership
        "OCDS_LICENSE": "",  # address of the licence of the open data; none: not stated
        "PLACE": "yunhe",  # whose rules: a file of workflows/profiles
        "OFFICE": "",  # the bureau's name in the head of every page, and the phone in its foot
        "OFFICE_EN": "",
        "OFFICE_PHONE": "",
        "DEMO": False,
        "SMTP": "",  # smtp://user:password@host:port; none: letters are written to the console
        "MAIL_FROM": "noreply@localhost",
        "CHECKPOINT_MINUTES": 10,  # how often the ends of all records are signed, when one of them is new
        "FILES": "",  # where attachments lie; none: instance/files
    }


def _stand_behind(app: Flask) -> None:
    """What the public address and the proxies in front of it decide about cookies and addresses."""
    if app.config["SESSION_COOKIE_SECURE"] is None:
        app.config["SESSION_COOKIE_SECURE"] = str(app.config["PUBLIC_URL"]).lower().startswith("https:")
    if hops := int(app.config["TRUSTED_PROXIES"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _secret(path: Path) -> str:
    """The signing key of this installation, made once and readable by its owner only."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()


def _language() -> Locale:
    return LANGUAGES.get(request.cookies.get("lang", "") if request else "", LANGUAGES["zh"])


def _in_page(words: str) -> str:
    """A sentence of a template; the page looks its catalogue up once, not for every sentence."""
    return str((g.get("catalogue") or get_translations()).ugettext(words))


def _look() -> None:
    """The language and size of every page, also of one that says no."""
    g.lang = _language().language
    g.catalogue = get_translations()
    g.big = request.cookies.get("big") == "1"


def _tongues(response: Response) -> Response:
    """An English page says of its Chinese names and answers that they are Chinese."""
    if g.get("lang") == "en" and response.mimetype == "text/html" and not response.is_streamed:
        response.set_data(tongues.marked(response.get_data(as_text=True)))
    return response


def _gate(app: Flask) -> None:
    """Before every page: may this visitor be here? A page without a rule is closed (trust.md 3.12)."""

    @app.before_request
    def _enter() -> None:
        read_only(request.method in SAFE)
        if request.endpoint is None or request.endpoint == "static":
            return
        _refuse_nul()
        view = app.view_functions[request.endpoint]
        who = getattr(view, "admits", None)
        if who is None:
            raise errors.Refused
        if who.name != "anyone" and not current_user.is_authenticated:
            raise errors.Refused(say("请先登录。"), basis="login")
        who.ask(getattr(g, "post", None))

    @app.teardown_request
    def _leave(_error: BaseException | None) -> None:
        read_only(False)

    @app.after_request
    def _headers(response: Response) -> Response:
        said = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  not a mapping
        ours = request.endpoint == "static" and response.status_code < 400  # a page that says no is a page
        guards = GUARDS if ours else PAGE_GUARDS
        response.headers.extend([pair for pair in guards.items() if pair[0].lower() not in said])
        return response


def _refuse_nul() -> None:
    """The sign NUL, which no keyboard types and PostgreSQL cannot keep, is in no honest request."""
    given = chain(request.args.items(multi=True), request.form.items(multi=True))
    names = (file.filename or "" for _key, file in request.files.items(multi=True))
    if "\0" in "".join(chain((request.path,), chain.from_iterable(given), names)):
        raise BadRequest


def _answers(app: Flask) -> None:
    """Each expected answer becomes a page and a status here, once."""
    app.register_error_handler(errors.OfficeError, _office)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _say(error: errors.OfficeError, status: int) -> Any:
    db.session.rollback()
    read_only(True)  # saying no must not wait for a turn to write
    return render_template("error.html", status=status, error=error), status


def _office(error: errors.OfficeError) -> Any:
    if isinstance(error, errors.Refused) and error.basis == "login":
        return _held() or ways.ask_to_sign_in()
    if isinstance(error, errors.Busy):
        return _busy(error)
    return _say(error, next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422))


def _held(busy: Words | None = None) -> Any:
    db.session.rollback()
    read_only(True)
    return held.page(busy)


def _busy(error: errors.Busy) -> Any:
    """Nothing could be written: what was typed stands on the page, to be sent once more."""
    return _held(error.says) or _say(error, 503)


def _forged(_error: CSRFError) -> Any:
    expired = errors.OfficeError(say("页面已过期，请刷新后重新提交。已保存的草稿不受影响。"))
    return _held() or _say(expired, 400)


def _http(error: HTTPException) -> Any:
    code = error.code or 500
    if code < 400:
        return error
    return _say(errors.OfficeError(HTTP_SAYS.get(code, _("请求无法识别，请返回上一页重试。"))), code)


def _unexpected(error: Exception) -> Any:
    db.session.rollback()
    if current_app.testing:
        raise error
    code = f"{clock.now():%H%M%S}-{secrets.token_hex(3)}"
    current_app.logger.error("unexpected %s", code, exc_info=error)
    if isinstance(error, OperationalError):  # the database is locked from outside, or restarting
        return _busy(errors.Busy())
    says = say("系统出现意外，错误编号 %(code)s。已保存的草稿不受影响，请将编号告知系统管理员。", code=code)
    return _say(errors.OfficeError(says), 500)

"""How pages look: our stylesheets and scripts, sent thin and kept for a year."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from flask import Response, current_app, g, send_file, url_for
from werkzeug.security import safe_join

from casework import forms


def asset(name: str) -> str:
    """The address of a file of ours; it changes with the contents, so that it may be kept for a year."""
    return url_for("static", filename=name, v=_version(Path(current_app.static_folder or "") / name))


def form_look(form: forms.Form) -> str:
    """What shows and hides a form's questions, and the looks that only some forms need."""
    return form.css() + "".join(_thin(each.read_bytes()).decode() for each in _looks(form))


def form_version(form: forms.Form) -> str:
    """What stands in the address of a form's stylesheet: another one for another look."""
    every = form.version + "".join(map(_version, _looks(form)))
    return hashlib.sha256(every.encode()).hexdigest()[:10]


def _looks(form: forms.Form) -> list[Path]:
    """Of lists whose rows the office gives, of lists of many columns, and of forms filled in part by part."""
    wanted = {"dense.css": form.fixed_lists, "cards.css": form.broad_lists, "leaves.css": form.paged}
    return [Path(current_app.static_folder or "") / name for name, needed in wanted.items() if needed]


def first(name: str) -> bool:
    """Whether the page being made asks for it for the first time: what is needed once stands there."""
    said: set[str] = g.setdefault("said", set())
    new = name not in said
    said.add(name)
    return new


def static(filename: str) -> Response:
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


@lru_cache(maxsize=64)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"

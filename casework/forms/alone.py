"""What a page must know that judges its answers alone: nothing typed may leave it before it is sealed."""

from __future__ import annotations

from typing import Any

from casework.forms import uploads
from casework.forms.fields import missing, wrong
from casework.forms.layout import Layout
from casework.forms.profile import INPUTS, Component


def rules(form: Layout, lang: str) -> dict[str, Any]:
    """By the name of a question (`list.column` in a list): what the controls themselves do not carry.

    `missing`: what is said where an answer must be; `patterns`: how a text must look; `files`: which files
    are taken; `rows`: how many rows; `all`: what is said of boxes left unticked. Every sentence is the
    server's own.
    """
    found: dict[str, Any] = {"missing": {}, "patterns": {}, "files": {}, "rows": {}, "all": {}}
    for each in form.everything:
        own = form.list_of.get(each.id)
        name = f"{own.key}.{each.key}" if own else each.key
        if each.type in INPUTS and each.required:
            found["missing"][name] = missing(each, lang)
        if each.every:
            found["all"][name] = wrong("all.hint", each, lang)
        if each.kind and each.kind.pattern:
            found["patterns"][name] = [each.kind.pattern, wrong("pattern", each, lang)]
        if each.type == "filepicker":
            found["files"][name] = _files(each, lang)
        if each.rows is not None and not each.rows.fixed:
            most = each.rows.most
            found["rows"][name] = [most, wrong("rows.max", each, lang, bound=most)]
    return found


def _files(each: Component, lang: str) -> dict[str, Any]:
    """Which endings, how they begin (hexadecimal), how large, and what is said of any other."""
    bound = f"{each.megabytes:f} MB"
    return {
        "begins": {
            ending: [begin.hex() for begin in uploads.BEGINNINGS.get(ending, ())] for ending in each.accept
        },
        "most": int(each.megabytes * 1024 * 1024),
        "empty": wrong("file.empty", each, lang, name="{name}"),
        "size": wrong("file.size", each, lang, name="{name}", have="{have}", bound=bound),
        "type": wrong("file.type", each, lang, name="{name}", bound=uploads.endings(each)),
        "content": wrong("file.content", each, lang, name="{name}"),
    }

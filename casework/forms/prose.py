"""The free text of a form: paragraphs, lists, bold words, and {{expressions}} filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from casework.engine import feel
from casework.forms import messages
from casework.prose import whole

_BLANK = re.compile(r"\{\{(.+?)\}\}")


def filled(text: str, known: Mapping[str, Any], functions: Mapping[str, Any], lang: str) -> str:
    """A sentence with its {{expressions}} filled in; a dash where there is no value.

    After a name that ends with a full stop (`… Co., Ltd.`) the sentence's own is left out.
    """

    def value(blank: re.Match[str]) -> str:
        try:
            found = feel.compile(blank[1]).evaluate(known, functions)
        except feel.FeelSyntax:
            return blank[0]
        said = messages.figure(messages.spoken(found, lang), lang) or messages.around("none", lang)
        return said[:-1] if said.endswith(".") and text[blank.end() :].startswith(".") else said

    return _BLANK.sub(value, text) if "{{" in text else text


def blanks(text: str) -> list[str]:
    """The expressions in a text."""
    return _BLANK.findall(text)


def names(texts: Iterable[str]) -> set[str]:
    """The names that expressions in texts read; those that cannot be read have none."""
    found: set[str] = set()
    for text in texts:
        try:
            found |= feel.compile(text).names
        except feel.FeelSyntax:
            continue
    return found


def paragraphs(text: str) -> Markup:
    """Blank lines part paragraphs, lines beginning with `-` are a list, **words** are bold; nothing else."""
    return Markup().join(_paragraph(part) for part in re.split(r"\n\s*\n", text.strip()) if part)


def _paragraph(part: str) -> Markup:
    lines = [_bold(line.strip().lstrip("#").strip()) for line in part.splitlines() if line.strip()]
    if lines and all(line.startswith("- ") for line in lines):
        items = Markup().join(Markup("<li>{}</li>").format(line[2:]) for line in lines)
        return Markup("<ul>{}</ul>").format(items)
    return Markup("<p>{}</p>").format(Markup("<br>").join(lines))


def _bold(line: str) -> Markup:
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(whole(line))))  # noqa: S704 - escaped first

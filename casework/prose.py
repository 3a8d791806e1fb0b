"""Plain texts of notices as safe markup: paragraphs, headings, lists; nothing else is possible."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_ITEM = re.compile(r"^(?:[-*]|\d+[.、])\s+")
_DATE = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")


def markup(text: str) -> Markup:
    """Blank lines divide paragraphs; `## ` begins a heading, `- ` an item of a list."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return Markup("\n").join(part for block in blocks for part in _block(block.strip("\n")))


def whole(text: str) -> Markup:
    """A text in which no line breaks inside a date: browsers break after a hyphen."""
    kept = _DATE.sub(r'<span class="nowrap">\g<0></span>', str(escape(text)))
    return Markup(kept)  # noqa: S704 - escaped first


def _block(block: str) -> Iterator[Markup]:
    lines = block.split("\n")
    if lines[0].startswith("#"):
        yield Markup("<h2>{}</h2>").format(lines[0].lstrip("# "))
        lines = lines[1:]
    if not lines:
        return
    if all(_ITEM.match(line.strip()) for line in lines):
        items = Markup("").join(Markup("<li>{}</li>").format(_ITEM.sub("", line.strip())) for line in lines)
        yield Markup('<ul class="plain">{}</ul>').format(items)
    else:
        yield Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in lines))

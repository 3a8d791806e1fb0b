"""Chinese within an English page says that it is Chinese, to fonts and to screen readers.

Names, addresses and answers stay in the language they were given in. No template need think of it: the page
is read once, when it is finished. It relies on what Jinja sees to: no sign < or > stands within quotes.
"""

from __future__ import annotations

import re

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
#: From a Chinese sign, or the number or mark before it, to the last one before anything written in letters.
_RUN = re.compile(
    rf"(?:(?<![\w.,-])[0-9]+ ?)?[〔（《“]?[{_HAN}](?:[^A-Za-z&]*[{_HAN}。！？；：）〕》”])?"
    r"(?:[0-9]+(?!\w))?(?:\.[a-z]{2,4}\b)?"
)
_TEXT = re.compile(rf">([^<>]*[{_HAN}][^<>]*)<")
_FIELD = re.compile(rf'<input\b[^>]*\svalue="[^"]*[{_HAN}][^>]*>')
_UNSEEN = re.compile(r'\s(?:type="(?:hidden|radio|checkbox|submit)"|lang=)')
#: What shows its text but holds no elements; and what shows none of it, or none of its own.
_PLAIN, _CLOSED = ("textarea", "option", "text", "tspan"), ("title", "script", "style")


def marked(page: str) -> str:
    """An English page whose Chinese pieces are marked as such."""
    parts, done = [], 0
    for found in _TEXT.finditer(page):
        begins = page.rfind("<", 0, found.start())
        tag, text = page[begins : found.start() + 1], found[1]
        ends = page.startswith("/", found.end())
        parts += [page[done:begins], _told(tag, text, whole=ends)]
        done = found.end() - 1
    return _FIELD.sub(_field, "".join([*parts, page[done:]]))


def _told(tag: str, text: str, *, whole: bool) -> str:
    """A tag and the text behind it: `whole` when the element ends with this text."""
    name = re.match(r"</?(\w*)", tag)[1]  # type: ignore[index]
    if name in _CLOSED or ' lang="zh' in tag:
        return tag + text
    opens = not tag.startswith(("</", "<!")) and " lang=" not in tag
    if opens and whole and (name in _PLAIN or _RUN.fullmatch(text.strip())):
        return _opened(tag) + text
    return tag + (text if name in _PLAIN else _RUN.sub(r'<bdi lang="zh">\g<0></bdi>', text))


def _field(found: re.Match[str]) -> str:
    return found[0] if _UNSEEN.search(found[0]) else _opened(found[0])


def _opened(tag: str) -> str:
    """A start tag that says its contents are Chinese."""
    return re.sub(r"^<\w+", r'\g<0> lang="zh"', tag)

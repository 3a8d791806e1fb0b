"""The site's own words: Chinese in the source, English in one catalogue (translations/en)."""

from datetime import date
from typing import Any, TypeAlias

from flask_babel import force_locale, get_locale, gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

__all__ = [
    "LazyString",
    "Sentence",
    "Words",
    "_",
    "both",
    "dated",
    "say",
    "say_in",
    "speaking",
    "spoken_in",
    "unended",
]


class Sentence(LazyString):  # type: ignore[misc]  # Flask-Babel ships no types
    """A sentence that is spoken in the reader's language when it is shown.

    Flask-Babel's own passes for finished markup, with everything a visitor typed into it; this one is a text.
    """

    def __html__(self) -> Markup:
        """What a page shows: every sign that HTML would read is escaped."""
        return escape(str(self))


#: A sentence that is spoken in the reader's language when it is shown.
Words: TypeAlias = LazyString | str


def _(words: str, **blanks: Any) -> Sentence:
    """A sentence of the site with its blanks, spoken later."""
    return Sentence(gettext, words, **blanks)


say = gettext
#: What is made inside speaks this language, whoever reads: a workbook that is kept as a record.
speaking = force_locale


def both(zh: str, en: str) -> Sentence:
    """A sentence that a procedure folder brings in both languages, spoken later."""
    return Sentence(_one_of, zh, en)


def _one_of(zh: str, en: str) -> str:
    return en if spoken_in() == "en" and en else zh


def dated(value: date) -> Sentence:
    """A day in the middle of a sentence, in the language of whoever reads it: 2026年3月5日 / 2026-03-05."""
    return both(f"{value.year}年{value.month}月{value.day}日", value.isoformat())


def say_in(lang: str, words: Words) -> str:
    """In this language, whoever reads: what is kept as a record must not depend on that. zh or en."""
    with force_locale(lang):
        return str(words)


def spoken_in() -> str:
    """The reader's language: zh or en."""
    return "en" if str(get_locale()) == "en" else "zh"


def unended(text: str) -> str:
    """What somebody typed, without its full stop, where the sentence around it has one."""
    return text.rstrip(" 。.；;，,、")

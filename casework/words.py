"""The site's own words: Chinese in the source, English in one catalogue (translations/en)."""

from typing import TypeAlias

from flask_babel import force_locale, gettext, lazy_gettext
from flask_babel.speaklater import LazyString

__all__ = ["LazyString", "Words", "_", "say", "say_in"]

#: A sentence that is spoken in the reader's language when it is shown.
Words: TypeAlias = LazyString | str

_ = lazy_gettext
say = gettext


def say_in(lang: str, words: Words) -> str:
    """In this language, whoever reads: what is kept as a record must not depend on that. zh or en."""
    with force_locale(lang):
        return str(words)

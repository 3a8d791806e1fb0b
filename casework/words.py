"""The site's own words: Chinese in the source, English in one catalogue (translations/en)."""

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

__all__ = ["LazyString", "Words", "_", "say"]

#: A sentence that is spoken in the reader's language when it is shown.
Words = LazyString | str

_ = lazy_gettext
say = gettext

"""What all present at an opening must read besides its result: a wrong key, a lost bid handed in again.

It stands in the record of the case. Before the opening a bid has no name there, only its receipt.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import journal
from casework.cases.model import Case
from casework.db import db
from casework.people import Organisation, Post, signature
from casework.words import _, say_in

#: Under which name the record keeps the holder of a wrong key, and the receipt of a bid that came again.
WRONG_KEY, SUPPLIED = "wrong_key", "supplied_again"


def note_wrong_key(case: Case, by: Post, now: datetime) -> None:
    """The holder has handed over another key than the one of this tender."""
    holder = by.organisation
    told = {
        lang: say_in(lang, _("“%(name)s”提交的密钥不是本次招标的开标密钥。", name=holder.label(lang)))
        for lang in ("zh", "en")
    }
    detail = {"title": told["zh"], "title_en": told["en"], WRONG_KEY: holder.id}
    journal.write(case, "recorded", at=now, by=by, who=signature(by), detail=detail)


def note_supplied(case: Case, receipt: str, now: datetime) -> None:
    """The bid of this receipt, which the office had lost, is there again; nobody reads yet whose it is."""
    said = _("密文损坏，已按承诺值重新提交")
    detail = {"title": say_in("zh", said), "title_en": say_in("en", said), SUPPLIED: receipt}
    journal.write(case, "recorded", at=now, detail=detail)


def wrong_keys(case_id: int) -> list[dict[str, Any]]:
    """Whose key was wrong and when, in that order."""
    found = list(_noted(case_id, WRONG_KEY))
    named = {one: db.session.get_one(Organisation, one) for one, _at in found}
    return [
        {"holder": one, "name": named[one].name, "name_en": named[one].name_en, "at": at} for one, at in found
    ]


def supplied(case_id: int) -> dict[str, datetime]:
    """When which lost bid came again, by its receipt."""
    return dict(_noted(case_id, SUPPLIED))


def _noted(case_id: int, name: str) -> Iterator[tuple[Any, datetime]]:
    entry = journal.Entry
    said = sa.select(entry).where(entry.case_id == case_id, entry.what == "recorded")
    for one in db.session.scalars(said.where(entry.detail.contains(f'"{name}"')).order_by(entry.seq)):
        if name in one.facts:
            yield one.facts[name], one.at

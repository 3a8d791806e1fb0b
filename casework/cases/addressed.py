"""The letters a drawing sends: each to its own reader, or, where nobody may learn whom it concerns, to many.

As long as bids are sealed nobody may learn who has bid (招标投标法 第二十二条): what bidders must hear then
goes to everybody who could have bid, in the same words; each reads on its own bid page whether it is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from casework import bids, blanks, clock, journal, letters
from casework.cases.context import context
from casework.cases.settle import join
from casework.cases.turn import Turn
from casework.db import db
from casework.people import ROLES, Organisation, holders

#: In the header `to`, and in the record: everybody who may bid.
CIRCLE = "circle"


@dataclass(frozen=True)
class Text:
    """A notice or letter with its blanks filled, in both languages."""

    front: Mapping[str, Any]
    title: str
    title_en: str
    body: str
    body_en: str


def text(turn: Turn, name: str, scope: Mapping[str, Any]) -> Text:
    """`notices/…` or `letters/…` of the folder, filled."""
    zh, en = (blanks.read(turn.procedure.text(f"{name}{end}")) for end in (".md", ".en.md"))
    title, title_en = (
        blanks.fill(str(leaf.front["title"]), scope, turn.functions, lang)
        for leaf, lang in ((zh, "zh"), (en, "en"))
    )
    body, body_en = (
        blanks.fill(leaf.body, scope, turn.functions, lang) for leaf, lang in ((zh, "zh"), (en, "en"))
    )
    return Text(zh.front, title, title_en, body, body_en)


def send(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """To every holder of a post in these lanes and organisations; the text reads its own `recipient`.

    Who acts for two of them is written for each, where the letters differ. To an empty list nothing is sent,
    and nothing is written down; nor is what this turn has sent already.
    """
    to = arguments.get("to", "")
    if to == []:
        return
    lanes = [str(lane) for lane in (to if isinstance(to, list) else [to])]
    scope = context(turn, {**variables, **arguments})
    case, name, said = turn.case, str(arguments["letter"]), {**variables, **arguments}
    people: dict[tuple[int, int], Text] = {}
    for lane in lanes:
        organisation_id, roles = _lane(turn, lane, said)
        if arguments.get("joins") == "true":
            join(case, organisation_id, lane)
        filled = text(turn, f"letters/{name}", {**scope, "recipient": _named(organisation_id)})
        for post in holders(organisation_id, roles, clock.local(turn.now).date()):
            people.setdefault((post.user_id, organisation_id), filled)
    new = {(who, one.title, one.body): (who, at, one) for (who, at), one in reversed(people.items())}
    new = {mark: said for mark, said in new.items() if mark not in turn.sent}
    if people and not new:  # the same words to the same people, as a reminder and its end long overdue
        return
    turn.sent |= set(new)
    for who, at, one in sorted(new.values(), key=lambda letter: letter[:2]):
        _write(turn, who, at, one, case.id)
    _note(turn, name, next(iter(people.values()), None), lanes)


def _write(turn: Turn, user_id: int, organisation_id: int, said: Text, case_id: int | None) -> None:
    letters.send(
        *(user_id, said.title, said.body, said.body_en),
        now=turn.now,
        case_id=case_id,
        organisation_id=organisation_id,
        subject_en=said.title_en,
    )


def _lane(turn: Turn, lane: str, variables: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """The organisation of a lane and who acts for it; the id of an organisation means everybody there."""
    if lane.isdigit():
        return int(lane), tuple(ROLES)
    party = turn.procedure.parties.get(lane)
    if party is None:
        return turn.case.starter_organisation_id, tuple(ROLES)
    return int(party.organisation.require(turn.scope(variables), turn.functions)), party.roles


def _named(organisation_id: int) -> dict[str, Any]:
    """How a letter addresses its reader; in English by the Chinese name where it has no other."""
    one = db.session.get_one(Organisation, organisation_id)
    return {"id": one.id, "name": one.name, "name_en": one.label("en")}


def _note(turn: Turn, name: str, said: Text | None, to: list[str]) -> None:
    titles = {"title": said.title, "title_en": said.title_en} if said else {}
    journal.write(turn.case, "letter", at=turn.now, detail={"name": name, **titles, "to": to})


def circulate(
    turn: Turn,
    arguments: Mapping[str, Any],
    variables: Mapping[str, Any],
    invited: frozenset[int] | None,
) -> None:
    """The same words to everybody who could have bid, so that nothing here or on the way says who has.

    One letter in the case, and a promise for each person of the circle.
    """
    case, name = turn.case, str(arguments["letter"])
    said = text(turn, f"letters/{name}", context(turn, {**variables, **arguments}))
    to = bids.who.circle(clock.local(turn.now).date(), invited)
    letters.circulate(
        to, said.title, said.body, said.body_en, now=turn.now, case_id=case.id, subject_en=said.title_en
    )
    _note(turn, name, said, [CIRCLE])


def aside(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any], to: Iterable[int]) -> None:
    """To these bidders alone, as no part of the case: whoever reads the case does not read who they are."""
    name, scope = str(arguments["letter"]), context(turn, {**variables, **arguments})
    for organisation_id in sorted(to):
        said = text(turn, f"letters/{name}", {**scope, "recipient": _named(organisation_id)})
        for user_id in bids.who.of(organisation_id, clock.local(turn.now).date()):
            _write(turn, user_id, organisation_id, said, None)

"""What the steps of an evaluation record besides their answers; the unlawful is refused at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from casework import clock
from casework.cases import panel
from casework.cases.model import Case
from casework.cases.turn import Turn
from casework.committee import composition, draw, scoring, seats
from casework.committee.model import SPECIALITIES
from casework.db import db
from casework.errors import NotYet
from casework.people import Post, User, holders
from casework.words import _, say_in


def _parameters(turn: Turn) -> None:
    """`draw parameters`: a lawful number, and seats by speciality that add up to it (T17–T20)."""
    said, profile = turn.answers, turn.case.facts["profile"]
    size, ours = int(said["size"]), int(said.get("representatives") or 0)
    wrong = composition.violations(composition.planned(size, ours), composition.Demands.of(profile))
    if wrong:
        raise NotYet(wrong[0])
    drawn = sum(int(row["count"]) for row in said["seats"])
    if drawn != size - ours:
        raise NotYet(
            _(
                "各专业人数合计应为 %(need)s 人（总人数减招标人代表），现为 %(have)s 人。",
                need=size - ours,
                have=drawn,
            )
        )


def _representatives(turn: Turn) -> None:
    """`representatives`: people of the tenderer, as many as planned, none of the supervising office (T22)."""
    users = _chosen(turn, "people", int(turn.scope().get("representatives") or 0))
    seats.name_representatives(turn.case.id, users, turn.case.starter_organisation_id, turn.now)


def _successors(turn: Turn) -> None:
    """`successors`: as many as have stepped aside before the committee was formed, nobody a second time."""
    users = _chosen(turn, "successors", int(turn.scope().get("absent") or 0))
    known = {m.user_id: m for m in seats.of(turn.case.id)}
    for user in users:
        if user.id in known and known[user.id].state == seats.SITTING:
            raise NotYet(_("%(name)s已经是评标委员会成员。", name=user.name))
        if user.id in known:
            raise NotYet(_("%(name)s已经声明回避或者退出评标委员会，不能再次指定。", name=user.name))
    seats.add_representatives(turn.case.id, users, turn.case.starter_organisation_id, turn.now)


def _chosen(turn: Turn, key: str, need: int) -> list[User]:
    """So many different people of the tenderer, none of the supervising office."""
    chosen = [str(row["person"]) for row in turn.answers.get(key) or ()]
    if len(chosen) != need or len(set(chosen)) != need:
        raise NotYet(_("应指定 %(need)s 名不同的招标人代表。", need=need))
    ours = {str(one.user_id): one.user for one in colleagues(turn.case)}
    if not set(chosen) <= set(ours):
        raise NotYet(_("招标人代表应为本单位在岗人员。"))
    users: list[User] = [ours[one] for one in chosen]
    _free_of_office(turn, users)
    return users


def _free_of_office(turn: Turn, users: Sequence[User]) -> None:
    """Nobody of the supervising office sits for the tenderer (T22)."""
    officials = panel.firms(turn, turn.case.variables).officials
    wrong = composition.violations(
        [composition.Seat("representative", u.name, official=u.id in officials) for u in users],
        composition.Demands(0, odd=False, expert_share=composition.NONE),
    )
    if wrong:
        raise NotYet(wrong[0])


def colleagues(case: Case) -> list[Post]:
    """Who holds a post at the tenderer today, each person once."""
    held = holders(case.starter_organisation_id, ("handler", "head", "sealer"), clock.today())
    return list({post.user_id: post for post in reversed(held)}.values())[::-1]


def _commitment(turn: Turn) -> None:
    """`commitment`: the hash of the party's secret."""
    draw.pledge(panel.at(turn), _party(turn), str(turn.answers["commitment"]), now=turn.now)


def _reveal(turn: Turn) -> None:
    """`reveal`: the secret itself, or the refusal to say it."""
    one = panel.at(turn)
    if turn.answers.get("reveals") == "no":
        draw.refuse(one, _party(turn), str(turn.answers.get("why") or ""))
    else:
        draw.reveal(one, _party(turn), str(turn.answers["secret"]), now=turn.now)


def _party(turn: Turn) -> str:
    return turn.step.lane if turn.step else ""


def _call(turn: Turn) -> None:
    """`call`: a drawn expert comes or does not."""
    said = turn.answers
    seats.answer(panel.member_of(turn), said.get("comes") == "yes", str(said.get("why") or ""), now=turn.now)


def _statement(turn: Turn) -> None:
    """`statement`: no conflict, or the member steps aside (实施条例 第四十六条)."""
    said, member = turn.answers, panel.member_of(turn)
    seats.state(member, said.get("conflict") == "recuse", str(said.get("why") or ""), now=turn.now)
    if member.state != seats.SITTING:
        panel.let_go(member)


def _removal(turn: Turn) -> None:
    """`removal`: who is found to be tied, or cannot go on, is replaced (T21; 实施条例 第四十八条)."""
    member = seats.find(turn.case.id, turn.answers.get("member"))
    if member.state != seats.SITTING:
        raise NotYet(_("此人目前不是评标委员会成员。"))
    successor = None if member.kind == "expert" else _successor(turn)
    seats.leave(member, "removed", str(turn.answers.get("reason") or ""), now=turn.now)
    if successor is not None:
        seats.follow(member, successor, now=turn.now)
    panel.let_go(member)


def _successor(turn: Turn) -> User:
    """Whom the tenderer names in the place of its representative: lawful, and not a member already."""
    named = str(turn.answers.get("successor") or "")
    users = {str(one.user_id): one.user for one in colleagues(turn.case)}
    if named not in users:
        raise NotYet(_("更换招标人代表，请选择由招标人书面指定的接替人员。"))
    if users[named].id in _users(turn.case.id):
        raise NotYet(_("%(name)s已经是评标委员会成员。", name=users[named].name))
    _free_of_office(turn, [users[named]])
    return users[named]


def _findings(turn: Turn) -> None:
    """`formal check`: a finding for every bid, a lawful ground for a rejection (实施条例 第五十一条)."""
    rows = {str(row.get("key")): row for row in turn.answers.get("checks") or ()}
    for bid in turn.scope().get("to_check") or ():
        row: Mapping[str, Any] = rows.get(str(bid["no"])) or {}
        if row.get("verdict") not in {"pass", "reject", "ask"}:
            raise NotYet(_("请对每份投标文件作出初步评审结论。"))
        if row["verdict"] == "reject" and str(row.get("ground")) not in scoring.GROUNDS:
            raise NotYet(_("否决投标只能依据法定的七种情形之一。"))


def _scores(turn: Turn) -> None:
    """`scores`: the member's own sheet, whole; or that the time is too short (实施条例 第四十八条)."""
    if turn.answers.get("time") == "short":
        return
    scope = turn.scope()
    evaluation = str(scope["concerned"]["evaluation"])
    rows = panel.sheet(turn.case.id, scope)
    given = turn.answers.get("prices" if evaluation == "lowest_price" else "scores") or []
    lines = scoring.check_lines(given, rows, evaluation)
    scoring.keep(turn.case.id, panel.member_of(turn).id, lines, now=turn.now)


def _report(turn: Turn) -> None:
    """`report`: no more candidates than the law allows, nor than bids that are ranked (T25)."""
    count = turn.answers.get("count_candidates")
    if count is None:
        return
    if wrong := scoring.too_many(int(count), int(turn.case.facts["profile"]["candidates_max"])):
        raise NotYet(wrong)
    ranked = len(turn.scope().get("ranking") or ())
    if int(count) > ranked:
        raise NotYet(_("参加排序的投标只有 %(n)s 份。", n=ranked))


def people(case: Case) -> list[dict[str, Any]]:
    """The tenderer's people as options of a list."""
    return [
        {"value": str(p.user_id), "label": p.user.name, "label.en": p.user.label("en")}
        for p in colleagues(case)
    ]


def sitting(case_id: int, *, experts: bool = False) -> list[dict[str, Any]]:
    """The members, or the experts among them, as options of a list."""
    names = {u.id: u for u in db.session.scalars(sa.select(User).where(User.id.in_(_users(case_id))))}
    return [
        {"value": str(m.id), "label": m.name, "label.en": names[m.user_id].label("en")}
        for m in seats.seated(case_id)
        if m.kind == "expert" or not experts
    ]


def specialities() -> list[dict[str, Any]]:
    """The specialities as options of a list."""
    return [
        {"value": code, "label": say_in("zh", name), "label.en": say_in("en", name)}
        for code, name in SPECIALITIES.items()
    ]


def grounds() -> list[dict[str, Any]]:
    """The statutory grounds of a rejection as options of a list."""
    return [
        {"value": code, "label": f"（{scoring.item(code)}）{zh}", "label.en": f"({code}) {en}"}
        for code, (zh, en) in scoring.GROUNDS.items()
    ]


def _users(case_id: int) -> list[int]:
    return [m.user_id for m in seats.seated(case_id)]


RECORDERS: dict[str, Callable[[Turn], None]] = {
    "draw parameters": _parameters,
    "representatives": _representatives,
    "successors": _successors,
    "commitment": _commitment,
    "reveal": _reveal,
    "call": _call,
    "statement": _statement,
    "removal": _removal,
    "formal check": _findings,
    "scores": _scores,
    "report": _report,
}

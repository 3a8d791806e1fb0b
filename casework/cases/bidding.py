"""Sealed bidding in a case: what procedure.yaml says under `bidding`, and what a drawing may ask of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from casework import bids, clock, forms, journal, papers, standing
from casework.bids import Bidding, Terms, decoys, secret, signals
from casework.cases import addressed, incidents
from casework.cases.model import Case
from casework.cases.rows import lock
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import feel
from casework.errors import NotYet, Unknown
from casework.people import Organisation
from casework.words import Words, _, both, say_in

Facts = Mapping[str, Any] | None
#: What a case knows from its opening (casework/cases/facts.py; a test compares the two).
FACTS = frozenset({"project", "starter", "district", "profile", "case", "concerned"})


# -- what the procedure says -----------------------------------------------------------------------------


def section(case: Case) -> Mapping[str, Any]:
    """The section `bidding` of the procedure; Unknown where it takes no bids."""
    found: Mapping[str, Any] | None = case.procedure.about.get("bidding")
    if not found:
        raise Unknown
    return found


def form(case: Case) -> forms.Form:
    """The bid form."""
    return case.procedure.forms[str(section(case)["form"])]


def terms(case: Case) -> Terms:
    """What the tender says of its bids, now."""
    about, turn = section(case), Turn(case, None, clock.now())
    bidding = db.session.get(Bidding, case.id)
    return Terms(
        case_id=case.id,
        tender=case.number,
        form=form(case).version,
        documents=_documents(case, about),
        publics=tuple(bytes.fromhex(key.public) for key in bids.keys.sealing(case.id)),
        needed=bidding.needed if bidding else int(_value(turn, about.get("needed", 2))),
        closes_at=bidding.closes_at if bidding else turn.now,
        tenderer=case.starter_organisation_id,
        invited=invited(case),
        sealing=str(case.facts.get("profile", {}).get("bid_sealing") or "browser"),
    )


def invited(case: Case) -> frozenset[int] | None:
    """The organisations that alone may bid; None where every enterprise may."""
    who = value(case, "invited")
    return None if who is None else frozenset(int(each) for each in who)


def holders(case: Case) -> list[int]:
    """The organisations that keep a key."""
    return [int(one) for one in value(case, "holders") or ()]


def value(case: Case, name: str) -> Any:
    """What a line of the section says of the case now; None where it is not written.

    A line that reads its variables alone does not fetch its facts: a list asks many cases.
    """
    text, turn = section(case).get(name), Turn(case, None, clock.now())
    if isinstance(text, str) and text.startswith("=") and not _asks(feel.compile(text)):
        return feel.compile(text).evaluate(case.variables or {}, turn.functions)
    return _value(turn, text)


def _asks(text: feel.Expression) -> bool:
    """Whether an expression reads the facts of the opening, or asks the office, which may."""
    return bool(text.names & FACTS or text.functions)


def called(case: Case) -> tuple[Words, str]:
    """What its procedure calls where the tender stands, and the tone of it; empty where it says nothing."""
    text = section(case).get("called")
    said = (
        feel.compile(text).evaluate(case.variables or {}, Turn(case, None, clock.now()).functions)
        if text
        else None
    )
    label, tone = (str(said["label"]), str(said.get("tone") or "")) if said else ("", "")
    return both(label, case.procedure.says(label, "en")) if label else "", tone


def _value(turn: Turn, text: Any) -> Any:
    if isinstance(text, str) and text.startswith("="):
        return feel.compile(text).evaluate(turn.scope(), turn.functions)
    return text


def _documents(case: Case, about: Mapping[str, Any]) -> str:
    """The version of the documents: another one as soon as a paper of theirs is issued."""
    issued = papers.in_force(case.id, about.get("documents") or ())
    return hashlib.sha256("|".join(issued).encode()).hexdigest()[:32]


def facts(case: Case) -> dict[str, Any]:
    """What the bid form may read."""
    return Turn(case, None, clock.now()).scope()


def shown(case: Case, bid: bids.OpenedBid, lang: str) -> forms.Bound:
    """The bid form as an opened bid has it."""
    asked, said = form(case), dict(bid.answers or {})
    kept = {key: [_Kept(one) for one in said.get(key) or ()] for key in asked.uploads}
    return asked.bind(lang, values=said, facts=facts(case), files=kept, today=clock.today())


class _Kept:
    """A stored file as the form layer reads it."""

    def __init__(self, one: Mapping[str, Any]) -> None:
        self.id, self.name, self.size = str(one["id"]), str(one["name"]), int(one["size"])


def late(case: Case) -> list[dict[str, Any]]:
    """Who came too late, and when: read out with the record of the opening (T11)."""
    return [_late(one) for one in bids.room.refusals(case.id)]


def supply(case: Case, pseudonym: str, blob: bytes, now: datetime) -> None:
    """A lost bid comes again, byte for byte; the record says so, without a name."""
    case, bidding = lock(case.id), bids.room.find(case.id, alone=True)
    incidents.note_supplied(case, bids.opening.supply(bidding, pseudonym, blob), now)


# -- looked up for forms ---------------------------------------------------------------------------------


def _tender(case: Case) -> int:
    """The case whose bids a step is about: its own, or the one it concerns."""
    own = db.session.get(Bidding, case.id)
    return case.id if own is not None or case.parent_id is None else case.parent_id


def questions(case: Case) -> list[dict[str, str]]:
    """Questions that wait for a clarification, without who asked."""
    return bids.questions.rows(_tender(case))


def opened_bids(case: Case) -> list[dict[str, Any]]:
    """The bids as opened; before the opening there is nothing to look up."""
    return list(bids.opening.facts(bids.opening.of(_tender(case))))


def said_at_opening(case: Case) -> list[dict[str, str]]:
    """Objections made on the page of the opening, and what the tenderer answered there."""
    found = bids.hearing.of(_tender(case))
    return [
        {"key": str(one.id), "who": one.organisation.name, "what": one.text, "reply": one.answer}
        for one in found
    ]


def signs(case: Case) -> list[dict[str, Any]]:
    """Signs of collusion among the opened bids, for the committee."""
    return [one.dump() for one in signals.among(bids.opening.of(_tender(case)))]


def sums(case: Case) -> list[dict[str, Any]]:
    """Sums of the opened bids that do not agree, for the committee."""
    return [one.dump() for one in bids.sums.among(bids.opening.of(_tender(case)))]


# -- effects ---------------------------------------------------------------------------------------------


def _open_bidding(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`open bidding` (input closes): from now on sealed bids are taken in until then."""
    case = turn.case
    if db.session.get(Bidding, case.id) is not None:
        raise NotYet(_("本案已经开始接收投标文件。"))
    said = terms(case)
    named = len(holders(case))
    if not 1 <= said.needed <= len(said.publics):
        raise NotYet(
            _("开标密钥尚未齐备：已生成并验证 %(have)s 份，开标需要 %(needed)s 份（共 %(n)s 方保管）。",
              have=len(said.publics), needed=said.needed, n=named)
        )  # fmt: skip
    bidding = Bidding(
        case_id=case.id,
        tender=case.number,
        status="open",
        opened_at=turn.now,
        closes_at=_moment(arguments),
        needed=said.needed,
        check=secret.mark("secret", case.number),
        shut=False,
        root="",
    )
    db.session.add(bidding)
    db.session.flush()
    decoys.begin(terms(case))
    _write(turn, _("开始接收投标文件"), {"closes": bidding.closes_at, "keys": list(said.holders)})
    return None


def _moment(arguments: Mapping[str, Any]) -> datetime:
    closes = arguments.get("closes")
    if not isinstance(closes, datetime):
        raise NotYet(_("没有给出投标截止时间。"))
    return closes


def _write(turn: Turn, title: Any, detail: Mapping[str, Any]) -> None:
    said = {"title": say_in("zh", title), "title_en": say_in("en", title), **detail}
    journal.write(turn.case, "recorded", at=turn.now, by=turn.by, detail=said)


def _amend_bidding(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`amend bidding` (inputs closes, reconfirm): bids placed before count only when confirmed again."""
    bidding = bids.room.find(turn.case.id, alone=True)
    if bidding.status not in {"open", "suspended"}:
        raise NotYet(_("投标已经截止，招标文件不能再修改。"))
    if arguments.get("closes") is not None:
        bidding.closes_at, bidding.shut = _moment(arguments), False
    if arguments.get("reconfirm") is True:
        bidding.reconfirm_since = turn.now
    bids.questions.answered(turn.case.id)
    _write(turn, _("招标文件澄清修改"), {"closes": bidding.closes_at, "reconfirm": bidding.reconfirm_since})
    return None


def _suspend_bidding(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`suspend bidding`: no bids are taken in until it is resumed."""
    bidding = bids.room.find(turn.case.id, alone=True)
    if bidding.status == "open":
        bidding.status = "suspended"
        _write(turn, _("暂停招标"), {})
    return None


def _resume_bidding(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`resume bidding` (input closes): bids are taken in again."""
    bidding = bids.room.find(turn.case.id, alone=True)
    if bidding.status == "suspended":
        bidding.status, bidding.shut = "open", False
        if arguments.get("closes") is not None:
            bidding.closes_at = _moment(arguments)
        _write(turn, _("恢复招标"), {"closes": bidding.closes_at})
    return None


def _stop_bidding(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`stop bidding`: what was handed in stays sealed, no key is released; why is for the notice to say."""
    bidding = bids.room.find(turn.case.id, alone=True)
    bidding.status, bidding.shut = "stopped", True
    bidding.closed_at = bidding.closed_at or turn.now
    bids.keys.forget(turn.case.id)
    _write(turn, _("本次招标停止，已递交的投标文件不予开启"), {})
    return None


def _close_bidding(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`close bidding` (input least): facts bid_count and bid_root.

    With a header `letter` it goes round, where a stored envelope is damaged and its copy may come again:
    only where as many as `least` have bid, for fewer are never opened.
    """
    bidding = bids.room.find(turn.case.id, alone=True)
    found = bids.opening.close(bidding, turn.now)
    _write(turn, _("投标截止"), found)
    enough = found["bid_count"] >= int(arguments.get("least") or 0)
    if bidding.lost and enough and arguments.get("letter"):
        addressed.circulate(turn, arguments, {**variables, **found}, invited(turn.case))
    return found


def _open_bids(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`open bids`: facts bids (by their receipts), signals, wrong_keys; what was late is written down too.

    With a header `letter` it goes to each bidder whose bid was not opened, or was not confirmed again.
    """
    case = turn.case
    bidding = bids.room.find(case.id, alone=True)
    paper = bids.Paper(
        form(case), turn.scope(variables), turn.functions, clock.local(bidding.closes_at).date(), case.number
    )
    opened = bids.opening.open_all(bidding, paper, turn.now)
    signals.judge_ties(opened, _ties(opened, turn))
    again = incidents.supplied(case.id)
    found = [{**b, "supplied_at": again.get(b["receipt"])} for b in bids.opening.facts(opened)]
    read = ("no", "name", "outcome", "reason", "price", "receipt", "placed_at", "sealed_by", "supplied_at")
    read_out = [{k: b[k] for k in read} for b in found]
    detail = {"root": bidding.root, "bids": read_out, "late": late(case)}
    _write(turn, _("开标"), detail)
    if arguments.get("letter"):
        unopened = [str(bid["enterprise"]) for bid in found if bid["outcome"] != bids.OPENED]
        known = {**variables, "bids": found}
        addressed.send(turn, {**arguments, "to": unopened}, known)
        addressed.aside(turn, arguments, known, (int(one["org"]) for one in bids.room.set_aside(case.id)))
    return {"bids": found, "signals": signs(case), "wrong_keys": incidents.wrong_keys(case.id)}


def _read_bid(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`read bid` (header as=…, input no): that fact: the opened bid, with what a contract must keep to."""
    return {str(arguments.get("as", "bid")): bids.opening.whole(turn.case.id, int(arguments["no"]))}


def _ties(opened: list[bids.OpenedBid], turn: Turn) -> list[signals.Tied]:
    found = standing.conflicts([bid.organisation_id for bid in opened], clock.local(turn.now).date())
    return [
        signals.Tied(pair, tie.zh, tie.en, tie.basis, tie.document, tie.excludes)
        for pair, tied in found.items()
        for tie in tied
    ]


def _late(one: Mapping[str, Any]) -> dict[str, Any]:
    organisation = db.session.get(Organisation, int(one["org"]))
    name = organisation.name if organisation else ""
    name_en = organisation.name_en if organisation else ""
    return {"name": name, "name_en": name_en, "at": datetime.fromisoformat(one["at"])}


EFFECTS: dict[str, Callable[[Turn, Mapping[str, Any], Mapping[str, Any]], Facts]] = {
    "open bidding": _open_bidding,
    "amend bidding": _amend_bidding,
    "suspend bidding": _suspend_bidding,
    "resume bidding": _resume_bidding,
    "stop bidding": _stop_bidding,
    "close bidding": _close_bidding,
    "open bids": _open_bids,
    "read bid": _read_bid,
}

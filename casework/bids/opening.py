"""The end of the bidding: counted at the deadline, opened with the released keys, each bid for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import files
from casework.bids import container, decoys, envelope, keys, merkle, reading, room, secret, vault
from casework.bids.model import (
    OPENED,
    RETURNED,
    REVOKED,
    Bidding,
    BidDraft,
    OpenedBid,
    Sealed,
)
from casework.bids.reading import Paper
from casework.db import db
from casework.errors import NotYet, OfficeError, Unknown
from casework.people import Post
from casework.words import Words, _, say_in

LOST = _("存储的密文丢失或者损坏，投标人未能按承诺值重新提交；非投标人原因，视为撤回。")
FOREIGN = _("封装内的投标人与递交的单位不一致。")


@dataclass(frozen=True)
class Counted:
    """A bid that takes part: its row and what its hidden note says."""

    row: Sealed
    note: Mapping[str, Any]
    mine: room.Mine


def valid(bidding: Bidding) -> list[Counted]:
    """The bids delivered and valid at the deadline, in the order of their receipts."""
    found = []
    for row in db.session.scalars(_rows(bidding)):
        note = decoys.note(row)
        if note and room.read(note, row.size).counts(bidding.reconfirm_since):
            found.append(Counted(row, note, room.read(note, row.size)))
    return sorted(found, key=lambda one: (one.mine.at, one.mine.sha256))


def _unconfirmed(bidding: Bidding) -> list[dict[str, Any]]:
    """What lay there at the deadline and was not confirmed after the last amendment."""
    notes = (decoys.note(row) for row in db.session.scalars(_rows(bidding)))
    placed = [note for note in notes if note and not note.get("withdrawn")]
    return [note for note in placed if not room.read(note, 0).counts(bidding.reconfirm_since)]


def _rows(bidding: Bidding) -> sa.Select[Sealed]:
    return sa.select(Sealed).where(Sealed.case_id == bidding.case_id)


def close(bidding: Bidding, now: datetime) -> dict[str, Any]:
    """At the deadline: count, put one number over all bids, drop the decoys; facts for the drawing."""
    if bidding.status not in {"open", "suspended"}:
        return {"bid_count": bidding.count, "bid_root": bidding.root}
    if now < bidding.closes_at:
        raise NotYet(_("投标截止时间未到，不能截止。"))
    counted = valid(bidding)
    leaves = sorted(one.mine.sha256 for one in counted)
    bidding.status, bidding.closed_at, bidding.shut = "closed", now, True
    bidding.count, bidding.leaves, bidding.root = len(leaves), leaves, merkle.root(leaves)
    bidding.lost = [leaf for leaf in leaves if vault.read(bidding.case_id, leaf) is None]
    if bidding.reconfirm_since is not None:
        room.lay_aside(bidding, _unconfirmed(bidding))
    kept = {one.row.id for one in counted}
    db.session.execute(
        sa.delete(Sealed).where(Sealed.case_id == bidding.case_id, Sealed.id.not_in(kept or {""}))
    )
    db.session.execute(sa.delete(BidDraft).where(BidDraft.case_id == bidding.case_id))
    db.session.flush()
    return {"bid_count": bidding.count, "bid_root": bidding.root}


def supply(bidding: Bidding, pseudonym: str, blob: bytes) -> str:
    """A bidder hands in again, byte for byte, what the office has lost; returns its commitment."""
    digest = hashlib.sha256(blob).hexdigest()
    rows = {row.sha256 for row in _own(bidding, pseudonym)}
    if bidding.status != "closed" or digest not in rows or digest not in (bidding.lost or ()):
        raise NotYet(_("提交的文件与递交时的承诺值（回执中的哈希值）不符，或者原件并未丢失。"))
    vault.lay(bidding.case_id, blob)
    bidding.lost = [leaf for leaf in bidding.lost if leaf != digest]
    return digest


def _own(bidding: Bidding, pseudonym: str) -> Sequence[Sealed]:
    return list(db.session.scalars(_rows(bidding).where(Sealed.pseudonym == pseudonym)))


# -- opening -------------------------------------------------------------------------------------------------


@dataclass
class Opened:
    """What came out of one envelope; attachments lie on the disk, their rows are yet to be written."""

    outcome: str
    reason: Words = ""
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    kept: dict[str, list[files.File]] = field(default_factory=dict)
    flaws: list[dict[str, str]] = field(default_factory=list)
    traces: dict[str, Any] = field(default_factory=dict)


#: What has been unsealed before the transaction that writes it down, by tender and commitment.
_prepared: dict[tuple[str, str], Opened] = {}


def ready(case_id: int, needed: int) -> dict[str, envelope.Private]:
    """The released keys, when there are enough of them."""
    held = keys.released(keys.of(case_id))
    if len(held) < needed:
        missing = "、".join(key.organisation.name for key in keys.sealing(case_id) if not key.released)
        raise NotYet(
            _("开标密钥只释放了 %(have)s 份，需要 %(needed)s 份；尚未释放：%(names)s。",
              have=len(held), needed=needed, names=missing)
        )  # fmt: skip
    return held


def prepare(bidding: Bidding, held: Mapping[str, envelope.Private]) -> None:
    """Unseal everything before the writing transaction: large bids hold nobody up meanwhile."""
    case_id, tender, counted = bidding.case_id, bidding.tender, valid(bidding)
    db.session.rollback()
    for one in counted:
        _prepared[tender, one.mine.sha256] = unseal(case_id, tender, one, held)


def unseal(case_id: int, tender: str, one: Counted, held: Mapping[str, envelope.Private]) -> Opened:
    """One bid; whatever is wrong with it stays with it (T10)."""
    blob = vault.read(case_id, one.mine.sha256)
    if blob is None:
        return Opened(RETURNED, LOST)
    try:
        found = envelope.read(blob)
        content = container.unpack(envelope.open_with(found, held))
    except OfficeError as fault:
        return Opened(REVOKED, fault.says)
    owner = secret.pseudonym(tender, int(one.note["org"]))
    said = (str(content.about.get("tender")), str(content.about.get("bidder")))
    if found.binding.pseudonym != owner or said != (tender, owner):
        return Opened(REVOKED, FOREIGN)
    opened = Opened(OPENED, typed=content.typed, traces=reading.traces_of(content.files))
    for each in content.files:
        _attach(opened, each, int(one.note["post"]))
    return opened


def _attach(opened: Opened, each: container.Attached, post_id: int) -> None:
    """An attachment becomes a file like any other; one that may not be kept is a flaw, by name and reason."""
    try:
        laid = files.lay(each.name, each.data, post_id=post_id, with_place=True)  # to the letter as sealed
        opened.kept.setdefault(each.key, []).append(laid)
    except files.Unfit as unfit:
        opened.flaws.append({"zh": say_in("zh", unfit.says), "en": say_in("en", unfit.says)})


def open_all(bidding: Bidding, paper: Paper, now: datetime) -> list[OpenedBid]:
    """Open every bid with the released keys; one that fails never stops the others."""
    held = ready(bidding.case_id, bidding.needed)
    if bidding.status == "opened":
        return of(bidding.case_id)
    if bidding.status != "closed":
        raise NotYet(_("投标尚未截止，不能开标。"))
    for number, one in enumerate(valid(bidding), 1):
        opened = _prepared.pop((bidding.tender, one.mine.sha256), None)
        if opened is None:
            opened = unseal(bidding.case_id, bidding.tender, one, held)
        db.session.add(_record(bidding.case_id, number, one, opened, paper))
    bidding.status = "opened"
    db.session.flush()
    return of(bidding.case_id)


def _record(case_id: int, number: int, one: Counted, opened: Opened, paper: Paper) -> OpenedBid:
    record = OpenedBid(
        case_id=case_id,
        no=number,
        organisation_id=int(one.note["org"]),
        post_id=int(one.note["post"]),
        outcome=opened.outcome,
        reason=say_in("zh", opened.reason),
        reason_en=say_in("en", opened.reason),
        receipt=one.mine.sha256,
        placed_at=one.mine.at,
        sealed_by=one.mine.sealed_by,
        flaws=[],
    )
    if opened.outcome == OPENED:
        db.session.add_all(file for some in opened.kept.values() for file in some)
        db.session.flush()
        read = reading.read(paper, opened.typed, opened.kept, opened.traces)
        record.answers, record.flaws = read.answers, [*read.flaws, *opened.flaws]
        record.marks = {**read.marks, "agent": [db.session.get_one(Post, record.post_id).user_id]}
    return record


def of(case_id: int) -> list[OpenedBid]:
    """The opened bids in the order of their receipts."""
    query = sa.select(OpenedBid).where(OpenedBid.case_id == case_id).order_by(OpenedBid.no)
    return list(db.session.scalars(query.options(joinedload(OpenedBid.organisation))))


def facts(bids: Iterable[OpenedBid]) -> Iterator[dict[str, Any]]:
    """The bids as expressions, papers and the evaluation read them."""
    for bid in bids:
        said = bid.answers or {}
        yield {
            "no": bid.no,
            "enterprise": bid.organisation_id,
            "name": bid.organisation.name,
            "name_en": bid.organisation.name_en,
            **{key: said.get(key) for key in ("price", "total_year", "level", "years", "manager", "staff")},
            "outcome": bid.outcome,
            "reason": bid.reason,
            "reason_en": bid.reason_en,
            "invalid": bid.invalid,
            "receipt": bid.receipt,
            "placed_at": bid.placed_at,
            "sealed_by": bid.sealed_by,
            "flaws": [flaw["zh"] for flaw in bid.flaws or ()],
            "flaws_en": [flaw["en"] for flaw in bid.flaws or ()],
        }


def whole(case_id: int, no: int) -> dict[str, Any]:
    """One opened bid with everything a contract must not deviate from (招标投标法实施条例 第五十七条)."""
    found = next((bid for bid in of(case_id) if bid.no == no), None)
    if found is None or found.outcome != "opened":
        raise Unknown
    said = found.answers or {}
    promised = {key: said.get(key) for key in ("prices", "costs", "promises", "satisfaction", "staff_total")}
    return {**next(facts([found])), **promised}

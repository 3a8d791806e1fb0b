"""The end of the bidding: counted at the deadline, opened with the released keys, each bid for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

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
    for row in db.session.scalars(sa.select(Sealed).where(Sealed.case_id == bidding.case_id)):
        note = decoys.note(row)
        if note and room.read(note, row.size).counts(bidding.reconfirm_since):
            found.append(Counted(row, note, room.read(note, row.size)))
    return sorted(found, key=lambda one: (one.mine.at, one.mine.sha256))


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
    kept = {one.row.id for one in counted}
    db.session.execute(
        sa.delete(Sealed).where(Sealed.case_id == bidding.case_id, Sealed.id.not_in(kept or {""}))
    )
    db.session.execute(sa.delete(BidDraft).where(BidDraft.case_id == bidding.case_id))
    db.session.flush()
    return {"bid_count": bidding.count, "bid_root": bidding.root}


def supply(bidding: Bidding, pseudonym: str, blob: bytes) -> None:
    """A bidder hands in again, byte for byte, what the office has lost; anything else is refused."""
    digest = hashlib.sha256(blob).hexdigest()
    rows = {row.sha256 for row in _own(bidding, pseudonym)}
    if bidding.status != "closed" or digest not in rows or digest not in (bidding.lost or ()):
        raise NotYet(_("提交的文件与递交时的承诺值（回执中的哈希值）不符，或者原件并未丢失。"))
    vault.lay(bidding.case_id, blob)
    bidding.lost = [leaf for leaf in bidding.lost if leaf != digest]


def _own(bidding: Bidding, pseudonym: str) -> Sequence[Sealed]:
    query = sa.select(Sealed).where(Sealed.case_id == bidding.case_id, Sealed.pseudonym == pseudonym)
    return list(db.session.scalars(query))


# -- opening -------------------------------------------------------------------------------------------------


@dataclass
class Opened:
    """What came out of one envelope."""

    outcome: str
    reason: Words = ""
    content: container.Content | None = None
    flaws: list[Words] = field(default_factory=list)


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


def unseal(bidding: Bidding, one: Counted, held: Mapping[str, envelope.Private]) -> Opened:
    """One bid; whatever is wrong with it stays with it (T10)."""
    blob = vault.read(bidding.case_id, one.mine.sha256)
    if blob is None:
        return Opened(RETURNED, LOST)
    try:
        found = envelope.read(blob)
        content = container.unpack(envelope.open_with(found, held))
    except OfficeError as fault:
        return Opened(REVOKED, fault.says)
    about = content.about
    owner = secret.pseudonym(bidding.tender, int(one.note["org"]))
    said = (str(about.get("tender")), str(about.get("bidder")))
    if found.binding.pseudonym != owner or said != (bidding.tender, owner):
        return Opened(REVOKED, FOREIGN)
    return Opened(OPENED, content=content)


def open_all(bidding: Bidding, paper: Paper, now: datetime) -> list[OpenedBid]:
    """Open every bid with the released keys; one that fails never stops the others."""
    held = ready(bidding.case_id, bidding.needed)
    if bidding.status == "opened":
        return of(bidding.case_id)
    if bidding.status != "closed":
        raise NotYet(_("投标尚未截止，不能开标。"))
    for number, one in enumerate(valid(bidding), 1):
        db.session.add(_record(bidding, number, one, unseal(bidding, one, held), paper))
    bidding.status = "opened"
    db.session.flush()
    return of(bidding.case_id)


def _record(bidding: Bidding, number: int, one: Counted, opened: Opened, paper: Paper) -> OpenedBid:
    record = OpenedBid(
        case_id=bidding.case_id,
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
    if opened.content is not None:
        kept, unfit = _attachments(opened.content, one)
        read = reading.read(paper, opened.content, kept)
        record.answers, record.flaws = read.answers, [*read.flaws, *unfit]
        record.marks = {**read.marks, "agent": [db.session.get_one(Post, record.post_id).user_id]}
    return record


def _attachments(
    content: container.Content, one: Counted
) -> tuple[dict[str, list[files.File]], list[dict[str, str]]]:
    """Attachments become files like any other; one that may not be kept is a flaw, by name and reason."""
    kept: dict[str, list[files.File]] = {}
    flaws = []
    for each in content.files:
        try:
            kept.setdefault(each.key, []).append(
                files.keep(each.name, each.data, post_id=int(one.note["post"]))
            )
        except files.Unfit as unfit:
            flaws.append({"zh": say_in("zh", unfit.says), "en": say_in("en", unfit.says)})
    return kept, flaws


def of(case_id: int) -> list[OpenedBid]:
    """The opened bids in the order of their receipts."""
    return list(
        db.session.scalars(sa.select(OpenedBid).where(OpenedBid.case_id == case_id).order_by(OpenedBid.no))
    )


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

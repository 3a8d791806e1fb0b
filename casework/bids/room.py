"""The bid room: a bid is placed, replaced, confirmed, withdrawn until the deadline; nothing names anybody.

No act here is written in the record, a draft, a letter or a log: only in the bidder's own pseudonymous row.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import clock
from casework.bids import decoys, envelope, secret, vault
from casework.bids.container import padded_size
from casework.bids.model import Bidding, BidDraft, BidRefusal, Sealed
from casework.bids.receipts import Receipt
from casework.bids.terms import Terms
from casework.db import db
from casework.errors import Conflict, NotYet, TooMuch, Unknown
from casework.people import Post
from casework.words import _

#: What a draft may weigh, encrypted.
DRAFT_MOST = 1024 * 1024
#: As many notes of bids set aside lie there after a deadline, of somebody or of nobody.
ASIDE = 16


class Late(NotYet):
    """After the deadline: only the refusal is kept (T11, T12)."""

    says = _("投标截止时间已过，系统拒收。")
    basis = _("招标投标法 第二十八条")
    advice = _("截止之前递交并且有效的投标不受影响。认为拒收有误的，可以依法向招标人提出异议。")


class Shut(NotYet):
    """The bidding is suspended or over."""

    says = _("招标已暂停，暂不接收投标文件；恢复后会公布新的截止时间。")


@dataclass(frozen=True)
class Arrived:
    """An envelope that has been looked into and lies on the disk, with its company of decoys."""

    laid: decoys.Laid
    company: tuple[decoys.Laid, ...]

    @property
    def digests(self) -> list[str]:
        """Everything that was laid."""
        return [self.laid.digest, *(one.digest for one in self.company)]


@dataclass(frozen=True)
class Mine:
    """What an organisation has in a tender, for its own eyes."""

    no: int
    sha256: str
    size: int
    at: datetime
    sealed_by: str
    confirmed: datetime | None
    withdrawn: datetime | None
    #: the newest act and its moment, as its receipt says
    act: str
    done: datetime

    def counts(self, since: datetime | None) -> bool:
        """Whether it takes part as things stand."""
        newest = max(self.at, self.confirmed or self.at)
        return self.withdrawn is None and (since is None or newest >= since)


def find(case_id: int, *, alone: bool = False) -> Bidding:
    """The bidding of a case; `alone`: nobody else acts in it until the transaction ends."""
    found = db.session.get(Bidding, case_id, with_for_update=alone, populate_existing=alone)
    if found is None:
        raise Unknown
    secret.check(found.tender, found.check)
    return found


def ask_time(bidding: Bidding, received: datetime) -> None:
    """Go on while bids are taken in; Late or Shut with the reason.

    What was received in time and has waited for its turn is not late; a clock that shows a time before the
    deadline after somebody was already too late has been set back.
    """
    if bidding.status == "suspended":
        raise Shut
    if bidding.status == "stopped":
        raise Shut(_("本次招标已经停止，不再接收投标文件；已递交的不予开启。"))
    set_back = bidding.shut and clock.now() < bidding.closes_at
    if bidding.status != "open" or set_back or received >= bidding.closes_at:
        raise Late


def arrive(terms: Terms, organisation_id: int, blob: bytes, there: Iterable[tuple[str, int]]) -> Arrived:
    """Look into an envelope and lay it on the disk; needs no database, and may take its time.

    `there`: what decoys.restless has found before.
    """
    found, binding = envelope.read(blob), terms.binding(organisation_id)
    envelope.check(found, binding, terms.holders, terms.needed)
    digest = vault.lay(terms.case_id, blob)
    like = padded_size(len(found.ciphertext) - envelope.TAG)
    company = tuple(decoys.company(terms, there, like))
    return Arrived(decoys.Laid(binding.pseudonym, digest, len(blob)), company)


def place(terms: Terms, arrived: Arrived, *, by: Post, sealed_by: str, now: datetime) -> Receipt:
    """The envelope counts from `now`, when it was received whole, in the place of an earlier one (T14).

    Late, after the deadline: the caller commits the refusal record, which is all that is kept.
    """
    bidding = find(terms.case_id, alone=True)
    try:
        ask_time(bidding, now)
    except NotYet as no:
        vault.remove(terms.case_id, arrived.digests)
        if isinstance(no, Late):
            refuse(bidding, by=by, now=now)
        raise
    before = _row(terms, by.organisation_id)
    earlier = _note(before) if before else None
    act = "placed" if earlier is None or earlier.get("withdrawn") else "replaced"
    said = {"at": now.isoformat(), "by": sealed_by}
    number = _keep(terms, arrived.laid, by, before, {**said, "act": act, "done": now.isoformat()})
    room = 0 if before else decoys.under(arrived.laid.size)
    decoys.mingle(terms.case_id, arrived.company, room)
    return _receipt(terms, act, number, laid=arrived.laid, at=now, by=sealed_by)


def confirm(terms: Terms, *, by: Post, now: datetime) -> Receipt:
    """The bidder stands by the bid after an amendment of the documents."""
    return _change(terms, "confirmed", by=by, now=now)


def withdraw(terms: Terms, *, by: Post, now: datetime) -> Receipt:
    """The bidder takes the bid back; the envelope is destroyed and will not be opened."""
    return _change(terms, "withdrawn", by=by, now=now)


def _change(terms: Terms, act: str, *, by: Post, now: datetime) -> Receipt:
    bidding = find(terms.case_id, alone=True)
    ask_time(bidding, now)
    before = _row(terms, by.organisation_id)
    earlier = _note(before) if before else {}
    if before is None or not earlier or earlier.get("withdrawn"):
        raise NotYet(_("贵单位目前没有已递交的投标文件。"))
    laid = decoys.Laid(before.pseudonym, before.sha256, before.size)
    if act == "withdrawn":  # a decoy of the same size lies there from now on
        other = decoys.make(terms, decoys.under(before.size))
        laid = decoys.Laid(before.pseudonym, other.digest, other.size)
    moment = now.isoformat()
    was = decoys.Laid(before.pseudonym, str(earlier["sha256"]), before.size)
    number = _keep(terms, laid, by, before, {**earlier, act: moment, "act": act, "done": moment})
    decoys.mingle(terms.case_id, decoys.company(terms, decoys.restless(terms.case_id)))
    return _receipt(terms, act, number, laid=was, at=now, by=str(earlier["by"]))


def _keep(terms: Terms, laid: decoys.Laid, by: Post, before: Sealed | None, said: dict[str, Any]) -> int:
    """Write the bidder's only row anew; returns the number of this act among the bidder's own."""
    number = int((_note(before) if before else {}).get("no", 0)) + 1
    if before is not None:
        db.session.execute(sa.delete(Sealed).where(Sealed.id == before.id))
    own = {"sha256": laid.digest, **said, "no": number, "org": by.organisation_id, "post": by.id}
    decoys.put(terms.case_id, laid, own)
    return number


def _receipt(terms: Terms, act: str, number: int, *, laid: decoys.Laid, at: datetime, by: str) -> Receipt:
    return Receipt(terms.tender, laid.pseudonym, act, number, laid.digest, at, by)


def _row(terms: Terms, organisation_id: int) -> Sealed | None:
    name = secret.pseudonym(terms.tender, organisation_id)
    query = sa.select(Sealed).where(Sealed.case_id == terms.case_id, Sealed.pseudonym == name)
    return db.session.scalars(query).first()


def _note(row: Sealed) -> dict[str, Any]:
    return decoys.note(row) or {}


def mine(terms: Terms, organisation_id: int) -> Mine | None:
    """What this organisation has in the tender; a bid withdrawn or set aside is told as such."""
    row = _row(terms, organisation_id)
    note = _note(row) if row else {}
    if row and note:
        return read(note, row.size)
    return next((read(one, 0) for one in set_aside(terms.case_id) if one["org"] == organisation_id), None)


def read(note: dict[str, Any], size: int) -> Mine:
    """A hidden note as values."""
    at, done = (datetime.fromisoformat(str(note[key])) for key in ("at", "done"))
    confirmed, withdrawn = (_moment(note.get(key)) for key in ("confirmed", "withdrawn"))
    return Mine(
        no=int(note["no"]),
        sha256=str(note["sha256"]),
        size=size,
        at=at,
        sealed_by=str(note["by"]),
        confirmed=confirmed,
        withdrawn=withdrawn,
        act=str(note["act"]),
        done=done,
    )


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def receipt(terms: Terms, organisation_id: int) -> Receipt:
    """The receipt of this organisation's newest act, again."""
    found = mine(terms, organisation_id)
    if found is None:
        raise Unknown
    name = secret.pseudonym(terms.tender, organisation_id)
    return Receipt(terms.tender, name, found.act, found.no, found.sha256, found.done, found.sealed_by)


def refuse(bidding: Bidding, *, by: Post, now: datetime) -> None:
    """Write down that somebody came too late; the door stays shut though the clock be set back."""
    _hide(bidding.case_id, {"org": by.organisation_id, "post": by.id, "at": now.isoformat()})
    if bidding.status == "open":
        bidding.shut = True


def refusals(case_id: int) -> list[dict[str, Any]]:
    """Who came too late, and when: for the record of the opening."""
    return sorted((one for one in _notes(case_id) if "act" not in one), key=lambda one: str(one["at"]))


def set_aside(case_id: int) -> list[dict[str, Any]]:
    """The notes of the bids that did not count at the deadline: not confirmed after an amendment."""
    return [one for one in _notes(case_id) if "act" in one]


def lay_aside(bidding: Bidding, notes: list[dict[str, Any]]) -> None:
    """Keep these notes of bids, so that their bidders can be told; notes of nobody blur how many they are."""
    for said in [*notes, *({} for _each in range(ASIDE - len(notes)))]:
        _hide(bidding.case_id, said)


def _hide(case_id: int, said: dict[str, Any]) -> None:
    number = secrets.token_hex(16)
    note = secret.hide(said, f"refusal|{number}")
    db.session.execute(sa.insert(BidRefusal).values(id=number, case_id=case_id, note=note))


def _notes(case_id: int) -> list[dict[str, Any]]:
    rows = db.session.scalars(sa.select(BidRefusal).where(BidRefusal.case_id == case_id))
    return [one for row in rows if (one := secret.reveal(row.note, f"refusal|{row.id}"))]


# -- drafts ------------------------------------------------------------------------------------------------


def draft_name(terms: Terms, by: Post) -> str:
    """Under which name a person's draft lies; the browser keeps its key under the same."""
    return secret.mark("draft", terms.tender, by.organisation_id, by.user_id)


def keep_draft(terms: Terms, data: bytes, *, by: Post, over: str | None = None) -> None:
    """Keep what only the browser of this person can read.

    `over`: the hash of the draft that the page has read; what another has saved since is not written over.
    """
    if len(data) > DRAFT_MOST:
        have, most = f"{len(data) / 1024:.0f}", DRAFT_MOST // 1024
        raise TooMuch(_("草稿 %(have)s KB，超过 %(most)s KB 的上限。", have=have, most=most))
    find(terms.case_id, alone=True)
    before = draft(terms, by=by) if over is not None else None
    if before is not None and hashlib.sha256(before).hexdigest() != over:
        raise Conflict(_("草稿已在另一个标签页或者另一台电脑上改过，没有被覆盖。"))
    new = decoys.put_draft(terms.case_id, draft_name(terms, by), data)
    decoys.stir_drafts(terms.tender, terms.case_id, newcomer=new)


def draft(terms: Terms, *, by: Post) -> bytes | None:
    """The encrypted draft again."""
    mine_ = (BidDraft.case_id == terms.case_id, BidDraft.pseudonym == draft_name(terms, by))
    return db.session.scalar(sa.select(BidDraft.data).where(*mine_))


def restir(terms: Terms) -> None:
    """Once a day, whether or not anything happened; what no row names any more is removed."""
    bidding = find(terms.case_id, alone=True)
    if bidding.status in {"open", "suspended"}:
        decoys.mingle(terms.case_id, decoys.company(terms, decoys.restless(terms.case_id)))
        decoys.stir_drafts(terms.tender, terms.case_id, 2)
    kept = sa.select(Sealed.sha256).where(Sealed.case_id == terms.case_id)
    vault.sweep(terms.case_id, db.session.scalars(kept))

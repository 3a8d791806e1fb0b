"""Tenders as the public sees them, and who may be present at an opening or read what was opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import bids, clock, files, journal, papers
from casework.bids import Bidding, OpenedBid
from casework.cases import lists, privy, reading, shown
from casework.cases.bidding import section, terms
from casework.cases.context import answers
from casework.cases.model import Case, Party
from casework.cases.rows import lock
from casework.cases.turn import Turn
from casework.committee import Draw
from casework.db import db
from casework.engine import feel
from casework.engine.feel import FeelError
from casework.errors import Unknown
from casework.people import Organisation, Post, signature
from casework.words import Words

#: Tenders on one page of the list.
PAGE = 50


@dataclass(frozen=True)
class Tender:
    """A case that takes or took bids."""

    case: Case
    bidding: Bidding

    @property
    def open(self) -> bool:
        """Whether bids are taken in now."""
        return self.bidding.status == "open" and clock.now() < self.bidding.closes_at

    @property
    def state(self) -> str:
        """Taking bids ends at the deadline, and with the first that came too late whatever the clock says."""
        over = self.bidding.shut or clock.now() >= self.bidding.closes_at
        return "closed" if over and self.bidding.status == "open" else self.bidding.status


def find(number: str) -> Tender:
    """The tender with this number, once it is out."""
    query = sa.select(Case, Bidding).join(Bidding, Bidding.case_id == Case.id).where(Case.number == number)
    found = db.session.execute(query).first()
    if found is None:
        raise Unknown
    return Tender(found[0], found[1])


def newest() -> list[Tender]:
    """The newest tenders, those still open first by their deadline."""
    query = sa.select(Case, Bidding).join(Bidding, Bidding.case_id == Case.id)
    query = query.options(joinedload(Case.starter)).order_by(Bidding.opened_at.desc())
    rows = db.session.execute(query.limit(PAGE))
    found = [Tender(case, bidding) for case, bidding in rows]
    return sorted(found, key=lambda t: (not t.open, t.bidding.closes_at if t.open else -t.case.id))


def stirring() -> list[int]:
    """The cases whose decoys are made anew every day."""
    return list(db.session.scalars(sa.select(Bidding.case_id).where(Bidding.status != "opened")))


def stir(case_id: int) -> None:
    """Do so for one of them; the caller commits."""
    bids.room.restir(terms(db.session.get_one(Case, case_id)))


@dataclass(frozen=True)
class Attachment:
    """A file of the tender documents."""

    id: int
    name: str
    size: int


def documents(case: Case, by: Post | None) -> list[papers.Paper]:
    """The issued papers of the tender documents: for everybody, or for those it is open to."""
    if not privy.within(case, by):
        return []
    return papers.genuine(case.id, section(case).get("documents") or ())


def own_papers(case: Case, by: Post | None) -> list[papers.Paper]:
    """Papers that only their addressee may download: its invitation, its result."""
    if by is None:
        return []
    issued = papers.genuine(case.id, section(case).get("own") or {})
    return [one for one in issued if reading.addressee(case, one) == by.organisation_id]


def addressees(case: Case, issued: Iterable[papers.Paper]) -> dict[int, Organisation]:
    """To whom each of these papers is addressed, where one paper is issued to several one by one."""
    to = {one.id: whom for one in issued if (whom := reading.addressee(case, one)) is not None}
    query = sa.select(Organisation).where(Organisation.id.in_(set(to.values())))
    named = {one.id: one for one in db.session.scalars(query)} if to else {}
    return {paper: named[one] for paper, one in to.items() if one in named}


def attachments(case: Case, by: Post | None) -> list[Attachment]:
    """The uploads of the application that belong to them."""
    if not privy.within(case, by):
        return []
    said = answers(case)
    rows = [one for key in section(case).get("files") or () for one in said.get(key) or ()]
    return [Attachment(int(one["id"]), str(one["name"]), int(one["size"])) for one in rows]


def attachment(case: Case, file_id: int, by: Post | None) -> files.File:
    """One of them."""
    kept = db.session.get(files.File, file_id)
    if kept is None or file_id not in {one.id for one in attachments(case, by)}:
        raise Unknown
    return kept


def draws(case: Case) -> list[str]:
    """The numbers of the cases about this tender in which experts are or were drawn, the oldest first."""
    found = sa.select(Case.number).where(Case.parent_id == case.id, Case.id.in_(sa.select(Draw.case_id)))
    return list(db.session.scalars(found.order_by(Case.id)))


@dataclass(frozen=True)
class Given:
    """A day or a period that the tenderer has set, and where to be."""

    title: str
    begins: date
    ends: date | None
    time: str
    place: str
    note: str

    @property
    def ahead(self) -> bool:
        """Whether it can still be gone to."""
        return (self.ends or self.begins) >= clock.today()


def given(case: Case) -> Iterator[Given]:
    """What procedure.yaml names under `bidding: given`, where it was answered and still stands."""
    said = {**answers(case), **(case.variables or {})}
    for one in section(case).get("given") or ():
        begins, stands = said.get(one["from"]), feel.compile(str(one.get("when", "=true")))
        if isinstance(begins, date) and stands.evaluate(case.variables or {}, {}) is not False:
            time, place = (str(said.get(one.get(key)) or "") for key in ("time", "place"))
            note = str(one.get("note") or "")
            yield Given(str(one["title"]), begins, said.get(one.get("to")), time, place, note)


@dataclass(frozen=True)
class Date:
    """A date of the schedule with why it is what it is."""

    name: str
    at: datetime
    explanation: dict[str, Any] | None
    #: what came later has taken its place
    overtaken: bool = False


def schedule(case: Case) -> Iterator[Date]:
    """The deadlines that procedure.yaml names under `bidding: schedule`, once their beginning is known."""
    turn = Turn(case, None, clock.now())
    for name, said in (section(case).get("schedule") or {}).items():
        part = said if isinstance(said, Mapping) else {"title": said}
        for at in _told(turn, part.get("former")) or ():
            yield Date(str(part["title"]), at, None, overtaken=True)
        try:
            at = turn.deadline(turn.scope(), str(name))
        except FeelError:
            continue
        if at is not None and _told(turn, part.get("when", "=true")) is True:
            yield Date(str(part["title"]), at, turn.explanations.get(at))


def _told(turn: Turn, text: Any) -> Any:
    """What an expression of the section says of the case as it stands; null where it cannot be said."""
    try:
        return None if text is None else turn.value(feel.compile(str(text)))
    except FeelError:
        return None


def present(tender: Tender, by: Post) -> bool:
    """Who is at the opening: the parties of the case, and whoever has a bid in it."""
    return lists.open_to(by, tender.case) or bids.hearing.object_rule(by, tender.bidding)


def readable(case: Case, found: Sequence[OpenedBid], by: Post) -> list[OpenedBid]:
    """Those of the opened bids of this tender that somebody reads whole: one's own, or all of them."""
    if by.role in {"admin", "auditor"} or not found:
        return []
    every = _reads_all(case, by)
    return [bid for bid in found if every or bid.organisation_id == by.organisation_id]


def _reads_all(case: Case, by: Post) -> bool:
    """The lanes under `bidding: readers`, and the parties of a case about this one whose procedure.yaml says
    `reads_bids` (the evaluation).
    """
    lanes = tuple(section(case).get("readers") or ())
    if _takes_part(case.id, by, lanes):
        return True
    children = db.session.scalars(sa.select(Case).where(Case.parent_id == case.id))
    return any(
        _takes_part(child.id, by, tuple(child.procedure.about.get("reads_bids") or ())) for child in children
    )


def _takes_part(case_id: int, by: Post, lanes: tuple[str, ...]) -> bool:
    own = sa.select(Party.lane).where(
        Party.case_id == case_id, Party.organisation_id == by.organisation_id, Party.lane.in_(lanes)
    )
    return bool(lanes) and db.session.execute(own).first() is not None


def beside(case: Case, by: Post) -> tuple[Case, list[OpenedBid]] | None:
    """The opened bids to be read beside a step: of this tender, or of the one that this case evaluates."""
    tender = case.parent if case.procedure.about.get("reads_bids") else case
    if tender is None or not tender.procedure.about.get("bidding"):
        return None
    found = readable(tender, bids.opening.of(tender.id), by)
    return (tender, found) if found else None


def own_bid(tender: Tender, by: Post) -> OpenedBid | None:
    """What became of this organisation's own bid at the opening."""
    if tender.bidding.status != "opened":
        return None
    mine = (OpenedBid.case_id == tender.case.id, OpenedBid.organisation_id == by.organisation_id)
    return db.session.scalars(sa.select(OpenedBid).where(*mine)).first()


def opened(case: Case, number: int, by: Post) -> OpenedBid:
    """One opened bid, for those who may read it whole."""
    query = sa.select(OpenedBid).where(OpenedBid.case_id == case.id, OpenedBid.no == number)
    read = readable(case, db.session.scalars(query).all(), by)
    if not read:
        raise Unknown
    return read[0]


def asked_early(tender: Tender, by: Post, now: datetime) -> bool:
    """Before the opening nobody reads a bid; who asks all the same stands in the record, once a day (T15).

    Of enterprises nothing is written: nobody learns who is interested in a tender (招标投标法 第二十二条).
    """
    if tender.bidding.status == "opened" or by.organisation.kind == "enterprise":
        return False
    case = lock(tender.case.id)
    of_today = clock.at_local(clock.local(now).date())
    written = sa.exists().where(
        journal.Entry.case_id == case.id,
        journal.Entry.what == "bid asked for",
        journal.Entry.post_id == by.id,
        journal.Entry.at >= of_today,
    )
    if db.session.scalar(sa.select(written)):
        return False
    journal.write(case, "bid asked for", at=now, by=by, who=signature(by))
    return True


def opened_file(bid: OpenedBid, keys: frozenset[str], file_id: int) -> files.File:
    """An attachment of an opened bid."""
    said = bid.answers or {}
    held = {str(one["id"]) for key in keys for one in said.get(key) or ()}
    kept = db.session.get(files.File, file_id)
    if kept is None or str(file_id) not in held:
        raise Unknown
    return kept


def own(case: Case, by: Post, now: datetime) -> list[tuple[Case, Words]]:
    """What this organisation has applied for about the tender, and how it came out."""
    mine = (Case.parent_id == case.id, Case.starter_organisation_id == by.organisation_id)
    found = db.session.scalars(sa.select(Case).where(*mine, lists.visible(by)).order_by(Case.id))
    told = ((one, shown.outcome(Turn(one, None, now))) for one in found)
    return [(one, says) for one, says in told if says is not None]

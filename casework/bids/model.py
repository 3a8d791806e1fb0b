"""The tables of sealed bidding. Before the opening no row says whose it is, or whether it is a bid at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Json, Moment
from casework.people import Organisation

OPENED, REVOKED, RETURNED = "opened", "revoked", "returned"


class Bidding(Base):
    """The bidding of one case: open for bids, suspended, closed, opened."""

    __tablename__ = "bidding"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    tender: Mapped[str] = mapped_column(sa.String(40), unique=True)
    #: open | suspended | closed | opened
    status: Mapped[str] = mapped_column(sa.String(20), default="open")
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    needed: Mapped[int] = mapped_column()
    #: bids placed before this moment count only when confirmed after it
    reconfirm_since: Mapped[datetime | None] = mapped_column(Moment)
    #: tells whether the secret is still the one of the beginning
    check: Mapped[str] = mapped_column(sa.String(64))
    #: somebody came too late: from here on the clock may be set back without opening the door again
    shut: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    count: Mapped[int | None] = mapped_column()
    root: Mapped[str] = mapped_column(sa.String(64), default="")
    #: the commitments under the root, in the order of the tree
    leaves: Mapped[Any] = mapped_column(Json, nullable=True)
    #: of which of them the stored envelope is lost or damaged
    lost: Mapped[Any] = mapped_column(Json, nullable=True)


class BidKey(Base):
    """A key holder's fresh key for one tender: public, and private under a passphrase and a paper code."""

    __tablename__ = "bid_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    fingerprint: Mapped[str] = mapped_column(sa.String(32))
    public: Mapped[str] = mapped_column(sa.String(130))
    wrapped: Mapped[Any] = mapped_column(Json)
    made_at: Mapped[datetime] = mapped_column(Moment)
    proved_at: Mapped[datetime | None] = mapped_column(Moment)
    released: Mapped[str | None] = mapped_column(sa.Text)
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    organisation: Mapped[Organisation] = relationship()
    __table_args__ = (sa.UniqueConstraint("case_id", "organisation_id"),)


class Sealed(Base):
    """A sealed envelope, or a decoy: the row does not say which. No order, no time, no name."""

    __tablename__ = "sealed"
    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    pseudonym: Mapped[str] = mapped_column(sa.String(64))
    note: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    __table_args__ = (sa.UniqueConstraint("case_id", "pseudonym"), {"sqlite_with_rowid": False})


class BidDraft(Base):
    """A draft under a key that only a browser holds, or a decoy."""

    __tablename__ = "bid_draft"
    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    pseudonym: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)
    __table_args__ = (sa.UniqueConstraint("case_id", "pseudonym"), {"sqlite_with_rowid": False})


class BidRefusal(Base):
    """A hidden note, of a fixed length: somebody came after the deadline (T11), or a bid was not confirmed
    again after an amendment and does not count; among those notes of nobody.
    """

    __tablename__ = "bid_refusal"
    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    note: Mapped[str] = mapped_column(sa.Text)
    __table_args__ = ({"sqlite_with_rowid": False},)


class OpenedBid(Base):
    """A bid as it came out of its envelope, or why it did not."""

    __tablename__ = "opened_bid"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    no: Mapped[int] = mapped_column()
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    #: opened | revoked (撤销, the bidder's fault) | returned (not the bidder's fault)
    outcome: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    reason_en: Mapped[str] = mapped_column(sa.Text, default="")
    #: why it cannot be accepted whatever it says (T40); empty when it can
    invalid: Mapped[str] = mapped_column(sa.Text, default="")
    receipt: Mapped[str] = mapped_column(sa.String(64))
    placed_at: Mapped[datetime] = mapped_column(Moment)
    sealed_by: Mapped[str] = mapped_column(sa.String(10))
    answers: Mapped[Any] = mapped_column(Json, nullable=True)
    flaws: Mapped[Any] = mapped_column(Json, nullable=True)
    #: keyed hashes of what may not be shown (identity numbers), for comparing bids
    marks: Mapped[Any] = mapped_column(Json, nullable=True)
    organisation: Mapped[Organisation] = relationship()
    __table_args__ = (sa.UniqueConstraint("case_id", "no"),)

    def says_invalid(self, lang: str) -> str:
        """Why it cannot be accepted, in the reader's language: the record is Chinese, the ties have both."""
        ties = (self.marks or {}).get("ties", ()) if lang == "en" else ()
        out = [(one["en"], one["basis"], one["document"]) for one in ties if one.get("excludes")]
        told = (f"{said} ({', '.join(filter(None, why))})" for said, *why in dict.fromkeys(out))
        return "; ".join(told) or self.invalid


class BidQuestion(Base):
    """What an enterprise asks about the documents; who asked is a pseudonym."""

    __tablename__ = "bid_question"
    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    pseudonym: Mapped[str] = mapped_column(sa.String(64))
    text: Mapped[str] = mapped_column(sa.Text)
    #: the day only: a moment could be laid beside a sign-in
    on: Mapped[str] = mapped_column(sa.String(10))
    answered: Mapped[bool] = mapped_column(default=False)
    __table_args__ = ({"sqlite_with_rowid": False},)


class BidObjection(Base):
    """Said aloud at the opening by a bidder, and answered by the tenderer on the spot."""

    __tablename__ = "bid_objection"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("post.id"))
    organisation: Mapped[Organisation] = relationship()

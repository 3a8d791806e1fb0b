"""Letters to people: written with the act, sent after the commit through SMTP, or to the console."""

from __future__ import annotations

import re
import smtplib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from casework import outbox
from casework.db import Base, Moment, db
from casework.people import Organisation, Post, User
from casework.words import Words, _

#: How many letters the page of a case reads, newest first.
READ = 400
#: In the place of an address: it goes round a circle, to each person by a job of its own.
ROUND = "*"
#: What stands between the Chinese letter and its English.
BETWEEN = "\n\n———\n\n"
_LINK = re.compile(r"(/link/)\S+")


class Letter(Base):
    """One letter to one person or address."""

    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    #: for which organisation the person reads it; null: where that was not written down
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    address: Mapped[str] = mapped_column(sa.String(320), default="")
    subject: Mapped[str] = mapped_column(sa.String(300))
    subject_en: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    body: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    user: Mapped[User | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def circle(self) -> Words | None:
        """Whom it goes round to, where nobody is named."""
        return _("可以参加本次投标的企业") if self.address == ROUND else None

    def text(self, lang: str) -> str:
        """What it says, in the reader's language; the letter itself bears both."""
        zh, _line, en = self.body.partition(BETWEEN)
        return (en if lang == "en" else "") or zh

    def says_subject(self, lang: str) -> str:
        """What the case page calls it; the letter itself bears the Chinese subject."""
        return (self.subject_en if lang == "en" else "") or self.subject


def send(
    to: int | str,
    subject: str,
    body_zh: str,
    body_en: str = "",
    *,
    now: datetime,
    case_id: int | None = None,
    organisation_id: int | None = None,
    subject_en: str = "",
) -> Letter:
    """Write a letter to a user (by id) or an address, in the caller's transaction; Chinese first.

    `organisation_id`: for which the user reads it; its people find it there, whoever else the user acts for.
    """
    body = body_zh if not body_en else f"{body_zh}{BETWEEN}{body_en}"
    letter = Letter(
        case_id=case_id,
        user_id=to if isinstance(to, int) else None,
        organisation_id=organisation_id,
        address=to if isinstance(to, str) else "",
        subject_en=" ".join(subject_en.split())[:300],
        subject=" ".join(subject.split()),  # a line break in a header would begin another header
        body=body,
        written_at=now,
    )
    db.session.add(letter)
    db.session.flush()
    outbox.put("letter", {"letter": letter.id}, due=now, case_id=case_id)
    return letter


def circulate(
    to: Iterable[int],
    subject: str,
    body_zh: str,
    body_en: str,
    *,
    now: datetime,
    case_id: int,
    subject_en: str,
) -> Letter:
    """The same letter to many persons, written down once, without their names."""
    letter = Letter(
        case_id=case_id,
        address=ROUND,
        subject=" ".join(subject.split()),
        subject_en=" ".join(subject_en.split())[:300],
        body=f"{body_zh}{BETWEEN}{body_en}",
        written_at=now,
    )
    db.session.add(letter)
    db.session.flush()
    for user_id in to:
        outbox.put("letter", {"letter": letter.id, "user": user_id}, due=now, case_id=case_id)
    return letter


def deliver(letter: Letter, smtp: str, sender: str, now: datetime, user_id: int | None = None) -> None:
    """Hand it to the mail server `smtp://user:password@host:port`; without one, to the console.

    `none:` sends nothing: the demo's stories are over before anybody reads their letters.
    `user_id`: to this person of the circle it goes round.
    """
    address = _address(user_id) if user_id else letter.address or _address(letter.user_id)
    if letter.sent_at is not None and user_id is None:
        return
    if smtp == "none:":
        pass
    elif smtp and address:
        _post(_message(letter, address, sender, user_id), smtp)
    else:  # no mail server (the demo): whoever runs the office reads the letter in its window
        sys.stderr.write(f"--- letter to {address or '(no address)'}: {letter.subject}\n{letter.body}\n---\n")
    letter.sent_at = letter.sent_at or now
    # a one-time link is worth a password until it is used: it stays nowhere but in the letter itself
    letter.body = _LINK.sub(r"\1…", letter.body)


def _address(user_id: int | None) -> str:
    user = db.session.get(User, user_id) if user_id else None
    return user.email if user else ""


def _message(letter: Letter, address: str, sender: str, user_id: int | None) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = sender
    message["To"] = address
    message["Date"] = formatdate(letter.written_at.timestamp())
    # the same letter sent twice (a worker died between sending and noting it) is known as one
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    copy = f"{letter.id}-{user_id}" if user_id else str(letter.id)
    message["Message-ID"] = f"<letter-{copy}.{letter.written_at.timestamp():.3f}@{domain}>"
    message.set_content(letter.body)
    return message


def _post(message: EmailMessage, smtp: str) -> None:
    where = urlsplit(smtp)
    kind = smtplib.SMTP_SSL if where.scheme == "smtps" else smtplib.SMTP
    with kind(where.hostname or "localhost", where.port or 25, timeout=20) as server:
        if where.query == "starttls":
            server.starttls()
        if where.username:
            server.login(where.username, where.password or "")
        server.send_message(message)


@dataclass(frozen=True)
class Dispatch:
    """One text that went to several persons at once, as the page of a case shows it."""

    letter: Letter
    to: tuple[Letter, ...]

    @property
    def waiting(self) -> int:
        """How many of them have not left yet."""
        return sum(one.sent_at is None for one in self.to)


def dispatches(case_id: int, limit: int, to: int | None = None) -> list[Dispatch]:
    """What was sent of a case, the newest first, each once with everybody it went to.

    `to`: only what went to people of that organisation, and only they are named.
    """
    readers = (joinedload(Letter.user).joinedload(User.home), joinedload(Letter.organisation))
    found = _alike(sa.select(Letter).where(Letter.case_id == case_id, *_to(to)).options(*readers))
    return [Dispatch(each[-1], tuple(reversed(each))) for each in found[:limit]]


def _alike(query: sa.Select[Letter]) -> list[list[Letter]]:
    """The letters of a query, the newest first; together what says the same and was written at one moment."""
    found: dict[tuple[str, str, datetime], list[Letter]] = {}
    for one in db.session.scalars(query.order_by(Letter.id.desc()).limit(READ)):
        found.setdefault((one.subject, one.body, one.written_at), []).append(one)
    return list(found.values())


def find(case_id: int, letter_id: int, to: int | None = None) -> Letter | None:
    """One letter of a case; `to`: only one that went to people of that organisation."""
    query = sa.select(Letter).where(Letter.case_id == case_id, Letter.id == letter_id, *_to(to))
    return db.session.scalars(query).first()


def _to(organisation: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    if organisation is None:
        return ()
    people = Letter.user_id.in_(sa.select(Post.user_id).where(Post.organisation_id == organisation))
    unsaid = sa.and_(Letter.organisation_id.is_(None), people)
    return (sa.or_(Letter.organisation_id == organisation, unsaid, Letter.address == ROUND),)


def read_by(case_id: int, organisation: int) -> list[Letter]:
    """What people of an organisation were written in a case, each text once, the newest first."""
    return [
        each[0] for each in _alike(sa.select(Letter).where(Letter.case_id == case_id, *_to(organisation)))
    ]


def of(case_id: int) -> list[Letter]:
    """The letters of a case, newest first."""
    return list(
        db.session.scalars(sa.select(Letter).where(Letter.case_id == case_id).order_by(Letter.id.desc()))
    )

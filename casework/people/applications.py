"""Accounts of companies: a developer or an enterprise applies, the bureau's window checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from casework import clock
from casework.db import Base, Moment, db
from casework.errors import Conflict, Unknown
from casework.people import links, log, may, texts, throttle
from casework.people.organisations import Organisation, by_code, district
from casework.people.posts import Post
from casework.people.users import User, by_login
from casework.words import Words, _

PAGE = 30
STATES: dict[str, Words] = {"applied": _("待核验"), "approved": _("已开户"), "refused": _("未通过")}
#: The kinds that may apply by themselves.
KINDS = ("developer", "enterprise")


@dataclass(frozen=True)
class Asked:
    """What a company says when it applies."""

    kind: str
    name: str
    name_en: str
    code: str
    representative: str
    address: str
    contact: str
    phone: str
    email: str


class AccountApplication(Base):
    """One application for an account, with the scan of the business licence."""

    __tablename__ = "account_application"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    licence_id: Mapped[int | None]  # the scan, kept by casework.files
    licence_name: Mapped[str] = mapped_column(sa.String(200), default="")
    state: Mapped[str] = mapped_column(sa.String(10), default="applied")
    applied_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("post.id"))
    reason: Mapped[str] = mapped_column(sa.Text, default="")

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    decided_by: Mapped[Post | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def number(self) -> str:
        """What the applicant quotes on the telephone."""
        return f"KH-{clock.local(self.applied_at).year}-{self.id:04d}"

    @property
    def state_name(self) -> Words:
        """The state in the reader's language."""
        return STATES[self.state]


@dataclass(frozen=True)
class Licence:
    """The scan as files.keep has taken it in."""

    id: int
    name: str


def apply(
    at: Organisation,
    asked: Asked,
    *,
    keep_licence: Callable[[], Licence],
    from_address: str,
    send: texts.Send,
) -> AccountApplication:
    """A company asks for an account on a district's register; nothing works before the bureau agrees.

    The licence is kept only when the rest is in order. Raises Locked when one address applies too often.
    """
    counter = throttle.count(f"apply:{from_address}", throttle.PUBLIC)
    if asked.kind not in KINDS or at.kind != "district":
        raise Unknown
    _refuse_double(asked.code)
    throttle.failed(counter, throttle.PUBLIC)
    licence = keep_licence()
    company = Organisation(
        kind=asked.kind,
        name=asked.name,
        name_en=asked.name_en,
        code=asked.code,
        parent_id=at.id,
        state="applied",
        representative=asked.representative,
        address=asked.address,
        contact=asked.contact,
        phone=asked.phone,
        email=asked.email.lower(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(company)
    except IntegrityError:
        raise Conflict(_("该统一社会信用代码的开户申请刚刚已提交，请勿重复提交。")) from None
    application = AccountApplication(
        organisation_id=company.id, district_id=at.id, applied_at=clock.now(), licence_id=licence.id
    )
    application.licence_name = licence.name
    db.session.add(application)
    log.note("account applied", company, code=asked.code)
    texts.account_received(asked.name, application.number).go(asked.email, send)
    return application


def _refuse_double(code: str) -> None:
    holder = by_code(code)
    if holder is None:
        return
    if holder.state == "applied":
        raise Conflict(_("该统一社会信用代码已有一件开户申请待核验，请等候邮件通知。"))
    raise Conflict(_("该统一社会信用代码已开户，请联系本单位系统管理员开立个人账号。"))


def districts() -> Sequence[Organisation]:
    """The districts a company can apply to."""
    found = sa.select(Organisation).where(Organisation.kind == "district", Organisation.state == "active")
    return db.session.scalars(found.order_by(Organisation.id)).all()


def waiting(by: Post, *, state: str = "applied", after: int = 0) -> Sequence[AccountApplication]:
    """The next PAGE applications of the bureau's district in this state: open ones oldest first."""
    own = district(by.organisation)
    found = sa.select(AccountApplication).where(AccountApplication.state == state)
    found = found.where(AccountApplication.district_id == (own.id if own else 0))
    newest_first = state != "applied"
    if after:
        found = found.where(AccountApplication.id < after if newest_first else AccountApplication.id > after)
    order = AccountApplication.id.desc() if newest_first else AccountApplication.id
    shown = found.options(joinedload(AccountApplication.organisation))
    return db.session.scalars(shown.order_by(order).limit(PAGE + 1)).all()


def one(by: Post, application_id: int) -> AccountApplication:
    """An application of the bureau's own district, or Unknown."""
    found = db.session.get(AccountApplication, application_id)
    if found is None or not may.check_account(by, found.district_id):
        raise Unknown
    return found


def approve(by: Post, application: AccountApplication, *, link: str, send: texts.Send) -> User:
    """The company is on the register; its first user keeps its people and gets a link to set a password."""
    _decide(by, application, "approved")
    company = application.organisation
    company.state = "active"
    login = (company.code or "").lower()
    if by_login(login) is not None:  # the company was closed once and comes back
        login = f"{login}-{company.id}"
    user = User(
        login=login, name=company.contact, home_id=company.id, email=company.email, phone=company.phone
    )
    user.made_at = clock.now()
    db.session.add(user)
    db.session.flush()
    for role in ("handler", "admin"):
        day = clock.today()
        db.session.add(Post(user_id=user.id, organisation_id=company.id, role=role, starts_on=day))
    log.note("account approved", company, by=by, login=login)
    links.invite(user, company.name, link=link, send=send)
    return user


def refuse(by: Post, application: AccountApplication, reason: str, *, send: texts.Send) -> None:
    """No account, with the reason; the company may apply again."""
    _decide(by, application, "refused")
    company = application.organisation
    company.state, company.closed_at = "closed", clock.now()
    application.reason = reason
    log.note("account refused", company, by=by, reason=reason)
    texts.account_refused(company.name, reason).go(company.email, send)


def _decide(by: Post, application: AccountApplication, state: str) -> None:
    may.check_account.ask(by, application.district_id)
    db.session.flush()
    open_still = sa.update(AccountApplication).where(AccountApplication.id == application.id)
    open_still = open_still.where(AccountApplication.state == "applied")
    decided = open_still.values(state=state, decided_at=clock.now(), decided_by_id=by.id)
    if db.session.execute(decided.returning(AccountApplication.id)).first() is None:
        raise Conflict(_("此申请已由他人办结。"))
    db.session.refresh(application)

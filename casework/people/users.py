"""Users: the persons behind the posts, with what they sign in with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Moment, db
from casework.people.organisations import Organisation


class User(Base):
    """A person with an account. What the person may do hangs on posts, never on the account."""

    __tablename__ = "user_account"  # `user` is a reserved word of PostgreSQL

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    name_en: Mapped[str] = mapped_column(sa.String(100), default="")
    home_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(sa.String(200), default="", index=True)
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="")  # empty: nobody can sign in
    # sealed (casework/people/codes.py): the database alone shows no code
    totp_secret: Mapped[str | None] = mapped_column(sa.String(200))
    totp_pending: Mapped[str | None] = mapped_column(sa.String(200))
    totp_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    session_epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    must_change: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime | None] = mapped_column(Moment)

    home: Mapped[Organisation | None] = relationship()

    # the four questions flask-login asks
    @property
    def is_authenticated(self) -> bool:
        """Whoever stands in a session as a User has shown who he is."""
        return True

    @property
    def is_active(self) -> bool:
        """Whether the account is open."""
        return self.active

    @property
    def is_anonymous(self) -> bool:
        """Never: a visitor without account is no User."""
        return False

    def get_id(self) -> str:
        """The id as text."""
        return str(self.id)

    def label(self, lang: str) -> str:
        """The person's name in the reader's language."""
        return (self.name_en if lang == "en" else "") or self.name

    def __repr__(self) -> str:
        return f"<User {self.id} {self.login}>"


def plain_login(login: str) -> str:
    """Account names know no case and no outer blanks."""
    return login.strip().lower()


def by_login(login: str) -> User | None:
    """The user with this account name."""
    return db.session.scalars(sa.select(User).where(User.login == plain_login(login))).first()


def by_email(address: str) -> Sequence[User]:
    """Open accounts with this e-mail address (an office may share one), at most five."""
    wanted = address.strip().lower()
    found = sa.select(User).where(User.email == wanted, User.active.is_(True)).order_by(User.id).limit(5)
    return db.session.scalars(found).all() if wanted else []

"""The usage agreement of electronic signatures (电子签名法 第十三条第二款), accepted by version."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework import clock
from casework.db import Base, Moment, db
from casework.people import log
from casework.people.users import User


def N_(text: str) -> str:  # noqa: N802  the name by which catalogues find sentences that are spoken later
    """Mark a sentence for translation and keep the Chinese, which is what the fingerprint is made of."""
    return text


VERSION = "2026-1"
#: What the signing person agrees to; a changed sentence needs a new VERSION (a test compares FINGERPRINT).
CLAUSES: tuple[str, ...] = (
    N_(
        "本平台的签章步骤采用“账号登录＋再次输入密码或动态码＋防篡改记录”的方式。"
        "各方约定，按此方式完成的签名为电子签名法第十三条第二款所称当事人选择使用的、符合约定可靠条件的电子签名。"
    ),
    N_("密码和动态码由本人专有、由本人控制，不得告知、出借他人。以本人账号完成的签名，视为本人所为。"),
    N_("签名前应当阅读拟签内容。系统记录签名人、岗位、时间和文件指纹；签名后内容的任何改动均能被发现。"),
    N_("密码、动态码或所用设备失密、遗失的，应当立即告知本单位系统管理员，并停止使用。"),
    N_("涉及停止供水、供热、供气等公用事业服务以及法律规定不适用电子文书的事项，不使用电子签名。"),
    N_("不接受本约定的，可以改用纸质签章，由窗口登记扫描件。"),
)


def fingerprint() -> str:
    """SHA-256 of the Chinese sentences, so that it is certain later what was accepted."""
    return hashlib.sha256("\n".join(CLAUSES).encode()).hexdigest()


class Acceptance(Base):
    """One person has accepted one version."""

    __tablename__ = "agreement_acceptance"
    __table_args__ = (sa.UniqueConstraint("user_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    version: Mapped[str] = mapped_column(sa.String(20))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    accepted_at: Mapped[datetime] = mapped_column(Moment)


def accepted(user: User) -> Acceptance | None:
    """The person's acceptance of the present version."""
    found = sa.select(Acceptance).where(Acceptance.user_id == user.id, Acceptance.version == VERSION)
    return db.session.scalars(found).first()


def accept(user: User) -> None:
    """The person agrees; a second click changes nothing."""
    if accepted(user) is not None:
        return
    text = fingerprint()
    db.session.add(Acceptance(user_id=user.id, version=VERSION, fingerprint=text, accepted_at=clock.now()))
    log.note("agreement accepted", user, version=VERSION, fingerprint=text)

"""The record of what was done about people and organisations; append-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Mapper, joinedload, mapped_column, relationship

from casework import clock
from casework.db import Base, Json, Moment, db
from casework.people.organisations import Organisation, subtree
from casework.people.posts import ROLES, Post
from casework.people.users import User
from casework.words import Words, _

#: How long it is kept who signed in from where.
SIGN_INS = timedelta(days=366)
#: Every act this record knows.
ACTS: dict[str, Words] = {
    "organisation added": _("登记单位"),
    "organisation changed": _("变更单位信息"),
    "organisation closed": _("停用单位"),
    "organisation opened": _("恢复单位"),
    "person added": _("开立账号"),
    "person changed": _("变更人员信息"),
    "person closed": _("停用账号"),
    "person opened": _("恢复账号"),
    "post given": _("设置岗位"),
    "post ended": _("终止岗位"),
    "link sent": _("发送设置密码链接"),
    "signed out": _("强制退出登录"),
    "code set up": _("绑定动态码"),
    "code reset": _("重置动态码"),
    "password changed": _("修改密码"),
    "password reset": _("重置密码"),
    "agreement accepted": _("接受电子签名使用约定"),
    "signed in": _("登录"),
    "locked": _("连续失败，暂停登录"),
    "account applied": _("申请开户"),
    "account approved": _("同意开户"),
    "account refused": _("不予开户"),
}
#: The facts of an organisation or a person, as the log names them.
FACTS: dict[str, Words] = {
    "name": _("名称"),
    "name_en": _("英文名称"),
    "code": _("统一社会信用代码"),
    "representative": _("法定代表人（负责人）"),
    "address": _("地址"),
    "contact": _("联系人"),
    "phone": _("联系电话"),
    "email": _("电子邮箱"),
}


class Entry(Base):
    """One act: when, by which post (none: the person itself or a visitor), about whom."""

    __tablename__ = "people_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    by_post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("post.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(40))
    about: Mapped[str] = mapped_column(sa.String(60), index=True)
    detail: Mapped[Any] = mapped_column(Json, default=dict)

    by_post: Mapped[Post | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def lines(self) -> list[Words]:
        """What the log says beside the act, one fact a line."""
        said: list[Words] = []
        if "role" in self.detail:
            said.append(
                _("%(where)s %(role)s", where=self.detail["organisation"], role=ROLES[self.detail["role"]])
            )
        if "reason" in self.detail:
            said.append(_("原因：%(reason)s", reason=self.detail["reason"]))
        if "address" in self.detail:
            said.append(_("网络地址 %(address)s", address=self.detail["address"]))
        for key, after in self.detail.get("after", {}).items():
            before = self.detail["before"][key]
            said.append(
                _("%(key)s：%(before)s → %(after)s", key=FACTS[key], before=before or "—", after=after or "—")
            )
        return said

    @property
    def what_name(self) -> Words:
        """The act in the reader's language."""
        return ACTS[self.what]


def _refuse(mapper: Mapper[Entry], connection: sa.Connection, entry: Entry) -> None:
    raise RuntimeError("the people log is append-only")


sa.event.listen(Entry, "before_update", _refuse)
sa.event.listen(Entry, "before_delete", _refuse)


def note(what: str, about: Organisation | User, *, by: Post | None = None, **detail: Any) -> None:
    """Write down an act about an organisation or a person; `detail` holds no secrets."""
    db.session.flush()
    kind, home = ("user", about.home_id) if isinstance(about, User) else ("organisation", about.id)
    db.session.add(
        Entry(
            at=clock.now(),
            by_post_id=by.id if by else None,
            organisation_id=home,
            what=what,
            about=f"{kind}:{about.id}",
            detail={"name": about.name, **detail},
        )
    )


def entries(
    root_id: int, *, before: int | None = None, limit: int = 50, about: str | None = None
) -> Sequence[Entry]:
    """The newest acts about an organisation, those below it and their people, before the last id seen.

    Everyday sign-ins stand only in the list of one person (`about`).
    """
    found = sa.select(Entry).where(Entry.organisation_id.in_(subtree(root_id)))
    if before is not None:
        found = found.where(Entry.id < before)
    found = found.where(Entry.what != "signed in" if about is None else Entry.about == about)
    seen = found.options(
        joinedload(Entry.organisation),
        joinedload(Entry.by_post).joinedload(Post.user),
        joinedload(Entry.by_post).joinedload(Post.organisation),
    )
    return db.session.scalars(seen.order_by(Entry.id.desc()).limit(limit)).all()


def sweep() -> int:
    """Forget sign-ins after a year, twice what 网络安全法 第二十一条 asks for; every other act stays."""
    old = sa.delete(Entry).where(Entry.what.in_(("signed in", "locked")), Entry.at < clock.now() - SIGN_INS)
    return len(db.session.execute(old.returning(Entry.id)).all())

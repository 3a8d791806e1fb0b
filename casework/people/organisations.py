"""Organisations as a tree: city, district, bureaus, streets; companies on the district's register."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Moment, db
from casework.words import Words, _

#: What an organisation can be, as the office calls it.
KINDS: dict[str, Words] = {
    "system": _("系统"),
    "city": _("市"),
    "district": _("区（县）"),
    "bureau": _("房产主管部门"),
    "street": _("街道办事处（乡镇政府）"),
    "community": _("社区居委会"),
    "police": _("公安派出所"),
    "market": _("市场监管部门"),
    "association": _("物业行业协会"),
    "agency": _("招标代理机构"),
    "developer": _("建设单位"),
    "enterprise": _("物业服务企业"),
    "expert": _("评标专家"),
    "owners": _("业主委员会"),
}
#: Companies have a credit code and stand on the district's register.
COMPANIES = frozenset({"developer", "enterprise", "agency"})
#: Which kinds may stand directly below which; what is not here is refused.
BELOW: dict[str, tuple[str, ...]] = {
    "system": ("city",),
    "city": ("district", "bureau", "police", "market", "association"),
    "district": ("bureau", "street", "police", "market", "association", "developer", "enterprise", "agency"),
    "street": ("community", "police", "owners"),
    "community": ("owners",),
}

_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class Organisation(Base):
    """A body whose act counts: a bureau, a street office, a developer, an enterprise."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.Index(  # a credit code stands once on the register; a closed entry does not block a new one
            "uq_organisation_code_open",
            "code",
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_en: Mapped[str] = mapped_column(sa.String(200), default="")
    code: Mapped[str | None] = mapped_column(sa.String(18))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(10), default="active")
    representative: Mapped[str] = mapped_column(sa.String(100), default="")
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    contact: Mapped[str] = mapped_column(sa.String(100), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(200), default="")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    parent: Mapped[Organisation | None] = relationship(remote_side="Organisation.id")

    @hybrid_property
    def active(self) -> bool:
        """Whether it may act now."""
        return self.state == "active"

    def label(self, lang: str) -> str:
        """Its name in the reader's language; the Chinese name is the registered one."""
        return (self.name_en if lang == "en" else "") or self.name

    @property
    def company(self) -> bool:
        """Whether it stands on the district's register with a credit code."""
        return self.kind in COMPANIES

    @property
    def kind_name(self) -> Words:
        """Its kind in the reader's language."""
        return KINDS[self.kind]


def subtree(root_id: int) -> sa.Select[tuple[int]]:
    """Ids of an organisation and of everything below it, as a query."""
    tree = sa.select(Organisation.id).where(Organisation.id == root_id).cte(recursive=True)
    below = sa.select(Organisation.id).join(tree, Organisation.parent_id == tree.c.id)
    tree = tree.union(below)
    return sa.select(tree.c.id)


def above(organisation: Organisation) -> tuple[Organisation, ...]:
    """The organisation itself, then its parents up to the root."""
    line = [organisation]
    while line[-1].parent is not None and line[-1].parent not in line:
        line.append(line[-1].parent)
    return tuple(line)


def within(organisation: Organisation, root_id: int) -> bool:
    """Whether it is the root or stands below it."""
    return any(one.id == root_id for one in above(organisation))


def district(organisation: Organisation) -> Organisation | None:
    """The district an organisation belongs to, or None above district level."""
    return next((one for one in above(organisation) if one.kind == "district"), None)


def territory(of: Organisation) -> Organisation:
    """The part of the tree an office works for: its district, or the city it is or stands in."""
    whole = of.kind in {"city", "system"} or of.parent is None
    return district(of) or (of if whole else of.parent) or of


def bureau(of: Organisation) -> Organisation | None:
    """The housing bureau of a district (物业管理条例 第五条), the one directly below it."""
    found = (
        sa.select(Organisation)
        .where(Organisation.parent_id == of.id, Organisation.kind == "bureau", Organisation.state == "active")
        .order_by(Organisation.id)
    )
    return db.session.scalars(found).first()


def of_kind(kind: str, root_id: int | None = None) -> Sequence[Organisation]:
    """Active organisations of a kind, in the whole city or below a root, by name."""
    found = sa.select(Organisation).where(Organisation.kind == kind, Organisation.state == "active")
    if root_id is not None:
        found = found.where(Organisation.id.in_(subtree(root_id)))
    return db.session.scalars(found.order_by(Organisation.name, Organisation.id)).all()


def by_code(code: str) -> Organisation | None:
    """The organisation on the register with this credit code, applied or active."""
    found = sa.select(Organisation).where(Organisation.code == code, Organisation.state != "closed")
    return db.session.scalars(found).first()


def plain(text: str) -> str:
    """Full-width letters and digits as half-width, ends trimmed: what a person meant to type."""
    return unicodedata.normalize("NFKC", text).strip()


def check_sign(first: str) -> str | None:
    """The 18th sign of a credit code from its first 17 (GB 32100-2015); None if one is foreign."""
    if len(first) != 17 or any(sign not in _CODE_SIGNS for sign in first):
        return None
    total = sum(_CODE_SIGNS.index(sign) * weight for sign, weight in zip(first, _CODE_WEIGHTS, strict=True))
    return _CODE_SIGNS[(31 - total % 31) % 31]


def code_holds(code: str) -> bool:
    """Whether a unified social credit code (统一社会信用代码) is well made."""
    return len(code) == 18 and check_sign(code[:17]) == code[17]

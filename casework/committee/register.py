"""The bureau's register of evaluation experts: who is on it, what changed, and who may keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from casework import clock
from casework.committee.model import NOTES, SPECIALITIES, TIES, Expert, Note, Tie
from casework.committee.ties import YEARS_NEEDED
from casework.db import db
from casework.errors import Conflict, NotYet, Unknown
from casework.people import Organisation, Post, User, by_login, district, identity, links, texts
from casework.rules import rule
from casework.words import _

PAGE = 30


@dataclass(frozen=True)
class Facts:
    """What the register says about an expert besides name and number."""

    employer: str
    title: str
    specialities: tuple[str, ...]
    since: date
    education: str


@dataclass(frozen=True)
class Person:
    """Who is put on the register."""

    name: str
    name_en: str
    id_number: str
    login: str
    email: str
    phone: str = ""


@rule(_("评标专家库由区房管局审查人、负责人管理。"), basis=_("招标投标法实施条例 第四十五条"))
def keep(by: Post | None) -> bool:
    """Examiners and heads of a housing bureau; the window does not see who is on the register."""
    return by is not None and by.organisation.kind == "bureau" and by.role in {"examiner", "head"}


@rule(_("没有找到您要的内容。"))
def see(by: Post, expert: Expert) -> bool:
    """The bureau of the district of the register, and nobody else."""
    own = district(by.organisation)
    return keep(by) and own is not None and own.id == expert.district_id


def find(expert_id: int, *, by: Post) -> Expert:
    """An expert of the bureau's own register; anybody else's is as if not there."""
    one = db.session.get(Expert, expert_id)
    if one is None or not see(by, one):
        raise Unknown
    return one


def search(
    by: Post, words: str = "", *, speciality: str = "", after: int = 0, limit: int = PAGE + 1
) -> Sequence[Expert]:
    """Experts of the own register in the order of entry, after the one with id `after`."""
    own = district(by.organisation)
    found = (
        sa.select(Expert)
        .join(Organisation, Organisation.id == Expert.organisation_id)
        .where(Expert.district_id == (own.id if own else 0), Expert.id > after)
        .options(joinedload(Expert.organisation), selectinload(Expert.ties))
    )
    for word in words.split()[:5]:
        columns = (Organisation.name, Expert.code, Expert.employer)
        found = found.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if speciality in SPECIALITIES:
        found = found.where(sa.cast(Expert.specialities, sa.Text).contains(f'"{speciality}"'))
    return db.session.scalars(found.order_by(Expert.id).limit(limit)).all()


def history(expert: Expert) -> Sequence[Note]:
    """The file of an expert, newest first."""
    found = sa.select(Note).where(Note.expert_id == expert.id).options(joinedload(Note.post))
    return db.session.scalars(found.order_by(Note.id.desc())).all()


def add(person: Person, facts: Facts, *, by: Post, link: str, send: texts.Send) -> Expert:
    """A person comes onto the register and gets an account of one's own, with a link to set the password."""
    keep.ask(by)
    home = district(by.organisation)
    if home is None:
        raise Unknown
    if by_login(person.login) is not None:
        raise Conflict(_("账号 %(login)s 已被使用，请换一个。", login=person.login))
    expert = enter(person, facts, home=home, by=by)
    user = db.session.get_one(User, expert.user_id)
    links.invite(user, home.name, link=link, send=send)
    return expert


def enter(
    person: Person, facts: Facts, *, home: Organisation, by: Post | None, since: date | None = None
) -> Expert:
    """The rows of an expert: an organisation of one person, an account, a post, the register."""
    _complete(facts)
    sealed = identity.seal(person.id_number)
    if db.session.scalar(sa.select(Expert.id).where(Expert.id_hash == sealed.hash)) is not None:
        raise Conflict(_("该身份证号码已在专家库中。"))
    body = Organisation(
        kind="expert", name=person.name, name_en=person.name_en, parent_id=home.id, state="active"
    )
    user = User(
        login=person.login.strip().lower(),
        name=person.name,
        name_en=person.name_en,
        email=person.email.lower(),
        phone=person.phone,
        made_at=clock.now(),
    )
    db.session.add_all([body, user])
    db.session.flush()
    user.home_id = body.id
    starts = since or clock.today()
    db.session.add(Post(user_id=user.id, organisation_id=body.id, role="member", starts_on=starts))
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Expert)) or 0
    expert = Expert(
        code=f"ZJ-{count + 1:04d}",
        organisation_id=body.id,
        user_id=user.id,
        district_id=home.id,
        id_hash=sealed.hash,
        id_last4=sealed.last4,
        employer=facts.employer,
        title=facts.title,
        specialities=list(facts.specialities),
        since=facts.since,
        education=facts.education,
    )
    db.session.add(expert)
    db.session.flush()
    note(expert, "added", by=by)
    return expert


def _complete(facts: Facts) -> None:
    if not facts.specialities or not set(facts.specialities) <= set(SPECIALITIES):
        raise NotYet(_("请至少选择一个评标专业。"))
    years = Expert(since=facts.since).years(clock.today())
    if years < YEARS_NEEDED:
        raise NotYet(
            _(
                "评标专家须从事相关领域工作满 %(least)s 年（招标投标法 第三十七条），现为 %(years)s 年。",
                least=YEARS_NEEDED,
                years=max(0, years),
            )
        )


def change(expert: Expert, facts: Facts, *, by: Post) -> None:
    """New facts; the file keeps what they replaced."""
    keep.ask(by)
    _complete(facts)
    before = []
    for name, label in LABELS.items():
        old, new = getattr(expert, name), getattr(facts, name)
        new = list(new) if isinstance(new, tuple) else new
        if old != new:
            before.append(f"{label}：{'、'.join(old) if isinstance(old, list) else old}")
            setattr(expert, name, new)
    if before:
        note(expert, "changed", by=by, says="原" + "；原".join(before))


#: How the file names what was changed; the record is kept in Chinese.
LABELS = {
    "employer": "工作单位",
    "title": "职称",
    "specialities": "评标专业",
    "since": "从业起始",
    "education": "学历",
}


def turn(expert: Expert, how: str, reason: str, *, by: Post) -> None:
    """Suspend, restore or remove; a removed expert stays in the file and is drawn no more."""
    keep.ask(by)
    states = {"suspended": ("active",), "restored": ("suspended",), "removed": ("active", "suspended")}
    if expert.state not in states.get(how, ()):
        raise Conflict(_("该专家目前%(state)s，不能这样办理。", state=expert.state_name))
    if len(reason.strip()) < 2:
        raise NotYet(_("请填写理由。"))
    expert.state = "active" if how == "restored" else how
    if how == "removed":
        expert.organisation.state, expert.organisation.closed_at = "closed", clock.now()
    note(expert, how, by=by, says=reason)


def tie(expert: Expert, kind: str, firm: str, begins: date, ends: date | None, *, by: Post | None) -> Tie:
    """A firm from which this person has to stay away."""
    if by is not None:
        keep.ask(by)
    if kind not in TIES or not firm.strip():
        raise NotYet(_("请写明回避的单位和事由。"))
    if ends is not None and ends < begins:
        raise NotYet(_("截止日期不能早于起始日期。"))
    known = sa.select(Organisation.id).where(Organisation.name == firm.strip())
    new = Tie(
        expert_id=expert.id,
        kind=kind,
        firm=firm.strip(),
        organisation_id=db.session.scalar(known.order_by(Organisation.id)),
        begins=begins,
        ends=ends,
    )
    db.session.add(new)
    db.session.flush()
    note(expert, "tie added", by=by, says=firm.strip())
    return new


def untie(expert: Expert, tie_id: int, on: date, *, by: Post) -> None:
    """The tie ends on a day; an employment counts three years longer."""
    keep.ask(by)
    one = next((t for t in expert.ties if t.id == tie_id), None)
    if one is None:
        raise Unknown
    if on < one.begins or on > clock.today() or one.ends is not None:
        raise NotYet(_("终止日期须在起始日期之后，且不晚于今天。"))
    one.ends = on
    note(expert, "tie ended", by=by, says=one.firm)


def note(expert: Expert, kind: str, *, by: Post | None, says: str = "", on: date | None = None) -> Note:
    """A line in the file."""
    if kind not in NOTES:
        raise Unknown
    new = Note(
        expert_id=expert.id,
        kind=kind,
        on=on or clock.today(),
        says=says.strip()[:500],
        at=clock.now(),
        post_id=by.id if by else None,
    )
    db.session.add(new)
    db.session.flush()
    return new

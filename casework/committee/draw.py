"""The draw: the pool is fixed, two parties commit, both reveal; nobody could have chosen who comes out."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import clock, draw_verify
from casework.committee import ties
from casework.committee.model import SPECIALITIES, Draw, Expert, Member, Secret
from casework.db import db
from casework.errors import Conflict, NotYet
from casework.words import _, say_in

#: A secret shorter than this could be found by trying.
SHORTEST, LONGEST = 16, 128


def latest(case_id: int) -> Draw | None:
    """The draw a case is at."""
    found = sa.select(Draw).where(Draw.case_id == case_id).order_by(Draw.number.desc())
    return db.session.scalars(found).first()


def draws(case_id: int) -> list[Draw]:
    """Every draw of a case, in order."""
    return list(db.session.scalars(sa.select(Draw).where(Draw.case_id == case_id).order_by(Draw.number)))


def fix_pool(
    case_id: int,
    places: Mapping[str, int],
    reserves: int,
    around: ties.Around,
    *,
    district_id: int,
    now: datetime,
) -> Draw:
    """Fix who can be drawn, and who not and why, before anybody knows the seed.

    `places` are the experts' seats by speciality; only vacant ones are drawn for. Each expert gets a label
    for this draw only: the published record tells nobody who sits on the committee.
    """
    before, (met, held) = draws(case_id), _met(case_id)
    salt, codes = secrets.token_hex(16), dict[str, str]()
    eligible, excluded = [], []
    for expert in _pool(district_id):
        label = secrets.token_hex(4)
        codes[label] = expert.code
        why = ties.reasons(expert, around, clock.local(now).date())
        why += ["R9"] if expert.id in met else []
        if why:
            excluded.append({"label": label, "reasons": why})
        else:
            sealed = draw_verify.seal(label, expert.code, salt)
            eligible.append({"label": label, "specialities": sorted(expert.specialities), "seal": sealed})
    pool = {
        "eligible": sorted(eligible, key=lambda one: str(one["label"])),
        "excluded": sorted(excluded, key=lambda one: str(one["label"])),
        "seats": dict(places),
        "demands": [
            {"speciality": name, "count": count - held[name]}
            for name, count in places.items()
            if count > held[name]
        ],
        "reserves": reserves,
    }
    new = Draw(
        case_id=case_id,
        number=len(before) + 1,
        pool=pool,
        pool_hash=draw_verify.pool_hash(pool),
        behind={"codes": codes, "salt": salt},
        fixed_at=now,
    )
    db.session.add(new)
    db.session.flush()
    return new


def _pool(district_id: int) -> Sequence[Expert]:
    found = sa.select(Expert).where(Expert.district_id == district_id).order_by(Expert.code)
    return db.session.scalars(found).all()


def _met(case_id: int) -> tuple[set[int], Counter[str]]:
    """The experts whom this case has called already, and how many of them sit, by speciality."""
    found = sa.select(Member).where(Member.case_id == case_id, Member.kind == "expert")
    called = [m for m in db.session.scalars(found) if m.state != "waiting"]
    return {m.expert_id for m in called if m.expert_id}, Counter(
        m.speciality for m in called if m.state == "seated"
    )


def lacking(pool: Mapping[str, Any]) -> dict[str, int]:
    """By how many experts each speciality falls short of its seats and one reserve; empty when none does."""
    reach = draw_verify.draw({**pool, "reserves": 1}, "")
    found = {}
    for demand in pool["demands"]:
        has = sum(one["speciality"] == demand["speciality"] for one in [*reach["drawn"], *reach["reserves"]])
        if has < demand["count"] + 1:
            found[str(demand["speciality"])] = int(demand["count"] + 1 - has)
    return found


def pledge(one: Draw, party: str, commitment: str, *, now: datetime) -> None:
    """A party binds itself to a secret before it knows the other's."""
    if any(s.party == party for s in one.secrets):
        raise Conflict(_("本方已经提交承诺值。"))
    text = commitment.strip().lower()
    if len(text) != 64 or any(sign not in "0123456789abcdef" for sign in text):
        raise NotYet(_("承诺值应为 64 位十六进制数（密数的 SHA-256 值），请用页面上的“生成密数”。"))
    if any(s.commitment == text for s in one.secrets):
        raise NotYet(_("承诺值与另一方相同，请另取密数。"))
    one.secrets.append(
        Secret(draw_id=one.id, party=party, place=len(one.secrets), commitment=text, committed_at=now)
    )
    db.session.flush()


def reveal(one: Draw, party: str, secret: str, *, now: datetime) -> None:
    """The party says its secret; it has to be the one it committed to."""
    mine = next((s for s in one.secrets if s.party == party), None)
    if mine is None or one.state != "fixed":
        raise Conflict
    text = secret.strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise NotYet(_("密数应为 %(low)s 至 %(high)s 个字符。", low=SHORTEST, high=LONGEST))
    if draw_verify.sha256(text) != mine.commitment:
        raise NotYet(_("密数与本方先前提交的承诺值不符，请核对有无多余的空格或者错字。"))
    mine.secret, mine.revealed_at = text, now


def refuse(one: Draw, party: str, reason: str) -> None:
    """A party will not reveal: it is named in the record, and this draw gives nothing."""
    for mine in one.secrets:
        if mine.party == party:
            mine.refusal = reason[:300]


def run(one: Draw, parties: Sequence[str], *, now: datetime) -> list[str]:
    """Draw, when every party has revealed; otherwise the parties that have not, and the draw has failed."""
    revealed = {s.party for s in one.secrets if s.revealed_at is not None}
    unrevealed = [party for party in parties if party not in revealed]
    if unrevealed:
        one.state = "failed"
        return unrevealed
    one.seed = draw_verify.seed(one.pool_hash, [(s.party, s.secret) for s in one.secrets])
    one.result = draw_verify.draw(one.pool, one.seed)
    one.state, one.drawn_at = "drawn", now
    _line_up(one)
    return []


def _line_up(one: Draw) -> None:
    """Those drawn stand in the order of calling: seats first, then reserves."""
    experts = {e.code: e for e in db.session.scalars(sa.select(Expert))}
    first = db.session.scalar(sa.select(sa.func.max(Member.place)).where(Member.case_id == one.case_id)) or 0
    rows = [(False, r) for r in one.result["drawn"]] + [(True, r) for r in one.result["reserves"]]
    for place, (reserve, row) in enumerate(rows, start=first + 1):
        expert = experts[one.behind["codes"][row["label"]]]
        db.session.add(
            Member(
                case_id=one.case_id,
                draw_id=one.id,
                place=place,
                kind="expert",
                name=expert.name,
                organisation_id=expert.organisation_id,
                user_id=expert.user_id,
                expert_id=expert.id,
                label=row["label"],
                speciality=row["speciality"],
                reserve=reserve,
            )
        )
    db.session.flush()


def record(
    one: Draw, case_number: str, english: Mapping[str, str], *, inside: bool = False
) -> dict[str, Any]:
    """What anybody needs to draw again; `english` of the parties; `inside`: who stands behind the labels."""
    found: dict[str, Any] = {
        "case": case_number,
        "draw": one.number,
        "fixed_at": one.fixed_at.isoformat(),
        "drawn_at": one.drawn_at.isoformat() if one.drawn_at else None,
        "names": {
            **{
                code: {"zh": say_in("zh", name), "en": say_in("en", name)}
                for code, name in SPECIALITIES.items()
            },
            **{s.party: {"zh": s.party, "en": english.get(s.party, s.party)} for s in one.secrets},
        },
        "pool": one.pool,
        "pool_hash": one.pool_hash,
        "secrets": [
            {"party": s.party, "commitment": s.commitment, "secret": s.secret, "refusal": s.refusal}
            for s in one.secrets
        ],
        "seed": one.seed,
        "result": one.result,
    }
    return {**found, "behind": one.behind} if inside else found


def published(one: Draw, case_number: str, english: Mapping[str, str]) -> str:
    """The record as the file that draw_verify.py reads."""
    return json.dumps(record(one, case_number, english), ensure_ascii=False, indent=1)

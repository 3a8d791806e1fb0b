"""What the papers of an evaluation print: the draw as it went, the members' scores, the signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from flask import current_app

from casework.cases.model import Case, Step
from casework.committee import Draw, Member, draw, scoring, seats, ties
from casework.committee.model import SPECIALITIES
from casework.db import db
from casework.papers.wording import moment_in_words
from casework.words import say_in

OUTCOMES = {
    "waiting": "未抽用",
    "called": "待答复",
    "seated": "参加",
    "refused": "不参加",
    "silent": "未答复",
    "recused": "申请回避",
    "removed": "被更换",
}
OPINIONS = {
    "agree": "同意，已签字",
    "dissent": "有不同意见，已签字",
    "refuse": "拒绝签字且未书面说明理由，视为同意",
    "silent": "未签字且未书面说明理由，视为同意",
}


def printed(case: Case) -> dict[str, Any]:
    """The committee as papers read it, and where anybody fetches the draw; empty for a case without one."""
    every = draw.draws(case.id)
    if not every:
        return {}
    panel = _panel(case.id)
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return {
        "draws_at": f"{base}/draws/{case.number}",
        "draws": [_draw(one) for one in every],
        "panel": panel,
        "seated": [one for one in panel if one["sits"]],
        "codes": _codes(every),
        "scores": scores(case.id),
    }


def _draw(one: Draw) -> dict[str, Any]:
    pool = one.pool
    return {
        "number": one.number,
        "fixed_at": one.fixed_at,
        "drawn_at": one.drawn_at,
        "pool": len(pool["eligible"]) + len(pool["excluded"]),
        "eligible": len(pool["eligible"]),
        "hash": one.pool_hash,
        "reserves": pool["reserves"],
        "demands": "；".join(f"{_speciality(d['speciality'])} {d['count']} 名" for d in pool["demands"]),
        "excluded": [
            {
                "label": row["label"],
                "code": one.behind["codes"][row["label"]],
                "reasons": "、".join(row["reasons"]),
            }
            for row in pool["excluded"]
        ],
        "secrets": [
            {
                "party": s.party,
                "commitment": s.commitment,
                "secret": s.secret or "未公开",
                "refusal": s.refusal or ("未在期限内公开" if s.revealed_at is None else ""),
            }
            for s in one.secrets
        ],
        "failed": one.state == "failed",
        "seed": one.seed,
    }


def _panel(case_id: int) -> list[dict[str, Any]]:
    return [_seat(order, m) for order, m in enumerate(seats.of(case_id), start=1)]


def _seat(order: int, member: Member) -> dict[str, Any]:
    about = seats.facts(member)
    representative = member.kind == "representative"
    return {
        **about,
        "index": order,
        "speciality": "招标人代表" if representative else _speciality(member.speciality),
        "reserve": "备选" if member.reserve else "正选",
        "label": member.label or "—",
        "outcome": OUTCOMES[member.state],
        "why": member.reason or "—",
        "called_at": member.called_at,
        "sits": member.state == "seated",
        "expert": not representative,
        "employer": about["employer"] or "—",
        "title": about["title"] or "—",
    }


def _codes(every: Sequence[Draw]) -> list[dict[str, str]]:
    """The reason codes that occur, with their words."""
    used = sorted({code for one in every for row in one.pool["excluded"] for code in row["reasons"]})
    return [{"code": code, "says": say_in("zh", ties.REASONS[code])} for code in used]


def _speciality(code: str) -> str:
    return say_in("zh", SPECIALITIES[code]) if code in SPECIALITIES else code


def scores(case_id: int) -> list[dict[str, Any]]:
    """One row a bid: what each member gave, the total or the evaluated price, and remarked; the same once."""
    names = {m.id: m.name for m in seats.of(case_id)}
    found: dict[Any, dict[str, Any]] = {}
    for sheet in sorted(scoring.valid(case_id), key=lambda one: names[one.member_id]):
        for no in dict.fromkeys(line["no"] for line in sheet.lines):
            mine = [line for line in sheet.lines if line["no"] == no]
            row = found.setdefault(
                no, {"no": no, "bidder": mine[0].get("bidder", ""), "given": [], "said": {}}
            )
            row["given"].append(f"{names[sheet.member_id]} {_total(mine)}")
            for remark in _remarks(mine):
                row["said"].setdefault(remark, []).append(names[sheet.member_id])
    return [
        {
            "no": no,
            "bidder": row["bidder"],
            "given": "；".join(row["given"]),
            "remark": "；".join(f"{'、'.join(who)}：{remark}" for remark, who in row["said"].items()) or "—",
        }
        for no, row in sorted(found.items())
    ]


def _remarks(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    found = (line.get("remark") or line.get("price_remark") for line in lines)
    return [str(one) for one in found if one]


def _total(lines: Sequence[Mapping[str, Any]]) -> str:
    first = lines[0]
    if first.get("complies") == "no":
        return "不符合"
    if first.get("evaluated") is not None:
        return f"{scoring.rounded(Fraction(Decimal(first['evaluated'])))} 元"
    return f"{scoring.rounded(sum((Fraction(line['points']) for line in lines), Fraction(0)))} 分"


def signed(
    case_id: int, members: Sequence[Mapping[str, Any]], element: str, now: datetime
) -> list[dict[str, Any]]:
    """What each member did with the report, in the order of seats."""
    query = sa.select(Step).where(Step.case_id == case_id, Step.element == element, Step.status == "done")
    given = {int(s.item["id"]): s for s in db.session.scalars(query.order_by(Step.id)) if s.item}
    return [_signature(order, one, given.get(int(one["id"]))) for order, one in enumerate(members, start=1)]


def _signature(order: int, member: Mapping[str, Any], step: Step | None) -> dict[str, Any]:
    answers = (step.answers or {}) if step else {}
    opinion = str(answers.get("opinion", "silent"))
    signs = step if opinion != "refuse" else None  # who refuses has signed nothing
    at = signs.done_at if signs else None
    return {
        "index": order,
        "member": member["id"],
        "name": member["name"],
        "kind": "评标专家" if member["kind"] == "expert" else "招标人代表",
        "opinion": opinion,
        "says": OPINIONS[opinion],
        "dissent": answers.get("dissent") or "",
        "signed_at": moment_in_words(at) if at else "—",
        "means": str((signs.proof or {}).get("level") or "—") if signs and signs.proof else "—",
    }

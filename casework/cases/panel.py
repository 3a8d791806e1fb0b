"""What a drawing may ask of the office about an evaluation committee: draw, seat, check, count, report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from casework import clock, journal
from casework.cases import bidding
from casework.cases.model import Party
from casework.cases.panel_papers import signed
from casework.cases.turn import Turn
from casework.committee import Draw, Member, Sheet, composition, draw, scoring, seats, ties
from casework.db import db
from casework.engine import values
from casework.errors import NotYet, Unknown
from casework.people import Organisation, Post
from casework.standing.relations import OVER, all_in_force

Facts = Mapping[str, Any] | None

#: What the committee's own forms show of a bid.
BRIEF = ("no", "name", "name_en", "enterprise", "price", "total_year", "level", "years", "manager", "staff")

#: Why the committee rejects bids that comply.
TOO_FEW = {
    "reason": "有效投标不足三份，明显缺乏竞争，评标委员会否决全部投标"
    "（评标委员会和评标方法暂行规定 第二十七条）",
    "reason_en": "fewer than three bids comply and there is clearly no competition: "
    "the committee rejects all (Provisions on Bid Evaluation, art. 27)",
}


def firms(turn: Turn, variables: Mapping[str, Any]) -> ties.Around:
    """The bidders, the tenderer, whoever is related to them, and the supervising office."""
    about = turn.scope(variables)["concerned"]
    tenderer, office = int(about["tenderer"]), int(turn.case.facts["district"]["bureau"])
    bidders = {int(b["enterprise"]): str(b["name"]) for b in about["bids"] or () if b.get("enterprise")}
    named = {
        o.id: o.name
        for o in db.session.scalars(sa.select(Organisation).where(Organisation.id.in_([tenderer, office])))
    }
    today = clock.local(turn.now).date()
    return ties.Around(
        bidders=bidders,
        tenderer={tenderer: named[tenderer]},
        related=_related({tenderer, *bidders}, turn),
        office={office: named[office]},
        officials=frozenset(
            db.session.scalars(
                sa.select(Post.user_id).where(
                    Post.organisation_id == office,
                    Post.starts_on <= today,
                    sa.or_(Post.ends_on.is_(None), Post.ends_on >= today),
                )
            )
        ),
    )


def _related(ours: set[int], turn: Turn) -> dict[int, str]:
    """The other side of every relation on the register; a body without an entry gets a number below zero."""
    found: dict[int, str] = {}
    for one in all_in_force(clock.local(turn.now).date()):
        sides = ((one.upper_id, one.upper_name), (one.lower_id, one.lower_name))
        if one.kind in OVER and ours & {number for number, _name in sides}:
            for number, name in sides:
                if number not in ours:
                    found[number if number is not None else -len(found) - 1] = name
    return found


def at(turn: Turn) -> Draw:
    """The draw the case is at."""
    one = draw.latest(turn.case.id)
    if one is None:
        raise Unknown
    return one


# ------------------------------------------------------------------------------------------ effects


def _fix_pool(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`fix pool` (inputs seats, reserves): who can be drawn, who not and why; no seed is known yet."""
    places: dict[str, int] = {}
    for row in arguments["seats"]:
        places[str(row["speciality"])] = places.get(str(row["speciality"]), 0) + int(row["count"])
    one = draw.fix_pool(
        turn.case.id,
        places,
        int(arguments["reserves"]),
        firms(turn, variables),
        district_id=int(turn.case.facts["district"]["id"]),
        now=turn.now,
    )
    lacking = draw.lacking(one.pool)
    detail = {"draw": one.number, "pool": one.pool, "hash": one.pool_hash, "behind": one.behind}
    journal.write(turn.case, "pool fixed", at=turn.now, by=turn.by, detail=detail)
    return {
        "draw_number": one.number,
        "pool_hash": one.pool_hash,
        "pool_size": len(one.pool["eligible"]) + len(one.pool["excluded"]),
        "pool_eligible": len(one.pool["eligible"]),
        "lacking": [{"speciality": name, "short": short} for name, short in lacking.items()],
    }


def _draw_experts(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`draw experts`: by the revealed secrets; without them nobody is drawn and the party is named."""
    one = at(turn)
    unrevealed = draw.run(one, [str(p) for p in arguments["parties"]], now=turn.now)
    detail = {"draw": one.number, "seed": one.seed, "result": one.result, "unrevealed": unrevealed}
    journal.write(turn.case, "drawn", at=turn.now, by=turn.by, detail=detail)
    called = [] if unrevealed else seats.call(one, now=turn.now)
    return {
        "drawn": not unrevealed,
        "unrevealed": unrevealed,
        "seed": one.seed,
        "to_call": [seats.facts(m) for m in called],
    }


def _replace_expert(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`replace expert`: passes over whoever was called and is silent, calls the next for every vacant seat.

    Header `unstated=leave`: only lets go whoever has not declared in time to be free of conflicts.
    """
    if arguments.get("unstated") == "leave":
        _drop_unstated(turn)
        return None
    case_id, one = turn.case.id, at(turn)
    gone = seats.silent(case_id, now=turn.now)
    called = seats.call(one, now=turn.now)
    sitting = seats.seated(case_id)
    unstated = [m for m in sitting if m.stated_at is None]
    short = seats.vacancies(one)
    ours = sum(m.kind == "representative" for m in sitting)
    absent = max(0, int(turn.scope(variables).get("representatives") or 0) - ours)
    formed = not called and not unstated and not short and not absent
    if formed:
        _lawful(turn, variables)
    detail = {"silent": [m.name for m in gone], "called": [m.name for m in called], "formed": formed}
    journal.write(turn.case, "seats", at=turn.now, by=turn.by, detail=detail)
    return {
        "members": [{**seats.facts(m), "order": n} for n, m in enumerate(sitting, start=1)],
        "to_call": [seats.facts(m) for m in called],
        "unstated": [seats.facts(m) for m in unstated],
        "absent": absent,
        "exhausted": bool(short) and not called,
        "formed": formed,
    }


def _drop_unstated(turn: Turn) -> None:
    late = [m for m in seats.seated(turn.case.id) if m.stated_at is None]
    for member in late:
        seats.leave(member, "silent", "", now=turn.now)
        let_go(member)
    journal.write(turn.case, "seats", at=turn.now, detail={"left": [m.name for m in late]})


def let_go(member: Member) -> None:
    """Whoever is a member no more has no part in the case; the tenderer's people keep the tenderer's own."""
    if member.kind == "expert":
        gone = (Party.case_id == member.case_id, Party.organisation_id == member.organisation_id)
        db.session.execute(sa.delete(Party).where(*gone))


def _lawful(turn: Turn, variables: Mapping[str, Any]) -> None:
    """The last look at the committee before it begins its work."""
    demands = composition.Demands.of(turn.case.facts["profile"])
    sitting = seats.seats(turn.case.id, firms(turn, variables).officials)
    if wrong := composition.violations(sitting, demands):
        raise NotYet(wrong[0])


def _check_bids(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`check bids` (input checks: the committee's findings): what is left to score, what is rejected and why.

    A bid above the published maximum is rejected by itself, whatever anybody writes (实施条例 第五十一条).
    """
    about, findings = turn.scope(variables)["concerned"], arguments.get("checks") or []
    opened = [b for b in about["bids"] if b.get("outcome", "opened") == "opened"]
    rejected = _by_themselves(opened, about.get("price_cap"))
    gone = {row["no"] for row in rejected}
    asked = []
    for row in findings:
        bid = next((b for b in opened if str(b["no"]) == str(row.get("key"))), None)
        if bid is None or bid["no"] in gone:
            continue
        if row.get("verdict") == "reject":
            ground = str(row.get("ground"))
            why = str(row.get("why") or "")
            rejected.append(_rejection(bid, ground, why, why))
            gone.add(bid["no"])
        elif row.get("verdict") == "ask":
            about_it = {k: _brief(bid)[k] for k in ("no", "name", "name_en", "enterprise")}
            asked.append({**about_it, "question": row.get("question")})
    valid = [_brief(b) for b in opened if b["no"] not in gone]
    detail = {"rejected": rejected, "valid": [b["no"] for b in valid], "asked": [a["no"] for a in asked]}
    journal.write(turn.case, "bids checked", at=turn.now, by=turn.by, detail=detail)
    return {
        "to_check": valid,
        "to_clarify": asked,
        **_standing(valid, rejected),
        "signs": bidding.signs(turn.case) or about.get("signals") or [],
        "sums": bidding.sums(turn.case) or about.get("sums") or [],
    }


def _standing(compliant: Sequence[Any], rejected: Sequence[Any]) -> dict[str, Any]:
    """What the report tells of the bids so far."""
    in_order = sorted(rejected, key=lambda one: int(one["no"]))
    return {"compliant": compliant, "rejected": in_order, "valid_count": len(compliant)}


def _by_themselves(opened: Sequence[Mapping[str, Any]], cap: Any) -> list[dict[str, Any]]:
    over = set(scoring.over_cap(opened, cap))
    found = []
    for bid in opened:
        if bid["no"] in over:
            why = f"投标报价 {_yuan(bid['price'])}，高于最高投标限价 {_yuan(cap)}（系统核对）"
            why_en = f"{_cents(bid['price'])}, the maximum is {_cents(cap)} yuan/m² a month"
            found.append(_rejection(bid, "5", why, why_en))
        elif bid.get("invalid"):
            found.append(_rejection(bid, "3", str(bid["invalid"])))
    return found


def _cents(value: Any) -> str:
    return str(Decimal(value).quantize(scoring.CENT))


def _yuan(value: Any) -> str:
    return f"{_cents(value)} 元/平方米·月"


def _rejection(bid: Mapping[str, Any], ground: str, why: str, why_en: str = "") -> dict[str, Any]:
    named = scoring.GROUNDS.get(ground, ("", ""))
    return {
        "no": bid["no"],
        "name": bid["name"],
        "name_en": bid.get("name_en") or bid["name"],
        "enterprise": bid.get("enterprise"),
        "ground": ground,
        "ground_zh": scoring.item(ground),
        "reason": f"{named[0]}：{why}" if why else named[0],
        "reason_en": f"{named[1]}: {why_en}" if why_en else named[1],
    }


def _found_failing(one: scoring.Failing) -> dict[str, Any]:
    """The rejection of a bid that most members find not to comply, with what each ground rests on."""
    (ground, facts), *others = one.facts.items()
    count = f"{one.members} 名成员中 {one.against} 名认定不符合"
    count_en = f"{one.against} of {one.members} members find that it does not comply"
    why, why_en = (f"{_said(facts)}（{count}）", f"{_said(facts)} ({count_en})")
    for other, said in others:
        why += f"；另有 {len(said)} 名成员认为属于第（{scoring.item(other)}）项：{_said(said)}"
        why_en += f"; {len(said)} under item ({other}): {_said(said)}"
    return _rejection(one.bid, ground, why, why_en)


def _said(facts: Sequence[str]) -> str:
    return "；".join(dict.fromkeys(one.strip("。；; ") for one in facts))


def _brief(bid: Mapping[str, Any]) -> dict[str, Any]:
    """A bid to be looked at by the committee; `key` is the key of its row."""
    brief = {k: bid.get(k) for k in BRIEF}
    return {**brief, "name_en": bid.get("name_en") or bid["name"], "key": str(bid["no"])}


def _tally_scores(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`tally scores` (input calls: who finds the time too short): who has still to score, or the ranking."""
    case_id, scope = turn.case.id, turn.scope(variables)
    sitting, sheets = seats.seated(case_id), scoring.valid(case_id)
    scored = {sheet.member_id for sheet in sheets}
    unscored = [m for m in sitting if m.id not in scored]
    short = [c for c in arguments.get("calls") or () if c.get("time") == "short"]
    must = scoring.must_extend(len(sitting), len(short))
    facts: dict[str, Any] = {
        "unscored": [seats.facts(m) for m in unscored],
        "all_scored": not unscored,
        "must_extend": must,
        "too_short": len(short),
    }
    if not unscored:
        facts |= _evaluated(scope, sheets)
    detail = {k: v for k, v in facts.items() if k != "unscored"} | {"waiting": len(unscored)}
    journal.write(turn.case, "scores tallied", at=turn.now, by=turn.by, detail=detail)
    return facts


def _evaluated(scope: Mapping[str, Any], sheets: Sequence[Sheet]) -> dict[str, Any]:
    """The ranking; for the lowest price also what most members reject (实施条例 第五十一条)."""
    bids, evaluation = _bids(scope), str(scope["concerned"]["evaluation"])
    ranks = scoring.ranking(bids, sheets, evaluation)
    failing = scoring.failing(bids, sheets) if evaluation == "lowest_price" else []
    gone = {one.bid["no"] for one in failing}
    before = [one for one in scope.get("rejected") or () if one["no"] not in gone]
    compliant = [_brief(b) for b in bids if b["no"] not in gone]
    return {
        "ranking": [rank.facts() for rank in ranks],
        **_standing(compliant, [*before, *map(_found_failing, failing)]),
    }


def _bids(scope: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The bids that are scored, in the order of receipt."""
    valid = {row["no"] for row in scope.get("to_check") or ()}
    return [b for b in scope["concerned"]["bids"] if b["no"] in valid]


def _draft_report(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`draft report` (inputs count, all_rejected): the candidates in order, and the hash that is signed."""
    rejects = bool(arguments.get("all_rejected"))
    ranks = [] if rejects else list(variables.get("ranking") or ())
    most = int(turn.case.facts["profile"]["candidates_max"])
    count = 0 if rejects else int(arguments.get("count") or min(most, len(ranks)))
    if wrong := scoring.too_many(count, most):
        raise NotYet(wrong)
    said = {
        "case": turn.case.number,
        "bids": [b["no"] for b in turn.scope(variables)["concerned"]["bids"]],
        "rejected": variables.get("rejected") or [],
        "ranking": ranks,
        "candidates": ranks[:count],
        "recommendation": arguments.get("recommendation"),
        "matters": arguments.get("matters"),
        "members": [m["name"] for m in variables.get("members") or ()],
    }
    digest = hashlib.sha256(values.dumps(said).encode()).hexdigest()
    journal.write(turn.case, "report drafted", at=turn.now, by=turn.by, detail={**said, "sha256": digest})
    return {
        "candidates": ranks[:count],
        "report_digest": digest,
        "all_rejected": rejects or not ranks,
        "turned_down": _turned_down(variables) if rejects else said["rejected"],
    }


def _turned_down(variables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All bids with why: what complies falls with the others for want of competition."""
    rest = [{**TOO_FEW, "no": one["no"]} for one in variables.get("compliant") or ()]
    return sorted([*(variables.get("rejected") or ()), *rest], key=lambda one: int(one["no"]))


def _count_signatures(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`count signatures`: who signed, who dissents and why, whose silence agrees (实施条例 第五十三条)."""
    found = signed(turn.case.id, variables.get("members") or (), str(arguments["step"]), turn.now)
    journal.write(turn.case, "signatures counted", at=turn.now, by=turn.by, detail={"signatures": found})
    return {"signatures": found, "dissents": [one for one in found if one["opinion"] == "dissent"]}


EFFECTS = {
    "fix pool": _fix_pool,
    "draw experts": _draw_experts,
    "replace expert": _replace_expert,
    "check bids": _check_bids,
    "tally scores": _tally_scores,
    "draft report": _draft_report,
    "count signatures": _count_signatures,
}


# ------------------------------------------------------------------------------------- looked up by forms


def sheet(case_id: int, scope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows a member fills in."""
    about = scope["concerned"]
    return scoring.blank(_bids(scope), about.get("criteria") or (), str(about["evaluation"]))


def member_of(turn: Turn) -> Member:
    """The member whose step this is."""
    item = turn.step.item if turn.step else None
    if not isinstance(item, Mapping):
        raise Unknown
    return seats.find(turn.case.id, item.get("id"))

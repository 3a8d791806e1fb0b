"""Experts and committees: the acceptance cases T17–T26 by their ids, the draw, the seats, the totals."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere
from flask import Flask
from townspeople import misplaced
from werkzeug.datastructures import MultiDict

from casework import clock, draw_verify, procedures, profiles
from casework.cases.model import Case
from casework.committee import (
    Draw,
    Expert,
    Member,
    Sheet,
    Tie,
    composition,
    draw,
    register,
    scoring,
    seats,
    ties,
)
from casework.committee.questions import FactsAnswers
from casework.db import db
from casework.errors import Conflict, NotYet
from casework.people import Organisation, Post, User

NATIONAL = profiles.of("national", date(2026, 3, 2)).values
DEMANDS = composition.Demands.of(NATIONAL)
NOW = clock.at_local(date(2026, 4, 10), 10)


# ------------------------------------------------------------------------------- the table of compositions

COMPOSITIONS = [
    # id, representatives, experts, the sentences that must be there
    ("T17", 1, 4, []),
    ("T18", 2, 3, ["不得少于成员总数的 2/3"]),
    ("T19", 2, 5, []),
    ("T20 six", 2, 4, ["应为单数"]),
    ("T20 three", 1, 2, ["不得少于 5 人"]),
    ("all experts", 0, 5, []),
    ("four", 1, 3, ["不得少于 5 人", "应为单数"]),
    ("nobody", 0, 0, ["不得少于 5 人", "应为单数"]),
]


@pytest.mark.parametrize("row", COMPOSITIONS, ids=[row[0] for row in COMPOSITIONS])
def test_a_committee_is_lawful_or_says_why_not(row: Any, app: Flask) -> None:
    _case, representatives, experts, wanted = row
    planned = composition.planned(representatives + experts, representatives)
    found = [str(says) for says in composition.violations(planned, DEMANDS)]
    assert len(found) == len(wanted)
    assert all(any(part in says for says in found) for part in wanted)


def test_a_place_may_ask_for_four_fifths(app: Flask) -> None:
    strict = composition.Demands(5, True, Fraction(4, 5))
    assert not composition.violations(composition.planned(5, 1), strict)
    assert len(composition.violations(composition.planned(7, 2), strict)) == 1


def test_nobody_holds_two_seats_and_nobody_tied_sits(app: Flask) -> None:
    sitting = [composition.Seat("expert", name) for name in ("甲", "乙", "丙", "丁", "丁")]
    assert "丁只能占一个席位" in str(composition.violations(sitting, DEMANDS)[0])
    tied = [composition.Seat("expert", n) for n in "甲乙丙丁"] + [composition.Seat("expert", "戊", tied=True)]
    assert "利害关系" in str(composition.violations(tied, DEMANDS)[0])


# ------------------------------------------------------------------------------------------------- ties


def someone(*held: Tie, employer: str = "云河建筑设计研究院", **more: Any) -> Expert:
    about = {"user_id": 7, "since": date(2010, 1, 1), "state": "active", "specialities": ["A01"], **more}
    return Expert(employer=employer, ties=list(held), **about)


AROUND = ties.Around(
    bidders={1: "甲物业"},
    tenderer={2: "乙置业"},
    related={3: "丙集团"},
    office={9: "区房管局"},
    officials=frozenset({99}),
)
ON = date(2026, 4, 10)


def at(kind: str, firm: str, begins: date, ends: date | None = None) -> Tie:
    return Tie(kind=kind, firm=firm, begins=begins, ends=ends)


@pytest.mark.parametrize(
    ("expert", "codes"),
    [
        (someone(), []),
        # T21: worked for a bidder; three years after the end the way is free again
        (someone(at("employer", "甲物业", date(2019, 1, 1), date(2023, 4, 10))), ["R1"]),
        (someone(at("employer", "甲物业", date(2019, 1, 1), date(2023, 4, 9))), []),
        (someone(at("employer", "甲物业", date(2026, 5, 1))), []),
        (someone(at("employer", "乙置业", date(2019, 1, 1))), ["R2"]),
        (someone(at("relative", "甲物业", date(2019, 1, 1))), ["R3"]),
        (someone(at("relative", "甲物业", date(2019, 1, 1), date(2026, 4, 9))), []),
        (someone(at("employer", "丙集团", date(2019, 1, 1))), ["R4"]),
        (someone(at("interest", "乙置业", date(2019, 1, 1))), ["R5"]),
        (someone(employer="甲 物业"), ["R1"]),
        (someone(employer="乙置业"), ["R2"]),
        (someone(employer="丙集团"), ["R4"]),
        (someone(employer="区房管局"), ["R6"]),  # T22
        (someone(user_id=99), ["R6"]),  # T22
        (someone(state="suspended"), ["R7"]),
        (someone(since=date(2018, 4, 11)), ["R8"]),
        (someone(since=date(2018, 4, 10)), []),
        (
            someone(at("employer", "甲物业", date(2019, 1, 1)), at("relative", "乙置业", date(2020, 1, 1))),
            ["R1", "R3"],
        ),
    ],
)
def test_t21_t22_who_is_tied_is_excluded_with_a_code(expert: Expert, codes: list[str], app: Flask) -> None:
    assert ties.reasons(expert, AROUND, ON) == codes
    assert set(codes) <= set(ties.REASONS)


# ------------------------------------------------------------------------------------------------- the draw

PLACES = {"A01": 2, "A02": 1, "A03": 1}
PARTIES = {"区房管局": "District housing bureau", "招标人": "Tenderer"}
SECRETS = {"区房管局": "云河区房管局的密数一二三四五六七八", "招标人": "a-secret-of-the-tenderer-42"}


@pytest.fixture
def panel(district: Flask, keys: dict[str, int]) -> dict[str, Any]:
    """A tender's case as far as the draw needs one: bidders ent1–ent5 of developer dev1."""
    names = {o.id: o.name for o in db.session.scalars(sa.select(Organisation))}
    around = ties.Around(
        bidders={keys[f"ent{n}"]: names[keys[f"ent{n}"]] for n in range(1, 6)},
        tenderer={keys["dev1"]: names[keys["dev1"]]},
        office={keys["bureau"]: names[keys["bureau"]]},
    )
    return {"case": a_case(keys), "around": around, "district": keys["district"]}


def a_case(keys: dict[str, int]) -> int:
    version = procedures.current("exemption")
    case = Case(number="T-1", version_id=version, key="exemption", title="t", state="", variables={}, facts={},
                starter_organisation_id=keys["dev1"], opened_at=NOW)  # fmt: skip
    db.session.add(case)
    db.session.flush()
    return case.id


def drawn(panel: dict[str, Any], places: dict[str, int] = PLACES) -> Draw:
    one = draw.fix_pool(panel["case"], places, 2, panel["around"], district_id=panel["district"], now=NOW)
    for party, secret in SECRETS.items():
        draw.pledge(one, party, draw_verify.sha256(secret), now=NOW)
    for party, secret in SECRETS.items():
        draw.reveal(one, party, secret, now=NOW)
    assert draw.run(one, list(SECRETS), now=NOW) == []
    return one


def test_the_pool_names_nobody_and_every_exclusion_has_its_code(panel: dict[str, Any]) -> None:
    one = draw.fix_pool(panel["case"], PLACES, 2, panel["around"], district_id=panel["district"], now=NOW)
    published = draw.published(one, "T-1", PARTIES)
    assert len(one.pool["eligible"]) + len(one.pool["excluded"]) == 48
    assert not any(e.name in published or e.code in published for e in db.session.scalars(sa.select(Expert)))
    why = {one.behind["codes"][row["label"]]: row["reasons"] for row in one.pool["excluded"]}
    assert why == {
        "ZJ-0003": ["R1"], "ZJ-0011": ["R3"], "ZJ-0015": ["R2"], "ZJ-0019": ["R5"], "ZJ-0022": ["R1"], "ZJ-0031": ["R1"],
    }  # fmt: skip


def test_anybody_can_draw_again_from_the_published_record(panel: dict[str, Any], tmp_path: Path) -> None:
    one = drawn(panel)
    file = tmp_path / "draw.json"
    file.write_text(draw.published(one, "T-1", PARTIES), encoding="utf-8")
    done = verified(file)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {"A01": "物业服务管理 / Property services", "A02": "设施设备工程 / Facilities engineering"}
    for order, member in enumerate([m for m in seats.of(panel["case"]) if not m.reserve][:3], start=1):
        assert f"正选 Drawn {order}: {member.label}  {names[member.speciality]}\n" in done.stdout
    assert done.stdout.endswith("核验结果：没有差异 / Result: no difference found\n")
    record = json.loads(file.read_text("utf-8"))
    for spoil, many in (
        (lambda r: r["pool"]["eligible"].pop(), " differences found\n"),
        (lambda r: r["secrets"][0].update(secret="x" * 20), "× 区房管局的密数与其承诺值不符 / District"),
        (lambda r: r["result"]["drawn"].reverse(), "有 1 处差异 / Result: 1 difference found"),
    ):
        other = json.loads(json.dumps(record))
        spoil(other)
        file.write_text(json.dumps(other), encoding="utf-8")
        done = verified(file)
        assert (done.returncode, many in done.stdout) == (1, True), done.stdout
    assert list(draw_verify.check({**record, "seed": "0" * 64}))
    inside = draw.record(one, "T-1", PARTIES, inside=True)
    assert list(draw_verify.check(inside)) == []
    inside["behind"] = {**inside["behind"], "codes": dict.fromkeys(inside["behind"]["codes"], "ZJ-0001")}
    assert list(draw_verify.check(inside))


def verified(file: Path) -> subprocess.CompletedProcess[str]:
    """What a stranger reads who runs the script by itself."""
    script = [sys.executable, "-I", "-X", "utf8", draw_verify.__file__, str(file)]
    return subprocess.run(script, capture_output=True, encoding="utf-8", check=False, timeout=60)


def test_the_draw_fills_every_speciality_with_different_people_of_it(panel: dict[str, Any]) -> None:
    one = drawn(panel)
    people = seats.of(panel["case"])
    assert [m.speciality for m in people if not m.reserve] == ["A01", "A01", "A02", "A03"]
    assert [m.speciality for m in people if m.reserve] == ["A01"] * 2 + ["A02"] * 2 + ["A03"] * 2
    assert len({m.expert_id for m in people}) == len(people)
    for member in people:
        assert member.speciality in db.session.get_one(Expert, member.expert_id).specialities
    assert one.state == "drawn"


def test_a_secret_must_be_the_one_committed_to_and_two_are_never_alike(panel: dict[str, Any]) -> None:
    one = draw.fix_pool(panel["case"], PLACES, 2, panel["around"], district_id=panel["district"], now=NOW)
    commitment = draw_verify.sha256(SECRETS["招标人"])
    with pytest.raises(NotYet, match="64 位十六进制"):
        draw.pledge(one, "招标人", "secret", now=NOW)
    draw.pledge(one, "招标人", commitment.upper(), now=NOW)
    with pytest.raises(Conflict):
        draw.pledge(one, "招标人", commitment, now=NOW)
    with pytest.raises(NotYet, match="与另一方相同"):
        draw.pledge(one, "区房管局", commitment, now=NOW)
    with pytest.raises(NotYet, match="不符"):
        draw.reveal(one, "招标人", "another-secret-of-mine", now=NOW)
    with pytest.raises(NotYet, match="16 至 128"):
        draw.reveal(one, "招标人", "short", now=NOW)


def test_a_party_that_does_not_reveal_is_named_and_nothing_is_drawn(panel: dict[str, Any]) -> None:
    one = draw.fix_pool(panel["case"], PLACES, 2, panel["around"], district_id=panel["district"], now=NOW)
    for party, secret in SECRETS.items():
        draw.pledge(one, party, draw_verify.sha256(secret), now=NOW)
    draw.reveal(one, "区房管局", SECRETS["区房管局"], now=NOW)
    draw.refuse(one, "招标人", "不同意抽取方式")
    assert draw.run(one, list(SECRETS), now=NOW) == ["招标人"]
    assert (one.state, one.result, seats.of(panel["case"])) == ("failed", None, [])
    record = draw.record(one, "T-1", PARTIES)
    assert list(draw_verify.check(record)) == []
    assert "本次抽取作废" in list(draw_verify.report(record, []))[1]
    assert drawn(panel).number == 2


def test_a_refusal_and_a_silence_bring_the_next_reserve(panel: dict[str, Any]) -> None:
    one = drawn(panel)
    called = seats.call(one, now=NOW)
    assert [m.speciality for m in called] == ["A01", "A01", "A02", "A03"]
    assert seats.call(one, now=NOW) == []
    seats.answer(called[0], True, "", now=NOW)
    seats.answer(called[1], False, "出差", now=NOW)
    assert [m.place for m in seats.silent(panel["case"], now=NOW)] == [3, 4]
    again = seats.call(one, now=NOW)
    assert [(m.speciality, m.reserve) for m in again] == [("A01", True), ("A02", True), ("A03", True)]


def test_when_the_reserves_are_used_up_a_new_draw_leaves_out_everybody_met(panel: dict[str, Any]) -> None:
    one = drawn(panel)
    while called := seats.call(one, now=NOW):
        for member in called:
            seats.answer(member, member.speciality != "A02", "不便", now=NOW)
    assert seats.vacancies(one) == {"A02": 1}
    met = {m.expert_id for m in seats.of(panel["case"]) if m.state != "waiting"}
    two = drawn(panel)
    assert two.pool["demands"] == [{"speciality": "A02", "count": 1}]
    new = seats.call(two, now=NOW)
    assert len(new) == 1
    assert new[0].expert_id not in met
    assert sum(row["reasons"] == ["R9"] for row in two.pool["excluded"]) == len(met)


def test_t21_found_later_the_member_leaves_and_its_scores_are_void(panel: dict[str, Any]) -> None:
    one = drawn(panel)
    first = seats.call(one, now=NOW)[0]
    seats.answer(first, True, "", now=NOW)
    scoring.keep(panel["case"], first.id, [{"key": "1-1", "no": 1, "points": Decimal(9)}], now=NOW)
    with pytest.raises(NotYet, match="不能重复"):
        scoring.keep(panel["case"], first.id, [], now=NOW)
    seats.leave(first, "removed", "曾在投标人任职", now=NOW)
    assert scoring.valid(panel["case"]) == []
    assert db.session.scalars(sa.select(Sheet)).one().void_at == NOW
    assert seats.call(one, now=NOW)[0].speciality == first.speciality


def test_too_few_experts_of_a_speciality_are_named_before_the_draw(panel: dict[str, Any]) -> None:
    one = draw.fix_pool(
        panel["case"], {"A04": 20}, 2, panel["around"], district_id=panel["district"], now=NOW
    )
    assert set(draw.lacking(one.pool)) == {"A04"}
    assert draw.lacking({**one.pool, "demands": [{"speciality": "A04", "count": 3}]}) == {}


# ------------------------------------------------------------------------------------- evaluation


def test_t24_more_than_a_third_must_be_given_time() -> None:
    assert scoring.must_extend(5, 2)
    assert not scoring.must_extend(5, 1)
    assert not scoring.must_extend(9, 3), "超过三分之一: exactly a third is not more"
    assert scoring.must_extend(9, 4)
    assert not scoring.must_extend(0, 0)


def test_t25_four_candidates_are_refused(app: Flask) -> None:
    most = int(NATIONAL["candidates_max"])
    assert scoring.too_many(3, most) is None
    assert "不得超过 3 个" in str(scoring.too_many(4, most))


def test_t26_a_bid_above_the_published_maximum_is_found_by_itself() -> None:
    bids = [
        {"no": 1, "price": Decimal("2.60")},
        {"no": 2, "price": Decimal("2.61")},
        {"no": 3, "price": None},
    ]
    assert scoring.over_cap(bids, Decimal("2.60")) == [2]
    assert scoring.over_cap(bids, None) == []


def test_the_seven_reasons_are_those_of_the_law() -> None:
    assert list(scoring.GROUNDS) == list("1234567")
    assert scoring.GROUNDS["5"][0] == "投标报价低于成本或者高于招标文件设定的最高投标限价"


BIDS = [
    {"no": 1, "enterprise": 11, "name": "甲", "price": Decimal("2.30")},
    {"no": 2, "enterprise": 12, "name": "乙", "price": Decimal("2.20")},
    {"no": 3, "enterprise": 13, "name": "丙", "price": Decimal("2.20")},
]
CRITERIA = [{"criterion": "服务方案", "points": Decimal(60)}, {"criterion": "报价", "points": Decimal(40)}]


def sheet(member: int, *totals: str) -> Sheet:
    return Sheet(
        member_id=member,
        lines=[{"no": n, "points": Decimal(t)} for n, t in enumerate(totals, start=1)],
    )


def test_totals_are_exact_means_and_ties_fall_to_the_price_then_to_receipt() -> None:
    sheets = [sheet(1, "80", "80.1", "79.9"), sheet(2, "80", "79.9", "80.1"), sheet(3, "80", "80", "80")]
    found = scoring.ranking(BIDS, sheets, "comprehensive")
    assert [(r.no, r.rank) for r in found] == [(2, 1), (3, 2), (1, 3)]
    assert {r.facts()["score"] for r in found} == {Decimal("80.00")}
    third = [sheet(1, "0.1", "0", "0"), sheet(2, "0.1", "0", "0"), sheet(3, "0.2", "0", "0.4")]
    # 0.4/3 against 0.4/3: equal although no decimal can say it; the lower price decides
    assert [r.no for r in scoring.ranking(BIDS, third, "comprehensive")] == [3, 1, 2]
    assert scoring.rounded(Fraction(1, 3)) == Decimal("0.33")
    assert scoring.rounded(Fraction(5, 1000)) == Decimal("0.01")


def test_the_lowest_evaluated_price_wins_among_those_that_comply() -> None:
    def lowest(member: int, *rows: tuple[str, str]) -> Sheet:
        lines = [
            {"no": n, "complies": c, "evaluated": Decimal(v) if v else None}
            for n, (c, v) in enumerate(rows, start=1)
        ]
        return Sheet(member_id=member, lines=lines)

    sheets = [
        lowest(1, ("yes", "2.30"), ("no", ""), ("yes", "2.40")),
        lowest(2, ("yes", "2.30"), ("no", ""), ("yes", "2.40")),
        lowest(3, ("yes", "2.33"), ("yes", "2.20"), ("no", "")),
    ]
    found = scoring.ranking(BIDS, sheets, "lowest_price")
    assert [(r.no, r.facts()["score"]) for r in found] == [(1, Decimal("2.31")), (3, Decimal("2.40"))]
    for sheet, (ground, facts) in zip(sheets, (("6", "期限不足"), ("3", "无营业执照")), strict=False):
        sheet.lines[1] |= {"ground": ground, "price_remark": facts}
    (failing,) = scoring.failing(BIDS, sheets)
    assert (failing.bid["no"], failing.against, failing.members) == (2, 2, 3)
    assert failing.facts == {"3": ["无营业执照"], "6": ["期限不足"]}
    assert list(failing.facts) == ["3", "6"], "named equally often: in the order of the law"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"evaluated": Decimal("2.40")}, "没有填完"),
        ({"complies": "yes", "evaluated": Decimal(0)}, "报价的十分之一至十倍"),
        ({"complies": "yes", "evaluated": Decimal("-2.4")}, "核对小数点"),
        ({"complies": "yes", "evaluated": Decimal("24.01")}, "报价为 2.40 元"),
        ({"complies": "yes", "evaluated": Decimal("2.41"), "price_remark": " 折算 "}, "写明折算的依据"),
        ({"complies": "no", "price_remark": "服务等级低于招标文件要求"}, "法定的否决情形"),
        ({"complies": "no", "ground": "6", "price_remark": "不行"}, "不少于 5 个字"),
        ({"complies": "no", "ground": "6", "price_remark": "服务等级低于招标文件要求"}, ""),
        ({"complies": "yes", "evaluated": Decimal("2.41"), "price_remark": "付款期提前，按年息折算"}, ""),
        ({"complies": "yes", "evaluated": Decimal("2.4")}, ""),
    ],
)
def test_a_price_is_evaluated_within_reason_and_a_bid_fails_on_a_ground_of_the_law(
    app: Flask, line: dict[str, Any], told: str
) -> None:
    (row,) = rows = scoring.blank([{"no": 1, "name": "甲", "price": Decimal("2.40")}], [], "lowest_price")
    if told:
        with pytest.raises(NotYet, match=told):
            scoring.check_lines([{"key": row["key"], **line}], rows, "lowest_price")
    else:
        assert scoring.check_lines([{"key": row["key"], **line}], rows, "lowest_price") == [{**row, **line}]


def test_a_sheet_is_whole_and_within_its_points(app: Flask) -> None:
    rows = scoring.blank(BIDS, CRITERIA, "comprehensive")
    assert [r["key"] for r in rows] == ["1-1", "1-2", "2-1", "2-2", "3-1", "3-2"]
    full = [{"key": r["key"], "points": r["most"]} for r in rows]
    assert [one["points"] for one in scoring.check_lines(full, rows, "comprehensive")][:2] == [60, 40]
    with pytest.raises(NotYet, match="没有填完：丙"):
        scoring.check_lines(full[:5], rows, "comprehensive")
    with pytest.raises(NotYet, match="0 至 40"):
        scoring.check_lines([*full[:5], {"key": "3-2", "points": Decimal("40.5")}], rows, "comprehensive")


# ------------------------------------------------------------------------------------- the register


def test_the_register_keeps_no_identity_number_and_takes_nobody_twice(district: Flask) -> None:
    head = db.session.scalars(sa.select(Post).join(User).where(User.login == "head1")).one()
    facts = register.Facts("云河某事务所", "高级工程师", ("A02",), date(2012, 1, 1), "bachelor")
    person = register.Person("新专家", "", "11010519491231002X", "exp-new", "exp-new@yunhe.example")
    sent: list[Any] = []
    one = register.add(
        person, facts, by=head, link="http://localhost/link/{token}", send=lambda *a, **k: sent.append(a)
    )
    assert (one.id_last4, one.code) == ("002X", "ZJ-0049")
    assert len(sent) == 1
    assert "11010519491231002" not in repr(
        db.session.execute(sa.select(Expert.__table__).where(Expert.id == one.id)).one()
    )
    again = register.Person("同一人", "", "11010519491231002x", "exp-again", "again@yunhe.example")
    with pytest.raises(Conflict, match="已在专家库中"):
        register.enter(again, facts, home=one.organisation.parent, by=head)
    asked = {"employer": "x", "title": "y", "since": "2012-01-01", "education": "", "A01": "y"}
    unanswered = FactsAnswers(MultiDict(asked))
    assert (unanswered.validate(), list(unanswered.errors)) == (False, ["education"])
    with pytest.raises(NotYet, match="满 8 年"):
        register.change(one, register.Facts("x", "y", ("A01",), clock.today(), "bachelor"), by=head)
    register.change(
        one, register.Facts("另一事务所", "高级工程师", ("A01",), date(2012, 1, 1), "bachelor"), by=head
    )
    register.turn(one, "suspended", "未参加年度培训", by=head)
    with pytest.raises(Conflict):
        register.turn(one, "suspended", "再次", by=head)
    register.turn(one, "removed", "本人申请", by=head)
    assert not one.organisation.active
    assert [n.kind for n in register.history(one)] == ["removed", "suspended", "changed", "added"]
    assert "原工作单位：云河某事务所" in register.history(one)[2].says


def test_only_examiners_and_heads_keep_the_register(district: Flask) -> None:
    head = browser(district, "head1")
    blank = elsewhere(lambda: head.post("/experts/add", data={})).text
    assert len(re.findall(r'class="err" id', blank)) > 6
    assert misplaced(blank) == [], "what is wrong is named in the order of the page"
    for login, may in (("head1", True), ("exa1", True), ("win1", False), ("dev1", False), ("exp1", False)):
        post = db.session.scalars(sa.select(Post).join(User).where(User.login == login)).first()
        assert register.keep(post) is may, login
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Member)) == 0

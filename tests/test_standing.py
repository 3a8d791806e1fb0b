"""Stars, rectification, blacklist and bans."""

from datetime import date

import pytest
import small_register

from casework import clock, standing
from casework.errors import Conflict, NotYet, Refused
from casework.standing import NeverChanged

DECISION = {"basis": "招标投标法 第五十三条", "document": "云房信〔2025〕3号"}


@pytest.fixture
def office(db):
    with clock.at(clock.at_local(date(2026, 3, 2), 9)):
        yield small_register.build()


def test_an_enterprise_without_records_may_take_on_work(office):
    found = standing.of(office.enterprise.id)
    assert (found.eligible, found.stars, found.reasons) == (True, None, ())


def test_whoever_is_not_on_the_register_may_not(office):
    assert [r.kind for r in standing.of(office.developer.id).reasons] == ["unregistered"]
    assert not standing.of(10_000).eligible
    office.enterprise.code = None
    assert [r.kind for r in standing.of(office.enterprise.id).reasons] == ["no_legal_person"]


def test_a_five_year_ban_ends_on_the_same_day_five_years_on(office):
    ban = standing.record(
        "ban",
        office.enterprise,
        by=office.post("bureau", "head"),
        begins=date(2025, 6, 30),
        reason="串通投标",
        years=5,
        **DECISION,
    )
    assert ban.ends == date(2030, 6, 30)
    assert "2030年6月30日" in ban.explanation["steps"][-1]["zh"]
    assert not standing.of(office.enterprise.id, date(2030, 6, 30)).eligible
    assert standing.of(office.enterprise.id, date(2030, 7, 1)).eligible
    assert standing.of(office.enterprise.id, date(2025, 6, 29)).eligible
    reason = standing.of(office.enterprise.id).reasons[0]
    assert reason.zh == "禁止参与投标期限未满：串通投标（至2030年6月30日止）"
    assert (reason.document, reason.until, reason.unfounded) == (
        "云房信〔2025〕3号",
        date(2030, 6, 30),
        False,
    )
    assert reason.advice.startswith("这项限制到2030年6月30日为止，自2030年7月1日起不再有效。不服该决定的")
    assert standing.advice.STEPS.keys() > standing.BARS  # each says what to do


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        (
            [("rectification", None), ("ban", date(2031, 5, 3))],
            "限制到2031年5月3日为止，晚于本次投标截止之日",
        ),
        ([("ban", date(2026, 4, 9)), ("poor_rating", None)], "在投标截止之前全部消除的，仍可投标"),
        ([("rectification", None), ("tenderer", None)], "与招标人的关系属实的，不能参加本次投标"),
    ],
)
def test_who_is_barred_reads_whether_that_can_end_in_time(
    reasons: list[tuple[str, date | None]], said: str
) -> None:
    assert said in str(standing.outlook(reasons, date(2026, 4, 10)))


def test_a_leap_day_ban_ends_on_the_last_day_of_february(office):
    ban = standing.record(
        "ban",
        office.enterprise,
        by=office.post("bureau", "head"),
        begins=date(2024, 2, 29),
        reason="x",
        years=1,
        **DECISION,
    )
    assert ban.ends == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("basis", "warned"),
    [("", True), ("区级工作方案", True), ("招标投标法 第五十四条", False), ("《物业管理条例》第56条", False)],
)
def test_a_ban_that_cites_no_statute_carries_a_warning(office, basis, warned):
    ban = standing.record(
        "ban",
        office.enterprise,
        by=office.post("bureau", "head"),
        begins=date(2026, 1, 5),
        reason="失信",
        years=5,
        basis=basis,
        document="云房信〔2026〕1号",
    )
    assert ban.unfounded is warned
    assert ("未引用法律条文" in standing.of(office.enterprise.id).reasons[0].zh) is warned


def test_rectification_bars_until_it_is_closed_however_late(office):
    bureau = office.post("bureau", "examiner")
    one = standing.record(
        "rectification",
        office.enterprise,
        by=bureau,
        begins=date(2026, 1, 5),
        reason="消防设施停用",
        document="云房改〔2026〕2号",
    )
    assert not standing.of(office.enterprise.id, date(2027, 1, 1)).eligible
    standing.lift(one, by=bureau, how="cleared", on=date(2026, 3, 1), reason="复验合格")
    assert not standing.of(office.enterprise.id, date(2026, 2, 28)).eligible
    assert standing.of(office.enterprise.id, date(2026, 3, 1)).eligible


def test_every_reason_is_told_not_only_the_first(office):
    head = office.post("bureau", "head")
    standing.record(
        "rectification",
        office.enterprise,
        by=head,
        begins=date(2026, 1, 5),
        reason="a",
        document="云房改〔2026〕2号",
    )
    standing.record("blacklist", office.enterprise, by=head, begins=date(2026, 2, 5), reason="b", **DECISION)
    standing.record(
        "poor_rating",
        office.enterprise,
        by=head,
        begins=date(2026, 1, 20),
        reason="c",
        document="云物协〔2026〕1号",
    )
    facts = standing.facts(office.enterprise.id)
    assert [r["kind"] for r in facts["reasons"]] == ["blacklist", "poor_rating", "rectification"]
    assert facts["eligible"] is False
    assert standing.of(office.other_enterprise.id).eligible


def test_a_new_rating_takes_the_place_of_the_old_one(office):
    bureau = office.post("bureau", "window")
    for year, value in ((2024, 1), (2025, 3), (2026, 2)):
        standing.record(
            "star", office.enterprise, by=bureau, begins=date(year, 2, 1), reason="年度考核", value=value
        )
    assert [standing.of(office.enterprise.id, date(y, 6, 1)).stars for y in (2023, 2024, 2025, 2026)] == [
        None,
        1,
        3,
        2,
    ]
    listed = {e.enterprise.id: e.stars for e in standing.search(None, date(2026, 3, 2))}
    assert listed == {office.enterprise.id: 2, office.other_enterprise.id: None}


def test_only_a_clerk_of_the_enterprises_own_bureau_keeps_records(office):
    for post in (
        office.post("developer", "head"),
        office.post("enterprise", "head"),
        office.post("other_bureau", "head"),
        office.post("bureau", "admin"),
        office.post("bureau", "auditor"),
        office.post("street", "head"),
    ):
        with pytest.raises(Refused, match="信用记录由企业所在区房管局"):
            standing.record("star", office.enterprise, by=post, begins=date(2026, 1, 1), reason="x", value=3)


def test_a_decision_against_an_enterprise_is_written_down_by_the_head(office):
    for kind in ("ban", "blacklist"):
        with pytest.raises(Refused, match="负责人"):
            standing.record(
                kind,
                office.enterprise,
                by=office.post("bureau", "window"),
                begins=date(2026, 1, 1),
                reason="x",
                **DECISION,
            )


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("ban", {"years": None, **DECISION}),
        ("ban", {"years": 5, "ends": date(2027, 1, 1), **DECISION}),
        ("ban", {"years": 11, **DECISION}),
        ("ban", {"ends": date(2025, 1, 1), **DECISION}),
        ("ban", {"years": 5, "basis": "招标投标法 第五十三条"}),
        ("rectification", {}),
        ("star", {"value": 9}),
        ("star", {"value": 3, "reason": "  "}),
        ("medal", {}),
        ("star", {"value": 3, "scope": "world"}),
    ],
)
def test_an_incomplete_record_is_not_written(office, kind, given):
    with pytest.raises(NotYet):
        standing.record(
            kind,
            office.enterprise,
            by=office.post("bureau", "head"),
            begins=date(2026, 1, 1),
            **{"reason": "x", **given},
        )


def test_records_are_kept_for_enterprises_only(office):
    with pytest.raises(NotYet):
        standing.record(
            "star",
            office.developer,
            by=office.post("bureau", "head"),
            begins=date(2026, 1, 1),
            reason="x",
            value=1,
        )


def test_a_record_ends_once_with_reason_and_for_decisions_with_a_document(office):
    head = office.post("bureau", "head")
    one = standing.record(
        "blacklist", office.enterprise, by=head, begins=date(2026, 1, 5), reason="x", **DECISION
    )
    with pytest.raises(NotYet):
        standing.lift(one, by=head, how="repaired", on=date(2026, 3, 1), reason="已修复")
    with pytest.raises(NotYet):
        standing.lift(one, by=head, how="repaired", on=date(2026, 3, 3), reason="已修复", document="x")
    with pytest.raises(NotYet):
        standing.lift(one, by=head, how="forgotten", on=date(2026, 3, 1), reason="已修复", document="x")
    with pytest.raises(Refused):
        standing.lift(
            one,
            by=office.post("bureau", "window"),
            how="repaired",
            on=date(2026, 3, 1),
            reason="已修复",
            document="x",
        )
    standing.lift(
        one, by=head, how="repaired", on=date(2026, 3, 1), reason="已修复", document="云房信〔2026〕9号"
    )
    with pytest.raises(Conflict):
        standing.lift(one, by=head, how="repaired", on=date(2026, 3, 1), reason="已修复", document="x")


def test_a_record_is_never_edited_and_never_deleted(db, office):
    one = standing.record(
        "star",
        office.enterprise,
        by=office.post("bureau", "head"),
        begins=date(2026, 1, 1),
        reason="x",
        value=3,
    )
    db.session.commit()
    one.value = 5
    with pytest.raises(NeverChanged):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.get(standing.Record, one.id))
    with pytest.raises(NeverChanged):
        db.session.flush()
    db.session.rollback()


def test_the_public_reads_stars_and_bans_within_their_period_and_no_rectification(office):
    head = office.post("bureau", "head")
    ban = standing.record(
        "ban",
        office.enterprise,
        by=head,
        begins=date(2026, 1, 5),
        reason="x",
        years=8,
        publish_years=5,
        **DECISION,
    )
    fix = standing.record(
        "rectification", office.enterprise, by=head, begins=date(2026, 1, 5), reason="x", document="d"
    )
    assert ban.public(date(2031, 1, 5))
    assert not ban.public(date(2031, 1, 6))
    assert ban.in_force(date(2031, 1, 6))
    assert not fix.public(date(2026, 1, 6))

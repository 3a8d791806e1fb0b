"""The acceptance cases of the domain report that dates, sizes and rooms decide, by their ids."""

from datetime import date
from decimal import Decimal

import pytest

from casework import profiles
from casework.deadlines import Rule, compute
from casework.profiles import rooms

TODAY = date(2026, 3, 2)
NATIONAL = profiles.of("national", TODAY).values
DATES = [
    # id, kind, length (profile key or number), unit, from, to, article
    ("T01", "floor", "doc_to_deadline_days", "days", "2026-03-02", "2026-03-22", "招标投标法 第二十四条"),
    ("T03", "backward", "clarify_before_deadline_days", "days", "2026-04-10", "2026-03-26", "实施条例 第二十一条"),
    ("T04", "floor", "clarify_before_deadline_days", "days", "2026-03-27", "2026-04-11", "实施条例 第二十一条"),
    ("T05", "backward", "objection_docs_before_deadline_days", "days", "2026-04-10", "2026-03-31", "实施条例 第二十二条"),
    ("T06", "ceiling", "objection_reply_days", "days", "2026-04-03", "2026-04-07", "实施条例 第二十二条"),
    ("T07", "floor", "tender_filing_before_notice_days", "days", "2026-03-02", "2026-03-12", "130号 第十一条"),
    ("T30", "ceiling", "publicity_start_days", "days", "2026-09-30", "2026-10-08", "实施条例 第五十四条"),
    ("T31", "publicity", "publicity_days", "days", "2026-10-08", "2026-10-11", "实施条例 第五十四条"),
    ("T32", "ceiling", "objection_reply_days", "days", "2026-10-09", "2026-10-12", "实施条例 第五十四条"),
    ("T34", "ceiling", "report_days", "days", "2026-09-18", "2026-10-08", "招标投标法 第四十七条"),
    ("T35", "ceiling", "contract_days", "days", "2026-09-05", "2026-10-08", "招标投标法 第四十六条"),
    ("T37", "ceiling", "bond_refund_days", "days", "2026-04-30", "2026-05-06", "实施条例 第五十七条"),
    ("T46", "ceiling", "licence_decision_wd", "working_days", "2026-02-05", "2026-03-11", "行政许可法 第四十二条"),
    ("T47", "ceiling", "correction_wd", "working_days", "2026-02-12", "2026-02-26", "行政许可法 第三十二条"),
    ("T61", "backward", "inspection_before_delivery_days", "days", "2026-06-30", "2026-06-15", "165号 第十条"),
    ("T62", "backward", "docs_before_inspection_days", "days", "2026-06-05", "2026-05-16", "165号 第十四条"),
    ("T63", "ceiling", "handover_after_agreement_days", "days", "2026-06-09", "2026-06-22", "165号 第二十四条"),
    ("T64", "ceiling", "inspection_filing_days", "days", "2026-06-20", "2026-07-20", "165号 第二十九条"),
    ("T64 河南", "ceiling", ("henan", "inspection_filing_days"), "days", "2026-06-20", "2026-07-20", "河南 第四十六条"),
    ("T68", "ceiling", 1, "months", "2026-04-02", "2026-05-06", "seed 1.25"),
    ("T73", "ceiling", "committee_filing_days", "days", "2026-09-06", "2026-10-08", "物业管理条例 第十六条"),
    ("T74", "backward", "assembly_notice_days", "days", "2026-05-20", "2026-05-05", "物业管理条例 第十四条"),
    ("T90 file", "ceiling", "complaint_limit_days", "days", "2026-09-28", "2026-10-08", "实施条例 第六十条"),
    ("T90 accept", "ceiling", "complaint_accept_wd", "working_days", "2026-09-29", "2026-10-09", "实施条例 第六十一条"),
    ("T90 decide", "ceiling", "complaint_decide_wd", "working_days", "2026-10-09", "2026-11-19", "实施条例 第六十一条"),
    ("T95", "ceiling", "licence_decision_wd", "working_days", "2026-12-10", "2027-01-07", "行政许可法 第八十二条"),
    ("T96", "ceiling", ("hangzhou", "exit_days"), "days", "2026-09-30", "2026-10-15", "杭州 第五十七条"),
    ("T97", "ceiling", 2, "months", "2025-12-31", "2026-02-28", "seed 1.31"),
]  # fmt: skip


def length(given):
    if isinstance(given, int):
        return given
    if isinstance(given, tuple):
        return profiles.of(given[0], TODAY).values[given[1]]
    return NATIONAL[given]


@pytest.mark.parametrize("row", DATES, ids=[row[0] for row in DATES])
def test_the_date_is_the_one_the_report_computed(row):
    case, kind, given, unit, start, end, basis = row
    due = compute(Rule(kind, length(given), basis, "起算事件", unit), date.fromisoformat(start))
    assert due.day == date.fromisoformat(end)
    assert basis in due.explanation.zh
    assert due.provisional is (case == "T95")


def test_t02_a_deadline_after_the_earliest_day_is_accepted():
    earliest = compute(
        Rule("floor", NATIONAL["doc_to_deadline_days"], "招标投标法 第二十四条", "e"), date(2026, 3, 2)
    )
    assert not earliest.day <= date(2026, 3, 21)
    assert earliest.day <= date(2026, 3, 23)


def test_t46_the_head_may_extend_by_ten_working_days():
    rule = Rule(
        "ceiling", NATIONAL["licence_decision_wd"], "行政许可法 第四十二条", "受理之日", "working_days"
    )
    due = compute(rule, date(2026, 2, 5), extension=NATIONAL["licence_extension_wd"])
    assert due.day == date(2026, 3, 25)
    assert "经批准延长10个工作日" in due.explanation.zh


def test_t51_the_ground_of_too_few_bidders_is_refused_without_a_tender_record():
    answer = profiles.agreement_allowed(profiles.of("yunhe", TODAY), {}, "few_bidders")
    assert not answer.yes
    assert "招标记录" in answer.zh


ROOMS = [
    ("T56", "shandong", {"gfa_total": 30_000}, ["100"]),
    ("T56", "shandong", {"gfa_total": 110_340}, ["331.02"]),
    ("T57", "henan", {"gfa_total": 15_000}, ["80"]),
    ("T57", "henan", {"gfa_total": 110_340}, ["441.36"]),
    ("T57", "henan", {"gfa_total": 200_000}, ["800"]),
    ("T58", "shanghai", {"gfa_total": 110_340}, ["220.68", "30"]),
    ("T59", "zhejiang", {"gfa_above": 110_340}, ["772.38"]),
    ("T59", "zhejiang", {"gfa_above": 110_340, "gfa_residential": 0}, ["331.02"]),
    ("绍兴 15", "shaoxing", {"gfa_above": 110_340}, ["331.02", "441.36"]),
    ("绍兴 15", "shaoxing", {"gfa_above": 15_000}, ["50", "60"]),
    ("杭州 44", "hangzhou", {"gfa_above": 110_340}, ["331.02", "441.36"]),
    ("杭州 44", "hangzhou", {"gfa_above": 110_340, "gfa_residential": 0}, ["331.02"]),
    ("seed 1.19", "yunhe", {"gfa_total": 40_000}, ["200"]),
]


@pytest.mark.parametrize(("case", "place", "figures", "areas"), ROOMS)
def test_the_required_rooms_are_exact(case, place, figures, areas):
    need = rooms.required(profiles.of(place, TODAY), figures)
    assert [part.area for part in need.parts if not part.within] == [Decimal(area) for area in areas]


def judged(place, figures, *rooms_given):
    rows = [{"code": f"YF-{n}", **row} for n, row in enumerate(rooms_given, 1)]
    return profiles.rooms_judged(profiles.of(place, TODAY).snapshot(), figures, rows)


def test_t58_rooms_of_the_enterprise_do_not_make_up_for_the_committees():
    office = {"kind": "office", "area": Decimal("250.68")}
    short = judged("shanghai", {"gfa_total": 110_340}, office)
    assert not short["enough"]
    assert short["shortage"] == 30
    assert [part["short"] for part in short["parts"]] == [0, 30]
    assert "业主委员会用房缺 30 平方米" in short["zh"]
    assert "owners' committee room: 30 m² short" in short["en"]
    assert judged("shanghai", {"gfa_total": 110_340}, office, {"kind": "committee", "area": 30})["enough"]


def test_the_demo_rooms_short_by_twelve_and_a_half():
    offered = ({"kind": "office", "area": Decimal("167.5")}, {"kind": "committee", "area": 20})
    cellar = {"kind": "office", "area": Decimal("12.5"), "space": "设备间", "height": Decimal("2.1")}
    found = judged("yunhe", {"gfa_total": 40_000}, *offered, cellar, {"kind": "community", "area": 80})
    assert (found["delivered"], found["shortage"]) == (Decimal("187.5"), Decimal("12.5"))
    assert found["left_out"] == [{"code": "YF-3", "zh": "设备间不计入", "en": "equipment room: not counted"}]
    assert found["zh"] == (
        "物业管理用房：总建筑面积 40,000 × 5‰ = 200 平方米；"
        "业主委员会用房（含在上述面积内）：不少于 20 平方米。合计不少于 200 平方米。"
        "计入面积 187.5 平方米，YF-3 设备间不计入，物业管理用房缺 12.5 平方米。"
    )


def test_t60_only_a_rent_or_loan_with_its_end_bridges_and_it_never_counts():
    own, lent = {"kind": "office", "area": 60}, {"kind": "office", "area": 110, "mode": "lent"}
    figures = {"gfa_total": 33_900}
    assert not judged("yunhe", figures, own, lent)["bridged"]
    found = judged("yunhe", figures, own, {**lent, "mode_until": date(2027, 3, 31)})
    assert found["bridged"]
    assert not found["enough"]
    assert (found["delivered"], found["bridging"], found["shortage"]) == (60, 110, Decimal("109.5"))


def test_an_area_is_rounded_up_to_what_a_survey_can_state():
    found = judged("yunhe", {"gfa_total": Decimal("49999.99")}, {"kind": "committee", "area": 250})
    assert found["required"] == Decimal("249.99995")
    assert found["least"] == 250
    assert found["enough"]
    assert "249.99995 平方米，按两位小数进位为 250.00 平方米" in found["zh"]
    assert "合计不少于 250 平方米" in found["zh"]


def test_rooms_under_ground_count_only_where_the_place_says_nothing():
    cellar = {"kind": "office", "area": 150, "above_ground": False}
    assert not judged("zibo", {"gfa_total": 30_000}, cellar)["enough"]
    assert "不在地上，不计入" in judged("zibo", {"gfa_total": 30_000}, cellar)["zh"]
    assert judged("qingdao", {"gfa_total": 30_000}, cellar, {"kind": "committee", "area": 20})["enough"]

"""Who holds whom, and whom that keeps out of a tender."""

from datetime import date

import pytest
import small_register
from townspeople import Visitor, sign_in

from casework import clock, standing
from casework.errors import Conflict, NotYet, Refused, Unknown
from casework.standing import Body, NeverChanged

DAY = date(2026, 3, 2)
REPORT = "国家企业信用信息公示系统报告（2026年2月）"


@pytest.fixture
def office(db):
    with clock.at(clock.at_local(DAY, 9)):
        yield small_register.build()


def side(one):
    if isinstance(one, Body):
        return one
    return Body(one) if isinstance(one, str) else Body(one.name, one.code, one.id)


@pytest.fixture
def write(office):
    def add(kind, upper, lower, **more):
        usual = {"by": office.post("bureau", "window"), "begins": date(2025, 1, 1), "document": REPORT}
        return standing.add_relation(kind, side(upper), side(lower), **(usual | more))

    return add


def kinds(found):
    return [one.kind for one in found]


def test_a_stranger_to_the_tenderer_may_bid(office):
    found = standing.eligible(office.enterprise.id, office.developer.id)
    assert (found.eligible, found.reasons) == (True, ())


def test_t40_two_bidders_with_the_same_head_are_both_named(office):
    office.enterprise.representative, office.other_enterprise.representative = "韩启明", " 韩启明 "
    found = standing.conflicts([office.other_enterprise.id, office.enterprise.id])
    assert list(found) == [(office.enterprise.id, office.other_enterprise.id)]
    (tie,) = found[office.enterprise.id, office.other_enterprise.id]
    assert (tie.kind, tie.excludes, tie.basis) == ("same_head", True, "招标投标法实施条例 第三十四条")
    assert "登记的单位负责人同为“韩启明”" in tie.zh
    assert "same head" in tie.en


def test_bodies_without_a_registered_head_are_not_taken_for_one(office):
    assert standing.conflicts([office.enterprise.id, office.other_enterprise.id]) == {}


def test_two_persons_of_one_name_are_told_apart_by_a_record_of_the_bureau(office, write):
    office.enterprise.representative = office.other_enterprise.representative = "李静"
    write("namesake", office.enterprise, office.other_enterprise, document="身份核验记录〔2026〕3号")
    assert standing.conflicts([office.enterprise.id, office.other_enterprise.id]) == {}


def test_t79_an_enterprise_under_rectification_is_refused_with_reason_and_document(office):
    standing.record(
        "rectification",
        office.enterprise,
        by=office.post("bureau", "window"),
        begins=date(2026, 2, 1),
        reason="消防通道堵塞",
        document="云房改〔2026〕1号",
    )
    (reason,) = standing.eligible(office.enterprise.id, office.developer.id).reasons
    assert reason.zh == "处于整改期内，尚未销号：消防通道堵塞"
    assert reason.document == "云房改〔2026〕1号"


def test_a_subsidiary_of_the_tenderer_is_refused_with_the_document_that_shows_it(office, write):
    write("holding", office.developer, office.enterprise, share="51")
    found = standing.eligible(office.enterprise.id, office.developer.id)
    (reason,) = found.reasons
    assert not found.eligible
    assert reason.zh == "与招标人存在利害关系：“江南置业有限公司”控股“安居物业服务有限公司”（51%）"
    assert "holds" in reason.en
    assert (reason.document, reason.basis) == (REPORT, "招标投标法实施条例 第三十四条")


def test_control_runs_through_a_company_that_is_not_on_the_register(office, write):
    write("holding", office.enterprise, "江南投资有限公司", share="60")
    write("control", "江南投资有限公司", office.other_enterprise, document="公司章程")
    (tie,) = standing.ties(office.enterprise, office.other_enterprise)
    assert (tie.kind, tie.excludes) == ("over", True)
    assert tie.document == f"{REPORT}；公司章程"
    assert tie.zh.endswith("“江南投资有限公司”实际控制“乐邻物业服务有限公司”")


def test_two_subsidiaries_of_one_parent_are_shown_but_both_may_bid(office, write):
    for own in (office.enterprise, office.other_enterprise):
        write("holding", "云河控股集团", own)
    (tie,) = standing.ties(office.enterprise, office.other_enterprise)
    assert (tie.kind, tie.excludes) == ("common", False)
    assert tie.zh.startswith("同受“云河控股集团”控制")


def test_a_sister_of_the_tenderer_has_an_interest_in_it(office, write):
    for own in (office.enterprise, office.developer):
        write("holding", "云河控股集团", own)
    assert kinds(standing.eligible(office.enterprise.id, office.developer.id).reasons) == ["common"]


def test_who_holds_each_other_is_followed_only_once(office, write):
    write("holding", office.enterprise, office.other_enterprise)
    write("holding", office.other_enterprise, office.enterprise)
    assert kinds(standing.ties(office.enterprise, office.other_enterprise)) == ["over", "over"]


def test_a_relation_counts_from_its_first_day_until_it_ends(db, office, write):
    one = write("management", office.developer, office.enterprise)
    by, pair = office.post("bureau", "head"), (office.enterprise, office.developer)
    standing.end_relation(one, by=by, on=date(2026, 3, 1), reason="股权转让", document="工商变更通知书")
    db.session.expire_all()
    assert kinds(standing.ties(*pair, date(2024, 12, 31))) == []
    assert kinds(standing.ties(*pair, date(2025, 1, 1))) == ["over"]
    assert kinds(standing.ties(*pair, date(2026, 2, 28))) == ["over"]
    assert kinds(standing.ties(*pair, date(2026, 3, 1))) == []
    with pytest.raises(Conflict, match="已经注销"):
        standing.end_relation(one, by=by, on=date(2026, 3, 2), reason="x", document="x")


def test_a_relation_is_never_edited(db, office, write):
    one = write("holding", office.developer, office.enterprise)
    db.session.commit()
    one.share = "1"
    with pytest.raises(NeverChanged):
        db.session.flush()
    db.session.rollback()
    db.session.delete(one)
    with pytest.raises(NeverChanged):
        db.session.flush()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "friendship"}, "关系种类"),
        ({"lower": Body("云河控股集团")}, "至少有一方"),
        ({"lower": Body("")}, "请选择名录中的单位"),
        ({"lower": Body("某公司", "91110000000000000X")}, "91110000000000000X"),
        ({"begins": date(2026, 3, 3)}, "起始日期"),
        ({"document": " "}, "依据的文件"),
    ],
)
def test_what_is_incomplete_is_refused_by_name(office, change, says):
    given = {"kind": "holding", "upper": Body("江南集团"), "lower": side(office.enterprise)} | change
    kind, upper, lower = given.pop("kind"), given.pop("upper"), given.pop("lower")
    usual = {"begins": date(2025, 1, 1), "document": REPORT}
    with pytest.raises(NotYet, match=says):
        standing.add_relation(kind, upper, lower, by=office.post("bureau", "window"), **(usual | given))


def test_a_body_holds_not_itself_whatever_it_is_called_by(office, write):
    with pytest.raises(NotYet, match="不能是同一单位"):
        write("holding", Body("别的写法", office.enterprise.code), office.enterprise)


def test_only_the_bureau_of_the_district_writes_and_ends_relations(office, write):
    for body, role in (("other_bureau", "head"), ("enterprise", "handler"), ("street", "handler")):
        with pytest.raises(Refused, match="房管局工作人员登记"):
            write("holding", office.developer, office.enterprise, by=office.post(body, role))
    one = write("holding", office.developer, office.enterprise)
    assert one.recorded_by == "云河区住房和城乡建设局 bureau window"
    with pytest.raises(Unknown):
        standing.end_relation(
            one, by=office.post("other_bureau", "head"), on=DAY, reason="股权转让", document="x"
        )


def test_the_offices_and_the_two_bodies_read_a_relation_and_nobody_else(office, write):
    one = write("holding", office.developer, office.enterprise)
    for body, role in (
        ("bureau", "window"),
        ("street", "handler"),
        ("developer", "handler"),
        ("enterprise", "head"),
    ):
        assert standing.find_relation(one.id, by=office.post(body, role)) is one
    for by in (None, office.post("other_bureau", "head"), office.post("other_enterprise", "head")):
        with pytest.raises(Unknown):
            standing.find_relation(one.id, by=by)
    found = standing.relations(office.post("bureau", "window"), of=office.enterprise.id, words="江南")
    assert list(found) == [one]
    assert list(standing.relations(office.post("other_bureau", "head"))) == []


# --------------------------------------------------------------------------------------------------- the pages


@pytest.fixture
def desk(app, db, office):
    """The window of the bureau at its browser."""
    app.config["SIGNING_ROLES"] = frozenset()
    app.test_client_class = Visitor
    office.post("bureau", "window")
    db.session.commit()
    browser = app.test_client()
    sign_in(browser, "bureau_window")
    return browser


def typed(office, **change):
    usual = {
        "kind": "holding", "upper": "", "upper_name": "江南集团", "lower": str(office.enterprise.id),
        "share": "51", "begins": "2025-01-01", "document": REPORT,
    }  # fmt: skip
    return usual | change


def test_the_bureau_records_a_relation_and_ends_it(desk, office):
    page = desk.post("/relations/add", data=typed(office), follow_redirects=True).get_data(as_text=True)
    assert "江南集团" in page
    assert "51%" in page
    (one,) = standing.relations(office.post("bureau", "window"))
    ended = {"on": "2026-03-01", "reason": "股权转让", "document": "变更通知书"}
    page = desk.post(f"/relations/{one.id}/end", data=ended, follow_redirects=True).get_data(as_text=True)
    assert "已注销" in page
    assert "股权转让" in page


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"kind": ""}, "kind", "请选择关系种类"),
        ({"upper_name": ""}, "kind", "填写单位名称"),
        ({"upper_code": "91110000000000000X"}, "kind", "91110000000000000X"),
        ({"share": "101"}, "share", "应在 0.01 至 100 之间"),
        ({"begins": "2026-02-30"}, "begins", "不是有效日期"),
        ({"begins": "2026-03-03"}, "kind", "不能晚于今天"),
        ({"document": ""}, "document", "依据的文件"),
        ({"lower": "999999"}, "lower", "请选择单位"),
    ],
)
def test_a_fault_is_said_and_nothing_typed_is_lost(desk, office, change, field, says):
    answer = desk.post("/relations/add", data=typed(office, **change))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert says in page
    assert REPORT in page or change.get("document") == ""
    assert list(standing.relations(office.post("bureau", "window"))) == []

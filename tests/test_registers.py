"""The pages of the registers."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
import small_register
from townspeople import Visitor, sign_in

from casework import clock, people, places, standing

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
DECISION = {"basis": "招标投标法 第五十三条", "document": "云房信〔2025〕3号"}


@pytest.fixture
def office(app, db):
    app.config["SIGNING_ROLES"] = frozenset()
    app.test_client_class = Visitor
    with clock.at(clock.at_local(date(2026, 3, 2), 9)):
        yield small_register.build()


@pytest.fixture
def visit(app, db, office):
    """A browser in which somebody is signed in, or nobody."""

    def enter(body=None, role=None):
        if body is not None:
            office.post(body, role)
        db.session.commit()
        browser = app.test_client()
        if body is not None:
            sign_in(browser, f"{body}_{role}")
        return browser

    return enter


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def answers(office, **change):
    return {
        "name": "江南里雅苑", "address": "云河路 1 号", "property_class": "市场化", "sale_mode": "预售",
        "developer": str(office.developer.id), "street": str(office.street.id), "community": str(office.community.id),
        "enterprise": "", "gfa_total": "3万", "gfa_residential": "２８，０００", "building_type": "高层",
        "buildings": "6", "households": "248", "delivery_planned": "2027年6月30日",
    } | change  # fmt: skip


def test_the_window_registers_a_project_and_reads_its_rooms_with_the_arithmetic(visit, office):
    browser = visit("bureau", "window")
    answer = browser.post("/projects/add", data=answers(office), follow_redirects=True)
    page = text(answer)
    assert answer.status_code == 200
    assert "30,000.00 平方米" in page
    assert "28,000.00 平方米" in page
    assert "总建筑面积 30,000 × 5‰ = 150 平方米" in page
    assert "不符合“总建筑面积不满 30,000 平方米”的标准" in page
    assert "可以邀请招标" in page
    assert "2027年6月30日" in page


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"name": ""}, "name", "请填写项目名称"),
        ({"gfa_total": "很大"}, "gfa_total", "不是数字"),
        ({"gfa_total": "100.005"}, "gfa_total", "最多保留两位小数"),
        ({"gfa_residential": "30000.01"}, "gfa_total", "总建筑面积）之间"),
        ({"state_share": "101"}, "state_share", "应在 0 至 100 之间"),
        ({"delivery_planned": "2027-02-30"}, "delivery_planned", "不是有效日期"),
        ({"households": "1.5"}, "households", "的整数"),
        ({"developer": "999"}, "developer", "请从名录中选择建设单位"),
        ({"building_type": "城堡"}, "building_type", "请选择建筑类型"),
    ],
)
def test_a_fault_stands_beside_its_question_and_nothing_is_stored(visit, office, change, field, says):
    answer = visit("bureau", "window").post("/projects/add", data=answers(office, **change))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert says in page
    assert places.search(office.post("bureau", "head")) == []


def test_a_paper_that_is_no_paper_is_refused_and_a_real_one_is_kept_and_handed_out(db, visit, office):
    browser = visit("bureau", "examiner")
    project = office.project()
    db.session.commit()
    wrong = {
        "gfa_total": "40000",
        "building_type": "高层",
        "reason": "规划变更",
        "paper": (io.BytesIO(b"<html>"), "a.pdf"),
    }
    answer = browser.post(f"/projects/{project.id}/sizes", data=wrong)
    assert answer.status_code == 422
    assert 'href="#paper"' in answer.get_data(as_text=True)
    answer = browser.post(
        f"/projects/{project.id}/sizes", data={**wrong, "paper": (io.BytesIO(PDF), "许可.pdf")}
    )
    assert answer.status_code == 302
    file = browser.get(f"/projects/{project.id}/sizes/2/file")
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert visit().get(f"/projects/{project.id}/sizes/2/file").status_code == 404
    assert browser.get(f"/projects/{project.id}/sizes/1/file").status_code == 404


def test_growing_over_the_limit_is_said_at_once_and_the_old_figure_stays(db, visit, office):
    project = office.project(gfa_total=Decimal("29999.99"), building_type="高层")
    db.session.commit()
    change = {"gfa_total": "30000", "building_type": "高层", "reason": "实测面积"}
    page = text(
        visit("bureau", "head").post(f"/projects/{project.id}/sizes", data=change, follow_redirects=True)
    )
    assert "总建筑面积 30,000 平方米，不符合“总建筑面积不满 30,000 平方米”的标准" in page
    assert "第 1 版" in page
    assert "29,999.99 平方米" in page


def test_the_form_for_a_change_begins_with_the_figures_in_force(db, visit, office):
    project = office.project(building_type="高层")
    db.session.commit()
    page = visit("bureau", "window").get(f"/projects/{project.id}/sizes").get_data(as_text=True)
    assert 'value="39999.99"' in page
    assert '<option value="高层" selected>' in page


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("developer", "handler"),
        ("enterprise", "head"),
        ("street", "handler"),
        ("bureau", "auditor"),
        ("bureau", "admin"),
    ],
)
def test_only_the_bureaus_desks_may_write(visit, office, body, role):
    project = office.project()
    browser = visit(body, role)
    for where in (
        "/projects/add",
        f"/projects/{project.id}/sizes",
        f"/enterprises/{office.enterprise.id}/records/add/star",
    ):
        assert browser.get(where).status_code == 403
        assert browser.post(where, data={}).status_code == 403


def test_whoever_is_not_signed_in_is_sent_to_the_door_to_write(visit):
    assert visit().get("/projects/add").status_code == 302


def test_the_bureau_of_another_district_changes_nothing_here(db, visit, office):
    project = office.project()
    places.entrust(project, office.enterprise.id, by=office.post("bureau", "window"))
    db.session.commit()
    browser = visit("other_bureau", "head")
    assert browser.get(f"/projects/{project.id}/sizes").status_code == 404
    assert browser.post(f"/projects/{project.id}/enterprise", data={"enterprise": ""}).status_code == 404
    assert browser.get(f"/enterprises/{office.enterprise.id}/records/add/ban").status_code == 403


def test_the_bureau_enters_the_owners_committee_that_is_filed(db, visit, office):
    project = office.project()
    owners = people.Organisation(kind="owners", name="江南里业主委员会", parent_id=office.community.id)
    db.session.add(owners)
    db.session.commit()
    browser = visit("bureau", "window")
    assert "登记已经备案的业主委员会" in text(browser.get(f"/projects/{project.id}"))
    assert browser.post(f"/projects/{project.id}/owners", data={"owners": owners.id}).status_code == 302
    assert "江南里业主委员会" in text(browser.get(f"/projects/{project.id}"))
    refused = browser.post(f"/projects/{project.id}/owners", data={"owners": office.enterprise.id})
    assert refused.status_code in (409, 422)
    assert "从名录中选择业主委员会" in text(refused)


def test_a_served_project_shows_the_public_its_public_part_only(db, visit, office):
    hidden = office.project(name="未公开项目")
    shown = office.project(name="已公开项目", state_share=Decimal("33.33"))
    places.entrust(shown, office.enterprise.id, by=office.post("bureau", "window"))
    db.session.commit()
    public = visit()
    page = text(public.get("/projects"))
    assert "已公开项目" in page
    assert "未公开项目" not in page
    assert public.get(f"/projects/{hidden.id}").status_code == 404
    one = text(public.get(f"/projects/{shown.id}"))
    assert "应配置不少于" in one
    for secret in ("33.33", "面积变更记录", "选聘方式", "bureau window"):
        assert secret not in one
    assert "33.33" in text(visit("developer", "handler").get(f"/projects/{shown.id}"))


def test_a_developer_finds_its_own_projects(db, visit, office):
    office.project(name="本公司项目")
    office.project(name="别家项目", developer_id=office.other_developer.id)
    db.session.commit()
    page = text(visit("developer", "handler").get("/projects?own=1"))
    assert "本公司项目" in page
    assert "别家项目" not in page


def test_lists_go_on_page_by_page_and_every_entry_is_shown_once(db, visit, office):
    for n in range(65):
        office.project(name=f"项目{n:02d}号")
    db.session.commit()
    browser, where, seen = visit("bureau", "head"), "/projects", []
    while where:
        page = browser.get(where).get_data(as_text=True)
        seen += re.findall(r"项目(\d\d)号", page)
        onward = re.search(r'href="([^"]*after=[^"]*)"', page)
        where = onward[1].replace("&amp;", "&") if onward else None
    assert seen == [f"{n:02d}" for n in range(65)]


@pytest.mark.parametrize(
    "query", ["?after=x", "?after=-5", "?q=%25", "?q=" + "长" * 200, "?after=99999999999"]
)
def test_odd_addresses_are_answered_calmly(visit, query):
    for where in ("/projects", "/enterprises"):
        assert visit().get(where + query).status_code == 200


def test_the_head_records_a_ban_and_its_last_day_is_explained(visit, office):
    form = {"begins": "2025-06-30", "years": "5", "scope": "district", "reason": "串通投标", **DECISION}
    where = f"/enterprises/{office.enterprise.id}/records/add/ban"
    page = text(visit("bureau", "head").post(where, data=form, follow_redirects=True))
    assert "2030年6月30日" in page
    assert "民法典第二百零一条" in page
    assert "禁止参与投标期限未满" in page
    assert "未引用法律条文" not in page


def test_a_ban_without_statute_is_recorded_with_a_warning(visit, office):
    form = {
        "begins": "2025-06-30",
        "years": "5",
        "scope": "district",
        "reason": "失信",
        "basis": "工作方案",
        "document": "x",
    }
    where = f"/enterprises/{office.enterprise.id}/records/add/ban"
    assert "提示：该决定未引用法律条文" in text(
        visit("bureau", "head").post(where, data=form, follow_redirects=True)
    )


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("ban", {"years": "5", "ends": "2027-01-01"}, "只填一项"),
        ("ban", {"years": "", "ends": ""}, "只填一项"),
        ("ban", {"years": "50"}, "的整数"),
        ("ban", {"years": "5", "document": ""}, "请填写文书的文号"),
        ("star", {"value": "7"}, "请选择星级"),
        ("rectification", {"reason": ""}, "请写明原因"),
    ],
)
def test_an_incomplete_record_comes_back_with_what_is_missing(visit, office, kind, change, says):
    form = {"begins": "2026-01-05", "scope": "district", "reason": "x", "value": "3", **DECISION} | change
    answer = visit("bureau", "head").post(
        f"/enterprises/{office.enterprise.id}/records/add/{kind}", data=form
    )
    assert answer.status_code == 422
    assert says in text(answer)
    assert list(standing.history(office.enterprise.id)) == []


def test_the_window_records_stars_and_not_bans(visit, office):
    browser = visit("bureau", "window")
    where = f"/enterprises/{office.enterprise.id}/records/add"
    form = {"begins": "2026-01-05", "value": "3", "score": "96", "reason": "年度考核"}
    assert "3 星级" in browser.post(f"{where}/star", data=form, follow_redirects=True).get_data(as_text=True)
    assert browser.get(f"{where}/ban").status_code == 403
    assert browser.post(f"{where}/ban", data={**form, **DECISION, "years": "5"}).status_code == 403
    assert browser.get(f"{where}/medal").status_code == 404


def test_a_record_is_lifted_by_a_new_entry_and_only_once(db, visit, office):
    bureau = office.post("bureau", "examiner")
    one = standing.record(
        "rectification", office.enterprise, by=bureau, begins=date(2026, 1, 5), reason="消防", document="d"
    )
    db.session.commit()
    browser = visit("bureau", "examiner")
    where = f"/enterprises/{office.enterprise.id}/records/{one.id}/lift"
    form = {"how": "cleared", "on": "2026-03-01", "reason": "复验合格"}
    assert browser.post(where, data={**form, "on": "2026-03-03"}).status_code == 422
    page = text(browser.post(where, data=form, follow_redirects=True))
    assert "已解除，原记录保留" in page
    assert "没有限制承接的记录" in page
    assert browser.post(where, data=form).status_code == 409
    strange = f"/enterprises/{office.other_enterprise.id}/records/{one.id}/lift"
    assert browser.get(strange).status_code == 404


def test_the_public_reads_stars_and_bans_and_nothing_else_of_the_file(db, visit, office):
    head = office.post("bureau", "head")
    standing.record(
        "star", office.enterprise, by=head, begins=date(2026, 1, 5), reason="年度考核公开", value=2
    )
    standing.record(
        "rectification",
        office.enterprise,
        by=head,
        begins=date(2026, 1, 6),
        reason="消防设施秘密",
        document="d",
    )
    standing.record(
        "ban",
        office.other_enterprise,
        by=head,
        begins=date(2019, 1, 7),
        reason="旧案",
        ends=date(2030, 1, 1),
        **DECISION,
    )
    db.session.commit()
    public = visit()
    page = text(public.get(f"/enterprises/{office.enterprise.id}"))
    assert "年度考核公开" in page
    assert "消防设施秘密" not in page
    assert "bureau head" not in page
    assert "今天能否承接" not in page
    assert "限期整改" not in text(public.get("/enterprises"))
    # a ban still in force whose publication period of five years is over
    assert "旧案" not in text(public.get(f"/enterprises/{office.other_enterprise.id}"))
    own = text(visit("enterprise", "handler").get(f"/enterprises/{office.enterprise.id}"))
    assert "消防设施秘密" in own
    assert "消防设施秘密" not in text(
        visit("other_enterprise", "handler").get(f"/enterprises/{office.enterprise.id}")
    )


def test_the_english_pages_carry_the_english_reasons(db, visit, office):
    project = office.project(building_type="高层")
    places.entrust(project, office.enterprise.id, by=office.post("bureau", "window"))
    db.session.commit()
    browser = visit("developer", "handler")
    browser.set_cookie("lang", "en")
    page = text(browser.get(f"/projects/{project.id}"))
    assert "total floor area 39,999.99 × 5‰" in page
    assert "does not meet the limit" in page
    assert "Jiangnanli Court" in page

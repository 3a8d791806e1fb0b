"""The area of a project: versions that never change, mergers that hold for all, what later cases read of it."""

from datetime import date
from decimal import Decimal

import pytest
import small_register
from statements import counted
from townspeople import Visitor, sign_in
from werkzeug.datastructures import MultiDict

from casework import cases, clock, deadlines, places, procedures, profiles, stories
from casework.cases import asking, drafts, proof
from casework.cases.model import Case
from casework.db import db as database
from casework.errors import NotYet, Refused
from casework.places.area import NeverChanged

DAY = date(2026, 3, 2)
BOUNDS = {"east": "柳桥河", "south": "柳桥街", "west": "书苑路", "north": "规划支路"}
DECIDED = {
    **BOUNDS,
    "land_area": Decimal("18600.00"),
    "number": "云房区〔2026〕1号",
    "decided_on": DAY,
    "valid_from": DAY,
}


@pytest.fixture
def office(app, db):
    app.config["SIGNING_ROLES"] = frozenset()
    app.test_client_class = Visitor
    with clock.at(clock.at_local(DAY, 9)):
        yield small_register.build()


def decide(office, project, together=(), rest=None, **change):
    by = office.post("bureau", "head")
    return places.record_area(project, DECIDED | change, by=by, together=together, rest=rest)[0]


def test_a_project_without_a_decision_has_no_area(office):
    assert places.facts(office.project())["area"] is None


def test_what_is_decided_can_be_read_by_every_expression(office):
    project = office.project()
    decide(office, project)
    area = places.facts(project)["area"]
    assert {name: area[name] for name in BOUNDS} == BOUNDS
    assert (area["version"], area["land_area"], area["gfa_total"]) == (1, Decimal(18600), project.gfa_total)
    assert (area["number"], area["decided_on"], area["together"]) == ("云房区〔2026〕1号", DAY, [])


def test_a_later_decision_is_the_next_version_and_the_first_stays(office):
    project = office.project()
    decide(office, project)
    decide(office, project, west="听雨路", number="云房区〔2026〕2号", valid_from=date(2026, 4, 1))
    assert [a.version for a in places.area_history(project)] == [2, 1]
    assert places.current(project.id, DAY).west == "书苑路"
    assert places.current(project.id, date(2026, 4, 1)).west == "听雨路"
    assert places.facts(project)["area"]["version"] == 1


def test_an_area_is_neither_edited_nor_deleted(db, office):
    area = decide(office, office.project())
    db.session.commit()
    area.north = "别处"
    with pytest.raises(NeverChanged):
        db.session.flush()
    db.session.rollback()
    db.session.delete(area)
    with pytest.raises(NeverChanged):
        db.session.flush()


def test_a_merger_holds_for_every_project_of_the_area(office):
    one, two = office.project(), office.project(gfa_total=Decimal("20000.01"))
    decide(office, one, [two])
    for project, other in ((one, two), (two, one)):
        area = places.facts(project)["area"]
        assert area["gfa_total"] == Decimal("60000.00")
        assert [p["id"] for p in area["together"]] == [other.id]


def test_a_small_project_of_a_large_area_is_measured_by_the_area(office):
    """One area has one enterprise: a part of it is not small because it is a part (物业管理条例 第三十三条)."""
    large, small = office.project(), office.project(gfa_total=Decimal("20000.00"))
    profile = profiles.of("yunhe", DAY)
    assert profiles.tender_method(profile, places.facts(small)) == "agreement"
    decide(office, large, [small])
    facts = places.facts(small)
    assert facts["area"]["whole"]["gfa_total"] == large.gfa_total + small.gfa_total
    assert profiles.tender_method(profile, facts) == "public"
    told = profiles.agreement_allowed(profile, facts, "small_size")
    assert not told.yes
    assert "所在物业管理区域总建筑面积" in told.zh
    assert "of the whole area" in told.en


def test_whoever_joins_must_bring_the_projects_it_already_shares_an_area_with(office):
    one, two = (office.project(gfa_total=Decimal(1000)) for _ in range(2))
    three = office.project(gfa_total=Decimal(1000), name="三里")
    decide(office, two, [three])
    with pytest.raises(NotYet, match="三里同属一个物业管理区域"):
        decide(office, one, [two], number="云房区〔2026〕2号")
    for named, says in (([two, two], "重复列入"), ([one], "就是本项目")):
        with pytest.raises(NotYet, match=says):
            decide(office, one, named)
    decide(office, one, [two, three], number="云房区〔2026〕2号")
    assert {p.id for p in places.companions(places.current(one.id))} == {two.id, three.id}
    assert places.current(three.id).version == 2
    assert places.current(three.id).gfa_total == Decimal(3000)


def test_a_project_is_parted_from_its_area_and_the_others_keep_theirs(office):
    """Both are decided at once: one that left the other without bounds would be no decision."""
    one, two, three = (office.project(gfa_total=Decimal(1000)) for _ in range(3))
    rest = {**BOUNDS, "west": "听雨路", "land_area": Decimal(9000)}
    with pytest.raises(NotYet, match="不能划出"):
        decide(office, one, rest=rest)
    decide(office, one, [two, three])
    with pytest.raises(NotYet, match="四至：东至"):
        decide(office, one, rest={**rest, "east": ""})
    decide(office, one, rest=rest, number="云房区〔2026〕2号", land_area=Decimal(9600))
    alone, left = places.facts(one)["area"], places.facts(two)["area"]
    assert (alone["version"], alone["together"], alone["gfa_total"]) == (2, [], Decimal(1000))
    assert (left["version"], left["west"], left["land_area"]) == (2, "听雨路", Decimal(9000))
    assert ([p["id"] for p in left["together"]], left["gfa_total"]) == ([three.id], Decimal(2000))


def test_neighbours_are_few_however_many_projects_there_are_and_any_other_is_named(office):
    """Those of the community first, then of the street; by number, by name, by a part that fits one."""
    developer, bureau = office.developer, office.post("bureau", "head").organisation
    mine = [office.project(name=f"邻里{n:03d}", community_id=None) for n in range(places.finding.NEAR + 9)]
    near = office.project(name="同社区苑")
    found = places.near(bureau, near.street_id, office.community.id)
    assert (found[0], len(found)) == (near, places.finding.NEAR)
    last = mine[-1]
    assert last not in found
    assert [places.named(bureau, text) for text in (last.code.lower(), last.name, "同社区")] == [
        last,
        last,
        near,
    ]
    assert places.named(bureau, "邻里") is None
    assert places.named(bureau, "") is None
    others = office.post("enterprise", "handler").organisation
    assert places.named(others, last.code) is None, "nobody finds by its number what it may not see"
    assert developer != others


def test_a_shared_area_is_not_cut_behind_the_back_of_the_others(office):
    one, two = office.project(), office.project(name="江北里")
    decide(office, one, [two])
    with pytest.raises(NotYet, match="江北里同属一个物业管理区域"):
        decide(office, one)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"east": " "}, "四至：东至"), ({"land_area": Decimal(0)}, "用地面积"), ({"number": ""}, "文号")],
)
def test_an_area_without_bounds_land_or_paper_is_refused(office, change, says):
    with pytest.raises(NotYet, match=says):
        decide(office, office.project(), **change)


def test_only_the_bureau_of_the_district_records_an_area(office):
    project = office.project()
    for body, role in (("other_bureau", "head"), ("developer", "handler"), ("street", "head")):
        with pytest.raises(Refused):
            places.record_area(project, DECIDED, by=office.post(body, role))


def test_one_planning_permit_registers_one_project(office):
    office.project(permit_no="建字第1号", name="甲苑")
    with pytest.raises(NotYet, match="已用于项目甲苑"):
        office.project(permit_no="建字第1号", name="乙苑")
    assert [p.name for p in places.with_permit(" 建字第1号 ")] == ["甲苑"]
    assert places.with_permit("") == ()


def test_an_old_community_needs_no_developer_and_a_new_project_does(office):
    assert office.project(developer_id=None, property_class="老旧").developer is None
    with pytest.raises(NotYet, match="建设单位"):
        office.project(developer_id=None)


def test_a_community_of_another_street_is_refused(office):
    with pytest.raises(NotYet, match="不属于所选的街道"):
        office.project(street_id=office.other_street.id)


def test_the_register_shows_the_area_to_everybody_and_its_history_to_those_who_see_all(db, app, office):
    project = office.project(enterprise_id=office.enterprise.id)
    decide(office, project)
    decide(office, project, west="听雨路", number="云房区〔2026〕2号")
    office.post("bureau", "window")
    office.post("developer", "handler")
    db.session.commit()
    page = app.test_client().get(f"/projects/{project.id}").get_data(as_text=True)
    assert "听雨路" in page
    assert "云房区〔2026〕2号" in page
    assert "书苑路" not in page
    for login in ("bureau_window", "developer_handler"):
        browser = app.test_client()
        sign_in(browser, login)
        page = browser.get(f"/projects/{project.id}").get_data(as_text=True)
        assert "书苑路" in page
        assert "历次核定" in page


def test_an_undecided_area_is_said_so(db, app, office):
    project = office.project()
    office.post("bureau", "window")
    db.session.commit()
    browser = app.test_client()
    sign_in(browser, "bureau_window")
    assert "尚未核定" in browser.get(f"/projects/{project.id}").get_data(as_text=True)


# ------------------------------------------------------------------------------ how long a decision may take

PERIODS = [
    ("national", 20, "days", "2026-03-23", "产品默认"),
    ("shandong", 20, "days", "2026-03-23", "山东省物业管理条例（2021） 第九条"),
    ("hangzhou", 10, "working_days", "2026-03-16", "杭州市物业管理条例（2021） 第十条"),
    ("ningbo", 30, "days", "2026-04-01", "宁波市物业管理条例（2021） 第八条"),
    ("shanghai", 5, "working_days", "2026-03-09", "上海市若干意见（2021）"),
]


@pytest.mark.parametrize("row", PERIODS, ids=[row[0] for row in PERIODS])
def test_the_period_to_decide_is_the_places_own_and_cites_its_source(row):
    place, length, unit, end, source = row
    profile = profiles.of(place, DAY)
    assert profile.values["area_division_days"] == length
    assert profile.values["area_division_unit"] == unit
    assert (
        profile.values["area_opinion_wd"] < 6
        if place != "shanghai"
        else profile.values["area_opinion_wd"] < 5
    )
    rule = deadlines.Rule(
        "ceiling", "=x", "物业管理条例 第九条", "受理之日", "=y", source="area_division_days"
    )
    settled = rule.settle(length, unit=unit, cited=profile.source(rule.source))
    due = deadlines.compute(settled, DAY)
    assert due.day == date.fromisoformat(end)
    assert f"物业管理条例 第九条；{source}" in due.explanation.zh


# ------------------------------------------------------------------------------------ in the demo district


def told(name):
    file = (
        stories.story.Path(__file__).parent.parent / "workflows" / "registration" / "stories" / f"{name}.yaml"
    )
    return stories.read(file)


def test_a_later_case_of_the_project_reads_the_area_that_was_decided(district, keys):
    case = stories.Player(told("separate"), keys).play()
    project = database.session.get_one(places.Project, case.project_id)
    by = stories.Player(told("separate"), keys)._post("dev1")
    with clock.at(clock.at_local(date(2026, 3, 20), 9)):
        found = cases.facts.at_opening(by, places.find(project.id, by=by), "", clock.now())
    assert found["project"]["area"]["number"] == case.facts["project"]["area"]["number"]
    assert found["project"]["area"]["west"] == "书苑路"
    assert found["project"]["far"] == 2


def test_the_registered_project_belongs_to_the_street_and_community_that_were_asked(district, keys):
    case = stories.Player(told("separate"), keys).play()
    project = database.session.get_one(places.Project, case.project_id)
    assert (project.street_id, project.community_id) == (keys["str2"], keys["com5"])
    assert (project.developer_id, project.code) == (keys["dev1"], f"XM-{project.id:06d}")
    assert places.area_history(project)[0].case_id == case.id
    assert list(proof.altered([case.id])) == []
    moved = "UPDATE project_area SET west = '别处' WHERE case_id = :case"
    database.session.execute(database.text(moved), {"case": case.id})
    assert [fault.says for fault in proof.altered([case.id])] == [
        f"version 1 of the area of project {project.id} is not the one that was decided"
    ]


def test_a_merger_is_read_by_the_neighbour_and_its_running_cases_keep_their_snapshot(district, keys):
    case = stories.Player(told("merged"), keys).play()
    neighbour = database.session.scalars(
        database.select(places.Project).where(places.Project.code == "YH-021")
    ).one()
    area = places.facts(neighbour)["area"]
    assert [p["id"] for p in area["together"]] == [case.project_id]
    assert area["number"] == case.facts["project"]["area"]["number"]
    assert list(proof.altered([case.id])) == []
    moved = "UPDATE project_area SET west = '别处' WHERE project_id = :project"
    database.session.execute(database.text(moved), {"project": neighbour.id})
    version = f"version {area['version']} of the area of project {neighbour.id}"
    assert [fault.says for fault in proof.altered([case.id])] == [
        f"{version} is not the one that was decided"
    ]


def test_a_permit_taken_in_the_meantime_bars_the_second_approval(district, keys):
    first = stories.Player(told("separate"), keys)
    first.play(stop_after=4)
    second = stories.Player(told("separate"), keys)
    second.play(stop_after=4)
    last = told("separate").steps[4]
    first._act(last, first._does)
    with pytest.raises(stories.player.Astray, match="决定"):  # checked again: no longer offered
        second._act({**last, "at": "2026-03-06 11:00"}, second._does)
    assert database.session.get_one(Case, second.case.id).project_id is None


def test_the_applicant_is_offered_the_neighbours_of_the_place_chosen_on_the_same_page(district, keys):
    """As the page is posted, with nothing kept before: the choices of a row follow an answer above it."""
    procedure = procedures.of(procedures.current("registration"))
    by, now = stories.Player(told("merged"), keys)._post("dev1"), clock.now()
    place = f"{keys['str2']}-{keys['com5']}"
    sent = {
        "_section": ["Part_project", "Part_division"],
        "place": place,
        "division": "merge",
        "wishes-0-_": "1",
    }
    bound = procedure.forms["apply"].bind(
        "zh",
        formdata=MultiDict(sent),
        facts=cases.facts.for_application(by, None, now, None, "registration"),
        functions=asking.functions(now, procedure),
    )
    offered = [option.value for option in bound.rows["wishes"][0].questions.answer("wish").options]
    assert offered[:2] == ["YH-001", "YH-021"]


def test_the_examiner_finds_the_merger_that_was_applied_for_filled_in(district, keys):
    player = stories.Player(told("merged"), keys)
    player.play(stop_after=3)
    step = database.session.scalars(database.select(cases.Step).where(cases.Step.element == "review")).one()
    by = player._post("exa1")
    bound = drafts.bind_step(cases.Turn(step.case, by, clock.now()), step, None, lang="zh")
    assert [row["neighbour"] for row in bound.answers()["together"]] == ["YH-021"]
    taken = bound.functions["merger_unfit"]({}, ["YH-021", "YH-021"], None, by.organisation_id)
    assert taken == {"zh": "柳岸听雨轩重复列入。", "en": "Liuan Rain Pavilion is listed twice."}
    offered = [option.value for option in bound.rows["together"][0].questions.answer("neighbour").options]
    assert (offered[:2], offered[-1]) == (["YH-001", "YH-021"], "other"), "community, street, any other"
    assert len(offered) > 4
    row = [{}, f"{keys['str2']}-{keys['com5']}", by.organisation_id, ["YH-001", "YH-021", "YH-077"]]
    first = bound.functions["nearby_projects"](*row), bound.functions["project_named"]({}, "YH-077", row[2])
    with counted() as statements:  # whatever the rows above have asked is known
        again = (
            bound.functions["nearby_projects"](*row),
            bound.functions["project_named"]({}, "YH-077", row[2]),
        )
    assert (again, statements) == (first, [])

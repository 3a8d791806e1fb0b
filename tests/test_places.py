"""Projects on the register."""

from decimal import Decimal

import pytest
import small_register

from casework import people, places
from casework.db import db
from casework.errors import NotYet, Refused, Unknown


@pytest.fixture
def office(db):
    return small_register.build()


def test_a_project_gets_a_code_and_its_figures_come_back_exactly(db, office):
    project = office.project(gfa_total=Decimal("30000.01"), state_share=Decimal("33.33"))
    db.session.commit()
    db.session.expire_all()
    facts = places.facts(db.session.get(places.Project, project.id))
    assert facts["code"] == f"XM-{project.id:06d}"
    assert (facts["gfa_total"], facts["state_share"]) == (Decimal("30000.01"), Decimal("33.33"))
    assert (facts["street"], facts["street_name"]) == (office.street.id, "柳桥街道办事处")
    assert facts["enterprise"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"gfa_total": Decimal(0)},
        {"gfa_above": Decimal(50000)},
        {"gfa_residential": Decimal(30000), "gfa_nonresidential": Decimal(10000)},
        {"state_share": Decimal(101)},
        {"street_id": None},
        {"enterprise_id": 1},
    ],
)
def test_what_cannot_be_right_is_not_registered(office, wrong):
    with pytest.raises(NotYet):
        office.project(**wrong)


def test_an_area_with_three_decimals_is_never_rounded_silently(db, office):
    with pytest.raises(Exception, match="more than two decimals"):
        office.project(gfa_total=Decimal("1000.005"))
    db.session.rollback()


def test_only_the_bureau_of_the_place_registers_and_changes(office):
    project = office.project()
    for post in (
        office.post("developer", "handler"),
        office.post("bureau", "admin"),
        office.post("other_bureau", "window"),
    ):
        with pytest.raises(Refused):
            places.change_sizes(project, {"gfa_total": Decimal(1)}, by=post, reason="复核")
        with pytest.raises(Refused):
            places.entrust(project, office.enterprise.id, by=post)


def test_a_change_of_size_is_a_new_version_and_the_old_figures_stay_readable(office):
    project = office.project()
    bureau = office.post("bureau", "examiner")
    change = places.change_sizes(project, {"gfa_total": Decimal(40000)}, by=bureau, reason="规划变更")
    assert (change.before["gfa_total"], change.after["gfa_total"]) == (Decimal("39999.99"), Decimal(40000))
    assert project.size_version == 2
    newest, former = places.size_history(project)
    assert (newest.version, former.version) == (2, 1)
    assert former.sizes["gfa_total"] == Decimal("39999.99")


@pytest.mark.parametrize(
    ("figures", "reason"), [({"gfa_total": Decimal("39999.99")}, "复核"), ({"gfa_total": Decimal(1)}, " ")]
)
def test_a_change_needs_a_reason_and_a_difference(office, figures, reason):
    project = office.project()
    with pytest.raises(NotYet):
        places.change_sizes(project, figures, by=office.post("bureau", "head"), reason=reason)


def test_parties_and_offices_see_a_project_that_is_not_yet_served_and_nobody_else(office):
    project = office.project()
    for body, role in (
        ("developer", "handler"),
        ("street", "handler"),
        ("community", "sealer"),
        ("bureau", "window"),
        ("city", "auditor"),
    ):
        assert places.find(project.id, by=office.post(body, role)) is project
    for post in (
        None,
        office.post("other_developer", "handler"),
        office.post("other_street", "head"),
        office.post("other_bureau", "head"),
        office.post("bureau", "admin"),
        office.post("enterprise", "head"),
    ):
        with pytest.raises(Unknown):
            places.find(project.id, by=post)
        with pytest.raises(Unknown):
            places.find_public(project.id, by=post)
        assert list(places.search(post)) == []


def test_a_served_project_has_a_public_part(office):
    project = office.project()
    places.entrust(project, office.enterprise.id, by=office.post("bureau", "window"))
    assert places.find_public(project.id, by=None) is project
    assert list(places.search(None)) == [project]
    assert list(places.served_by(office.enterprise.id)) == [project]
    with pytest.raises(Unknown):
        places.find(project.id, by=None)
    assert places.find(project.id, by=office.post("enterprise", "head")) is project


def test_the_list_shows_exactly_what_the_page_would(office):
    shown = [
        office.project(
            name=f"项目{n}", developer_id=(office.developer if n % 2 else office.other_developer).id
        )
        for n in range(6)
    ]
    places.entrust(shown[2], office.enterprise.id, by=office.post("bureau", "window"))
    visitors = [
        None,
        *(
            office.post(b, r)
            for b, r in (
                ("developer", "head"),
                ("other_developer", "head"),
                ("street", "handler"),
                ("bureau", "head"),
                ("enterprise", "head"),
                ("other_bureau", "head"),
            )
        ),
    ]
    for by in visitors:
        assert [p.id for p in places.search(by)] == [p.id for p in shown if places.may.see(by, p)]


def test_search_reads_name_address_and_code_and_goes_on_after_the_last_one_shown(office):
    shown = [office.project(name=f"云河新苑{n}期", address="柳桥路 9%号") for n in range(5)]
    head = office.post("bureau", "head")
    assert [p.id for p in places.search(head, "云河 3期")] == [shown[3].id]
    assert len(places.search(head, "9%")) == 5
    assert places.search(head, "9_") == []
    first = places.search(head, limit=2)
    assert [p.id for p in places.search(head, after=first[-1].id, limit=2)] == [shown[2].id, shown[3].id]


def test_a_developers_own_projects_are_listed_for_applying(office):
    mine = office.project()
    office.project(name="别家", developer_id=office.other_developer.id)
    assert [p.id for p in places.search(office.post("developer", "handler"), own=True)] == [mine.id]


def committee(office, parent):
    one = people.Organisation(kind="owners", name="江南里业主委员会", parent_id=parent.id)
    db.session.add(one)
    db.session.flush()
    office.bodies["owners"] = one
    return one


def test_the_owners_committee_is_named_by_the_bureau_and_sees_its_project(office):
    project, clerk = office.project(), office.post("bureau", "window")
    owners = committee(office, office.community)
    with pytest.raises(Unknown):
        places.find(project.id, by=office.post("owners", "head"))
    places.name_owners(project, owners.id, by=clerk)
    assert places.facts(project)["owners"] == owners.id
    assert places.facts(project)["owners_name"] == "江南里业主委员会"
    assert places.find(project.id, by=office.post("owners", "head")) is project
    assert list(places.own(owners)) == [project]
    with pytest.raises(Refused):
        places.name_owners(project, None, by=office.post("developer", "handler"))


def test_a_committee_of_another_street_or_another_body_is_no_owners_committee(office):
    project, clerk = office.project(), office.post("bureau", "window")
    elsewhere = people.Organisation(kind="street", name="别处街道办事处", parent_id=office.street.parent_id)
    db.session.add(elsewhere)
    db.session.flush()
    with pytest.raises(NotYet, match="不在项目所在的街道"):
        places.name_owners(project, committee(office, elsewhere).id, by=clerk)
    with pytest.raises(NotYet, match="从名录中选择"):
        places.name_owners(project, office.enterprise.id, by=clerk)

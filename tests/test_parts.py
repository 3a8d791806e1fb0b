"""Rooms, facilities and their records: who may read and keep them, and that nothing is ever overwritten."""

from datetime import date
from decimal import Decimal

import pytest
import small_register
import sqlalchemy as sa
from townspeople import Visitor

from casework import cases, clock, places, signoffs
from casework.cases import parts
from casework.db import db as database
from casework.errors import NotYet
from casework.people import Post, User
from casework.places import Facility
from casework.places.parts import NeverRewritten

DAY = date(2026, 3, 2)
OFFICE = {"code": "YF-01", "kind": "office", "name": "物业管理用房", "area": Decimal("201.35")}
LIFT = {"code": "DT-01", "kind": "lift", "name": "1 幢电梯", "quantity": Decimal(2), "unit": "台"}


@pytest.fixture
def office(app, db):
    app.config["SIGNING_ROLES"] = frozenset()
    app.test_client_class = Visitor
    with clock.at(clock.at_local(DAY, 9)):
        yield small_register.build()


def source(office, reason="补登"):
    return places.Source(office.post("bureau", "window"), reason)


def enter(office, project, *rooms):
    places.add_parts("room", [{**room, "project_id": project.id} for room in rooms], source(office))
    return places.rooms_of(project.id)


READS = {
    ("bureau", "window"): True,
    ("bureau", "auditor"): True,
    ("bureau", "admin"): False,
    ("other_bureau", "window"): False,
    ("developer", "handler"): True,
    ("other_developer", "handler"): False,
    ("street", "handler"): True,
    ("other_street", "handler"): False,
    ("community", "handler"): True,
    ("enterprise", "handler"): True,
    ("other_enterprise", "handler"): False,
    ("district", "head"): False,
}


def test_who_reads_and_who_keeps_the_registers_of_a_project(office):
    project = office.project(enterprise_id=office.enterprise.id)
    posts = {who: office.post(*who) for who in READS}
    assert {who: places.may.read_parts(post, project) for who, post in posts.items()} == READS
    assert [who for who in READS if places.may.keep_rooms(posts[who], project)] == [("bureau", "window")]
    keepers = [who for who in READS if places.may.keep_facilities(posts[who], project)]
    assert keepers == [("bureau", "window"), ("enterprise", "handler")]
    assert not places.may.read_parts(None, project)
    assert not places.may.keep_facilities(None, project)


def test_the_query_says_the_same_as_the_rule(office):
    project = office.project(enterprise_id=office.enterprise.id)
    for who, yes in READS.items():
        found = sa.select(places.Project.id).where(places.may.parts_visible(office.post(*who)))
        assert (project.id in database.session.scalars(found).all()) is yes, who


def test_every_change_is_a_version_with_who_when_and_why(office):
    (room,) = enter(office, office.project(), OFFICE)
    places.change_parts([(room, {"area": Decimal("198.00")})], source(office, "测绘更正"))
    newest, first = places.versions(room)
    assert (room.area, room.version) == (Decimal("198.00"), 2)
    assert (first.says["area"], newest.says["area"]) == (Decimal("201.35"), Decimal(198))
    assert (newest.reason, newest.recorded_by) == ("测绘更正", "云河区住房和城乡建设局 bureau window")
    newest.reason = "另一个理由"
    with pytest.raises(NeverRewritten):
        database.session.flush()


def test_what_says_the_same_is_no_version(office):
    (room,) = enter(office, office.project(), OFFICE)
    places.change_parts([(room, {"name": OFFICE["name"]})], source(office))
    assert [v.version for v in places.versions(room)] == [1]


def test_the_next_due_day_is_the_earliest_of_the_newest_records_of_each_kind(office):
    project = office.project()
    (lift,) = places.add_parts("facility", [{**LIFT, "project_id": project.id}], source(office))

    def record(kind, on, due):
        row = {
            "project_id": project.id,
            "facility_id": lift,
            "kind": kind,
            "on": on,
            "what": "例行",
            "next_due": due,
        }
        places.add_parts("record", [row], source(office))
        places.reckon_due([lift])
        return database.session.get(Facility, lift, populate_existing=True).next_due

    assert record("check", date(2026, 1, 5), date(2026, 2, 5)) == date(2026, 2, 5)
    assert record("check", date(2026, 2, 4), date(2026, 4, 4)) == date(2026, 4, 4), "the newest check counts"
    assert record("upkeep", date(2026, 2, 1), date(2026, 3, 1)) == date(2026, 3, 1)
    assert record("repair", date(2026, 2, 2), None) == date(2026, 3, 1), "a repair asks for nothing"


def test_delivered_is_what_somebody_holds_and_not_for_a_time(office):
    project = office.project()
    enter(
        office,
        project,
        {**OFFICE, "held_by": office.enterprise.id, "held_since": DAY},
        {**OFFICE, "code": "YF-02", "area": Decimal("50.50")},
        {**OFFICE, "code": "YF-03", "mode": "lent", "held_by": office.enterprise.id, "held_since": DAY},
        {**OFFICE, "code": "SQ-01", "kind": "community", "area": Decimal(80)},
    )
    assert places.delivered([project.id])[project.id] == {
        "registered": Decimal("251.85"),
        "delivered": Decimal("201.35"),
        "community": Decimal(80),
    }


# ------------------------------------------------------------------------------- what a drawing may ask for


@pytest.fixture
def turn(district, keys):
    """A case about a project, in the hands of its bureau."""
    with clock.at(clock.at_local(DAY, 9)):
        by = database.session.scalars(sa.select(Post).join(User).where(User.login == "win1")).one()
        found = sa.select(places.Project).where(places.Project.code == "YH-007")
        project = database.session.scalars(found).one()
        case = cases.stand_in("acceptance", by=by, project=project, shows={})
        yield cases.Turn(case, by, clock.now())


def handed(turn, rows, to):
    done = parts.EFFECTS["hand over rooms"](turn, {"rooms": rows, "to": to}, {})
    return done, {one.code: one for one in places.rooms_of(turn.case.project_id)}


def test_stamped_items_become_rooms_and_facilities_and_a_second_time_versions(turn):
    rows = [
        {**OFFICE, "class": "rooms", "built": Decimal("201.35"), "location": "1 幢 1 层 101 室", "owner": "owners"},
        {"class": "facilities", "kind": "rain", "code": "SS-01", "name": "雨水管网", "location": "小区道路下",
         "built": 820, "unit": "米", "owner": "owners", "state": "fix"},
        {"class": "facilities", "kind": "fire", "code": "XF-01", "name": "消防水池", "built": 1, "state": "missing"},
        {"class": "facilities", "kind": "lift", "code": "SS-01", "name": "同号的电梯", "built": 1, "unit": "台"},
    ]  # fmt: skip
    signoffs.table(turn.case.id, rows, turn.now)
    headers = {"rooms": "rooms,community"}
    facts = parts.EFFECTS["register parts"](turn, headers, {})
    assert facts == {"parts_registered": {"rooms": 1, "facilities": 2, "entered": 3}}
    (room,) = places.rooms_of(turn.case.project_id)
    assert (room.building, room.floor, room.door) == ("1 幢", "1 层", "101 室")
    found = {
        one.code: (one.kind, one.quantity, one.state) for one in places.facilities_of(turn.case.project_id)
    }
    assert found == {"SS-01": ("rain", 820, "repair"), "SS-01-4": ("lift", 1, "use")}
    assert places.versions(room)[0].case_id == turn.case.id

    signoffs.table(turn.case.id, [{**rows[0], "built": Decimal("199.00")}, *rows[1:]], turn.now)
    parts.EFFECTS["register parts"](turn, headers, {})
    (room,) = places.rooms_of(turn.case.project_id)
    assert (room.area, room.version) == (199, 2)


def test_handing_over_names_the_holder_and_what_was_found(turn, keys):
    room = {"code": "YF-01", "kind": "office", "name": "物业管理用房", "area": Decimal(188)}
    handed(turn, [room], keys["ent1"])
    rented = {"code": "YF-01", "mode": "rented", "mode_until": date(2027, 3, 1), "area": None, "photo": "…"}
    facts, rooms = handed(turn, [rented], keys["ent2"])
    one = rooms["YF-01"]
    assert facts == {"rooms_handed_over": ["YF-01"]}
    assert (one.held_by, one.held_since, one.handed_over_in) == (keys["ent2"], DAY, turn.case.number)
    assert (one.area, one.mode, one.mode_until) == (188, "rented", date(2027, 3, 1)), (
        "what is not given stays"
    )
    assert places.ending([turn.case.project_id]) == {turn.case.project_id: date(2027, 3, 1)}
    (fact,) = turn.functions["project_rooms"](turn.scope())
    assert (fact["held_by_name"][:2], fact["mode_name"], fact["management"]) == (
        one.holder.name[:2],
        "租赁",
        True,
    )


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "没有可移交的用房"),
        ([{"code": "YF-09"}], "没有登记编号为“YF-09”的用房"),
        ([{"code": "YF-09", "kind": "castle", "name": "城堡", "area": 1}], "“YF-09”的登记内容不完整"),
    ],
)
def test_a_handover_without_rooms_is_refused(turn, keys, rows, says):
    with pytest.raises(NotYet, match=says):
        handed(turn, rows, keys["ent1"])


def test_a_handover_to_nobody_is_refused(turn):
    with pytest.raises(NotYet, match="哪个单位"):
        handed(turn, [{"code": "YF-01"}], None)


def test_a_contract_on_the_register_is_a_row_of_its_own(office):
    project, by = office.project(), office.post("bureau", "window")
    term = {
        "number": "云房合〔2026〕1号",
        "starts_on": DAY,
        "ends_on": date(2029, 3, 1),
        "case": "HT-2026-0001",
    }
    places.entrust(project, office.enterprise.id, by=by, contract=term)
    places.entrust(project, None, by=by)
    (one,) = database.session.scalars(sa.select(places.ServiceContract)).all()
    assert (one.number, one.ends_on, one.case_number) == (term["number"], term["ends_on"], term["case"])

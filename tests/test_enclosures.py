"""A project with very many facilities: kinds in the form, the register beside it, single items by their code."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from casework import cases, clock, files, forms, journal, papers, places, procedures, stories
from casework.cases import attachments, contents, enclosures, proof
from casework.db import db as database
from casework.errors import NotYet, TooMuch, Unknown
from casework.forms.binding import MOST_ROWS
from casework.people import Post, User

FOLDER = Path(__file__).resolve().parent.parent / "workflows" / "inspection"
KINDS = {"lift": "台", "light": "个", "camera": "个", "fire": "套"}


def facility(place, kind="light", **more):
    return {
        "code": f"{kind.upper()}-{place:04}",
        "kind": kind,
        "name": f"{kind} {place}",
        "location": f"{place % 12 + 1}幢{place % 3 + 1}单元",
        "quantity": Decimal(2),
        "unit": KINDS[kind],
        "owner": "owners",
        "state": "use",
        **more,
    }


def fact(place, kind="light", **more):
    """A row as `project_facilities()` has it."""
    row = facility(place, kind, **more)
    return {
        **row,
        "kind_name": kind,
        "owner_name": row["owner"],
        "state_name": row["state"],
        "next_due": None,
    }


def post(login):
    return database.session.scalars(sa.select(Post).join(User).where(User.login == login)).one()


def enter(code, rows):
    """Rows in the register of a project, as an import would enter them."""
    project = database.session.scalars(sa.select(places.Project).where(places.Project.code == code)).one()
    by = post("ent1")
    places.add_parts(
        "facility", [{**row, "project_id": project.id} for row in rows], places.Source(by, "导入")
    )
    database.session.commit()
    return project


# ------------------------------------------------------------------------------------------------ grouping


def test_rows_are_brought_together_by_kind_and_building_and_nothing_is_lost():
    rows = [fact(n, kind) for kind in KINDS for n in range(120)]
    found = places.grouped(rows, 200)
    assert len(found) == 4 * 12
    assert sum(row["items"] for row in found) == 480
    assert sum(row["quantity"] for row in found) == 960
    assert len({row["code"] for row in found}) == 48
    lift = next(row for row in found if row["kind"] == "lift" and row["location"] == "1幢")
    assert (lift["items"], lift["quantity"], lift["unit"], lift["name"]) == (10, 20, "台", "lift（10 项）")


def test_too_many_buildings_leave_kinds_and_too_many_units_leave_the_number_of_items():
    by_kind = places.grouped([fact(n, location=f"{n}幢") for n in range(300)], 200)
    assert [(row["location"], row["items"]) for row in by_kind] == [("0幢等 300 处", 300)]
    odd = places.grouped([fact(n, location=f"{n}幢", unit=f"u{n}") for n in range(300)], 200)
    assert [(row["quantity"], row["unit"]) for row in odd] == [(300, "项")]


def test_a_row_says_how_many_are_in_which_state_and_its_code_is_nobody_elses():
    rows = [fact(n, location="", state="use" if n else "repair") for n in range(201)]
    (row,) = places.grouped(rows, 200)
    assert row["state_name"] == "use 200 项、repair 1 项"
    assert row["state"] == ""
    taken = [{**one, "code": f"汇总-{n}"} for n, one in enumerate(rows)]
    assert places.grouped(taken, 200)[0]["code"].startswith("汇汇总-")


# ------------------------------------------------------------------------------------------------ the effect


@pytest.fixture
def turn(district, keys):
    """A case about a project whose enterprise acts."""
    with clock.at(clock.at_local(clock.date(2026, 3, 2), 9)):
        project = enter("YH-007", [facility(n) for n in range(205)])
        case = cases.stand_in("inspection", by=post("ent1"), project=project, shows={})
        yield cases.Turn(case, post("ent1"), clock.now())


def listed(turn, rows, most="200"):
    return enclosures.EFFECTS["list facilities"](turn, {"most": most, "rows": rows}, {})


def test_below_the_limit_every_facility_is_a_row_and_nothing_is_enclosed(turn):
    rows = places.facility_facts(turn.case.project_id)[:200]
    found = listed(turn, rows)
    assert [row["code"] for row in found["facility_rows"]] == [row["code"] for row in rows]
    assert {row["items"] for row in found["facility_rows"]} == {1}
    assert found["facility_list"]["enclosed"] is False
    assert enclosures.of(turn.case) == []


def test_above_it_the_register_is_enclosed_as_it_was_and_the_record_names_its_bytes(turn):
    project = turn.case.project_id
    found = listed(turn, places.facility_facts(project))
    (one,) = enclosures.of(turn.case)
    assert (one.count, one.sha256) == (205, found["facility_list"]["sha256"])
    kept = attachments.of_case(turn.case, one.file_id, by=turn.by, now=turn.now)
    places.change_parts(
        [(places.facilities_of(project)[0], {"state": "scrapped"})], places.Source(turn.by, "报废")
    )
    table = load_workbook(io.BytesIO(files.read(kept)))["设施设备台帐"]
    rows = list(table.iter_rows(values_only=True))
    assert len(rows) == 206
    assert rows[1][2:5] == ("LIGHT-0000", "照明", "light 0")
    assert "报废" not in {row[-2] for row in rows}, "as it was, not as it is"
    assert list(proof.altered([turn.case.id])) == []
    kept.sha256 = "0" * 64
    database.session.flush()
    (fault,) = proof.altered([turn.case.id])
    assert "is not the one that was signed" in fault.says


def test_an_enclosure_of_one_case_opens_from_no_other(turn):
    listed(turn, places.facility_facts(turn.case.project_id))
    other = cases.stand_in("inspection", by=turn.by, project=turn.case.project, shows={})
    (one,) = enclosures.of(turn.case)
    with pytest.raises(Unknown):
        attachments.of_case(other, one.file_id, by=turn.by, now=turn.now)


def test_what_was_found_of_a_facility_goes_into_the_register_with_its_case(turn):
    note = cases.parts.EFFECTS["note facilities"]
    row = {"code": "LIGHT-0003", "state": "repair", "quantity": Decimal(1)}
    assert note(turn, {"facilities": [row]}, {}) == {"facilities_noted": ["LIGHT-0003"]}
    one = places.find_parts(places.Facility, turn.case.project_id, ["LIGHT-0003"])["LIGHT-0003"]
    assert (one.state, one.quantity, one.version) == ("repair", 1, 2)
    assert places.versions(one)[0].case_id == turn.case.id
    assert note(turn, {"facilities": []}, {}) == {"facilities_noted": []}
    for wrong in ({"code": "NO-1", "state": "use"}, {"code": "LIGHT-0003", "state": "lost"}):
        with pytest.raises(NotYet):
            note(turn, {"facilities": [wrong]}, {})


# -------------------------------------------------------------------------------------------- a page's bound


def test_a_page_is_not_made_with_more_rows_than_can_be_sent_back():
    asked = forms.read((FOLDER / "forms" / "handover.form").read_text(encoding="utf-8"))
    thing = {"name": "灯", "location": "1幢", "quantity": 1, "unit": "个", "state": "在用"}
    many = [{**thing, "code": f"ZM-{n}"} for n in range(MOST_ROWS + 1)]
    facts = {"things": many, "promised": [], "facility_list": {"enclosed": False}, "profile": {}}
    with pytest.raises(TooMuch, match=r"501.*500"):
        asked.bind("zh", facts=facts)
    assert len(asked.bind("zh", facts={**facts, "things": many[1:]}).rows["equipment"]) == MOST_ROWS


# --------------------------------------------------------------------------------------------- a whole case


def many(story):
    """The story of a handover in time, on a project with 1,000 facilities."""
    apart = [{"a_code": "FIRE-0007", "a_finding": "消火栓箱门缺失，水带未配", "a_severity": "一般"}]
    check = {
        "like": "present",
        "checked": {"all": {"result": "合格"}},
        "apart": [
            {**one, "a_name": "fire 7", "a_location": "8幢2单元", "a_photo": "FIRE-0007-1"} for one in apart
        ],
        "added": [],
        "photos": ["FIRE-0007-1.jpg"],
    }
    set_apart = [
        {
            "h_code": "LIGHT-0002",
            "h_name": "light 2",
            "h_location": "3幢3单元",
            "h_counted": 1,
            "h_state": "repair",
        }
    ]
    steps = [dict(part) for part in story.steps]
    for part in steps:
        part.pop("then", None)
        if part.get("does") == "site_check":
            part["says"] = check
        if part.get("does") == "handover":
            part["says"] = {**part["says"], "set_apart": set_apart}
    return replace(story, steps=tuple(steps))


def test_a_handover_of_a_thousand_facilities_names_kinds_and_single_items(district, keys):
    told = next(one for one in stories.of(FOLDER) if one.name == "through")

    def watch(part, case):
        if part.get("does") == "declare":
            enter(case.project.code, [facility(n, kind) for kind in KINDS for n in range(250)])

    player = stories.Player(many(told), keys, watch)
    case = player.play()
    assert case.status == "ended"
    assert case.variables["item_count"] > 1000
    assert [one["code"] for one in case.variables["fixed"]] == ["FIRE-0007"]
    checked, handed = enclosures.of(case)
    assert checked.count == handed.count > 1000
    printed = {one.code: one for one in papers.of(case.id)}
    assert handed.sha256 in str(printed["D26"].data["facility_list"])
    assert len(printed["D26"].data["answers"]["equipment"]) < 100
    light = places.find_parts(places.Facility, case.project_id, ["LIGHT-0002"])["LIGHT-0002"]
    assert (light.state, light.quantity) == ("repair", 1)
    with clock.at(case.ended_at):
        parts = [*contents._enclosures(case)]
    assert [part.path for part in parts] == [
        f"enclosures/{one.file_id}-{one.name}" for one in (checked, handed)
    ]
    assert list(journal.verify({case.id: (case.journal_seq, case.journal_head)})) == []
    assert procedures.of(case.version_id).key == "inspection"


# ------------------------------------------------------------------------------- made while nothing is locked


def test_a_workbook_is_made_apart_and_serves_only_the_rows_it_was_made_of(turn):
    rows = places.facility_facts(turn.case.project_id)
    with enclosures.apart() as shelf:
        with pytest.raises(enclosures.Unmade):
            listed(turn, rows)
        with pytest.raises(enclosures.Unmade):
            enclosures.ask_made()
        assert enclosures.of(turn.case) == []
        shelf.fill()
        listed(turn, rows)
        enclosures.ask_made()
        (one,) = enclosures.of(turn.case)
        assert files.read(database.session.get(files.File, one.file_id)) in shelf.made.values()
        changed = places.facilities_of(turn.case.project_id)[0]
        places.change_parts([(changed, {"state": "repair"})], places.Source(turn.by, "报修"))
        with pytest.raises(enclosures.Unmade, match="请重试"):
            listed(turn, rows)
    listed(turn, rows)
    assert [one.count for one in enclosures.of(turn.case)] == [205, 205]


def visitor(app, login):
    """A browser in which ent1 and the like have signed in, on the day of the story."""
    app.config["SIGNING_ROLES"] = frozenset()
    database.session.execute(sa.update(User).where(User.login == login).values(totp_secret=None))
    database.session.commit()
    client = app.test_client()
    said = {"login": login, "password": app.config["DEMO_PASSWORD"]}
    assert client.post("/sign-in", data=said).status_code == 302
    return client


def at_conditions(keys):
    """A case whose next step lists the facilities, on a project that has 400."""
    told = next(one for one in stories.of(FOLDER) if one.name == "through")

    def watch(part, case):
        if part.get("does") == "declare":
            enter(case.project.code, [facility(n) for n in range(400)])

    player = stories.Player(told, keys, watch)
    case = player.play(stop_after=4)
    step = database.session.scalars(
        sa.select(cases.Step).where(cases.Step.case_id == case.id, cases.Step.element == "conditions")
    ).one()
    return case, step


@pytest.mark.parametrize("changes", [False, True])
def test_a_step_encloses_the_register_without_holding_the_lock_while_it_is_made(
    district, keys, monkeypatch, changes
):
    case, step = at_conditions(keys)
    address, number, project = f"/step/{step.id}", case.id, case.project_id
    plain, free = enclosures.workbooks.workbook, []

    def made(sheet, rows):
        free.append(not database.session().in_transaction())
        if changes:
            one = places.facilities_of(project)[0]
            places.change_parts([(one, {"state": "repair"})], places.Source(post("ent1"), "报修"))
            database.session.commit()
        return plain(sheet, rows)

    monkeypatch.setattr(enclosures.workbooks, "workbook", made)
    with clock.at(clock.at_local(clock.date(2026, 6, 4), 10)):
        client = visitor(district, "ent1")
        page = client.get(address).text
        said = dict(re.findall(r'name="(conditions-\d+-[^"]*_)" value="([^"]*)"', page))
        said |= {f"{row[:-1]}met": "yes" for row in said} | {"conditions_answer": "accept"}
        sections = re.findall(r'name="_section" value="(\w+)"', page)
        answer = client.post(address, data={**said, "_section": sections, "_submit": "1"})
        again = client.get(address).text
    database.session.rollback()
    assert free == [True], answer.text
    found = enclosures.of(database.session.get(cases.Case, number))
    if changes:
        assert answer.status_code == 409
        assert "登记簿在办理期间有变动，请重试。" in answer.text
        assert found == []
        assert database.session.get(cases.Step, step.id).status == "open"
        kept = [
            one for one in re.findall(r"<input[^>]*>", again) if 'value="yes"' in one and "checked" in one
        ]
        assert len(kept) == 7, "nothing typed is lost"
    else:
        assert answer.status_code == 302, answer.text
        (one,) = found
        assert one.count >= 400


def test_a_second_try_makes_the_workbook_without_the_lock_too(district, keys, monkeypatch):
    """The register was too long for the step; once that is mended, the bureau lets the case go on."""
    case, step = at_conditions(keys)
    number = case.number
    with clock.at(clock.at_local(clock.date(2026, 6, 4), 10)):
        monkeypatch.setattr(enclosures, "MOST", 10)
        said = {"conditions": [{"met": "yes"}] * 7, "conditions_answer": "accept"}
        cases.complete(step.id, by=post("ent1"), answers=said)
        database.session.commit()
        assert database.session.get(cases.Case, case.id).incident
        monkeypatch.undo()
        plain, free = enclosures.workbooks.workbook, []

        def made(sheet, rows):
            free.append(not database.session().in_transaction())
            return plain(sheet, rows)

        monkeypatch.setattr(enclosures.workbooks, "workbook", made)
        client = visitor(district, "head1")
        answer = client.post(f"/case/{number}/retry")
    database.session.rollback()
    case = database.session.scalars(sa.select(cases.Case).where(cases.Case.number == number)).one()
    assert (answer.status_code, free, case.incident) == (302, [True], None)
    assert [one.count >= 400 for one in enclosures.of(case)] == [True]

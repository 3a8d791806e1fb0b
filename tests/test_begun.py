"""Applications begun by the drawing of a case, beside those begun by hand; and the choice of a project's cases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import linked
import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, post, waiting
from flask import Flask
from statements import counted

from casework import cases, clock, procedures, worker
from casework.cases import begun, drafts, links
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.people import Post
from casework.places import Project

ASKED = "何时可以踏勘现场"
OF_PROJECT: dict[str, Any] = {
    "subject": "project",
    "concerns": {
        "procedures": ["call"],
        "when": "=topic != null",
        "unless": "征集尚未公告或者已经截止，不能提出询问。",
        "open_to": "parties",
    },
    "starts": {"kinds": ["bureau", "developer"], "roles": ["handler", "window"]},
    "case_title": '="询问：" + project.name',
    "parties": {
        "询问单位": {"organisation": "=starter.id", "roles": ["handler", "head"]},
        "建设单位": {"organisation": "=starter.id", "roles": ["handler", "head"]},
    },
}


@pytest.fixture
def town(district: Flask, tmp_path: Path) -> Flask:
    """The demo district with a call whose drawing begins a query about the same project; dev2 works for dev1."""
    for key, folder in linked.folders(tmp_path, query=OF_PROJECT).items():
        procedures.install(key, folder, clock.now())
    colleague = db.session.get_one(Post, post("dev2").id)
    colleague.organisation_id = post("dev1").organisation_id
    db.session.commit()
    return district


def project(code: str = "YH-001") -> int:
    return db.session.scalars(sa.select(Project.id).where(Project.code == code)).one()


def call(code: str = "YH-001", further: str = "next") -> cases.Case:
    """A call about a project; its drawing begins a query for dev1, unless told otherwise."""
    answers = {"topic": "物业服务", "topic_question": ASKED}
    case = cases.open_case("call", by=post("dev1"), answers=answers, project_id=project(code))
    db.session.commit()
    cases.complete(waiting(case.id, "win1").id, by=post("win1"), answers={"further": further})
    db.session.commit()
    worker.work()
    return db.session.get_one(cases.Case, case.id, populate_existing=True)


def left() -> list[cases.Draft]:
    query = sa.select(cases.Draft).where(cases.Draft.key == "query").order_by(cases.Draft.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def sent(login: str = "dev1", **named: Any) -> cases.Case:
    case = cases.open_case("query", by=post(login), answers={"question": ASKED}, **named)
    db.session.commit()
    return case


def get(client: Any, where: str) -> str:
    return str(elsewhere(lambda: client.get(where)).text)


def send(client: Any, where: str, data: dict[str, Any]) -> Any:
    return elsewhere(lambda: client.post(where, data=data))


def test_who_begins_the_same_by_hand_is_led_to_the_one_that_waits(town: Flask) -> None:
    number, other = call().number, call("YH-011").number
    first, second = left()
    client = browser(town, "dev1")
    answer = send(client, "/apply/new/query", {"project": project(), "about": ""})
    assert answer.status_code == 200
    assert f'href="/apply/draft/{first.id}"' in answer.text
    assert number in answer.text
    assert other not in answer.text, "of the other project nothing is said"
    assert f"/apply/draft/{second.id}" not in answer.text
    assert [d.id for d in left()] == [first.id, second.id], "no second one was left"


def test_the_inbox_and_the_page_of_the_case_lead_to_what_waits(town: Flask) -> None:
    number, client = call().number, browser(town, "dev1")
    get(client, "/inbox")  # from now on the procedures are known
    with counted() as with_one:
        get(client, "/inbox")
    call("YH-011")
    first, second = left()
    with counted() as with_two:
        page = get(client, "/inbox")
    assert len(with_one) == len(with_two)
    for draft in (first, second):
        assert f'href="/apply/draft/{draft.id}"' in page
    assert "暂无待办" not in page
    page = get(client, f"/case/{number}")
    assert f'href="/apply/draft/{first.id}"' in page
    assert f'href="/apply/draft/{second.id}"' not in page
    assert f'action="/apply/draft/{first.id}/take"' in get(browser(town, "dev2"), "/inbox")
    assert "暂无待办" in get(browser(town, "win1"), "/inbox")


def test_a_second_one_wanted_on_purpose_is_begun_and_the_first_stays(town: Flask) -> None:
    number = call().number
    client = browser(town, "dev1")
    for about in ("", number):
        data = {"project": project(), "about": about, "anew": "1"}
        assert send(client, "/apply/new/query", data).status_code == 302
    assert [(d.about_id is None, d.begun_at is None) for d in left()] == [
        (False, False),
        (True, True),
        (False, True),
    ]


def test_a_colleague_goes_on_with_what_nobody_has_typed_in(town: Flask) -> None:
    call()
    (draft,) = left()
    client = browser(town, "dev2")
    assert f"/apply/draft/{draft.id}/take" in get(client, "/apply/new/query")
    assert send(client, f"/apply/draft/{draft.id}/take", {}).status_code == 302
    assert left()[0].user_id == post("dev2").user_id
    assert ASKED in get(client, f"/apply/draft/{draft.id}"), "what was known is filled in"


def test_what_a_colleague_has_typed_is_not_taken_and_is_named(town: Flask) -> None:
    call()
    (draft,) = left()
    first = browser(town, "dev1")
    send(first, f"/apply/draft/{draft.id}", {"_section": ["Part_apply"], "question": "请说明踏勘安排"})
    with pytest.raises(NotYet, match="已由建设甲填写"):
        begun.take(draft.id, by=post("dev2"), now=clock.now())
    page = get(browser(town, "dev2"), "/apply/new/query")
    assert "建设甲正在填写" in page
    assert f"/apply/draft/{draft.id}" not in page


def test_another_organisation_neither_finds_nor_takes_it(town: Flask) -> None:
    call()
    (draft,) = left()
    for login in ("dev3", "win1"):
        assert begun.waiting("query", by=post(login)) == []
        with pytest.raises(Unknown):
            begun.take(draft.id, by=post(login), now=clock.now())


def test_once_the_case_it_asked_for_runs_the_untouched_one_goes(town: Flask) -> None:
    about = call()
    sent("dev2", about=about, project_id=project())
    assert left() == []


def test_what_was_typed_stays_and_says_that_a_case_runs(town: Flask) -> None:
    about = call()
    (draft,) = left()
    client = browser(town, "dev1")
    send(client, f"/apply/draft/{draft.id}", {"_section": ["Part_apply"], "question": "请说明踏勘安排"})
    number = sent("dev2", about=db.session.get_one(cases.Case, about.id), project_id=project()).number
    assert number in get(client, "/apply/")
    assert number in get(client, f"/apply/draft/{draft.id}")
    assert "请说明踏勘安排" in get(client, f"/apply/draft/{draft.id}")


def test_what_the_case_no_longer_bears_is_led_to_by_nobody_and_says_so(town: Flask) -> None:
    about, client = call(), browser(town, "dev1")
    (draft,) = left()
    here, take = f'href="/apply/draft/{draft.id}"', f"/apply/draft/{draft.id}/take"
    stood = dict(about.variables)
    about.variables = {**stood, "topic": None}
    db.session.commit()
    for where in ("/inbox", f"/case/{about.number}", "/apply/new/query"):
        assert here not in get(client, where), where
    assert send(browser(town, "dev2"), take, {}).status_code == 422
    for where in ("/apply/", f"/apply/draft/{draft.id}"):
        assert "已不适用：征集尚未公告" in get(client, where), where
    db.session.get_one(cases.Case, about.id).variables = stood
    db.session.commit()
    assert here in get(client, "/inbox"), "as the case stands again, so does what was prepared for it"
    assert "已不适用" not in get(client, f"/apply/draft/{draft.id}")


def test_a_case_of_another_project_makes_nothing_superfluous(town: Flask) -> None:
    call()
    sent(project_id=project("YH-011"))
    (draft,) = left()
    assert begun.alike(draft, by=post("dev1")) is None
    draft.key = "call"  # as a tender that failed begins the next one
    assert begun.alike(draft, by=post("dev1")) is None


def test_a_hand_that_was_quicker_leaves_nothing_to_begin(town: Flask) -> None:
    about = call(further="wait")
    sent(about=about, project_id=project())
    cases.begin_application("query", about.id, {"question": ASKED}, clock.now())
    assert left() == []


@pytest.mark.parametrize("keep", [False, True])
def test_sending_one_begun_by_hand_offers_to_delete_the_other(town: Flask, keep: bool) -> None:
    draft = drafts.begin("query", by=post("dev1"), project_id=project(), now=clock.now())
    db.session.commit()
    by_hand = draft.id
    call()
    prepared = next(d.id for d in left() if d.id != by_hand)
    client, where = browser(town, "dev1"), f"/apply/draft/{by_hand}"
    assert send(client, where, {"_section": ["Part_apply"], "question": ASKED}).status_code == 302
    assert f'name="spare" id="spare{prepared}"' in get(client, f"{where}/check")
    assert send(client, f"{where}/check", {} if keep else {"spare": prepared}).status_code == 302
    assert [d.id for d in left()] == ([prepared] if keep else [])


# ------------------------------------------------------------------------ the project first, then a case of it


def test_only_the_cases_of_the_chosen_project_are_offered(town: Flask) -> None:
    mine, other = call(further="wait").number, call("YH-011", further="wait").number
    client = browser(town, "win1")
    first = get(client, "/apply/new/query")
    assert mine not in first
    assert other not in first
    answer = send(client, "/apply/new/query", {"project": project()})
    assert answer.headers["Location"] == f"/apply/new/query?project={project()}"
    page = get(client, answer.headers["Location"])
    assert f'value="{mine}"' in page
    assert other not in page


def test_a_case_of_another_project_is_refused_beside_the_choice(town: Flask) -> None:
    other = call("YH-011", further="wait").number
    answer = send(browser(town, "win1"), "/apply/new/query", {"project": project(), "about": other})
    assert answer.status_code == 422
    assert "所针对的案件不是这个项目的案件" in answer.text
    assert left() == []


def test_a_project_without_cases_leads_straight_to_the_form(town: Flask) -> None:
    answer = send(browser(town, "win1"), "/apply/new/query", {"project": project()})
    assert re.fullmatch(r"/apply/draft/\d+", answer.headers["Location"])


def test_a_long_list_is_bounded_and_searched(town: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "OFFERED", 2)
    numbers = [call(further="wait").number for _ in range(3)]
    client, where = browser(town, "win1"), f"/apply/new/query?project={project()}"
    page = get(client, where)
    assert [n in page for n in numbers] == [False, True, True]
    assert 'type="search"' in page
    found = get(client, f"{where}&q={numbers[0]}")
    assert [n in found for n in numbers] == [True, False, False]
    assert "没有找到“百分之%”" in get(client, f"{where}&q=百分之%25")


def test_projects_are_bounded_and_searched(town: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "OFFERED", 2)
    client = browser(town, "win1")
    page = get(client, "/apply/new/query")
    assert page.count('name="project"') == 2
    name = db.session.get_one(Project, project("YH-011")).name
    found = get(client, f"/apply/new/query?q={name}")
    assert f'value="{project("YH-011")}"' in found

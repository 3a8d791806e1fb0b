"""Cases that concern other cases: who may name which, what they know of each other, and what fails on the way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import linked
import pytest
import sqlalchemy as sa
import yaml
from acting import browser, elsewhere, post, told, waiting
from flask import Flask

from casework import cases, clock, outbox, procedures, stories, worker
from casework.cases import drafts, links
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.procedures import BadFolder
from casework.words import say_in


@pytest.fixture
def town(district: Flask, tmp_path: Path) -> Flask:
    """The demo district, which also keeps the two linked procedures."""
    for key, folder in linked.folders(tmp_path).items():
        procedures.install(key, folder, clock.now())
    db.session.commit()
    return district


def project(code: str = "YH-001") -> int:
    return (
        db.session.scalars(sa.select(cases.Case.project.property.mapper.class_).filter_by(code=code)).one().id
    )


def call(further: str = "wait", *, publish: bool = True, question: str = "何时可以踏勘现场") -> cases.Case:
    """A call of dev1, published by the window unless told otherwise."""
    answers = {"topic": "物业服务", "topic_question": question}
    case = cases.open_case("call", by=post("dev1"), answers=answers, project_id=project())
    db.session.commit()
    if publish:
        case = cases.complete(waiting(case.id, "win1").id, by=post("win1"), answers={"further": further})
        db.session.commit()
        worker.work()
    return db.session.get_one(cases.Case, case.id, populate_existing=True)


def query(about: cases.Case, login: str = "ent3") -> cases.Case:
    case = cases.open_case("query", by=post(login), answers={"question": "何时可以踏勘现场"}, about=about)
    db.session.commit()
    return case


def get(client: Any, where: str) -> Any:
    """A page asked for by a visitor of its own."""
    return elsewhere(lambda: client.get(where))


def send(client: Any, where: str, data: dict[str, Any]) -> Any:
    return elsewhere(lambda: client.post(where, data=data))


def children(case: cases.Case) -> list[cases.Case]:
    return list(db.session.scalars(sa.select(cases.Case).where(cases.Case.parent_id == case.id)))


# ------------------------------------------------------------------------------- what is known of the other case


def test_the_new_case_keeps_what_the_other_one_showed_when_it_was_opened(town: Flask) -> None:
    other = call()
    asked = query(other)
    kept = asked.facts["concerned"]
    assert asked.parent_id == other.id
    assert (kept["number"], kept["procedure"], kept["stage"], kept["topic"]) == (
        other.number,
        "call",
        "open",
        "物业服务",
    )
    assert kept["starter"]["id"] == other.starter_organisation_id
    assert kept["project"]["code"] == "YH-001"
    assert kept["closes_at"] is None, "what is not known yet is null"
    assert asked.project_id == other.project_id, "its project is the other case's"
    assert asked.title == "询问：物业服务"
    assert [s.organisation_id for s in cases.lists.open_steps(asked.id)] == [other.starter_organisation_id]


def test_the_answer_reaches_the_other_case_and_what_it_shows_moves_on(town: Flask) -> None:
    other = call()
    asked = query(other)
    cases.complete(waiting(asked.id, "dev1").id, by=post("dev1"), answers={"said": "周三上午"})
    db.session.commit()
    worker.work()
    other = db.session.get_one(cases.Case, other.id, populate_existing=True)
    assert links.shown(other, clock.now()) == {
        "stage": "closed",
        "topic": "物业服务",
        "closes_at": None,
        "answered": "周三上午",
    }
    assert db.session.get_one(cases.Case, asked.id).facts["concerned"]["stage"] == "open", (
        "the snapshot stays"
    )


# ------------------------------------------------------------------------------- who may name which case


def test_a_case_that_is_not_open_to_it_is_refused_with_the_reason_to_those_who_see_it(town: Flask) -> None:
    early = call(publish=False)
    with pytest.raises(NotYet) as refused:
        query(early, "dev1")
    assert say_in("zh", refused.value.says) == "征集尚未公告或者已经截止，不能提出询问。"
    assert say_in("en", refused.value.says) == "The call is not open: nothing can be asked about it."


def test_to_a_stranger_a_case_that_is_not_open_to_it_is_not_there(town: Flask) -> None:
    with pytest.raises(Unknown):
        query(call(publish=False), "ent3")


def test_a_procedure_that_is_not_listed_cannot_be_concerned(town: Flask) -> None:
    asked = query(call())
    with pytest.raises(Unknown):
        query(asked, "dev1")
    with pytest.raises(Unknown):
        links.find(
            "ZJ-2026-9999", procedures.of(procedures.current("query")), by=post("dev1"), now=clock.now()
        )


def test_a_case_about_another_needs_that_other(town: Flask) -> None:
    with pytest.raises(NotYet):
        cases.open_case("query", by=post("ent3"), answers={"question": "何时可以踏勘现场"})
    with pytest.raises(NotYet):
        drafts.begin("query", by=post("ent3"), project_id=None, now=clock.now())


def test_where_only_parties_may_name_it_everybody_else_finds_nothing(district: Flask, tmp_path: Path) -> None:
    strict = {"concerns": {**linked.QUERY["concerns"], "open_to": "parties"}}
    for key, folder in linked.folders(tmp_path, query=strict).items():
        procedures.install(key, folder, clock.now())
    other, procedure = call(), procedures.of(procedures.current("query"))
    with pytest.raises(Unknown):
        query(other, "ent3")
    assert links.offered(procedure, by=post("ent3"), now=clock.now()) == []
    assert links.offered(procedure, by=post("dev1"), now=clock.now()) == [other]
    assert query(other, "dev1").parent_id == other.id


def test_a_case_that_was_withdrawn_is_not_offered(town: Flask) -> None:
    other, procedure = call(), procedures.of(procedures.current("query"))
    assert links.offered(procedure, by=post("ent3"), now=clock.now()) == [other]
    cases.withdraw(other.id, by=post("dev1"), reason="项目调整")
    db.session.commit()
    assert links.offered(procedure, by=post("ent3"), now=clock.now()) == []
    with pytest.raises(Unknown):
        query(other)


# ------------------------------------------------------------------------------- what a drawing asks for


def test_a_drawing_opens_a_case_about_its_own_in_the_name_of_the_starter(town: Flask) -> None:
    other = call("ask")
    (asked,) = children(other)
    assert (asked.key, asked.starter_organisation_id) == ("query", other.starter_organisation_id)
    assert asked.facts["concerned"]["stage"] == "open", "the snapshot is taken after the turn that asked"
    first = db.session.scalars(
        sa.select(cases.Step).where(cases.Step.case_id == asked.id, cases.Step.token == "start")
    )
    step = first.one()
    assert step.answers == {"question": "何时可以踏勘现场"}
    assert (step.done_user_id, step.status) == (None, "done"), "nobody has applied"
    assert [e.who for e in told(asked.id, "opened")] == [""]
    worker.work()
    assert len(children(other)) == 1


def test_answers_that_the_form_refuses_are_an_incident_of_the_parent_until_it_is_mended(
    town: Flask, tmp_path: Path
) -> None:
    other = call("ask", question="？")
    assert children(other) == []
    (incident,) = other.incident
    assert "对征集的询问" in incident["zh"]
    assert "5" in incident["zh"]
    assert "was not opened" in incident["en"]
    assert len(told(other.id, "incident")) == 1
    cases.retry(other.id, by=post("win1"), now=clock.now())
    db.session.commit()
    worker.work()
    other = db.session.get_one(cases.Case, other.id, populate_existing=True)
    assert len(other.incident) == 1, "the reason is still there"
    folder = linked.folders(tmp_path)["query"]  # the office lowers what its form asks
    (folder / "forms" / "apply.form").write_text(
        linked.form("apply", "提出询问", linked.text("question", "问题", 1)), "utf-8"
    )
    procedures.install("query", folder, clock.now())
    cases.retry(other.id, by=post("win1"), now=clock.now())
    db.session.commit()
    worker.work()
    other = db.session.get_one(cases.Case, other.id, populate_existing=True)
    assert other.incident is None
    assert len(children(other)) == 1


def test_an_incident_after_the_commit_outlives_the_next_turn_of_its_case(town: Flask) -> None:
    other = call("ask", question="？")
    cases.tell("query answered", {"said": "周三"}, other.number, clock.now())
    db.session.commit()
    other = db.session.get_one(cases.Case, other.id, populate_existing=True)
    assert other.incident
    assert len(told(other.id, "incident")) == 1


def test_a_job_that_opens_a_case_opens_it_once(town: Flask) -> None:
    other = call("ask")
    job = db.session.scalars(sa.select(outbox.Job).where(outbox.Job.kind == "open")).one()
    assert job.done_at is not None
    assert job.fault is None
    assert len(children(other)) == 1


def test_the_next_application_is_begun_about_the_case_whose_drawing_asked(town: Flask) -> None:
    other = call("next")
    draft = db.session.scalars(sa.select(cases.Draft).where(cases.Draft.key == "query")).one()
    assert (draft.about_id, draft.project_id) == (other.id, None)
    assert draft.raw["question"] == ["何时可以踏勘现场"]
    where, number = f"/apply/draft/{draft.id}", other.number
    client = browser(town, "dev1")
    page = elsewhere(lambda: client.get(where))
    assert page.status_code == 200
    assert number in page.text


# ------------------------------------------------------------------------------- who looks on, who hears of it


def changed(tmp_path: Path, **change: Any) -> None:
    folder = linked.folders(tmp_path, query=change)["query"]
    procedures.install("query", folder, clock.now())
    db.session.commit()


def test_whoever_watches_sees_the_case_from_its_opening(town: Flask, tmp_path: Path) -> None:
    window = {"organisation": "=district.bureau", "roles": ["window"]}
    changed(tmp_path, parties={**linked.QUERY["parties"], "区房管局窗口": window}, watches=["区房管局窗口"])
    asked = query(call())
    assert cases.lists.open_to(post("win1"), asked)
    assert not cases.lists.open_to(post("ent4"), asked)


def test_a_withdrawal_tells_the_case_that_waits(town: Flask, tmp_path: Path) -> None:
    told_so = {
        "message": "query answered",
        "correlation": "=concerned.number",
        "payload": {"said": '="撤回了"'},
    }
    changed(tmp_path, withdrawn=told_so)
    other = call()
    cases.withdraw(query(other).id, by=post("ent3"), reason="已另行说明")
    db.session.commit()
    worker.work()
    assert (
        links.shown(db.session.get_one(cases.Case, other.id, populate_existing=True), clock.now())["answered"]
        == "撤回了"
    )


def test_the_starter_finds_the_own_earlier_cases_about_the_same_one(town: Flask, tmp_path: Path) -> None:
    changed(tmp_path, shows={"asked": "=question"}, keeps=["question"])
    other, elsewhere_ = call(), call()
    first = query(other)
    query(other, "ent4")
    query(elsewhere_)
    second = query(other)
    (earlier,) = second.facts["concerned"]["earlier"]
    assert (earlier["number"], earlier["asked"], earlier["status"]) == (
        first.number,
        "何时可以踏勘现场",
        "open",
    )
    assert first.facts["concerned"]["earlier"] == []


# ------------------------------------------------------------------------------- pages


def test_the_page_offers_the_cases_and_takes_a_number(town: Flask) -> None:
    other = call()
    number, other_id = other.number, other.id
    client = browser(town, "ent3")
    page = get(client, "/apply/new/query").text
    assert number in page
    assert get(client, f"/apply/new/query?about={number}").status_code == 200
    for data in ({"about": number}, {"number": number.lower()}):
        answer = send(client, "/apply/new/query", data)
        assert answer.status_code == 302
    draft = db.session.scalars(sa.select(cases.Draft).where(cases.Draft.key == "query")).one()
    assert draft.about_id == other_id, "both ways lead to the same draft"
    where = answer.headers["Location"]
    db.session.rollback()
    filled = {"_section": ["Part_apply"], "question": "何时可以踏勘现场"}
    assert send(client, where, filled).status_code == 302
    done = send(client, f"{where}/check", {})
    assert done.status_code == 302
    assert children(db.session.get_one(cases.Case, other_id))


def test_a_number_that_names_nothing_and_one_that_is_closed_to_the_asker_read_alike(town: Flask) -> None:
    number = call(publish=False).number
    client = browser(town, "ent3")
    answers = [send(client, "/apply/new/query", {"number": n}) for n in (number, "ZJ-2026-9999")]
    assert [a.status_code for a in answers] == [422, 422]
    plain = [re.sub(r'name="csrf_token" value="[^"]*"', "", a.text) for a in answers]
    assert plain[0].replace(number, "ZJ-2026-9999") == plain[1]
    assert number in answers[0].text, "what was typed stays"
    assert {get(client, f"/apply/new/query?about={n}").status_code for n in (number, "ZJ-2026-9999")} == {404}
    assert number not in get(client, "/apply/new/query").text


def test_nothing_chosen_is_said(town: Flask) -> None:
    client = browser(town, "ent3")
    assert send(client, "/apply/new/query", {}).status_code == 422


def test_each_case_lists_the_others_to_those_who_may_see_them(town: Flask) -> None:
    other = call()
    asked = query(other)
    numbers = other.number, asked.number
    developer, asker, window = (browser(town, login) for login in ("dev1", "ent3", "win1"))
    assert numbers[1] in get(developer, f"/case/{numbers[0]}").text
    assert numbers[0] in get(developer, f"/case/{numbers[1]}").text
    assert numbers[1] not in get(window, f"/case/{numbers[0]}").text, "the window takes no part in the query"
    page = get(asker, f"/case/{numbers[1]}")
    assert page.status_code == 200
    assert f"/case/{numbers[0]}" not in page.text, "the asker takes no part in the call"
    assert get(asker, f"/case/{numbers[0]}").status_code == 404


# ------------------------------------------------------------------------------- what stands in a folder


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"opens_to": "all"}, "there is no key opens_to"),
        ({"subject": "house"}, "no subject house"),
        ({"concerns": None}, "needs concerns"),
        ({"concerns": {**linked.QUERY["concerns"], "procedures": []}}, "must list the procedures"),
        ({"concerns": {**linked.QUERY["concerns"], "open_to": "everybody"}}, "open_to is starts or parties"),
        ({"concerns": {**linked.QUERY["concerns"], "once": "yes"}}, "once is true or false"),
        ({"concerns": {**linked.QUERY["concerns"], "unless": ""}}, "when needs unless"),
        ({"concerns": {**linked.QUERY["concerns"], "unless": "没有英文的话。"}}, "has no English"),
        ({"concerns": {**linked.QUERY["concerns"], "when": "=stage = = 1"}}, "concerns.when: "),
        ({"concerns": {**linked.QUERY["concerns"], "when": "stage"}}, "begins with ="),
        ({"concerns": {**linked.QUERY["concerns"], "who": "x"}}, "has no key who"),
        ({"shows": {"number": "=1"}}, "is given by the office"),
        ({"shows": {"price": "7"}}, "begins with ="),
        ({"shows": {"price": "=1 +"}}, "shows.price"),
        ({"shows": ["price"]}, "mapping of names"),
        ({"shows_to": ["price"]}, "mapping of names to lists"),
        ({"shows_to": {"price": ["call"]}}, "shows has no price"),
        ({"hears": {"call answered": "said"}}, "lists of names"),
        ({"watches": ["审计机关"]}, "is not one of the parties"),
        ({"withdrawn": {"message": "query withdrawn"}}, "has message and correlation"),
        ({"stands_still": {"steps": ["nowhere"]}}, "the drawing has no nowhere"),
        (
            {"checks": [{"name": "a", "title": "项目", "ok": "=true", "steps": ["nowhere"]}]},
            "the drawing has no nowhere",
        ),
        ({"suspended": {"when": "=false"}}, "suspended says all of"),
    ],
)
def test_what_would_not_work_in_a_heading_is_named(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    folder = linked.folders(tmp_path, query=change)["query"]
    with pytest.raises(BadFolder) as bad:
        procedures.open_files("query", procedures.read_folder(folder))
    assert says in str(bad.value)
    assert re.search(r"[\u4e00-\u9fff]", str(bad.value))


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    def opened(**changes: Any) -> dict[str, procedures.Procedure]:
        made = linked.folders(tmp_path, **changes)
        return {k: procedures.open_files(k, procedures.read_folder(f)) for k, f in made.items()}

    assert list(procedures.loose(opened())) == []
    asks = {**linked.QUERY["concerns"], "when": "=phase = 1", "procedures": ["call", "nowhere"]}
    call = {"shows_to": {"stage": ["nobody"]}}
    found = "\n".join(procedures.loose(opened(query={"concerns": asks}, call=call)))
    assert "shows_to.stage: 没有流程“nobody”" in found
    assert "call does not show phase" in found
    assert "there is no procedure nowhere" in found


# ------------------------------------------------------------------------------- stories


def test_a_story_plays_the_case_it_concerns_first_and_carries_both(
    town: Flask, keys: dict[str, int], tmp_path: Path
) -> None:
    made = linked.folders(tmp_path)

    def tell(key: str, name: str, told: dict[str, Any]) -> None:
        (made[key] / "stories" / f"{name}.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")

    tell("call", "answers", {"topic": {"topic": "物业服务", "topic_question": "何时踏勘"}})
    tell("call", "open", {
        "title": "公告", "title_en": "Open", "project": "YH-001",
        "starts": {"who": "dev1", "at": "2026-03-02 09:00", "says": {"like": "topic"}},
        "steps": [
            {"who": "win1", "does": "publish", "at": "2026-03-02 10:00", "says": {"further": "wait"}},
            {"who": "dev1", "does": "thank", "at": "2026-03-09 10:00", "says": {"thanks": "谢谢"}},
        ],
    })  # fmt: skip
    tell("query", "asked", {
        "title": "询问", "title_en": "Asked", "concerns": {"story": "call/open", "after": 1},
        "starts": {"who": "ent3", "at": "2026-03-03 09:00", "says": {"question": "何时可以踏勘现场"}},
        "steps": [
            {"opens": "query", "as": "second", "about": "call", "who": "ent4", "at": "2026-03-03 10:00", "says": {"question": "可否延期投标"}},
            {"case": "second", "who": "dev1", "does": "answer", "at": "2026-03-03 11:00", "says": {"said": "不延期"}},
            {"case": "call", "until": "2026-03-03 12:00", "then": {"open": ["thank"]}},
            {"opens": "query", "about": "call", "as": "late", "who": "ent5", "at": "2026-03-03 13:00", "says": {"question": "可否延期投标"}, "refused": True},
            {"case": "call", "who": "dev1", "does": "thank", "at": "2026-03-04 11:00", "says": {"thanks": "谢谢"}},
        ],
        "then": {"open": ["answer"]}, "beside": {"call": {"status": "ended"}, "second": {"ends": ["done"]}},
    })  # fmt: skip
    told_as = stories.read(made["query"] / "stories" / "asked.yaml")
    moved = stories.shifted(told_as, clock.now())
    assert moved.before is not None
    last = max(stories.story.moment(part["at"]) for part in moved.steps if "at" in part)
    ago = (clock.now() - last).total_seconds()
    assert ago >= 0, "a record holds no act that is still to come"
    assert (moved.begins - told_as.begins).days % 7 == 0
    assert moved.begins - told_as.begins == stories.story.moment(moved.starts["at"]) - stories.story.moment(
        told_as.starts["at"]
    )
    watched: list[str] = []

    def watch(part: Any, case: Any) -> None:
        watched.extend(stories.differences(part.get("then") or {}, case) if case else [])

    player = stories.Player(told_as, keys, watch)
    case = player.play()
    assert case is not None
    assert watched == stories.differences(told_as.then, case) == []
    for name, then in told_as.beside.items():
        assert stories.differences(then, player.of(name)) == []
    assert player.of("call").number == case.facts["concerned"]["number"]

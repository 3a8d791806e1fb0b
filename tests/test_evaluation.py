"""An evaluation keeps its secrets: names, scores before all are in, and the case itself from those outside."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework import bids, cases, clock, papers, stories, worker
from casework.cases import drafts, lists, privacy
from casework.committee import Expert, Member, seats
from casework.db import db
from casework.engine import feel
from casework.errors import NotYet, Refused, Unknown
from casework.outbox import Job
from casework.people import Organisation, Post, User, by_login, holders, in_force

STORIES = Path(__file__).resolve().parent.parent / "workflows" / "committee" / "stories"
PASSWORD = "yunhe-yanshi-2026"
NOW = clock.at_local(date(2026, 4, 10), 16)


def played(name: str, keys: dict[str, int], until: str, nth: int = 0) -> cases.Case:
    """A story up to the n-th time this step is about to be done."""
    told = stories.read(STORIES / f"{name}.yaml")
    at = [n for n, part in enumerate(told.steps) if part.get("does") == until and not part.get("refused")][
        nth
    ]
    case = stories.Player(replace(told, steps=told.steps[:at]), keys).play()
    assert case is not None
    return case


def visitor(app: Flask, login: str) -> FlaskClient:
    app.config["SIGNING_ROLES"] = frozenset()
    db.session.execute(sa.update(User).where(User.login == login).values(totp_secret=None))
    db.session.commit()
    client = app.test_client()
    assert client.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 302
    return client


def post(user_id: int) -> Post:
    user = db.session.get_one(User, user_id)
    return in_force(user, clock.today())[0]


def test_scores_are_read_by_nobody_else_until_all_are_in(district: Flask, keys: dict[str, int]) -> None:
    case = played("time_extended", keys, "extend")  # three of five have scored
    done = [
        s
        for s in lists.steps(case.id)
        if s.element == "score" and s.status == "done" and s.answers.get("scores")
    ]
    assert len(done) == 3
    mine = post(done[0].done_user_id)
    other = next(post(m.user_id) for m in seats.seated(case.id) if m.user_id != mine.user_id)
    clerk = holders(keys["bureau"], ("examiner",), clock.today())[0]
    assert not privacy.hidden(done[0], mine, NOW)
    assert privacy.hidden(done[0], other, NOW)
    assert privacy.hidden(done[0], clerk, NOW)
    with clock.at(NOW):
        page = f"/case/{case.number}/step/{done[0].id}"
        assert visitor(district, "exa1").get(page).status_code == 404
        assert f"/step/{done[0].id}" not in visitor(district, "exa1").get(f"/case/{case.number}").text
    all_in = played("time_extended", keys, "report")
    scored = next(s for s in lists.steps(all_in.id) if s.element == "score" and s.answers.get("scores"))
    assert not privacy.hidden(scored, clerk, NOW)


def test_t18_t19_t20_a_plan_is_lawful_or_refused_on_its_own_page_and_nothing_typed_is_lost(
    district: Flask, keys: dict[str, int]
) -> None:
    case, colleague = played("lowest_price", keys, "plan"), a_colleague(keys)
    plan = next(s for s in lists.steps(case.id) if s.element == "plan")
    said = {
        "representatives": "2",
        "reserves": "2",
        "witness": "街道办事处见证人",
        "seats-0-speciality": "A01",
    }
    with clock.at(NOW):
        client = visitor(district, "exa1")

        def planned(size: int, experts: int) -> tuple[int, str]:
            numbers = {"size": str(size), "seats-0-_": "1", "seats-0-count": str(experts)}
            return sent(client, plan.id, {**said, **numbers})

        for size, experts, why in (
            (5, 3, "评标专家不得少于成员总数的 2/3，现为 3/5。"),
            (6, 4, "评标委员会人数应为单数，现为 6 人。"),
            (3, 1, "评标委员会人数不能小于 5 人"),
        ):
            status, page = planned(size, experts)
            again = client.get(f"/step/{plan.id}").text
            assert (status, why in page) == (422, True), (size, page)
            assert all('value="街道办事处见证人"' in one for one in (page, again))
        assert planned(7, 5)[0] == 302
        both = (by_login("dev1").id, colleague.id)
        rows = {f"people-{n}-person": str(one) for n, one in enumerate(both)} | {
            "people-0-_": "1",
            "people-1-_": "1",
        }
        naming = next(s for s in lists.open_steps(case.id) if s.element == "name_people")
        assert sent(visitor(district, "dev1"), naming.id, rows)[0] == 302
    assert {m.user_id for m in seats.of(case.id)} == set(both), "two of seven sit for the tenderer (T19)"
    assert [s.element for s in lists.open_steps(case.id)] == ["commit", "commit"]


def sent(client: FlaskClient, step_id: int, said: dict[str, str]) -> tuple[int, str]:
    """A step's page filled in and sent with all its sections: the status and the page that answers."""
    sections = re.findall(r'name="_section" value="(\w+)"', client.get(f"/step/{step_id}").text)
    answer = client.post(f"/step/{step_id}", data={**said, "_section": sections, "_submit": "1"})
    return answer.status_code, answer.text


def test_t22_who_also_holds_a_post_in_the_supervising_bureau_is_no_representative(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("awarded_by_score", keys, "name_people")
    step = next(s for s in lists.steps(case.id) if s.element == "name_people")
    both = User(login="two-posts", name="兼职甲", home_id=keys["dev1"], made_at=NOW)
    db.session.add(both)
    db.session.flush()
    for where, role in (("dev1", "handler"), ("bureau", "examiner")):
        held = {"organisation_id": keys[where], "role": role, "starts_on": date(2026, 1, 1)}
        db.session.add(Post(user_id=both.id, **held))
    db.session.commit()
    with clock.at(NOW):
        client = visitor(district, "dev1")
        form = client.get(f"/step/{step.id}").text
        assert re.search(rf'value="{both.id}"[^>]*>兼职甲', form), (
            "the tenderer may well choose from its people"
        )
        said = {"people-0-_": "1", "people-0-person": str(both.id), "people-0-duty": "兼任招标人代表"}
        sections = re.findall(r'name="_section" value="(\w+)"', form)
        answer = client.post(f"/step/{step.id}", data={**said, "_section": sections, "_submit": "1"})
    assert answer.status_code in {403, 409, 422}, answer.status_code
    assert "兼职甲是行政监督部门的工作人员，不得担任评标委员会成员。" in answer.text
    assert "兼任招标人代表" in answer.text, "what was typed is still there"
    assert seats.of(case.id) == []


def test_a_member_finds_the_bids_beside_the_step(district: Flask, keys: dict[str, int]) -> None:
    told = stories.read(STORIES.parents[1] / "tender" / "stories" / "evaluated.yaml")
    at = next(n for n, part in enumerate(told.steps) if part.get("does") == "formal")
    case = stories.Player(replace(told, steps=told.steps[:at]), keys).play()
    assert case is not None
    formal = db.session.scalars(sa.select(cases.Step).where(cases.Step.element == "formal")).one()
    login = db.session.scalars(
        sa.select(User.login).join(Post).where(Post.organisation_id == formal.organisation_id)
    ).one()
    with clock.at(NOW):
        page = visitor(district, login).get(f"/step/{formal.id}").text
        public = district.test_client().get(f"/tenders/{case.number}").text
        assert f'href="/draws/{formal.case.number}"' in public
        address = f"/tenders/{case.number}/bids/1"
        assert address in page
        assert visitor(district, login).get(address).status_code == 200
        assert visitor(district, "dev1").get(address).status_code == 200  # the tenderer received the bids
        assert visitor(district, "str2").get(address).status_code == 404


def test_a_representative_of_the_tenderer_is_followed_by_whom_the_tenderer_names(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("member_replaced", keys, "watch")
    colleague = a_colleague(keys)
    watch = next(s for s in lists.steps(case.id) if s.element == "watch" and s.status == "open")
    old = next(m for m in seats.seated(case.id) if m.kind == "representative")
    with clock.at(NOW):
        by = in_force(by_login("exa1"), clock.today())[0]
        said = {"member": str(old.id), "cause": "health", "reason": "因病住院，不能继续评标"}
        with pytest.raises(NotYet, match="书面指定"):
            cases.complete(watch.id, by=by, answers=said)
        db.session.rollback()
        cases.complete(watch.id, by=by, answers={**said, "successor": str(colleague.id)})
        db.session.commit()
        worker.work(clock.now())
    new = next(m for m in seats.seated(case.id) if m.kind == "representative")
    assert (old.state, new.user_id) == ("removed", colleague.id)
    waiting = [s for s in lists.steps(case.id) if s.status == "open"]
    assert {s.element for s in waiting} == {"statement"}, "the new one declares, then all judge again"
    assert [s.item["user"] for s in waiting] == [colleague.id]


def a_colleague(keys: dict[str, int]) -> User:
    """Another person of the tenderer."""
    colleague = User(login="dev1-c", name="接替人", home_id=keys["dev1"], made_at=clock.now())
    db.session.add(colleague)
    db.session.flush()
    db.session.add(
        Post(user_id=colleague.id, organisation_id=keys["dev1"], role="handler", starts_on=date(2026, 1, 1))
    )
    db.session.commit()
    return colleague


def test_a_representative_who_steps_aside_before_the_committee_is_formed_is_followed_by_another(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("member_replaced", keys, "statement")
    mine = next(m for m in seats.seated(case.id) if m.kind == "representative")
    for member in seats.seated(case.id):
        step = next(
            s for s in lists.open_steps(case.id) if s.element == "statement" and s.item["id"] == member.id
        )
        said = (
            {"conflict": "recuse", "why": "配偶在投标人处任职"}
            if member is mine
            else {"conflict": "none", "promise": True}
        )
        do(step, member.user_id, said)
    (step,) = lists.open_steps(case.id)
    assert (step.element, case.variables["absent"], case.variables["formed"]) == ("name_again", 1, False)
    dev1 = by_login("dev1")
    assert dev1 is not None
    with pytest.raises(NotYet, match="不能再次指定"):
        do(step, dev1.id, {"successors": [{"person": str(dev1.id)}]})
    db.session.rollback()
    colleague = a_colleague(keys)
    do(step, dev1.id, {"successors": [{"person": str(colleague.id)}]})
    (step,) = lists.open_steps(case.id)
    assert (step.element, step.item["user"]) == ("statement", colleague.id)
    do(step, colleague.id, {"conflict": "none", "promise": True})
    assert {s.element for s in lists.open_steps(case.id)} == {"elect", "watch"}


def do(step: Any, user_id: int, said: dict[str, Any]) -> None:
    """That person completes the step."""
    with clock.at(NOW):
        by = in_force(db.session.get_one(User, user_id), clock.today())[0]
        cases.complete(step.id, by=by, answers=said)
        db.session.commit()
        worker.work(clock.now())


def test_who_is_a_member_no_more_sees_the_case_no_more(district: Flask, keys: dict[str, int]) -> None:
    case = played("member_replaced", keys, "watch")
    seen = {m.id: lists.open_to(post(m.user_id), case) for m in seats.of(case.id) if m.kind == "expert"}
    gone = [m for m in seats.of(case.id) if m.state == "recused"]
    assert gone
    assert not any(seen[m.id] for m in gone)
    assert all(seen[m.id] for m in seats.seated(case.id) if m.kind == "expert")


def test_the_register_of_experts_is_one_step_from_the_others_for_those_who_keep_it(district: Flask) -> None:
    for login, finds in (("exa1", True), ("win1", False), ("dev1", False)):
        assert ('href="/experts/"' in visitor(district, login).get("/projects").text) is finds, login


def test_a_member_acts_in_person(district: Flask, keys: dict[str, int]) -> None:
    """The representative sits as a person: a colleague of the same post cannot sign for him."""
    case = played("awarded_by_score", keys, "sign")
    colleague = User(login="dev1-b", name="同事", home_id=keys["dev1"], made_at=clock.now())
    db.session.add(colleague)
    db.session.flush()
    db.session.add(
        Post(user_id=colleague.id, organisation_id=keys["dev1"], role="handler", starts_on=clock.today())
    )
    db.session.commit()
    dev1 = by_login("dev1")
    step = next(s for s in lists.open_steps(case.id) if s.element == "sign" and s.item["user"] == dev1.id)
    with pytest.raises(Refused, match="本人办理"):
        cases.complete(step.id, by=post(colleague.id), answers={"opinion": "agree"})
    db.session.rollback()


def low(case):
    [found] = [c for c in cases.checks(cases.Turn(case, None, NOW), "zh") if "明显低于" in c.title]
    return found.says, found.ok


def test_a_bidder_who_is_asked_sees_the_question_and_nothing_else(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("clarified", keys, "clarify")
    names = {m.name for m in seats.seated(case.id)}
    assert low(case) == ("没有低于其他投标报价平均值20%以上的报价", True)
    bids = [{**b, "price": 1.2} if b["no"] == 4 else b for b in case.facts["concerned"]["bids"]]
    case.facts = {**case.facts, "concerned": {**case.facts["concerned"], "bids": bids}}
    drawing = (STORIES.parent / "process.bpmn").read_text("utf-8")
    [drawn] = re.findall('source="([^"]+)" target="low_bids"', drawing)
    found = cases.Turn(case, None, NOW).value(feel.compile(html.unescape(drawn)))
    case.variables = {**case.variables, "low_bids": found}
    said, kept = low(case)
    assert (said.startswith("第 4 号低于其他投标报价平均值"), kept) == (True, None)
    db.session.rollback()
    head = next(s.done_post.user.login for s in lists.steps(case.id) if s.element == "formal" and s.done_post)
    step = next(
        s for s in lists.open_steps(case.id) if s.element == "clarify" and s.organisation_id == keys["ent1"]
    )
    assert keys["ent1"] not in lists.parties(case.id)
    with clock.at(NOW):
        client = visitor(district, "ent1")
        page = client.get(f"/step/{step.id}").text
        assert "综合单价与年度总价" in page
        assert not any(name in page for name in names - {"建设甲"})
        assert case.number not in client.get("/cases").text
        assert client.get(f"/case/{case.number}").status_code == 404
        assert visitor(district, "ent6").get(f"/step/{step.id}").status_code == 404
        said = {"answer": "按招标文件载明的面积计算", "not_substance": True}
        cases.complete(step.id, by=post(by_login("ent1").id), answers=said)
        db.session.commit()
    with clock.at(after := NOW + timedelta(days=2)):  # the other one does not answer
        cases.tick(case.id, after)
        db.session.commit()
        again = next(s for s in lists.open_steps(case.id) if s.element == "formal")
        page = visitor(district, head).get(f"/step/{again.id}").text
    assert "须澄清，问：综合单价与年度总价的面积依据是否一致；答：按招标文件载明的面积计算" in page
    assert "须澄清，问：项目负责人是否仍在岗；期满未答复" in page
    chosen = re.findall(r'name="checks-([^"]+)-verdict" value="(\w+)"[^>]* checked', page)
    assert set(chosen) == {("2", "pass"), ("3", "pass")}, "those that were asked are judged anew"


def test_who_was_only_called_is_no_party_and_reads_nothing(district: Flask, keys: dict[str, int]) -> None:
    case = played("awarded_by_score", keys, "call")
    called = [m for m in seats.of(case.id) if m.state == "called"]
    assert len(called) == 4
    assert not {m.organisation_id for m in called} & lists.parties(case.id)
    step = next(s for s in lists.open_steps(case.id) if s.item["user"] == called[0].user_id)
    by = post(called[0].user_id)
    assert drafts.step_for(step.id, by=by) is step
    with pytest.raises(Unknown):
        drafts.step_for(step.id, by=post(called[1].user_id))


def test_t21_t22_the_public_record_of_the_draw_leaves_out_who_is_tied_and_names_nobody(
    district: Flask, keys: dict[str, int]
) -> None:
    bureau = db.session.get_one(Organisation, keys["bureau"]).name
    db.session.execute(sa.update(Expert).where(Expert.code == "ZJ-0001").values(employer=bureau))
    db.session.commit()
    case = played("awarded_by_score", keys, "elect")
    drawn = db.session.scalars(
        sa.select(Member).where(Member.case_id == case.id, Member.kind == "expert")
    ).all()
    tender, anybody = case.parent, district.test_client()
    page, data = anybody.get(f"/draws/{case.number}").text, anybody.get(f"/draws/{case.number}/1.json").text
    # three worked for a bidder within the last three years, one for the tenderer; one is of the bureau (T22)
    found = re.findall(r'<span class="mono">(\w+)</span>：(R\d) ([^<]+)</li>', page)
    assert sorted(code for _label, code, _why in found) == ["R1", "R1", "R1", "R2", "R3", "R5", "R6"]
    assert {why for _label, code, why in found if code == "R1"} == {"在投标人处任职，或者离职不满三年"}
    assert not {label for label, _code, _why in found} & {member.label for member in drawn}
    for member in drawn:
        assert member.label in page
        assert member.label in data
        assert not re.search(rf"{member.name}(?![一二三四五六七八九十])", page + data)
    assert "ZJ-00" not in page + data
    assert anybody.get(f"/draws/{case.number}/2.json").status_code == 404
    assert b"def draw(" in anybody.get("/draws/draw_verify.py").data

    # by invitation: for those who may read the tender, and the parties of the evaluation
    invited = [{"enterprise": str(by_login(who).home_id)} for who in ("ent1", "ent2", "ent3")]
    tender.variables = {**(tender.variables or {}), "method": "invited", "invitees": invited}
    moments = {"opened_at": tender.opened_at, "closes_at": tender.opened_at}
    db.session.add(bids.Bidding(case_id=tender.id, tender=tender.number, needed=2, check="", **moments))
    db.session.commit()
    addresses = (f"/draws/{case.number}", f"/draws/{case.number}/1.json")
    readers = {who: visitor(district, who) for who in ("ent1", "ent4", "dev1", "dev2")}
    got = {
        who: {client.get(address).status_code for address in addresses}
        for who, client in {**readers, "nobody": anybody}.items()
    }
    assert got == {"ent1": {200}, "dev1": {200}, "ent4": {404}, "dev2": {404}, "nobody": {404}}


@pytest.mark.parametrize(
    ("story", "candidates", "rejected"),
    [("dissent_and_silence", [3, 1, 2], [5]), ("all_rejected", [], [1, 2, 3, 4, 5])],
)
def test_t23_t38_the_report_notes_who_did_not_sign_and_the_tender_is_told_how_it_came_out(
    district: Flask,
    keys: dict[str, int],
    story: str,
    candidates: list[int],
    rejected: list[int],
) -> None:
    case = stories.Player(stories.read(STORIES / f"{story}.yaml"), keys).play()
    jobs = db.session.scalars(sa.select(Job).where(Job.kind == "tell", Job.case_id == case.id))
    found = [job.about for job in jobs if job.about["message"] == "evaluated"]
    assert len(found) == 1
    assert found[0]["correlation"] == case.facts["concerned"]["number"]
    payload = found[0]["payload"]
    assert [c["no"] for c in payload["candidates"]] == candidates
    assert [c["rank"] for c in payload["candidates"]] == list(range(1, len(candidates) + 1))
    assert [r["no"] for r in payload["rejected"]] == rejected
    assert payload["all_rejected"] is (not candidates)
    assert re.fullmatch(r"云房评〔2026〕\d+号", payload["report"])
    report = next(one for one in papers.of(case.id) if one.number == payload["report"])
    opinions = Counter(one["says"] for one in report.data["signatures"])
    silent = ("拒绝签字且未书面说明理由，视为同意", "未签字且未书面说明理由，视为同意")
    assert [opinions[one] for one in silent] == ([1, 1] if candidates else [0, 0])
    assert [one["dissent"][:9] for one in report.data["dissents"]] == (
        ["认为第一候选人的人"] if candidates else []
    )


def test_bids_that_do_not_comply_are_rejected_and_too_few_left_may_all_be(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("lowest_price", keys, "sign")
    assert [(r["no"], r["ground"]) for r in case.variables["rejected"]] == [(2, "5"), (3, "6"), (5, "5")]
    assert "7 名成员中 7 名认定不符合" in case.variables["rejected"][1]["reason"]
    assert [b["no"] for b in case.variables["compliant"]] == [1, 4]
    assert [c["no"] for c in case.variables["candidates"]] == [1, 4]
    case = played("lowest_price", keys, "report")
    (report,) = (s for s in lists.open_steps(case.id) if s.element == "report")
    said = {"recommendation": "仅余两份，报价接近，明显缺乏竞争", "matters": "无", "count_candidates": None}
    do(report, case.variables["head"]["user"], {**said, "veto_scored": "yes"})
    assert case.variables["all_rejected"] is case.variables["veto_all"] is True
    assert case.variables["candidates"] == []
    assert [r["no"] for r in case.variables["turned_down"]] == [1, 2, 3, 4, 5]
    assert "不足三份" in case.variables["turned_down"][0]["reason"]


def test_an_expert_who_was_not_drawn_meets_nothing_of_the_tender(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("awarded_by_score", keys, "formal")
    drawn = {m.organisation_id for m in seats.of(case.id)}
    experts = sa.select(User.login, Post.organisation_id).join(Post).where(User.login.like("exp%"))
    login = next(login for login, at in db.session.execute(experts) if at not in drawn)
    tender, formal = case.parent, next(s for s in lists.steps(case.id) if s.element == "formal")
    with clock.at(NOW):
        client = visitor(district, login)
        for page in (
            f"/case/{case.number}", f"/case/{tender.number}", f"/step/{formal.id}", "/experts/", "/relations/",
            "/violations/", "/admin/", f"/tenders/{tender.number}/opening", f"/tenders/{tender.number}/bids/1",
        ):  # fmt: skip
            assert client.get(page).status_code in (403, 404), page
        for page in ("/cases", "/inbox", "/inbox?box=done"):
            shown = client.get(page)
            assert shown.status_code == 200, page
            assert case.number not in shown.text, page
            assert tender.number not in shown.text, page


def test_only_those_who_call_and_each_other_know_the_experts_before_the_result(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("lowest_price", keys, "statement")  # all have answered the call
    experts = {m.name for m in seats.of(case.id) if m.kind == "expert"}
    done = [s.id for s in lists.steps(case.id) if s.element == "call" and s.status == "done"]
    know: dict[str, set[str]] = {}
    with clock.at(NOW):
        for login in ("dev1", "win1", "str1", "exa1"):
            client = visitor(district, login)
            page = client.get(f"/case/{case.number}").text
            know[login] = {one for one in experts if re.search(f"{one}(?![一二三四五六七八九十])", page)}
            opened = [client.get(f"/case/{case.number}/step/{one}").status_code for one in done]
            assert set(opened) == ({200} if login == "exa1" else {404}), login
    assert not know["dev1"] | know["win1"] | know["str1"]
    assert know["exa1"]

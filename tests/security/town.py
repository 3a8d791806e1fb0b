"""A town under way for the security tests: two districts, cases at every desk, unique texts in all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import linked
import seated
import sqlalchemy as sa
import tendered
from flask import Flask
from flask.testing import FlaskClient
from kept import KeptDatabase, KeptFile

from casework import (
    appraisals,
    cases,
    clock,
    files,
    letters,
    notices,
    packages,
    papers,
    places,
    procedures,
    releases,
    standing,
    stories,
    workbooks,
    worker,
    yaml,
)
from casework.committee import Expert, draw, ties
from casework.db import Base, db, row
from casework.people import Organisation, Post, User, applications, links
from casework.stories.town import SINCE, cast

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
NOW = clock.at_local(date(2026, 3, 25), 10)
PASSWORD = "yunhe-yanshi-2026"

#: Who walks through the house: the name in the table, and the login. The word `far` is somebody of the
#: same kind who has no part in the cases; the district on the other side of the river is far as a whole.
LOGINS = {
    "dev": "dev1", "dev_far": "dev2", "dev_adm": "dev1-admin",
    "win": "win1", "exa": "exa1", "head": "head1", "win_far": "win-far", "head_far": "head-far",
    "str": "str2", "str_far": "str4", "com": "com5", "com_far": "com13",
    "ent": "ent8", "ent_far": "ent2", "aud": "aud1", "aud_far": "aud-far",
    "adm": "admin1", "adm_far": "admin-far",
    "own": "oc1", "own_far": "oc-far",
}  # fmt: skip
#: The experts are who was drawn.
DRAWN = ("exp", "exp_far")
ROLES = ("anon", *LOGINS, *DRAWN)

#: Unique texts, where they are, and who may read them. Nobody else may meet them on any page.
OFFICES = {"win", "exa", "head", "aud"}
CANARIES = {
    "MANAGER-AEGLE": {"dev", "str", *OFFICES},  # an answer of the approval; the notice does not repeat it
    "CONTACT-BAZA": {"dev", "str", *OFFICES},  # a person named in it
    "FILE-CORVUS": {"dev", "str", *OFFICES},  # the name of an attachment of it
    "SEEN-DREPANIS": {"dev", "str", *OFFICES},  # a finding of the examiner
    "HALL-EGRETTA": {"dev", "str", "com", "ent", *OFFICES},  # an answer of the acceptance
    "PAPER-FALCO": {"dev", "str", *OFFICES},  # the bytes of a paper
    "LETTER-GAVIA": {"dev", "win", "exa", "head"},  # a letter of the case: the file, and whom it went to
    "LINK-HIRUNDO": set(),  # the token of a link in a letter
    "DRAFT-IBIS": {"dev"},  # typed and not submitted
    "DRAFT-JYNX": {"win"},  # typed by the window into its step
    "PLAN-KETUPA": {"dev", "str", "com", *OFFICES},  # a project no enterprise serves yet
    "ROOM-LARUS": {"dev", "str", "com", *OFFICES},  # the reason why its figures were changed
    "MEND-MERGUS": {"str", "str_far", "com", "com_far", "ent", *OFFICES},  # a rectification, not public
    "SCAN-NUCIFRAGA": {"str", "str_far", "com", "com_far", "ent", *OFFICES},  # the paper it rests on
    "APPLY-OTUS": {"win"},  # the telephone of a company that applies for an account
    "LICENCE-PICA": {"win"},  # its licence
    "ORDER-QUELEA": {"dev", "str", *OFFICES},  # a notice that was taken down: only in the case
    "ROOM-RALLUS": {"dev", "str", "com", "ent", *OFFICES},  # a room of their project
    "LIFT-SITTA": {"dev", "str", "com", "ent", *OFFICES},  # a lift of it
    "OILED-STURNUS": {"dev", "str", "com", "ent", *OFFICES},  # what was done to the lift
    "TABLE-TURDUS": {"win", "exa", "head"},  # a table that the bureau is about to import
    tendered.SEALED: set(),  # the service plan of a bid before the opening
    tendered.OPENED: {"dev", "ent", "exp"},  # after it: its bidder, the lane of procedure.yaml, the committee
    seated.SCORED: set(),  # before all members have scored only whoever did: not the other members either
    seated.ASKED: {"own", "str", *OFFICES},  # a person in the application of an owners' committee
    seated.FILED: {"own", "str", *OFFICES},  # and its paper
}


def _printed(table: sa.FromClause) -> str:
    """The statement for the fingerprint of a table of PostgreSQL: all columns of all rows, in order."""
    rows = "coalesce(string_agg(row::text, chr(10) ORDER BY row::text), '')"
    return f"SELECT '{table}', encode(sha256(convert_to({rows}, 'UTF8')), 'hex') FROM \"{table}\" AS row"  # noqa: S608


@dataclass
class Town:
    """The running office with a signed-in browser for each role, and the address parts of its objects."""

    app: Flask
    place: Path
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def on_sqlite(self) -> bool:
        return self.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")

    def browser(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        if role in self.cookies:
            client.set_cookie("tendover", self.cookies[role])
        return client

    def address(self, endpoint: str, about: str) -> str:
        with self.app.test_request_context():
            return self.app.url_for(endpoint, **self.objects[about])

    # -- what is in the database

    def prints(self) -> dict[str, str]:
        """A fingerprint of the rows of every table."""
        with self.app.app_context():
            tables = Base.metadata.sorted_tables
            if not self.on_sqlite:  # the server reckons them itself, in a tenth of the time
                return dict(db.session.execute(sa.text(" UNION ALL ".join(map(_printed, tables)))).all())
            found = {}
            for table in tables:
                rows = db.session.execute(sa.select(table)).all()
                text = "\n".join(sorted(map(repr, map(tuple, rows))))
                found[table.name] = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        return found

    def keep(self) -> None:
        """Remember how everything stands now."""
        url = sa.make_url(self.app.config["SQLALCHEMY_DATABASE_URI"])
        sqlite = self.on_sqlite
        self.kept = (
            KeptFile(self.place, self._close) if sqlite else KeptDatabase(url, self._close, self.prints)
        )

    def changed(self) -> bool:
        """Whether anybody has written anything since the last time."""
        return self.kept.changed()

    def again(self) -> None:
        """Everything as it was when it was kept."""
        self.kept.again()

    def _close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            if self.on_sqlite:
                with db.engine.connect() as connection:
                    connection.exec_driver_sql("COMMIT")
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()

    def end(self) -> None:
        self._close()
        self.kept.end()

    @contextmanager
    def setting(self, **config: Any) -> Iterator[None]:
        """Inside the block the office has other settings."""
        before = {key: self.app.config[key] for key in config}
        self.app.config.update(config)
        try:
            yield
        finally:
            self.app.config.update(before)


def build(app: Flask, place: Path) -> Town:
    """Fill a fresh copy of the demo district; the clock stands still at NOW."""
    town = Town(app, place)
    with app.app_context():
        keys = stories.organisations(yaml.read((WORKFLOWS / "demo" / "people.yaml").read_text("utf-8")))
        _beyond_the_river(keys)
        db.session.execute(sa.update(User).values(totp_secret=None))
        db.session.commit()
        about, drawn = seated.fill(keys)  # before the others: its clock would pass their deadlines
        town.objects |= about
        _cases(town, keys)
        _linked(town)
        town.objects |= tendered.fill(town.place / "tendered", NOW)
        seated.judges(town.objects["panel"]["number"], town.objects["tender-opened"]["number"])
        _registers(town, keys)
        _holdings(town)
        _people(town, keys)
        db.session.commit()
        worker.checkpoint(clock.now())
    _strangers(town.objects)
    for role, login in (LOGINS | drawn).items():
        client = app.test_client()
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 302, (role, login)
        town.cookies[role] = client.get_cookie("tendover").value
    draft, step = town.address("apply.fill", "draft"), town.address("desk.step", "step-win")
    _type(town.browser("dev"), draft, {"contact": "DRAFT-IBIS"})
    _type(town.browser("win"), step, {"window_note": "DRAFT-JYNX"})
    return town


def _type(client: FlaskClient, page: str, words: dict[str, str]) -> None:
    """Somebody types into a form and leaves it."""
    sections = re.findall(r'name="_section" value="([^"]*)"', client.get(page).text)
    answer = client.post(f"{page}/save", data={"_section": sections, **words})
    assert answer.status_code == 200, page


def _post(login: str) -> Post:
    found = sa.select(Post).join(User, Post.user_id == User.id).where(User.login == login)
    return db.session.scalars(found.order_by(Post.id)).first()


def _beyond_the_river(keys: dict[str, int]) -> None:
    """A second district with its own bureau, auditor and administrator; and a developer's administrator."""
    sealed = db.session.scalars(sa.select(User.password_hash).where(User.login == "dev1")).one()
    city = db.session.get_one(Organisation, keys["city"])
    district = Organisation(kind="district", name="对岸区", parent_id=city.id)
    db.session.add(district)
    db.session.flush()
    bureau = Organisation(kind="bureau", name="对岸区住建局", parent_id=district.id)
    db.session.add(bureau)
    db.session.flush()
    keys["far"], keys["far_bureau"] = district.id, bureau.id
    for login, home, role in (
        ("win-far", bureau.id, "window"), ("head-far", bureau.id, "head"), ("aud-far", district.id, "auditor"),
        ("admin-far", district.id, "admin"), ("dev1-admin", keys["dev1"], "admin"),
    ):  # fmt: skip
        user = User(login=login, name=f"远处{login}", password_hash=sealed, home_id=home, made_at=NOW)
        db.session.add(user)
        db.session.flush()
        db.session.add(Post(user_id=user.id, organisation_id=home, role=role, starts_on=SINCE))
    seated.committee_beyond(keys, sealed, NOW)


# -- cases


def _told(name: str, steps: int, project: str, **roles: str) -> stories.Story:
    """A story with unique texts among its answers."""
    key, _, file = name.partition("/")
    told = cast(stories.read(WORKFLOWS / key / "stories" / f"{file}.yaml"), roles, project)
    shared = deepcopy(told.answers)
    answers = shared[key]
    if key == "exemption":
        answers["small"] |= {"manager": "MANAGER-AEGLE", "contact": "CONTACT-BAZA"}
        answers["small"]["file_fee"] = ["FILE-CORVUS.pdf"]
        answers["review"]["finding_reason"] += "SEEN-DREPANIS"
    else:
        answers["four"]["contact"] = "HALL-EGRETTA"
    return replace(told, answers=shared, steps=told.steps[:steps])


def _cases(town: Town, keys: Mapping[str, int]) -> None:
    def play(*args: Any, **roles: str) -> cases.Case:
        case = stories.Player(_told(*args, **roles), keys).play()
        assert case is not None
        return case

    stamping = play("acceptance/all_confirmed", 0, "YH-021", dev7="dev1")
    ended = play("exemption/small_approved", 99, "YH-001")
    deciding = play("exemption/small_approved", 5, "YH-021")
    correcting = play("exemption/corrected_soon", 1, "YH-021")
    received = play(
        "exemption/small_approved", 0, "YH-021"
    )  # last: the clock of a later story would pass its deadline
    assert ended.status == "ended"
    about = town.objects
    about["case"] = {"number": ended.number}
    about["open-case"] = {"number": received.number}
    about["four-parties"] = {"number": stamping.number}
    for case, name in ((received, "step-win"), (deciding, "step-head"), (correcting, "step-dev")):
        about[name] = {"step_id": _step(case).id}
    by_kind = {step.organisation.kind: step for step in cases.lists.open_steps(stamping.id)}
    for kind, name in (("bureau", "exa"), ("street", "str"), ("community", "com"), ("enterprise", "ent")):
        about[f"step-{name}"] = {"step_id": by_kind[kind].id}
    first = db.session.scalars(
        sa.select(cases.Step).where(cases.Step.case_id == ended.id, cases.Step.token == "start")
    ).one()
    about["answers"] = {"number": ended.number, "step_id": first.id}
    review = db.session.scalars(
        sa.select(cases.Step).where(cases.Step.case_id == ended.id, cases.Step.element == "review")
    ).first()
    about["finding"] = {"number": ended.number, "step_id": review.id}
    about["file"] = {"number": ended.number, "file_id": int(first.answers["file_fee"][0]["id"])}
    _paper(town, ended)
    about["letter"] = {"number": ended.number, "letter_id": _letters(ended)}
    draft = cases.Draft(
        user_id=_post("dev1").user_id,
        key="exemption",
        project_id=received.project_id,
        raw={},
        files={},
        saved_at=NOW,
    )
    db.session.add(draft)
    db.session.flush()
    about["draft"] = {"draft_id": draft.id}
    _pictures(town, ended, draft, correcting)
    about["form"] = {"version_id": ended.version_id, "form": ended.procedure.asks}
    about["procedure"] = {"key": "exemption"}
    hung = db.session.scalars(sa.select(notices.Notice).where(notices.Notice.case_id == ended.id)).first()
    about["notice"] = {"notice_id": hung.id}
    said = releases.publish(
        ended.id, f"ocds-000000-{ended.number}", "tender", {"language": "zh"}, now=clock.now()
    )
    assert said is not None
    about["release"] = {"release_id": said.id}
    about["process"] = {"ocid": said.ocid}
    gone = notices.publish(
        notices.Notice(
            case_id=ended.id, kind="exemption", title="ORDER-QUELEA", title_en="", body="ORDER-QUELEA", body_en="",
            published_at=NOW, withdrawn_at=NOW,
        )
    )  # fmt: skip
    about["notice-taken-down"] = {"notice_id": gone.id}


def _pictures(town: Town, case: cases.Case, draft: cases.Draft, correcting: cases.Case) -> None:
    """A photograph in a case, one in an application that is being written, one in a step that is being answered."""

    def kept() -> dict[str, Any]:
        file = files.keep("现场.png", stories.samples.sample("a.png"))
        return {"id": str(file.id), "name": file.name, "size": file.size}

    about, step = town.objects, _step(correcting)
    first = db.session.get(cases.Step, about["answers"]["step_id"])
    assert first is not None
    inside, begun, written = kept(), kept(), kept()
    first.answers = {**first.answers, "file_fee": [*first.answers["file_fee"], inside]}
    draft.files = {"file_fee": [begun]}
    writing = cases.Draft(
        user_id=_post("dev1").user_id,
        step_id=step.id,
        raw={},
        files={"file_supplement": [written]},
        saved_at=NOW,
    )
    db.session.add(writing)
    about["picture"] = {"number": case.number, "file_id": int(inside["id"]), "size": "thumb"}
    about["picture-begun"] = {**about["draft"], "file_id": int(begun["id"]), "size": "thumb"}
    about["picture-step"] = {"step_id": step.id, "file_id": int(written["id"]), "size": "large"}
    about["picture-elsewhere"] = {**about["picture-step"], "file_id": int(inside["id"])}


def _linked(town: Town) -> None:
    """A call that others may ask about, and one of the same developer that is not out yet."""
    with clock.at(NOW):
        for key, folder in linked.folders(town.place / "linked").items():
            procedures.install(key, folder, NOW)
        code = sa.select(places.Project.id).where(places.Project.code == "YH-001")
        for name, published in (("query", True), ("query-early", False)):
            asked = {"topic": "物业服务", "topic_question": "何时踏勘"}
            project_id = db.session.scalars(code).one()
            case = cases.open_case("call", by=_post("dev1"), answers=asked, project_id=project_id)
            if published:
                cases.complete(_step(case).id, by=_post("win1"), answers={"further": "wait"})
            town.objects[name] = {"key": "query", "about": case.number}


def _step(case: cases.Case) -> cases.Step:
    return cases.lists.open_steps(case.id)[0]


def _paper(town: Town, case: cases.Case) -> None:
    """The Word file as the worker would have made it, from a few bytes."""
    paper = next(p for p in papers.of(case.id) if p.code == "D17")
    word = files.store("PAPER-FALCO.docx", "docx", b"PAPER-FALCO")
    paper.docx_id, paper.docx_sha256 = word.id, word.sha256
    town.objects["paper"] = {"number": case.number, "paper_id": paper.id, "kind": "docx"}
    town.objects["stamped-copy"] = {"number": case.number, "paper_id": paper.id}
    town.objects["code"] = {"code": paper.verification}
    _package(town, case)


def _package(town: Town, case: cases.Case) -> None:
    """An export of the case, as the worker would have made it."""
    kept, by = files.store(f"{case.number}.zip", "zip", b"PAPER-FALCO"), _post("head1")
    made = packages.Package(
        case_id=case.id, case_number=case.number, title=case.title, title_en=case.title_en, post_id=by.id, who="-",
        organisation_id=by.organisation_id, ordered_at=NOW, state=packages.READY, made_at=NOW, file_id=kept.id,
        sha256=kept.sha256, size=kept.size, retention="30年",
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    town.objects["package"] = {"package_id": made.id}
    said = appraisals.Appraisal(
        case_id=case.id, organisation_id=by.organisation_id, opinion="forever", reason="重要", post_id=_post("win1").id,
        who="归档员", proposed_at=NOW,
    )  # fmt: skip
    db.session.add(said)
    db.session.flush()
    town.objects["appraisal"] = {"appraisal_id": said.id}


def _letters(case: cases.Case) -> int:
    body = "LETTER-GAVIA http://localhost/link/LINK-HIRUNDO 请在 7 日内打开。"
    letter = letters.send(_post("dev1").user_id, "LETTER-GAVIA", body, now=NOW, case_id=case.id)
    letters.deliver(letter, "", "office@yunhe.example", NOW)
    return letter.id


# -- registers and people


def _registers(town: Town, keys: Mapping[str, int]) -> None:
    clerk, about = _post("win1"), town.objects
    facts = {
        "name": "PLAN-KETUPA", "address": "云河路 1 号", "developer_id": keys["dev1"], "street_id": keys["str2"],
        "community_id": keys["com5"], "building_type": "高层", "buildings": 1, "households": 9,
        "property_class": "市场化", "sale_mode": "预售", "gfa_total": 9000, "gfa_residential": 8000,
        "delivery_planned": date(2027, 6, 30),
    }  # fmt: skip
    plan = places.register(facts, by=clerk)
    scan = files.store("ROOM-LARUS.pdf", "pdf", b"ROOM-LARUS")
    places.change_sizes(plan, {"gfa_total": 9100}, by=clerk, reason="ROOM-LARUS", file_id=scan.id)
    served = db.session.scalars(sa.select(places.Project).where(places.Project.code == "YH-021")).one()
    if served.enterprise_id is None:
        places.entrust(served, keys["ent8"], by=clerk)
    about["plan"] = {"project_id": plan.id}
    about["plan-paper"] = {"project_id": plan.id, "version": 2}
    about["served-project"] = {"project_id": served.id}
    ent8 = db.session.get_one(Organisation, keys["ent8"])
    paper = files.store("SCAN-NUCIFRAGA.pdf", "pdf", b"SCAN-NUCIFRAGA")
    mend = standing.record(
        "rectification", ent8, by=_post("head1"), begins=date(2026, 2, 10), reason="MEND-MERGUS",
        document="云房整〔2026〕9号", basis="区物业管理工作方案 第三条", score="58", file_id=paper.id,
    )  # fmt: skip
    db.session.flush()
    about["enterprise"] = {"enterprise_id": ent8.id}
    tie = standing.add_relation(
        "holding", standing.Body("上级公司"), standing.Body("", organisation_id=ent8.id), by=_post("head1"),
        begins=date(2025, 1, 1), document="报告", file_id=paper.id,
    )  # fmt: skip
    about["relation"] = {"relation_id": tie.id}
    about["record"] = {"enterprise_id": ent8.id, "record_id": mend.id}
    about["new-record"] = {"enterprise_id": ent8.id, "kind": "rectification"}
    about["new-ban"] = {"enterprise_id": ent8.id, "kind": "ban"}


def _holdings(town: Town) -> None:
    """A room and a lift of the project that is served, a record of the lift, and a table about to come in."""
    clerk, about = _post("win1"), town.objects
    project = db.session.get_one(places.Project, about["served-project"]["project_id"])
    source, own = places.Source(clerk, "补登"), {"project_id": project.id}
    room = {**own, "code": "YF-09", "kind": "office", "name": "ROOM-RALLUS", "area": 100}
    lift = {**own, "code": "DT-09", "kind": "lift", "name": "LIFT-SITTA", "quantity": 1, "unit": "台"}
    (room_id,) = places.add_parts("room", [room], source)
    (lift_id,) = places.add_parts("facility", [lift], source)
    done = {**own, "facility_id": lift_id, "kind": "upkeep", "on": date(2026, 3, 1), "what": "OILED-STURNUS"}
    (record_id,) = places.add_parts("record", [done], source)
    about["room"], about["facility"] = {"room_id": room_id}, {"facility_id": lift_id}
    about["facility-record"] = {"record_id": record_id}
    about["list-room"], about["list-facility"] = {"register": "room"}, {"register": "facility"}
    sheet = places.tables.FACILITIES
    row = {
        "project": project.code,
        "code": "DT-10",
        "kind": "lift",
        "name": "TABLE-TURDUS",
        "quantity": 1,
        "unit": "台",
    }
    data = workbooks.workbook(sheet, [[row.get(column.name) for column in sheet.columns]])
    file = files.keep("TABLE-TURDUS.xlsx", data)
    table = places.importing.receive(
        "facility", file.name, places.importing.Sent.of("facility", data), by=clerk, file_id=file.id
    )
    assert table.shown["counts"]["new"] == 1
    about["import"] = {"import_id": table.id}


def _people(town: Town, keys: Mapping[str, int]) -> None:
    about = town.objects
    licence = files.store("LICENCE-PICA.pdf", "pdf", b"LICENCE-PICA")
    company = Organisation(
        kind="developer", name="云河待核置业有限公司", parent_id=keys["district"], state="applied",
        code="91999999MA0000012T", phone="APPLY-OTUS", contact="APPLY-OTUS", email="new@yunhe.example",
    )  # fmt: skip
    db.session.add(company)
    db.session.flush()
    asked = applications.AccountApplication(
        organisation_id=company.id, district_id=keys["district"], licence_id=licence.id,
        licence_name="LICENCE-PICA.pdf", applied_at=NOW,
    )  # fmt: skip
    db.session.add(asked)
    dev2 = _post("dev2")
    token = links.make(dev2.user, links.RESET)
    db.session.flush()
    about["application"] = {"application_id": asked.id}
    expert = db.session.scalars(sa.select(Expert).where(Expert.code == "ZJ-0015")).one()
    ended = db.session.scalars(sa.select(cases.Case).where(cases.Case.status == "ended")).first()
    nobody = ties.Around(bidders={}, tenderer={})
    failed = draw.fix_pool(ended.id, {"A01": 1}, 2, nobody, district_id=keys["district"], now=NOW)
    failed.state = "failed"
    about["drawn"] = {"number": ended.number}
    about["drawn-data"] = {"number": ended.number, "draw": 1}
    about["expert"] = {"expert_id": expert.id}
    about["expert-tie"] = {"expert_id": expert.id, "tie_id": expert.ties[0].id}
    about["organisation"] = {"organisation_id": keys["dev1"]}
    about["district"] = {"organisation_id": keys["district"]}
    about["person"] = {"user_id": _post("dev1").user_id}
    about["post"] = {"post_id": _post("dev1").id}
    about["link"] = {"token": token}
    about["look"] = {"filename": "app.css"}
    about[""] = {}


def _strangers(about: dict[str, dict[str, Any]]) -> None:
    """Addresses that name a thing of one owner under another: nobody may reach it that way."""
    other = about["open-case"]["number"]
    for name in ("answers", "file", "letter", "paper", "stamped-copy"):
        about[f"{name}-elsewhere"] = {**about[name], "number": other}
    about["record-elsewhere"] = {**about["record"], "enterprise_id": about["record"]["enterprise_id"] - 1}
    for name, act in (
        ("reopen", "open"),
        ("sign-out", "leave"),
        ("invite", "link"),
        ("close", "close"),
        ("device", "code"),
    ):
        about[f"person-{name}"] = {**about["person"], "act": act}


def plain(text: str) -> str:
    """A page without what differs between two visits: tokens, and the address that was asked for."""
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    text = re.sub(r'name="_act" value="[^"]*"', "", text)
    return re.sub(r'name="next" value="[^"]*"', "", text)


__all__ = ["CANARIES", "LOGINS", "NOW", "PASSWORD", "ROLES", "Town", "build", "plain", "row"]

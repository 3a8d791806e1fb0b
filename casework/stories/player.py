"""Plays a story through the same verbs as the pages: forms judge the answers, rules ask, the clock runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import sqlalchemy as sa

from casework import cases, clock, files, forms, places, procedures, worker
from casework.cases import asking, begun, drafts, facts, links
from casework.cases.model import Case, Step, Timer
from casework.db import db
from casework.errors import OfficeError
from casework.people import Organisation, Post, by_login, holders, in_force
from casework.places import Project
from casework.stories import cast, samples, sealing
from casework.stories.story import Story, exact, moment

#: Who acts where chance decides: whoever has the first open instance of a step, or everybody who has one.
WHOEVER = frozenset({"first", "all"})
#: Jobs that a story does not wait for: Word files are made afterwards.
LATER = frozenset({"paper"})
#: How long somebody types an application that is not sent yet.
TYPING = timedelta(minutes=40)


class Astray(AssertionError):
    """The story went otherwise than it is written; names the story, the step and what happened."""


class Refusal(Exception):
    """The office said no: the sentences a person would read."""


Watch = Callable[[Mapping[str, Any], Case | None], None]


class Player:
    """Plays one story in the open database; every act is committed, as a page would.

    A story may carry several linked cases. Each has a name in it: the key of its procedure, or its `as`.
    """

    def __init__(self, story: Story, organisations: Mapping[str, int], watch: Watch | None = None) -> None:
        self.story, self.organisations, self.watch = story, organisations, watch
        self.cast = cast.Cast()

    @property
    def case(self) -> Case | None:
        """The case the story is about."""
        return self.cast.of(self.story.key) if self.story.key in self.cast.names else None

    def of(self, name: str) -> Case:
        """One of the cases of the story by its name in it."""
        found = self.cast.of(name)
        if found is None:
            raise Astray(f"{self.story.name}: there is no case {name} yet")
        return found

    def play(self, stop_after: int | None = None) -> Case | None:
        """To the end, or the first `stop_after` steps; None when the application itself is refused."""
        for _written, do in self.acts(stop_after):
            do()
        return self.case

    def acts(self, stop_after: int | None = None) -> Iterator[tuple[str, Callable[[], None]]]:
        """What happens, one after the other: all that is written about it, and how it is done.

        Stories whose acts are written alike up to some point stand at that point alike.
        """
        story = self.story
        if story.before is not None:
            first = Player(story.before, self.organisations)
            first.cast = self.cast
            yield from ((f"before: {written}", do) for written, do in first.acts())
            yield f"concerned by {story.key}", self._concern
        told = f"{story.key}, {story.project}"
        if story.stands is not None:
            yield f"{told}: {story.stands} {story.starts}", partial(self._stand_in, story.stands)
        yield f"{told}: {story.starts}", partial(self._act, story.starts, self._start)
        for part in story.steps[:stop_after]:
            yield f"{told}: {part}", partial(self._act, part)

    def prepare(self, leaves: Collection[str] = ()) -> None:
        """The application as its starter has it before it is sent; `leaves`: what is not filled in yet.

        Where the drawing of another case has begun it, its starter goes on with that one.
        """
        part, key = self.story.starts, self.story.key
        by, procedure = self._post(part["who"]), procedures.of(procedures.current(key))
        form = procedure.forms[procedure.asks]
        says = {k: self._value(v) for k, v in exact(self.story.says(part)).items() if k not in leaves}
        arriving = {k: [self._upload(name) for name in says[k]] for k in form.uploads if k in says}
        at, project_id = moment(part["at"]), self._project().id
        with clock.at(at):
            draft = next(iter(begun.waiting(key, by=by, project_id=project_id)), None)
            if draft is not None:
                begun.take(draft.id, by=by, now=at)
            else:
                draft = drafts.begin(key, by=by, project_id=project_id, now=at)
        with clock.at(later := at + TYPING):
            typed = sealing.typed(form, says, {})
            bound = drafts.bind_application(
                draft, by=by, lang="zh", now=later, formdata=typed, uploads=arriving
            )
            drafts.keep(draft, bound, by=by, now=later)
            db.session.commit()

    def _concern(self) -> None:
        """The case told first is the one that the story's own concerns."""
        assert self.story.before is not None  # noqa: S101  whoever calls this has asked
        self.cast.names["before"] = self.cast.names[self.story.before.key]
        self.cast.names.pop(self.story.key, None)

    def _kind(self, part: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], None]:
        for name in ("until", "withdraw", "tell", "does", "opens"):
            if name in part:
                return getattr(self, f"_{name}")  # type: ignore[no-any-return]
        verb = next((name for name in sealing.ACTS if name in part), None)
        if verb is not None:
            return lambda each: self._outside(verb, each)
        raise Astray(f"{self.story.name}: a step without a verb: {part}")

    def _act(self, part: Mapping[str, Any], do: Callable[[Mapping[str, Any]], None] | None = None) -> None:
        at = moment(part.get("at") or part["until"])
        self._pass_time(at)
        expected = part.get("refused")
        with clock.at(at):
            try:
                (do or self._kind(part))(part)
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
            if self.watch:
                self.watch(part, self.cast.of(self._name(part)))
            db.session.rollback()

    def _name(self, part: Mapping[str, Any]) -> str:
        """The case that a step is about: the one it names or opens, else the story's own."""
        return str(part.get("case") or part.get("as") or part.get("opens") or self.story.key)

    def _pass_time(self, until: datetime) -> None:
        """Let every timer fire at its own moment, as it would have."""
        mine = sa.select(sa.func.min(Timer.due)).where(Timer.case_id.in_(self.cast.ids()))
        while (due := db.session.scalar(mine)) is not None and due <= until:
            db.session.rollback()
            with clock.at(due):
                worker.work(due, leave=LATER)
            mine = sa.select(sa.func.min(Timer.due)).where(Timer.case_id.in_(self.cast.ids()))
        db.session.rollback()

    def _stand_in(self, given: Mapping[str, Any]) -> None:
        """A case of the other procedure that shows what the story says and does nothing."""
        at, project = moment(self.story.starts["at"]), self._project()
        with clock.at(at):
            case = cases.stand_in(
                given["procedure"],
                by=self._post(self.story.starts["who"]),
                project=project,
                shows=self._resolved(given["shows"]),
            )
            self.cast.enter(given["procedure"], case)
            self.cast.enter("before", case)
            db.session.commit()

    def _resolved(self, value: Any) -> Any:
        """Organisations by their ids, times of the wall clock as moments, exact numbers."""
        if isinstance(value, Mapping):
            if set(value) == {"organisation"}:
                return self.organisations[value["organisation"]]
            return {k: self._resolved(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._resolved(v) for v in value]
        return moment(value) if isinstance(value, datetime) else exact(value)

    # -- what can happen --------------------------------------------------------------------------------

    def _start(self, part: Mapping[str, Any]) -> None:
        about = self.of("before") if self.story.before or self.story.stands else None
        self._open(part, self.story.key, self.story.key, about)

    def _opens(self, part: Mapping[str, Any]) -> None:
        """Somebody applies for another case: about the story's own, the one named, or the `last` opened."""
        about = part.get("about", self.story.key)
        key = str(part["opens"])
        name = str(part.get("as") or key)
        self._open(part, key, name, self.of(self.cast.last if about == "last" else about) if about else None)

    def _open(self, part: Mapping[str, Any], key: str, name: str, about: Case | None) -> None:
        procedure = procedures.of(procedures.current(key))
        by, now = self._post(part["who"]), clock.now()
        if about is not None:
            links.follows(procedure, about, by=by, now=now)
        project = places.find(self._project().id, by=by) if procedure.subject == "project" else None
        known = facts.for_application(by, project or (about.project if about else None), now, about, key)
        answers = self._answers(
            procedure.forms[procedure.asks],
            self.story.says(part, key),
            known,
            asking.functions(now, procedure),
        )
        project_id = project.id if project else None
        case = cases.open_case(key, by=by, answers=answers, project_id=project_id, about=about)
        if elsewhere := part.get("profile"):  # as it goes in a place whose rules say otherwise
            case.facts = {**case.facts, "profile": {**case.facts["profile"], **elsewhere}}
        self.cast.enter(name, case)

    def _does(self, part: Mapping[str, Any]) -> None:
        case = self.of(self._name(part))
        steps = self._whoever(case, part) if part["who"] in WHOEVER else [self._step(case, part)]
        for step, by in steps:
            self._complete(case, step, by, part)

    def _complete(self, case: Case, step: Step, by: Post, part: Mapping[str, Any]) -> None:
        turn = cases.Turn(case, by, clock.now())
        known = facts.for_step(turn, step)
        form = turn.procedure.forms[step.form]
        said, sent = drafts.earlier(turn, step)
        given, known = self.story.says(part, case.key), known | said
        stands = drafts.stands(turn, step, known)
        answers = self._answers(form, given, known, turn.functions, sent=sent, stands=stands)
        proof = {"level": level, "means": "code"} if (level := turn.sign_level(step.element)) else None
        if not sealing.work_in_room(step, by, answers, proof):
            cases.complete(step.id, by=by, answers=answers, proof=proof)

    def _outside(self, verb: str, part: Mapping[str, Any]) -> None:
        """What bidders and the tenderer do outside the steps: `bids`, `confirms`, `takes_back`, `asks` …"""
        given, case = part[verb], self.of(self._name(part))
        says = exact(self.story.says({"says": given}, case.key)) if isinstance(given, Mapping) else given
        sealing.ACTS[verb](case, self._post(part["who"]), says)

    def _until(self, _part: Mapping[str, Any]) -> None:
        worker.work(clock.now(), leave=LATER)

    def _withdraw(self, part: Mapping[str, Any]) -> None:
        case = self.of(self._name(part))
        cases.withdraw(case.id, by=self._post(part["withdraw"]["who"]), reason=part["withdraw"]["reason"])

    def _tell(self, part: Mapping[str, Any]) -> None:
        payload = self._value(exact(part.get("says") or {}), int)
        cases.tell(part["tell"], payload, self.of(self._name(part)).number, clock.now())

    # -- who and what -----------------------------------------------------------------------------------

    def _project(self, code: str = "") -> Project:
        code = code or self.story.project
        named = sa.or_(Project.code == code, Project.name == code)  # what a story registers has no code yet
        found = db.session.scalars(sa.select(Project).where(named)).first()
        if found is None:
            raise Astray(f"{self.story.name}: no project {code}")
        return found

    def _post(self, login: str, fits: Callable[[Post], bool] = lambda _post: True) -> Post:
        user = by_login(login)
        posts = in_force(user, clock.today()) if user else ()
        found = next((post for post in posts if fits(post)), posts[0] if posts else None)
        if found is None:
            raise Astray(f"{self.story.name}: nobody signs in as {login}")
        return found

    def _whoever(self, case: Case, part: Mapping[str, Any]) -> list[tuple[Step, Post]]:
        """The open instances of a step, each with the person who may do it: who that is, a draw decides."""
        query = sa.select(Step).where(Step.case_id == case.id, Step.element == part["does"])
        steps = db.session.scalars(query.where(Step.status == "open").order_by(Step.id)).all()
        found = []
        for step in steps[: 1 if part["who"] == "first" else None]:
            posts = holders(step.organisation_id, step.roles.split(","), clock.today())
            user = step.item.get("user") if isinstance(step.item, Mapping) else None
            found += [(step, post) for post in posts if user in (None, post.user_id)][:1]
        if not found:
            raise Refusal(f"no open step {part['does']}")
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
        *,
        sent: Mapping[str, list[drafts.Kept]] | None = None,
        stands: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        values, kept = {}, dict(sent or {})
        for key, value in exact(says).items():
            own = next((each for each in form.lists if each.key == key), None)
            if key in form.uploads:
                kept[key] = [self._file(name) for name in value]
            elif own is not None and isinstance(value, Mapping):
                values[key] = _rows(own, value, known, functions)
            else:
                values[key] = _typed(form.by_key.get(key), self._value(value, known=known))
        before = {k: known[k] for k in form.keys if k in known} if stands is None else stands
        bound = form.bind(
            "zh",
            values={**before, **values},
            facts=known,
            files=kept,
            today=clock.today(),
            functions=functions,
        )
        if not bound.validate([section.id for section in form.sections]):
            raise Refusal("；".join(error.text for error in bound.errors()))
        answers = bound.answers()
        self._ask_written(bound, says)
        return answers

    def _ask_written(self, bound: forms.Bound, says: Mapping[str, Any]) -> None:
        """A story says only what a page lets its reader write."""
        shown = [key for key in says if (own := bound.form.by_key.get(key)) and bound.is_readonly(own)]
        if shown:
            raise Astray(f"{self.story.name}: the office itself fills in {', '.join(shown)}: leave it out")

    def _value(
        self, value: Any, write: Callable[[int], Any] = str, known: Mapping[str, Any] | None = None
    ) -> Any:
        """An answer with what it names replaced by ids; `write`: how those of organisations are written."""
        if isinstance(value, list):
            return [self._value(each, write, known) for each in value]
        if not isinstance(value, Mapping):
            return value
        if set(value) == {"organisation"}:
            return write(self.organisations[value["organisation"]])
        if set(value) == {"of", "row"}:  # the n-th of the options that the office gives
            return (known or {})[value["of"]][int(value["row"]) - 1]["value"]
        named = self._named(value)
        return named or {key: self._value(each, write, known) for key, each in value.items()}

    def _named(self, value: Mapping[str, Any]) -> str:
        """A case of the story: its number; a place by its name in the demo: its option; else nothing."""
        if set(value) == {"case"}:
            return self.of(value["case"]).number
        if set(value) == {"street", "community"}:
            ids = [self.organisations[key] if key else 0 for key in (value["street"], value["community"])]
            return "-".join(map(str, ids))
        return str(self._project(value["project"]).id) if set(value) == {"project"} else ""

    def _upload(self, name: str) -> tuple[str, BytesIO]:
        return name, BytesIO(samples.sample(name))

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
        title = rows.title.zh.evaluate({**known, **row}, functions) if rows and rows.title else None
        names = [row.get(rows.key if rows and rows.key else "key"), row.get("code"), title]
        mine: Mapping[str, Any] = next((given[str(name)] for name in names if str(name) in given), {})
        found.append({**dict(row), **every, **mine})
    return found


def organisations(about: Mapping[str, Any]) -> dict[str, int]:
    """The id of each organisation by its key in people.yaml."""
    ids = {o.name: o.id for o in db.session.scalars(sa.select(Organisation))}
    return {one["key"]: ids[one["name"]] for one in about["organisations"] if one["name"] in ids}

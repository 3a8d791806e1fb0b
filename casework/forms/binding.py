"""A form with somebody's answers: what was typed, what it means, what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from casework.engine import feel
from casework.errors import TooMuch
from casework.forms import edits, prose, uploads
from casework.forms.compiler import Compiled, Questions
from casework.forms.fields import Answer, Stored, wrong
from casework.forms.layout import Layout
from casework.forms.messages import around, spoken
from casework.forms.profile import INPUTS, Component, Rows, Text, listed
from casework.forms.settle import Settled, settle
from casework.forms.taken_over import TakenOver
from casework.forms.typed import Typed
from casework.words import both

#: Rows that a list may have when the page is made: as many as a form may allow (`maxRows`).
MOST_ROWS = 500


@dataclass(frozen=True)
class Error:
    """One mistake: the sentence, the control it leads to, the question's key and its section."""

    anchor: str
    text: str
    key: str
    section: str


class TooMany(TooMuch):
    """The office fills in more rows than a form holds; nothing can be typed before that is mended."""

    def __init__(self, label: Text, count: int) -> None:
        zh = f"“{label.zh}”有 {count:,} 行，超过一个列表 {MOST_ROWS} 行的上限，"
        en = f"“{label.en}” has {count:,} rows, more than the {MOST_ROWS} that a list of a form holds. "
        super().__init__(
            both(
                zh + "请联系系统管理员，改用按种类汇总填写的流程版本。",
                en + "Ask the administrator for a version of the procedure that lists them by kind.",
            )
        )


@dataclass(frozen=True)
class Row:
    """One row of a list. `given` is what the office put into it, never taken from the page; rows of one
    `group` stand together under its name.
    """

    index: str
    title: str
    group: str
    given: Mapping[str, Any]
    questions: Questions


def anchor(component: Component, answer: Answer) -> str:
    """The id of the control a mistake leads to: for a group of choices the first of them."""
    return f"{answer.id}-0" if component.type in ("radio", "checklist") and answer.options else answer.id


class Binding:
    """The form of one visitor. Nothing is stored here: the caller keeps `raw()`, the uploads, the answers."""

    def __init__(
        self, form: Layout, compiled: Compiled, lang: str, *,
        formdata: Any, draft: Mapping[str, Sequence[str]] | None, values: Mapping[str, Any],
        facts: Mapping[str, Any], files: Mapping[str, Sequence[Any]], uploads: Mapping[str, Sequence[Any]],
        sections: Collection[str] | None, today: dt.date | None, functions: Mapping[str, Any],
        rows: Mapping[str, Sequence[Any]], done: bool,
    ) -> None:  # fmt: skip
        self.form, self.compiled, self.lang = form, compiled, lang
        self.given, self.done = rows, done
        self.values, self.facts, self.today = values, facts, today
        self.functions = {"today": lambda scope: today, **functions} if today else functions
        self.shown = tuple(each.id for each in form.sections if sections is None or each.id in sections)
        self.judged: set[str] = set()
        #: where the pictures of kept files are, for the page; FILE and SIZE stand for a file's id and a size
        self.pictures = ""
        #: where the files of the case are, for the page; FILE stands for a file's id
        self.papers = ""
        #: addresses of cases the reader may read, by their number: where a row says one, it leads there
        self.cases: Mapping[str, str] = {}
        #: what was taken over from an earlier application, for the page to mark
        self.taken_over: TakenOver | None = None
        self._mistakes: dict[str, list[Error]] = {}
        self._take(formdata, draft)
        self._receive(files, uploads)
        self._answer()

    # -- taking in ---------------------------------------------------------------------------------------

    def _take(self, formdata: Any, draft: Mapping[str, Sequence[str]] | None) -> None:
        posted = Typed.of(formdata)
        self.typed = Typed.of(draft)
        self.wants = edits.pressed(posted) if formdata is not None else ""
        if formdata is not None:
            self.typed = edits.merged(self.form, self.typed, posted, self.shown)
            self._complete_rows()
            edits.change(self.form, self.typed, posted, self.wants)
        self.drop = [each.rpartition(":")[2] for each in posted.getlist("_drop")]

    def _complete_rows(self) -> None:
        """Rows the office gives are there even when nothing was typed in them."""
        for each in self.form.lists:
            if each.rows and each.rows.source and self.is_typed(each):
                for index, _context in self._contexts(each):
                    self.typed.texts.setdefault(f"{each.key}-{index}-{edits.MARK}", ["1"])

    def _receive(self, files: Mapping[str, Sequence[Any]], given: Mapping[str, Sequence[Any]]) -> None:
        dropped = set(self.drop)
        self.files = {
            key: [each for each in map(_stored, kept) if each.id not in dropped]
            for key, kept in files.items()
        }
        counts = {key: len(kept) for key, kept in self.files.items()}
        self.uploads, self.bad_files = uploads.judged(self.form, given, counts, self.lang)

    def keep(self, key: str, files: Sequence[Any]) -> None:
        """Tells the form which files a question has now, after the caller has stored its uploads."""
        self.files[key] = [_stored(each) for each in files]
        self.uploads.pop(key, None)
        self.questions.answer(key).data = self.files[key]
        self._mistakes.clear()

    # -- understanding -----------------------------------------------------------------------------------

    def is_typed(self, component: Component) -> bool:
        """Whether the component's section has been on a page that was posted or kept."""
        return component.section in self._seen

    @cached_property
    def _seen(self) -> frozenset[str]:
        return frozenset(self.typed.getlist(edits.SECTION))

    def _answer(self) -> None:
        self.known = {**self.facts, **self.values}
        self.questions = Questions(self.compiled.questions)
        for each in self.form.inputs:
            self._process(each, self.questions.answer(each.key), self.values.get(each.key, None), self.known)
        answered = {each.key: self.questions.answer(each.key).data for each in self.form.inputs}
        self.asked = {**self.known, **answered}  # what the choices of a row may depend on
        self.rows = {each.key: list(self._rows(each)) for each in self.form.lists}

    def _process(
        self, each: Component, answer: Answer, value: Any, known: Mapping[str, Any], asked: Any = None
    ) -> None:
        if each.options_from:
            answer.options = listed(each.options_from.evaluate(asked or known, self.functions))
        if each.type == "filepicker":
            new = [Stored("", upload.name, upload.size) for upload in self.uploads.get(each.key, ())]
            answer.process(None, [*self.files.get(each.key, ()), *new])
            return
        value = self._default(each, known) if value is None else value
        typed = self.is_typed(each) or answer.name in self.typed  # the office may fill in some
        source = self.typed if typed and not self.is_readonly(each, known) else None
        answer.process(source, _plain(each, value))

    def papers_of(self, each: Component) -> Mapping[str, Sequence[Stored]]:
        """By option, the files that were sent earlier and are judged there."""
        found = each.papers.evaluate(self.known, self.functions) if each.papers else None
        listed = found.items() if isinstance(found, Mapping) else ()
        return {
            str(option): [
                Stored(str(one["id"]), str(spoken(one["name"], self.lang)), int(one["size"])) for one in files
            ]
            for option, files in listed
            if isinstance(files, list | tuple)
        }

    def is_readonly(self, each: Component, known: Mapping[str, Any] | None = None) -> bool:
        """Whether the answer may only be read; it is then never taken from the page."""
        if isinstance(each.readonly, feel.Expression):
            known = self.known if known is None else known
            return each.readonly.evaluate(known, self.functions) is True
        return each.readonly

    def _default(self, each: Component, known: Mapping[str, Any]) -> Any:
        if isinstance(each.default, feel.Expression):
            return each.default.evaluate(known, self.functions)
        return None if each.default == "" else each.default

    def _contexts(self, each: Component) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The rows the office gives, with the index that stays theirs when other rows come or go."""
        rows, given = each.rows, self.given.get(each.key)
        if given is None and rows and rows.source:
            given = _bounded(each, rows.source.evaluate({**self.facts, **self.values}, self.functions))
        for place, context in enumerate(given if isinstance(given, list | tuple) else ()):
            row = context if isinstance(context, Mapping) else {"item": context}
            key = row.get(rows.key) if rows and rows.key else None
            yield (str(place) if key is None else str(key)), row

    def _rows(self, each: Component) -> Iterator[Row]:
        rows, values = each.rows, self.values.get(each.key)
        values = self._default(each, self.known) if values is None else values
        values = _bounded(each, values if isinstance(values, list | tuple) else [])
        if rows and rows.source:
            for place, (index, given) in enumerate(self._contexts(each)):
                yield self._row(each, index, given, _matching(values, place, given, rows.key))
        elif self.is_typed(each) or edits.indices(self.typed, each.key):  # the office may fill in some
            for index in edits.indices(self.typed, each.key):
                yield self._row(each, index, {}, {})
        else:
            first = max(rows.first, rows.least) if rows else 1
            for place, value in enumerate(values or [{}] * first):
                yield self._row(each, str(place), {}, value)

    def _row(self, own: Component, index: str, given: Mapping[str, Any], value: Mapping[str, Any]) -> Row:
        questions = Questions(self.compiled.columns[own.key], prefix=f"{own.key}-{index}-")
        known, asked = {**self.known, **given}, {**self.asked, **given}
        for each in own.children:
            if each.type in INPUTS and each.key:
                self._process(each, questions.answer(each.key), value.get(each.key), known, asked)
        rows = own.rows or Rows()
        title, group = (
            str(spoken(each.of(self.lang).evaluate(known, self.functions), self.lang) or "") if each else ""
            for each in (rows.title, rows.group)
        )
        return Row(index, title, group, given, questions)

    @cached_property
    def settled(self) -> Settled:
        """What applies and what is computed, with these answers."""
        answers = {each.key: self.questions.answer(each.key).data for each in self.form.inputs}
        for key in self.form.uploads:
            answers[key] = [_file(each) for each in answers[key]]
        rows = {
            key: [{**row.given, **{name: row.questions.answer(name).data for name in row.questions._fields}}
                  for row in rows]
            for key, rows in self.rows.items()
        }  # fmt: skip
        return settle(
            self.form, answers, rows, self.facts, self.functions, then=self.values if self.done else {}
        )

    # -- judging -----------------------------------------------------------------------------------------

    def validate(self, sections: Collection[str] | None = None) -> bool:
        """Whether the answers of these sections (default: those on the page) are complete and right."""
        wanted = set(self.shown if sections is None else sections)
        self.judged |= wanted
        return not any(self.mistakes(each) for each in self.form.sections if each.id in wanted)

    def errors(self) -> list[Error]:
        """The mistakes of the judged sections in the order of the page, and of files that just arrived."""
        found: list[Error] = []
        for section in self.form.sections:
            if section.id in self.judged:
                found += self.mistakes(section)
            else:
                found += [each for each in self._file_errors() if each.section == section.id]
        return found

    def mistakes(self, section: Component) -> list[Error]:
        """The mistakes of one section."""
        if section.id not in self._mistakes:
            self._mistakes[section.id] = list(self._judge(section))
        return self._mistakes[section.id]

    def _file_errors(self) -> list[Error]:
        return [Error(key, text, key, self.form.by_key[key].section) for key, text in self.bad_files.items()]

    def _judge(self, section: Component) -> Iterator[Error]:
        settled = self.settled
        if section.id in settled.hidden:
            return
        for each in section.inside:
            if each.id in settled.hidden:
                continue
            if each.type in INPUTS and each.key and not self.is_readonly(each):
                yield from self._judge_answer(each, self.questions.answer(each.key), settled.scope, "")
            elif each.type == "dynamiclist" and each.key:
                yield from self._judge_list(each, settled)

    def _judge_answer(
        self, each: Component, answer: Answer, scope: Mapping[str, Any], row: str
    ) -> Iterator[Error]:
        answer.scope, answer.functions = scope, self.functions
        bad_file = self.bad_files.get(each.key)
        if bad_file and not row:
            answer.errors = [bad_file]
        elif answer.validate(self.questions) and not self._as_it_must(each, scope):
            answer.errors = [self._must_message(each, scope)]
        for text in list(answer.errors)[:1]:
            said = around("in.row", self.lang, row=row, text=text) if row else str(text)
            yield Error(anchor(each, answer), said, each.key, each.section)

    def _judge_list(self, own: Component, settled: Settled) -> Iterator[Error]:
        fault = self.list_error(own)
        if fault:
            yield Error(self.list_anchor(own), fault, own.key, own.section)
        for place, row in enumerate(self.rows[own.key]):
            scope = {**settled.scope, **settled.rows[own.key][place]}
            for each in own.children:
                if each.type not in INPUTS or not each.key or (own.id, place, each.id) in settled.cells:
                    continue
                if not self.is_readonly(each, scope):
                    answer = row.questions.answer(each.key)
                    yield from self._judge_answer(each, answer, scope, self.row_name(own, place))

    def list_error(self, own: Component) -> str:
        """What is wrong with the number of rows, or with all of them together."""
        rows, have = own.rows, len(self.rows[own.key])
        if rows is not None and not rows.source:
            if have < rows.least:
                return wrong("rows.min", own, self.lang, bound=rows.least)
            if have > rows.most:
                return wrong("rows.max", own, self.lang, bound=rows.most)
        if self._as_it_must(own, self.settled.scope):
            return ""
        return self._must_message(own, self.settled.scope)

    def _must_message(self, each: Component, scope: Mapping[str, Any]) -> str:
        return prose.filled(each.text("mustMessage").of(self.lang), scope, self.functions, self.lang)

    def _as_it_must(self, each: Component, scope: Mapping[str, Any]) -> bool:
        """Whether what must hold of an answer, or of all rows together, does."""
        return each.must is None or each.must.evaluate(scope, self.functions) is True

    def list_anchor(self, own: Component) -> str:
        """The id a mistake of the whole list leads to."""
        return f"zone-{own.key}" if own.rows and own.rows.fixed else f"add-{own.key}"

    def row_name(self, own: Component, place: int) -> str:
        """第 2 栋, Building 2, or the title the office gave the row."""
        title = self.rows[own.key][place].title
        unit = own.rows.unit.of(self.lang) if own.rows else ""
        return (
            title
            or around("row.n", self.lang, n=place + 1, unit=unit or around("row", self.lang)).capitalize()
        )

    # -- giving out --------------------------------------------------------------------------------------

    def answers(self) -> dict[str, Any]:
        """The answers that apply, as values; hidden questions are left out, computed values are in."""
        settled = self.settled
        found: dict[str, Any] = {}
        for each in self.form.walk():
            if not each.key or each.id in settled.hidden or each.key not in self.form.keys:
                continue
            if each.type == "dynamiclist":
                found[each.key] = [
                    {name: value for name, value in row.items() if name not in self._gone(each, place)}
                    for place, row in enumerate(settled.rows[each.key])
                ]
            else:
                found[each.key] = settled.scope.get(each.key)
        return found

    def _gone(self, own: Component, place: int) -> set[str]:
        return {each.key for each in own.children if (own.id, place, each.id) in self.settled.cells}

    def raw(self) -> dict[str, list[str]]:
        """Exactly what was typed, for the draft; JSON can keep it."""
        return {name: list(texts) for name, texts in self.typed.texts.items()}


def _bounded(each: Component, rows: Any) -> Any:
    """A page of thousands of rows cannot be sent back: better no page than one whose answers are lost."""
    if isinstance(rows, list | tuple) and len(rows) > MOST_ROWS:
        raise TooMany(each.label, len(rows))
    return rows


def _stored(each: Any) -> Stored:
    return each if isinstance(each, Stored) else Stored(str(each.id), str(each.name), int(each.size))


def _file(each: Stored) -> dict[str, Any]:
    return {"id": each.id, "name": each.name, "size": each.size}


def _plain(each: Component, value: Any) -> Any:
    """A value as its field holds it: dates may come as text."""
    if each.type == "datetime" and isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return None
    return value


def _matching(values: Sequence[Any], place: int, given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The earlier answers of a row the office gives: by its key, else by its place."""
    if key:
        return next((each for each in values if each.get(key) == given.get(key)), {})
    return values[place] if place < len(values) else {}

"""What a page asks of a form with somebody's answers: its pieces, its steps, its list to check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.forms import edits, messages, table
from casework.forms.binding import Binding
from casework.forms.pieces import Block
from casework.forms.profile import Option
from casework.forms.view import View


@dataclass(frozen=True)
class Step:
    """One section in the list beside the page; `state` is "ok", "bad" or "" (not begun)."""

    id: str
    label: str
    state: str
    says: str
    here: bool


class Bound(Binding):
    """The form of one visitor, ready for the templates in templates/forms."""

    @property
    def only_changes(self) -> bool:
        """Whether the button only changed the draft (a row, a file): the page is to be shown again."""
        return self.wants in edits.CHANGES

    @property
    def title(self) -> str:
        """The form's name."""
        return self.form.title.of(self.lang)

    @property
    def intro(self) -> str:
        """What stands above the questions."""
        return self.form.intro.of(self.lang) or self.say("intro")

    def say(self, name: str, **given: Any) -> str:
        """A word of the page around the questions, e.g. `next`."""
        return messages.around(name, self.lang, **given)

    def page(self) -> list[Block]:
        """The sections on this page in pieces, for the macros."""
        return list(View(self).sections())

    def problems(self) -> str:
        """The heading of the list of mistakes."""
        count = len(self.errors())
        return self.say("problem") if count == 1 else self.say("problems", n=count)

    def steps(self) -> list[Step]:
        """The sections that apply, and how far each is."""
        found = []
        for each in self.form.sections:
            if each.id in self.settled.hidden:
                continue
            count = len(self.mistakes(each)) if self.is_typed(each) else -1
            state = "bad" if count > 0 else "" if count else "ok"
            says = {"bad": self.say("wrong.n", n=count), "": self.say("todo"), "ok": self.say("done")}[state]
            here = each.id in self.shown
            found.append(Step(each.id, each.label.of(self.lang), state, says, here))
        return found

    def place(self, section: str) -> tuple[int, int]:
        """Which of the sections that apply it is, and of how many."""
        ids = [each.id for each in self.form.sections if each.id not in self.settled.hidden]
        return ids.index(section) + 1, len(ids)

    def unread(self) -> list[Step]:
        """The sections that apply and have been on no page yet."""
        return [each for each in self.steps() if not each.state]

    def after(self, section: str) -> str | None:
        """The id of the next section that applies; None after the last."""
        ids = [each.id for each in self.form.sections if each.id not in self.settled.hidden]
        place = ids.index(section) + 1 if section in ids else len(ids)
        return ids[place] if place < len(ids) else None

    def before(self, section: str) -> str | None:
        """The id of the section before; None at the first."""
        ids = [each.id for each in self.form.sections if each.id not in self.settled.hidden]
        place = ids.index(section) if section in ids else 0
        return ids[place - 1] if place else None

    def options(self) -> Mapping[str, Sequence[Option]]:
        """The choices that came from facts, for `answers_table`."""
        found = {
            each.key: self.questions.answer(each.key).options
            for each in self.form.inputs
            if each.options_from
        }
        for own in self.form.lists:
            for row in self.rows[own.key][:1]:
                found |= {
                    f"{own.key}.{each.key}": row.questions.answer(each.key).options
                    for each in own.children
                    if each.options_from
                }
        return found

    def parts(self) -> list[table.Part]:
        """The answers as a list to check, section by section."""
        titles = {key: [row.title for row in rows] for key, rows in self.rows.items()}
        return table.answers_table(self.form, self.answers(), self.lang, self.options(), titles)

    @property
    def takes_files(self) -> bool:
        """Whether the page has a question for files."""
        return any(self.form.by_key[key].section in self.shown for key in self.form.uploads)

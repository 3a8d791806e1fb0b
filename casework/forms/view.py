"""A page of questions as the templates print it: plain pieces, every attribute and sentence in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from casework.forms import browser, columns, layout, messages, prose, table, uploads
from casework.forms.binding import Binding, Row
from casework.forms.conditions import Unsayable
from casework.forms.fields import Answer, wrong
from casework.forms.live import Live, quoted
from casework.forms.pieces import Block, Choice, Computed, Line, Question
from casework.forms.profile import INPUTS, Component, Text


class View:
    """Makes the pieces of the sections on a page."""

    def __init__(self, bound: Binding) -> None:
        self.bound, self.lang, self.live = bound, bound.lang, Live(bound)

    def sections(self) -> Iterator[Block]:
        """The sections of this page that apply."""
        number = 0
        for each in self.bound.form.sections:
            block = self.frame(each, "section")
            number += block is not None
            if block and each.id in self.bound.shown:
                block.number, block.parts = number, self.blocks(each.children)
                yield block

    def frame(self, each: Component, kind: str) -> Block | None:
        """A block with its condition; None when it does not apply."""
        condition = self.live.condition(each, hidden=each.id in self.bound.settled.hidden)
        if condition is None:
            return None
        attributes, only_if, by_script = condition
        return Block(
            kind,
            id=each.id,
            key=each.key,
            label=each.label.of(self.lang),
            hint=self.filled(each.description),
            condition=attributes,
            only_if=only_if,
            by_script=by_script,
        )

    def blocks(self, children: Sequence[Component]) -> list[Block]:
        """The pieces inside one section or group; neighbours of one row stand side by side."""
        found: list[Block] = []
        together = ""
        for each in children:
            block = self.block(each)
            if block is None:
                continue
            line = _line_of(each)
            if block.kind == "field" and line and line == together:
                found[-1].parts.append(block.question)
                continue
            together = line if block.kind == "field" else ""
            if block.kind == "field" and together:
                block = Block("cols", parts=[block.question])
            elif block.kind == "calc" and found and found[-1].kind == "calc":
                found[-1].parts += block.parts
                continue
            found.append(block)
        return [self.alone(each) for each in found]

    def alone(self, block: Block) -> Block:
        if block.kind == "cols" and len(block.parts) == 1:
            return Block("field", question=block.parts[0])
        return block

    def block(self, each: Component) -> Block | None:
        if each.type in INPUTS:
            question = self.question(each, self.bound.questions.answer(each.key))
            return Block("field", question=question) if question else None
        if each.type == "expression":
            value = self.computed(each, self.bound.settled.scope, each.id in self.bound.settled.hidden)
            return Block("calc", parts=[value]) if value else None
        if each.type == "separator":
            return Block("separator")
        block = self.frame(each, {"dynamiclist": "rows"}.get(each.type, each.type))
        if block is None or each.type == "spacer":
            return None
        if each.type == "group":
            block.parts = self.blocks(each.children)
        elif each.type == "dynamiclist":
            self.rows(each, block)
        else:
            own = each.properties.get("text.en") if self.lang == "en" else None
            block.text = prose.paragraphs(self.filled(Text(own or str(each.raw.get("text") or ""), "")))
        return block

    def filled(self, text: Text) -> str:
        """A sentence of the file in the reader's language, its expressions filled in."""
        return prose.filled(text.of(self.lang), self.live.known, self.bound.functions, self.lang)

    # -- questions ---------------------------------------------------------------------------------------

    def question(
        self, each: Component, answer: Answer, row: tuple[Component, int, Row] | None = None
    ) -> Question | None:
        """One question; None when it does not apply."""
        settled = self.bound.settled
        hidden = (row[0].id, row[1], each.id) in settled.cells if row else each.id in settled.hidden
        condition = self.live.condition(each, hidden=hidden)
        if condition is None:
            return None
        lang, kind = self.lang, each.kind
        known = {**self.bound.known, **row[2].given} if row else None
        question = Question(
            answer.id, answer.name, each.key, each.type, each.label.of(lang),
            hint=self.filled(each.description), error=self.error(each, answer),
            optional=not each.required and each.type != "checkbox",
            readonly=self.bound.is_readonly(each, known),
            unit=each.unit.of(lang), cell=each.id,
            width=each.properties.get("width") or (kind.width if kind else _WIDTHS.get(each.type, "")),
            condition=condition[0], only_if=condition[1], by_script=condition[2],
            multiple=each.multiple, accept=",".join(each.accept),
        )  # fmt: skip
        question.row_label = self.row_label(row, question)
        if not row and not question.readonly:
            question.bounds = self.live.bounds(each)
            if taken_over := self.bound.taken_over:
                taken_over.mark(question, answer.data)
        self.fill(question, each, answer)
        return question

    def row_label(self, row: tuple[Component, int, Row] | None, question: Question) -> str:
        """The full name of a cell: 第 2 栋 建筑面积（㎡）."""
        if not row:
            return ""
        unit = messages.bracketed(question.unit, self.lang)
        return f"{self.bound.row_name(row[0], row[1])} {question.label}{unit}"

    def error(self, each: Component, answer: Answer) -> str:
        bound = self.bound
        if each.section not in bound.judged:
            return bound.bad_files.get(each.key, "") if each.type == "filepicker" else ""
        return str(answer.errors[0]) if answer.errors else ""

    def fill(self, question: Question, each: Component, answer: Answer) -> None:
        """The control's value, options, files and attributes."""
        if question.readonly:
            question.value = table.plain(each, answer.data, self.lang, answer.options)
            question.attributes = Markup(' data-key="{}" value="{}" data-type="{}"').format(
                each.key, answer.text_of(answer.data), _DATA_TYPES.get(each.type, "")
            )
            return
        question.value = answer.typed_text()
        if each.type in ("radio", "select", "checklist"):
            question.choices = self.choices(question, each, answer)
        if each.every:
            self.all_of_them(question, each)
        if each.type == "checkbox":
            question.value = "y" if answer.data else ""
            question.reveals = self.live.reveals(each).get("True", ())
        if each.type == "filepicker":
            self.upload(question, each, answer)
        longest = each.limits.get("maxLength")
        if each.type == "textarea" and isinstance(longest, int):
            question.longest = longest
        question.attributes = self.attributes(question, each)

    def choices(self, question: Question, each: Component, answer: Answer) -> list[Choice]:
        chosen = set(answer.data if isinstance(answer.data, list) else [answer.data])
        reveals, lang = self.live.reveals(each, answer.options), self.lang
        papers = self.bound.papers_of(each)
        question.papers = self.bound.papers
        comma = "、" if lang == "zh" else ", "
        found = []
        for place, option in enumerate(answer.options):
            what = comma.join(reveals.get(option.value, ()))
            label = option.label.of(lang)
            said = messages.around("reveals", lang) + what if what else ""
            if what and each.type == "select":
                said = messages.around("reveals.option", lang, option=label, what=what)
                question.reveals = [*question.reveals, said]
            found.append(
                Choice(
                    f"{question.id}-{place}",
                    option.value,
                    label,
                    option.value in chosen,
                    "" if question.row_label else said,
                    papers.get(option.value, ()),
                )
            )
        return found

    def all_of_them(self, question: Question, each: Component) -> None:
        """A list of boxes that must all be ticked says so before, and while some are left."""
        said = wrong("all.hint", each, self.lang)
        question.hint = messages.pick(("；", "; "), self.lang).join(filter(None, (question.hint, said)))
        question.said = _attr("data-all", wrong("all", each, self.lang, left="{left}"))

    def upload(self, question: Question, each: Component, answer: Answer) -> None:
        lang = self.lang
        limits = [uploads.endings(each)] if each.accept else []
        limits.append(messages.around("filemax", lang, n=messages.figure(each.megabytes)))
        if each.multiple:
            limits.append(messages.around("files.many", lang))
        if not each.accept or set(each.accept) & {".jpg", ".jpeg", ".png"}:
            limits.append(messages.around("place.kept" if each.keeps_place else "place.gone", lang))
        bounds = ("，" if lang == "zh" else ", ").join(limits)
        question.hint = (question.hint + ("；" if lang == "zh" else "; ") if question.hint else "") + bounds
        question.files = [stored for stored in answer.data if stored.id]
        question.pictures = self.bound.pictures
        question.said = _attr("data-drop", messages.around("dropped", lang))
        if each.keeps_place:
            question.said += _attr("data-place", "keep")

    def attributes(self, question: Question, each: Component) -> Markup:
        """Everything the control carries beside its name and value."""
        pieces = [self.fixed(each)]
        grouped = each.type in ("radio", "checklist")
        described = [f"{question.id}-{name}" for name, there in (
            ("left", question.left),
            ("hint", question.hint and not question.row_label),
            ("b", question.bounds),
            ("unit", question.unit and not question.row_label and each.type == "number"),
            ("r", question.reveals),
            ("err", question.error),
        ) if there]  # fmt: skip
        if described and not grouped:
            pieces.append(f' aria-describedby="{escape(" ".join(described))}"')
        if question.error and not grouped:
            pieces.append(' aria-invalid="true"')
        if question.row_label:
            pieces.append(f' aria-label="{escape(question.row_label)}"')
        if each.type in _CHECKED and not question.row_label:  # a column's rules stand at its head
            pieces.append(self.live.check(each))
        return Markup("".join(pieces))  # noqa: S704 - each piece is escaped

    def fixed(self, each: Component) -> str:
        """What a control carries on every page."""
        kept = ("fixed", each.id)
        if kept not in self.live.kept:
            self.live.kept[kept] = _fixed_attributes(each)
        fixed: str = self.live.kept[kept]
        return fixed

    def computed(self, each: Component, scope: Mapping[str, Any], hidden: bool) -> Computed | None:
        """A computed value; the script keeps it up to date where it can."""
        condition = self.live.condition(each, hidden=hidden)
        if condition is None or each.expression is None:
            return None
        found = self.worked_out(each, scope) if hidden else scope.get(each.key)
        value = messages.spoken(found, self.lang)
        attributes = _attr("data-name", each.key)
        if value is found and not self.live.still(each):  # in two languages: the script leaves it alone
            try:
                attributes += Markup(" data-expr=") + quoted(self.live.tree(each.expression, each))
            except Unsayable:
                if found is None and each.id not in self.bound.form.list_of:
                    return None  # only the office can work it out, and does not know it yet
        if each.decimals is not None:
            attributes += _attr("data-places", each.decimals)
        if table.exact(each):
            attributes += Markup(' data-exact="1"')
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            said = table.number(each, value)
        else:
            said = messages.figure(value, self.lang) or messages.around("none", self.lang)
        return Computed(
            each.id, each.key, each.label.of(self.lang), said,
            each.unit.of(self.lang), attributes, condition[0], each.id, self.bound.cases.get(said, ""),
        )  # fmt: skip

    def worked_out(self, each: Component, scope: Mapping[str, Any]) -> Any:
        """What a value that does not apply yet will be, should an answer on this page bring it up."""
        known = {**self.live.known, **scope}
        return each.expression.evaluate(known, self.bound.functions) if each.expression else None

    # -- rows --------------------------------------------------------------------------------------------

    def rows(self, own: Component, block: Block) -> None:
        """The list as a table: its columns, its rows, its buttons."""
        bound, lang, rows = self.bound, self.lang, own.rows
        if rows is None:
            return
        shown = layout.shown(own)
        block.columns = [
            (each.label.of(lang), each.unit.of(lang), columns.width(each), columns.shape(each))
            for each in shown
        ]
        block.checks = [self.live.check(each) if each.type in _CHECKED else Markup() for each in shown]
        columns.arrange(block, shown, rows)
        given = bound.rows[own.key]
        block.hint = self.with_bounds(own, block.hint)
        block.lines = [self.line(own, shown, place, row) for place, row in enumerate(given)]
        columns.name_once(block)
        columns.group(own, given, block, lang)
        columns.count(own, block)
        columns.fold_filled(block, shown)
        block.error = bound.list_error(own) if own.section in bound.judged else ""
        if bound.taken_over:
            bound.taken_over.mark_rows(block, bound.settled.rows.get(own.key) or ())
        unit = rows.unit.of(lang) or messages.around("row", lang)
        if not rows.fixed:
            block.add = messages.around("add", lang, unit=unit) if len(given) < rows.most else ""
            names = [each.label.of(lang) for each in shown if each.type in INPUTS]
            if rows.pasted:
                comma = "、" if lang == "zh" else ", "
                block.paste = messages.around("paste.hint", lang, columns=comma.join(names))
            block.remove = len(given) > max(rows.least, 1)
        if rows.fill_column and given:
            block.fill = rows.fill_label.of(lang) or messages.around("fill", lang)
            block.left = Markup(messages.around("left", lang, n="<b></b>", unit=escape(unit)))  # noqa: S704
            block.full = messages.around("full", lang, unit=unit)
        block.attributes = self.said(own, unit)

    def with_bounds(self, own: Component, hint: str) -> str:
        """The hint of a list, with the limits that are the same in all rows of a column."""
        lang, rows = self.lang, self.bound.rows[own.key]
        differ = {each.key for each in own.children} | set(rows[0].given if rows else ())
        same = frozenset(self.live.known) - differ
        said = [hint] if hint else []
        for each in own.children:
            bounds = self.live.bounds(each, same)
            if bounds and bounds.said:
                said.append(messages.around("of", lang, what=each.label.of(lang), text=bounds.said))
        return ("；" if lang == "zh" else "; ").join(said)

    def said(self, own: Component, unit: str) -> Markup:
        """What is announced after a button, and what the script needs of the rows the office gave."""
        rows = own.rows
        words = [("fill", "filled")] if rows and rows.fill_column else []
        if rows is None or not rows.fixed:
            words += [("add", "added"), ("remove", "removed")]
            words += [("paste", "pasted")] if rows is None or rows.pasted else []
        said = [
            _attr(f"data-{button}", messages.around(word, self.lang, n="{n}", unit=unit))
            for button, word in words
        ]
        if rows and rows.fill_column:
            said.append(_attr("data-fill-column", rows.fill_column))
            said.append(_attr("data-fill-value", rows.fill_value))
        given = [row.given for row in self.bound.rows[own.key]]
        moving = (each for each in own.children if not self.live.still(each))
        texts = [text for each in moving for _place, text in each.expressions()]
        read = {name for text in texts for name in text.names | text.homonyms}
        if any(read & set(row) for row in given):
            facts = [{name: row[name] for name in read & set(row)} for row in given]
            said.append(Markup(" data-facts=") + quoted([browser.data(row) for row in facts]))
        return Markup().join(said)

    def line(self, own: Component, shown: Sequence[Component], place: int, row: Row) -> Line:
        cells: list[tuple[Question | Computed | None, str, str]] = []
        values = self.bound.settled.rows.get(own.key) or []
        for each in shown:
            cell: Question | Computed | None
            if each.type == "expression":
                gone = not values or (own.id, place, each.id) in self.bound.settled.cells
                cell = self.computed(each, values[place] if place < len(values) else row.given, gone)
            else:
                cell = self.question(each, row.questions.answer(each.key), (own, place, row))
            label = each.label.of(self.lang) + messages.bracketed(each.unit.of(self.lang), self.lang)
            cells.append((cell, each.id, label))
        return Line(f"{own.key}-{row.index}", self.bound.row_name(own, place), place + 1, cells)


_WIDTHS = {"number": "w-10", "datetime": "w-12"}


def _attr(name: str, value: Any) -> Markup:
    return Markup(f' {name}="{escape(value)}"')  # noqa: S704 - escaped here


#: Types whose answers the script may judge.
_CHECKED = frozenset({"textfield", "textarea", "number", "datetime"})
_DATA_TYPES = {"number": "number", "datetime": "date"}


def _fixed_attributes(each: Component) -> str:
    """What its type and kind ask of a control."""
    kind = each.kind
    given = {"data-key": each.key, **(kind.attributes if kind else {})}
    if each.required and each.type not in ("radio", "checklist", "filepicker"):
        given["aria-required"] = "true"
    if each.type in _DATA_TYPES or (kind and kind.upper):
        given["data-type"] = _DATA_TYPES.get(each.type, "code")
    if each.type == "number":
        given |= {"inputmode": "numeric" if each.decimals == 0 else "decimal", "autocomplete": "off"}
    return "".join(f' {name}="{escape(value)}"' for name, value in given.items())


def _line_of(each: Component) -> str:
    """The form builder's row, when the question takes only a part of it."""
    layout = each.raw.get("layout")
    if not isinstance(layout, Mapping) or not layout.get("columns"):
        return ""
    return str(layout.get("row") or "")

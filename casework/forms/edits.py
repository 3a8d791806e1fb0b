"""What a button of the form does to the draft: rows come and go, a sheet is pasted, a column filled."""

from __future__ import annotations

from collections.abc import Iterable

from casework.forms.layout import Layout
from casework.forms.profile import CHOICES, INPUTS, Component
from casework.forms.typed import Typed

#: Buttons in the order they are looked for; what is pressed is posted under this name.
BUTTONS = ("add", "remove", "paste", "fill", "drop", "save", "back", "go", "next", "submit")
#: Buttons that only change the draft: the page comes back as it was.
CHANGES = frozenset({"add", "remove", "paste", "fill", "drop"})
#: The hidden field that says a row is there although nothing is typed in it.
MARK = "_"
#: The hidden field that says which sections a page has shown.
SECTION = "_section"


def merged(layout: Layout, draft: Typed, posted: Typed, shown: Iterable[str]) -> Typed:
    """The draft with the page's answers in the place of the earlier ones; other posted names are left out."""
    sections = set(posted.getlist(SECTION)) or set(shown)
    mine = {each.key for each in layout.walk() if each.key and each.section in sections}
    kept = {name: texts for name, texts in draft.texts.items() if name.partition("-")[0] not in mine}
    kept |= {name: texts for name, texts in posted.texts.items() if name.partition("-")[0] in mine}
    kept[SECTION] = sorted({*draft.getlist(SECTION), *sections})
    return Typed(kept)


def indices(typed: Typed, key: str) -> list[str]:
    """The row indices of a list, in the order of the page; they never change while rows come and go."""
    start = f"{key}-"
    return list(
        dict.fromkeys(name[len(start) :].rpartition("-")[0] for name in typed if name.startswith(start))
    )


def pressed(posted: Typed) -> str:
    """The button that was pressed; `next` when Enter was."""
    if not posted:
        return ""
    return next((name for name in BUTTONS if f"_{name}" in posted), "next")


def change(layout: Layout, typed: Typed, posted: Typed, button: str) -> None:
    """Carries the button out on the draft; unknown names are passed over."""
    value, _colon, group = posted.first(f"_{button}").partition(":")
    own = layout.by_key.get(value.partition("-")[0])
    if own is None or own.rows is None:
        return
    if button == "fill" and own.rows.fill_column:
        _fill(own, typed, own.rows.fill_column, own.rows.fill_value, group)
    elif own.rows.fixed:
        return
    elif button == "remove":
        _remove(own, typed, value)
    elif button == "add":
        _add(own, typed, [{}])
    elif button == "paste":
        _paste(own, typed, posted.first(f"_pastetext_{own.key}"))


def _fill(own: Component, typed: Typed, column: str, value: str, group: str) -> None:
    """One value for the rows (of one group) that have none in this column; what has been judged stays."""
    for index in indices(typed, own.key):
        cell = f"{own.key}-{index}-{column}"
        mine = not group or typed.first(f"{own.key}-{index}-{MARK}") == group
        if mine and not typed.first(cell).strip():
            typed.texts[cell] = [value]


def _remove(own: Component, typed: Typed, row: str) -> None:
    for name in [name for name in typed if name.startswith(f"{row}-")]:
        del typed.texts[name]


def _add(own: Component, typed: Typed, rows: Iterable[dict[str, str]]) -> None:
    used = indices(typed, own.key)
    most = own.rows.most if own.rows else 0
    following = max((int(each) for each in used if each.isdigit()), default=-1) + 1
    for place, row in enumerate(rows):
        if len(used) + place >= most:
            break
        index = f"{own.key}-{following + place}"
        typed.texts[f"{index}-{MARK}"] = ["1"]
        typed.texts |= {f"{index}-{key}": [text] for key, text in row.items()}


def _paste(own: Component, typed: Typed, sheet: str) -> None:
    columns = [each for each in own.children if each.type in INPUTS and each.type != "filepicker"]
    lines = [[cell.strip() for cell in line.split("\t")] for line in sheet.splitlines() if line.strip()]
    if lines and lines[0][0] and lines[0][0] in columns[0].label:
        lines = lines[1:]  # the sheet's own heading
    if not lines:
        return
    for index in indices(typed, own.key):
        row = f"{own.key}-{index}"
        if not any(typed.first(f"{row}-{each.key}").strip() for each in columns):
            _remove(own, typed, row)
    _add(
        own,
        typed,
        ({each.key: _cell(each, text) for each, text in zip(columns, line, strict=False)} for line in lines),
    )


def _cell(column: Component, text: str) -> str:
    if column.type in CHOICES:
        return next((each.value for each in column.options if text in (each.value, *each.label)), text)
    if column.type == "checkbox":
        return "y" if text.lower() in ("是", "√", "✓", "y", "yes", "1", "true") else ""
    return text

"""Answers as a person reads them: the list checked before submitting, the case page, the papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casework.forms import messages
from casework.forms.layout import Layout
from casework.forms.profile import INPUTS, Component, Option


@dataclass(frozen=True)
class Line:
    """One question and its answer. `files` and `rows` are set for uploads and lists; `anchor` leads back."""

    key: str
    label: str
    value: str
    anchor: str
    editable: bool = True
    answered: bool = True
    files: tuple[Mapping[str, Any], ...] = ()
    columns: tuple[tuple[str, bool], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Part:
    """One section of the form with its lines."""

    id: str
    title: str
    lines: tuple[Line, ...]


def plain(component: Component, value: Any, lang: str, options: Sequence[Option] = ()) -> str:
    """An answer in words: option labels, 2026年3月5日, 12,680.50 ㎡; a dash when there is none."""
    value = messages.spoken(value, lang)
    if value is None or value in ("", []):
        return messages.around("none", lang)
    if isinstance(value, bool):
        name = "confirmed" if value and component.type == "checkbox" else "yes" if value else "no"
        return messages.around(name, lang)
    if component.type in ("radio", "select", "checklist"):
        labels = {each.value: each.label.of(lang) for each in (*component.ever, *options)}
        chosen = value if isinstance(value, list) else [value]
        return ("、" if lang == "zh" else ", ").join(labels.get(each, str(each)) for each in chosen)
    if isinstance(value, int | Decimal):
        unit = component.unit.of(lang)
        return number(component, value) + (f" {unit}" if unit else "")
    if isinstance(value, dt.date):
        return messages.figure(value, lang)
    return str(value)


def exact(component: Component) -> bool:
    """Whether all decimals are shown: money and areas."""
    return component.properties.get("kind") in ("money", "area")


def number(component: Component, value: int | Decimal) -> str:
    """A figure with thousands commas; money and areas with all their decimals."""
    decimals = component.decimals
    if decimals is None:
        return messages.figure(round(Decimal(value), 12))
    rounded = round(Decimal(value), decimals)
    return f"{rounded:,f}" if exact(component) else messages.figure(rounded)


def answers_table(
    form: Layout,
    answers: Mapping[str, Any],
    lang: str,
    options: Mapping[str, Sequence[Option]] | None = None,
    titles: Mapping[str, Sequence[str]] | None = None,
) -> list[Part]:
    """The answers section by section; what did not apply is left out.

    `options`: for questions whose choices came from facts, the choices (`Bound.options()`), by key.
    `titles`: what each row of a list is called, by the list's key.
    """
    parts = []
    for section in form.sections:
        lines = tuple(
            _line(each, answers[each.key], lang, options or {}, titles or {})
            for each in section.inside
            if each.key in answers
            and (each.type != "expression" or answers[each.key] is not None)
            and (each.type in INPUTS or each.type in ("dynamiclist", "expression"))
        )
        if lines:
            parts.append(Part(section.id, section.label.of(lang), lines))
    return parts


def _line(
    each: Component,
    value: Any,
    lang: str,
    options: Mapping[str, Sequence[Option]],
    titles: Mapping[str, Sequence[str]],
) -> Line:
    label, empty = each.label.of(lang), value is None or value == [] or value is False
    if each.type == "filepicker":
        files = tuple(value or ())
        names = "\n".join(str(file["name"]) for file in files)
        return Line(
            each.key, label, names or messages.around("none", lang), each.key, files=files, answered=not empty
        )
    if each.type == "dynamiclist":
        return _list(each, value or [], lang, options, titles.get(each.key, ()))
    return Line(
        each.key,
        label,
        plain(each, value, lang, options.get(each.key, ())),
        f"{each.key}-0" if each.type in ("radio", "checklist") else each.key,
        editable=each.type != "expression" and each.readonly is not True,
        answered=not empty or each.type == "checkbox",
    )


def _list(
    own: Component,
    rows: Sequence[Mapping[str, Any]],
    lang: str,
    options: Mapping[str, Sequence[Option]],
    titles: Sequence[str],
) -> Line:
    columns = [each for each in own.children if each.key]
    unit = own.rows.unit.of(lang) if own.rows else ""
    count = messages.around("rows.n", lang, n=len(rows), unit=unit or messages.around("row", lang))
    cells = tuple(
        tuple(
            plain(each, row.get(each.key), lang, options.get(f"{own.key}.{each.key}", ())) for each in columns
        )
        for row in rows
    )
    figures = {each.key for each in columns if each.type == "number" or each.decimals is not None}
    heads = tuple((each.label.of(lang), each.key in figures) for each in columns)
    if any(titles) and not all(_said(title, line) for title, line in zip(titles, cells, strict=True)):
        heads = ((messages.around("item", lang), False), *heads)
        cells = tuple((title, *line) for title, line in zip(titles, cells, strict=True))
    return Line(own.key, own.label.of(lang), count, f"zone-{own.key}", columns=heads, rows=cells)


def _said(title: str, cells: Sequence[str]) -> bool:
    """Whether a column says already what the row is called."""
    return title in cells or title.partition(" ")[2] in cells

"""A .form file (form-js JSON) as the office reads it: components with their words in both languages.

The written profile is workflows/forms.md; its JSON schema is workflows/form.schema.json.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, NamedTuple

from casework.engine import feel
from casework.forms.identifiers import KINDS, Kind

INPUTS = frozenset(
    {"textfield", "textarea", "number", "datetime", "radio", "select", "checklist", "checkbox", "filepicker"}
)
CHOICES = frozenset({"radio", "select", "checklist"})
CONTAINERS = frozenset({"group", "dynamiclist"})
SHOWN = frozenset({"text", "expression", "separator", "spacer"})
TYPES = INPUTS | CONTAINERS | SHOWN
#: Types form-js knows and the profile does not: unsafe, or owned by the page.
REFUSED = frozenset({"html", "iframe", "image", "button", "table", "taglist", "documentPreview"})
LIMITS = ("min", "max", "minLength", "maxLength")


class Text(NamedTuple):
    """One sentence in both languages; English falls back to the Chinese."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """The sentence in one language."""
        return (self.en or self.zh) if lang == "en" else self.zh


#: No words in either language.
UNSAID = Text("", "")


class Option(NamedTuple):
    """One answer to choose: what is stored, and what is read."""

    value: str
    label: Text


def listed(given: Any) -> tuple[Option, ...]:
    """Options from an expression: contexts with label and value, or plain texts."""
    if not isinstance(given, list | tuple):
        return ()
    found = []
    for each in given:
        if isinstance(each, Mapping):
            label = str(each.get("label") or each.get("name") or "")
            value = each.get("value", each.get("id", label))
            found.append(
                Option(str(value), Text(label, str(each.get("label.en") or each.get("name_en") or "")))
            )
        elif each is not None:
            found.append(Option(str(each), Text(str(each), "")))
    return tuple(found)


@dataclass(frozen=True)
class Fault:
    """An expression of the file that cannot be read."""

    where: str
    zh: str
    en: str


class Worded(NamedTuple):
    """What names a row, reckoned for the reader's language; English falls back to the Chinese."""

    zh: feel.Expression
    en: feel.Expression | None

    def of(self, lang: str) -> feel.Expression:
        """The expression in one language."""
        return (self.en or self.zh) if lang == "en" else self.zh


@dataclass(frozen=True)
class Rows:
    """How a dynamic list grows: its bounds, and where its rows come from when they are given."""

    least: int = 0
    most: int = 200
    first: int = 1
    fixed: bool = False
    pasted: bool = True
    source: feel.Expression | None = None
    key: str = ""
    title: Worded | None = None
    group: Worded | None = None
    unit: Text = UNSAID
    fill_column: str = ""
    fill_value: str = ""
    fill_label: Text = UNSAID


Limit = feel.Expression | Decimal | int | dt.date


@dataclass(frozen=True, eq=False)
class Component:
    """One component of the file, as far as the profile knows it. `section` is the id of its page."""

    id: str
    type: str
    key: str
    raw: Mapping[str, Any]
    properties: Mapping[str, str]
    section: str
    label: Text
    description: Text
    unit: Text
    children: tuple[Component, ...] = ()
    required: bool = False
    readonly: feel.Expression | bool = False
    options: tuple[Option, ...] = ()
    options_from: feel.Expression | None = None
    hide: feel.Expression | None = None
    expression: feel.Expression | None = None
    default: feel.Expression | Any = None
    limits: Mapping[str, Limit] = field(default_factory=dict)
    decimals: int | None = None
    pattern: str | None = None
    accept: tuple[str, ...] = ()
    megabytes: Decimal = Decimal(20)
    multiple: bool = False
    rows: Rows | None = None
    #: What must hold of all rows of a list together; `mustMessage` says what to do when it does not.
    must: feel.Expression | None = None
    #: Of a choice: by option the files that were sent earlier, to be opened where each is judged.
    papers: feel.Expression | None = None
    #: Of a checklist: it counts as answered only with every option ticked.
    every: bool = False
    faults: tuple[Fault, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """What the answer is beyond its type, e.g. a credit code."""
        return KINDS.get(self.properties.get("kind", ""))

    @property
    def keeps_place(self) -> bool:
        """Whether photographs keep where they were taken, because the procedure needs it."""
        return self.properties.get("location") == "keep"

    def text(self, name: str) -> Text:
        """A sentence kept in the component's properties, e.g. `minReason`."""
        return Text(self.properties.get(name, ""), self.properties.get(f"{name}.en", ""))

    @property
    def prose(self) -> str:
        """All of its sentences that may hold {{expressions}}."""
        must = self.text("mustMessage")
        return f"{self.raw.get('text', '')} {self.raw.get('description', '')} {must.zh} {must.en}"

    @property
    def short(self) -> Text:
        """The name used in messages: `shortLabel`, or the label."""
        short = self.text("shortLabel")
        return short if short.zh else self.label

    @cached_property
    def ever(self) -> tuple[Option, ...]:
        """Every option the file writes out: an answer of old may be offered no more."""
        return (*self.options, *(listed(list(self.options_from.written())) if self.options_from else ()))

    @cached_property
    def inside(self) -> tuple[Component, ...]:
        """The components inside, groups opened, rows of a list not."""
        found: list[Component] = []
        for child in self.children:
            found += (child, *child.inside) if child.type == "group" else (child,)
        return tuple(found)

    def expressions(self) -> Iterator[tuple[str, feel.Expression]]:
        """Every expression of this component, with the place it stands at."""
        places: dict[str, Any] = {
            "conditional": self.hide,
            "expression": self.expression,
            "readonly": self.readonly,
            "valuesExpression": self.options_from,
            "default": self.default,
            "must": self.must,
            "papers": self.papers,
            **self.limits,
        }
        if self.rows:
            places["rowsFrom"] = self.rows.source
            for name, said in (("rowTitle", self.rows.title), ("rowGroup", self.rows.group)):
                places |= {name: said.zh, f"{name}.en": said.en} if said else {}
        for place, each in places.items():
            if isinstance(each, feel.Expression):
                yield place, each


class _Reader:
    """Reads one component; collects the expressions that cannot be read."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.faults: list[Fault] = []
        properties = raw.get("properties")
        self.properties = (
            {str(k): str(v) for k, v in properties.items()} if isinstance(properties, Mapping) else {}
        )
        validate = raw.get("validate")
        self.validate: Mapping[str, Any] = validate if isinstance(validate, Mapping) else {}

    def words(self, name: str, given: str | None = None) -> Text:
        zh = given if given is not None else self.properties.get(name, "")
        return Text(zh, self.properties.get(f"{name}.en", ""))

    def feel(self, place: str, text: Any) -> feel.Expression | None:
        if not isinstance(text, str) or not text.strip(" ="):
            return None
        try:
            return feel.compile(text)
        except feel.FeelSyntax as wrong:
            self.faults.append(Fault(place, wrong.zh, wrong.en))
            return None

    def worded(self, place: str) -> Worded | None:
        """An expression of the properties, and the one that says it in English."""
        zh = self.feel(place, self.properties.get(place))
        return Worded(zh, self.feel(f"{place}.en", self.properties.get(f"{place}.en"))) if zh else None

    def maybe(self, place: str, value: Any) -> Any:
        """An expression when the text begins with `=`, else the constant itself."""
        return self.feel(place, value) if isinstance(value, str) and value.startswith("=") else value

    def limit(self, place: str, component_type: str) -> Limit | None:
        value = self.validate.get(place, self.properties.get(place))
        value = self.maybe(place, value)
        if value is None or value == "" or isinstance(value, feel.Expression | bool):
            return value if isinstance(value, feel.Expression) else None
        try:
            if component_type == "datetime":
                return dt.date.fromisoformat(str(value))
            return int(str(value)) if place.endswith("Length") else Decimal(str(value))
        except (ValueError, InvalidOperation):
            self.faults.append(Fault(place, f"“{value}”不是可用的界限", f"“{value}” cannot be a limit"))
            return None

    def count(self, name: str, default: int) -> int:
        text = self.properties.get(name, "")
        if text.isdigit():
            return int(text)
        if text:
            self.faults.append(Fault(name, f"“{text}”应为整数", f"“{text}” must be a whole number"))
        return default

    def limits(self, component_type: str) -> dict[str, Limit]:
        found = {place: self.limit(place, component_type) for place in LIMITS}
        if component_type == "datetime" and self.raw.get("disallowPassedDates") and not found["min"]:
            found["min"] = feel.compile("today()")
        return {place: each for place, each in found.items() if each is not None}

    def options(self) -> tuple[Option, ...]:
        values = self.raw.get("values")
        if not isinstance(values, Sequence):
            return ()
        return tuple(
            Option(
                str(each.get("value", "")),
                self.words(f"option.{each.get('value', '')}", str(each.get("label", ""))),
            )
            for each in values
            if isinstance(each, Mapping)
        )

    def rows(self) -> Rows:
        raw, properties = self.raw, self.properties
        first = raw.get("defaultRepetitions", 1)
        source = self.feel("rowsFrom", properties.get("rowsFrom"))
        return Rows(
            least=self.count("minRows", 0),
            most=self.count("maxRows", 200),
            first=first if isinstance(first, int) else 1,
            fixed=source is not None or raw.get("allowAddRemove") is False,
            pasted=properties.get("paste") != "no",
            source=source,
            key=properties.get("rowKey", ""),
            title=self.worded("rowTitle"),
            group=self.worded("rowGroup"),
            unit=self.words("rowUnit"),
            fill_column=properties.get("fillColumn", ""),
            fill_value=properties.get("fillValue", ""),
            fill_label=self.words("fillLabel"),
        )


def _decimals(reader: _Reader) -> int | None:
    decimals = reader.raw.get("decimalDigits")
    if isinstance(decimals, int) and not isinstance(decimals, bool):
        return decimals
    kind = KINDS.get(reader.properties.get("kind", ""))
    return kind.decimals if kind else None


def _megabytes(reader: _Reader) -> Decimal:
    try:
        return Decimal(reader.properties.get("maxMB", "20"))
    except InvalidOperation:
        reader.faults.append(Fault("maxMB", "maxMB 应为数字", "maxMB must be a number"))
        return Decimal(20)


def _string(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def component(raw: Mapping[str, Any], section: str = "") -> Component:
    """One component and all inside it, read from its JSON; refused and unknown types are left out."""
    reader = _Reader(raw)
    kind = _string(raw, "type")
    name = _string(raw, "id") or _string(raw, "key") or _string(raw, "path")
    section = section or name
    conditional = raw.get("conditional")
    hide = conditional.get("hide") if isinstance(conditional, Mapping) else None
    appearance = raw.get("appearance")
    unit = _string(appearance, "suffixAdorner") if isinstance(appearance, Mapping) else ""
    readonly = reader.maybe("readonly", reader.properties.get("readonly", raw.get("readonly", False)))
    default = reader.maybe("default", reader.properties.get("default", raw.get("defaultValue")))
    return Component(
        id=name,
        type=kind,
        key=_string(raw, "path" if kind == "dynamiclist" else "key"),
        raw=raw,
        properties=reader.properties,
        section=section,
        label=reader.words("label", _string(raw, "label")),
        description=reader.words("description", _string(raw, "description")),
        unit=reader.words("unit", unit or reader.properties.get("unit", "")),
        children=tuple(component(each, section) for each in parts(raw) if each.get("type") in TYPES),
        required=bool(reader.validate.get("required")),
        readonly=readonly if isinstance(readonly, feel.Expression) else str(readonly).lower() == "true",
        options=reader.options(),
        options_from=reader.feel("valuesExpression", raw.get("valuesExpression")),
        hide=reader.feel("conditional", hide),
        expression=reader.feel("expression", raw.get("expression")) if kind == "expression" else None,
        default=default,
        limits=reader.limits(kind),
        decimals=_decimals(reader),
        pattern=_string(reader.validate, "pattern") or None,
        accept=tuple(each.strip().lower() for each in _string(raw, "accept").split(",") if each.strip()),
        megabytes=_megabytes(reader),
        multiple=raw.get("multiple") is True,
        rows=reader.rows() if kind == "dynamiclist" else None,
        must=reader.feel("must", reader.properties.get("must")),
        papers=reader.feel("papers", reader.properties.get("papers")),
        every=reader.properties.get("all") == "true",
        faults=tuple(reader.faults),
    )


def parts(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The components directly inside one, as they stand in the file."""
    inside = raw.get("components")
    return [each for each in inside if isinstance(each, Mapping)] if isinstance(inside, list) else []

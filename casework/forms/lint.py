"""What the visual editor does not check: read for every form when its procedure's folder is opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from casework.engine import feel
from casework.forms import prose
from casework.forms.browser import json as for_browser
from casework.forms.conditions import Unsayable
from casework.forms.identifiers import KINDS
from casework.forms.layout import Layout
from casework.forms.profile import CHOICES, CONTAINERS, INPUTS, LIMITS, REFUSED, TYPES, Component, parts

_KEY = re.compile(r"[^\W\d]\w*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Names that mean something to a browser's form or to the page; a question of that name would hide them.
RESERVED = frozenset(
    {
        "csrf_token", "dataset", "append", "addEventListener", "getAttribute", "contains", "closest",
        "submit", "children", "remove", "item",
    }
)  # fmt: skip
#: Words of properties that are read by people and need English beside them.
WORDS = (
    "shortLabel", "minReason", "maxReason", "allReason", "requiredMessage", "patternMessage", "mustMessage",
    "rowUnit", "fillLabel", "title", "intro", "submitLabel",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One remark on a form. `id` is the component's; `code` is stable."""

    id: str
    code: str
    level: Literal["error", "warning"]
    zh: str
    en: str

    @property
    def element(self) -> str:
        """The component, under the name that findings on drawings use."""
        return self.id


def _error(where: str, code: str, zh: str, en: str) -> Finding:
    return Finding(where, code, "error", zh, en)


def _warning(where: str, code: str, zh: str, en: str) -> Finding:
    return Finding(where, code, "warning", zh, en)


def findings(form: Layout, facts: Collection[str] | None) -> list[Finding]:
    """Every remark on the form. `facts`: names the office gives; None: other names are left to the caller."""
    found = [*_file(form.raw), *_keys(form), *_english_of(form.root, "form")]
    for each in form.everything:
        found += [
            _error(each.id, "expression", f"{f.where}：{f.zh}", f"{f.where}: {f.en}") for f in each.faults
        ]
        found += [*_names(form, each, facts), *_reach(form, each), *_words(each), *_limits(each)]
        found += _prose(each)
        if each.type in CHOICES:
            found += _options(each)
        if each.type == "checklist" or "all" in each.properties:
            found += _ticks(each)
        if each.type == "dynamiclist":
            found += _rows(each)
        found += _kind(each)
    return found


def _walk(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for each in parts(raw):
        yield each
        yield from _walk(each)


def _file(raw: Mapping[str, Any]) -> Iterator[Finding]:
    everything = list(_walk(raw))
    for name, times in Counter(each.get("id") for each in everything).items():
        if times > 1:
            yield _error(str(name), "id", f"组件编号“{name}”重复", f"the id “{name}” is used twice")
    for each in everything:
        yield from _type(each)
    for each in parts(raw):
        if each.get("type") != "group":
            zh, en = "最外层只能是分组（页面上的一节）", "the outermost level holds groups only"
            yield _error(str(each.get("id")), "section", zh, en)


def _type(each: Mapping[str, Any]) -> Iterator[Finding]:
    kind, name = each.get("type"), str(each.get("id") or each.get("key"))
    if kind in REFUSED:
        yield _error(name, "type", f"不支持“{kind}”组件", f"“{kind}” is not in the profile")
    elif kind not in TYPES:
        yield _error(name, "type", f"没有“{kind}”这种组件", f"there is no type “{kind}”")
    if not each.get("id"):
        yield _error(name, "id", "组件没有编号", "the component has no id")


def _keys(form: Layout) -> Iterator[Finding]:
    seen: Counter[tuple[str, str]] = Counter()
    for each in form.everything:
        if each.type not in INPUTS and each.type not in ("dynamiclist", "expression"):
            continue
        own = form.list_of.get(each.id)
        seen[own.id if own else "", each.key] += 1
        if not _KEY.fullmatch(each.key):
            yield _error(
                each.id,
                "key",
                f"名称“{each.key}”只能用汉字、字母、数字和下划线",
                f"“{each.key}” is not a plain name",
            )
        if each.key in RESERVED or each.key.startswith("_"):
            yield _error(
                each.id, "key", f"名称“{each.key}”已被页面使用", f"the name “{each.key}” is taken by the page"
            )
        if seen[own.id if own else "", each.key] == 2:
            yield _error(each.id, "key", f"名称“{each.key}”重复", f"the name “{each.key}” is used twice")
        if own and each.type in ("dynamiclist", "filepicker"):
            yield _error(
                each.id, "type", "列表的行内不能再有列表或附件", "a row cannot hold a list or a file"
            )


def _names(form: Layout, each: Component, facts: Collection[str] | None) -> Iterator[Finding]:
    if facts is None:
        return
    known = form.names_for(each) | frozenset(facts)
    own = form.list_of.get(each.id, each)
    given = bool(own.rows and own.rows.source)  # rows the office gives have names of their own
    for place, expression in each.expressions():
        for name in sorted(expression.names - known) if not given else ():
            yield _error(
                each.id, "name", f"{place}：没有名为“{name}”的问题", f"{place}: there is no “{name}”"
            )
    for name in sorted(prose.names(_blanks(each)) - known):
        yield _error(each.id, "name", f"文字中没有名为“{name}”的问题", f"the text reads an unknown “{name}”")


def _blanks(each: Component) -> list[str]:
    return prose.blanks(each.prose)


def _prose(each: Component) -> Iterator[Finding]:
    for text in _blanks(each):
        try:
            feel.compile(text)
        except feel.FeelSyntax as wrong:
            yield _error(each.id, "expression", wrong.zh, wrong.en)


def _reach(form: Layout, each: Component) -> Iterator[Finding]:
    """Conditions and values the page cannot follow while it is being filled in."""
    for place, expression in each.expressions():
        ours = form.names_for(each)
        if place not in ("conditional", "expression") or not expression.reads(ours) & ours:
            continue
        if place == "conditional" and each.id in form.by_css:
            continue
        if place == "expression" and each.properties.get("afterSaving") == "true":
            continue  # the author knows, and the page says so
        try:
            for_browser(expression, ours, {}, form.columns)
        except Unsayable:
            yield _warning(
                each.id,
                "live",
                f"{place}：浏览器无法即时计算，保存后才更新",
                f"{place}: updated only after saving",
            )


def _words(each: Component) -> Iterator[Finding]:
    named = each.type in INPUTS | CONTAINERS or each.type == "expression"
    if named and not each.label.zh.strip():
        yield _error(each.id, "label", "没有标签", "no label")
    yield from _english_of(each, "label") if named else ()
    unit = each.unit
    if _CHINESE.search(unit.zh) and not unit.en:
        yield _warning(
            each.id, "unit", f"单位“{unit.zh}”没有英文（unit.en）", f"no English for the unit “{unit.zh}”"
        )
    if each.description.zh and not each.description.en:
        yield _warning(
            each.id, "english", "说明没有英文（description.en）", "no English description (description.en)"
        )
    if each.type == "text" and not each.properties.get("text.en"):
        yield _warning(each.id, "english", "文字没有英文（text.en）", "no English text (text.en)")
    for option in each.options:
        if _CHINESE.search(option.label.zh) and not option.label.en:
            yield _warning(
                each.id,
                "english",
                f"选项“{option.label.zh}”没有英文",
                f"no English for the option “{option.label.zh}”",
            )


def _english_of(each: Component, kind: str) -> Iterator[Finding]:
    if kind == "label" and each.label.zh and not each.label.en:
        yield _warning(each.id, "english", "标签没有英文（label.en）", "no English label (label.en)")
    for name in WORDS:
        text = each.properties.get(name, "")
        if _CHINESE.search(text) and not each.properties.get(f"{name}.en"):
            yield _warning(
                each.id, "english", f"“{text}”没有英文（{name}.en）", f"no English for “{text}” ({name}.en)"
            )


def _limits(each: Component) -> Iterator[Finding]:
    for low, high in (LIMITS[:2], LIMITS[2:]):
        least, most = each.limits.get(low), each.limits.get(high)
        if isinstance(least, feel.Expression) or isinstance(most, feel.Expression):
            continue
        if least is not None and most is not None and least > most:  # type: ignore[operator]
            yield _error(
                each.id,
                "limits",
                f"下限 {least} 大于上限 {most}",
                f"the minimum {least} is over the maximum {most}",
            )
    if each.pattern:
        try:
            re.compile(each.pattern)
        except re.error as wrong:
            yield _error(each.id, "pattern", f"格式表达式有误：{wrong}", f"bad pattern: {wrong}")


def _options(each: Component) -> Iterator[Finding]:
    if each.options_from:
        return
    values = [option.value for option in each.options]
    if not values:
        yield _error(each.id, "options", "没有选项", "no options")
    if len(values) != len(set(values)) or "" in values:
        yield _error(each.id, "options", "选项的值为空或重复", "option values are empty or repeated")
    if len({option.label.zh for option in each.options}) != len(values):
        yield _error(each.id, "options", "选项的文字重复", "option labels are repeated")


def _ticks(each: Component) -> Iterator[Finding]:
    """`required` alone means at least one: what is checked off before something is granted needs all."""
    said = each.properties.get("all")
    if said is not None and (each.type != "checklist" or said not in ("true", "false")):
        zh = f"all 只能写在多选上，值为 true 或者 false，现为“{said}”"
        yield _error(each.id, "all", zh, f"all goes with a checklist and says true or false, not “{said}”")
    elif said == "true" and not each.required:
        yield _error(each.id, "all", "写了 all 的多选应当必填", "a checklist with all must be required")
    elif said is None and each.required:
        zh = "写明 all：true 每一项都要勾选，false 至少勾选一项"
        yield _warning(each.id, "all", zh, "say all: true for every one, false for at least one")


def _rows(each: Component) -> Iterator[Finding]:
    rows, columns = each.rows, {column.key: column for column in each.children}
    if rows is None:
        return
    if not any(column.type in INPUTS for column in each.children):
        yield _error(each.id, "rows", "列表没有可填的列", "the list has no column to fill in")
    if rows.least > rows.most or rows.most > 500:
        yield _error(
            each.id,
            "rows",
            f"行数应为 {rows.least} 至 {rows.most}，且不超过 500",
            "row bounds are crossed or over 500",
        )
    if rows.fill_column:
        column = columns.get(rows.fill_column)
        values = [option.value for option in column.options] if column else []
        if column is None or (values and rows.fill_value not in values):
            yield _error(
                each.id,
                "fill",
                "fillColumn 或 fillValue 不在列表的列和选项中",
                "fillColumn or fillValue is not in the list",
            )


def _kind(each: Component) -> Iterator[Finding]:
    name = each.properties.get("kind")
    if name and name not in KINDS:
        yield _error(each.id, "kind", f"没有“{name}”这种填写内容", f"there is no kind “{name}”")
    elif name and each.type not in KINDS[name].types:
        yield _error(
            each.id, "kind", f"“{name}”不能用于 {each.type}", f"“{name}” does not go with {each.type}"
        )
    place = each.properties.get("location")
    if place is not None and (place != "keep" or each.type != "filepicker"):
        zh = f"location 只能写在附件上，值为 keep，现为“{place}”"
        yield _error(each.id, "location", zh, f"location goes with a filepicker and says keep, not “{place}”")
    if each.type == "datetime" and each.raw.get("subtype", "date") != "date":
        yield _error(each.id, "type", "日期组件只支持“日期”", "datetime is for dates only")

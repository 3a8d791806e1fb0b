"""A period as the law writes it: its kind, its length, what sets it going, and the article."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

#: ceiling 以内, floor 不少于, backward …前, publicity 公示期, term 有效期, fixed 指定的日期;
#: the others are ceilings by unit.
KINDS = frozenset(
    {"ceiling", "floor", "backward", "publicity", "term", "fixed", "working_days", "months", "years", "hours"}
)
UNITS = ("days", "working_days", "months", "years", "hours")
KEYS = frozenset(
    {"kind", "unit", "basis", "source", "event", "event_en", "from", "extension", "stayed", *UNITS}
)


class BadRule(ValueError):
    """A period that cannot be computed; says which and why, in both languages."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        self.said = zh, en
        self.name, self.zh, self.en = name, f"期限“{name}”：{zh}。", f"Deadline '{name}': {en}."
        super().__init__(f"{self.zh} {self.en}")


@dataclass(frozen=True)
class Rule:
    """One period. `length`, `extension` and `unit` may be FEEL texts (`=profile.…`) until `settle`."""

    kind: str
    length: int | str
    basis: str
    event: str
    unit: str = "days"
    name: str = ""
    event_en: str = ""
    start: str = ""
    extension: int | str = 0
    #: the value of the profile whose own source is cited beside the basis
    source: str = ""
    #: it does not run while the case, or the one it concerns, is suspended by order
    stayed: bool = False

    @property
    def latest(self) -> bool:
        """Whether the date is the last day to act (otherwise: the first moment one may)."""
        return self.kind not in {"floor", "publicity", "term"}

    @property
    def moves(self) -> bool:
        """Whether a last day on a rest day moves on: ceilings only (民法典 第二百零三条)."""
        return self.kind == "ceiling" and self.unit in {"days", "months", "years"}

    @property
    def days(self) -> int:
        """The length, in the rule's unit, once settled."""
        if not isinstance(self.length, int):
            raise BadRule(self.name, f"长度 {self.length} 尚未算出", f"length {self.length} is not known yet")
        return self.length

    @property
    def expressions(self) -> tuple[str, ...]:
        """The FEEL texts it needs: start, length, extension, unit."""
        texts = (self.start, self.length, self.extension, self.unit)
        return tuple(t for t in texts if isinstance(t, str) and t.startswith("="))

    @classmethod
    def read(cls, mapping: Mapping[str, Any], name: str = "") -> Rule:
        """From `deadlines:` of procedure.yaml; BadRule says what is missing or wrong."""
        if unknown := sorted(set(map(str, mapping)) - KEYS):
            raise BadRule(name, f"不认识的键 {'、'.join(unknown)}", f"unknown key {', '.join(unknown)}")
        for key, word in (("kind", "种类"), ("basis", "依据"), ("event", "起算事件"), ("from", "起算日")):
            if not mapping.get(key):
                raise BadRule(name, f"缺少{word} {key}", f"{key} is missing")
        kind = str(mapping["kind"])
        mapping = {"days": 0, **mapping} if kind == "fixed" else mapping
        given = [unit for unit in UNITS if unit in mapping]
        if len(given) != 1:
            raise BadRule(
                name, f"须恰好写一个长度：{'、'.join(UNITS)}", f"state exactly one length: {', '.join(UNITS)}"
            )
        if kind not in KINDS:
            raise BadRule(name, f"不认识的种类 {kind}", f"unknown kind {kind}")
        unit = str(mapping.get("unit") or given[0])
        if kind in UNITS and given[0] not in {kind, "days"}:
            raise BadRule(
                name, f"{kind} 与 {given[0]} 不一致", f"{kind} and {given[0]} contradict each other"
            )
        if kind in UNITS:
            unit, kind = kind, "ceiling"
        rule = cls(
            kind=kind,
            length=_text_or_number(mapping[given[0]]),
            unit=unit,
            basis=str(mapping["basis"]),
            event=str(mapping["event"]),
            event_en=str(mapping.get("event_en", "")),
            name=name,
            start=str(mapping["from"]),
            extension=_text_or_number(mapping.get("extension", 0)),
            source=str(mapping.get("source", "")),
            stayed=mapping.get("stayed") is True,
        )
        return _possible(rule)

    def settle(
        self, length: Any = None, *, extension: Any = None, unit: str | None = None, cited: str = ""
    ) -> Rule:
        """The rule with the numbers its FEEL texts gave; `cited`: where the place wrote them down."""
        rule = replace(
            self,
            length=self.length if length is None else _whole(self.name, length),
            extension=self.extension if extension is None else _whole(self.name, extension),
            unit=unit or self.unit,
            basis="；".join(dict.fromkeys((*self.basis.split("；"), *(cited.split("；") if cited else ())))),
        )
        return _possible(rule)

    def checked(self) -> Rule:
        """Itself, when it can be computed."""
        _possible(self)
        if self.kind == "fixed" and self.days != 0:
            raise BadRule(self.name, "指定的日期没有长度", "a day that was set has no length")
        if (self.days < 1 and self.kind != "fixed") or self.unit not in UNITS:
            raise BadRule(self.name, "长度须为正整数", "the length must be a positive whole number")
        return self

    def dump(self) -> dict[str, Any]:
        """As a FEEL context."""
        return asdict(self)


def _possible(rule: Rule) -> Rule:
    if not rule.unit.startswith("=") and rule.unit not in UNITS:
        raise BadRule(rule.name, f"不认识的单位 {rule.unit}", f"unknown unit {rule.unit}")
    if rule.kind not in KINDS - set(UNITS):
        raise BadRule(rule.name, f"不认识的种类 {rule.kind}", f"unknown kind {rule.kind}")
    for number in (rule.length, rule.extension):
        if isinstance(number, str) and not number.startswith("="):
            raise BadRule(
                rule.name,
                f"“{number}”既不是整数也不是以 = 开头的表达式",
                f"'{number}' is neither a whole number nor an expression beginning with =",
            )
    return rule


def _text_or_number(value: Any) -> int | str:
    return value if type(value) is int else str(value)


def _whole(name: str, value: Any) -> int:
    whole = isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)
    if not whole:
        raise BadRule(name, f"“{value}”不是整数", f"'{value}' is not a whole number")
    return int(value)

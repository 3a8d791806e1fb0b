"""The book of profiles: every place's values with source and period, the wider place's where it is silent."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from casework import yaml
from casework.engine import values as feel_values

FOLDER = Path(__file__).resolve().parent.parent.parent / "workflows" / "profiles"
#: English for the sources: not a place, whatever its ending.
TEXTS = "texts.en.yaml"
#: What stands between the articles of a source.
BETWEEN = "；"
LEAF_KEYS = {"value", "source", "from", "until", "note"}
#: Names the snapshot uses for itself; no value may be called so.
RESERVED = {"place", "name", "name_en", "on", "version", "sources"}
PLACE_KEYS = {"name", "name_en", "inherits", "from", "note", "values"}


class BadProfile(ValueError):
    """A profile file that cannot be used; says where and why, in both languages."""

    def __init__(self, place: str, zh: str, en: str) -> None:
        self.zh, self.en = f"地方规定“{place}”：{zh}。", f"Profile '{place}': {en}."
        super().__init__(f"{self.zh} {self.en}")


@dataclass(frozen=True)
class Leaf:
    """One value of one place in one period, and where it is written."""

    key: str
    value: Any
    source: str
    begins: date
    ends: date | None
    place: str

    def holds(self, on: date) -> bool:
        """Whether it was in force that day (both ends included)."""
        return self.begins <= on and (self.ends is None or on <= self.ends)


@dataclass(frozen=True)
class Place:
    """One file: a place, the wider place it falls back on, its leaves."""

    key: str
    name: str
    name_en: str
    inherits: str | None
    note: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Profile:
    """What holds at a place on a day; `values` is the FEEL context `profile`."""

    place: str
    name: str
    name_en: str
    on: date
    values: Mapping[str, Any]
    sources: Mapping[str, str]
    #: Fingerprint of the values, `shaoxing@5f0c91ab`: equal values have equal versions.
    version: str

    @property
    def day_ends(self) -> time | None:
        """The end of office hours; None: a period's last day ends at 24:00 (民法典 第二百零三条)."""
        text = self.values.get("day_ends")
        return time.fromisoformat(text) if text else None

    def source(self, key: str) -> str:
        """Where the value is written."""
        return self.sources.get(key, "")

    def snapshot(self) -> dict[str, Any]:
        """The FEEL context `profile` (`profile.licence_decision_wd`), kept by the case that begins today."""
        return {
            **self.values,
            "place": self.place,
            "name": self.name,
            "name_en": self.name_en,
            "on": self.on,
            "version": self.version,
            "sources": dict(self.sources),
        }

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Profile:
        """What `snapshot` kept; its version is the one it began with."""
        return cls(
            place=kept["place"],
            name=kept["name"],
            name_en=kept["name_en"],
            on=kept["on"],
            values=MappingProxyType({key: kept[key] for key in kept if key not in RESERVED}),
            sources=MappingProxyType(dict(kept["sources"])),
            version=kept["version"],
        )


@dataclass(frozen=True)
class Book:
    """Every place that was read."""

    places: Mapping[str, Place]
    #: English for each part of a source, by its Chinese
    texts: Mapping[str, str]

    def says(self, source: str, lang: str) -> str:
        """A source in the reader's language, part by part; in Chinese where nobody gave its English."""
        if lang != "en":
            return source
        return "; ".join(self.texts.get(each, each) for each in source.split(BETWEEN))

    @property
    def keys(self) -> frozenset[str]:
        """Every rule value that some place has."""
        return frozenset(leaf.key for place in self.places.values() for leaf in place.leaves)

    def of(self, place: str, on: date) -> Profile:
        """What holds at that place that day; a key nobody gives a value in force is null."""
        if place not in self.places:
            raise BadProfile(place, "没有这个地方的规定", "there is no such place")
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for one in reversed(self._line(place)):
            for leaf in one.leaves:
                values.setdefault(leaf.key, None)
                if leaf.holds(on):
                    values[leaf.key], sources[leaf.key] = leaf.value, leaf.source
        here = self.places[place]
        return Profile(
            place=place,
            name=here.name,
            name_en=here.name_en,
            on=on,
            values=MappingProxyType(values),
            sources=MappingProxyType(sources),
            version=f"{place}@{_fingerprint(values)}",
        )

    def _line(self, place: str) -> list[Place]:
        """The place itself, then what it inherits from."""
        line = [self.places[place]]
        while line[-1].inherits is not None:
            line.append(self.places[line[-1].inherits])
        return line


def read(*folders: Path) -> Book:
    """All places of these folders; a later folder (the city's own) wins. BadProfile says what is wrong."""
    places: dict[str, Place] = {}
    texts: dict[str, str] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        text = path.read_text(encoding="utf-8")
        if path.name == TEXTS:
            texts |= _texts(text)
        else:
            places[path.stem] = _place(path.stem, text)
    for place in places.values():
        seen, wider = {place.key}, place.inherits
        while wider is not None:
            if wider not in places or wider in seen:
                raise BadProfile(place.key, f"不能沿用 {wider}", f"cannot inherit from {wider}")
            seen.add(wider)
            wider = places[wider].inherits
    return Book(MappingProxyType(places), MappingProxyType(texts))


@cache
def official() -> Book:
    """The profiles delivered with the product."""
    return read(FOLDER)


def of(place: str, on: date, book: Book | None = None) -> Profile:
    """What holds at a place on a day."""
    return (book or official()).of(place, on)


def _texts(text: str) -> dict[str, str]:
    try:
        raw = yaml.read(text)
    except yaml.Unreadable as error:
        raise BadProfile(TEXTS, "不是可读的 YAML 文件", "is not readable YAML") from error
    if not isinstance(raw, dict) or not all(isinstance(each, str) for pair in raw.items() for each in pair):
        raise BadProfile(TEXTS, "须一行原文对一行英文", "must give one English text for each Chinese one")
    return raw


def _fingerprint(values: Mapping[str, Any]) -> str:
    text = feel_values.dumps({key: values[key] for key in sorted(values)})
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _place(key: str, text: str) -> Place:
    try:
        raw = yaml.read(text)
    except yaml.Unreadable as error:
        raise BadProfile(key, "不是可读的 YAML 文件", "is not readable YAML") from error
    if not isinstance(raw, dict) or not {"name", "name_en", "from", "values"} <= set(raw) <= PLACE_KEYS:
        raise BadProfile(
            key, "须写明 name、name_en、from、values", "must state name, name_en, from and values only"
        )
    since = _day(key, raw["from"])
    leaves: list[Leaf] = []
    for name, given in raw["values"].items():
        mine = [_leaf(key, name, one, since) for one in (given if isinstance(given, list) else [given])]
        mine.sort(key=lambda leaf: leaf.begins)
        for earlier, later in itertools.pairwise(mine):
            if earlier.ends is None or earlier.ends >= later.begins:
                raise BadProfile(key, f"{name} 的时段重叠", f"periods of {name} overlap")
        leaves += mine
    return Place(key, raw["name"], raw["name_en"], raw.get("inherits"), raw.get("note", ""), tuple(leaves))


def _leaf(place: str, key: str, raw: Any, since: date) -> Leaf:
    if not isinstance(raw, dict) or "value" not in raw or not raw.get("source") or set(raw) - LEAF_KEYS:
        raise BadProfile(place, f"{key} 须写明 value 和 source", f"{key} must state value and source")
    if not key.isidentifier() or not key.islower() or key in RESERVED:
        raise BadProfile(place, f"{key} 不能作键名", f"{key} cannot be a key: lower_snake_case, not reserved")
    if _has_float(raw["value"]):
        raise BadProfile(place, f"{key} 不得用小数，请换单位", f"{key}: no decimals, use a smaller unit")
    begins = _day(place, raw["from"]) if "from" in raw else since
    ends = _day(place, raw["until"], last=True) if "until" in raw else None
    return Leaf(key, raw["value"], str(raw["source"]), begins, ends, place)


def _day(place: str, raw: Any, *, last: bool = False) -> date:
    """A day; a bare year, where the source names only that, is its first (or last) day."""
    if type(raw) is int and 1949 <= raw <= 2200:
        return date(raw, 12, 31) if last else date(raw, 1, 1)
    if type(raw) is not date:
        raise BadProfile(place, f"{raw!r} 不是日期", f"{raw!r} is not a date")
    return raw


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_float, value))
    return isinstance(value, float)

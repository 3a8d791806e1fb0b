"""What a form may ask of the projects around: who lies near, who is meant, whether they may share an area."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from casework import places
from casework.db import db
from casework.people import Organisation
from casework.places import Project
from casework.words import Words, _, say_in

Said = dict[str, Any]
#: How a list of choices ends: any other project is named by its number.
OTHER = _("其他项目（填写编号或者名称）")


class _Asked:
    """What one form asks of the register, row by row: each question is answered once."""

    def __init__(self) -> None:
        self._organisations = dict[int, Organisation | None]()
        self._lists = dict[tuple[Any, ...], list[Said]]()
        self._named = dict[tuple[int, str], Project | None]()

    def near(self, _scope: Mapping[str, Any], place: Any, whose: Any, keep: Any = None) -> list[Said]:
        """`nearby_projects(place, whose, keep)`: those of the community first, then of the street.

        `place`: “street-community” as `localities` gives it; `whose`: the organisation that fills the form
        in; `keep`: codes that are among the choices in any case, beside a page of the others.
        """
        asked = str(place or ""), whose, *_texts(keep)
        if asked not in self._lists:
            self._lists[asked] = self._choices(str(place or ""), self._organisation(whose), _texts(keep))
        return self._lists[asked]

    def _choices(self, place: str, whose: Organisation | None, keep: Sequence[str]) -> list[Said]:
        other = {"value": "other", "label": say_in("zh", OTHER), "label.en": say_in("en", OTHER)}
        if whose is None:
            return [other]
        ids = [int(each) for each in place.split("-") if each.isdigit()]
        found = list(places.near(whose, *ids)) if len(ids) == 2 else []
        kept = [each for code in keep if (each := self._find(whose, code)) and each not in found]
        return [*({**_told(each), "value": each.code} for each in [*found, *kept]), other]

    def named(self, _scope: Mapping[str, Any], text: Any, whose: Any) -> Said | None:
        """`project_named(text, whose)`: the project of this number or name; null for none or several."""
        one = self._organisation(whose)
        found = self._find(one, str(text)) if one is not None and text else None
        return None if found is None else _told(found)

    def unfit(self, _scope: Mapping[str, Any], codes: Any, project: Any, whose: Any) -> Said | None:
        """`merger_unfit(codes, project, whose)`: why these cannot share an area, by language; else null."""
        one = self._organisation(whose)
        if one is None:
            return None
        found = [each for code in _texts(codes) if (each := self._find(one, code)) is not None]
        return _both(places.unfit(_project(project), found))

    def _organisation(self, given: Any) -> Organisation | None:
        if not given:
            return None
        if (key := int(given)) not in self._organisations:
            self._organisations[key] = db.session.get(Organisation, key)
        return self._organisations[key]

    def _find(self, whose: Organisation, text: str) -> Project | None:
        if (whose.id, text) not in self._named:
            self._named[whose.id, text] = places.named(whose, text)
        return self._named[whose.id, text]


def _mates(_scope: Mapping[str, Any], project: Any) -> list[Said]:
    """`area_mates(project)`: the projects that now lie in one area with it."""
    one = _project(project)
    area = places.current(one.id) if one is not None else None
    return [_told(each) for each in places.companions(area)] if area is not None else []


def _told(one: Project) -> Said:
    lies = [each for each in (one.street, one.community) if each]
    says = {
        lang: say_in(
            lang,
            _(
                "%(code)s %(name)s（%(lies)s，%(area)s 平方米）",
                code=one.code,
                name=one.label(lang),
                lies={"zh": "", "en": ", "}[lang].join(each.label(lang) for each in lies),
                area=f"{one.gfa_total:,.2f}",
            ),
        )
        for lang in ("zh", "en")
    }
    return {
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "name_en": one.label("en"),
        "gfa_total": one.gfa_total,
        "label": says["zh"],
        "label.en": says["en"],
    }


def _both(says: Words | None) -> Said | None:
    return {"zh": say_in("zh", says), "en": say_in("en", says)} if says else None


def _project(given: Any) -> Project | None:
    return db.session.get(Project, int(given)) if given else None


def _texts(given: Any) -> Sequence[str]:
    return [str(each) for each in given if each] if isinstance(given, list) else ()


def functions() -> dict[str, Callable[..., Any]]:
    """The functions of one set, which remember what was asked."""
    asked = _Asked()
    return {
        "nearby_projects": asked.near,
        "project_named": asked.named,
        "area_mates": _mates,
        "merger_unfit": asked.unfit,
    }

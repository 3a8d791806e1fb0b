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


def _near(_scope: Mapping[str, Any], place: Any, whose: Any, keep: Any = None) -> list[Said]:
    """`nearby_projects(place, whose, keep)`: those of the community first, then of the street, then `keep`.

    `place`: “street-community” as `localities` gives it; `whose`: the organisation that fills the form in;
    `keep`: codes that must be among the choices. Never more than a page of them.
    """
    other = {"value": "other", "label": say_in("zh", OTHER), "label.en": say_in("en", OTHER)}
    one, ids = _organisation(whose), [int(each) for each in str(place or "").split("-") if each.isdigit()]
    if one is None:
        return [other]
    found = list(places.near(one, *ids)) if len(ids) == 2 else []
    kept = [each for code in _texts(keep) if (each := places.named(one, code)) and each not in found]
    return [*({**_told(each), "value": each.code} for each in [*found, *kept]), other]


def _named(_scope: Mapping[str, Any], text: Any, whose: Any) -> Said | None:
    """`project_named(text, whose)`: the project of this number or name; null for none or several."""
    one = _organisation(whose)
    found = places.named(one, str(text)) if one is not None and text else None
    return None if found is None else _told(found)


def _mates(_scope: Mapping[str, Any], project: Any) -> list[Said]:
    """`area_mates(project)`: the projects that now lie in one area with it."""
    one = _project(project)
    area = places.current(one.id) if one is not None else None
    return [_told(each) for each in places.companions(area)] if area is not None else []


def _unfit(_scope: Mapping[str, Any], codes: Any, project: Any, whose: Any) -> Said | None:
    """`merger_unfit(codes, project, whose)`: why these cannot share an area, in both languages; else null."""
    one = _organisation(whose)
    if one is None:
        return None
    found = [each for code in _texts(codes) if (each := places.named(one, code)) is not None]
    return _both(places.unfit(_project(project), found))


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


def _organisation(given: Any) -> Organisation | None:
    return db.session.get(Organisation, int(given)) if given else None


def _project(given: Any) -> Project | None:
    return db.session.get(Project, int(given)) if given else None


def _texts(given: Any) -> Sequence[str]:
    return [str(each) for each in given if each] if isinstance(given, list) else ()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "nearby_projects": _near,
    "project_named": _named,
    "area_mates": _mates,
    "merger_unfit": _unfit,
}

"""The lists of choices that forms read by name, as the organisation that fills them in may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from casework import forms, places
from casework.people import Organisation, of_kind, territory

Choices = list[dict[str, Any]]


class Held(Protocol):
    """What belongs to an organisation: a post, a step."""

    @property
    def organisation(self) -> Organisation: ...


def of(one: Held, form: forms.Form) -> dict[str, Choices]:
    """The lists this form reads; the organisation is looked up only for them."""
    return {name: look_up(one.organisation) for name, look_up in LISTS.items() if name in form.reads}


def _bodies(*kinds: str, of: Organisation | None = None) -> Choices:
    """The bodies of these kinds on the register; `of`: only those of its territory."""
    root = territory(of).id if of else None
    found = [each for kind in kinds for each in of_kind(kind, root)]
    return [{"value": str(e.id), "label": e.name, "label.en": e.label("en")} for e in found]


def _units(one: Organisation) -> Choices:
    """Who may be made responsible; a company that is registered elsewhere is said to be."""
    found = _bodies("developer", "enterprise")
    near = {each["value"] for each in _bodies("developer", "enterprise", of=one)}
    for each in found:
        if each["value"] not in near:
            each["label"] += "（外区登记）"
            each["label.en"] += " (registered in another district)"
    return found + _bodies("street", "community", "owners", of=one)


def _localities(one: Organisation) -> Choices:
    """Streets with their communities: the value is “street-community”, 0 for none yet."""
    found = []
    for street, community in places.localities(one):
        zh, en = "尚未划定社区", "no community yet"
        if community is not None:
            zh, en = community.name, community.label("en")
        found.append(
            {
                "value": f"{street.id}-{community.id if community else 0}",
                "label": f"{street.name}　{zh}",
                "label.en": f"{street.label('en')}: {en}",
            }
        )
    return found


def _own_projects(one: Organisation) -> Choices:
    """The projects this organisation has a part in."""
    return [
        {
            "value": str(each.id),
            "label": f"{each.name}（{each.street.name}，{each.gfa_total:,.2f} 平方米）",
            "label.en": f"{each.label('en')} ({each.street.label('en')}, {each.gfa_total:,.2f} m²)",
            "name": each.name,
            "name_en": each.label("en"),
        }
        for each in places.own(one)
    ]


#: By the name under which forms read them. Agencies: who may run a tender for somebody or keep a key of it.
LISTS: dict[str, Callable[[Organisation], Choices]] = {
    "enterprises": lambda _one: _bodies("enterprise"),
    "agencies": lambda _one: _bodies("agency", "association"),
    "developers": lambda _one: _bodies("developer"),
    "units": _units,
    "localities": _localities,
    "own_projects": _own_projects,
}

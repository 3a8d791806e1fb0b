"""Public tender, invited tender or agreement: what a place's size limits say about a project."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casework.profiles.book import Profile

#: Grounds for selection by agreement (物业管理条例 第二十四条; secrecy only where the place allows it).
GROUNDS = {
    "few_bidders": ("投标人少于规定人数", "too few bidders"),
    "small_size": ("住宅规模较小", "small housing project"),
    "secrecy": ("涉及保密或者国家安全", "secrecy or state security"),
}
BASES = {
    "gfa_total": ("总建筑面积", "total floor area", "平方米", "m²"),
    "gfa_above": ("地上建筑面积", "floor area above ground", "平方米", "m²"),
    "gfa_residential": ("住宅建筑面积", "residential floor area", "平方米", "m²"),
    "gfa_nonresidential": ("非住宅建筑面积", "non-residential floor area", "平方米", "m²"),
    "state_share": ("国有投资比例", "share of state investment", "%", "%"),
}
#: 不满 and 超过 exclude the number, 以下 and 以上 include it (民法典 第一千二百五十九条).
COMPARE = {
    "lt": (operator.lt, "不满{}", "below {}"),
    "le": (operator.le, "{}以下（含）", "at most {}"),
    "ge": (operator.ge, "{}以上（含）", "at least {}"),
    "gt": (operator.gt, "超过{}", "above {}"),
}
TYPES_EN = {
    "多层": "multi-storey",
    "高层": "high-rise",
    "混合": "mixed",
    "别墅": "villa",
    "非住宅": "non-residential",
}


@dataclass(frozen=True)
class Answer:
    """Yes or no, the reason in both languages, the article, and the limit that decided."""

    yes: bool
    zh: str
    en: str
    basis: str
    limit: str = ""
    limit_en: str = ""

    def facts(self) -> dict[str, Any]:
        """As a FEEL context."""
        return {
            "yes": self.yes,
            "zh": self.zh,
            "en": self.en,
            "basis": self.basis,
            "limit": self.limit,
            "limit_en": self.limit_en,
        }


def agreement_allowed(
    profile: Profile, project: Mapping[str, Any], ground: str, tender: Mapping[str, Any] | None = None
) -> Answer:
    """Whether this ground carries a selection by agreement for this project at this place.

    `project`: the FEEL context of the project. `tender`: the record of a failed tender (`bidders`: how many
    had handed in at the deadline), needed for the ground "few_bidders".
    """
    allowed = profile.values.get("agreement_grounds") or []
    if ground not in GROUNDS or ground not in allowed:
        name_zh, name_en = GROUNDS.get(ground, (ground, ground))
        return Answer(
            False,
            f"{profile.name}未规定可以“{name_zh}”为由采用协议方式。",
            f"{profile.name_en} does not provide for selection by agreement on the ground '{name_en}'.",
            profile.source("agreement_grounds"),
        )
    if ground == "few_bidders":
        return _few_bidders(profile, tender)
    if ground == "small_size":
        return _small(profile, project)
    return Answer(
        True,
        "须附保密或者国家安全证明。",
        "A certificate of secrecy or state security must be attached.",
        profile.source("agreement_grounds"),
    )


def tender_method(profile: Profile, project: Mapping[str, Any]) -> str | None:
    """The mildest method the size allows: agreement, invited, public; None where the place has no limits."""
    project = _measured(project)
    if _first(profile.values.get("tender_public_if"), project) is not None:
        return "public"
    for method in ("agreement", "invited"):
        if _first(profile.values.get(f"tender_{method}_if"), project) is not None:
            return method
    return None


def agreement_lost(profile: Profile, before: Mapping[str, Any], after: Mapping[str, Any]) -> Answer | None:
    """The reason why a project whose size once allowed agreement no longer does; None: nothing changed."""
    if not _small(profile, before).yes:
        return None
    now = _small(profile, after)
    return None if now.yes else now


def _measured(project: Mapping[str, Any]) -> Mapping[str, Any]:
    """The project with the sizes of its area, which has one enterprise (物业管理条例 第三十三条)."""
    whole = (project.get("area") or {}).get("whole")
    return {**project, **whole, "shared": True} if whole else project


def _few_bidders(profile: Profile, tender: Mapping[str, Any] | None) -> Answer:
    least, basis = profile.values["min_bidders"], profile.source("min_bidders")
    bidders = (tender or {}).get("bidders")
    if bidders is None:
        return Answer(
            False,
            "以投标人不足为由的，须附招标记录（公告、截止时间、递交情况）。",
            "This ground needs the record of a tender: notice, deadline, bids handed in.",
            basis,
        )
    yes = bidders < least
    return Answer(
        yes,
        f"投标截止时投标人 {bidders} 个，{'少于' if yes else '不少于'} {least} 个。",
        f"{bidders} bidders at the deadline, {'fewer than' if yes else 'not fewer than'} {least}.",
        basis,
        f"少于 {least} 个",
        f"fewer than {least}",
    )


def _small(profile: Profile, project: Mapping[str, Any]) -> Answer:
    key, project = "tender_agreement_if", _measured(project)
    alternatives, basis = profile.values.get(key), profile.source(key)
    if not alternatives:
        return Answer(
            False,
            f"{profile.name}没有配置“住宅规模较小”的面积标准，不能以此为由申请协议方式。",
            f"{profile.name_en} has no configured size limit, so this ground cannot be used.",
            basis,
        )
    public = _first(profile.values.get("tender_public_if"), project)
    if public is not None:
        zh, en = _told(public, project)
        return Answer(
            False,
            f"{zh}，应当公开招标。",
            f"{en}: public tender is required.",
            profile.source("tender_public_if"),
        )
    chosen = _first(alternatives, project)
    shown = chosen or _nearest(alternatives, project)
    zh, en = _told(shown, project)
    limit, limit_en = _limits(shown)
    words = ("符合", "meets") if chosen else ("不符合", "does not meet")
    return Answer(
        chosen is not None,
        f"{zh}，{words[0]}“{limit}”的标准。",
        f"{en}: {words[1]} the limit '{limit_en}'.",
        basis,
        limit,
        limit_en,
    )


def _first(alternatives: Any, project: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    """The first alternative all of whose conditions hold; an unknown fact never holds."""
    for conditions in alternatives or ():
        if all(_holds(condition, project) for condition in conditions):
            return list(conditions)
    return None


def _nearest(alternatives: Any, project: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The alternative for this building type, to show why it fails; otherwise the first."""
    of_type = [c for c in alternatives if any(project.get("building_type") in x.get("types", ()) for x in c)]
    return list((of_type or list(alternatives))[0])


def _holds(condition: Mapping[str, Any], project: Mapping[str, Any]) -> bool:
    if "types" in condition and project.get("building_type") not in condition["types"]:
        return False
    value = project.get(condition["base"])
    if value is None:
        return False
    compare = COMPARE[condition["cmp"]][0]
    return bool(compare(Decimal(value), Decimal(condition["limit"])))


def _told(conditions: Sequence[Mapping[str, Any]], project: Mapping[str, Any]) -> tuple[str, str]:
    """What the project shows of the quantities the conditions ask for."""
    zh, en = [], []
    for base in dict.fromkeys(c["base"] for c in conditions):
        name_zh, name_en, unit_zh, unit_en = BASES[base]
        if project.get("shared") and base.startswith("gfa"):
            name_zh, name_en = f"所在物业管理区域{name_zh}", f"{name_en} of the whole area"
        value = project.get(base)
        zh.append(f"{name_zh}未填写" if value is None else f"{name_zh} {_written(value)} {unit_zh}")
        en.append(f"{name_en} is not stated" if value is None else f"{name_en} {_written(value)} {unit_en}")
    types = {t for c in conditions for t in c.get("types", ())}
    if types:
        of_type = str(project.get("building_type") or "")
        zh.insert(0, f"建筑类型“{of_type or '未填写'}”")
        en.insert(0, f"building type '{TYPES_EN.get(of_type, of_type) or 'not stated'}'")
    return "、".join(zh), ", ".join(en)


def _written(value: Any) -> str:
    """30,000 rather than 30,000.00; 29,999.99 as it is."""
    return f"{Decimal(value).normalize():,f}"


def _limits(conditions: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    zh, en = [], []
    for c in conditions:
        name_zh, name_en, unit_zh, unit_en = BASES[c["base"]]
        _, words_zh, words_en = COMPARE[c["cmp"]]
        types_zh = "、".join(c.get("types", ())) + ("项目" if "types" in c else "")
        types_en = "/".join(TYPES_EN.get(t, t) for t in c.get("types", ()))
        zh.append(f"{types_zh}{name_zh}" + words_zh.format(f" {c['limit']:,} {unit_zh}"))
        en.append(f"{types_en} {name_en} ".lstrip() + words_en.format(f"{c['limit']:,} {unit_en}"))
    return "，且".join(zh), " and ".join(en)

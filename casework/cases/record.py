"""The record of a case, line by line, in the reader's language: what happened, what came of it, by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from casework import appraisals, journal, standing, violations
from casework.cases.model import Step
from casework.db import db
from casework.engine.elements import Element
from casework.people import Organisation, Post, spoken
from casework.places import Project
from casework.procedures import Procedure
from casework.words import Words, _, say, spoken_in

#: What the record says of each kind of entry.
TOLD: dict[str, Words] = {
    "opened": _("案件建立"),
    "submitted": _("提交申请"),
    "ended": _("案件办结"),
    "withdrawn": _("撤回申请"),
    "incident": _("办理受阻"),
    "retried": _("重新办理"),
    "moved": _("转到流程的另一版本"),
    "timer": _("到时自动处理"),
    "message": _("收到其他案件的通知"),
    "issued": _("出具文书"),
    "published": _("发布公告"),
    "letter": _("发送信件"),
    "checked": _("核查信用记录"),
    "tabled": _("列出确认清单"),
    "scanned": _("登记盖章件"),
    "corrected": _("更正文书"),
    "paper withdrawn": _("撤回文书"),
    "paper lapsed": _("文书失效"),
    "archived": _("导出归档包"),
    "fetched": _("下载归档包"),
    "appraised": _("鉴定"),
    "recomputed": _("重新计算期限"),
    "registered": _("登记物业项目"),
    "area": _("登记物业管理区域"),
    "entrusted": _("登记服务企业"),
    "violation": _("登记违规线索"),
    "violation settled": _("违规线索办结"),
    "parts registered": _("登记用房和设施设备"),
    "rooms handed over": _("登记用房移交"),
    "facilities listed": _("固定设施设备清单"),
    "facilities noted": _("设备状况记入台帐"),
    "recorded": _("登记事项"),
    "bid asked for": _("开标前要求查看投标文件，已拒绝"),
    "pool fixed": _("固定抽取范围"),
    "drawn": _("抽取评标专家"),
    "seats": _("更新评标委员会席位"),
    "bids checked": _("核对初步评审结果"),
    "scores tallied": _("汇总评分"),
    "report drafted": _("形成评标报告"),
    "signatures counted": _("汇总签字"),
}
#: Codes that are named one by one; of more only the number is said.
FEW = 6


@dataclass(frozen=True)
class Reader:
    """Who reads the record of which procedure."""

    procedure: Procedure
    by: Post
    #: steps done under another version of the procedure, with their names
    names: Mapping[int, str]

    def says(self, entry: journal.Entry) -> str:
        """One line: what happened, and what came of it."""
        facts = entry.facts
        if entry.what == "completed":
            return self.names.get(int(facts.get("step") or 0)) or self._element(entry.element)
        if entry.what == "recorded" and "standing" in facts:
            return _joined(say("记入信用记录") if "kind" in facts else say("解除信用记录"), _filed(facts))
        noted = _noted(self.procedure).get((entry.what, frozenset(facts)))
        words = (
            self.procedure.says(noted, spoken_in()) if noted else str(TOLD.get(entry.what, TOLD["recorded"]))
        )
        if (title := _title(facts)) and entry.what == "recorded" and not noted:
            return title  # the office's own entries say it all
        return _joined(words, title if noted else self._about(entry, facts))

    def _about(self, entry: journal.Entry, facts: Mapping[str, Any]) -> str:
        if entry.what in {"issued", "corrected", "paper withdrawn", "paper lapsed", "scanned"}:
            return self._paper(facts)
        if entry.what == "timer":
            return self._element(entry.element, said=False)
        if entry.what == "message":
            return self._heard(facts)
        if entry.what == "checked":
            return _checked(facts["standing"], self.by)
        tell = _ABOUT.get(entry.what)
        return tell(facts) if tell else _title(facts)

    def _heard(self, facts: Mapping[str, Any]) -> str:
        """What another case let this one know, as the drawing calls it, and whether it was upheld."""
        element = _awaited(self.procedure).get(str(facts.get("message")))
        upheld = (facts.get("payload") or {}).get("upheld")
        came = say("成立") if upheld is True else say("不成立") if upheld is False else ""
        return _listed([self.procedure.says(element.name, spoken_in()) if element else "", came])

    def _paper(self, facts: Mapping[str, Any]) -> str:
        """A paper by its title and its number, as far as it has them."""
        paper, number = self.procedure.papers.get(str(facts.get("code"))), str(facts.get("number") or "")
        title = self.procedure.says(paper.title, spoken_in()) if paper else ""
        return _listed([part for part in (title, number) if part])

    def _element(self, key: str, *, said: bool = True) -> str:
        """A step by its name; what happens at a step's border with the step's name."""
        element = self.procedure.flow.elements.get(key)
        if element is None:
            return key if said else ""
        name = self.procedure.says(element.name, spoken_in())
        if not element.attached:
            return name
        marks = "{}（{}）" if spoken_in() == "zh" else "{} ({})"
        return marks.format(self._element(element.attached), name)


def reader(procedure: Procedure, by: Post, steps: Iterable[Step]) -> Reader:
    """The record as this post reads it."""
    lang = spoken_in()
    done = {s.id: s.procedure.says(s.name, lang) for s in steps if s.version_id}
    return Reader(procedure, by, done)


def who(entry: journal.Entry) -> str:
    """Who did it, as it was written down, in the reader's language where the post still bears that name."""
    return spoken(entry.who, entry.post_id) if entry.who else ""


@lru_cache(maxsize=64)
def _noted(procedure: Procedure) -> dict[tuple[str, frozenset[str]], str]:
    """The names of what the drawing records, by what it calls it and what it says of it."""
    return {
        (one.properties.get("what", "recorded"), frozenset(one.inputs)): one.name
        for one in procedure.flow.elements.values()
        if one.effect == "record" and one.name
    }


@lru_cache(maxsize=64)
def _awaited(procedure: Procedure) -> dict[str, Element]:
    """The messages of other cases that the drawing waits for, with the event that does."""
    return procedure.flow.spec.awaited()


def _joined(words: Words, about: str) -> str:
    colon = "：" if spoken_in() == "zh" else ": "
    return f"{words}{colon}{about}" if about else str(words)


def _listed(parts: Iterable[Any]) -> str:
    return ("，" if spoken_in() == "zh" else ", ").join(str(part) for part in parts if part)


def _title(facts: Mapping[str, Any]) -> str:
    english = facts.get("title_en") if spoken_in() == "en" else ""
    return str(english or facts.get("title") or "")


def _named(organisation_id: Any) -> str:
    one = db.session.get(Organisation, int(organisation_id)) if organisation_id else None
    return one.label(spoken_in()) if one else ""


def _codes(codes: Iterable[Any]) -> str:
    """The codes, or how many there are."""
    every = [str(code) for code in codes]
    if len(every) > FEW:
        return str(_("共 %(n)s 项", n=f"{len(every):,}"))
    return ("、" if spoken_in() == "zh" else ", ").join(every)


def _checked(found: Mapping[str, Any], by: Post) -> str:
    """What the enterprise's file said; why not is for those who may read that file, or public."""
    enterprise = db.session.get(Organisation, int(found["organisation"]))
    name, reasons = _named(found["organisation"]), list(found.get("reasons") or ())
    whole = enterprise is not None and standing.read_file(by, enterprise)
    if not whole and any(one.get("kind") not in standing.PUBLIC for one in reasons):
        return name
    if found.get("eligible"):
        return _listed([name, say("没有限制承接的记录")])
    return _listed([name, ("；" if spoken_in() == "zh" else "; ").join(one[spoken_in()] for one in reasons)])


def _filed(facts: Mapping[str, Any]) -> str:
    """What went into an enterprise's file of standing, or what ended there and by which paper."""
    one = db.session.get(standing.Record, int(facts["standing"]))
    if one is None:
        return _title(facts)
    what = say("%(kind)s，%(why)s", kind=standing.KINDS[one.kind], why=one.why(spoken_in()))
    return _listed([_named(one.organisation_id), what, facts.get("document")])


def _project(facts: Mapping[str, Any]) -> str:
    one = db.session.get(Project, int(facts["project"]))
    return _listed([facts.get("number"), one.label(spoken_in()) if one else _title(facts)])


def _tabled(facts: Mapping[str, Any]) -> str:
    anew = facts.get("anew") or ()
    again = say("须重新确认 %(codes)s", codes=_codes(anew)) if anew else ""
    return _listed([say("共 %(n)s 项", n=facts.get("items", 0)), again])


def _rooms(facts: Mapping[str, Any]) -> str:
    return str(_("%(codes)s 交付%(to)s", codes=_codes(facts["rooms"]), to=_named(facts["to"])))


def _parts(facts: Mapping[str, Any]) -> str:
    return str(
        _("用房 %(rooms)s 项，设施设备 %(others)s 项", rooms=facts["rooms"], others=facts["facilities"])
    )


def _entrusted(facts: Mapping[str, Any]) -> str:
    return _listed([_named(facts.get("enterprise")) or say("无"), facts.get("number")])


def _violation(facts: Mapping[str, Any]) -> str:
    return str(violations.KINDS[str(facts["kind"])].title)


def _opinion(facts: Mapping[str, Any]) -> str:
    agreed = say("已同意") if facts.get("agreed") else say("未同意")
    return _listed([appraisals.OPINIONS[str(facts["opinion"])], agreed])


#: What is said of an entry besides its kind, from what it holds.
_ABOUT: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "opened": lambda facts: "",
    "incident": lambda facts: str(facts.get(spoken_in()) or ""),
    "moved": lambda facts: str(facts.get("reason") or ""),
    "withdrawn": lambda facts: str(facts.get("reason") or ""),
    "tabled": _tabled,
    "registered": _project,
    "area": lambda facts: str(facts.get("number") or ""),
    "entrusted": _entrusted,
    "violation": _violation,
    "violation settled": lambda facts: str(violations.OUTCOMES[str(facts["outcome"])]),
    "parts registered": _parts,
    "rooms handed over": _rooms,
    "facilities listed": lambda facts: say("共 %(n)s 项", n=f"{facts['count']:,}"),
    "facilities noted": lambda facts: _codes(facts["facilities"]),
    "pool fixed": lambda facts: say("第 %(n)s 次", n=facts["draw"]),
    "drawn": lambda facts: say("第 %(n)s 次", n=facts["draw"]),
    "appraised": _opinion,
}

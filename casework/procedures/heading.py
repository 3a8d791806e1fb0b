"""What stands in a procedure.yaml: known words, expressions that can be read, links with other cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from casework.engine import feel
from casework.engine.findings import Finding
from casework.procedures import standing_still, taken_over, watching
from casework.procedures.procedure import Concerns, Life, Unnamed

#: Everything a procedure.yaml may say (workflows/README.md).
KEYS = frozenset(
    {
        *(
            "code",
            "title",
            "about",
            "basis",
            "subject",
            "starts",
            "asks",
            "case_title",
            "case_title_en",
            "withdraw",
        ),
        *("parties", "confirms", "deadlines", "checks", "keeps", "papers", "notices", "letters", "retention"),
        *("concerns", "shows", "hears", "watches", "withdrawn", "bidding", "reads_bids", "life", "watched"),
        *("ending_rooms", "suspended", "stands_still", "outcome", "unnamed", "single", "takes_over"),
        "originals",
        "shows_to",
    }
)
#: What no procedure can do without.
NEEDED = ("code", "title", "about", "basis", "asks", "case_title")
SUBJECTS = frozenset({"project", "case"})
OPEN_TO = frozenset({"starts", "parties"})
#: What a place in a project's life may say.
LIFE = frozenset({"order", "label", "label_en", "done_on", "registered_on", "aside"})
#: What is known of every case that another one concerns; what a folder shows has other names.
GIVEN = frozenset(
    {
        "number",
        "procedure",
        "title",
        "title_en",
        "status",
        "starter",
        "project",
        "applicant",
        "earlier",
        "heard",
        "begun_on",
    }
)


def findings(about: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[Finding]:
    """Everything in the file that would not do what its writer means."""
    yield from _keys(about)
    subject = about.get("subject")
    if subject is not None and subject not in SUBJECTS:
        yield _bad(
            "subject",
            f"subject 不能是“{subject}”，可以是 project 或 case",
            f"no subject {subject}: project or case",
        )
    if subject == "case" and not about.get("concerns"):
        yield _bad("subject", "subject: case 要有 concerns", "subject: case needs concerns")
    yield from _shows(about.get("shows"))
    yield from _shows_to(about.get("shows_to"), about.get("shows"))
    yield from _hears(about.get("hears"))
    yield from _withdrawn(about.get("withdrawn"))
    yield from _life(about.get("life"))
    yield from watching.findings(about.get("watched"))
    yield from taken_over.findings(about.get("takes_over"))
    yield from _ending_rooms(about)
    yield from standing_still.findings(about)
    if about.get("concerns") is not None:
        yield from _concerns(about["concerns"], texts)
    for place, text in feel_texts(about):
        try:
            feel.compile(text)
        except feel.FeelError as error:
            yield _bad(place, f"表达式无法读取：{error.zh}", f"cannot be read: {error.en}")


def _keys(about: Mapping[str, Any]) -> Iterator[Finding]:
    """Entries that nobody knows, and those that no procedure can do without."""
    for key in about:
        if key not in KEYS:
            known = "、".join(sorted(KEYS))
            yield _bad(
                str(key), f"没有“{key}”这一项；可以写：{known}", f"there is no key {key}; known: {known}"
            )
    for key in NEEDED:
        if not about.get(key):
            yield _bad(key, f"缺少“{key}”一项", f"{key} is missing")


def _shows(part: Any) -> Iterator[Finding]:
    if part is None:
        return
    if not isinstance(part, Mapping):
        yield _bad("shows", "shows 应为“名称: =表达式”", "shows is a mapping of names to expressions")
        return
    for name, text in part.items():
        if name in GIVEN:
            yield _bad(
                f"shows.{name}",
                f"“{name}”是系统已有的名称，请换一个",
                f"{name} is given by the office: choose another name",
            )
        elif not isinstance(text, str) or not text.startswith("="):
            yield _bad(f"shows.{name}", "应为以 = 开头的表达式", "must be an expression that begins with =")


def _shows_to(part: Any, shows: Any) -> Iterator[Finding]:
    if part is None:
        return
    if not isinstance(part, Mapping) or not all(isinstance(one, list) and one for one in part.values()):
        zh, en = "shows_to 应为“名称: [流程]”", "shows_to is a mapping of names to lists of procedures"
        yield _bad("shows_to", zh, en)
        return
    for name in part:
        if name not in (shows or {}):
            yield _bad(f"shows_to.{name}", f"shows 没有“{name}”", f"shows has no {name}")


def _hears(part: Any) -> Iterator[Finding]:
    lists = isinstance(part, Mapping) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in part.values()
    )
    if part is not None and not lists:
        zh, en = (
            "hears 应为“消息名称: [随消息而来的名称]”",
            "hears is a mapping of messages to lists of names",
        )
        yield _bad("hears", zh, en)


def _withdrawn(part: Any) -> Iterator[Finding]:
    if part is None:
        return
    given = set(part) if isinstance(part, Mapping) else set()
    if given - {"message", "correlation", "payload"} or not {"message", "correlation"} <= given:
        zh = "withdrawn 应写 message、correlation，可以写 payload"
        yield _bad("withdrawn", zh, "withdrawn has message and correlation, and may have payload")


def _life(part: Any) -> Iterator[Finding]:
    if part is None:
        return
    if not isinstance(part, Mapping) or set(part) - LIFE:
        known = "、".join(sorted(LIFE))
        yield _bad("life", f"life 应为键值对照，可以写：{known}", f"life is a mapping of: {known}")
        return
    order = part.get("order")
    if not isinstance(order, int) or isinstance(order, bool) or not 0 < order < 1000:
        zh, en = "应为 1 到 999 的整数：事项在项目一生中的先后", "must be a whole number from 1 to 999"
        yield _bad("life.order", zh, en)
    for name, most in (("label", 8), ("label_en", 24)):
        text = part.get(name)
        if not isinstance(text, str) or not 0 < len(text) <= most:
            yield _bad(
                f"life.{name}",
                f"应为不超过 {most} 个字符的名称",
                f"must be a name of at most {most} characters",
            )
    yield from _life_ways(part)


def _life_ways(part: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("done_on", "registered_on"):
        if part.get(name) is not None and not str(part[name]).startswith("="):
            zh, en = "应为以 = 开头的表达式", "must be an expression that begins with ="
            yield _bad(f"life.{name}", zh, en)
    if not isinstance(part.get("aside", False), bool):
        yield _bad("life.aside", "应为 true 或 false", "is true or false")


def _ending_rooms(about: Mapping[str, Any]) -> Iterator[Finding]:
    part = about.get("ending_rooms")
    if part is None:
        return
    says = part.get("says") if isinstance(part, Mapping) else None
    if not isinstance(says, Mapping) or "code" not in says or set(part) != {"starters", "says"}:
        yield _bad(
            "ending_rooms",
            "ending_rooms 应写 starters（申请单位，依次）和 says（申请表的答案，其中 code 是用房编号）",
            "ending_rooms has starters (in turn) and says (answers of the application, among them code)",
        )
    if about.get("subject") != "project":
        yield _bad(
            "ending_rooms", "ending_rooms 要有 subject: project", "ending_rooms needs subject: project"
        )


def life(about: Mapping[str, Any]) -> Life | None:
    """The place in a project's life of a checked procedure.yaml."""
    part = about.get("life")
    if part is None:
        return None
    done, known = (
        feel.compile(str(part[key])) if part.get(key) else None for key in ("done_on", "registered_on")
    )
    order, label, label_en = int(part["order"]), str(part["label"]), str(part["label_en"])
    return Life(order, label, label_en, done, known, bool(part.get("aside")))


def heard(about: Mapping[str, Any]) -> frozenset[str]:
    """The names that come with messages of other cases."""
    return frozenset(name for names in (about.get("hears") or {}).values() for name in names)


def _concerns(part: Any, texts: Mapping[str, str]) -> Iterator[Finding]:
    if not isinstance(part, Mapping):
        yield _bad("concerns", "concerns 应为键值对照", "concerns must be a mapping")
        return
    for key in set(part) - {"procedures", "when", "unless", "open_to", "once"}:
        yield _bad(f"concerns.{key}", f"concerns 中没有“{key}”这一项", f"concerns has no key {key}")
    named = part.get("procedures")
    if not isinstance(named, list) or not named or not all(isinstance(one, str) for one in named):
        yield _bad(
            "concerns.procedures",
            "应列出可以针对哪些流程的案件",
            "must list the procedures of the other case",
        )
    yield from _reach(part)
    when, unless = part.get("when"), part.get("unless")
    if when is not None and not str(when).startswith("="):
        yield _bad("concerns.when", "应为以 = 开头的表达式", "must be an expression that begins with =")
    if when is not None and not unless:
        yield _bad(
            "concerns.unless",
            "有 when 就要有 unless，写明不能申请的原因",
            "when needs unless: the sentence that refuses",
        )
    if unless and not texts.get(str(unless)):
        yield _bad(
            "concerns.unless",
            f"texts.en.yaml 中没有“{unless}”的英文",
            f"texts.en.yaml has no English for “{unless}”",
        )


def _reach(part: Mapping[str, Any]) -> Iterator[Finding]:
    if part.get("open_to") not in OPEN_TO:
        yield _bad("concerns.open_to", "open_to 应为 starts 或 parties", "open_to is starts or parties")
    if not isinstance(part.get("once", False), bool):
        yield _bad("concerns.once", "once 应为 true 或 false", "once is true or false")


def unnamed(about: Mapping[str, Any]) -> Unnamed | None:
    """The steps whose doers are secret, and until when."""
    part = about.get("unnamed")
    return None if part is None else Unnamed(frozenset(part["steps"]), feel.compile(part["until"]))


def outcome(about: Mapping[str, Any]) -> tuple[feel.Expression, feel.Expression] | None:
    """What the page of a case says of its result, in Chinese and in English."""
    part = about.get("outcome")
    return None if part is None else (feel.compile(part["says"]), feel.compile(part["says_en"]))


def concerns(about: Mapping[str, Any]) -> Concerns | None:
    """The links of a checked procedure.yaml."""
    part = about.get("concerns")
    if part is None:
        return None
    when = feel.compile(str(part["when"])) if part.get("when") else None
    named, unless = tuple(part["procedures"]), str(part.get("unless") or "")
    return Concerns(named, when, unless, str(part["open_to"]), part.get("once", False))


def feel_texts(part: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every expression with the place where it stands."""
    if isinstance(part, str) and part.startswith("="):
        yield place, part
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from feel_texts(value, f"{place}.{key}".strip("."))
    elif isinstance(part, list):
        for value in part:
            yield from feel_texts(value, place)


def _bad(place: str, zh: str, en: str) -> Finding:
    return Finding(0, place, "heading", "error", zh, en)


def loose(opened: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong between folders, each in one sentence; `opened`: every procedure by its key."""
    first: dict[str, str] = {}
    for key, procedure in opened.items():
        if (other := first.setdefault(procedure.code.upper(), key)) != key:
            yield (
                f"{key}/procedure.yaml: code: 案号字头“{procedure.code}”已由“{other}”使用，请另取一个"
                f" / {other} has the code {procedure.code} already; choose another"
            )
        yield from _nobody(key, procedure, opened)
        concerns = procedure.concerns
        for named in concerns.procedures if concerns else ():
            if named not in opened:
                yield f"{key}/procedure.yaml: concerns: 没有流程“{named}” / there is no procedure {named}"
            elif concerns.when is not None:
                kept = set(opened[named].about.get("shows_to") or ())
                missing = concerns.when.names - GIVEN - (set(opened[named].shows) - kept)
                for name in sorted(missing):
                    yield (
                        f"{key}/procedure.yaml: concerns.when: “{named}”没有对外显示“{name}”（shows）"
                        f" / {named} does not show {name}"
                    )
        yield from _strange(key, procedure, opened)


def _nobody(key: str, procedure: Any, opened: Mapping[str, Any]) -> Iterator[str]:
    """Procedures in `shows_to` that there are not."""
    for name, keys in (procedure.about.get("shows_to") or {}).items():
        for strange in sorted(set(keys) - set(opened)):
            yield (
                f"{key}/procedure.yaml: shows_to.{name}: 没有流程“{strange}”"
                f" / there is no procedure {strange}"
            )


def _strange(key: str, procedure: Any, opened: Mapping[str, Any]) -> Iterator[str]:
    """Names in `takes_over` that no folder knows."""
    for named, part in procedure.takes_over.items():
        where, there = f"{key}/procedure.yaml: takes_over.{named}", opened.get(named)
        if there is None:
            yield f"{where}: 没有这个流程 / there is no such procedure"
        else:
            yield from (f"{where}{fault}" for fault in _unknown(procedure, there, part))


def _unknown(procedure: Any, there: Any, part: taken_over.TakenOver) -> Iterator[str]:
    shown = part.when.names - GIVEN - set(there.shows) if part.when else ()
    yield from (f".when: 那里没有对外显示“{name}” / it does not show {name}" for name in sorted(shown))
    steps = part.corrected - set(there.flow.elements)
    yield from (f".corrected: 那里没有步骤“{name}” / it has no step {name}" for name in sorted(steps))
    here = {*part.named, *part.anew} - set(procedure.forms[procedure.asks].keys)
    yield from (f": 申请表没有问题“{name}” / the application does not ask {name}" for name in sorted(here))
    asked = {name for form in there.forms.values() for name in form.keys}
    other = {name for text in part.named.values() for name in text.names} - asked
    yield from (f".named: 那里没有问题“{name}” / nothing there asks {name}" for name in sorted(other))

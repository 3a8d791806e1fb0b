"""Reads .dmn files: their decisions, or findings with line, element and sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casework import xml
from casework.engine.decisions.columns import table_of
from casework.engine.decisions.elements import Page, children, line_of, local, text_of
from casework.engine.decisions.model import Decision, DecisionError, Table, expressions
from casework.engine.decisions.tables import Sitting
from casework.engine.feel import Expression, NoValue
from casework.engine.findings import Finding, Refused

MAX_DECISIONS = 200
_UNSUPPORTED = frozenset(
    (
        "context",
        "invocation",
        "functionDefinition",
        "relation",
        "list",
        "conditional",
        "for",
        "every",
        "some",
        "filter",
    )
)


class Decisions:
    """The decisions of one file. Immutable; may be shared between threads."""

    def __init__(self, decisions: Mapping[str, Decision], findings: tuple[Finding, ...] = ()) -> None:
        self.decisions = decisions
        self.findings = findings
        self.ids: tuple[str, ...] = tuple(decisions)

    def names(self, decision_id: str) -> frozenset[str]:
        """Names that must be given from outside, for this decision and those it requires."""
        return self._names(self._decision(decision_id), {})

    def _names(self, decision: Decision, known: dict[str, frozenset[str]]) -> frozenset[str]:
        if decision.id not in known:
            read = frozenset(name for text in expressions(decision.logic) for name in text.names)
            required = [self.decisions[key] for key in decision.requires]
            read = read.difference(*(one.names for one in required))
            known[decision.id] = read.union(*(self._names(one, known) for one in required))
        return known[decision.id]

    def evaluate(
        self,
        decision_id: str,
        scope: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> Any:
        """The decision's answer. Raises DecisionError (decision, rule, zh, en), FeelLimit."""
        return self._answer(self._decision(decision_id), scope, functions or {}, {})

    def _decision(self, decision_id: str) -> Decision:
        if decision_id not in self.decisions:
            raise DecisionError(decision_id, None, "文件中没有这一决策。", "the file has no such decision.")
        return self.decisions[decision_id]

    def _answer(
        self, decision: Decision, scope: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]],
        known: dict[str, Any],
    ) -> Any:  # fmt: skip
        """On demand, each decision once; cycles were refused when the file was read."""
        if decision.id in known:
            return known[decision.id]
        inner = dict(scope) if decision.requires else scope
        for required in decision.requires:
            answer = self._answer(self.decisions[required], scope, functions, known)
            for name in self.decisions[required].names:
                inner = {**inner, name: answer}
        if isinstance(decision.logic, Table):
            known[decision.id] = Sitting(decision.id, decision.logic, inner, functions).value()
        else:
            known[decision.id] = _literal(decision.id, decision.logic, inner, functions)
        return known[decision.id]


def _literal(
    name: str, text: Expression, scope: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> Any:
    try:
        return text.require(scope, functions)
    except NoValue as missing:
        raise DecisionError(name, None, missing.zh, missing.en, text.text) from None


def read(data: bytes) -> Decisions:
    """The decisions of a file. Raises `Refused` when a finding is an error."""
    page, decisions = _read(data)
    if any(finding.level == "error" for finding in page.findings):
        raise Refused(page.findings)
    return Decisions(decisions, tuple(page.findings))


def findings(data: bytes) -> list[Finding]:
    """What is wrong or odd in a file; never raises for any bytes."""
    return _read(data)[0].findings


def _read(data: bytes) -> tuple[Page, dict[str, Decision]]:
    page = Page()
    try:
        root = xml.read(data)
    except xml.Unreadable as unreadable:
        page.findings.append(Finding(unreadable.line, "", "xml", "error", unreadable.zh, unreadable.en))
        return page, {}
    if local(root) != "definitions" or "omg.org/spec/DMN/" not in (xml.etree.QName(root).namespace or ""):
        page.error(root, "root", "这不是 DMN 文件。", "This is no DMN file.")
        return page, {}
    page.names = frozenset(_given_names(root))
    found = _decisions(root, page)
    _check_requirements(found, page)
    return page, found


def _given_names(root: xml.Element) -> set[str]:
    """Names that have spaces or signs are recognised because an input or decision of the file has them."""
    found = set()
    for element in children(root, "inputData", "decision"):
        for named in (element, *children(element, "variable")):
            found.add(str(named.get("name") or ""))
    return found - {""}


def _decisions(root: xml.Element, page: Page) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for element in children(root, "decision"):
        decision = _decision(element, page)
        if decision.id in found:
            page.error(element, "duplicate", "决策的 id 重复。", "Another decision has this id.")
        found[decision.id] = decision
        if len(found) > MAX_DECISIONS:
            zh = f"文件中的决策超过 {MAX_DECISIONS} 个。"
            page.error(element, "many", zh, f"The file has more than {MAX_DECISIONS} decisions.")
            break
    if not found:
        page.error(root, "empty", "文件中没有决策。", "The file has no decision.")
    for element in children(root, "import", "businessKnowledgeModel", "decisionService"):
        zh, en = f"不支持 {local(element)}，已忽略。", f"{local(element)} is not supported and is left out."
        page.warn(element, "unsupported", zh, en)
    return found


def _decision(element: xml.Element, page: Page) -> Decision:
    variable = next(iter(children(element, "variable")), None)
    name = str(element.get("name") or "")
    key = str(element.get("id") or name)
    page.owner = key
    if not key:
        page.error(element, "id", "决策没有 id。", "The decision has no id.")
    names = {key, name, str(variable.get("name") or "") if variable is not None else ""} - {""}
    logic = _logic(element, page)
    if isinstance(logic, Table) and len(logic.outputs) == 1 and logic.outputs[0].name:
        names.add(logic.outputs[0].name)  # Camunda 7 lets the next decision read the output's name
    return Decision(key, name, line_of(element), frozenset(names), _requires(element, page), logic)


def _requires(element: xml.Element, page: Page) -> tuple[str, ...]:
    found = []
    for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
        for target in children(requirement, "requiredDecision", "requiredKnowledge"):
            href = str(target.get("href") or "")
            if local(target) == "requiredKnowledge" or not href.startswith("#"):
                zh = "只能引用同一文件中的决策。"
                page.error(requirement, "requires", zh, "Only decisions of the same file can be required.")
            else:
                found.append(href[1:])
    return tuple(found)


def _logic(element: xml.Element, page: Page) -> Table | Expression:
    for child in children(element):
        if local(child) == "decisionTable":
            return table_of(child, page)
        if local(child) == "literalExpression":
            return page.expression(child, text_of(child)) or page.nothing
        if local(child) in _UNSUPPORTED:
            zh, en = (
                f"不支持以 {local(child)} 表达的决策。",
                f"Decisions written as {local(child)} are not supported.",
            )
            page.error(child, "unsupported", zh, en)
            return page.nothing
    page.error(element, "empty", "决策没有内容。", "The decision has no logic.")
    return page.nothing


def _check_requirements(found: dict[str, Decision], page: Page) -> None:
    """Each required decision exists, and none requires itself, also over others."""
    for decision in found.values():
        for required in decision.requires:
            if required not in found:
                zh, en = (
                    f"所引用的决策“{required}”不存在。",
                    f"The required decision “{required}” does not exist.",
                )
                page.findings.append(Finding(decision.line, decision.id, "requires", "error", zh, en))
    settled: set[str] = set()
    waiting = dict(found)
    while ready := [d for d in waiting.values() if all(r in settled or r not in found for r in d.requires)]:
        settled |= {decision.id for decision in ready}
        waiting = {key: decision for key, decision in waiting.items() if key not in settled}
    for decision in waiting.values():
        zh, en = "决策的引用形成循环。", "The requirements of the decision form a circle."
        page.findings.append(Finding(decision.line, decision.id, "cycle", "error", zh, en))

"""The sentences of the lint, and the one way to say them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from casework.engine import bpmn
from casework.engine.bpmn import Node
from casework.engine.findings import Finding


class Words(NamedTuple):
    """What a code means: how grave it is, and the sentence in both languages."""

    level: Literal["error", "warning"]
    zh: str
    en: str


def _error(zh: str, en: str) -> Words:
    return Words("error", zh, en)


def _warning(zh: str, en: str) -> Words:
    return Words("warning", zh, en)


WORDS = {
    # the file
    "no-process": _error(
        "文件中没有流程（process），只有泳池等；请画出本单位办理的各个步骤。",
        "The file holds no process, only pools or the like; draw the steps that are to be done.",
    ),
    "no-steps": _error("流程中没有任何步骤。", "The process has no steps."),
    "choreography": _error(
        "这是编排图（choreography），只画各方之间的往来，不能办理；请改画流程（process）。",
        "This is a choreography: it shows exchanges and cannot be carried out; draw a process.",
    ),
    "no-such-process": _error("文件中没有编号为“{wanted}”的流程。", "The file holds no process “{wanted}”."),
    "not-executable": _warning(
        "流程未标明可执行（isExecutable），本系统仍按可执行办理。",
        "The process is not marked executable (isExecutable); it is carried out all the same.",
    ),
    "several-processes": _warning(
        "文件中有多个可执行流程，办理的是“{main}”；{who}只能由调用活动启动。",
        "The file holds several executable processes; “{main}” is carried out, {who} only when called.",
    ),
    "other-pool": _warning(
        "{who}属于另一个泳池，不由本案办理；请另建流程。",
        "{who} belongs to another pool and is not carried out by this case; give it a drawing of its own.",
    ),
    "too-many": _error(
        "共有 {count} 个元素，超过 {limit} 个的上限；请拆分为多个流程。",
        "There are {count} elements, more than {limit}; split the drawing.",
    ),
    "duplicate-id": _error(
        "编号“{id}”与第 {other} 行重复。", "The id “{id}” is already used in line {other}."
    ),
    "reserved-id": _error("编号“{id}”为系统保留，请改名。", "The id “{id}” is reserved; choose another."),
    # what the engine does not do
    "unsupported": _error("{who}：不支持{zh}。{instead_zh}", "{who}: {en} is not supported. {instead_en}"),
    "data-store": _warning(
        "{who}：数据存储只作图示，办理中不读写。",
        "{who}: a data store is only drawn; nothing is read from it or written to it.",
    ),
    "listener": _warning(
        "{who}：监听器（Java 程序）不会执行。", "{who}: its listeners (Java code) are not carried out."
    ),
    # how things are joined
    "dangling-flow": _error(
        "连线从“{source}”到“{target}”：{missing}不存在。",
        "The flow from “{source}” to “{target}”: {missing} does not exist.",
    ),
    "open-flow": _error(
        "连线没有连到步骤上（从“{source}”到“{target}”），请在编辑器里重新连接两端。",
        "The flow is not attached to a step (from “{source}” to “{target}”); connect both of its ends.",
    ),
    "crossing-flow": _error(
        "连线从“{source}”到“{target}”越过了子流程或泳池的边界。",
        "The flow from “{source}” to “{target}” crosses the border of a subprocess or pool.",
    ),
    "into-boundary": _error(
        "连线从“{source}”进入边界事件“{target}”；边界事件不能有进入的连线。",
        "The flow from “{source}” enters the boundary event “{target}”; nothing may enter one.",
    ),
    "wrong-way": _warning(
        "连线从“{source}”到“{target}”：按 BPMN，开始事件不应有进入的连线，结束事件不应有离开的连线。",
        "The flow from “{source}” to “{target}”: nothing should enter a start event or leave an end event.",
    ),
    "no-start": _error("{who}没有开始事件。", "{who} has no start event."),
    "several-starts": _warning(
        "{who}有 {count} 个不等待触发的开始事件，只会从第一个开始。",
        "{who} has {count} start events that wait for nothing; only the first one begins.",
    ),
    "nothing-to-do": _error(
        "{who}里没有任何步骤，案件一开始就结束；请画出要办的步骤。",
        "{who} has no step at all, so a case would end as it begins; draw what is to be done.",
    ),
    "no-end": _error("{who}永远无法结束。", "{who} can never end."),
    "dead-end": _error(
        "{who}没有离开的连线，案件会停在这里。", "{who} has no outgoing flow; the case would stop here."
    ),
    "implicit-end": _warning(
        "{who}没有离开的连线，这条路径到此结束；请画出结束事件。",
        "{who} has no outgoing flow, so this path ends here; draw the end event.",
    ),
    "never-ends": _warning("从{who}无法到达结束事件。", "No end event can be reached from {who}."),
    "unreachable": _warning("从开始事件无法到达{who}。", "{who} cannot be reached from a start event."),
    "implicit-split": _warning(
        "{who}有 {count} 条离开的连线，会同时走；请在其后画出网关。",
        "{who} has {count} outgoing flows, all taken at once; draw the gateway behind it.",
    ),
    "condition-ignored": _error(
        "{who}的连线带有条件，但条件在这里不起作用；请加网关。",
        "A flow out of {who} has a condition, which does not count here; put a gateway behind it.",
    ),
    "condition-without-effect": _warning(
        "{who}之后连线的条件不起作用。", "The condition on a flow behind {who} has no effect."
    ),
    "no-condition": _error(
        "{who}之后的连线须写明条件，或设为默认连线。",
        "This flow behind {who} needs a condition or must be the default flow.",
    ),
    "no-default": _warning(
        "{who}没有默认连线：条件都不成立时案件会停在这里。",
        "{who} has no default flow: the case stops here when no condition is true.",
    ),
    "wrong-default": _warning(
        "{who}的默认连线“{id}”不是它自己的连线。", "The default flow “{id}” of {who} is not one of its own."
    ),
    "event-gateway-target": _error(
        "{who}之后只能接等待消息、信号或时间的事件，“{target}”不是。",
        "Only what waits for a message, a signal or a time may stand behind {who}; “{target}” does not.",
    ),
    "boundary": _error(
        "边界事件{who}所附着的“{on}”不存在或不是活动。",
        "The boundary event {who} sits on “{on}”, which does not exist or is no activity.",
    ),
    "no-definition": _error("{who}没有说明等待什么。", "{who} does not say what it waits for."),
    "waits-for-nothing": _warning(
        "{who}没有说明等待什么，会直接通过。", "{who} does not say what it waits for; it is passed at once."
    ),
    "cancel-outside": _error(
        "{who}：取消事件只能用于事务子流程。", "{who}: a cancel event belongs to a transaction."
    ),
    "automatic-loop": _warning(
        "{who}所在的循环中没有等人办理或等待的步骤；循环过多时系统会中止。",
        "The loop through {who} has no step that waits; the engine stops it when it turns too often.",
    ),
    # what an element needs
    "missing-reference": _error(
        "{who}引用的{what}“{id}”不存在。", "{who} refers to the {what_en} “{id}”, which does not exist."
    ),
    "no-message": _error("{who}没有写明消息名称。", "{who} does not name a message."),
    "no-timer": _error("{who}没有写明时间。", "{who} does not say when."),
    "no-type": _error(
        "服务任务{who}没有写明要办的事（任务类型）。",
        "The service task {who} does not say what is to be done (its type).",
    ),
    "java": _error(
        "服务任务{who}指向 Java 程序“{id}”，本系统不能执行；请改写任务类型。",
        "The service task {who} names the Java code “{id}”, which cannot be run here; give it a type.",
    ),
    "unknown-effect": _error(
        "{who}要办的“{id}”不在系统能办的事之列：{known}。",
        "{who} asks for “{id}”, which is none of what can be done: {known}.",
    ),
    "no-decision": _error("{who}没有写明决策表。", "{who} does not name a decision."),
    "missing-decision": _error(
        "{who}引用的决策“{id}”不存在。", "{who} asks the decision “{id}”, which does not exist."
    ),
    "dynamic-name": _error(
        "{who}：“{id}”须写明名称，不能是表达式。", "{who}: “{id}” must be a plain name, not an expression."
    ),
    "no-called": _error("{who}没有写明被调用的流程。", "{who} does not name the process it calls."),
    "missing-called": _error(
        "{who}调用的流程“{id}”不存在。", "{who} calls the process “{id}”, which does not exist."
    ),
    "recursive-call": _error(
        "{who}调用“{id}”，而“{id}”又会调用到自己。", "{who} calls “{id}”, which comes back to calling itself."
    ),
    "no-script": _warning("{who}没有脚本，会直接通过。", "{who} has no script; it is passed at once."),
    "script": _error(
        "{who}的脚本只能逐行写“变量 = 表达式”：{text}",
        "The script of {who} must be lines of “variable = expression”: {text}",
    ),
    "no-collection": _error(
        "多实例{who}没有写明集合或次数。", "The multi-instance {who} names neither a collection nor a number."
    ),
    "endless-loop": _error(
        "循环{who}没有写明条件或最多次数。", "The loop {who} names neither a condition nor a maximum."
    ),
    "no-form": _warning("{who}没有表单。", "{who} has no form."),
    "form-needed": _error("{who}没有表单，无法办理。", "{who} has no form, so nobody can complete it."),
    "missing-form": _error("{who}的表单“{id}”不存在。", "The form “{id}” of {who} does not exist."),
    # texts
    "expression": _error(
        "{who}的表达式“{text}”有误。{zh}", "The expression “{text}” of {who} is wrong. {en}"
    ),
    "juel": _error(
        "{who}的表达式“{text}”不在可转换的 Camunda 7 写法之列，请改写为 FEEL。",
        "The expression “{text}” of {who} is outside the understood part of Camunda 7's language; use FEEL.",
    ),
    "timer": _error(
        "{who}的时间“{text}”无法识别；请写 ISO 8601（如 P5D、R3/PT1H）或 FEEL。",
        "The time “{text}” of {who} is not understood; write ISO 8601 (such as P5D, R3/PT1H) or FEEL.",
    ),
    "unknown-function": _error(
        "{who}的表达式“{text}”用到未知的函数“{id}”。{hint_zh}",
        "The expression “{text}” of {who} calls the unknown function “{id}”. {hint_en}",
    ),
    "unknown-name": _error(
        "{who}的表达式“{text}”用到未知的名称“{id}”。{hint_zh}",
        "The expression “{text}” of {who} uses the unknown name “{id}”. {hint_en}",
    ),
}


def who(node: Node | None) -> str:
    """Name an element as its drafter knows it: by its label, else by its id."""
    if node is None:
        return ""
    label = " ".join(bpmn.attr(node, "name").split()) or bpmn.attr(node, "id")
    return f"“{label}”"


@dataclass(slots=True)
class Report:
    """Collects findings in the order they are found."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, node: Node, **words: object) -> None:
        """Say a sentence about an element."""
        self.put(code, bpmn.attr(node, "id"), bpmn.line(node), **{"who": who(node), **words})

    def put(self, code: str, element: str, line: int, **words: object) -> None:
        """Say a sentence about a place that is known by id and line."""
        level, zh, en = WORDS[code]
        self.findings.append(
            Finding(line, element, code, level, zh.format(**words).strip(), en.format(**words).strip())
        )

"""Two small procedures joined as tender and objection are: a call that others may ask about, and the query."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.engine.sketch import bpmn, flows

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="D" targetNamespace="t">\n'
)
CALL: dict[str, Any] = {
    "code": "ZJ",
    "title": "征集公告",
    "about": "测试用：发布一份征集公告。",
    "basis": ["本局测试"],
    "subject": "project",
    "starts": {"kinds": ["developer"], "roles": ["handler", "head"]},
    "asks": "apply",
    "case_title": '="征集：" + project.name',
    "parties": {
        "建设单位": {"organisation": "=starter.id", "roles": ["handler", "head"]},
        "区房管局窗口": {"organisation": "=district.bureau", "roles": ["window"]},
    },
    "shows": {
        "stage": '=if published_on = null then "draft" else if closed then "closed" else "open"',
        "topic": "=topic",
        "closes_at": "=closes_at",
        "answered": "=answered",
    },
    "hears": {"query answered": ["said"]},
    "retention": "10年",
}
QUERY: dict[str, Any] = {
    "code": "WX",
    "title": "对征集的询问",
    "about": "测试用：就征集公告提出询问。",
    "basis": ["本局测试"],
    "subject": "case",
    "concerns": {
        "procedures": ["call"],
        "when": '=stage = "open"',
        "unless": "征集尚未公告或者已经截止，不能提出询问。",
        "open_to": "starts",
    },
    "starts": {"kinds": ["enterprise", "developer"], "roles": ["handler", "head"]},
    "asks": "apply",
    "case_title": '="询问：" + concerned.topic',
    "parties": {
        "询问单位": {"organisation": "=starter.id", "roles": ["handler", "head"]},
        "建设单位": {"organisation": "=concerned.starter.id", "roles": ["handler", "head"]},
    },
    "retention": "10年",
}


def text(key: str, label: str, least: int = 2) -> dict[str, Any]:
    return {
        "type": "textfield",
        "id": f"Field_{key}",
        "key": key,
        "label": label,
        "validate": {"required": True, "minLength": least, "maxLength": 60},
        "properties": {"label.en": key.title()},
    }


def choice(key: str, label: str, *values: str) -> dict[str, Any]:
    return {
        "type": "radio",
        "id": f"Field_{key}",
        "key": key,
        "label": label,
        "values": [{"label": f"选{v}", "value": v} for v in values],
        "validate": {"required": True},
        "properties": {"label.en": key.title(), **{f"option.{v}.en": v for v in values}},
    }


def form(name: str, title: str, *questions: dict[str, Any]) -> str:
    part = {
        "type": "group",
        "id": f"Part_{name}",
        "label": title,
        "components": list(questions),
        "properties": {"label.en": name.title()},
    }
    about = {"title": title, "title.en": name.title()}
    return json.dumps(
        {"type": "default", "id": name, "schemaVersion": 18, "properties": about, "components": [part]},
        ensure_ascii=False,
    )


def user(element: str, name: str, lane_form: str) -> str:
    return (
        f'<userTask id="{element}" name="{name}"><extensionElements><zeebe:userTask/>'
        f'<zeebe:formDefinition formId="{lane_form}"/></extensionElements></userTask>'
    )


def service(
    element: str, name: str, kind: str, inputs: dict[str, str], outputs: dict[str, str], **headers: str
) -> str:
    mapping = "".join(f'<zeebe:input source="{v}" target="{k}"/>' for k, v in inputs.items())
    mapping += "".join(f'<zeebe:output source="{v}" target="{k}"/>' for k, v in outputs.items())
    header = "".join(f'<zeebe:header key="{k}" value="{v}"/>' for k, v in headers.items())
    return (
        f'<serviceTask id="{element}" name="{name}"><extensionElements><zeebe:taskDefinition type="{kind}"/>'
        f"<zeebe:ioMapping>{mapping}</zeebe:ioMapping><zeebe:taskHeaders>{header}</zeebe:taskHeaders>"
        "</extensionElements></serviceTask>"
    )


def drawing(key: str, lanes: dict[str, str], body: str, joined: str, messages: str = "") -> str:
    """A drawing with lanes (`name: elements`)."""
    pool = f'<collaboration id="C"><participant id="Pool" name="{key}" processRef="{key}"/></collaboration>'
    sets = "".join(
        f'<lane id="L{i}" name="{name}">'
        + "".join(f"<flowNodeRef>{e}</flowNodeRef>" for e in elements.split())
        + "</lane>"
        for i, (name, elements) in enumerate(lanes.items())
    )
    inner = (
        f'{messages}{pool}<process id="{key}" name="{key}" isExecutable="true"><laneSet id="S">{sets}</laneSet>'
        f"{body}{flows(joined)}</process>"
    )
    return HEAD + bpmn(inner) + "\n</bpmn:definitions>\n"


def call() -> str:
    body = (
        '<startEvent id="start" name="提交"/>'
        + user("publish", "公告", "publish")
        + service(
            "note", "记下公告", "record", {}, {"published_on": "=today()", "closed": "=false"}, what="noted"
        )
        + '<exclusiveGateway id="which" name="另请询问？" default="which_wait"/>'
        + '<sequenceFlow id="which_ask" name="请" sourceRef="which" targetRef="ask"><conditionExpression'
        ' xsi:type="bpmn:tFormalExpression">=further = "ask"</conditionExpression></sequenceFlow>'
        + service("ask", "建立询问", "open case", {"question": "=topic_question"}, {}, procedure="query")
        + '<sequenceFlow id="which_next" name="接着" sourceRef="which" targetRef="next"><conditionExpression'
        ' xsi:type="bpmn:tFormalExpression">=further = "next"</conditionExpression></sequenceFlow>'
        + service(
            "next", "备好询问", "open procedure", {"question": "=topic_question"}, {}, procedure="query"
        )
        + '<sequenceFlow id="which_wait" name="否" sourceRef="which" targetRef="merge"/>'
        + '<exclusiveGateway id="merge"/>'
        + '<intermediateCatchEvent id="wait" name="等待询问答复"><extensionElements><zeebe:ioMapping>'
        '<zeebe:output source="=said" target="answered"/></zeebe:ioMapping></extensionElements>'
        '<messageEventDefinition id="wait_message" messageRef="M"/></intermediateCatchEvent>'
        + service("close", "记下截止", "record", {}, {"closed": "=true"}, what="noted")
        + user("thank", "致谢", "thank")
        + '<endEvent id="done" name="结束"/>'
    )
    message = (
        '<message id="M" name="query answered"><extensionElements>'
        '<zeebe:subscription correlationKey="=case.number"/></extensionElements></message>'
    )
    lanes = {
        "建设单位": "start note which ask next merge wait close thank done",
        "区房管局窗口": "publish",
    }
    joined = "start publish note which; ask merge; next merge; merge wait close thank done"
    return drawing("call", lanes, body, joined, message)


def query() -> str:
    body = (
        '<startEvent id="start" name="提出"/>'
        + user("answer", "答复", "answer")
        + service(
            "tell", "告知征集", "tell case", {"correlation": "=concerned.number", "said": "=said"}, {},
            message="query answered",
        )
        + '<endEvent id="done" name="结束"/>'
    )  # fmt: skip
    return drawing(
        "query", {"询问单位": "start tell done", "建设单位": "answer"}, body, "start answer tell done"
    )


def folders(root: Path, **changes: Any) -> dict[str, Path]:
    """Both folders below `root`; `call=` and `query=` change their procedure.yaml."""
    made = {}
    parts = {
        "call": (CALL, call(), {
            "apply": form("apply", "征集申请", text("topic", "主题"), text("topic_question", "拟询问的问题", 1)),
            "publish": form("publish", "公告", choice("further", "另请询问", "ask", "next", "wait")),
            "thank": form("thank", "致谢", text("thanks", "致谢的话")),
        }),
        "query": (QUERY, query(), {
            "apply": form("apply", "提出询问", text("question", "询问的问题", 5)),
            "answer": form("answer", "答复", text("said", "答复内容")),
        }),
    }  # fmt: skip
    for key, (about, drawn, asked) in parts.items():
        folder = root / key
        (folder / "forms").mkdir(parents=True, exist_ok=True)
        (folder / "stories").mkdir(exist_ok=True)
        heading = {**about, **changes.get(key, {})}
        kept = {"call": ["topic", "topic_question"], "query": ["said"]}[key]
        written = yaml.safe_dump({"keeps": kept, **heading}, allow_unicode=True)
        (folder / "procedure.yaml").write_text(written, "utf-8")
        (folder / "process.bpmn").write_text(drawn, "utf-8")
        english = {
            "征集尚未公告或者已经截止，不能提出询问。": "The call is not open: nothing can be asked about it."
        }
        (folder / "texts.en.yaml").write_text(yaml.safe_dump(english, allow_unicode=True), "utf-8")
        for name, raw in asked.items():
            (folder / "forms" / f"{name}.form").write_text(raw, "utf-8")
        made[key] = folder
    return made

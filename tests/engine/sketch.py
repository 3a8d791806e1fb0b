"""Short ways to write a drawing in a test."""

from __future__ import annotations

import re
from itertools import pairwise

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="D" targetNamespace="t">\n'
)


def bpmn(text: str) -> str:
    """Put BPMN's prefix before every tag that has none."""
    return re.sub(r"<(/?)(?=[a-z])(?![a-z]+:)", r"<\1bpmn:", text)


def file(text: str) -> bytes:
    """A file of these root elements."""
    return (HEAD + bpmn(text) + "\n</bpmn:definitions>\n").encode()


def flows(text: str) -> str:
    """`a b c; b d`: flows from a to b, b to c, b to d."""
    found = []
    for chain in text.split(";"):
        names = chain.split()
        found += [f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(names)]
    return "\n".join(found)


def process(body: str, joined: str = "", before: str = "") -> bytes:
    """One executable process `p` of these elements, joined by these flows."""
    return file(
        f'{before}\n<process id="p" name="流程" isExecutable="true">\n{body}\n{flows(joined)}\n</process>'
    )


def step(name: str = "t", inside: str = "", **attributes: str) -> str:
    """A user task with a form."""
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    form = '<extensionElements><zeebe:formDefinition formId="f"/></extensionElements>'
    return f'<userTask id="{name}"{more}>{form}{inside}</userTask>'


START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def plain(body: str = "", joined: str = "", before: str = "") -> bytes:
    """Start, a step `t`, end, and what else is given."""
    return process(f"{START}\n{step()}\n{END}\n{body}", f"s t e; {joined}", before)

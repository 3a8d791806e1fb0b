"""The page that a .dmn file is read on: elements by name, their texts as FEEL, findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from casework import xml
from casework.engine import feel
from casework.engine.feel.juel import to_feel
from casework.engine.findings import Finding

_FEEL = ("", "feel", "juel")


def local(element: xml.Element) -> str:
    """An element's name without its namespace; comments and instructions have none."""
    return str(xml.etree.QName(element).localname) if isinstance(element.tag, str) else ""


def line_of(element: xml.Element) -> int:
    """The line where an element begins."""
    return cast("int | None", element.sourceline) or 0


def children(element: xml.Element, *names: str) -> list[xml.Element]:
    """The elements directly inside, of DMN's own namespace, of these names or all."""
    space = xml.etree.QName(element).namespace
    own = (
        child for child in element if isinstance(child.tag, str) and xml.etree.QName(child).namespace == space
    )
    return [child for child in own if not names or local(child) in names]


def text_of(element: xml.Element | None) -> str:
    """What stands in the element's `text`."""
    found = children(element, "text") if element is not None else []
    return "".join(str(part) for part in found[0].itertext()).strip() if found else ""


class Page:
    """What has been found out about a file so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.names: frozenset[str] = frozenset()
        self.owner = ""
        self.nothing = feel.compile("null")

    def error(self, element: xml.Element, code: str, zh: str, en: str) -> None:
        """A finding that keeps the file from running."""
        self.findings.append(self._finding(element, code, zh, en))

    def warn(self, element: xml.Element, code: str, zh: str, en: str) -> None:
        """A finding that does not."""
        found = self._finding(element, code, zh, en)
        self.findings.append(Finding(found.line, found.element, code, "warning", zh, en))

    def _finding(self, element: xml.Element, code: str, zh: str, en: str) -> Finding:
        key = str(element.get("id") or self.owner)
        return Finding(line_of(element), key, code, "error", zh, en)

    def expression(self, element: xml.Element, text: str) -> feel.Expression | None:
        """A text as an expression; None, with a finding, when it is none."""
        return self._compiled(element, text, feel.compile)

    def tests(self, element: xml.Element, text: str) -> feel.Expression | None:
        """A text as unary tests; None, with a finding, when it is none."""
        return self._compiled(element, text, feel.compile_unary)

    def _compiled(
        self, element: xml.Element, text: str, read: Callable[..., feel.Expression]
    ) -> feel.Expression | None:
        language = str(element.get("expressionLanguage") or "").lower()
        if language not in _FEEL and "/feel/" not in language:
            zh, en = (
                f"不支持表达式语言“{language}”，请改用 FEEL。",
                f"“{language}” is not supported; please write FEEL.",
            )
            self.error(element, "language", zh, en)
            return None
        if text.startswith("${"):
            converted = to_feel(text)
            if converted is None:
                zh, en = f"表达式“{text[:80]}”不能转换为 FEEL。", f"“{text[:80]}” cannot be turned into FEEL."
                self.error(element, "expression", zh, en)
                return None
            text = converted
        try:
            return read(text, names=self.names)
        except feel.FeelError as wrong:
            self.error(element, "expression", f"“{text[:80]}”：{wrong.zh}", f"“{text[:80]}”: {wrong.en}")
            return None

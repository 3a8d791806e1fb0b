"""The blanks of a Word template: what may stand in them, and which of them are still empty.

docxtpl runs Jinja, and Jinja runs whatever it is given (trust.md 3.11). So a template is read first: fields,
`if`, `for` over a field (two deep), listed filters; nothing else is let through to be rendered.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import SandboxedEnvironment

from casework.errors import NotYet
from casework.papers.wording import FILTERS, printed
from casework.words import Words, _

#: What a template may ask of a loop: {{ loop.index|序号 }}.
LOOP = frozenset({"index", "first", "last", "length"})
MAX_LOOPS = 2
MAX_NESTING = 6
_JINJA = re.compile(r"\{[{%#]")


class BadTemplate(NotYet):
    """The template holds something other than blanks; the sentence names it."""


class Absent(Undefined):
    """A field nobody filled: no for an answer in `if`, an error where it should be printed."""

    __slots__ = ()

    def __str__(self) -> str:
        raise UndefinedError(self._undefined_message)

    def __iter__(self) -> Iterator[Any]:
        raise UndefinedError(self._undefined_message)


class PlainEnvironment(SandboxedEnvironment):
    """Jinja that looks names up in contexts and does nothing else with them."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Only keys of contexts: `answers.items` is the answer called items, not a method of dict."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same."""
        return self.getattr(obj, argument)


def environment() -> PlainEnvironment:
    """What templates are parsed and rendered with."""
    plain = PlainEnvironment(autoescape=True, undefined=Absent, finalize=printed)
    plain.filters = dict(FILTERS)
    plain.tests, plain.globals = {}, {}
    return plain


@dataclass(frozen=True)
class Blanks:
    """A template that was read and found to hold only blanks."""

    sha256: str
    trees: tuple[nodes.Template, ...]
    fields: frozenset[str]


@lru_cache(maxsize=256)
def read(docx: bytes) -> Blanks:
    """Check every part of a template; raises BadTemplate with a sentence naming what is not allowed."""
    try:
        sources = tuple(_sources(docx))
        trees = tuple(environment().parse(source) for source in sources)
    except TemplateSyntaxError as error:
        raise BadTemplate(_("模板中的空白写法有误：%(what)s。", what=str(error.message))) from error
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise BadTemplate(_("模板不是有效的 Word 文件（docx）。")) from error
    fields: set[str] = set()
    for tree in trees:
        for node in tree.body:
            _check(node, frozenset(), 0, 0, fields)
    return Blanks(hashlib.sha256(docx).hexdigest(), trees, frozenset(fields))


def _sources(docx: bytes) -> Iterator[str]:
    """The Jinja text of every part, exactly as docxtpl will render it; other parts must hold none."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        names = archive.namelist()
        for name in names:
            if name.startswith("docProps/") and _JINJA.search(archive.read(name).decode("utf-8", "replace")):
                raise BadTemplate(_("模板的文档属性中不得设置空白。"))
            if "vbaproject" in name.lower() or "/embeddings/" in name.lower():
                raise BadTemplate(_("模板中不得有宏或内嵌对象。"))
    word = DocxTemplate(io.BytesIO(docx))
    word.init_docx()
    yield word.patch_xml(word.get_xml())
    for uri in (word.HEADER_URI, word.FOOTER_URI):
        for _key, part in word.get_headers_footers(uri):
            yield word.patch_xml(word.get_part_xml(part))
    for part in word.docx.part.package.iter_parts():
        if part.content_type.endswith(("footnotes+xml", "endnotes+xml", "comments+xml")):
            yield word.patch_xml(part.blob.decode("utf-8"))


def _refuse(what: Words | str) -> BadTemplate:
    return BadTemplate(_("模板中不允许的写法：%(what)s。", what=what))


def _check(node: nodes.Node, own: frozenset[str], loops: int, nesting: int, fields: set[str]) -> None:
    if nesting > MAX_NESTING:
        raise _refuse(_("嵌套过深"))
    if isinstance(node, nodes.Output):
        for part in node.nodes:
            if not isinstance(part, nodes.TemplateData):
                _check_value(part, own, fields)
    elif isinstance(node, nodes.If):
        _check_test(node.test, own, fields)
        for inner in (*node.body, *node.elif_, *node.else_):
            _check(inner, own, loops, nesting + 1, fields)
    elif isinstance(node, nodes.For):
        _check_loop(node, own, loops, nesting, fields)
    else:
        raise _refuse(type(node).__name__)


def _check_loop(node: nodes.For, own: frozenset[str], loops: int, nesting: int, fields: set[str]) -> None:
    if loops >= MAX_LOOPS:
        raise _refuse(_("循环超过 %(most)s 层", most=MAX_LOOPS))
    if not isinstance(node.target, nodes.Name) or node.recursive or node.test is not None:
        raise _refuse("for")
    _checkpath_of(node.iter, own, fields)
    inside = own | {node.target.name, "loop"}
    for inner in node.body:
        _check(inner, inside, loops + 1, nesting + 1, fields)
    for inner in node.else_:
        _check(inner, own, loops, nesting + 1, fields)


def _check_value(node: nodes.Node, own: frozenset[str], fields: set[str]) -> None:
    while isinstance(node, nodes.Filter):
        if node.name not in FILTERS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise _refuse(f"|{node.name}")
        if node.node is None:
            raise _refuse("filter")
        node = node.node
    _checkpath_of(node, own, fields)


def _check_test(node: nodes.Node, own: frozenset[str], fields: set[str]) -> None:
    if isinstance(node, nodes.Not):
        _check_test(node.node, own, fields)
    elif isinstance(node, nodes.And | nodes.Or):
        _check_test(node.left, own, fields)
        _check_test(node.right, own, fields)
    elif isinstance(node, nodes.Compare):
        if len(node.ops) != 1 or node.ops[0].op not in {"eq", "ne"}:
            raise _refuse("if")
        if not isinstance(node.ops[0].expr, nodes.Const):
            raise _refuse("if")
        _checkpath_of(node.expr, own, fields)
    else:
        _checkpath_of(node, own, fields)


def _checkpath_of(node: nodes.Node, own: frozenset[str], fields: set[str]) -> None:
    path = path_of(node)
    if path is None:
        raise _refuse(type(node).__name__)
    if any(name.startswith("_") for name in path):
        raise _refuse(".".join(path))
    if path[0] not in own:
        fields.add(".".join(path))


def path_of(node: nodes.Node) -> tuple[str, ...] | None:
    """The names of a field, `answers.reason` → ("answers", "reason"); None for anything else."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name) or node.ctx != "load":
        return None
    return (node.name, *reversed(names))

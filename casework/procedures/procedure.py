"""What a procedure is, once its folder has been opened and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from casework import deadlines, forms, papers
from casework.engine import drawing, feel
from casework.engine.findings import Finding
from casework.errors import NotYet, Unknown
from casework.procedures.publishing import Publishing
from casework.procedures.standing_still import StandsStill, Suspended
from casework.procedures.taken_over import TakenOver
from casework.procedures.watching import Watching
from casework.words import _, both


class Outdated(NotYet):
    """The version a case began with asks for something this program no longer has (422)."""

    def __init__(self, finding: Finding) -> None:
        # what there is instead, which the reader of the finding is told, helps nobody here
        what = both(finding.zh.partition("：")[0].rstrip("。"), finding.en.partition(": ")[0].rstrip("."))
        super().__init__(
            _(
                "本案适用的流程版本中有本程序已不支持的内容（%(what)s）。案件可以查阅，不能继续办理；"
                "请系统管理员换用支持该版本的程序，或者撤回后按现行流程重新申请。",
                what=what,
            )
        )
        self.finding = finding


@dataclass(frozen=True)
class Party:
    """A lane of the drawing: which organisation it is for a case, and which posts act for it."""

    lane: str
    organisation: feel.Expression
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """One line of 系统核验: a sentence with its legal source, and whether it holds."""

    name: str
    title: str
    ok: feel.Expression
    says: feel.Expression | None
    says_en: feel.Expression | None
    basis: str
    #: the steps beside which it stands; none: beside every one
    steps: frozenset[str] = frozenset()

    @property
    def reads(self) -> frozenset[str]:
        """The names it reads."""
        found = (each.names for each in (self.ok, self.says, self.says_en) if each)
        return frozenset().union(*found)


@dataclass(frozen=True)
class Concerns:
    """Which cases of other procedures a case of this kind is about."""

    procedures: tuple[str, ...]
    #: over what the other case shows; where it is not true, `unless` says why
    when: feel.Expression | None
    unless: str
    #: starts: whoever may apply; parties: only who takes part in the other case
    open_to: str
    #: an organisation whose case about the other one is still open begins no second one
    once: bool = False


@dataclass(frozen=True)
class Life:
    """Where a procedure stands in the life of a project; those with the same label are one stage of it."""

    order: int
    label: str
    label_en: str
    #: over the facts of a case: the day from which the stage is done; without it, the day the case ends
    done_on: feel.Expression | None = None
    #: over `project` as the register has it: the day, where the stage was passed before there were cases
    registered_on: feel.Expression | None = None
    #: not every project passes it: shown where there is a case
    aside: bool = False


@dataclass(frozen=True)
class Unnamed:
    """The steps of which only those who call know who does them, `until` the result of `about` is fixed."""

    steps: frozenset[str]
    until: feel.Expression


@dataclass(frozen=True, eq=False)
class Procedure:
    """One folder of workflows/, checked: what a case of this kind is called, asks and produces."""

    key: str
    files: Mapping[str, bytes]
    about: Mapping[str, Any]
    flow: drawing.Drawing
    forms: Mapping[str, forms.Form]
    texts: Mapping[str, str]
    parties: Mapping[str, Party]
    deadlines: Mapping[str, deadlines.Rule]
    checks: tuple[Check, ...]
    papers: Mapping[str, papers.Kind]
    concerns: Concerns | None
    #: what other cases and public pages may know of a case, by name
    shows: Mapping[str, feel.Expression]
    #: what the public learns of it as data; None: nothing
    publishing: Publishing | None
    #: its place in the life of a project; None: none
    life: Life | None = None
    #: what an office watches over all of its cases; None: nothing
    watching: Watching | None = None
    #: when a case is suspended; None: never
    suspended: Suspended | None = None
    #: the steps that rest while the case it concerns is suspended; None: no such link
    stands_still: StandsStill | None = None
    #: how it has come out, in Chinese and English, on the page of a case; null while it is open
    outcome: tuple[feel.Expression, feel.Expression] | None = None
    #: the steps whose doers are secret for a time; None: none
    unnamed: Unnamed | None = None
    #: what its application takes over from earlier cases, by their procedure
    takes_over: Mapping[str, TakenOver] = field(default_factory=dict)
    #: of a frozen version: what this program no longer knows; its cases can be read, not carried on
    outdated: tuple[Finding, ...] = ()

    def ask_known(self) -> None:
        """Outdated where this program no longer knows all words of a frozen version."""
        if self.outdated:
            raise Outdated(self.outdated[0])

    @property
    def going_on(self) -> drawing.Drawing:
        """The drawing, to carry a case on; Outdated where that cannot be."""
        self.ask_known()
        return self.flow

    @cached_property
    def sha256(self) -> str:
        """What the folder says, in one number."""
        return fingerprint(self.files)

    @property
    def order(self) -> tuple[int, str]:
        """In the order of a project's life; what has no place in it comes last."""
        return (self.life.order if self.life else 1000, self.key)

    @property
    def title(self) -> str:
        return str(self.about["title"])

    @property
    def code(self) -> str:
        """The letters a case number begins with."""
        return str(self.about["code"])

    @property
    def subject(self) -> str:
        """What a case is about: project, case, or nothing that is on a register yet."""
        return str(self.about.get("subject") or "")

    @property
    def asks(self) -> str:
        """The form of the application."""
        return str(self.about["asks"])

    @cached_property
    def case_title(self) -> feel.Expression:
        return feel.compile(str(self.about["case_title"]))

    @cached_property
    def case_title_en(self) -> feel.Expression | None:
        english = self.about.get("case_title_en")
        return feel.compile(str(english)) if english else None

    def says(self, chinese: str, lang: str) -> str:
        """A sentence of the folder in the reader's language."""
        return self.texts.get(chinese, chinese) if lang == "en" else chinese

    def text(self, name: str) -> str:
        """A notice or letter of the folder, as written."""
        if name not in self.files:
            raise Unknown
        return self.files[name].decode("utf-8")


def fingerprint(files: Mapping[str, bytes]) -> str:
    """What a folder says, in one number."""
    whole = hashlib.sha256()
    for name, data in sorted(files.items()):
        whole.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return whole.hexdigest()

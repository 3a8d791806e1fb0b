"""The pieces of a page that the templates print; every attribute and sentence is already in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from casework.forms.fields import Stored

#: No attributes, no text.
NOTHING = Markup()


@dataclass(slots=True)
class Choice:
    """One option of a choice on the page; `reveals` says what it brings up."""

    id: str
    value: str
    label: str
    checked: bool
    reveals: str = ""
    #: files that were sent earlier and are judged here
    files: Sequence[Stored] = ()


@dataclass(slots=True)
class Bounds:
    """What an answer may be at least and at most, said before anything is wrong.

    `said` is empty while it is unknown. `live`: attributes for the script, when other answers of the page
    move it.
    """

    said: str
    live: Markup = NOTHING


@dataclass(slots=True)
class Question:
    """One question on the page. `attributes` belong to its control, `condition` to the frame around it."""

    id: str
    name: str
    key: str
    type: str
    label: str
    value: str = ""
    hint: str = ""
    bounds: Bounds | None = None
    error: str = ""
    optional: bool = False
    readonly: bool = False
    unit: str = ""
    width: str = ""
    cell: str = ""
    only_if: str = ""
    by_script: bool = False
    longest: int | None = None
    multiple: bool = False
    accept: str = ""
    row_label: str = ""
    #: whether its row counts as done only with an answer here
    needed: bool = False
    attributes: Markup = NOTHING
    condition: Markup = NOTHING
    choices: Sequence[Choice] = ()
    files: Sequence[Stored] = ()
    #: the address of the picture of a kept file, FILE and SIZE standing for its id and size
    pictures: str = ""
    #: the address of a file of the case, FILE standing for its id
    papers: str = ""
    reveals: Sequence[str] = ()
    said: Markup = NOTHING
    #: whether the answer is still as it was taken over from an earlier application; why another one was not
    taken_over: bool = False
    left: str = ""


@dataclass(slots=True)
class Computed:
    """A computed value on the page."""

    id: str
    key: str
    label: str
    value: str
    unit: str
    attributes: Markup
    condition: Markup
    cell: str = ""
    #: the address of the case that the value names
    leads_to: str = ""
    type: str = "expression"
    error: str = ""


@dataclass(slots=True)
class Head:
    """What stands above the rows of a group; `fill` is what its button sends, `open` whether they show."""

    label: str
    says: str
    fill: str
    open: bool = True


@dataclass(slots=True)
class Line:
    """One row of a list on the page; `name` is what its delete button sends. `mark` says which group's it is;
    the first of a group has its `head`. `folds`: what a row says while only its name shows, `open` whether it
    begins with all of it.
    """

    name: str
    title: str
    number: int
    cells: Sequence[tuple[Question | Computed | None, str, str]]
    mark: str = "1"
    head: Head | None = None
    folds: str = ""
    open: bool = False


@dataclass(slots=True)
class Block:
    """A piece of the page: `kind` says which of the others is set."""

    kind: str
    id: str = ""
    label: str = ""
    hint: str = ""
    error: str = ""
    key: str = ""
    #: as of a question; `without`: rows that were not taken over
    taken_over: bool = False
    without: str = ""
    condition: Markup = NOTHING
    only_if: str = ""
    by_script: bool = False
    question: Question | None = None
    parts: list[Any] = field(default_factory=list)
    columns: list[tuple[str, str, str, str]] = field(default_factory=list)
    #: what the script checks in each of them
    checks: list[Markup] = field(default_factory=list)
    lines: Sequence[Line] = ()
    #: whether the groups of a long list are folded away until they are wanted
    folds: bool = False
    add: str = ""
    paste: str = ""
    fill: str = ""
    number: int = 0
    remove: bool = False
    cards: bool = False
    #: a row is one line, and a second one where more is asked
    dense: bool = False
    #: whether rows have names, and whether a column says them, so that they need not stand there twice
    titled: bool = False
    brief: bool = False
    named: bool = False
    left: Markup = NOTHING
    full: str = ""
    attributes: Markup = NOTHING
    text: Markup = NOTHING

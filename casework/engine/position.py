"""What the engine answers: where a case stands, what it passed on the way, what it asks of the office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Task:
    """A step that waits for a person. `index` counts from 0 within a multi-instance, `item` is its party."""

    token: str
    element: str
    name: str
    lane: str | None
    form: str | None
    properties: Mapping[str, str]
    groups: tuple[str, ...] = ()
    assignee: str | None = None
    due: date | datetime | None = None
    item: Any = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A moment (UTC) at which the case wants to be woken by `flow.tick`."""

    token: str
    element: str
    due: datetime
    interrupting: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    """A message the case waits for; with a correlation only the message that carries the same."""

    token: str
    element: str
    message: str
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the drawing asks of the office: `issue paper`, `send letter` …"""

    kind: str
    element: str
    name: str
    lane: str | None
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A message thrown by the drawing, to be delivered by the host to the case that waits for it."""

    name: str
    correlation: str | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passed:
    """One element entered, completed or cancelled in this advance."""

    element: str
    token: str
    how: Literal["completed", "cancelled", "entered"]


@dataclass(frozen=True, slots=True)
class Incident:
    """A token that could not go on, and why; `flow.retry` tries again after the cause is mended."""

    element: str
    token: str
    zh: str
    en: str
    expression: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a case stands after an advance; `state` is opaque, what happened is in order of happening."""

    state: str
    variables: dict[str, Any]
    tasks: tuple[Task, ...] = ()
    timers: tuple[Timer, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    effects: tuple[Effect, ...] = ()
    messages: tuple[Message, ...] = ()
    passed: tuple[Passed, ...] = ()
    flows: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    ended: bool = False
    ends: tuple[str, ...] = ()


#: Carries an effect out and answers with facts. Raising makes an incident; nothing is lost.
CarryOut: TypeAlias = Callable[[Effect, Mapping[str, Any]], Mapping[str, Any] | None]


class EffectFailed(Exception):
    """The office could not do what the drawing asked; the sentences are shown beside the step.

    With a `code` the failure is one the drawing may provide for: an error boundary event catches it.
    """

    def __init__(self, zh: str, en: str, code: str | None = None) -> None:
        super().__init__(f"{zh} {en}")
        self.zh, self.en, self.code = zh, en, code


class NotOpen(LookupError):
    """The token does not wait for a person (done, cancelled, or never was)."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token


class NotWaiting(LookupError):
    """The case does not wait for this message."""

    def __init__(self, message: str, correlation: str | None) -> None:
        super().__init__(message)
        self.message, self.correlation = message, correlation


@dataclass
class NeedsPlaces(Exception):
    """A case cannot move: these elements hold tokens and have no place in the new drawing."""

    elements: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        """The elements, for the log."""
        return ", ".join(self.elements)

"""One turn of a case: who moves it, when, what its expressions may read, and what they may ask the office."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias

from casework import deadlines
from casework.cases import asking
from casework.cases.model import Case, Step
from casework.engine import feel
from casework.people import Post
from casework.procedures import Procedure

#: What an effect answers: facts that become case variables.
Facts: TypeAlias = Mapping[str, Any] | None


@dataclass
class Turn:
    """What belongs together while a case moves; lives for one transaction."""

    case: Case
    by: Post | None
    now: datetime
    #: why each date computed in this turn is what it is, by the moment it gave
    explanations: dict[datetime, dict[str, Any]] = field(default_factory=dict)
    #: the step that is being completed, and what was answered
    step: Step | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    #: letters sent in this turn, as their readers get them: two timers that come due together send one
    sent: set[tuple[int, str, str]] = field(default_factory=set)
    #: what the files of enterprises said, until an effect may have changed them
    answered: asking.Answered = field(default_factory=dict)

    @cached_property
    def procedure(self) -> Procedure:
        """The version the case began with."""
        return self.case.procedure

    def scope(self, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What an expression may read: what the office knows, over it what the case has gathered."""
        return {**self.case.facts, **(self.case.variables if variables is None else variables)}

    @cached_property
    def functions(self) -> asking.Functions:
        """What an expression may ask the office."""
        return {**asking.functions(self.now, answered=self.answered), "deadline": self.deadline}

    def value(self, expression: feel.Expression, variables: Mapping[str, Any] | None = None) -> Any:
        """Evaluate where null is an answer."""
        return expression.evaluate(self.scope(variables), self.functions)

    def sign_level(self, element: str) -> str:
        """How a step is signed (rules.md F.2): "" or S0 by the account alone, S1 by password or code again.

        The drawing says it (`sign`), often through the profile: `=profile.sign_level_decision`.
        """
        text = self.procedure.flow.elements[element].properties.get("sign", "")
        level = asking.read(text, self.scope(), self.functions) if text else ""
        return "" if level == "S0" else str(level)

    def deadline(self, scope: Mapping[str, Any], name: str) -> datetime | None:
        """The moment a named deadline of the procedure ends; its explanation is kept beside."""
        rule = self.procedure.deadlines.get(name)
        stops = self.stops(scope) if rule is not None and rule.stayed else ()
        due = asking.due(self.procedure, name, scope, self.functions, self.now, stops=stops)
        if due is None:
            return None
        self.explanations[due.at] = due.explanation.dump()
        return due.at

    def stops(self, scope: Mapping[str, Any]) -> tuple[deadlines.Suspension, ...]:
        """When the case, or the one it concerns, was suspended by order: `stayed` periods did not run."""
        if self.procedure.suspended is None:
            other = self.case.parent
            return () if other is None else Turn(other, None, self.now).stopped()
        found = self.procedure.suspended.says["spans"].evaluate(scope, self.functions)
        return tuple(deadlines.Suspension(one["begins"], one.get("ends")) for one in found or ())

    def stopped(self) -> tuple[deadlines.Suspension, ...]:
        """The same of a case as it stands; nothing where an older version does not say it."""
        try:
            return self.stops(self.scope()) if self.procedure.suspended else ()
        except feel.FeelError:
            return ()


#: What carries out an effect: with the turn, the effect's headers and inputs, and the case variables.
Verb: TypeAlias = Callable[[Turn, Mapping[str, Any], Mapping[str, Any]], Facts]

"""Gateways that choose: one way out by condition, or whatever event happens first."""

from __future__ import annotations

from casework.engine.running import COMPLETED, STARTED, Token
from casework.engine.steps import Step


class ExclusiveGateway(Step):
    """One way out: the first whose condition holds."""

    def _run_hook(self, my_task: Token) -> bool:
        my_task.internal_data["chosen"] = self.choose(my_task, several=False)
        return True


class EventGateway(Step):
    """Whatever happens first of the events behind it. Each waits by itself, so that two timers work (B9)."""

    announced = True

    def _update_hook(self, my_task: Token) -> bool:
        my_task.standing = STARTED
        my_task.case.note(my_task, "entered")
        for flow in self.leaving:
            waiting = Token(my_task.workflow, flow.target, parent=my_task, rounds=my_task.rounds)
            waiting.internal_data["via"] = flow.id
            waiting.arrive()
        return False

    def struck(self, my_task: Token, winner: Token) -> None:
        """One event has happened: the others are off."""
        case = my_task.case
        case.flows.append(winner.internal_data["via"])
        my_task.release(winner)
        for token in my_task.inside():
            token.cancel()
        my_task.standing = COMPLETED
        case.note(my_task, "completed")
        my_task.workflow.leave(my_task)

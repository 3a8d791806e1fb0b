"""Runs the program of a regular expression: all threads side by side, one character at a time, never back.

Time is at most states × characters. The leftmost match, and among those the one that a backtracking engine
would choose, as threads stand in the order of their priority.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from casework.engine.feel.scope import Run

#: Name of the step, and two arguments: a character, a test, a place to save in, or one or two relative jumps.
Step = tuple[str, Any, int]


class Program(NamedTuple):
    """Steps, and how many places their spans need."""

    steps: tuple[Step, ...]
    places: int


_Thread = tuple[int, tuple[int, ...]]
_WORK = frozenset(("is", "fold", "any", "not line", "test", "match"))


class _Threads:
    """The threads that stand before one character, in their order of priority; no state twice."""

    def __init__(self, program: Program, text: str) -> None:
        self.program = program
        self.text = text
        self.standing: list[_Thread] = []
        self.seen: set[int] = set()

    def add(self, state: int, spans: tuple[int, ...], place: int) -> None:
        """A thread, and those it becomes without reading a character."""
        waiting = [(state, spans)]
        while waiting:
            state, spans = waiting.pop()
            if state in self.seen:
                continue
            self.seen.add(state)
            name, a, b = self.program.steps[state]
            if name in _WORK:
                self.standing.append((state, spans))
            elif name == "split":
                waiting += [(state + b, spans), (state + a, spans)]
            elif name == "jump":
                waiting.append((state + a, spans))
            elif name == "save":
                waiting.append((state + 1, (*spans[:a], place, *spans[a + 1 :])))
            elif _holds(name, place, self.text):
                waiting.append((state + 1, spans))


def run_program(program: Program, text: str, start: int, run: Run) -> tuple[int, ...] | None:
    """The spans of the leftmost match at or behind `start`, or None. Spends the evaluation's budget."""
    now, found = _Threads(program, text), None
    for place in range(start, len(text) + 1):
        if found is None:
            now.add(0, (-1,) * program.places, place)
        if not now.standing and found is not None:
            break
        run.spend(len(now.seen) + 2)
        sign = text[place] if place < len(text) else ""
        following = _Threads(program, text)
        for state, spans in now.standing:
            step = program.steps[state]
            if step[0] == "match":
                found = spans
                break  # threads behind this one have lower priority
            if sign and _accepts(step, sign):
                following.add(state + 1, spans, place + 1)
        now = following
    return found


def _accepts(step: Step, sign: str) -> bool:
    name, argument, _ = step
    if name == "is":
        return bool(sign == argument)
    if name == "test":
        return bool(argument(sign))
    if name == "fold":
        return bool(sign.casefold() == argument)
    return name == "any" or sign not in "\n\r"


def _holds(name: str, place: int, text: str) -> bool:
    """^ and $."""
    if name == "begin":
        return place == 0
    if name == "end":
        return place == len(text)
    if name == "line begin":
        return place == 0 or text[place - 1] == "\n"
    return place == len(text) or text[place] == "\n"

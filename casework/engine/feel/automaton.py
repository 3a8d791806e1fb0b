"""Runs the program of a regular expression: all its threads side by side, one character at a time, never back.

Time is at most states × characters; leftmost match, and among those the one a backtracking engine would choose
(threads stand in the order of their priority).
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


def run_program(program: Program, text: str, start: int, run: Run) -> tuple[int, ...] | None:
    """The spans of the leftmost match at or behind `start`, or None. Spends the evaluation's budget."""
    empty = (-1,) * program.places
    threads: list[_Thread] = []
    found: tuple[int, ...] | None = None
    for place in range(start, len(text) + 1):
        if found is None:
            seen = {state for state, _ in threads}
            _follow(program, (0, empty), place, text, threads, seen)
        elif not threads:
            break
        run.spend(len(threads) + 1)
        sign = text[place] if place < len(text) else ""
        following: list[_Thread] = []
        seen = set()
        for state, spans in threads:
            step = program.steps[state]
            if step[0] == "match":
                found = spans
                break  # threads behind this one have lower priority
            if sign and _accepts(step, sign):
                _follow(program, (state + 1, spans), place + 1, text, following, seen)
        run.spend(len(seen))
        threads = following
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


def _follow(
    program: Program, first: _Thread, place: int, text: str, threads: list[_Thread], seen: set[int]
) -> None:
    """Add the threads that are reached without reading a character, in their order of priority."""
    waiting = [first]
    while waiting:
        state, spans = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        name, a, b = program.steps[state]
        if name in _WORK:
            threads.append((state, spans))
        elif name == "split":
            waiting += [(state + b, spans), (state + a, spans)]
        elif name == "jump":
            waiting.append((state + a, spans))
        elif name == "save":
            waiting.append((state + 1, (*spans[:a], place, *spans[a + 1 :])))
        elif _holds(name, place, text):
            waiting.append((state + 1, spans))


def _holds(name: str, place: int, text: str) -> bool:
    """^ and $."""
    if name == "begin":
        return place == 0
    if name == "end":
        return place == len(text)
    if name == "line begin":
        return place == 0 or text[place - 1] == "\n"
    return place == len(text) or text[place] == "\n"

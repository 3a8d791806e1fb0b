"""Drawings made at random of nested branches, choices, loops and subprocesses behave as their plan says.

The plan is carried out a second time by the few lines of `Plan.enter` and `Plan.complete`, which know nothing of tokens.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.engine.models import case, doc, end, inclusive, multi, parallel, process, start, sub, user, xor

#: What stands open: a task's id, ("sequence", plan, place, inner), or ("branches", plan, inner…).
Open = Any


@dataclass(frozen=True)
class Plan:
    """A piece of a drawing: kind, id, and the pieces in it."""

    kind: str
    key: str
    parts: tuple[Plan, ...] = ()

    def enter(self, given: dict[str, Any]) -> Open:
        if self.kind == "task":
            return self.key
        if self.kind == "parties":
            return [self.key] * len(given["parties"])
        if self.kind in {"sequence", "loop", "sub"}:
            return ("sequence", self, 0, self.parts[0].enter(given))
        return ("branches", self, *[part.enter(given) for part in self._begun(given)])

    def _begun(self, given: dict[str, Any]) -> list[Plan]:
        if self.kind == "choice":
            return [self.parts[given["n"] if given["n"] < len(self.parts) else -1]]
        if self.kind == "some":
            return [part for i, part in enumerate(self.parts[:-1]) if i in given["kinds"]] or [self.parts[-1]]
        return list(self.parts)


def complete(state: Open, key: str, given: dict[str, Any]) -> Open:
    """Give what is open after a task is done; None when the piece is finished."""
    if isinstance(state, str):
        return None if state == key else state
    if isinstance(state, list):
        return state[1:] or None
    if state[0] == "branches":
        inner = [complete(one, key, given) if key in found(one) else one for one in state[2:]]
        left = [one for one in inner if one is not None]
        return ("branches", state[1], *left) if left else None
    _, plan, place, inner = state
    inner = complete(inner, key, given)
    if inner is not None:
        return ("sequence", plan, place, inner)
    if place + 1 < len(plan.parts):
        return ("sequence", plan, place + 1, plan.parts[place + 1].enter(given))
    return plan.enter(given) if plan.kind == "loop" and given["rejected"] else None


def found(state: Open) -> list[str]:
    """List the tasks that are open."""
    if state is None or isinstance(state, str):
        return [state] if state else []
    if isinstance(state, list):
        return state
    return sorted(key for one in state[2:] if not isinstance(one, int) for key in found(one))


@dataclass
class Drawer:
    """Draws a plan: nodes and flows of the process or subprocess it is in."""

    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)

    def draw(self, plan: Plan) -> tuple[str, str]:
        """Give the first and the last element."""
        key = plan.key
        if plan.kind in {"task", "parties"}:
            self.nodes.append(user(key, loop=multi(out_item="n") if plan.kind == "parties" else ""))
            return key, key
        if plan.kind == "sub":
            inner = Drawer()
            first, last = inner.draw(plan.parts[0])
            inner.flows += [f"{key}s>{first}", f"{last}>{key}e"]
            self.nodes.append(sub(key, ";".join(inner.flows), start(f"{key}s"), *inner.nodes, end(f"{key}e")))
            return key, key
        ends = [self.draw(part) for part in plan.parts]
        if plan.kind in {"sequence", "loop"}:
            self.flows += [f"{one[1]}>{two[0]}" for one, two in itertools.pairwise(ends)]
            return (
                (ends[0][0], ends[-1][1])
                if plan.kind == "sequence"
                else self._loop(key, ends[0][0], ends[-1][1])
            )
        return self._branches(plan, ends)

    def _loop(self, key: str, first: str, last: str) -> tuple[str, str]:
        self.nodes += [xor(f"{key}m"), xor(f"{key}g", f"{key}g_{key}o"), xor(f"{key}o")]
        self.flows += [
            f"{key}m>{first}",
            f"{last}>{key}g",
            f"{key}g>{key}m: rejected = true",
            f"{key}g>{key}o",
        ]
        return f"{key}m", f"{key}o"

    def _branches(self, plan: Plan, ends: list[tuple[str, str]]) -> tuple[str, str]:
        fork, join = f"{plan.key}f", f"{plan.key}j"
        made = {"all": parallel, "choice": xor, "some": inclusive}[plan.kind]
        default = "" if plan.kind == "all" else f"{fork}_{ends[-1][0]}"
        self.nodes += [made(fork, default) if default else parallel(fork), made(join)]
        asked = {"all": "", "choice": ": n = {}", "some": ": list contains(kinds, {})"}[plan.kind]
        for index, (first, last) in enumerate(ends):
            condition = asked.format(index) if index < len(ends) - 1 else ""
            self.flows += [f"{fork}>{first}{condition}", f"{last}>{join}"]
        return fork, join


def planned(rnd: random.Random, depth: int, count: list[int]) -> Plan:
    count[0] += 1
    key = f"k{count[0]}"
    if depth == 0 or count[0] > 25:
        return Plan(rnd.choice(["task", "task", "task", "parties"]), key)
    kind = rnd.choice(["sequence", "all", "all", "choice", "some", "some", "loop", "loop", "sub"])
    many = 1 if kind == "sub" else rnd.randint(2, 3)
    return Plan(kind, key, tuple(planned(rnd, depth - 1, count) for _ in range(many)))


@pytest.mark.parametrize("seed", range(60))
def test_a_random_drawing_behaves_as_planned(seed: int) -> None:
    rnd = random.Random(seed)
    plan = Plan("loop", "top", (planned(rnd, 4, [0]),))
    drawer = Drawer()
    first, last = drawer.draw(plan)
    flows = ";".join([f"s>{first}", *drawer.flows, f"{last}>e"])
    given: dict[str, Any] = {"parties": [1, 2], "rejected": False, "n": 0, "kinds": [0]}
    one = case(doc(process(flows, start(), *drawer.nodes, end()))).begin(**given)
    state = plan.enter(given)
    for step in range(60):
        assert one.open == found(state), (seed, step)
        assert one.at.incidents == (), (seed, step)
        assert one.at.ended == (state is None)
        if state is None:
            assert one.at.ends[-1] == "e"
            return
        key = rnd.choice(one.open)
        if not is_parties(plan, key):  # what is answered within a multi-instance stays there
            given = {**given, **answers(rnd)}
        one.do(key, **{name: given[name] for name in ("rejected", "n", "kinds")})
        state = complete(state, key, given)


def is_parties(plan: Plan, key: str) -> bool:
    return (plan.kind == "parties" and plan.key == key) or any(is_parties(part, key) for part in plan.parts)


def answers(rnd: random.Random) -> dict[str, Any]:
    return {
        "rejected": rnd.random() < 0.4,
        "n": rnd.randrange(4),
        "kinds": rnd.sample(range(3), rnd.randrange(3)),
    }

"""Random walks over looping drawings: the same acts on a case that is written down after every step and on one that never is.

python -m tests.engine.walks 2000      # so many walks over each drawing
python -m tests.engine.walks --go-on   # reads cases from standard input, carries them on, prints where they stand
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from casework.engine import flow, standing, values
from casework.engine.drawing import Drawing
from casework.engine.position import Position
from casework.engine.running import Case
from tests.engine.models import (
    NOW,
    boundary,
    call,
    catch,
    doc,
    effect,
    end,
    event_gateway,
    inclusive,
    message,
    multi,
    node,
    on_message,
    open_drawing,
    parallel,
    process,
    script,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)  # fmt: skip

STEPS = 60
AGAIN = "g>m: rejected = true; g>e"
MSG = message("msg")
TAIL = (xor("m"), xor("g", "g_e"), end(), start())
LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="3"><bpmn:loopCondition>=rejected</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'

DRAWINGS: dict[str, bytes] = {
    "parallel": doc(process("s>m; m>f; f>a; f>b; f>c; a>j; b>j; c>j; j>g; g>fix: rejected = true; g>e; fix>m",
                            *TAIL, parallel("f"), user("a"), user("b"), user("c"), parallel("j"), user("fix"))),
    "inclusive": doc(process("s>m; m>d0; d0>f; f>a: list contains(kinds, 1); f>b: list contains(kinds, 2); f>c; a>j; b>j; c>j; j>g;" + AGAIN,
                             *TAIL, user("d0"), inclusive("f", "f_c"), user("a"), user("b"), user("c"), inclusive("j"))),
    "nested": doc(process("s>m; m>f; f>a; f>f2; f2>b; f2>c; b>j2; c>j2; j2>d; a>j; d>j; j>g;" + AGAIN,
                          *TAIL, parallel("f"), user("a"), parallel("f2"), user("b"), user("c"), parallel("j2"), user("d"), parallel("j"))),
    "mixed": doc(process("s>m; m>f; f>a; f>f2; f2>b: list contains(kinds, 1); f2>c; b>x; x>j2; c>j2; rem>x; j2>d; a>j; d>j; j>g;" + AGAIN,
                         *TAIL, parallel("f"), user("a"), inclusive("f2", "f2_c"), user("b"),
                         boundary("rem", "b", timer("duration", "P9D"), interrupting=False), xor("x"), user("c"), inclusive("j2"),
                         user("d"), parallel("j"))),
    "signing": doc(process("s>m; m>u; u>z; z>g;" + AGAIN, *TAIL,
                           user("u", loop=multi(out_item="{ok: ok}", condition="count(opinions[ok = false]) > 1")), user("z"))),
    "one by one": doc(process("s>m; m>u; u>z; z>g;" + AGAIN, *TAIL,
                              user("u", loop=multi(out_item="{ok: ok}", condition="nrOfCompletedInstances > 1 and ok = false", sequential=True)), user("z"))),
    "party by party": doc(MSG, process("s>m; m>sp; sp>z; z>g; wd>w; w>m;" + AGAIN, *TAIL,
                          sub("sp", "s2>x; x>f; f>p; f>q; p>j; q>j; j>o; o>e2", start("s2"), user("x"), parallel("f"), user("p"), user("q"),
                              parallel("j"), script("o", "opinion", "loopCounter"), end("e2"), loop=multi()),
                          boundary("wd", "sp", on_message("msg")), user("w"), user("z"))),
    "deadlines": doc(MSG, process("s>m; m>u; u>g; r>rem; rem>e3; dl>late; late>m; wd>w; w>e4;" + AGAIN, *TAIL, user("u"),
                     boundary("r", "u", timer("cycle", "R/P2D"), interrupting=False), user("rem"), end("e3"),
                     boundary("dl", "u", timer("duration", "P9D")), user("late"), boundary("wd", "u", on_message("msg"), interrupting=False),
                     user("w"), end("e4"))),
    "withdrawal": doc(MSG, process("s>m; m>f; f>sp; f>b; sp>mm; wd>w; w>mm; mm>j; b>j; j>g;" + AGAIN, *TAIL, parallel("f"),
                      sub("sp", "s2>x; x>y; y>e2", start("s2"), user("x"), user("y"), end("e2")), boundary("wd", "sp", on_message("msg")),
                      user("w"), xor("mm"), user("b"), parallel("j"))),
    "first event": doc(MSG, process("s>m; m>eg; eg>cm; eg>ct; cm>a; ct>b; a>g; b>g;" + AGAIN, *TAIL, event_gateway("eg"),
                       catch("cm", on_message("msg")), catch("ct", timer("duration", "P1D")), user("a"), user("b"))),
    "calls": doc(process("s>m; m>ca; ca>z; z>g;" + AGAIN, *TAIL, call("ca", "Q"), user("z")),
                 process("qs>qf; qf>qa; qf>qb; qa>qe; qb>qe2", start("qs"), parallel("qf"), user("qa"), user("qb"), end("qe"), end("qe2"), key="Q")),
    "called by each": doc(MSG, process("s>m; m>ca; ca>z; z>g; dl>m;" + AGAIN, *TAIL, call("ca", "Q", loop=multi(out_item="n", sequential=True)),
                          boundary("dl", "ca", timer("duration", "P6D")), user("z")),
                          process("qs>qa; qa>qu; qu>qe", start("qs"), user("qa"), user("qu", loop=multi("[1, 2]", "k", "ks", "k")), end("qe"), key="Q")),
    "standard loop": doc(process("s>m; m>u; u>g;" + AGAIN, *TAIL, user("u", loop=LOOP))),
    "errors": doc('<bpmn:error id="err" errorCode="E"/>', '<bpmn:signal id="sig" name="sig"/>', MSG,
                  process("s>m; m>f; f>sp; f>c; c>v; sp>j; b>j; v>j; j>g;" + AGAIN, *TAIL, parallel("f"),
                          sub("sp", "s2>x; x>k; k>e2: rejected = true; k>bad", start("s2"), user("x"), xor("k", "k_bad"),
                              end("e2", '<bpmn:signalEventDefinition signalRef="sig"/>'), end("bad", '<bpmn:errorEventDefinition errorRef="err"/>')),
                          boundary("b", "sp", '<bpmn:errorEventDefinition errorRef="err"/>'), effect("c", "check"),
                          user("v"), inclusive("j"))),
    "messages": doc(MSG, message("own", "n"), process("s>m; m>n0; n0>r; r>t; t>x; x>g;" + AGAIN, *TAIL, user("n0"),
                    node("receiveTask", "r", messageRef="msg_own"), throw("t", on_message("msg")), script("x", "n", "n + 1"))),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to a case: step, message, time, retry or withdraw."""

    kind: str
    token: str = ""
    answers: Any = None
    now: datetime = NOW


def carry_out(one: flow.Effect, variables: Any) -> dict[str, Any]:
    return {"checked": len(variables)}


def given(now: datetime) -> dict[str, Any]:
    return {"now": now, "carry_out": carry_out, "functions": {}}


def variables() -> dict[str, Any]:
    return {"parties": [{"id": i} for i in range(3)], "rejected": False, "kinds": [1], "n": 0}


def choose(rnd: random.Random, at: Position, now: datetime) -> Act:
    """Pick what happens next from what can happen."""
    answers = {
        "rejected": rnd.random() < 0.85,
        "kinds": rnd.choice([[1], [2], [1, 2], [3]]),
        "n": rnd.randrange(9),
        "ok": rnd.random() < 0.8,
    }
    acts = [Act("step", t.token, answers, now) for t in at.tasks] * 3
    acts += [Act("message", s.message, s.correlation, now) for s in at.subscriptions]
    acts += [Act("time", now=max(now, t.due)) for t in at.timers]
    acts += [Act("time", now=now + timedelta(days=rnd.randrange(4)))]
    if rnd.random() < 0.01:
        acts += [Act("withdraw", now=now)] * 3
    return rnd.choice(acts)


def done(drawing: Drawing, at: Position, act: Act) -> Position:
    """Do it as the office does: read, step, write."""
    case = (drawing, at.state, values.loads(values.dumps(at.variables)))
    if act.kind == "step":
        return flow.advance(*case, act.token, act.answers, **given(act.now))
    if act.kind == "message":
        return flow.tell(*case, act.token, {"told": act.token}, correlation=act.answers, **given(act.now))
    return (flow.withdraw if act.kind == "withdraw" else flow.tick)(*case, **given(act.now))


def done_in_memory(case: Case, act: Act) -> Position:
    """Do the same to a case that stays in memory."""
    case.now = act.now
    case.passed, case.flows, case.effects, case.messages, case.ends = [], [], [], [], []
    if act.kind == "step":
        return flow.complete(case, act.token, act.answers)
    if act.kind == "message":
        return flow.deliver(case, act.token, {"told": act.token}, act.answers)
    if act.kind == "time":
        return flow.pass_time(case)
    return flow.cancel(case)


def walk(drawings: list[Drawing], seed: int, steps: int = STEPS) -> Iterator[tuple[Act, Position, Position]]:
    """Walk at random; each step is written down and read again, by one reading of the drawing after the other."""
    rnd = random.Random(seed)
    now = NOW
    kept = Case(drawings[0], variables(), **given(now))
    kept.enter(drawings[0].spec.main, None)
    in_memory = standing.position(kept)
    at = flow.begin(drawings[0], variables(), **given(now))
    yield Act("begin"), at, in_memory
    for step in range(steps):
        if at.ended:
            return
        act = choose(rnd, at, now)
        now = act.now
        at, in_memory = done(drawings[step % len(drawings)], at, act), done_in_memory(kept, act)
        yield act, at, in_memory


def compare(name: str, walks: range) -> int:
    """Compare both ways of a drawing over so many walks; say how many steps were compared."""
    drawings = [open_drawing(DRAWINGS[name]) for _ in range(2)]
    steps = 0
    for seed in walks:
        acts, reached = [], False
        for act, at, in_memory in walk(drawings, seed):
            acts.append(act)
            assert at == in_memory, (name, seed, acts)
            assert at.ended or at.tasks or at.timers or at.subscriptions or at.incidents, (
                name,
                seed,
                "stands still",
                acts,
            )
            reached = reached or bool(at.ends)
            assert not at.ended or reached or act.kind == "withdraw", (name, seed, "ended in silence", acts)
            assert len(at.state) < 12_000, (name, seed, len(at.state))
            steps += 1
    return steps


# -------- in a fresh process


def written(name: str, seed: int, steps: int) -> dict[str, Any]:
    """Walk some steps and write the case down as the office does."""
    *_, (act, at, _) = walk([open_drawing(DRAWINGS[name])], seed, steps)
    return {
        "name": name,
        "seed": seed,
        "state": at.state,
        "variables": values.dumps(at.variables),
        "now": act.now.isoformat(),
    }


def carried_on(kept: dict[str, Any], steps: int = 30) -> list[str]:
    """Carry a written case on; give where it stood after each step."""
    drawing = open_drawing(DRAWINGS[kept["name"]])
    rnd, now = random.Random(kept["seed"]), datetime.fromisoformat(kept["now"])
    at = flow.tick(drawing, kept["state"], values.loads(kept["variables"]), **given(now))
    found = [at.state + values.dumps(at.variables)]
    while not at.ended and len(found) < steps:
        act = choose(rnd, at, now)
        now = act.now
        at = done(drawing, at, act)
        found.append(at.state + values.dumps(at.variables) + repr(at.passed))
    return found


def main(argument: str) -> None:
    if argument == "--go-on":
        print(json.dumps([carried_on(kept) for kept in json.load(sys.stdin)]))
        return
    print({name: compare(name, range(int(argument))) for name in DRAWINGS})


if __name__ == "__main__":
    main(sys.argv[1])

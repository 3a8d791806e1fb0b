"""A step that is opened again: data stands to be corrected, what was decided or confirmed is so anew."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from acting import played, post
from flask import Flask

from casework import cases, clock
from casework.cases import drafts, lists


class Again(NamedTuple):
    """A story up to some step, who has the step then, what stands in its form, what is answered anew."""

    told: str
    steps: int
    login: str
    element: str
    stands: dict[str, Any]
    anew: str


AGAIN = (
    Again("inspection/refused", 1, "dev7", "revise", {"scope": "whole", "notary": "no"}, "declare_ready"),
    Again("inspection/refused", 3, "ent1", "confirm_plan", {}, "plan_answer"),
    Again("contract/changes_asked", 2, "dev1", "draft", {"dispute": "court"}, "declare_covenant"),
    Again("contract/changes_asked", 3, "ent1", "confirm", {}, "answer"),
    Again("rectification/failed_once", 4, "ent1", "fix", {}, "report"),
    Again("rectification/failed_once", 7, "str2", "recheck", {}, "recheck_result"),
)


@pytest.mark.parametrize("each", AGAIN, ids=lambda each: f"{each.told}-{each.element}")
def test_data_stands_and_decisions_do_not(district: Flask, keys: dict[str, int], each: Again) -> None:
    case = played(each.told, keys, each.steps)
    step = next(s for s in lists.steps(case.id) if s.element == each.element and s.status == "open")
    turn = cases.Turn(case, post(each.login), clock.now())
    bound = drafts.bind_step(turn, step, None, lang="zh")
    assert each.anew in drafts.answers(case), "it was answered before"
    assert {key: bound.questions.answer(key).data for key in each.stands} == each.stands
    assert not bound.questions.answer(each.anew).data

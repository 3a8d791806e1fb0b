"""Multi-instance: every party signs, side by side or in turn; n of m; early end. And plain loops.

One wrapper token stands for the whole, one instance token for each party; an instance has its own
variables. The collection is read once, on entering. After each instance the output collection so far is
written to the variables, in the order of the parties: so the completion condition can count votes (B6), a
second round begins with an empty list (B7), and a deadline that interrupts loses no opinion (B8).
SpiffWorkflow links instance and wrapper by an event that is connected only in the process that parsed the
drawing (B17); here the spec itself knows its wrapper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.engine.elements import Element
from casework.engine.running import COMPLETED, INCIDENT, STARTED, Token
from casework.engine.script import Failure, Formula
from casework.engine.steps import Activity, RoomSpec, Step
from casework.engine.tasks import ANSWERS

#: Instances of one multi-instance; a list of all owners of a community is no list of parties.
MAX_INSTANCES = 2000
ITEMS, DONE, REST, LAST, OUTPUT, INDEX = "items", "done", "rest", "last", "out", "index"


class MultiInstance(Activity):
    """An activity done once for each item of a collection. `body` is the activity itself."""

    def __init__(self, room: RoomSpec, element: Element, body: Step) -> None:
        super().__init__(room, element)
        body.loop, body.is_local = self, True
        self.body = body
        self.sequential = False
        self.collection: Formula | None = None
        self.counted = False  # the collection is only a number of times
        self.item: str | None = None
        self.output: str | None = None
        self.output_item: Formula | None = None
        self.condition: Formula | None = None

    def begin(self, my_task: Token) -> bool:
        items = self._items(my_task)
        my_task.internal_data.update({ITEMS: len(items), DONE: [], OUTPUT: []})
        if self.output:
            my_task.case.put(my_task, {self.output: []})
        if not items:
            return True
        my_task.standing = STARTED
        if self.sequential:
            my_task.internal_data[REST] = items[1:]
            self._instance(my_task, 0, items[0])
        else:
            for index, item in enumerate(items):
                self._instance(my_task, index, item)
        return False

    def _items(self, my_task: Token) -> list[Any]:
        case, text = my_task.case, self.collection
        if text is None:
            raise Failure("会签没有写明对象。", "The multi-instance has no collection.")
        items = text.value(case.scope(my_task), case.functions)
        if self.counted:
            if isinstance(items, bool) or not isinstance(items, int) or items < 0:
                raise Failure("次数不是非负整数。", "The cardinality is no whole number.", text.text)
            items = list(range(1, min(items, MAX_INSTANCES + 1) + 1))
        if not isinstance(items, list):
            raise Failure("会签对象不是列表。", "The collection is not a list.", text.text)
        if len(items) > MAX_INSTANCES:
            zh = f"会签对象超过 {MAX_INSTANCES} 个。"
            raise Failure(zh, f"There are over {MAX_INSTANCES} instances.", text.text)
        return items

    def _instance(self, my_task: Token, index: int, item: Any) -> None:
        token = Token(my_task.workflow, self.body, parent=my_task)
        token.internal_data[INDEX] = index
        token.data = {"loopCounter": index + 1}
        if self.item:
            token.data[self.item] = item
        token.arrive()

    # -------- an instance is done

    def merge(self, instance: Token) -> None:
        """Collect what the instance brought and see whether that is enough."""
        my_task = instance.parent
        try:
            self._collect(my_task, instance)
        except Failure as error:  # the answers are kept in the instance until this is mended
            my_task.fail(error)
            return
        my_task.release(instance)
        instance.workflow.leave(instance)
        self._go_on(my_task, instance.data)

    def _collect(self, my_task: Token, instance: Token) -> None:
        made = my_task.internal_data
        if self.output:
            index = instance.internal_data[INDEX]
            made[OUTPUT] = sorted([*made[OUTPUT], [index, self._brought(instance)]], key=lambda row: row[0])
            my_task.case.put(my_task, {self.output: [value for _, value in made[OUTPUT]]})
        made[DONE].append(instance.internal_data[INDEX])

    def _brought(self, instance: Token) -> Any:
        """The output element: FEEL over the instance; a mere name that nobody set means all answers."""
        case = instance.case
        answers = instance.internal_data.get(ANSWERS)
        if self.output_item is None:
            return answers or {k: v for k, v in instance.data.items() if k not in {self.item, "loopCounter"}}
        if (
            self.output_item.text.isidentifier()
            and answers is not None
            and self.output_item.text not in answers
        ):
            return answers
        return self.output_item.value(case.scope(instance), case.functions)

    def _go_on(self, my_task: Token, last: Mapping[str, Any]) -> None:
        made = my_task.internal_data
        try:
            enough = self._enough(my_task, last)
        except Failure as error:
            made[LAST] = last
            my_task.fail(error)
            return
        made.pop(LAST, None)
        if enough or len(made[DONE]) == made[ITEMS]:
            for token in my_task.inside():
                if token.task_spec is self.body:
                    token.cancel()
            made.pop(REST, None)
            made.pop(INCIDENT, None)  # of an opinion that is not needed any more
            my_task.get_ready()
        elif self.sequential:
            item, *made[REST] = made[REST]
            self._instance(my_task, len(made[DONE]), item)

    def _enough(self, my_task: Token, last: Mapping[str, Any]) -> bool:
        if self.condition is None:
            return False
        case = my_task.case
        return self.condition.holds(case.scope(my_task, {**last, **self.counters(my_task)}), case.functions)

    def counters(self, my_task: Token) -> dict[str, Any]:
        """How many instances there are, are done, are open; in Camunda 7's and Camunda 8's words."""
        count, done = my_task.internal_data[ITEMS], len(my_task.internal_data[DONE])
        active = (1 if done < count else 0) if self.sequential else count - done
        return {
            "nrOfInstances": count,
            "nrOfCompletedInstances": done,
            "nrOfActiveInstances": active,
            "numberOfInstances": count,
            "numberOfCompletedInstances": done,
            "numberOfActiveInstances": active,
            "numberOfTerminatedInstances": 0,
        }

    def resume(self, my_task: Token) -> None:
        """Collect again from the instances that were done, or ask the completion condition again."""
        if my_task.standing != STARTED:
            super().resume(my_task)
            return
        last = my_task.internal_data.pop(LAST, None)
        for instance in my_task.inside():
            if instance.standing == COMPLETED and my_task.standing == STARTED and not my_task.incident:
                self.merge(instance)
        if last is not None and my_task.standing == STARTED and not my_task.incident:
            self._go_on(my_task, last)


class StandardLoop(Activity):
    """An activity done again while a condition holds, or so many times."""

    def __init__(self, room: RoomSpec, element: Element, body: Step) -> None:
        super().__init__(room, element)
        body.loop = self
        self.body = body
        self.condition: Formula | None = None
        self.maximum: int | None = None
        self.test_before = False

    def begin(self, my_task: Token) -> bool:
        my_task.internal_data[DONE] = 0
        if self.test_before and self._over(my_task):
            return True
        my_task.standing = STARTED
        self._once_more(my_task)
        return False

    def _over(self, my_task: Token) -> bool:
        case = my_task.case
        if self.maximum is not None and my_task.internal_data[DONE] >= self.maximum:
            return True
        seen = case.scope(my_task)
        return self.condition is not None and not self.condition.holds(seen, case.functions)

    def _once_more(self, my_task: Token) -> None:
        token = Token(my_task.workflow, self.body, parent=my_task)
        token.internal_data[INDEX] = my_task.internal_data[DONE]
        token.arrive()

    def merge(self, instance: Token) -> None:
        """One turn is done; what it brought is the case's."""
        my_task = instance.parent
        my_task.release(instance)
        instance.workflow.leave(instance)
        my_task.internal_data[DONE] += 1
        self._next(my_task)

    def _next(self, my_task: Token) -> None:
        try:
            over = self._over(my_task)
        except Failure as error:
            my_task.fail(error)
            return
        if over:
            my_task.get_ready()
        else:
            self._once_more(my_task)

    def resume(self, my_task: Token) -> None:
        if my_task.standing == STARTED:
            self._next(my_task)
        else:
            super().resume(my_task)

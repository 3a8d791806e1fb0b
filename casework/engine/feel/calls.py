"""Function definitions and invocations (DMN 1.3 clauses 10.3.2.13, 10.3.4; grammar rules 38–42, 55)."""

from __future__ import annotations

from typing import Any

from casework.engine.feel import tree, types
from casework.engine.feel.builtins import FUNCTIONS
from casework.engine.feel.builtins.signature import invoke
from casework.engine.feel.scope import (
    PLAIN,
    Code,
    Layer,
    Make,
    Makers,
    Null,
    Routine,
    Run,
    Scope,
    foreign,
    kind,
)

#: Functions of constant texts that are reckoned once, when the expression is read.
_FOLDED = frozenset(("date", "time", "date and time", "duration", "number"))


def routine(name: str, run: Run) -> Routine | None:
    """A function of the standard or of the host, as a value; None: there is none of that name."""
    if name in FUNCTIONS:
        signatures = FUNCTIONS[name]
        return Routine(
            lambda run, arguments, names: invoke(signatures, run, arguments, names), signatures[0].least
        )
    if name in run.functions:
        return Routine(lambda run, arguments, names: _host(name, run, arguments, names), 0)
    return None


def _host(name: str, run: Run, arguments: list[Any], names: tuple[str, ...]) -> Any:
    """A function that the office lends: `fn(scope, *arguments)`. Wrong arguments give null."""
    if names:
        raise Null(f"函数 {name} 只接受按位置的参数", f"the function {name} takes arguments by position only")
    try:
        value = run.functions[name](run.scope, *arguments)
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        shown = str(error)[:200]
        raise Null(
            f"函数 {name} 没有结果：{shown}", f"the function {name} gave no result: {shown}"
        ) from error
    return value if type(value) in PLAIN else foreign(value, run, 0)


def _call(node: tree.Call, make: Make) -> Code:
    arguments = tuple(make(argument) for argument in node.arguments)
    position, names_ = node.position, node.names
    target = _named(node.function) if isinstance(node.function, tree.Name) else _reckoned(make(node.function))

    def call(names: Scope, run: Run) -> Any:
        run.spend(1)
        values = [argument(names, run) for argument in arguments]
        try:
            value = target(names, run).call(run, values, names_)
        except Null as why:
            return run.note(position, why.zh, why.en)
        return value if type(value) in PLAIN else foreign(value, run, position)

    return _folded(node, call) if _foldable(node) else call


def _foldable(node: tree.Call) -> bool:
    constant = all(isinstance(argument, tree.Constant) for argument in node.arguments)
    return constant and isinstance(node.function, tree.Name) and node.function.name in _FOLDED


def _folded(node: tree.Call, call: Code) -> Code:
    value = call({}, Run({}, {}))
    if value is None:
        return call
    name = node.function.name if isinstance(node.function, tree.Name) else ""

    def ready(names: Scope, run: Run) -> Any:
        return value if _bound(name, names) is None else call(names, run)

    return ready


def _named(function: tree.Name) -> Code:
    """First functions bound in the expression, then the standard's, the scope's, the host's."""
    name, standard = function.name, FUNCTIONS.get(function.name)
    ready = routine(name, Run({}, {})) if standard else None

    def find(names: Scope, run: Run) -> Any:
        if (bound := _bound(name, names)) is not None:
            return bound
        if ready is not None:
            return ready
        found = _read(name, names)
        if type(found) is Routine:
            return found
        lent = routine(name, run)
        if lent is None:
            run.unknown = True
            raise Null(f"没有名为“{name}”的函数", f"there is no function “{name}”")
        return lent

    return find


def _read(name: str, names: Scope) -> Any:
    try:
        return names[name]
    except KeyError:
        return None


def _bound(name: str, names: Scope) -> Routine | None:
    """A function that a form around this one has given the name to."""
    while type(names) is Layer:
        if name in names:
            found = names[name]
            return found if type(found) is Routine else None
        names = names.around
    return None


def _reckoned(function: Code) -> Code:
    def find(names: Scope, run: Run) -> Any:
        found = function(names, run)
        if type(found) is not Routine:
            zh, en = kind(found)
            raise Null(f"{zh}不能作为函数调用", f"a {en} cannot be called")
        return found

    return find


def _function(node: tree.Function, make: Make) -> Code:
    body, parameters = make(node.body), node.parameters
    wanted = tuple(name for name, _ in parameters)

    def define(names: Scope, run: Run) -> Any:
        def call(run: Run, arguments: list[Any], given: tuple[str, ...]) -> Any:
            values = _values(wanted, arguments, given)
            for name, sort in parameters:
                if sort and values[name] is not None and not types.conforms(values[name], sort, run):
                    zh, en = kind(values[name])
                    raise Null(
                        f"参数 {name} 的类型不符：{zh}", f"the parameter {name} is of another type: {en}"
                    )
            run.spend(4)
            run.enter()
            value = body(Layer(values, names), run)
            run.leave()
            return value

        return Routine(call, len(parameters))

    return define


def _values(wanted: tuple[str, ...], arguments: list[Any], given: tuple[str, ...]) -> dict[str, Any]:
    if len(arguments) != len(wanted) or (given and set(given) != set(wanted)):
        zh = f"函数需要 {len(wanted)} 个参数：{'、'.join(wanted)}"
        raise Null(zh, f"the function needs {len(wanted)} arguments: {', '.join(wanted)}")
    return dict(zip(given or wanted, arguments, strict=True))


MAKERS: Makers = {tree.Call: _call, tree.Function: _function}

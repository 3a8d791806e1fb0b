"""Decision tables: every hit policy, requirements, and what is refused with line, element and sentence."""

from __future__ import annotations

from datetime import date

import pytest

from casework.engine import decisions
from casework.engine.decisions import DecisionError, Refused

DMN13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/DMN/20151101/dmn11.xsd", "http://www.omg.org/spec/DMN/20180521/MODEL/", DMN13, "https://www.omg.org/spec/DMN/20211108/MODEL/", "https://www.omg.org/spec/DMN/20230324/MODEL/",
]  # fmt: skip


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def table(rules, policy="", *, inputs=("x",), outputs=("result",), ranks=(), defaults=(), allowed=()):
    """The XML of a decision table; a rule is a list of cells."""
    parts = [f'<decisionTable id="t" {policy}>']
    for place, text in enumerate(inputs):
        values = (
            f"<inputValues><text>{escaped(allowed[place])}</text></inputValues>"
            if place < len(allowed)
            else ""
        )
        parts.append(
            f'<input id="i{place}" label="{escaped(text)}"><inputExpression><text>{escaped(text)}</text></inputExpression>{values}</input>'
        )
    for place, name in enumerate(outputs):
        values = (
            f"<outputValues><text>{escaped(ranks[place])}</text></outputValues>" if place < len(ranks) else ""
        )
        default = (
            f"<defaultOutputEntry><text>{escaped(defaults[place])}</text></defaultOutputEntry>"
            if place < len(defaults)
            else ""
        )
        parts.append(f'<output id="o{place}" name="{name}">{values}{default}</output>')
    for place, cells in enumerate(rules):
        entries = [f"<inputEntry><text>{escaped(cell)}</text></inputEntry>" for cell in cells[: len(inputs)]]
        entries += [
            f"<outputEntry><text>{escaped(cell)}</text></outputEntry>" for cell in cells[len(inputs) :]
        ]
        parts.append(f'<rule id="r{place + 1}">{"".join(entries)}</rule>')
    return "\n".join([*parts, "</decisionTable>"])


def decision(logic, key="d", name="", requires=()):
    wants = "".join(
        f'<informationRequirement><requiredDecision href="#{one}"/></informationRequirement>'
        for one in requires
    )
    return f'<decision id="{key}" name="{name or key}">{wants}{logic}</decision>'


def literal(text):
    return f"<literalExpression><text>{escaped(text)}</text></literalExpression>"


def file(*parts, namespace=DMN13):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{namespace}" id="f" name="f" namespace="n">\n{"".join(parts)}\n</definitions>'.encode()


def answer(logic, scope, functions=None):
    return decisions.read(file(decision(logic))).evaluate("d", scope, functions)


SIZES = [["< 10", '"small"'], ["[10..100)", '"middle"'], [">= 100", '"large"']]
OVERLAP = [["> 1", '"b"'], ["> 2", '"a"'], ["> 3", '"c"']]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_files_of_every_version_are_read(namespace):
    found = decisions.read(file(decision(table(SIZES)), namespace=namespace))
    assert found.ids == ("d",)
    assert found.evaluate("d", {"x": 50}) == "middle"


@pytest.mark.parametrize(("x", "wanted"), [(9, "small"), (10, "middle"), (99.5, "middle"), (100, "large")])
def test_unique_is_the_policy_when_none_is_written(x, wanted):
    assert answer(table(SIZES), {"x": x}) == wanted


def test_unique_refuses_two_rules_and_names_them():
    with pytest.raises(DecisionError) as caught:
        answer(table(OVERLAP), {"x": 3})
    assert caught.value.decision == "d"
    assert caught.value.rule == 2
    assert "第 1、2 条规则" in caught.value.zh
    assert "rules 1, 2" in caught.value.en


@pytest.mark.parametrize(
    ("policy", "x", "wanted"),
    [
        ("FIRST", 5, "b"), ("FIRST", 0, None), ("RULE ORDER", 5, ["b", "a", "c"]), ("RULE ORDER", 0, []), ("COLLECT", 3, ["b", "a"]), ("COLLECT", 0, []), ("ANY", 2, "b"),
    ],
)  # fmt: skip
def test_policies_without_ranks(policy, x, wanted):
    assert answer(table(OVERLAP, f'hitPolicy="{policy}"'), {"x": x}) == wanted


@pytest.mark.parametrize(
    ("policy", "x", "wanted"),
    [
        ("PRIORITY", 5, "a"),
        ("PRIORITY", 2, "b"),
        ("PRIORITY", 0, None),
        ("OUTPUT ORDER", 5, ["a", "b", "c"]),
        ("OUTPUT ORDER", 0, []),
    ],
)
def test_policies_with_ranks(policy, x, wanted):
    assert answer(table(OVERLAP, f'hitPolicy="{policy}"', ranks=['"a", "b", "c"']), {"x": x}) == wanted


def test_priority_weighs_the_first_output_most():
    rules = [["-", '"low"', '"a"'], ["-", '"high"', '"b"'], ["-", '"high"', '"a"']]
    found = answer(
        table(rules, 'hitPolicy="PRIORITY"', outputs=("risk", "kind"), ranks=['"high", "low"', '"a", "b"']),
        {"x": 1},
    )
    assert found == {"risk": "high", "kind": "a"}


def test_an_output_outside_its_ranks_is_an_error():
    with pytest.raises(DecisionError):
        answer(table(OVERLAP, 'hitPolicy="PRIORITY"', ranks=['"b", "c"']), {"x": 5})


def test_any_wants_equal_results():
    same = [["> 1", '"a"'], ["> 2", '"a"'], ["> 3", '"b"']]
    assert answer(table(same, 'hitPolicy="ANY"'), {"x": 3}) == "a"
    with pytest.raises(DecisionError) as caught:
        answer(table(same, 'hitPolicy="ANY"'), {"x": 4})
    assert "ANY" in caught.value.zh


@pytest.mark.parametrize(
    ("aggregation", "x", "wanted"),
    [
        ("SUM", 5, 35),
        ("MIN", 5, 5),
        ("MAX", 5, 20),
        ("COUNT", 5, 3),
        ("COUNT", 0, 0),
        ("SUM", 0, None),
        ("SUM", 2, 10),
    ],
)
def test_collect_aggregates(aggregation, x, wanted):
    fees = [["> 1", "10"], ["> 2", "20"], ["> 3", "5"]]
    assert answer(table(fees, f'hitPolicy="COLLECT" aggregation="{aggregation}"'), {"x": x}) == wanted


def test_a_sum_of_what_is_no_number_is_an_error():
    with pytest.raises(DecisionError):
        answer(table(OVERLAP, 'hitPolicy="COLLECT" aggregation="SUM"'), {"x": 5})


def test_several_outputs_are_a_context_and_defaults_stand_in():
    rules = [["> 1", '"a"', "x * 2"]]
    logic = table(rules, outputs=("kind", "fee"), defaults=('"none"', "0"))
    assert answer(logic, {"x": 3}) == {"kind": "a", "fee": 6}
    assert answer(logic, {"x": 1}) == {"kind": "none", "fee": 0}
    assert answer(table([["> 1", "1"]], 'hitPolicy="COLLECT"', defaults=("9",)), {"x": 0}) == 9


def test_cells_are_unary_tests_of_every_kind():
    rules = [
        ['"a", "b"', "> 5", "-", "1"],
        ['not("a", "b")', "[1..5]", "true", "2"],
        ["", "? > 3 and ? < 100", "not(true)", "3"],
        ["-", "limit", "-", "4"],
        ['starts with(?, "z")', "-", "", "5"],
    ]
    logic = table(rules, 'hitPolicy="COLLECT"', inputs=("kind", "size", "flag"))
    assert answer(logic, {"kind": "a", "size": 6, "flag": False, "limit": 6}) == [1, 3, 4]
    assert answer(logic, {"kind": "z", "size": 4, "flag": True, "limit": 0}) == [2, 5]


def test_cells_may_hold_dates_and_host_functions():
    rules = [['< date("2026-01-01")', '"old"'], ["> today()", '"future"'], ["-", '"new"']]
    scope, today = {"x": date(2026, 5, 1)}, {"today": lambda scope: date(2026, 4, 1)}
    assert answer(table(rules, 'hitPolicy="FIRST"'), scope, today) == "future"


def test_inputs_are_expressions_and_outputs_too():
    logic = table([["> 30000", '"大型：" + project.name']], inputs=("project.above + project.below",))
    assert answer(logic, {"project": {"above": 30000, "below": 1, "name": "云河"}}) == "大型：云河"


def test_an_unknown_or_ill_typed_input_is_an_error_not_a_silent_no():
    for scope in ({}, {"x": {}}):
        with pytest.raises(DecisionError) as caught:
            answer(table([["> 1", "1"]], inputs=("x.area",)), scope)
        assert "x.area" in caught.value.zh
    with pytest.raises(DecisionError) as caught:
        answer(table([["< 5", "1"], ["-", "2"]], 'hitPolicy="FIRST"'), {"x": "4"})
    assert caught.value.rule == 1
    assert caught.value.expression == "< 5"


def test_a_null_input_meets_only_what_says_null_or_nothing():
    rules = [["< 5", "1"], ["null", "2"], ["-", "3"]]
    assert answer(table(rules, 'hitPolicy="COLLECT"'), {"x": None}) == [2, 3]


def test_an_output_without_a_value_is_an_error_unless_it_is_written_null():
    with pytest.raises(DecisionError) as caught:
        answer(table([["-", "1"], ["-", "missing + 1"]], 'hitPolicy="COLLECT"'), {"x": 1})
    assert caught.value.rule == 2
    assert caught.value.expression == "missing + 1"
    assert "missing" in caught.value.zh
    assert answer(table([["-", "null"]]), {"x": 1}) is None
    assert answer(table([["-", ""]]), {"x": 1}) is None


def test_values_that_are_not_allowed_are_refused():
    logic = table([["-", "1"]], allowed=('"a", "b"',))
    assert answer(logic, {"x": "a"}) == 1
    with pytest.raises(DecisionError) as caught:
        answer(logic, {"x": "c"})
    assert "取值" in caught.value.zh


def test_decisions_require_each_other_on_demand_by_name_id_or_output():
    asked = []
    size = decision(table(SIZES, outputs=("size",)), "size_id", "规模 等级")
    fee = decision(
        literal('if 规模 等级 = "small" then count(asked()) else base'), "fee", requires=["size_id", "base"]
    )
    base = decision(literal("y * 2"), "base")
    both = decision(literal("[size_id, size, 规模 等级, fee]"), "both", requires=["fee", "size_id"])
    other = decision(literal("asked()"), "other")
    found = decisions.read(file(both, fee, size, base, other))

    def ask(scope):
        asked.append(1)
        return asked

    assert found.evaluate("both", {"x": 50, "y": 4}, {"asked": ask}) == ["middle", "middle", "middle", 8]
    assert asked == []
    assert found.names("both") == {"x", "y"}
    assert found.names("size_id") == {"x"}
    assert found.names("other") == frozenset()


def test_a_literal_decision_must_have_a_value():
    with pytest.raises(DecisionError) as caught:
        answer(literal("1 / x"), {"x": 0})
    assert "除数为零" in caught.value.zh
    with pytest.raises(DecisionError):
        decisions.read(file(decision(literal("1")))).evaluate("nobody", {})


def test_camunda_files_are_read():
    camunda = """<decision id="d" name="Fee" xmlns:camunda="http://camunda.org/schema/1.0/dmn" camunda:historyTimeToLive="30">
      <extensionElements><x xmlns="http://camunda.org/y"/></extensionElements>
      <decisionTable hitPolicy="FIRST"><input id="i" label="l" camunda:inputVariable="v">
      <inputExpression typeRef="string" expressionLanguage="juel"><text>${order.kind == 'a'}</text></inputExpression></input>
      <output id="o" name="fee" typeRef="integer"/>
      <rule id="r"><description>note</description><inputEntry expressionLanguage="feel"><text>true</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
      <rule id="s"><inputEntry><text></text></inputEntry><outputEntry><text>6</text></outputEntry></rule></decisionTable></decision>"""
    found = decisions.read(file(camunda))
    assert found.evaluate("d", {"order": {"kind": "a"}}) == 5
    assert found.evaluate("d", {"order": {"kind": "b"}}) == 6


@pytest.mark.parametrize(
    ("data", "code", "element", "word"),
    [
        (b"", "xml", "", "XML"),
        (b"<a/>", "root", "d", "DMN"),
        (b'<!DOCTYPE a><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "xml", "", "DOCTYPE"),
        (file(), "empty", "f", "没有决策"),
        (file(decision("")), "empty", "d", "没有内容"),
        (file(decision("<context/>")), "unsupported", "d", "context"),
        (file(decision("<invocation/>")), "unsupported", "d", "invocation"),
        (file(decision(literal("1 +"))), "expression", "d", "1 +"),
        (file(decision(literal("${a.b()}"))), "expression", "d", "FEEL"),
        (file(decision(literal("1")), decision(literal("2"))), "duplicate", "d", "重复"),
        (file(decision(table([["> ", "1"]]))), "expression", "d", "此处应为值"),
        (file(decision(table([["1"]]))), "arity", "r1", "格数"),
        (file(decision(table(SIZES, 'hitPolicy="LAST"'))), "policy", "t", "LAST"),
        (file(decision(table(SIZES, 'hitPolicy="COLLECT" aggregation="MEAN"'))), "aggregation", "t", "汇总"),
        (file(decision(table([["-", "1", "2"]], 'hitPolicy="COLLECT" aggregation="SUM"', outputs=("a", "b")))), "aggregation", "t", "汇总"),
        (file(decision(table(SIZES, 'hitPolicy="PRIORITY"'))), "values", "t", "取值顺序"),
        (file(decision(table([["-", "1", "2"]], outputs=("a", "a")))), "name", "t", "名称"),
        (file(decision(table(SIZES, inputs=("",)))), "expression", "i0", "没有表达式"),
        (file(decision(table([["-"]], outputs=()))), "empty", "t", "输出列"),
        (file(decision(literal("1"), requires=["nobody"])), "requires", "d", "nobody"),
        (file(decision(literal("a"), "d", requires=["e"]), decision(literal("d"), "e", requires=["d"])), "cycle", "d", "循环"),
        (file(decision(literal("d"), "d", requires=["d"])), "cycle", "d", "循环"),
        (file('<decision id="d"><knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement><literalExpression><text>1</text></literalExpression></decision>'), "requires", "d", "同一文件"),
        (file('<decision id="d"><literalExpression expressionLanguage="groovy"><text>1</text></literalExpression></decision>'), "language", "d", "groovy"),
        (file("<decision><literalExpression><text>1</text></literalExpression></decision>"), "id", "", "id"),
    ],
)  # fmt: skip
def test_what_would_not_run_is_refused_with_line_element_and_sentence(data, code, element, word):
    found = [finding for finding in decisions.findings(data) if finding.level == "error"]
    first = found[0]
    assert first.code == code
    assert code == "root" or first.element == element
    assert word in first.zh
    assert first.en
    assert first.line > 0 or code == "xml"
    with pytest.raises(Refused) as caught:
        decisions.read(data)
    assert first in caught.value.findings


def test_the_line_is_the_cells():
    data = file(decision(table([["1", "1"], ["2", "oops +"]])))
    (finding,) = decisions.findings(data)
    assert b"oops" in data.splitlines()[finding.line - 1]


def test_what_is_left_out_is_a_warning():
    data = file(
        decision(literal("1")), '<businessKnowledgeModel id="b" name="b"/>', decision(table([]), "empty")
    )
    assert {(f.code, f.level) for f in decisions.findings(data)} == {
        ("unsupported", "warning"),
        ("empty", "warning"),
    }
    assert len(decisions.read(data).findings) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 50,
        b"<" * 500,
        "<定义/>".encode("gb18030"),
        b"<definitions/>",
        file("<decision/>"),
        file("<decision><decisionTable/></decision>"),
        file("<decision id='d'><decisionTable><rule/></decisionTable></decision>"),
        file("<decision id='d'><literalExpression/></decision>"),
        file("<!-- c --><?p i?>"),
        file(*[decision(literal("1"), f"d{i}") for i in range(300)]),
    ],
)
def test_no_bytes_make_the_reader_fall(data):
    assert isinstance(decisions.findings(data), list)


def test_a_long_chain_of_requirements_is_evaluated():
    chain = [decision(literal("1"), "d0")] + [
        decision(literal(f"d{i - 1} + 1"), f"d{i}", requires=[f"d{i - 1}"]) for i in range(1, 150)
    ]
    assert decisions.read(file(*chain)).evaluate("d149", {}) == 150


def test_a_diamond_of_requirements_is_evaluated_once():
    count = []
    parts = [decision(literal("tick()"), "d0"), decision(literal("d0"), "e0", requires=["d0"])]
    parts += [
        decision(literal(f"d{i - 1} + e{i - 1}"), key, requires=[f"d{i - 1}", f"e{i - 1}"])
        for i in range(1, 40)
        for key in (f"d{i}", f"e{i}")
    ]
    found = decisions.read(file(*parts))
    assert found.evaluate("d39", {}, {"tick": lambda scope: len(count.append(1) or count)}) == 2**39
    assert len(count) == 1
    assert found.names("d39") == frozenset()

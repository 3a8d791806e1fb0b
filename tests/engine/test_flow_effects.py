"""Effects, rules and scripts: what the drawing asks of the office, and what comes of it."""

from __future__ import annotations

from typing import Any

from casework.engine import decisions, flow
from tests.engine.models import (
    case,
    doc,
    effect,
    end,
    mended,
    node,
    process,
    rule,
    script,
    start,
    the_incident,
    user,
)


def test_an_effect_is_given_its_headers_and_inputs_and_answers_with_facts() -> None:
    seen: list[flow.Effect] = []

    def carry_out(one: flow.Effect, variables: Any) -> dict[str, Any]:
        seen.append(one)
        return {"number": f"云房物〔2026〕{variables['n']}号"}

    xml = doc(
        process(
            "s>p; p>t; t>e", start(), effect("p", "issue paper", inputs={"to": "project.developer"}, paper="D17"), user("t"), end(),
            lanes={"区房管局": "p t"},
        )
    )  # fmt: skip
    one = case(xml, carry_out).begin(n=7, project={"developer": "云河置业"})
    assert seen == list(one.at.effects)
    assert (seen[0].kind, seen[0].element, seen[0].lane) == ("issue paper", "p", "区房管局")
    assert seen[0].arguments["paper"] == "D17"
    assert seen[0].arguments["to"] == "云河置业"
    assert one.at.variables["number"] == "云房物〔2026〕7号"
    assert one.do("t").at.effects == ()


def test_an_output_mapping_decides_what_becomes_a_variable() -> None:
    xml = doc(
        process(
            "s>p; p>t; t>e",
            start(),
            effect("p", "check standing", outputs={"ok": "stars >= 4"}),
            user("t"),
            end(),
        )
    )
    one = case(xml, lambda e, v: {"stars": 5, "secret": "x"}).begin()
    assert one.at.variables == {"ok": True}


def test_scripts_are_feel_and_see_the_lines_before() -> None:
    xml = doc(
        process(
            "s>x; x>y; y>t; t>e", start(), script("x", "total", "sum(for i in items return i.price)"),
            node("scriptTask", "y", "<bpmn:script>fee = total * 0.1\nall = total + fee</bpmn:script>"), user("t"), end(),
        )
    )  # fmt: skip
    one = case(xml).begin(items=[{"price": 100}, {"price": 20}])
    assert one.at.variables["total"] == 120
    assert one.at.variables["all"] == 132


def test_an_effect_that_raises_can_be_tried_again() -> None:
    broken = [True]
    done: list[str] = []

    def carry_out(one: flow.Effect, variables: Any) -> dict[str, Any]:
        if broken[0]:
            raise OSError("disk full")
        done.append(one.element)
        return {"number": 1}

    one = case(
        doc(process("s>a; a>p; p>b; b>e", start(), user("a"), effect("p", "issue paper"), user("b"), end())),
        carry_out,
    )
    one.begin().do("a", n=5)
    found = the_incident(one)
    assert found.element == "p"
    assert "disk full" in found.zh
    assert one.at.variables == {"n": 5}
    assert one.at.effects == ()
    assert the_incident(one.later(days=1)).element == "p"  # a tick does not try again
    broken[0] = False
    assert one.retry().open == ["b"]
    assert done == ["p"]


def test_an_effect_speaks_for_itself_when_it_fails() -> None:
    def carry_out(one: flow.Effect, variables: Any) -> None:
        raise flow.EffectFailed("模板缺失。", "The template is missing.")

    one = case(doc(process("s>p; p>e", start(), effect("p", "issue paper"), end())), carry_out).begin()
    found = the_incident(one)
    assert (found.zh, found.en) == ("模板缺失。", "The template is missing.")


def test_an_effect_that_was_carried_out_is_not_carried_out_again() -> None:
    done: list[str] = []

    def carry_out(one: flow.Effect, variables: Any) -> dict[str, Any]:
        done.append(one.element)
        return {"number": 7}

    xml = doc(
        process(
            "s>p; p>b; b>e",
            start(),
            effect("p", "issue paper", outputs={"full": "prefix + string(number)"}),
            user("b"),
            end(),
        )
    )
    one = case(xml, carry_out).begin()
    assert the_incident(one).element == "p"
    assert [e.element for e in one.at.effects] == ["p"]
    one = mended(one, prefix="云房物")
    assert one.open == ["b"]
    assert done == ["p"]
    assert one.at.variables["full"] == "云房物7"


def test_an_unknown_argument_of_an_effect() -> None:
    one = case(
        doc(
            process(
                "s>p; p>b; b>e",
                start(),
                effect("p", "send letter", inputs={"to": "developer.name"}),
                user("b"),
                end(),
            )
        )
    ).begin()
    assert the_incident(one).expression == "developer.name"
    assert mended(one, developer={"name": "云河置业"}).open == ["b"]


def test_facts_that_are_no_values_are_the_effects_failure() -> None:
    one = case(
        doc(process("s>p; p>b; b>e", start(), effect("p", "issue paper"), user("b"), end())),
        lambda effect, variables: {"paper": object()},
    )
    assert the_incident(one.begin()).element == "p"


def test_an_effect_cannot_change_the_variables_behind_the_engines_back() -> None:
    def carry_out(effect: flow.Effect, variables: Any) -> None:
        variables["n"] = 2

    one = case(doc(process("s>p; p>e", start(), effect("p", "check"), end())), carry_out).begin(n=1)
    assert the_incident(one).element == "p"
    assert one.at.variables == {"n": 1}


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
  <decision id="grounds" name="grounds">
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i"><inputExpression id="ie"><text>gfa</text></inputExpression></input>
      <output id="o" name="grounds"/>
      <rule id="r1"><inputEntry id="a"><text>&lt; 30000</text></inputEntry><outputEntry id="b"><text>"small"</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="c"><text>[30000..90000]</text></inputEntry><outputEntry id="f"><text>"normal"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""
RULE = doc(process("s>r; r>b; b>e", start(), rule("r", "grounds", "ground"), user("b"), end()))


def test_a_rule_task_asks_its_decision_table() -> None:
    one = case(RULE, decisions=[decisions.read(TABLE.encode())]).begin(gfa=29999)
    assert one.at.variables["ground"] == "small"
    assert one.open == ["b"]


def test_a_table_without_a_matching_rule_is_an_incident() -> None:
    one = case(RULE, decisions=[decisions.read(TABLE.encode())]).begin(gfa=100_000)
    assert the_incident(one).element == "r"
    assert mended(one, gfa=30000).at.variables["ground"] == "normal"


def test_a_table_that_lacks_its_input_is_an_incident() -> None:
    one = case(RULE, decisions=[decisions.read(TABLE.encode())]).begin()
    assert the_incident(one).element == "r"
    assert mended(one, gfa=1).at.variables["ground"] == "small"

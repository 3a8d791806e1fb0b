from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casework import xml
from casework.engine import diagram, layout, lettering, picture
from casework.engine.repair import repair
from tests.engine.sketch import END, START, file, plain, process, step

DRAWINGS = Path(__file__).parent / "drawings"
SAMPLES = sorted(DRAWINGS.iterdir())
SINK = (DRAWINGS / "bpmnio.bpmn").read_bytes()
SVG = "{http://www.w3.org/2000/svg}"


def drawn(data: bytes, **more: object) -> xml.Element:
    return xml.read(picture.svg(data, **more).encode())  # type: ignore[arg-type]


def group(root: xml.Element, element: str) -> xml.Element:
    return next(g for g in root.iter(f"{SVG}g") if g.get("data-element") == element)


def words(node: xml.Element) -> str:
    return "".join("".join(t.itertext()) for t in node.iter(f"{SVG}text"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_every_tool_s_drawing_becomes_well_formed_svg_without_style_or_script(path: Path) -> None:
    text = picture.svg(path.read_bytes())
    assert "style" not in text
    assert "script>" not in text.replace("sid-script", "")
    root = xml.read(text.encode())
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    tree = repair(xml.read(path.read_bytes()))
    steps = {
        n.get("id")
        for n in tree.iter()
        if str(n.tag).endswith(("userTask", "}task", "startEvent", "Gateway"))
    }
    shown = {g.get("data-element") for g in root.iter(f"{SVG}g")}
    assert steps <= shown
    assert "data-element" not in picture.svg(path.read_bytes(), ids=False)


def test_states_notes_and_the_way_taken_are_shown_and_told_in_the_reader_s_language() -> None:
    states = {"u": "done", "sc": "now", "br": "late", "sd": "skip"}
    root = drawn(SINK, states=states, notes={"u": "2 天", "br": "逾期 1 天"}, flows=["f_u"], title="承接查验")
    assert group(root, "u").get("class") == "n done"
    assert group(root, "rc").get("class") == "n wait"
    there = {name: group(root, name).get("id") for name in states}
    assert there == {"u": None, "sc": "at-sc", "br": "at-br", "sd": None}, "links lead to what is open"
    assert words(group(root, "br")) == "核对适用条件逾期 1 天"
    assert [g.get("class") for g in group(root, "br").iter(f"{SVG}g")][-1] == "tok"
    done = [e for e in root.iter(f"{SVG}polyline") if e.get("class") == "e done"]
    assert len(done) == 1
    title, told = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc") or ""
    assert title == "承接查验"
    assert told.startswith(
        "用户办理：已办（2 天）；自动出具承接查验确认书：未开始；计算面积：办理中；核对适用条件：办理中，已逾期（逾期 1 天）"
    )
    english = drawn(SINK, states=states, lang="en", names={"u": "Handle"}).findtext(f"{SVG}desc") or ""
    assert english.startswith("Handle: done; ")
    assert "核对适用条件: overdue" in english


def test_two_pictures_on_one_page_do_not_share_ids() -> None:
    one, two = picture.svg(SINK), picture.svg(SINK, states={"u": "done"})
    assert not set(re.findall(r' id="([^"]+)"', one)) & set(re.findall(r' id="([^"]+)"', two))
    assert one == picture.svg(SINK)
    used = set(re.findall(r"url\(#([^)]+)\)", one))
    assert used <= set(re.findall(r' id="([^"]+)"', one))


def test_every_kind_of_thing_has_its_look() -> None:
    root = drawn(SINK)
    looks = {css for n in root.iter() for css in (n.get("class") or "").split()}
    assert looks >= {
        "pool",
        "lane",
        "band",
        "box",
        "call",
        "wide",
        "ev",
        "end",
        "dash",
        "gw",
        "data",
        "group",
        "msg",
        "assoc",
        "dia",
    }
    assert words(group(root, "p1")) == "承接查验办理"
    assert group(root, "l2").find(f"{SVG}g[@transform]") is not None  # Latin letters: turned, not stacked
    assert "自受理之日起二十个工" in words(group(root, "ta"))


def test_names_cannot_break_out_of_the_picture() -> None:
    data = plain().replace(
        b'<bpmn:userTask id="t"', b'<bpmn:userTask id="t" name="&lt;script&gt;&amp;&quot;x&quot;"'
    )
    text = picture.svg(data, notes={"t": "<b>"}, title='"><script>', names={"e": "</svg>"})
    assert "<script>" not in text
    assert "</svg>" not in text[:-6]
    xml.read(text.encode())


def test_a_style_goes_into_a_file_that_stands_alone() -> None:
    assert "<style>.n>rect{fill:#fff}</style>".replace(">rect", "&gt;rect") in picture.svg(
        plain(), style=".n>rect{fill:#fff}"
    )


def test_what_is_no_drawing_is_said_so() -> None:
    with pytest.raises(xml.Unreadable):
        picture.svg(b"<a>")
    with pytest.raises(ValueError, match="not a BPMN 2"):
        picture.svg(b"<a/>")


BIG = process(
    '<laneSet><lane id="l1" name="建设单位"><flowNodeRef>s</flowNodeRef><flowNodeRef>t</flowNodeRef></lane>'
    '<lane id="l2" name="街道"><flowNodeRef>u</flowNodeRef><flowNodeRef>g</flowNodeRef></lane></laneSet>'
    f'{START}{step("t")}{step("u")}<exclusiveGateway id="g"/>{step("v")}{END}'
    '<boundaryEvent id="b1" attachedToRef="u"/><boundaryEvent id="b2" attachedToRef="u"/>'
    '<subProcess id="x" name="子流程"><startEvent id="xs"/><task id="xt"/></subProcess><endEvent id="e2"/>',
    "s t u g v e; g t; b1 x e; b2 e2; t e; xs xt",
)


def laid() -> dict[str, diagram.Box]:
    return {s.id: s.box for s in layout.lay(repair(xml.read(BIG))).shapes}


def test_a_drawing_without_a_layout_reads_from_left_to_right_in_its_lanes() -> None:
    at = laid()
    assert at["s"].x < at["t"].x < at["u"].x < at["g"].x < at["v"].x < at["e"].x
    for lane, names in {"l1": "st", "l2": "ug"}.items():
        for name in names:
            assert at[lane].y <= at[name].y
            assert at[name].y + at[name].h <= at[lane].y + at[lane].h
    assert at["x"].x <= at["xt"].x
    assert at["xt"].x + at["xt"].w <= at["x"].x + at["x"].w
    assert at["b1"].middle[1] == at["b2"].middle[1] == at["u"].y + at["u"].h


def overlap(a: diagram.Box, b: diagram.Box) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h


def test_no_step_lies_on_another_and_the_sheet_is_always_the_same() -> None:
    at = laid()
    apart = [at[n] for n in ("s", "t", "u", "g", "v", "x", "e", "e2")]
    assert not [1 for i, a in enumerate(apart) for b in apart[:i] if overlap(a, b)]
    assert laid() == at


def test_no_flow_of_the_layout_runs_through_a_step() -> None:
    sheet = layout.lay(repair(xml.read(BIG)))
    at = {s.id: s.box for s in sheet.shapes}
    for edge in sheet.edges:
        ends = edge.id.split("_")
        for name in ("t", "u", "g", "v"):
            if name in ends or (name == "u" and ends[0].startswith("b")):
                continue
            for (ax, ay), (bx, by) in zip(edge.points, edge.points[1:], strict=False):
                way = diagram.Box(min(ax, bx), min(ay, by), abs(ax - bx) or 0.1, abs(ay - by) or 0.1)
                assert not overlap(way, at[name]), (edge.id, name)


def test_a_step_the_file_forgot_to_lay_out_makes_us_lay_out_all() -> None:
    cut = re.sub(rb'<bpmndi:BPMNShape id="u_di".*?</bpmndi:BPMNShape>', b"", SINK)
    assert group(drawn(cut), "u") is not None


def test_broken_coordinates_are_left_out() -> None:
    broken = SINK.replace(b'x="290" y="100" width="100"', b'x="NaN" y="1e99" width="-5"')
    assert group(drawn(broken), "u") is not None


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("审核", 6, ("审核",)),
        ("整改并更正清单", 6.6, ("整改并更", "正清单")),
        ("出具批复（副本）", 5, ("出具批复", "（副本）")),
        ("Plain task in English", 7, ("Plain task", "in English")),
        ("一二三四五六七八九十", 2, ("一二", "三四", "五六", "七八…")),
        ("", 5, ()),
    ],
)
def test_text_is_broken_as_a_typesetter_would(text: str, room: float, lines: tuple[str, ...]) -> None:
    broken = lettering.wrap(text, room)
    if "…" in "".join(lines):
        assert len(broken) == 4
        assert broken[-1].endswith("…")
    else:
        assert broken == lines


@given(st.text(max_size=80), st.floats(2, 20))
@example("00⺀%00", 2.5)  # a word that begins with a mark does not hang over the line as the mark alone may
def test_no_line_is_wider_than_its_room_by_more_than_a_mark(text: str, room: float) -> None:
    assert all(lettering.width(line) <= room + 1.2 for line in lettering.wrap(text, room))


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("Applications closed", 7.5, ("Applications", "closed")),
        ("Prüfung der Unterlagen", 6, ("Prüfung", "der", "Unterlagen")),
        ("Проверка заявки", 5, ("Проверка", "заявки")),
        ("Issue notice of non-acceptance", 8, ("Issue notice", "of non-", "acceptance")),
        ("see XP-2026-0001", 7, ("see", "XP-2026-0001")),
        ("calculateTaxAmount", 7, ("calculateTax", "Amount")),
        ("one two three four five six seven eight", 3.5, ("one", "two", "three", "four…")),
    ],
)
def test_a_word_is_parted_only_where_it_may_be(text: str, room: float, lines: tuple[str, ...]) -> None:
    assert lettering.wrap(text, room) == lines
    assert lettering.fits(text, room) == (lettering.longest(text) <= room and not lines[-1].endswith("…"))


NAMED = "Announce that the prequalification failed"


@pytest.mark.parametrize(
    "what", ['<userTask id="x"', '<endEvent id="x"', '<exclusiveGateway id="x"', '<task id="x"']
)
def test_a_long_word_is_written_smaller_or_wider_and_never_parted(what: str) -> None:
    data = process(f'{START}{what} name="{NAMED}"/>', "s x")
    root = drawn(data)
    lines = [t.text or "" for t in root.iter(f"{SVG}tspan")]
    assert " ".join(lines) == NAMED
    assert [t for t in root.iter(f"{SVG}text") if "tiny" in str(t.get("class"))] or "ask" not in what


def test_a_name_keeps_clear_of_the_clock_on_the_lower_edge() -> None:
    task = step("t").replace('id="t"', 'id="t" name="Give the street office opinion"')
    clear, sat = (
        max(float(t.get("y", "0")) for t in group(drawn(process(*how)), "t").iter(f"{SVG}tspan"))
        for how in (
            (f"{START}{task}{END}", "s t e"),
            (f'{START}{task}{END}<boundaryEvent id="b" attachedToRef="t"/>', "s t e; b e"),
        )
    )
    assert sat < clear


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_any_readable_drawing_is_drawn(path: Path, data: st.DataObject) -> None:
    parts = path.read_text(encoding="utf-8").split('"')
    for _ in range(data.draw(st.integers(1, 4))):
        places = [i for i in range(1, len(parts), 2) if not parts[i].startswith("http")]
        a, b = (data.draw(st.sampled_from(places)) for _ in "ab")
        parts[a] = parts[b]
    mutilated = '"'.join(parts).encode()
    try:
        xml.read(mutilated)
    except xml.Unreadable:
        return
    assert drawn(mutilated).tag == f"{SVG}svg"


def test_a_file_of_black_boxes_only_is_drawn() -> None:
    data = file('<collaboration><participant id="a" name="甲"/><participant id="b"/></collaboration>')
    assert words(group(drawn(data), "a")) == "甲"


def test_the_exchanges_of_a_choreography_are_drawn() -> None:
    data = file(
        '<choreography id="c"><participant id="a" name="甲"/><startEvent id="s"/>'
        '<choreographyTask id="k" name="报价"/><sequenceFlow id="f" sourceRef="s" targetRef="k"/></choreography>'
    )
    assert words(group(drawn(data), "k")) == "报价"
    assert words(group(drawn(data), "a")) == "甲"

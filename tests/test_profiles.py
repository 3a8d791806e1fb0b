"""Local rule values: every place, every value with its source and period."""

import json
import re
from datetime import date, time
from decimal import Decimal
from fractions import Fraction

import pytest

from casework import profiles, yaml
from casework.engine import values
from casework.profiles import BadProfile, Profile, rooms
from casework.profiles.book import FOLDER

BOOK = profiles.official()
TODAY = date(2026, 3, 2)
PLACES = {
    "national", "zhejiang", "hangzhou", "shaoxing", "ningbo", "shandong", "qingdao", "huangdao", "zibo", "binzhou",
    "henan", "shanghai", "beijing", "tianjin", "chengdu", "jinhua", "xian", "qingyuan", "yunhe",
}  # fmt: skip


def test_the_national_baseline_every_place_read_in_sources_and_the_demo_district_are_there():
    assert set(BOOK.places) == PLACES


@pytest.mark.parametrize("place", sorted(PLACES))
def test_every_value_in_force_names_its_source_and_every_place_knows_every_national_key(place):
    profile = profiles.of(place, TODAY)
    assert set(profiles.of("national", TODAY).values) <= set(profile.values)
    in_force = {key for key, value in profile.values.items() if value is not None}
    assert in_force <= set(profile.sources)
    assert all(profile.sources.values())
    assert yaml.read((FOLDER / f"{place}.yaml").read_text(encoding="utf-8"))["name"] == profile.name


def test_every_part_of_every_source_has_its_english_and_no_english_is_left_over():
    parts = {part for one in BOOK.places.values() for leaf in one.leaves for part in leaf.source.split("；")}
    assert parts == set(BOOK.texts)
    assert not [text for text in BOOK.texts.values() if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)]
    source = profiles.of("national", TODAY).source("agreement_retender_first")
    assert BOOK.says(source, "zh") == source
    said = "Implementing Regulation of the Tendering and Bidding Law, art. 44; a default of this program (the law is silent; a place may set its own)"
    assert BOOK.says(source, "en") == said


def test_the_citys_own_file_counts_in_the_place_of_ours(app, tmp_path, monkeypatch):
    own = tmp_path / "workflows" / "profiles"
    own.mkdir(parents=True)
    term = "{exit_days: {value: 12, source: 绍兴市某通知 第一条}}"
    text = f"name: 绍兴市\nname_en: Shaoxing\ninherits: zhejiang\nfrom: 2026\nvalues: {term}\n"
    (own / "shaoxing.yaml").write_text(text, encoding="utf-8")
    (own / "texts.en.yaml").write_text(
        "绍兴市某通知 第一条: Circular of Shaoxing, art. 1\n", encoding="utf-8"
    )
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    monkeypatch.setitem(app.config, "PLACE", "shaoxing")
    profile = profiles.here(TODAY)
    assert (profile.values["exit_days"], profile.values["licence_decision_wd"]) == (12, 20)
    assert profiles.book().says(profile.source("exit_days"), "en") == "Circular of Shaoxing, art. 1"
    assert profiles.book().says("民法典 第二百七十八条", "en") == "Civil Code, art. 278"


def test_a_place_is_silent_where_it_is_silent_and_the_wider_place_speaks():
    huangdao = profiles.of("huangdao", TODAY)
    assert (huangdao.values["publicity_days"], huangdao.values["publicity_unit"]) == (3, "working_days")
    assert huangdao.values["exit_days"] == 30  # Qingdao
    assert huangdao.values["credit_objection_wd"] == 3  # Shandong
    assert huangdao.values["licence_decision_wd"] == 20  # national
    assert huangdao.source("exit_days").startswith("青岛市物业管理条例")


def test_values_change_on_their_day():
    def limit(day):
        return profiles.of("tianjin", day).values["tender_agreement_if"][0][0]["limit"]

    assert limit(date(2013, 12, 26)) == 50000
    assert limit(date(2013, 12, 27)) == 30000
    assert profiles.of("xian", date(2025, 12, 31)).values["tender_agreement_if"]
    assert profiles.of("xian", date(2026, 1, 1)).values["tender_agreement_if"] is None


def test_a_case_keeps_what_it_began_with():
    kept = values.loads(values.dumps(profiles.of("shaoxing", TODAY).snapshot()))
    assert kept["licence_decision_wd"] == 20
    again = Profile.restore(kept)
    assert again == profiles.of("shaoxing", TODAY)
    assert again.version.startswith("shaoxing@")
    assert (
        json.loads(values.dumps(kept))["sources"]["tender_agreement_if"]
        == "绍兴市物业管理条例（2020） 第二十五条"
    )


def test_equal_values_have_equal_versions_and_different_ones_do_not():
    assert profiles.of("shaoxing", TODAY).version == profiles.of("shaoxing", date(2026, 3, 3)).version
    assert profiles.of("xian", date(2025, 12, 31)).version != profiles.of("xian", date(2026, 1, 1)).version


def test_the_end_of_the_day_is_midnight_unless_the_place_has_office_hours(tmp_path):
    assert profiles.of("national", TODAY).day_ends is None
    write(tmp_path, "town", 'day_ends: {value: "17:30", source: 本局公告}')
    assert profiles.read(FOLDER, tmp_path).of("town", TODAY).day_ends == time(17, 30)


def write(folder, key, leaf, head="inherits: national"):
    text = f"name: 某地\nname_en: Town\n{head}\nfrom: 2020-01-01\nvalues:\n  {leaf}\n"
    (folder / f"{key}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("leaf", "head", "says"),
    [
        ("exit_days: {value: 3}", "inherits: national", "value 和 source"),
        ("exit_days: {value: 3, source: x, since: 2020}", "inherits: national", "value 和 source"),
        ("rate: {value: 0.5, source: x}", "inherits: national", "不得用小数"),
        ("ExitDays: {value: 3, source: x}", "inherits: national", "不能作键名"),
        ("version: {value: 3, source: x}", "inherits: national", "不能作键名"),
        ("exit_days: {value: 3, source: x, from: soon}", "inherits: national", "不是日期"),
        ("exit_days: [{value: 3, source: x}, {value: 4, source: x, from: 2024-01-01}]", "inherits: national", "重叠"),
        ("exit_days: {value: 3, source: x}", "inherits: nowhere", "不能沿用"),
        ("exit_days: {value: 3, source: x}", "inherits: town", "不能沿用"),
        ("exit_days: {value: 3, source: x}", "colour: red", "须写明"),
        ("exit_days: [", "inherits: national", "YAML"),
    ],
)  # fmt: skip
def test_a_wrong_profile_is_refused_with_its_reason(tmp_path, leaf, head, says):
    write(tmp_path, "town", leaf, head)
    with pytest.raises(BadProfile, match=says) as refused:
        profiles.read(FOLDER, tmp_path)
    assert "Profile 'town'" in refused.value.en


def test_an_unknown_place_is_an_error():
    with pytest.raises(BadProfile, match="没有这个地方"):
        profiles.of("atlantis", TODAY)


def small(place, on=TODAY, **project):
    return profiles.agreement_allowed(profiles.of(place, on), project, "small_size")


def test_the_size_limit_follows_the_building_type():
    on = date(2020, 5, 1)
    assert small("xian", on, gfa_total=49_999, building_type="多层").yes
    assert not small("xian", on, gfa_total=30_000, building_type="高层").yes
    answer = small("xian", on, gfa_total=40_000, building_type="混合")
    assert (answer.yes, answer.limit) == (False, "混合项目总建筑面积不满 40,000 平方米")
    assert answer.limit_en == "mixed total floor area below 40,000 m²"
    assert not small("xian", on, gfa_total=1, building_type="别墅").yes
    assert not small("xian", on, gfa_total=1).yes


def test_a_mixed_project_must_keep_both_limits():
    assert small("tianjin", gfa_residential=30_000, gfa_nonresidential=10_000).yes
    assert not small("tianjin", gfa_residential=30_000, gfa_nonresidential=10_001).yes


def test_an_unstated_figure_never_passes_and_is_named():
    answer = small("qingdao", gfa_total=1)
    assert not answer.yes
    assert "住宅建筑面积未填写" in answer.zh
    assert "residential floor area is not stated" in answer.en


def test_the_ground_of_secrecy_is_open_only_where_the_place_says_so():
    assert profiles.agreement_allowed(profiles.of("chengdu", TODAY), {}, "secrecy").yes
    assert not profiles.agreement_allowed(profiles.of("shaoxing", TODAY), {}, "secrecy").yes
    assert not profiles.agreement_allowed(profiles.of("shaoxing", TODAY), {}, "friendship").yes


def test_too_few_bidders_needs_the_record_of_a_tender():
    shaoxing = profiles.of("shaoxing", TODAY)
    assert not profiles.agreement_allowed(shaoxing, {}, "few_bidders").yes
    assert profiles.agreement_allowed(shaoxing, {}, "few_bidders", {"bidders": 2}).yes
    assert not profiles.agreement_allowed(shaoxing, {}, "few_bidders", {"bidders": Decimal(3)}).yes


def test_a_project_that_outgrows_the_limit_is_flagged():
    shaoxing = profiles.of("shaoxing", TODAY)
    before, after = {"gfa_total": Decimal("39999.99")}, {"gfa_total": Decimal(40000)}
    lost = profiles.agreement_lost(shaoxing, before, after)
    assert lost is not None
    assert "40,000 平方米，不符合" in lost.zh
    assert profiles.agreement_lost(shaoxing, before, before) is None
    assert profiles.agreement_lost(shaoxing, after, after) is None


def test_what_a_procedure_reads_comes_from_the_kept_snapshot():
    kept = profiles.of("yunhe", TODAY).snapshot()
    answer = profiles.agreement_facts(kept, {"gfa_total": Decimal("29999.99")}, "small_size")
    assert answer["yes"] is True
    need = profiles.rooms_facts(kept, {"gfa_total": Decimal("30000.01")})
    assert need["required"] == Decimal("150.00005")
    assert need["known"]


def need(place, **project):
    return rooms.required(profiles.of(place, TODAY), project)


def test_the_arithmetic_of_the_rooms_is_shown_in_both_languages():
    said = need("shaoxing", gfa_above=10_000)
    assert said.total == 90
    assert said.zh == (
        "物业办公用房：地上建筑面积 10,000 × 3‰ = 30 平方米，低于下限，取 50 平方米；"
        "物业经营用房：地上建筑面积 10,000 × 4‰ = 40 平方米。合计不少于 90 平方米。"
    )
    assert "floor area above ground 10,000 × 3‰ = 30 m², below the minimum, hence 50 m²" in said.en


def test_a_bracket_includes_its_upper_bound():
    assert [need("henan", gfa_total=g).total for g in (20_000, 200_000, 300_000)] == [80, 800, 900]
    assert need("henan", gfa_total=Decimal("20000.01")).total == Fraction("80.00004")


def test_the_committees_room_may_lie_within_the_others_or_come_on_top():
    assert need("shandong", gfa_total=30_000).total == 100
    assert need("shanghai", gfa_total=30_000).total == 130
    assert [p.within for p in need("shandong", gfa_total=30_000).parts] == [False, True]


def test_without_a_formula_or_a_figure_nothing_is_claimed():
    assert not need("national", gfa_total=1).facts()["known"]
    assert "缺少地上建筑面积" in need("zhejiang", gfa_total=1).zh
    kept = profiles.of("zhejiang", TODAY).snapshot()
    assert not profiles.rooms_judged(kept, {}, [{"kind": "office", "area": 10_000}])["enough"]


def test_excluded_and_low_spaces_do_not_count():
    spaces = [
        {"code": "A", "area": Decimal("60.5"), "height": Decimal("2.8")},
        {"code": "B", "area": 20, "space": "门卫室"},
        {"code": "C", "area": 30, "height": Decimal("2.19")},
        {"code": "D", "area": 40, "height": Decimal("2.2")},
    ]
    found = profiles.rooms_judged(profiles.of("binzhou", TODAY).snapshot(), {"gfa_total": 1}, spaces)
    assert found["delivered"] == Decimal("100.5")
    left_out = {one["code"]: one["zh"] for one in found["left_out"]}
    assert left_out == {"B": "门卫室不计入", "C": "层高 219 厘米，低于 220 厘米，不计入"}


def test_areas_are_never_floats():
    with pytest.raises(TypeError, match="never a float"):
        need("shandong", gfa_total=0.1)

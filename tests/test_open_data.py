"""The tender's open data against the official schema of the standard (OCDS 1.1)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import ocdsmerge
import pytest
import sqlalchemy as sa
from acting import played
from flask import Flask
from jsonschema import Draft4Validator, FormatChecker

from casework import clock, letters, notices, releases
from casework.cases import announced, releasing
from casework.db import db

#: Their source packages carry the official schemas; their wheels leave them out.
MERGE, KIT = "ocdsmerge==0.8.0", "ocdskit==1.7.0"
#: Codes of the standard's open lists that the mappings use (closed ones are in the schema).
OPEN = {
    "documentType.csv": {
        "tenderNotice",
        "biddingDocuments",
        "clarifications",
        "bidders",
        "awardNotice",
        "complaints",
        "contractSigned",
        "contractAnnexe",
        "contractNotice",
    },
    "partyRole.csv": {"buyer", "procuringEntity", "supplier", "tenderer", "reviewBody", "interestedParty"},
    "awardCriteria.csv": {"ratedCriteria", "priceOnly"},
    "submissionMethod.csv": {"electronicSubmission"},
    "milestoneType.csv": {"assessment"},
    "relatedProcess.csv": {"unsuccessfulProcess"},
    "relatedProcessScheme.csv": {"ocid"},
}
NOW = clock.at_local(date(2026, 5, 1), 9)
#: What the library leaves unchecked without further packages: moments bear their zone, addresses are whole.
FORMATS = FormatChecker(formats=["email"])


@FORMATS.checks("date-time")
def _moment(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", value))


@FORMATS.checks("uri")
def _address(value: object) -> bool:
    return not isinstance(value, str) or bool(re.match(r"https?://[^/]+/", value))


Fetch = Callable[[str, str], Mapping[str, Any]]


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory, needs: Callable[[str], str]) -> Fetch:
    """A file of the standard, out of the source package of a library."""
    place = tmp_path_factory.mktemp("ocds")

    def fetch(package: str, file: str) -> Mapping[str, Any]:
        name = package.split("==", maxsplit=1)[0]
        if not list(place.glob(f"{name}-*.tar.gz")):
            said = ["download", "-q", "--no-deps", "--no-binary", ":all:", package, "-d", place]
            if subprocess.run(
                [sys.executable, "-m", "pip", *said], capture_output=True, check=False
            ).returncode:
                needs("the package registry, for the official OCDS schemas")
        with tarfile.open(next(place.glob(f"{name}-*.tar.gz"))) as source:
            found = source.extractfile(
                next(n for n in source.getnames() if n.endswith(f"/tests/fixtures/{file}"))
            )
            assert found is not None
            whole: Mapping[str, Any] = json.load(found)
        return whole

    return fetch


@pytest.fixture(scope="session")
def schema(official: Fetch) -> Mapping[str, Any]:
    """The official release schema."""
    return official(MERGE, "release-schema-1__1__4.json")


@pytest.fixture(scope="session")
def packages(official: Fetch, schema: Mapping[str, Any]) -> Mapping[str, Draft4Validator]:
    """The official schemas of both packages, with the official release inside."""
    inside = {"definitions": schema["definitions"]}
    release = {name: part for name, part in schema.items() if name not in {"id", "definitions"}}
    wrapped = dict(official(KIT, "release-package-schema.json")) | inside
    wrapped["properties"] = wrapped["properties"] | {
        "releases": {"type": "array", "minItems": 1, "items": release}
    }
    # the kit's record package has the release of somebody's extensions inside: only its own level is taken
    record = official(KIT, "a/record-package-schema-dereferenced.json")
    level = {name: part for name, part in record.items() if name != "id"} | inside
    one = level["properties"]["records"]["items"]
    releases = {"type": "array", "minItems": 1, "items": release}
    one["properties"] = one["properties"] | {"releases": releases, "compiledRelease": release}
    return {
        "release": Draft4Validator({k: v for k, v in wrapped.items() if k != "id"}, format_checker=FORMATS),
        "record": Draft4Validator(level, format_checker=FORMATS),
    }


@pytest.mark.parametrize(
    "told",
    [
        *("tender/awarded", "tender/gave_up", "tender/no_winner", "tender/too_few", "tender/cancelled"),
        *(
            "tender/moved",
            "objection/complaint_upheld",
            "tender/all_rejected",
            "tender/annulled",
            "tender/prequalified",
        ),
        *("tender/invited", "exemption/small_approved", "exemption/few_bidders_approved", "exemption/lapsed"),
        *("tender/few_qualified", "exemption/contract_told"),
    ],
)
def test_every_release_is_valid_and_the_record_is_their_merging(
    district: Flask,
    keys: dict[str, int],
    schema: Mapping[str, Any],
    packages: Mapping[str, Draft4Validator],
    told: str,
) -> None:
    """As a visitor gets it: what is checked is the text of the answer, not what lies in memory."""
    case = played(told, keys, after=99)
    ocid = releasing.ocid(case.parent or case)
    visitor = district.test_client()
    record = json.loads(visitor.get(f"/ocds/records/{ocid}").text)
    assert faults(packages["record"], record) == []
    newest = json.loads(visitor.get("/ocds/releases").text)
    assert faults(packages["release"], newest) == []
    found = record["records"][0]["releases"]
    assert newest["releases"] == found[::-1]
    for one in found:
        assert strangers(one) == set()
        assert list(unknown(one, schema, schema)) == []
        assert list(miscounted(one, case.facts["project"]["gfa_total"])) == []
    assert len({one["id"] for one in found}) == len(found)
    told_twice = [a["id"] for a, b in pairwise(found) if {**a, **HEAD} == {**b, **HEAD}]
    assert told_twice == []
    merged = ocdsmerge.Merger(schema).create_compiled_release(found)
    own = record["records"][0]["compiledRelease"]
    assert {k: own[k] for k in own if k not in {"id", "tag"}} == {
        k: merged[k] for k in merged if k not in {"id", "tag"}
    }


#: What differs between two releases even when nothing has changed.
HEAD = {"id": "", "date": ""}


def miscounted(said: Mapping[str, Any], floor: Any) -> Iterator[str]:
    """Items whose quantity is not of their unit, by which the price is given: floor area times months."""
    period = said["tender"].get("contractPeriod", {})
    for item in (*said["tender"]["items"], *(i for a in said.get("awards", ()) for i in a.get("items", ()))):
        months = re.search(r"(\d+)个月", item["description"])
        if "quantity" not in item and "unit" not in item and months is None and not period:
            continue  # a tender by invitation keeps its terms
        if months is None or item["unit"]["name"] != "平方米·月":
            yield f"{item}: no unit"
        elif item["quantity"] != round(float(floor) * int(months[1]), 2):
            yield f"{item['quantity']}: not {floor} x {months[1]}"
        elif period and int(months[1]) * 365 != period["durationInDays"] * 12:
            yield f"{months[0]}: not the period of {period}"


def faults(judge: Draft4Validator, package: Mapping[str, Any]) -> list[str]:
    return [f"{list(e.path)}: {e.message}" for e in judge.iter_errors(package)]


def unknown(said: Any, schema: Mapping[str, Any], whole: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Fields outside the standard, codes outside its lists, and rows of one list with the same id."""
    schema = whole["definitions"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    if isinstance(said, dict):
        known = dict(schema.get("properties", {}))
        for pattern, part in schema.get("patternProperties", {}).items():  # names in another language
            known |= {name: part for name in said if re.search(pattern, name)}
        yield from (f"{path}/{name}: no such field" for name in said if name not in known)
        for name in said.keys() & known.keys():
            yield from unknown(said[name], known[name], whole, f"{path}/{name}")
        return
    rows = said if isinstance(said, list) else [said]
    if schema.get("openCodelist"):
        codes = OPEN.get(schema["codelist"], ())
        yield from (f"{path}: {one} is not in {schema['codelist']}" for one in rows if one not in codes)
    if isinstance(said, list):
        ids = [one["id"] for one in said if isinstance(one, dict) and "id" in one]
        yield from (f"{path}: {one} twice" for one in set(ids) if ids.count(one) > 1)
        for one in said:
            yield from unknown(one, schema.get("items", {}), whole, path)


def strangers(said: Mapping[str, Any]) -> set[str]:
    """Organisations named somewhere that are not among the parties in that role."""
    roles = {(one["id"], role) for one in said["parties"] for role in one["roles"]}
    named = {(said["buyer"]["id"], "buyer"), (said["tender"]["procuringEntity"]["id"], "procuringEntity")}
    named |= {(one["id"], "tenderer") for one in said["tender"].get("tenderers", ())}
    named |= {(one["id"], "supplier") for award in said.get("awards", ()) for one in award["suppliers"]}
    return {f"{who} as {role}" for who, role in named - roles}


def test_a_contract_handed_in_under_the_approval_is_told(district: Flask, keys: dict[str, int]) -> None:
    """No case of its own files it: its developer does so in a step of the approval."""
    last = releases.of(releasing.ocid(played("exemption/small_approved", keys, after=99)))[-1].says()
    (contract,) = last["contracts"]
    assert (last["tag"], contract["status"]) == (["contract"], "active")
    assert contract["dateSigned"] == "2026-03-18T00:00:00+08:00"
    assert contract["period"] == {"durationInDays": 1095}


def test_nothing_is_published_of_a_secret_project(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=99)
    assert case.variables["ground"] == "small_size"
    case.variables = {**case.variables, "ground": "secrecy"}
    assert releasing.release(case.id, NOW) is None


def test_nobody_learns_of_bidders_before_the_opening(district: Flask, keys: dict[str, int]) -> None:
    """招标投标法 第二十二条: neither names nor number."""
    case = played("tender/awarded", keys, after=16)
    said = json.dumps([one.says() for one in releases.of(releasing.ocid(case))], ensure_ascii=False)
    assert "tenderer" not in said
    assert "numberOfTenderers" not in said
    assert "青禾" not in said


def test_nothing_is_published_before_the_filing_and_no_dates_before_the_notice(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("tender/awarded", keys, after=1)
    assert releasing.ocid(case) not in releases.known()
    (planned,) = releases.of(releasing.ocid(played("tender/awarded", keys, after=5)))
    says = planned.says()
    assert (says["tag"], says["tender"]["status"]) == (["planning"], "planned")
    assert not {"tenderPeriod", "enquiryPeriod", "documents", "milestones"} & set(says["tender"])


def test_a_prequalification_that_fails_is_told_as_it_was_begun(district: Flask, keys: dict[str, int]) -> None:
    """From its notice on; who applied is never said."""
    case = played("tender/few_qualified", keys, after=99)
    found = [one.says() for one in releases.of(releasing.ocid(case))]
    assert [(one["tag"], one["tender"]["status"]) for one in found] == [
        (["planning"], "planned"),
        (["tender"], "active"),
        (["tenderUpdate"], "unsuccessful"),
    ]
    found = found[1:]
    assert [one["tender"]["milestones"][0]["status"] for one in found] == ["scheduled", "notMet"]
    assert [one["tender"]["milestones"][0]["dueDate"] for one in found] == ["2026-03-21T00:00:00+08:00"] * 2
    assert "青禾" not in json.dumps(found, ensure_ascii=False)


def test_a_contract_has_its_dates_and_ends_with_the_handover(
    district: Flask, keys: dict[str, int], schema: Mapping[str, Any], packages: Mapping[str, Draft4Validator]
) -> None:
    """Told under the tender from which it came, which is closed by then."""
    contract = played("contract/from_award", keys, after=99)
    tender = contract.parent
    assert tender is not None
    ocid = releasing.ocid(tender)
    (signed,) = releases.of(ocid)[-1].says()["contracts"]
    assert signed["dateSigned"] == "2026-10-23T00:00:00+08:00"
    facts = contract.variables or {}
    begins, ends = (f"{facts[name]}T00:00:00+08:00" for name in ("starts_on", "ends_on"))
    assert signed["period"] == {"startDate": begins, "endDate": ends}
    kinds = [one["documentType"] for one in signed["documents"]]  # those of the contract's own case
    assert kinds == ["contractSigned", "contractAnnexe", "contractNotice"]
    leaving = played("exit/in_time", keys, after=99)
    assert releasing.release(leaving.id, NOW) is None, "another project, of which nothing was published"
    leaving.project_id = tender.project_id
    told = releasing.release(leaving.id, NOW + timedelta(days=300))
    assert told is not None
    assert (told.ocid, told.tag) == (ocid, "contractTermination")
    says = told.says()
    assert says["contracts"] == [
        {
            **signed,
            "status": "terminated",
            "period": {"startDate": begins, "endDate": "2026-09-30T00:00:00+08:00"},
        }
    ]
    assert says["awards"] == releases.of(ocid)[-2].says()["awards"]
    assert list(unknown(says, schema, schema)) == []
    db.session.commit()
    record = json.loads(district.test_client().get(f"/ocds/records/{ocid}").text)
    assert faults(packages["record"], record) == []
    assert releasing.release(leaving.id, NOW + timedelta(days=301)) is None, "told once"


def test_a_void_award_is_cancelled_and_all_are_told(district: Flask, keys: dict[str, int]) -> None:
    """In the data, on the board and by letter; the result that names the former winner stays and says so."""
    case = played("tender/void_reselected", keys, after=99)
    found = [one.says() for one in releases.of(releasing.ocid(case))]
    assert ["awardCancellation"] in [one["tag"] for one in found]
    newest = next(one for one in reversed(found) if one["tag"] == ["award"])
    results = [d["title"] for d in newest["tender"]["documents"] if d["documentType"] == "awardNotice"]
    assert any(title.endswith("（已撤回）") for title in results), results
    assert any(not title.endswith("）") for title in results), results
    void, standing = newest["awards"]
    assert (void["status"], standing["status"]) == ("cancelled", "active")
    assert "第六十四条" in void["description"]
    year = {f"{case.number}-{bid['no']}": bid["total_year"] for bid in case.variables["bids"]}
    assert all(float(one["value"]["amount"]) == 3 * float(year[one["id"]]) for one in (void, standing))
    opening = [d["documentType"] for d in newest["tender"]["documents"] if d["title"].startswith("开标记录")]
    assert opening == ["bidders"], "who bid and at which price, not yet how they were judged"
    told = next(
        one for one in notices.of(case.id) if "安澜" in one.body and one.title.endswith("中标无效公告")
    )
    for said in ("中标人提供虚假业绩材料", "第六十四条", "重新确定中标人", "安澜"):
        assert said in told.body, said
    hung = notices.of(case.id)
    assert announced.ended(hung) == {hung[2].id: told, hung[4].id: hung[5]}
    with clock.at(told.published_at):
        pages = [district.test_client().get(f"/notices/{one.id}").text for one in hung[2:]]
    assert ["不再有效，以此后发布的公告为准" in page for page in pages] == [True, False] * 2
    assert f"/notices/{told.id}" in pages[0]
    sent = db.session.scalars(sa.select(letters.Letter).where(letters.Letter.subject.contains("已撤回")))
    assert {one.user.login for one in sent} >= {"ent1", "ent2", "ent3", "win1"}


def test_companies_are_named_by_their_credit_code(district: Flask, keys: dict[str, int]) -> None:
    """CN-USCI of the register of organisation lists; an English name where there is one."""
    case = played("tender/awarded", keys, after=99)
    said = releases.of(releasing.ocid(case))[-1].says()
    (supplier,) = (one for one in said["parties"] if "supplier" in one["roles"])
    assert supplier["id"] == f"CN-USCI-{supplier['identifier']['id']}"
    assert supplier["identifier"]["scheme"] == "CN-USCI"
    assert len(supplier["identifier"]["id"]) == 18
    assert supplier["name_en"].endswith("Ltd.")
    assert said["awards"][0]["suppliers"] == [{"id": supplier["id"], "name": supplier["name"]}]


def test_packages_name_policy_and_licence_as_the_office_sets_them(
    district: Flask,
    keys: dict[str, int],
    packages: Mapping[str, Draft4Validator],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = played("tender/cancelled", keys, after=99)
    visitor = district.test_client()
    address = f"/ocds/records/{releasing.ocid(case)}"
    plain = visitor.get(address).json or {}
    assert plain["publicationPolicy"] == (visitor.get("/ocds/").json or {})["publicationPolicy"]
    assert "license" not in plain
    own = "https://creativecommons.org/licenses/by/4.0/"
    monkeypatch.setitem(district.config, "OCDS_LICENSE", own)
    stated = visitor.get(address).json or {}
    assert stated["license"] == own
    assert faults(packages["record"], stated) == []
    page = visitor.get(plain["publicationPolicy"].removeprefix("http://localhost")).text
    assert own in page
    assert "开标以前投标人的名称" in page
    assert "数量是总建筑面积乘以服务的月数" in page
    assert "What is not published" in page, "both languages, whoever reads"


def test_another_attempt_names_the_tender_that_failed(
    district: Flask, keys: dict[str, int], schema: Mapping[str, Any]
) -> None:
    failed = played("tender/too_few", keys, after=99)
    later = played("exemption/few_bidders_approved", keys, after=99)
    later.project_id = failed.project_id
    told = releasing.release(later.id, NOW)
    assert told is not None
    (related,) = told.says()["relatedProcesses"]
    assert related["relationship"] == ["unsuccessfulProcess"]
    assert related["identifier"] == releasing.ocid(failed)
    assert list(unknown(told.says(), schema, schema)) == []


def test_unchanged_data_is_not_sent_again(district: Flask, keys: dict[str, int]) -> None:
    case = played("tender/cancelled", keys, after=99)
    visitor = district.test_client()
    for address in ("/ocds/", "/ocds/releases", f"/ocds/records/{releasing.ocid(case)}", "/notices.xml"):
        first = visitor.get(address)
        mark = {"If-None-Match": first.headers["ETag"]}
        again = visitor.get(address, headers=mark)
        assert (again.status_code, again.data) == (304, b""), address
    told = releases.publish(case.id, releasing.ocid(case), "tenderUpdate", {"language": "zh"}, now=NOW)
    assert told is not None
    db.session.commit()
    assert visitor.get("/ocds/releases", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_what_is_older_is_linked_and_the_extension_for_it_declared(
    district: Flask, keys: dict[str, int], packages: Mapping[str, Draft4Validator]
) -> None:
    case = played("tender/cancelled", keys, after=99)
    body = releases.of(releasing.ocid(case))[-1].body
    for n in range(releases.PAGE):
        title = {**body["tender"], "title": f"第 {n} 次"}
        releases.publish(
            case.id, "ocds-000000-X", "tenderUpdate", {**body, "tender": title}, now=NOW + timedelta(n)
        )
    db.session.commit()
    visitor = district.test_client()
    first = json.loads(visitor.get("/ocds/releases").text)
    assert faults(packages["release"], first) == []
    (extension,) = (one.removeprefix("http://localhost") for one in first["extensions"])
    told = visitor.get(extension).json or {}
    (file,) = told["schemas"]
    added = visitor.get(extension.replace("extension.json", file)).json or {}
    assert set(added["properties"]) == {"links"}
    assert faults(Draft4Validator(added), first) == []
    assert set(first["links"]) <= set(added["properties"]["links"]["properties"])
    older = json.loads(visitor.get(first["links"]["prev"].removeprefix("http://localhost")).text)
    assert faults(packages["release"], older) == []
    assert "links" not in older
    assert "extensions" not in older
    ids = [one["id"] for one in (*first["releases"], *older["releases"])]
    assert len(ids) == len(set(ids)) == releases.PAGE + len(releases.of(releasing.ocid(case)))


def test_a_prequalification_notice_is_among_the_documents(district: Flask, keys: dict[str, int]) -> None:
    case = played("tender/prequalified", keys, after=99)
    said = releases.of(releasing.ocid(case))[-1].says()["tender"]["documents"]
    assert [one["title"] for one in said if one["id"].startswith("notice-")] == [
        "云河天境前期物业服务招标资格预审公告"
    ]
    assert {one["documentType"] for one in said if "/notices/" in one["url"]} == {"tenderNotice"}


@pytest.mark.parametrize(
    ("told", "moved_to", "why"),
    [
        ("tender/moved", "2026-04-11", "招标文件的澄清、修改"),
        ("tender/suspended", "2026-04-13", "恢复招标投标活动"),
    ],
)
def test_a_deadline_that_moves_is_told_once_as_an_amendment(
    district: Flask, keys: dict[str, int], told: str, moved_to: str, why: str
) -> None:
    """By a clarification or by the days of a suspension; what follows keeps the entry under tags of its own."""
    found = [one.says() for one in releases.of(releasing.ocid(played(told, keys, after=99)))]
    (place,) = (
        n
        for n, one in enumerate(found)
        if one["tag"] == ["tenderAmendment"] and moved_to in one["tender"]["amendments"][-1]["description"]
    )
    tender = found[place]["tender"]
    before = found[place - 1]["tender"].get("amendments", [])
    assert tender["amendments"][:-1] == before
    change = tender["amendments"][-1]
    assert why in change["rationale"]
    assert change["description"] == f"投标截止日期由2026-04-10改为{moved_to}"
    assert tender["tenderPeriod"]["endDate"].startswith(moved_to)
    assert found[-1]["tender"]["amendments"][: len(before) + 1] == tender["amendments"]
    assert len(found) > place + 1


def test_the_decision_on_a_complaint_is_among_the_documents(district: Flask, keys: dict[str, int]) -> None:
    """招标投标法实施条例 第七十八条: the decision is public; it is a paper of the complaint's own case."""
    case = played("objection/complaint_upheld", keys, after=99)
    assert case.parent is not None
    said = releases.of(releasing.ocid(case.parent))[-1].says()["tender"]["documents"]
    (decision,) = (one for one in said if one["documentType"] == "complaints")
    assert decision["title"] == "投诉处理决定书"
    address = decision["url"].removeprefix("http://localhost")
    assert "投诉处理决定书" in district.test_client().get(address).text

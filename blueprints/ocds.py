"""What the public learns of tenders as data: OCDS 1.1 release and record packages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request, url_for

from blueprints.hall.downloads import unchanged
from casework import releases, rules
from casework.db import row
from casework.words import _, say_in

bp = Blueprint("ocds", __name__, url_prefix="/ocds")

#: The publication policy: each head and what stands below it, in both languages on one page.
POLICY = (
    (
        _("发布什么"),
        _(
            "前期物业服务招标、经批准的协议选聘，以及由此订立的合同的备案和终止，"
            "按照开放合同数据标准（OCDS 1.1）发布。"
            "每办结一步，有变化的自动发布一次；已经发布的不改写、不删除。"
        ),
    ),
    (
        _("什么时候发布"),
        _(
            "招标：招标文件备案后，发布将要招标的项目、招标人和招标方式；时间、条件和文件，自招标公告或者资格预审公告发布时起。"
            "投诉处理决定：作出时起。协议选聘：自批准决定的批复出具时起。"
            "合同：备案时发布签订日期、期限和合同、规约的编号；项目交接完成时标明合同已经终止。"
        ),
    ),
    (
        _("什么不发布"),
        _(
            "开标以前投标人的名称、数量和投标内容（招标投标法第二十二条、第三十六条）；邀请招标的条件、时间和文件，以及中标候选人公示以前投标人的名称和数量；资格预审申请人；评标委员会成员和评审情况；投标文件中的商业秘密；个人信息；涉及国家安全或者国家秘密的项目。"
        ),
    ),
    (
        _("单位和案件的编号"),
        _(
            "单位以统一社会信用代码编号（机构名录代码 CN-USCI，见 org-id.guide）；"
            "没有代码的，用只在本站有效的 TENDOVER 编号。"
            "同一项目重新招标的，用 relatedProcesses 指明此前的招标。"
        ),
    ),
    (
        _("代码表和扩展"),
        _(
            "只使用标准的代码表，没有本地代码。数据包只在有更早内容时使用一个扩展（links），扩展的说明和结构由本站提供。"
        ),
    ),
    (
        _("数量和金额"),
        _(
            "数量是总建筑面积乘以服务的月数，单位是平方米·月，单价是每平方米每月的综合单价。"
            "中标和合同金额按招标文件的收费面积计算，与数量和单价的乘积不一定相等。邀请招标的年限不公布，招标部分不写数量。"
        ),
    ),
    (
        _("语言和更正"),
        _(
            "内容为中文；单位登记了英文名称的，另附英文名称（name_en）。发布有误的，另行发布更正后的内容，原来的内容保留在记录中。"
        ),
    ),
)


@bp.get("/")
@rules.admits(rules.anyone)
def index() -> Any:
    """Every published contracting process with the address of its record."""
    after = request.args.get("after", "")[:120]
    known = releases.known(after=after)
    onward = _here("ocds.index", after=known[-1]) if len(known) == releases.PAGE else None
    processes = [{"ocid": ocid, "record": _here("ocds.record", ocid=ocid)} for ocid in known]
    return _json(
        {"standard": "OCDS", "version": releases.VERSION, "publicationPolicy": _here("ocds.policy"),
         "releases": _here("ocds.package"), "processes": processes, **({"next": onward} if onward else {})}
    )  # fmt: skip


@bp.get("/releases")
@rules.admits(rules.anyone)
def package() -> Any:
    """The newest releases of all tenders; `links.prev` leads to older ones."""
    before = request.args.get("before", type=row)
    found = releases.newest(before=before)
    older = _here("ocds.package", before=found[-1].id) if releases.older(found[-1]) else ""
    here = _here("ocds.package", **({"before": before} if before else {}))
    return _json(releases.package(here, _publisher(), found, older=older))


@bp.get("/releases/<int:release_id>")
@rules.admits(rules.anyone)
def release(release_id: int) -> Any:
    """One release in a package of its own."""
    found = releases.find(release_id)
    return _json(releases.package(_here("ocds.release", release_id=release_id), _publisher(), [found]))


@bp.get("/records/<ocid>")
@rules.admits(rules.anyone)
def record(ocid: str) -> Any:
    """Everything published of one contracting process, and what stands now."""
    found = releases.of(ocid)
    return _json(releases.record_package(_here("ocds.record", ocid=ocid), _publisher(), found))


@bp.get("/policy")
@rules.admits(rules.anyone)
def policy() -> Any:
    """What is published, from when, for how long, and what is not: the publication policy of the packages."""
    license_ = str(current_app.config["OCDS_LICENSE"])
    languages = ("en", "zh") if g.lang == "en" else ("zh", "en")
    said = [(lang, [(say_in(lang, a), say_in(lang, b)) for a, b in POLICY]) for lang in languages]
    return render_template("board/open_data.html", said=said, license=license_)


@bp.get("/links/extension.json")
@rules.admits(rules.anyone)
def extension() -> Any:
    """The extension that packages with `links` name."""
    return _json({**releases.EXTENSION, "documentationUrl": {"en": _here("ocds.policy")}})


@bp.get("/links/release-package-schema.json")
@rules.admits(rules.anyone)
def links_schema() -> Any:
    """What it adds to the standard's schema of release packages."""
    return _json(releases.LINKS)


def _publisher() -> releases.Publisher:
    name = str(current_app.config["OFFICE"]) or "Tendover"
    own = (_here("ocds.policy"), _here("ocds.extension"), str(current_app.config["OCDS_LICENSE"]))
    return releases.Publisher(name, *own)


def _here(endpoint: str, **values: Any) -> str:
    """A public address: from the settings, for the Host header says what a visitor likes."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + url_for(endpoint, **values)


def _json(body: dict[str, Any]) -> Response:
    """Kept by a consumer and asked for again: 304 while nothing has changed."""
    response = Response(
        current_app.json.dumps(body, ensure_ascii=False, sort_keys=False), mimetype="application/json"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return unchanged(response)

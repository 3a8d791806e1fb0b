"""The bid room of one tender: an enterprise fills in, seals, delivers, confirms and withdraws its bid.

The form comes empty and what is typed never comes back: only ciphertext does (unless the profile allows
sealing on the server). Nothing here is written anywhere under the bidder's name.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from casework import bids, clock, files, letters
from casework.bids import practice, vault
from casework.cases import bidders, bidding, privy, tenders
from casework.db import db
from casework.errors import OfficeError, Refused
from casework.forms import alone
from casework.rules import admits
from casework.spoken import instant
from casework.words import _, say

bp = Blueprint("bidroom", __name__, url_prefix="/tenders/<number>/bid")

#: What the page says while a bid is filled in and sealed.
SAYS = {
    "sealing": _("正在本机加密…"),
    "sending": _("正在上传密文（{percent}/100）"),
    "unsure": _(
        "没有收到平台的答复，投标文件可能已经递交：请在另一个标签页打开本次招标的“投标”页查看。没有递交的，在本页再封标一次；已经递交的，再封标就是替换。"
    ),
    "kept": _("草稿已加密保存 {time}"),
    "lost": _("草稿未能保存"),
    "loaded": _("已取回加密草稿"),
    "colon": _("："),
    "unread": _("无法读取“{name}”：可能已被移动、改名或者修改，请重新选择。"),
    "unlisted": _("“{text}”不在列表中，请选择"),
    "moved": _("未保存：草稿在别处改过"),
    "same": _("与本机计算的哈希值一致"),
    "other": _("与本机计算的哈希值不一致，请立即联系主管部门"),
    "nokey": _("“{name}”不是草稿密钥文件，没有导入。"),
    "foreign": _("“{name}”是另一次招标（{tender}）的草稿密钥，没有导入。"),
    "another": _("“{name}”是其他人员的草稿密钥，没有导入；草稿密钥因人而异。"),
    "unfit": _("“{name}”打不开保存的草稿：它导出以后，草稿换过密钥。没有导入。"),
    "imported": _("已导入“{name}”，草稿已取回。密钥文件请妥善保管，用完删除。"),
    "shut": _("未保存：原草稿还没有打开"),
}


@bp.get("")
@admits(bidders.bid)
def page(number: str) -> Any:
    """What this enterprise has in the tender, and what it may do there."""
    tender = tenders.find(number)
    case, found, by = tender.case, tender.bidding, g.post
    terms = bidding.terms(case)
    mine, refused = bids.room.mine(terms, by.organisation_id), _refused(tender, terms)
    within = privy.within(case, by)
    return render_template(
        "bidroom/page.html",
        tender=tender,
        case=case,
        mine=mine,
        counts=mine is not None and mine.counts(found.reconfirm_since),
        receipt=bids.room.receipt(terms, by.organisation_id) if mine else None,
        lost=mine is not None and found.status == "closed" and mine.sha256 in (found.lost or ()),
        opened=tenders.own_bid(tender, by),
        stands=bidding.called(case),
        refused=refused,
        within=within,
        told=letters.read_by(case.id, by.organisation_id) if within or mine else [],
        own=tenders.own(case, by, clock.now()) if refused else [],
        late=isinstance(refused, bids.Late),
        opening=found.root and tenders.present(tender, by),
        server=terms.sealing == "server",
        drafted=bids.room.draft(terms, by=by) is not None,
        practice=practice.to(terms, by.organisation_id),
    )


def _refused(tender: tenders.Tender, terms: bids.Terms) -> OfficeError | None:
    """Why this enterprise cannot bid as things stand, if it cannot."""
    try:
        bidders.ask_eligible(terms, g.post)
        bids.room.ask_time(tender.bidding, clock.now())
    except OfficeError as no:
        return no
    return None


@bp.get("/fill")
@admits(bidders.bid)
def fill(number: str) -> Any:
    """The form; whoever cannot bid reads the room instead, which says why."""
    tender = tenders.find(number)
    return page(number) if _refused(tender, bidding.terms(tender.case)) else _fill(tender)


def _fill(tender: tenders.Tender, bound: Any = None) -> Any:
    case, terms = tender.case, bidding.terms(tender.case)
    bound = bound or bidding.form(case).bind(g.lang, facts=bidding.facts(case), today=clock.today())
    shown = render_template(
        "bidroom/fill.html",
        tender=tender,
        case=case,
        bound=bound,
        mine=bids.room.mine(terms, g.post.organisation_id),
        server=terms.sealing == "server",
        drafted=bids.room.draft(terms, by=g.post) and bids.room.draft_name(terms, g.post),
    )
    return (shown, 422) if bound.errors() else shown


@bp.get("/sealing")
@admits(bidders.bid)
def sealing(number: str) -> Any:
    """What the browser needs with the first act: to whom a bid is sealed, the form's rules, what to say."""
    case = tenders.find(number).case
    terms, form = bidding.terms(case), bidding.form(case)
    bidders.invited.ask(g.post, terms)
    to = bidders.target(terms, g.post)
    return {
        "to": to,
        "rules": alone.rules(form, g.lang),
        "says": {key: str(words) for key, words in SAYS.items()},
    }


@bp.post("/upload")
@admits(bidders.bid)
def upload(number: str) -> Any:
    """Ciphertext will come in pieces."""
    bidders.bid.ask(g.post)
    tenders.find(number)
    db.session.rollback()
    token = vault.begin()
    return {"token": token, "url": url_for("bidroom.piece", number=number, token=token)}


@bp.post("/upload/<token>")
@admits(bidders.bid)
def piece(number: str, token: str) -> Any:
    """One piece, at its place."""
    tenders.find(number)
    db.session.rollback()  # the disk may take its time
    return {"have": vault.add(token, request.args.get("at", 0, type=int), request.get_data(cache=False))}


def _blob(token: str) -> bytes:
    try:
        return vault.take(token)
    finally:
        vault.drop(token)


def _token() -> str:
    given = request.get_json(silent=True)
    return str(given.get("token", "")) if isinstance(given, dict) else ""


@bp.post("/place")
@admits(bidders.bid)
def place(number: str) -> Any:
    """The envelope is whole: it counts from the moment in which this is asked."""
    tenders.find(number)
    receipt = _deliver(number, _blob(_token()), "browser")
    return {
        "no": receipt.no,
        "sha256": receipt.sha256,
        "file": receipt.dump(),
        "shown": {
            "act": str(receipt.act_name),
            "no": str(receipt.no),
            "at": instant(receipt.at),
            "sha256": receipt.sha256,
        },
    }


def _deliver(number: str, blob: bytes, sealed_by: str) -> bids.Receipt:
    now = clock.now()
    try:
        receipt = bidders.deliver(tenders.find(number).case, blob, by=g.post, now=now, sealed_by=sealed_by)
    except bids.Late:
        db.session.commit()  # the record of the refusal, and nothing else
        raise
    db.session.commit()
    return receipt


@bp.post("/server")
@admits(bidders.bid)
def server(number: str) -> Any:
    """Seal on the server, at once and in memory, where the profile of the place allows it."""
    tender = tenders.find(number)
    case, terms = tender.case, bidding.terms(tender.case)
    if terms.sealing != "server":
        raise Refused(_("本地不允许由服务器封标，请使用支持加密的浏览器。"))
    given = {key: request.files.getlist(key) for key in request.files}
    bound = bidding.form(case).bind(
        g.lang, formdata=request.form, facts=bidding.facts(case), uploads=given, today=clock.today()
    )
    if bound.only_changes or bound.wants == "save" or not bound.validate():
        return _fill(tender, bound)
    attached = [
        bids.Attached(key, files.clean_name(one.name), one.stream.read())
        for key, some in bound.uploads.items()
        for one in some
    ]
    blob = bidders.seal_here(terms, bound.raw(), attached, by=g.post)
    _deliver(number, blob, "server")
    flash(say("投标文件已由服务器封标并递交，请保存回执。"), "ok")
    return redirect(url_for("bidroom.page", number=number))


@bp.post("/confirm")
@admits(bidders.bid)
def confirm(number: str) -> Any:
    """The bidder stands by the bid after an amendment."""
    bidders.confirm(tenders.find(number).case, by=g.post, now=clock.now())
    db.session.commit()
    flash(say("已确认投标文件继续有效，请保存新的回执。"), "ok")
    return redirect(url_for("bidroom.page", number=number))


@bp.post("/withdraw")
@admits(bidders.bid)
def withdraw(number: str) -> Any:
    """The bidder takes the bid back."""
    bidders.withdraw(tenders.find(number).case, by=g.post, now=clock.now())
    db.session.commit()
    flash(say("投标文件已撤回并销毁，截止之前可以重新递交。"), "ok")
    return redirect(url_for("bidroom.page", number=number))


@bp.get("/draft")
@admits(bidders.bid)
def draft(number: str) -> Any:
    """The encrypted draft; 204 when there is none."""
    data = bids.room.draft(bidding.terms(tenders.find(number).case), by=g.post)
    return Response(data, mimetype="application/octet-stream") if data else ("", 204)


@bp.post("/draft")
@admits(bidders.bid)
def keep_draft(number: str) -> Any:
    """Keep what only that browser can read, in the place of the draft that the page has read."""
    terms, over = bidding.terms(tenders.find(number).case), request.headers.get("X-Over")
    bids.room.keep_draft(terms, request.get_data(), by=g.post, over=over)
    db.session.commit()
    return {}


@bp.post("/practice")
@admits(bidders.bid)
def practise(number: str) -> Any:
    """Open a practice bid at once; nothing is kept."""
    terms = bidding.terms(tenders.find(number).case)
    return {"price": practice.read(terms, g.post.organisation_id, request.get_data())}


@bp.post("/supply")
@admits(bidders.bid)
def supply(number: str) -> Any:
    """What the office has lost comes again, byte for byte."""
    tender = tenders.find(number)
    blob = _blob(_token())
    name = bidding.terms(tender.case).binding(g.post.organisation_id).pseudonym
    bidding.supply(tender.case, name, blob, clock.now())
    db.session.commit()
    flash(say("与承诺值一致，已重新收到。"), "ok")
    return {}


@bp.get("/receipt")
@admits(bidders.bid)
def receipt_page(number: str) -> Any:
    """The same receipt to be printed and kept with the papers."""
    case = tenders.find(number).case
    found = bids.room.receipt(bidding.terms(case), g.post.organisation_id)
    return render_template("bidroom/receipt.html", case=case, receipt=found, signed=found.dump())


@bp.get("/receipt.json")
@admits(bidders.bid)
def receipt(number: str) -> Any:
    """The receipt of this enterprise's newest act, as a file."""
    found = bids.room.receipt(bidding.terms(tenders.find(number).case), g.post.organisation_id)
    answer = Response(_json(found.dump()), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}-receipt-{found.no}.json"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _json(what: Any) -> str:
    return json.dumps(what, ensure_ascii=False, indent=1)

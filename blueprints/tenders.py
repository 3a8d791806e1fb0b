"""Tenders in public: the list, one tender with its documents, questions, the opening for all present."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from casework import bids, clock, files, notices, releases, rules
from casework.bids import receipts
from casework.cases import (
    announced,
    bidders,
    bidding,
    early,
    incidents,
    keyrooms,
    links,
    privy,
    standstill,
    tenders,
)
from casework.cases.model import Case
from casework.db import db, read_only
from casework.errors import NotYet, OfficeError, TooMuch, Unknown
from casework.words import Words, _, say

bp = Blueprint("tenders", __name__, url_prefix="/tenders")

#: Signs that a receipt may have.
RECEIPT_MOST = 5000
#: What the state of a bidding is called, and the class of its tag.
STATES = {
    "open": (_("正在招标"), "run"),
    "suspended": (_("已暂停"), "warn"),
    "closed": (_("已截止"), ""),
    "opened": (_("已开标"), "ok"),
    "stopped": (_("已停止"), "warn"),
}


def _stands(tender: tenders.Tender) -> tuple[Words, str]:
    """What the public is told of where it stands: in the words of its procedure, else of its bidding."""
    words, tone = bidding.called(tender.case)
    return (words, tone) if words else STATES[tender.state]


@bp.get("/")
@rules.admits(rules.anyone)
def index() -> Any:
    """Tenders that take bids, and those that did."""
    found, by = tenders.newest(), g.get("post")
    named = {t.case.id for t in found if t.open and bidders.bid(by) and bidders.named(t.case, by)}
    shut = privy.shut((t.case for t in found), by)
    return render_template(
        "tenders/index.html",
        found=found,
        before=early.newest(),
        stands=_stands,
        called=bidding.called,
        named=named,
        shut=shut,
    )


@bp.get("/<number>")
@rules.admits(rules.anyone)
def page(number: str) -> Any:
    """One tender: notices, dates, documents, what may be done."""
    if (before := early.find(number)) is not None:
        return _before(before)
    return _page(tenders.find(number), "", "")


def _public(case: Case) -> dict[str, Any]:
    """What the page of a tender shows in every stage: its notices, a standstill, what may be begun."""
    by, now, hung = g.get("post"), clock.now(), notices.of(case.id)
    return {
        "case": case,
        "still": standstill.of(case, now, by),
        "notices": [n for n in reversed(hung) if n.withdrawn_at is None],
        "ended": announced.ended(hung),
        "offers": links.offers(case, by=by, now=now),
        "ours": links.ours(case, by=by),
        "today": clock.local(now).date(),
        "published": releases.named(case.id),
    }


def _before(tender: early.Early) -> Any:
    """One that takes no bids yet; who has applied is told to nobody (招标投标法 第二十二条)."""
    public, procedure = _public(tender.case), tender.case.procedure
    return render_template(
        "tenders/early.html",
        **public,
        tender=tender,
        procedure=procedure,
        state=bidding.called(tender.case),
        now=clock.now(),
    )


def _shut(tender: tenders.Tender) -> Any:
    """What one by invitation tells those it is not open to: its ground, and where it stands."""
    case, by = tender.case, g.get("post")
    return render_template(
        "tenders/shut.html",
        **_public(case),
        state=_stands(tender),
        ground=privy.ground(case),
        bureau=privy.bureau(case),
        refused=bidders.invited if tender.open and bidders.bid(by) else None,
    )


def _page(tender: tenders.Tender, asked: str, fault: str) -> Any:
    case, by = tender.case, g.get("post")
    if not privy.within(case, by):
        return _shut(tender)
    shown = render_template(
        "tenders/page.html",
        **_public(case),
        tender=tender,
        procedure=case.procedure,
        state=_stands(tender),
        documents=[*tenders.own_papers(case, by), *tenders.documents(case, by)],
        attachments=tenders.attachments(case, by),
        public=privy.public(case),
        draws=tenders.draws(case),
        schedule=list(tenders.schedule(case)),
        given=list(tenders.given(case)),
        may_bid=bidders.bid(by),
        placed=not tender.open and bidders.placed(case, by),
        closed_to=bidders.invited if bidding.invited(case) is not None else None,
        named=bidders.named(case, by),
        may_attend=by is not None and tenders.present(tender, by),
        asked=asked,
        fault=fault,
    )
    return (shown, 422) if fault else shown


def _late(case: Case) -> list[dict[str, Any]]:
    return [{**one, "at": datetime.fromisoformat(one["at"])} for one in bidding.late(case)]


@bp.get("/<number>/file/<int:file_id>")
@rules.admits(rules.anyone)
def file(number: str, file_id: int) -> Any:
    """A document of the tender; who downloads it is written down nowhere (招标投标法 第二十二条)."""
    return _download(tenders.attachment(tenders.find(number).case, file_id, g.get("post")))


@bp.get("/<number>/paper/<int:paper_id>.<kind>")
@rules.admits(rules.anyone)
def paper(number: str, paper_id: int, kind: str) -> Any:
    """An issued paper of the tender documents, as Word or PDF."""
    case, by = tenders.find(number).case, g.get("post")
    all_papers = (*tenders.documents(case, by), *tenders.own_papers(case, by))
    found = next((p for p in all_papers if p.id == paper_id), None)
    file_id = {"docx": found.docx_id, "pdf": found.pdf_id}.get(kind) if found else None
    kept = db.session.get(files.File, file_id) if file_id else None
    if kept is None:
        raise Unknown
    return _download(kept)


def _download(kept: files.File) -> Response:
    return Response(files.open(kept), headers=dict(files.headers(kept)), direct_passthrough=True)


@bp.post("/<number>/ask")
@rules.admits(bidders.bid)
def ask(number: str) -> Any:
    """A question about the documents; who asks is not written down."""
    tender, text = tenders.find(number), request.form.get("question", "")
    try:
        bidders.ask(tender.case, text, by=g.post, now=clock.now())
    except (NotYet, TooMuch) as no:
        said = str(no)
        db.session.rollback()
        return _page(tenders.find(number), text, said)
    db.session.commit()
    flash(say("问题已提交，招标人看不到提问单位；答复将以澄清文件公布。"), "ok")
    return redirect(url_for("tenders.page", number=number))


# -- the opening -------------------------------------------------------------------------------------------


def _present(number: str) -> tenders.Tender:
    tender = tenders.find(number)
    if not tenders.present(tender, g.post):
        raise Unknown
    return tender


@bp.get("/<number>/opening")
@rules.admits(rules.staff)
def opening(number: str) -> Any:
    """Keys as they are released, the record read aloud, objections and their answers."""
    return _opening(_present(number), "")


def _opening(tender: tenders.Tender, fault: str) -> Any:
    case, found = tender.case, tender.bidding
    opened = bids.opening.of(case.id)
    shown = render_template(
        "tenders/opening.html",
        case=case,
        bidding=found,
        keys=bids.keys.sealing(case.id),
        lost=keyrooms.lost(case.id),
        wrong={one["holder"]: one["at"] for one in incidents.wrong_keys(case.id)},
        again=incidents.supplied(case.id),
        least=_least(tender),
        still=standstill.of(case, clock.now(), g.post),
        opened=opened,
        readable={bid.no for bid in tenders.readable(case, opened, g.post)},
        late=_late(case) if found.status == "opened" else [],
        said=bids.hearing.of(case.id),
        may_object=found.status == "opened" and bids.hearing.object_rule(g.post, found),
        may_answer=bids.hearing.answer_rule(g.post, case.starter_organisation_id),
        fault=fault,
    )
    return (shown, 422) if fault else shown


def _least(tender: tenders.Tender) -> int:
    """How many bids there should be, where there are fewer and no key is asked for: nothing is opened."""
    least = int(tender.case.facts["profile"].get("min_bidders") or 0)
    found = tender.bidding
    few = found.count is not None and found.count < least
    return least if few and not keyrooms.asked(tender.case.id) else 0


@bp.post("/<number>/opening")
@rules.admits(rules.staff)
def speak(number: str) -> Any:
    """A bidder objects, or the tenderer answers."""
    tender, now = _present(number), clock.now()
    text, about = request.form.get("text", ""), request.form.get("about", type=int)
    try:
        if about is None:
            bids.hearing.speak(tender.bidding, text, by=g.post, now=now)
        else:
            said = bids.hearing.find(tender.case.id, about)
            tenderer = tender.case.starter_organisation_id
            bids.hearing.answer(said, text, by=g.post, tenderer=tenderer, now=now)
    except NotYet as no:
        fault = str(no)
        db.session.rollback()
        return _opening(tenders.find(number), fault)
    db.session.commit()
    return redirect(url_for("tenders.opening", number=number) + "#said")


def _not_early(number: str) -> tenders.Tender:
    """The tender; before its opening there is nothing, and that somebody asked is written down."""
    tender = tenders.find(number)
    if tender.bidding.status != "opened" and request.method == "GET":
        db.session.rollback()  # a page that only reads holds no turn to write
        read_only(False)
        if tenders.asked_early(tenders.find(number), g.post, clock.now()):
            db.session.commit()
        raise Unknown
    return tender


@bp.get("/<number>/bids/<int:no>")
@rules.admits(rules.signed_in)
def opened(number: str, no: int) -> Any:
    """One opened bid, whole, beside its receipt."""
    tender = _not_early(number)
    bid = tenders.opened(tender.case, no, g.post)
    return render_template(
        "tenders/bid.html", case=tender.case, bid=bid, bound=bidding.shown(tender.case, bid, g.lang)
    )


@bp.get("/<number>/bids/<int:no>/file/<int:file_id>")
@rules.admits(rules.signed_in)
def opened_file(number: str, no: int, file_id: int) -> Any:
    """An attachment of an opened bid."""
    tender = _not_early(number)
    bid = tenders.opened(tender.case, no, g.post)
    keys = frozenset(bidding.form(tender.case).uploads)
    return _download(tenders.opened_file(bid, keys, file_id))


@bp.route("/receipt", methods=["GET", "POST"])
@rules.admits(rules.anyone)
def receipt() -> Any:
    """Whether a receipt is genuine, and whether its bid is under the published root."""
    text = _given_receipt() if request.method == "POST" else ""
    found, place, tender = None, None, None
    if text:
        try:
            found = receipts.genuine(json.loads(text))
        except (ValueError, AttributeError, TypeError):
            found = None
        tender = _of(found) if found else None
        leaves = (tender.bidding.leaves or []) if tender else []
        place = leaves.index(found.sha256) if found and found.sha256 in leaves else None
    proof = bids.merkle.path(tender.bidding.leaves, place) if tender and place is not None else []
    shown = render_template(
        "tenders/receipt.html", text=text, found=found, tender=tender, place=place, proof=proof
    )
    return (shown, 422) if text and not found else shown


def _given_receipt() -> str:
    """The file that was chosen, or else what was pasted; of either no more than a receipt can have."""
    chosen = request.files.get("file")
    data = chosen.read(4 * RECEIPT_MOST).decode("utf-8-sig", "replace") if chosen else ""
    return (data.strip() or request.form.get("receipt", ""))[:RECEIPT_MOST]


def _of(found: bids.Receipt) -> tenders.Tender | None:
    try:
        return tenders.find(found.tender)
    except OfficeError:
        return None

"""What a drawing may ask of the office: one table, carried out in the transaction of the act that asked.

Numbers, rows, journal and promises are written here; Word files, letters and messages leave after the commit
(casework/worker.py). An effect that fails is an incident at its place in the drawing, and can be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from casework import clock, journal, notices, outbox, papers, signoffs, standing
from casework.cases import addressed, areas, bidding, contracts, enclosures, links, panel, parts
from casework.cases.context import answers, context, stamping_lanes
from casework.cases.turn import Facts, Turn, Verb
from casework.db import db
from casework.engine import feel, flow
from casework.errors import NotYet, OfficeError, Unknown
from casework.people import Organisation
from casework.words import _, say_in


def carrier(turn: Turn) -> flow.CarryOut:
    """What the engine calls for each effect; a failing one leaves nothing behind."""

    def carry_out(effect: flow.Effect, variables: Mapping[str, Any]) -> Facts:
        verb = EFFECTS.get(effect.kind)
        if verb is None:
            raise flow.EffectFailed(
                f"没有名为“{effect.kind}”的办理动作", f"there is no effect {effect.kind!r}"
            )
        try:
            with db.session.begin_nested():
                return verb(turn, effect.arguments, variables)
        except OfficeError as error:
            raise flow.EffectFailed(say_in("zh", error.says), say_in("en", error.says)) from error
        finally:
            turn.answered.clear()

    return carry_out


# ------------------------------------------------------------------------------------------ effects


def _issue_paper(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`issue paper` (header paper=D17): number, data and fingerprint now; Word and PDF after the commit.

    With a header `letter` the letter goes out with it.
    """
    case, kind = turn.case, turn.procedure.papers[str(arguments["paper"])]
    paper = papers.issue(
        case_id=case.id,
        kind=kind,
        office=_office(turn, kind.office, variables),
        data=context(turn, {**variables, **arguments}),
        by=turn.by,
    )
    outbox.put("paper", {"paper": paper.id}, due=turn.now, case_id=case.id)
    detail = {"paper": paper.id, "code": kind.code, "number": paper.number, "fingerprint": paper.fingerprint}
    journal.write(case, "issued", at=turn.now, by=turn.by, detail=detail)
    said = {"papers": paper.number, "fingerprints": papers.mark(paper.fingerprint)}
    facts = {name: {**(variables.get(name) or {}), kind.code: one} for name, one in said.items()}
    if arguments.get("letter"):
        _send_letter(turn, arguments, {**variables, **facts})
    return facts


def _withdraw_paper(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`withdraw paper` (header paper=D11 D12, input reason): what was issued as these is taken back."""

    def end(paper: papers.Paper, reason: str) -> None:
        papers.withdraw(paper, reason, by=None)  # the step that led here was signed, not the paper

    return _end_papers(turn, arguments, variables, end, "paper withdrawn")


def _lapse_paper(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`lapse paper` (header paper=D17, input reason): the time of what was issued ran out unused."""
    return _end_papers(turn, arguments, variables, papers.lapse, "paper lapsed")


def _end_papers(
    turn: Turn,
    arguments: Mapping[str, Any],
    variables: Mapping[str, Any],
    end: Callable[[papers.Paper, str], None],
    what: str,
) -> Facts:
    """End what still stands under these codes; with a header `letter` the letter goes out with it."""
    case, codes, reason = turn.case, str(arguments["paper"]).split(), str(arguments["reason"])
    why = {name: str(arguments[name]) for name in ("reason", "reason_en") if arguments.get(name)}
    numbers: dict[str, str] = {}
    for paper in papers.genuine(case.id, codes):
        end(paper, reason)
        detail = {"paper": paper.id, "code": paper.code, "number": paper.number, **why}
        journal.write(case, what, at=turn.now, by=turn.by, detail=detail)
        numbers[paper.code] = paper.number
    if arguments.get("letter"):
        _send_letter(turn, arguments, {**variables, "papers": numbers})
    return None


def _office(turn: Turn, lane: str, variables: Mapping[str, Any]) -> papers.Office:
    """Who issues a paper: a party of the case, or the bureau, with the bodies to which one may appeal."""
    bureau_id, party = turn.case.facts["district"]["bureau"], turn.procedure.parties.get(lane)
    issuer_id = int(turn.value(party.organisation, variables) or 0) if party else bureau_id
    issuer = db.session.get(Organisation, issuer_id)
    if issuer is None:
        raise Unknown
    profile = turn.case.facts["profile"] if issuer_id == bureau_id else {}
    return papers.Office(
        organisation_id=issuer.id,
        name=issuer.name,
        mark=issuer.name,
        review_body=str(profile.get("review_body") or ""),
        court=str(profile.get("court") or ""),
        address=issuer.address,
        phone=issuer.phone,
    )


def _publish_notice(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`publish notice` (header notice=decision): the text with its blanks filled goes on the public board.

    With a header `letter` the letter goes out with it.
    """
    case, name = turn.case, str(arguments["notice"])
    said = addressed.text(turn, f"notices/{name}", context(turn, {**variables, **arguments}))
    days = said.front.get("days")
    today = clock.local(turn.now).date()
    project = case.facts.get("project") or {}
    notice = notices.publish(
        notices.Notice(
            case_id=case.id,
            kind=case.key,
            organisation_id=case.facts["district"].get("bureau"),
            street_id=project.get("street"),
            title=said.title,
            title_en=said.title_en,
            body=said.body,
            body_en=said.body_en,
            published_at=turn.now,
            until=today + timedelta(days=int(days)) if days else None,
        )
    )
    titles = {"title": said.title, "title_en": said.title_en}
    detail = {"name": name, "notice": notice.id, **titles, "until": notice.until}
    journal.write(case, "published", at=turn.now, by=turn.by, detail=detail)
    if arguments.get("letter"):
        _send_letter(turn, arguments, variables)
    return None


def _send_letter(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`send letter` (headers letter=correction, to=<lane or list>): to every holder of a post there.

    With a header `joins=true` these lanes see the case from now on, as if a step had waited for them.
    `to=circle`: to everybody who may bid, where nobody may learn who has.
    """
    if arguments.get("to") == addressed.CIRCLE:
        addressed.circulate(turn, arguments, variables, bidding.invited(turn.case))
    else:
        addressed.send(turn, arguments, variables)
    return None


def _check_standing(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`check standing` (input organisation): stars, rectification, bans on this day, with every reason."""
    found = standing.facts(int(arguments["organisation"]), clock.local(turn.now).date())
    journal.write(turn.case, "checked", at=turn.now, detail={"standing": found})
    return {"standing_checked": found}


def _table_items(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`table items` (header rows=items): the rows of the newest answer become the items to be stamped."""
    rows = answers(turn.case).get(str(arguments.get("rows", "items"))) or []
    if not rows:
        raise NotYet(_("没有可供确认的项目。"))
    anew = signoffs.table(turn.case.id, rows, turn.now)
    journal.write(turn.case, "tabled", at=turn.now, detail={"items": len(rows), "anew": anew})
    return _tally_stamps(turn, arguments, variables)


def _tally_stamps(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`tally stamps`: how many stamps stand, who is still to sign, what is refused."""
    count = signoffs.tally(turn.case.id, stamping_lanes(turn))
    return {
        "all_confirmed": count.complete,
        "stamps_given": count.given,
        "stamps_needed": count.needed,
        "refused_items": list(count.refused),
        "pending_parties": list(count.waiting),
        "defects": list(count.defects),
    }


def _record(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`record` (header what=…): a line in the journal, with the inputs given."""
    detail = {k: v for k, v in arguments.items() if k != "what"}
    journal.write(turn.case, str(arguments.get("what", "recorded")), at=turn.now, by=turn.by, detail=detail)
    return None


def _tell_case(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`tell case` (header message=…, input correlation): a message to whichever case waits for it.

    Fact `told`: what the case of that number shows now; null where there is none.
    """
    payload = {k: v for k, v in arguments.items() if k not in {"message", "correlation"}}
    about = {
        "message": str(arguments["message"]),
        "correlation": arguments.get("correlation"),
        "payload": payload,
    }
    outbox.put("tell", about, due=turn.now, case_id=turn.case.id)
    return {"told": links.numbered(str(about["correlation"]), turn.now, turn.case.starter_organisation_id)}


def _open_procedure(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`open procedure` (header procedure=…): the applicant finds the next application begun."""
    about = {"procedure": str(arguments["procedure"]), "case": turn.case.id, "values": dict(arguments)}
    outbox.put("begin", about, due=turn.now, case_id=turn.case.id)
    return None


def _open_case(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`open case` (header procedure=…, inputs = answers of its application): a case about this one, later."""
    about = {
        "procedure": str(arguments["procedure"]),
        "case": turn.case.id,
        "answers": {k: v for k, v in arguments.items() if k != "procedure"},
    }
    outbox.put("open", about, due=turn.now, case_id=turn.case.id)
    return None


def _record_standing(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`record standing` (header kind; inputs organisation, reason, basis, document): into a file of standing.

    By whoever completes the step before: a clerk of its bureau, for decisions the head.
    """
    enterprise = db.session.get(Organisation, int(arguments["organisation"]))
    if enterprise is None or turn.by is None:
        raise Unknown
    kind = str(arguments["kind"])
    record = standing.record(
        kind,
        enterprise,
        by=turn.by,
        begins=clock.local(turn.now).date(),
        years=int(arguments["years"]) if arguments.get("years") else None,
        reason=str(arguments.get("reason") or ""),
        reason_en=str(arguments.get("reason_en") or ""),
        basis=str(arguments.get("basis") or ""),
        document=str(arguments.get("document") or ""),
    )
    detail = {"standing": record.id, "kind": kind, "organisation": enterprise.id, "title": record.reason}
    journal.write(turn.case, "recorded", at=turn.now, by=turn.by, detail=detail)
    return None


def _lift_standing(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`lift standing` (header how; organisation, of, document, reason): what a paper put into a file ends.

    `of`: the number of that paper; `document`: of the one that ends it. Nothing on record: nothing to end.
    """
    if turn.by is None:
        raise Unknown
    for record in standing.recorded(int(arguments["organisation"]), str(arguments.get("of") or "")):
        lift = standing.lift(
            record,
            by=turn.by,
            how=str(arguments["how"]),
            on=clock.local(turn.now).date(),
            reason=str(arguments.get("reason") or ""),
            reason_en=str(arguments.get("reason_en") or ""),
            document=str(arguments.get("document") or ""),
        )
        detail = {"standing": record.id, "organisation": record.organisation_id, "document": lift.document}
        journal.write(turn.case, "recorded", at=turn.now, by=turn.by, detail=detail)
    return None


def withdrawn(turn: Turn) -> None:
    """Tell the case that waits for this one that it was withdrawn, as the folder says (`withdrawn`)."""
    part = turn.procedure.about.get("withdrawn") or {}
    message, correlation = (_read(turn, part.get(name)) for name in ("message", "correlation"))
    if message is not None:
        payload = {name: _read(turn, text) for name, text in (part.get("payload") or {}).items()}
        about = {"message": str(message), "correlation": correlation, "payload": payload}
        outbox.put("tell", about, due=turn.now, case_id=turn.case.id)


def _read(turn: Turn, text: Any) -> Any:
    return turn.value(feel.compile(text)) if isinstance(text, str) and text.startswith("=") else text


#: Everything a drawing may ask of the office, by the name used in its service tasks.
EFFECTS: dict[str, Verb] = {
    "issue paper": _issue_paper,
    "withdraw paper": _withdraw_paper,
    "lapse paper": _lapse_paper,
    "publish notice": _publish_notice,
    "send letter": _send_letter,
    "check standing": _check_standing,
    "table items": _table_items,
    "tally stamps": _tally_stamps,
    "record": _record,
    "tell case": _tell_case,
    "open procedure": _open_procedure,
    "open case": _open_case,
    "record standing": _record_standing,
    "lift standing": _lift_standing,
    **bidding.EFFECTS,
    **contracts.EFFECTS,
    **areas.EFFECTS,
    **panel.EFFECTS,
    **parts.EFFECTS,
    **enclosures.EFFECTS,
}

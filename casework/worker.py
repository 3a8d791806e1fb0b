"""Runs time: due timers, what was promised in the outbox. Begins work by itself, so it commits by itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask, current_app
from sqlalchemy.exc import IntegrityError

from casework import bids, cases, checkpoints, clock, files, letters, outbox
from casework.cases import archiving, enclosures, keeping, proof, releasing, tenders, watching
from casework.db import db, reading
from casework.engine import feel
from casework.engine.flow import NotWaiting
from casework.errors import NotYet, OfficeError, Unknown
from casework.papers import pdf, printing
from casework.people import links, log, sessions, throttle
from casework.places import importing

_log = logging.getLogger("tendover.worker")

#: How long the worker sleeps when nothing is due (seconds).
PAUSE = 2.0


def work(now: datetime | None = None, limit: int = 100, leave: frozenset[str] = frozenset()) -> int:
    """Do everything that is due but the kinds in `leave`; returns how many things were done.

    Each is a transaction of its own. A case that cannot go on stops no other; it is raised at the end.
    """
    count, fault = _timers(now or clock.now(), limit)
    count += _jobs(now, limit, leave)
    if fault is not None:
        raise fault
    return count


def _timers(now: datetime, limit: int) -> tuple[int, Exception | None]:
    due, first = cases.due(now, limit), None
    db.session.rollback()
    for case_id in due:
        try:
            enclosures.unlocked(partial(_tick, case_id, now))
        except Exception as error:  # noqa: BLE001  whatever is wrong with one case is not the others' fault
            db.session.rollback()
            _log.exception("the timer of case %s did not run", case_id)
            first = first or error
    return len(due), first


def _tick(case_id: int, now: datetime) -> None:
    cases.tick(case_id, now)
    db.session.commit()


def _jobs(given: datetime | None, limit: int, leave: frozenset[str]) -> int:
    count, behind = 0, ""
    while count < limit:
        now = given or clock.now()  # a paper takes seconds: a lease begins when its job begins
        job = outbox.claim(now, leave, behind)
        if job is None:
            db.session.rollback()
            return count
        job_id, kind, about = job.id, job.kind, job.about
        db.session.commit()
        _do(job_id, kind, about, now)
        behind = kind if kind in outbox.SLOW else behind
        count += 1
    return count


def _do(job_id: int, kind: str, about: dict[str, Any], now: datetime) -> None:
    """One job, or one turn at a long one. Its failure is written down and never stops the others (G-28)."""
    fault, more = "", False
    try:
        more = KINDS[kind](about, now) is True
    except Exception as error:  # noqa: BLE001  whatever a mail server or Word file does to us
        db.session.rollback()
        fault = f"{type(error).__name__}: {error}"
        _log.warning("job %s (%s) failed: %s", job_id, kind, fault)
    job = db.session.get(outbox.Job, job_id)
    if job is not None:
        if fault:
            outbox.failed(job, fault, now)
        elif more:
            outbox.onward(job)
        else:
            outbox.done(job, now)
    db.session.commit()


def _letter(about: dict[str, Any], now: datetime) -> None:
    letter = db.session.get(letters.Letter, about["letter"])
    if letter is None:
        raise Unknown
    config = current_app.config
    letters.deliver(letter, config["SMTP"], config["MAIL_FROM"], now, about.get("user"))


def _paper(about: dict[str, Any], now: datetime) -> None:
    """Word and LibreOffice take seconds: no transaction is held open meanwhile."""
    wanted = printing.order(about["paper"])
    db.session.rollback()
    printed = printing.carry_out(wanted)
    printing.file(wanted, printed, files.store)
    if printed.fault is not None:  # the Word file is there; only the PDF is tried again
        db.session.commit()
        raise printed.fault


def _tell(about: dict[str, Any], now: datetime) -> None:
    told = partial(cases.tell, about["message"], about.get("payload") or {}, about.get("correlation"), now)
    try:
        enclosures.unlocked(told)
    except NotWaiting:
        _log.info("nobody waits for %s any more", about["message"])


def _begin(about: dict[str, Any], now: datetime) -> None:
    cases.begin_application(about["procedure"], about["case"], about.get("values") or {}, now)


def _open(about: dict[str, Any], now: datetime) -> None:
    enclosures.unlocked(partial(cases.open_concerning, about, now))


def _release(about: dict[str, Any], now: datetime) -> None:
    releasing.release(about["case"], now)


def archive(package_id: int, now: datetime) -> None:
    """The package of a closed case without a pause, for whoever waits at the command."""
    while _archived(package_id, now):
        pass


def _archived(package_id: int, now: datetime) -> bool:
    """One turn at a package: one PDF/A, or, once all are there, the signature over the record and the file.

    Whether there is more to do. What cannot be had ends the export with its reason; what is only late is
    tried again. A Word file that still waits for its own job is made here: who ordered the package waits too.
    """
    try:
        for paper_id in archiving.unwritten(package_id):
            wanted = printing.order(paper_id)
            db.session.rollback()  # nobody waits to write meanwhile
            made = printing.Printed(printing.docx(wanted), None)
            printing.file(wanted, made, files.store)
            db.session.commit()
        if _kept_lasting(package_id):
            return True
        if not archiving.signed(package_id):
            checkpoint(now)
        with reading():
            built = archiving.build(package_id, now)
            db.session.rollback()
        if built is not None:
            archiving.file(package_id, built, now)
    except (NotYet, Unknown) as error:
        db.session.rollback()
        archiving.refuse(package_id, error, now)
    db.session.commit()
    return False


def _kept_lasting(package_id: int) -> bool:
    """Make the next PDF/A of a package; False: there is none to make, or nothing to make it with."""
    one = archiving.unmade(package_id)
    db.session.rollback()
    if one is None:
        return False
    try:
        made = pdf.convert(one.docx, lasting=True)
    except pdf.NoConverter:  # the package says that it has no PDF/A
        return False
    archiving.keep_pdf(one, made)
    db.session.commit()
    return True


def _archive(about: dict[str, Any], now: datetime) -> bool:
    return _archived(about["package"], now)


#: Kind of job -> what it does, True while more of it is to be done; doing it twice does no harm.
KINDS: dict[str, Callable[[dict[str, Any], datetime], bool | None]] = {
    "letter": _letter,
    "paper": _paper,
    "tell": _tell,
    "begin": _begin,
    "release": _release,
    "open": _open,
    "archive": _archive,
}


def sweep() -> None:
    """Once a day: settle provisional dates, forget what has served its time (README)."""
    _settle_dates()
    watch_rooms()
    sessions.sweep()
    links.sweep()
    throttle.sweep()
    log.sweep()
    keeping.sweep(clock.now())
    outbox.sweep(clock.now())
    unheld = files.forget(files.unclaimed(clock.now()))
    unheld |= files.forget(files.named(importing.sweep(clock.now())))
    db.session.commit()
    files.discard(unheld)
    files.clear_workroom()
    _stir_bids()


def checkpoint(now: datetime) -> bool:
    """Sign the ends of all records when one of them is new; whether that was so."""
    with reading():  # the hashing of a large office holds up nobody
        ends = proof.ends()
        db.session.rollback()
    if not any(end.new for end in ends):
        return False
    try:
        checkpoints.sign(ends, now)
        db.session.commit()
    except IntegrityError:  # another worker has signed in the same moment
        db.session.rollback()
        return False
    return True


def _stir_bids() -> None:
    """New decoys every day, so that a day with a bid looks like one without; uploads nobody finished go."""
    waiting = tenders.stirring()
    db.session.rollback()
    for case_id in waiting:
        try:
            tenders.stir(case_id)
            db.session.commit()
        except OfficeError as error:  # bids.key is another one: the tender says so too
            db.session.rollback()
            _log.warning("the decoys of case %s: %s", case_id, error)
    bids.vault.clear()


def _settle_dates() -> None:
    """Each case in a transaction of its own; one that cannot be reckoned stops no other."""
    waiting = cases.unsettled(clock.now())
    db.session.rollback()
    for case_id in waiting:
        try:
            cases.recompute(case_id, clock.now())
            db.session.commit()
        except Exception:  # noqa: BLE001  whatever is wrong with one case is not the others' fault
            db.session.rollback()
            _log.exception("the dates of case %s were not reckoned again", case_id)


def watch_rooms() -> None:
    """A case for each rented or lent room that has none yet; one that cannot be opened stops no other."""
    waiting = list(watching.unwatched())
    db.session.rollback()
    for key, room_id in waiting:
        try:
            watching.watch(key, room_id, clock.now())
            db.session.commit()
        except (OfficeError, feel.FeelError) as error:
            db.session.rollback()
            _log.warning("nobody watches the end of room %s: %s", room_id, error)


def loop(app: Flask, stop: threading.Event) -> None:
    """Work until told to stop; a fault of one round is logged and the next round comes."""
    swept, signed = None, None
    while not stop.is_set():
        with app.app_context():
            try:
                busy = work()
                if swept != clock.today():
                    sweep()
                    swept = clock.today()
                every = timedelta(minutes=app.config["CHECKPOINT_MINUTES"])
                if signed is None or not timedelta() <= clock.now() - signed < every:
                    checkpoint(clock.now())
                    signed = clock.now()
            except Exception:  # noqa: BLE001  the worker outlives a database restart
                _log.exception("a round of the worker failed")
                busy = 0
            finally:
                db.session.remove()
        if not busy:
            stop.wait(PAUSE)

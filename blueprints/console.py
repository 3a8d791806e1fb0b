"""Where the operator stands: the commands of the installation. Whoever begins the work commits it."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Blueprint, current_app
from flask.cli import AppGroup
from flask_migrate import upgrade
from waitress.server import create_server

from casework import (
    backups,
    cases,
    checkpoints,
    clock,
    doctor,
    files,
    journal,
    packages,
    people,
    procedures,
    profiles,
    stories,
    worker,
)
from casework.cases import archiving, lists, moving, proof
from casework.db import db
from casework.errors import OfficeError
from casework.people import codes, founding
from casework.rules import Rule

DEMO_OFFICE = {
    "OFFICE": "云河区住房和城乡建设局",
    "OFFICE_EN": "Yunhe District Housing Bureau",
    "OFFICE_PHONE": "0571-8200 0000",
}
bp = Blueprint("console", __name__, cli_group=None)
ROOT = Path(__file__).resolve().parent.parent


def workflow_roots() -> tuple[Path, Path]:
    """Our procedures, and the city's own, which win."""
    return ROOT / "workflows", Path(current_app.instance_path) / "workflows"


def set_up() -> None:
    """Tables up to date, every procedure folder frozen as the version new cases begin with."""
    upgrade(directory=str(ROOT / "casework" / "migrations"))
    try:
        profiles.here(clock.today())  # rules that cannot be read are told now, not on somebody's page
    except profiles.BadProfile as wrong:
        raise click.ClickException(str(wrong)) from wrong
    for key, folder in procedures.folders(*workflow_roots()).items():
        procedures.install(key, folder, clock.now())
    codes.seal_all()
    db.session.commit()


@bp.cli.command("setup")
def setup_command() -> None:
    """Create or update the tables and take in the procedure folders."""
    set_up()
    click.echo("ready")


@bp.cli.command("found")
@click.option("--office", nargs=3, required=True, metavar="CITY DISTRICT BUREAU", help="Their full names.")
@click.option("--login", required=True, help="Account name of the first administrator.")
@click.option("--name", required=True, help="Name of the first administrator.")
@click.option("--email", default="")
def found(office: tuple[str, str, str], login: str, name: str, email: str) -> None:
    """Make an empty installation usable: district, bureau, first administrator, one-time link."""
    set_up()
    try:
        begun = founding.found(*office, login=login, name=name, email=email)
    except OfficeError as refused:
        raise click.ClickException(str(refused)) from refused
    db.session.commit()
    click.echo(f"{begun.user.login}: {current_app.config['RESET_LINK']}{begun.token}")


@bp.cli.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--load-only", is_flag=True, help="Load the demo district and stop.")
def demo(host: str, port: int, load_only: bool) -> None:
    """Load the demo district 云河区 (once) and serve it on this machine."""
    current_app.config.update(DEMO=True, **DEMO_OFFICE)
    server = None if load_only else _listen(host, port, demo=True)
    if server is not None and "TENDOVER_PUBLIC_URL" not in os.environ:
        lead_here(host, server.effective_port)
    set_up()
    stories.load_demo(ROOT / "workflows")
    db.session.commit()
    if server is not None:
        _serve(server, host, port)


def lead_here(host: str, port: int) -> None:
    """Letters and papers of the demo lead to where it is served."""
    here = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    current_app.config.update(PUBLIC_URL=here, RESET_LINK=f"{here}/link/")


@bp.cli.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--no-worker", is_flag=True, help="The worker runs as a process of its own (flask worker).")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Serve the office: one process, threads, the worker beside them."""
    server = _listen(host, port, demo=False)
    set_up()
    _serve(server, host, port, with_worker=not no_worker)


def _listen(host: str, port: int, *, demo: bool) -> Any:
    """The server at its address, before anything is loaded: whoever comes now waits, a taken port is told."""
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  its threads need it
    _may_serve(app, host, demo=demo)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        heard = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as refused:
        why = str(refused.strerror or refused).partition(" (while")[0]  # Python adds the address to it
        raise click.ClickException(
            f"cannot serve at {host}, port {port}: {why}. "
            "Is Tendover running there already? Another port: --port 8000"
        ) from refused
    # waitress would strip what a trusted proxy says before ProxyFix can read it
    strip = not app.config.get("TRUSTED_PROXIES")
    return create_server(
        app, sockets=[heard], threads=8, ident="Tendover", clear_untrusted_proxy_headers=strip
    )


def _serve(server: Any, host: str, port: int, *, with_worker: bool = True) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  a thread needs it
    stop = threading.Event()
    if with_worker:
        threading.Thread(target=worker.loop, args=(app, stop), name="worker", daemon=True).start()
    keep_loaded()
    began = float(os.environ.get("TENDOVER_STARTED") or time.time())
    click.echo(f"Tendover: http://{host}:{port}  ({time.time() - began:.1f} s)")
    try:
        server.run()
    finally:
        stop.set()


def keep_loaded() -> None:
    """What is loaded now stays as long as the process: the garbage collector need not look at it again.

    It would do so every few hundred pages, and one visitor would wait a tenth of a second for it.
    """
    gc.collect()
    gc.freeze()


def _may_serve(app: Any, host: str, *, demo: bool) -> None:
    """Refuse what must not face the public: root, debug (trust.md G-31)."""
    if app.debug:
        sys.exit("refused: debug mode shows the inside of the office to everybody; leave FLASK_DEBUG off")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and os.environ.get("TENDOVER_ALLOW_ROOT") != "1":
        if not demo or host not in {"127.0.0.1", "localhost", "::1"}:
            sys.exit("refused: do not serve as root; make a user for it, or set TENDOVER_ALLOW_ROOT=1")
        click.echo("note: running as root is for this demo on this machine only", err=True)


@bp.cli.command("worker")
def work() -> None:
    """Run time in a process of its own: timers, letters, papers."""
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  the loop needs it
    worker.loop(app, threading.Event())


@bp.cli.command("doctor")
def ask_doctor() -> None:
    """Say what is missing on this machine and what that costs."""
    checks = doctor.checks()
    for check in checks:
        click.echo(f"{'ok ' if check.ok else '-- '} {check.zh} / {check.en}")
        if not check.ok:
            click.echo(f"     {check.costs}")
    sys.exit(0 if all(check.ok for check in checks) else 1)


@bp.cli.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Write database and files into one archive, while the office works."""
    count = backups.write(target)
    click.echo(f"{target}: {count} files, {target.stat().st_size} bytes")


@bp.cli.command("restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--yes", is_flag=True, help="Replace what is there.")
def restore(source: Path, yes: bool) -> None:
    """Bring a backup back into an empty installation and check its journal."""
    upgrade(directory=str(ROOT / "casework" / "migrations"))
    try:
        backups.bring_back(source, replace=yes)
    except OfficeError as refused:
        raise click.ClickException(str(refused)) from refused
    _verify()


case_commands = AppGroup("cases", help="Cases under way.")
bp.cli.add_command(case_commands)


@case_commands.command("move")
@click.argument("number")
@click.option("--to", "version", type=int, help="Version of the procedure; the newest unless named.")
@click.option("--by", "login", required=True, help="Account of the head of the bureau.")
@click.option("--place", "places", multiple=True, metavar="OLD=NEW", help="Where an open step goes.")
@click.option("--reason", default="", help="Do it, for this reason. Without it: try, and change nothing.")
def move_case(number: str, version: int | None, login: str, places: tuple[str, ...], reason: str) -> None:
    """Carry an open case over to another version of its procedure, or say what does not fit."""
    by = _post_of(login, moving.may_move)
    mapping = {old: new for old, _, new in (each.partition("=") for each in places)}
    try:
        case = lists.find(number, by=by)
        to = version or procedures.current(case.key)
        told = moving.move(case.id, to, mapping, by=by, reason=reason, now=clock.now())
    except moving.Unfit as unfit:
        raise click.ClickException("\n  ".join([str(unfit), *map(str, unfit.reasons)])) from unfit
    except OfficeError as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{number}: {told.before[:12]} → {told.after[:12]} (version {to})")
    for one in told.open:
        click.echo(f"  {one.was} → {one.name}")
        for sign, keys in (("-", one.gone), ("+", one.new)):
            click.echo("".join(f"    {sign} {key}\n" for key in keys), nl=False)
    if reason:
        db.session.commit()
    else:
        db.session.rollback()
        click.echo("tried, nothing changed; --reason TEXT to do it")


def _post_of(login: str, may: Rule) -> people.Post:
    """The post in which this account may do it."""
    user = people.by_login(login)
    by = next((p for p in people.in_force(user, clock.today()) if may(p)), None) if user else None
    if by is None:
        raise click.ClickException(f"{login}: {may.says}")
    return by


archive_commands = AppGroup("archive", help="Packages of closed cases for the archive.")
bp.cli.add_command(archive_commands)


@archive_commands.command("case")
@click.argument("number")
@click.option("--by", "login", required=True, help="Account of the archivist or the head of the bureau.")
@click.option("--to", "target", type=click.Path(path_type=Path), help="Where the package is copied to.")
def archive_case(number: str, login: str, target: Path | None) -> None:
    """Export a closed case as a package, checked, in the name of the archivist."""
    by = _post_of(login, packages.export)
    try:
        ordered = archiving.order(lists.find(number, by=by), by=by, now=clock.now(), later=False)
    except OfficeError as refused:
        raise click.ClickException(str(refused)) from refused
    db.session.commit()
    worker.archive(ordered.id, clock.now())
    if ordered.state != packages.READY:
        raise click.ClickException((ordered.fault or {}).get("zh", str(ordered.state_name)))
    kept = db.session.get_one(files.File, ordered.file_id)
    place = target or Path(f"{number}.zip")
    archiving.fetch(ordered, by=by, now=clock.now())
    db.session.commit()
    shutil.copyfile(files.path(kept), place)
    click.echo(f"{place}: {kept.size} bytes, sha256 {ordered.sha256}, contents {ordered.content}")
    for lack in ordered.lacks or ():
        click.echo(f"without PDF/A: {lack}")


journal_commands = AppGroup("journal", help="The record of every case.")
bp.cli.add_command(journal_commands)


@journal_commands.command("verify")
def verify() -> None:
    """Check the chain of every case; exit 1 when anything was changed."""
    _verify()


def _verify() -> None:
    columns = (cases.Case.id, cases.Case.number, cases.Case.journal_seq, cases.Case.journal_head)
    rows = list(db.session.execute(sa.select(*columns)))
    heads = {row.id: (row.journal_seq, row.journal_head) for row in rows}
    faults = [*journal.verify(heads), *proof.altered(heads)]
    for fault in faults:
        click.echo(proof.told(fault))
    click.echo(
        f"{sum(length for length, _head in heads.values())} entries of {len(heads)} cases: "
        f"{'no fault' if not faults else f'{len(faults)} faults'}"
    )
    newest, broken = checkpoints.newest(), list(checkpoints.verify({row.id: row.number for row in rows}))
    for each in broken:
        click.echo(f"checkpoint {each.number}: {each.says}")
    if newest:
        click.echo(f"checkpoint {newest.number} over {newest.cases} cases, {newest.root}")
    if faults or broken:
        sys.exit(1)


procedure_commands = AppGroup("procedures", help="The folders in workflows/.")
bp.cli.add_command(procedure_commands)


@procedure_commands.command("check")
def check_procedures() -> None:
    """Open every folder and say what would not run."""
    bad, opened = 0, {}
    for key, folder in procedures.folders(*workflow_roots()).items():
        try:
            opened[key] = procedures.open_files(key, procedures.read_folder(folder))
            found = list(procedures.slips.of(opened[key], profiles.book().keys))
            bad += len(found)
            remarks = (*procedures.slips.untranslated(opened[key]), *procedures.slips.unplayed(key, folder))
            click.echo("\n".join([*(found or [f"{key}: ok"]), *remarks]))
        except procedures.BadFolder as error:
            bad += 1
            click.echo(str(error))
    for sentence in procedures.loose(opened):
        bad += 1
        click.echo(sentence)
    sys.exit(1 if bad else 0)


@procedure_commands.command("install")
def install_procedures() -> None:
    """Freeze what the folders say now; cases that run keep the version they began with."""
    for key, folder in procedures.folders(*workflow_roots()).items():
        click.echo(f"{key}: version {procedures.install(key, folder, clock.now())}")
    db.session.commit()

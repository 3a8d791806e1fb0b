"""The record cannot be changed unnoticed: not by the office, not by whoever keeps its database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from acting import faults, opened, played, post, stamp
from flask import Flask

from casework import backups, cases, journal, offline_verify
from casework.db import db
from casework.journal import Entry

SCRIPT = Path(offline_verify.__file__)


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """A finished case: opened, submitted, tabled, four stamps, paper, letter, notice, the end."""
    return played("acceptance/all_confirmed", keys, after=4)


def entries(case_id: int) -> list[Entry]:
    return list(reversed(journal.of(case_id)))


def change(case_id: int, seq: int, /, **values: Any) -> None:
    at = sa.and_(Entry.case_id == case_id, Entry.seq == seq)
    db.session.execute(sa.update(Entry).where(at).values(values))


def edit_detail(case_id: int) -> None:
    entry = entries(case_id)[3]
    text = entry.detail.replace('"confirm"', '"refuse"')
    assert text != entry.detail
    change(case_id, entry.seq, detail=text)


def edit_who(case_id: int) -> None:
    change(case_id, 4, who="别的单位 别人（负责人）")


def edit_at(case_id: int) -> None:
    change(case_id, 4, at=entries(case_id)[0].at)


def edit_what(case_id: int) -> None:
    change(case_id, 4, what="recorded")


def edit_and_hash_again(case_id: int) -> None:
    """Whoever knows the recipe hashes the changed entry anew: the next one does not follow any more."""
    entry = entries(case_id)[3]
    stamp = entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    named = (entry.version, case_id, entry.seq, stamp, entry.what, entry.element, entry.post_id)
    change(case_id, entry.seq, who="别人", hash=journal.digest(*named, "别人", entry.detail, entry.previous))


def edit_post(case_id: int) -> None:
    change(case_id, 4, post_id=post("dev6").id)


def edit_post_and_call_it_old(case_id: int) -> None:
    """The old form does not cover the post: an entry cannot pass for an older one than those before it."""
    entry = entries(case_id)[-1]
    stamp = entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    old = (case_id, entry.seq, stamp, entry.what, entry.element, entry.who, entry.detail, entry.previous)
    found = journal.digest(*old)
    change(case_id, entry.seq, post_id=post("dev6").id, version=1, hash=found)
    db.session.execute(sa.update(cases.Case).where(cases.Case.id == case_id).values(journal_head=found))


def edit_version(case_id: int) -> None:
    change(case_id, 4, version=3)


def remove_one(case_id: int) -> None:
    db.session.execute(sa.delete(Entry).where(Entry.case_id == case_id, Entry.seq == 4))


def remove_and_close_up(case_id: int) -> None:
    remove_one(case_id)
    for seq in range(5, len(entries(case_id)) + 2):
        change(case_id, seq, seq=seq - 1)


def swap(case_id: int) -> None:
    for now, then in ((4, 999), (5, 4), (999, 5)):
        change(case_id, now, seq=then)


def insert(case_id: int) -> None:
    last = entries(case_id)[-1]
    row = {c.name: getattr(last, c.key) for c in Entry.__table__.columns}
    db.session.execute(sa.insert(Entry).values({**row, "seq": last.seq + 1, "previous": last.hash}))


def append_a_right_one(case_id: int) -> None:
    """A well-hashed entry that no act of the case wrote."""
    last = entries(case_id)[-1]
    stamp = last.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    seq, text = last.seq + 1, "{}"
    found = journal.digest(2, case_id, seq, stamp, "recorded", "", None, "", text, last.hash)
    row = {
        "version": 2,
        "case_id": case_id,
        "seq": seq,
        "at": last.at,
        "what": "recorded",
        "element": "",
        "who": "",
    }
    db.session.execute(sa.insert(Entry).values(**row, detail=text, previous=last.hash, hash=found))


def cut_the_tail(case_id: int) -> None:
    db.session.execute(sa.delete(Entry).where(Entry.case_id == case_id, Entry.seq > 6))


def cut_everything(case_id: int) -> None:
    db.session.execute(sa.delete(Entry).where(Entry.case_id == case_id))


def change_the_head(case_id: int) -> None:
    db.session.execute(sa.update(cases.Case).where(cases.Case.id == case_id).values(journal_head="f" * 64))


TAMPERINGS = [
    edit_detail,
    edit_who,
    edit_at,
    edit_what,
    edit_and_hash_again,
    edit_post,
    edit_post_and_call_it_old,
    edit_version,
    remove_one,
    remove_and_close_up,
    swap,
    insert,
    append_a_right_one,
    cut_the_tail,
    cut_everything,
    change_the_head,
]


def offline(*files: Path) -> subprocess.CompletedProcess[str]:
    """The script alone: no site packages, nothing of ours on the path."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *map(str, files)],
        capture_output=True,
        text=True,
        cwd="/",
        timeout=60,
        check=False,
    )


def exported(place: Path) -> Path:
    """Entries and remembered ends as lines of JSON, the way a backup writes them."""
    target = place / "journal.jsonl"
    tables = (backups._raw(Entry.__table__), backups._raw(cases.Case.__table__))
    with target.open("w", encoding="utf-8") as out:
        for table in tables:
            for row in db.session.execute(table).mappings():
                out.write(json.dumps(dict(row), ensure_ascii=False) + "\n")
    return target


def test_every_tampering_is_noticed_here_and_offline(case: cases.Case, tmp_path: Path) -> None:
    clean = offline(exported(tmp_path))
    assert (clean.returncode, clean.stderr) == (0, "")
    assert clean.stdout == f"{case.journal_seq} entries of 1 cases: no fault\n"
    case_id = case.id
    db.session.rollback()
    for tamper in TAMPERINGS:
        tamper(case_id)
        db.session.flush()
        db.session.expire_all()
        assert faults(), tamper.__name__
        assert offline_verify.main([str(exported(tmp_path))]) == 1, tamper.__name__
        db.session.rollback()
        assert faults() == [], f"after {tamper.__name__}"


@pytest.mark.parametrize("tamper", [edit_who, cut_the_tail, swap], ids=lambda t: t.__name__)
def test_the_script_alone_names_the_place(
    case: cases.Case, tmp_path: Path, tamper: Callable[[int], None]
) -> None:
    tamper(case.id)
    db.session.flush()
    found = offline(exported(tmp_path))
    assert found.returncode == 1
    assert f"case {case.id}, entry " in found.stdout
    assert found.stdout.splitlines()[:-1] == [
        f"case {f.partition('/')[0]}, entry {f.partition('/')[2]}" for f in faults()
    ]
    db.session.rollback()


def test_the_script_hashes_what_the_office_hashes(case: cases.Case, tmp_path: Path) -> None:
    """Also over Chinese, quotes, line breaks and signs beyond the first plane."""
    journal.write(
        case,
        "recorded",
        at=case.opened_at,
        detail={"说": '他说："好"\n\t\u2028𠮷 😀 \\'},
        who="某 某（负责人）",
    )
    db.session.flush()
    found = offline_verify.Found()
    offline_verify.read(exported(tmp_path), found)
    assert [offline_verify.digest(row) for row in found.entries] == [e.hash for e in entries(case.id)]
    assert found.heads == {case.id: (case.journal_seq, case.journal_head)}
    db.session.rollback()


def test_the_script_reads_an_sqlite_database_and_a_backup(
    case: cases.Case, district: Flask, tmp_path: Path
) -> None:
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        file = Path(str(db.engine.url.database))
        assert offline(file).stdout == f"{case.journal_seq} entries of 1 cases: no fault\n"
    archive = tmp_path / "backup.zip"
    backups.write(archive)
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", str(archive), str(tmp_path / "out")], check=True, timeout=60
    )
    tables = tmp_path / "out" / "tables"
    whole = offline(tables / "journal.jsonl", tables / "case.jsonl")
    assert (whole.returncode, whole.stdout) == (0, f"{case.journal_seq} entries of 1 cases: no fault\n")
    alone = offline(tables / "journal.jsonl")
    assert alone.returncode == 0
    assert "1 of them without a remembered end" in alone.stdout


def test_a_record_that_began_in_the_old_form_goes_on_in_the_new_one(case: cases.Case, tmp_path: Path) -> None:
    """As it was before the post was covered: written again in the old form, it verifies; the new part does too."""
    previous, half = journal.GENESIS, case.journal_seq // 2
    for entry in entries(case.id):
        stamp = entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        said = (entry.what, entry.element, entry.who, entry.detail, previous)
        if entry.seq <= half:
            version, found = 1, journal.digest(case.id, entry.seq, stamp, *said)
        else:
            version, named = 2, (entry.what, entry.element, entry.post_id, entry.who, entry.detail, previous)
            found = journal.digest(2, case.id, entry.seq, stamp, *named)
        change(case.id, entry.seq, version=version, previous=previous, hash=found)
        previous = found
    case.journal_head = previous
    db.session.flush()
    db.session.expire_all()
    assert faults() == []
    found = offline(exported(tmp_path))
    assert (found.returncode, found.stdout) == (0, f"{case.journal_seq} entries of 1 cases: no fault\n")
    old = (tmp_path / "journal.jsonl").read_text("utf-8").replace('"version": 1, ', "")
    (tmp_path / "older.jsonl").write_text(old, "utf-8")  # a backup made before there were versions
    assert offline(tmp_path / "older.jsonl").returncode == 0
    db.session.rollback()


def test_many_cases_are_checked_and_only_the_changed_one_is_named(case: cases.Case) -> None:
    others = [opened(case) for _ in range(5)]
    for other in others[:3]:
        stamp(other.id, "exa1")
    db.session.commit()
    assert faults() == []
    change(others[2].id, 2, who=post("dev6").user.name)
    db.session.flush()
    assert faults() == [f"{others[2].id}/2: changed after it was written"]
    db.session.rollback()


def test_the_script_needs_a_file(tmp_path: Path) -> None:
    assert offline().returncode == 1
    assert offline(tmp_path / "nothing.jsonl").returncode == 1

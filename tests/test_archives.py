"""The archive package of a closed case: whole, checked, the same each time, verified without the product."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, faults, played, post, told
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from openpyxl import load_workbook

from casework import archive_verify, cases, clock, files, letters, outbox, packages, papers, people, worker
from casework.cases import archiving, proof
from casework.db import db
from casework.errors import NotYet, Refused
from casework.papers import pdf, printing

LATER = clock.at_local(date(2026, 4, 20), 10)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without LibreOffice."""
    monkeypatch.setattr(pdf, "PROGRAMS", ("no-such-office",))


def ended(name: str, keys: Mapping[str, int]) -> cases.Case:
    case = played(name, keys, after=99)
    assert case.status == "ended"
    return case


def export(case: cases.Case, login: str = "archivist") -> packages.Package:
    with clock.at(LATER):
        worker.work(LATER)  # Word files and letters of the case
        ordered = archiving.order(db.session.get_one(cases.Case, case.id), by=post(login), now=LATER)
        db.session.commit()
        worker.work(LATER)
        return db.session.get_one(packages.Package, ordered.id)


def kept(package: packages.Package) -> Path:
    return files.path(db.session.get_one(files.File, package.file_id))


def alone(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The verifier as a stranger runs it: no path to this program, no installed packages."""
    command = [sys.executable, "-I", "-S", *map(str, words)]
    return subprocess.run(
        command, cwd="/", capture_output=True, text=True, encoding="utf-8", timeout=60, env={}, check=False
    )


def read(package: Path, name: str) -> Any:
    with zipfile.ZipFile(package) as archive:
        return json.loads(archive.read(name))


def test_a_closed_case_is_verified_on_a_machine_without_the_product(
    district: Flask, keys: Mapping[str, int], tmp_path: Path, bare: None
) -> None:
    case = ended("exemption/small_approved", keys)
    made = export(case)
    assert (made.state, made.fault) == ("ready", None)
    with zipfile.ZipFile(kept(made)) as archive:
        archive.extractall(tmp_path / "unpacked")
        names = set(archive.namelist())
    assert {
        "case.json",
        "metadata.xml",
        "record/journal.jsonl",
        "procedure/process.bpmn",
        "README.txt",
    } <= names
    assert {"papers/01-D15/paper.docx", "papers/02-D17/paper.docx", "procedure/drawing.zh.svg"} <= names
    answer = alone(tmp_path / "unpacked" / "verify.py")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.count("√") == 6
    signed = read(kept(made), "record/checkpoint.json")["checkpoint"]
    assert signed["key"] in answer.stdout
    assert made.content in answer.stdout
    assert alone(archive_verify.__file__, kept(made), "--key", signed["key"]).returncode == 0
    assert alone(archive_verify.__file__, kept(made), "--key", "00" * 32).returncode == 1
    assert alone(archive_verify.__file__, Path(__file__)).returncode == 1
    _told_twice_the_same(tmp_path / "unpacked", case)


def _told_twice_the_same(folder: Path, case: cases.Case) -> None:
    about = json.loads((folder / "case.json").read_text("utf-8"))
    assert about["number"] == case.number
    assert about["retention"] == {"class": "30年", "destroy_after": "2057-01-01"}
    assert about["parties"][0]["name"]
    xml = (folder / "metadata.xml").read_text("utf-8")
    assert f"<number>{case.number}</number>" in xml
    assert "<destroy_after>2057-01-01</destroy_after>" in xml
    answers = json.loads((folder / "answers.json").read_text("utf-8"))["steps"]
    assert [step["element"] for step in answers][:2] == ["start", "receive"]
    assert answers[0]["answers"]["contact"] == "联系人甲", "the archive is whole"
    fee = next(one for one in answers[0]["attachments"] if one["key"] == "file_fee")
    assert hashlib.sha256((folder / fee["path"]).read_bytes()).hexdigest() == fee["sha256"]


def test_a_second_export_has_the_same_contents_and_both_stand_in_the_record(
    district: Flask, keys: Mapping[str, int], bare: None
) -> None:
    case = ended("acceptance/all_confirmed", keys)
    first, second = export(case), export(case, "head1")
    assert first.content == second.content != ""
    assert first.sha256 != second.sha256
    assert read(kept(first), "export.json")["exported_by"].endswith("（归档员）")
    assert read(kept(second), "export.json")["exported_by"].endswith("（负责人）")
    entries = told(case.id, "archived")
    assert [entry.facts["sha256"] for entry in reversed(entries)] == [first.sha256, second.sha256]
    assert faults() == []
    assert read(kept(second), "stamps.json")["items"][0]["stamps"][0]["person"]
    assert first.destroy_after is None
    assert first.lacks == ["papers/01-D23"], "no LibreOffice here: the package says what it has not"


# ------------------------------------------------------------------------------------------------ tampering


@dataclass
class Opened:
    """A package taken apart, to be put together otherwise."""

    parts: dict[str, bytes]

    def json(self, name: str, change: Callable[[Any], None]) -> None:
        value = json.loads(self.parts[name])
        change(value)
        self.parts[name] = json.dumps(value, ensure_ascii=False).encode()

    def lines(self, change: Callable[[list[Any]], None]) -> None:
        rows = [json.loads(line) for line in self.parts["record/journal.jsonl"].decode().split("\n") if line]
        change(rows)
        self.parts["record/journal.jsonl"] = "".join(
            json.dumps(r, ensure_ascii=False) + "\n" for r in rows
        ).encode()

    def written(self, target: Path, *, forged: bool) -> Path:
        """`forged`: with a manifest that fits again, as somebody who knows the format would make it."""
        if forged:
            inside = {n: d for n, d in self.parts.items() if n not in archive_verify.ABOUT_THE_EXPORT}
            lines = archive_verify.listing((n, hashlib.sha256(d).hexdigest()) for n, d in inside.items())
            self.parts["contents.txt"] = lines
            listed = [
                {"path": n, "sha256": hashlib.sha256(d).hexdigest(), "size": len(d)}
                for n, d in self.parts.items()
                if n != "manifest.json"
            ]
            manifest = {
                "form": archive_verify.FORM,
                "case": json.loads(self.parts["manifest.json"])["case"],
                "content": hashlib.sha256(lines).hexdigest(),
                "files": listed,
            }
            self.parts["manifest.json"] = json.dumps(manifest).encode()
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in self.parts.items():
                archive.writestr(name, data)
        return target


def _rehash(rows: list[Any]) -> None:
    """A record written anew, with hashes that fit."""
    previous = "0" * 64
    for row in rows:
        row["previous"] = previous
        row["hash"] = previous = archive_verify.digest(row)


def _rewritten(one: Opened) -> None:
    def change(rows: list[Any]) -> None:
        rows[1]["detail"] = rows[1]["detail"].replace("联系人甲", "联系人乙")
        _rehash(rows)

    one.lines(change)
    head = json.loads(one.parts["record/journal.jsonl"].decode().split("\n")[-2])["hash"]
    one.json("case.json", lambda case: case["record"].update(head=head))
    one.json("answers.json", lambda said: said["steps"][0]["answers"].update(contact="联系人乙"))


def _resigned(one: Opened, key: Ed25519PrivateKey | None = None) -> None:
    """By somebody with another key: the signature holds, the key is not the bureau's."""
    key = key or Ed25519PrivateKey.generate()

    def change(proof: Any) -> None:
        at = proof["checkpoint"]
        text = "\n".join(
            (
                "tendover checkpoint 1",
                *(str(at[k]) for k in ("number", "at", "cases", "root", "previous")),
                "",
            )
        )
        at["key"], at["signature"] = key.public_key().public_bytes_raw().hex(), key.sign(text.encode()).hex()

    one.json("record/checkpoint.json", change)


def _sealed_anew(one: Opened, key: Ed25519PrivateKey) -> None:
    """A package changed, all its lists written anew, and signed with another key than the bureau's."""
    name = json.loads(one.parts["case.json"])["number"]
    inside = {n: d for n, d in one.parts.items() if n not in archive_verify.ABOUT_THE_EXPORT}
    lines = archive_verify.listing((n, hashlib.sha256(d).hexdigest()) for n, d in inside.items())
    text = archive_verify.signed_text(name, hashlib.sha256(lines).hexdigest())
    signed = {"key": key.public_key().public_bytes_raw().hex(), "signature": key.sign(text).hex()}
    one.parts["signature.json"] = json.dumps(signed).encode()


def _reworded(one: Opened) -> None:
    """What stands in a Word file is another text; its fingerprint stays."""
    name, made = "papers/01-D15/paper.docx", io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(one.parts[name])) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(
                part,
                data.replace("受理".encode(), "退回".encode()) if part.endswith("document.xml") else data,
            )
    assert made.getvalue() != one.parts[name]
    one.parts[name] = made.getvalue()


def _word(one: Opened) -> None:
    one.parts["papers/01-D15/paper.docx"] = one.parts["papers/02-D17/paper.docx"]


def _scribbled(one: Opened) -> None:
    name = next(name for name in one.parts if name.startswith("attachments/"))
    data = one.parts[name][:-1] + b"~"
    one.parts[name] = data
    digest = hashlib.sha256(data).hexdigest()
    one.json("answers.json", lambda said: said["steps"][0]["attachments"][0].update(sha256=digest))


TAMPERED: dict[str, tuple[str, Callable[[Opened], None]]] = {
    "an entry changed": ("record", lambda one: one.lines(lambda rows: rows[2].update(who="某人"))),
    "an entry taken out": ("record", lambda one: one.lines(lambda rows: rows.pop(3))),
    "the end cut off": ("record", lambda one: one.lines(lambda rows: rows.pop())),
    "a record written anew": ("checkpoint", _rewritten),
    "another root": ("checkpoint", lambda one: one.json("record/checkpoint.json", lambda p: p["checkpoint"].update(root="0" * 64))),
    "another moment": ("checkpoint", lambda one: one.json("record/checkpoint.json", lambda p: p["checkpoint"].update(at="2020-01-01T00:00:00.000000Z"))),
    "another path": ("checkpoint", lambda one: one.json("record/checkpoint.json", lambda p: p.update(path=[["left", "0" * 64]]))),
    "another key": ("checkpoint", _resigned),
    "another answer": ("answers", lambda one: one.json("answers.json", lambda a: a["steps"][0]["answers"].update(contact="某人"))),
    "a step taken out": ("answers", lambda one: one.json("answers.json", lambda a: a["steps"].pop(1))),
    "another attachment of the same length": ("answers", _scribbled),
    "an attachment taken out": ("answers", lambda one: one.json("answers.json", lambda a: a["steps"][0]["attachments"].pop())),
    "what a paper says": ("papers", lambda one: one.json("papers.json", lambda p: p["papers"][0].update(data=p["papers"][0]["data"].replace("柳岸", "柳巷")))),
    "a paper taken out": ("papers", lambda one: one.json("papers.json", lambda p: p["papers"].pop())),
    "another Word file": ("papers", _word),
    "the text of a Word file, its fingerprint kept": ("signature", _reworded),
    "a notice": ("signature", lambda one: one.json("notices.json", lambda n: n.update(notices=[]))),
    "the drawing": ("signature", lambda one: one.parts.update({"procedure/drawing.zh.svg": b"<svg/>"})),
    "a file added": ("signature", lambda one: one.parts.update({"attachments/more.pdf": b"%PDF"})),
    "a file dropped": ("signature", lambda one: one.parts.pop("letters.json")),
    "another case named": ("signature", lambda one: one.json("manifest.json", lambda m: m.update(case="XP-2026-9999"))),
    "signed by somebody else": ("signature", lambda one: _sealed_anew(one, Ed25519PrivateKey.generate())),
    "no signature": ("signature", lambda one: one.parts.pop("signature.json")),
    "a name that differs by a capital": ("files", lambda one: one.parts.update({"Case.json": b"{}"})),
    "a file not JSON": ("answers", lambda one: one.parts.update({"answers.json": b"{"})),
}  # fmt: skip


def test_whatever_is_changed_in_a_package_is_found(
    district: Flask, keys: Mapping[str, int], tmp_path: Path, bare: None
) -> None:
    made = export(ended("exemption/small_approved", keys))
    with zipfile.ZipFile(kept(made)) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    bureau = read(kept(made), "record/checkpoint.json")["checkpoint"]["key"]
    for name, data in whole.items():  # any byte of any file, without knowing the format
        if not name.startswith("procedure/"):
            changed = Opened({**whole, name: data[:-1] + bytes([data[-1] ^ 1])})
            place = changed.written(tmp_path / "changed.zip", forged=False)
            assert archive_verify.check(place)["files"], name
    assert archive_verify.check(
        Opened({**whole, "more.txt": b"x"}).written(tmp_path / "more.zip", forged=False)
    )["files"]
    gone = dict(whole)
    del gone[next(name for name in whole if name.startswith("attachments/"))]
    assert (
        "missing"
        in archive_verify.check(Opened(gone).written(tmp_path / "gone.zip", forged=False))["files"][0]
    )
    for name, (kind, change) in TAMPERED.items():  # by somebody who writes a manifest that fits
        one = Opened(dict(whole))
        change(one)
        found = archive_verify.check(one.written(tmp_path / "forged.zip", forged=True), key=bureau)
        assert kind == "files" or found["files"] == [], name
        assert found[kind], name
        assert found["signature"], "whatever was changed, all of it is no longer what was signed"
    same = Opened(dict(whole)).written(tmp_path / "same.zip", forged=True)
    assert not any(archive_verify.check(same).values())
    _forged_with_a_key_of_his_own(whole, bureau, tmp_path / "own.zip")


def _forged_with_a_key_of_his_own(whole: Mapping[str, bytes], bureau: str, place: Path) -> None:
    """Somebody who signs everything himself is found by whoever compares the key, and the verifier asks for it."""
    one, key = Opened(dict(whole)), Ed25519PrivateKey.generate()
    _reworded(one)
    _resigned(one, key)
    _sealed_anew(one, key)
    one.written(place, forged=True)
    blind, told = (
        alone(archive_verify.__file__, place),
        alone(archive_verify.__file__, place, "--key", bureau),
    )
    assert (blind.returncode, told.returncode) == (0, 1)
    assert "！没有核对公钥" in blind.stdout
    assert told.stdout.count("×") == 2
    assert "！" not in alone(archive_verify.__file__, place, "--key", bureau.upper()).stdout
    assert alone(archive_verify.__file__, place, "--key").returncode == 1, "a key that was forgotten"


# ------------------------------------------------------------------------------------------------- refusals


def test_what_cannot_be_whole_is_not_exported(district: Flask, keys: Mapping[str, int], bare: None) -> None:
    case = ended("exemption/small_approved", keys)
    with clock.at(LATER):
        worker.work(LATER)
    first = db.session.scalars(
        sa.select(cases.Step).where(cases.Step.case_id == case.id, cases.Step.token == "start")
    ).one()
    fee = db.session.get_one(files.File, int(first.answers["file_fee"][0]["id"]))
    lost = files.path(fee)
    assert list(proof.altered([case.id])) == []
    fee.sha256 = "0" * 64  # somebody lays another file in its place
    assert [fault.says for fault in proof.altered([case.id])] == [
        f"attachment {fee.id} {fee.name} is not the one that was signed"
    ]
    db.session.rollback()
    paper = papers.of(case.id)[0]
    said = f"paper {paper.code} {paper.number} does not say what was issued"
    for change, fault in (
        (f"paper SET data = replace(data, '柳岸', '柳堤') WHERE id = {paper.id}", said),
        (f"paper SET number = '云房物〔2026〕99号' WHERE id = {paper.id}", said),
        (f"step SET answers = substr(answers, 2) WHERE id = {first.id}", "they cannot be read"),
    ):
        db.session.execute(sa.text(f"UPDATE {change}"))  # past the program, as a hand in the database
        db.session.expire_all()
        assert [one.says.endswith(fault) for one in proof.altered([case.id])] == [True], change
        db.session.rollback()
    aside = lost.with_name("aside")
    lost.rename(aside)
    made = export(case)
    assert made.state == "refused"
    assert ".pdf”缺失或已损坏" in made.fault["zh"]
    assert "missing or damaged" in made.fault["en"]
    assert (made.file_id, told(case.id, "archived")) == (None, [])
    lost.write_bytes(b"x" * aside.stat().st_size)  # the same length, other bytes
    assert export(case).state == "refused"
    lost.unlink()
    aside.rename(lost)
    assert export(case).state == "ready"


def test_only_a_closed_case_without_secrets_and_only_by_the_archivist_or_the_head(
    district: Flask, keys: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = played("acceptance/all_confirmed", keys, after=2)
    for login in ("win1", "exa1", "dev1", "aud1"):
        with pytest.raises(Refused, match="归档员"):
            archiving.order(case, by=post(login), now=LATER)
    with pytest.raises(NotYet, match="尚未办结"):
        archiving.order(case, by=post("archivist"), now=LATER)
    step = next(iter(cases.lists.open_steps(case.id)))
    client = browser(district, "archivist")
    for address, status in (
        *((f"/case/{case.number}", 200), ("/archives", 200), ("/violations", 200)),
        *(("/accounts/", 403), ("/projects/add", 403), (f"/step/{step.id}", 404)),
    ):
        answer = elsewhere(lambda address=address: client.get(address))
        assert answer.status_code == status, address
    over = ended("exemption/not_accepted", keys)
    monkeypatch.setattr(
        archiving.privacy, "_property", lambda _s, name: "=1 = 2" if name == "secret_until" else ""
    )
    with pytest.raises(NotYet, match="仍须保密"):
        archiving.order(over, by=post("archivist"), now=LATER)


def test_bids_that_were_never_opened_leave_nothing_but_a_hash(
    district: Flask, keys: Mapping[str, int], bare: None
) -> None:
    case = ended("tender/too_few", keys)
    made = export(case)
    assert made.state == "ready", made.fault
    told_ = read(kept(made), "bids/bids.json")
    assert set(told_) == {"status", "closes_at", "root"}
    with zipfile.ZipFile(kept(made)) as archive:
        assert [name for name in archive.namelist() if name.startswith("bids/")] == ["bids/bids.json"]


# ------------------------------------------------------------------------------------- pages and commands


def test_the_archivist_orders_on_the_page_the_worker_makes_it_and_it_is_downloaded(
    district: Flask, keys: Mapping[str, int], bare: None, tmp_path: Path
) -> None:
    case = ended("exemption/small_approved", keys)
    worker.work()
    client = browser(district, "archivist")
    register = elsewhere(lambda: client.get("/archives")).text
    assert case.number in register
    address = f"/case/{case.number}"
    page = elsewhere(lambda: client.get(address)).text
    assert "导出归档包" in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    data = {"csrf_token": token[1] if token else ""}
    assert elsewhere(lambda: client.post(f"{address}/archive", data=data)).status_code == 302
    assert elsewhere(lambda: client.post(f"{address}/archive", data=data)).status_code == 302
    (ordered,) = packages.of(case.id)
    assert ordered.state == "ordered", "pressed twice, ordered once"
    worker.work()
    db.session.expire_all()
    (ordered,) = packages.of(case.id)
    file = f"/archives/{ordered.id}.zip"
    assert elsewhere(lambda: client.get(file)).status_code == 405, "a link would leave no trace"
    answer = elsewhere(lambda: client.post(file, data=data))
    got = answer.get_data()
    answer.close()
    (taken,) = told(case.id, "fetched")
    assert (taken.who.endswith("（归档员）"), taken.facts["sha256"]) == (True, ordered.sha256)
    assert faults() == []
    assert hashlib.sha256(got).hexdigest() == ordered.sha256
    register = elsewhere(lambda: client.get("/archives")).text
    assert "2057年1月1日以前不得销毁" in register
    assert "30年" in register
    assert "下载 1 次" in register
    auditor = browser(district, "aud1")
    audited = elsewhere(lambda: auditor.get(address)).text
    assert "下载归档包" in audited, "an auditor sees who took it out"
    assert 'href="/apply/"' not in audited, "an auditor begins nothing"
    assert export(case).content == ordered.content, "what the archive writes is no part of the case"
    (tmp_path / "got.zip").write_bytes(got)
    assert alone(archive_verify.__file__, tmp_path / "got.zip").returncode == 0


def test_the_command_exports_and_says_the_hashes(
    district: Flask, keys: Mapping[str, int], tmp_path: Path, bare: None
) -> None:
    case = ended("acceptance/all_confirmed", keys)
    target = tmp_path / "case.zip"
    with clock.at(LATER):
        worker.work(LATER)
        run = district.test_cli_runner()
        refused = run.invoke(args=["archive", "case", case.number, "--by", "exa1"])
        assert refused.exit_code == 1
        assert "归档员" in refused.output
        said = run.invoke(args=["archive", "case", case.number, "--by", "archivist", "--to", str(target)])
    assert said.exit_code == 0, said.output
    assert hashlib.sha256(target.read_bytes()).hexdigest() in said.output
    assert "without PDF/A: papers/01-D23" in said.output


def test_what_was_kept_long_enough_is_appraised_by_two_and_destroyed_by_nobody(
    district: Flask, keys: Mapping[str, int], bare: None
) -> None:
    case = ended("exemption/not_accepted", keys)
    address, number, case_id = f"/case/{case.number}/appraisal", case.number, case.id
    archivist, head, examiner = (browser(district, login) for login in ("archivist", "head1", "exa1"))

    def page(of: str = "over") -> str:
        return str(elsewhere(lambda: archivist.get(f"/archives/retention?of={of}")).text)

    def send(client: Any, way: str, **given: str) -> Any:
        return elsewhere(lambda: client.post(way, data=given))

    def over(year: int) -> None:
        at = clock.at_local(date(year, 5, 1))
        db.session.execute(sa.update(cases.Case).where(cases.Case.id == case_id).values(ended_at=at))
        db.session.commit()

    this = clock.today().year
    over(this - 30)  # of thirty years, from the first of January after it
    assert (number in page(), number in page("soon"), number in page("all")) == (False, True, True)
    refused = send(archivist, address, opinion="destroy", reason="已满")
    assert (refused.status_code, "保管期限未满" in refused.text) == (422, True)
    over(this - 31)
    before = export(case)
    assert number in page()
    for given, says in (
        ({}, "请选择鉴定意见"),
        ({"opinion": "destroy"}, "请写明鉴定理由"),
        ({"opinion": "keep", "reason": "仍有诉讼", "until": "2020-05-01"}, "今天以后的日期"),
        ({"opinion": "keep", "reason": "仍有诉讼", "until": "来年"}, "不是有效日期"),
    ):
        answer = send(archivist, address, **given)
        assert (answer.status_code, says in answer.text) == (422, True), says
    assert "仍有诉讼" in answer.text, "what was typed is kept"
    assert send(head, address, opinion="destroy", reason="已满").status_code == 403
    assert send(archivist, address, opinion="destroy", reason="=已满，无查考价值").status_code == 302
    assert send(archivist, address, opinion="destroy", reason="再次").status_code == 409
    assert "由负责人决定" in page()
    for client in (archivist, examiner):
        assert send(client, "/archives/appraisal/1", agreed="1").status_code == 403
    assert send(head, "/archives/appraisal/1", agreed="1").status_code == 302
    assert send(head, "/archives/appraisal/1", agreed="0").status_code == 409
    book = load_workbook(io.BytesIO(elsewhere(lambda: archivist.get("/archives/destroy.xlsx")).data))
    assert [book.active["A2"].value, book.active["F2"].value] == [number, "=已满，无查考价值"]
    assert book.active["F2"].data_type == "s"
    (entry,) = told(case_id, "appraised")
    assert (entry.facts["opinion"], entry.facts["agreed"], faults()) == ("destroy", True, [])
    sent = sa.select(people.User.login).join(letters.Letter).where(letters.Letter.body.contains("可以销毁"))
    assert set(db.session.scalars(sent)) >= {"archivist", "dev5"}
    assert "head1" not in set(db.session.scalars(sent))
    assert db.session.get(cases.Case, case_id) is not None
    assert export(case).content == before.content, "what the archive writes is no part of the case"


@pytest.mark.once
def test_what_was_being_made_when_the_power_went_is_cleared_away(district: Flask) -> None:
    old, young = (files.workroom() / name for name in ("old.zip", "young.zip"))
    for each in (old, young):
        each.write_bytes(b"half")
    os.utime(old, (0, 0))
    worker.sweep()
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.once
def test_a_package_does_not_wait_for_the_heap_of_papers_and_survives_a_kill_in_the_middle(
    district: Flask, keys: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own Word files are made with it; each PDF/A is kept as it is made, and the next worker goes on."""
    case = ended("exemption/small_approved", keys)
    case_id, own = case.id, [paper.id for paper in papers.of(case.id)]
    assert len(own) == 2
    jobs = sa.update(outbox.Job).where(outbox.Job.kind == "paper")
    db.session.execute(jobs.values(due=LATER - timedelta(minutes=1)))
    archiving.order(case, by=post("archivist"), now=LATER)
    db.session.commit()
    made: list[str] = []

    def convert(_docx: bytes, *, lasting: bool = False) -> bytes:
        made.append("archive" if lasting else "paper")
        if made.count("archive") == 2 and made[-1] == "archive":
            raise KeyboardInterrupt  # the power goes: no word of it reaches the database
        return b"%PDF-1.7 " + str(len(made)).encode()

    write = printing.docx

    def written(wanted: printing.Order) -> bytes:
        assert not db.session().in_transaction(), "whoever writes must not wait for a Word file"
        return write(wanted)

    monkeypatch.setattr(pdf, "convert", convert)
    monkeypatch.setattr(printing, "docx", written)
    with pytest.raises(KeyboardInterrupt):
        worker.work(LATER)
    assert made[:4] == ["paper", "archive", "paper", "archive"]
    db.session.remove()
    worker.work(LATER + outbox.LEASE)
    assert (made.count("paper"), made.count("archive")) == (len(own), len(own) + 1), (
        "one alone was made again"
    )
    (package,) = packages.of(case_id)
    assert package.state == "ready"
    assert len(told(case_id, "archived")) == 1
    lasting = db.session.scalars(sa.select(packages.LastingPdf.paper_id)).all()
    assert sorted(lasting) == sorted(own)


def test_papers_are_kept_as_pdf_a(
    district: Flask, keys: Mapping[str, int], needs: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("soffice")
    case = ended("acceptance/all_confirmed", keys)
    (paper,) = papers.of(case.id)
    with monkeypatch.context() as bare, clock.at(LATER):  # one conversion is enough for this test
        bare.setattr(pdf, "PROGRAMS", ("no-such-office",))
        worker.work(LATER)
    made = export(case)
    assert (made.state, made.lacks) == ("ready", [])
    with zipfile.ZipFile(kept(made)) as archive:
        lasting = pypdf.PdfReader(io.BytesIO(archive.read("papers/01-D23/archive.pdf")))
    xmp = lasting.xmp_metadata.stream.get_data().decode()
    assert re.search(r"pdfaid:part\W+2\b", xmp)
    assert re.search(r"pdfaid:conformance\W+B\b", xmp)
    assert paper.number[:2] in lasting.pages[0].extract_text()

"""Backup and restore: the database first, the files second: no row without its file (trust.md 3.10)."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from casework import bids, clock, files
from casework.checkpoints import KEY_FILE
from casework.db import Base, db, reading
from casework.errors import NotYet
from casework.words import _

#: Rows written at once.
BATCH = 500
#: What archives made before migration 0040 have in the rows of cases, and tables of today keep apart.
FACTS = "facts"


def write(target: Path) -> int:
    """One archive with every table, every file and a manifest of SHA-256; returns how many files it holds."""
    manifest: dict[str, str] = {}
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        temporary = Path(part.name)
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            wanted = _tables(archive, manifest)
            for digest, path in sorted(wanted.items()):
                archive.write(path, f"files/{digest}", compress_type=zipfile.ZIP_STORED)
                manifest[f"files/{digest}"] = digest
            archive.writestr("key", str(current_app.config["SECRET_KEY"]))
            _keep_signing_key(archive, manifest)
            about = {"made_at": clock.now().isoformat(), "version": 1, "sha256": manifest}
            archive.writestr("manifest.json", json.dumps(about, indent=1, ensure_ascii=False))
        temporary.chmod(0o600)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return len(wanted)


def _keep_signing_key(archive: zipfile.ZipFile, manifest: dict[str, str]) -> None:
    """The key of the checkpoints, once there is one: the next ones must be signed with the same."""
    path = Path(current_app.instance_path) / KEY_FILE
    if path.is_file():
        archive.writestr(KEY_FILE, path.read_bytes())
        manifest[KEY_FILE] = hashlib.sha256(path.read_bytes()).hexdigest()


def _tables(archive: zipfile.ZipFile, manifest: dict[str, str]) -> dict[str, Path]:
    """Every table as lines of JSON, in one reading transaction; returns the files it names by digest."""
    wanted: dict[str, Path] = {}
    engine = db.engine
    if engine.dialect.name == "postgresql":  # one picture of all tables, as SQLite's transaction is anyway
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(), engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            whole = hashlib.sha256()
            with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
                for row in connection.execute(_raw(table)).mappings():
                    line = (
                        json.dumps({k: _plain(v) for k, v in row.items()}, ensure_ascii=False).encode()
                        + b"\n"
                    )
                    whole.update(line)
                    out.write(line)
                    wanted |= _named(table.name, row)
            manifest[f"tables/{table.name}.jsonl"] = whole.hexdigest()
    return wanted


def _named(table: str, row: sa.RowMapping) -> dict[str, Path]:
    """The file that a row names. A lost envelope of a bid is found at the deadline; it stops no backup."""
    digest = str(row.get("sha256", ""))
    if table == "file":
        return {digest: files.folder() / digest[:2] / digest[2:]}
    sealed = bids.vault.place(int(row["case_id"]), digest) if table == "sealed" else None
    return {digest: sealed} if sealed is not None and sealed.is_file() else {}


def _raw(table: sa.Table) -> sa.Select[Any]:
    """The columns as they are stored, without our types: what goes out comes back to the letter."""
    columns = [sa.type_coerce(c, _stored(c)).label(c.name) for c in table.columns]
    order = list(table.primary_key.columns) or list(table.columns)
    return sa.select(*columns).select_from(table).order_by(*order)


def _stored(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    kind = column.type
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return {type(value).__name__: str(value)}


def bring_back(source: Path, *, replace: bool = False) -> None:
    """Fill the tables and files from an archive; every part is checked against the manifest first."""
    with _opened(source) as archive:
        manifest = _intact(archive)
        with db.engine.begin() as connection:
            _empty(connection, replace=replace)
            for table in Base.metadata.sorted_tables:
                _fill(connection, table, archive)
            for name, digest in manifest.items():
                if name.startswith("files/"):
                    files.put_back(digest, archive.read(name))
        _put_key("secret.key", archive.read("key"))
        if KEY_FILE in manifest:
            _put_key(KEY_FILE, archive.read(KEY_FILE))


def _put_key(name: str, key: bytes) -> None:
    path = Path(current_app.instance_path) / name
    path.write_bytes(key)
    path.chmod(0o600)


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except zipfile.BadZipFile as error:
        raise _damaged(source.name) from error


def _damaged(name: str) -> NotYet:
    return NotYet(_("备份已损坏：%(name)s 与清单不符，未恢复任何内容。", name=name))


def _intact(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """The manifest of an archive in which every part is what the manifest says."""
    name = "manifest.json"
    try:
        manifest: dict[str, str] = json.loads(archive.read(name))["sha256"]
        for name, digest in manifest.items():
            whole = hashlib.sha256()
            with archive.open(name) as part:
                while block := part.read(1 << 20):
                    whole.update(block)
            if whole.hexdigest() != digest:
                raise _damaged(name)
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError) as error:
        raise _damaged(name) from error
    return manifest


def _empty(connection: sa.Connection, *, replace: bool) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        if replace:
            connection.execute(sa.delete(table))
        elif connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise NotYet(
                _("数据库不是空的（表 %(name)s），恢复会覆盖现有内容；确认后加 --yes。", name=table.name)
            )


def _fill(connection: sa.Connection, table: sa.Table, archive: zipfile.ZipFile) -> None:
    raw = sa.table(table.name, *[sa.column(c.name, _stored(c)) for c in table.columns])
    own = [c.name for c in table.columns if any(key.column.table is table for key in c.foreign_keys)]
    above: dict[str, list[dict[str, Any]]] = {name: [] for name in own}
    for batch in _batches(archive, table):
        for row in batch:  # a row may lie under one that comes later
            for name in own:
                above[name].append({"below": row["id"], "above": row[name]})
                row[name] = None
        connection.execute(sa.insert(raw), batch)
    for name, pairs in above.items():
        put = sa.update(raw).where(raw.c.id == sa.bindparam("below")).values({name: sa.bindparam("above")})
        if known := [pair for pair in pairs if pair["above"] is not None]:
            connection.execute(put, known)
    key = table.autoincrement_column
    if key is not None and connection.dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('\"{table.name}\"', '{key.name}')"
        newest = f'(SELECT COALESCE(MAX("{key.name}"), 0) + 1 FROM "{table.name}")'  # noqa: S608  our own names
        connection.exec_driver_sql(f"SELECT setval({sequence}, {newest}, false)")


def _batches(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in _kept(archive, table.name):
        batch.append({k: _back(v, table.columns[k]) for k, v in row.items()})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _kept(archive: zipfile.ZipFile, table: str) -> Iterator[dict[str, Any]]:
    """The rows of a table, from an older archive too."""
    if table == "case":
        yield from ({k: v for k, v in row.items() if k != FACTS} for row in _rows(archive, table))
    elif table == "case_facts" and f"tables/{table}.jsonl" not in archive.namelist():
        yield from ({"case_id": row["id"], FACTS: row[FACTS]} for row in _rows(archive, "case"))
    else:
        yield from _rows(archive, table)


def _rows(archive: zipfile.ZipFile, table: str) -> Iterator[dict[str, Any]]:
    name = f"tables/{table}.jsonl"
    if name in archive.namelist():
        with archive.open(name) as part:
            yield from (json.loads(line) for line in part)


def _back(value: Any, column: sa.Column[Any]) -> Any:
    if not isinstance(value, dict):
        return value
    kind, text = next(iter(value.items()))
    if kind == "bytes":
        return bytes.fromhex(text)
    python = _stored(column).python_type
    return python.fromisoformat(text) if hasattr(python, "fromisoformat") else python(text)

"""Where a drafter of procedures stands: check a drawing, see it, try an expression. Only commands so far."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import Blueprint, current_app

from casework import clock, xml
from casework.engine import decisions, drawing, feel, picture, values
from casework.engine.findings import Finding

bp = Blueprint("workshop", __name__, cli_group=None)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SPOKEN = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)


@bp.cli.group("drawing")
def drawings() -> None:
    """Look at BPMN drawings, whatever tool they come from."""


@drawings.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@SPOKEN
def check(files: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Say what would not run in FILES; exit status 1 when there is an error.

    Drawings given together may call one another; .dmn files given with them are theirs to ask.
    """
    tables = [path for path in files if path.suffix == ".dmn"]
    drawn = {path: path.read_bytes() for path in files if path not in tables}
    found = {path: decisions.findings(path.read_bytes()) for path in tables}
    asked = [decisions.read(p.read_bytes()) for p in tables if not _refused(found[p])] if tables else None
    for path, data in drawn.items():
        others = [other for name, other in drawn.items() if name != path]
        found[path] = drawing.check(data, called=others, decisions=asked)
    refused = any(_refused(found[path]) for path in files)
    if as_json:
        click.echo(_document({path: found[path] for path in files}, ok=not refused))
    else:
        for path in files:
            for finding in found[path]:
                click.echo(_line(path, finding, lang))
            if not found[path]:
                click.echo(f"{path}: ok")
    raise SystemExit(1 if refused else 0)


def _refused(findings: list[Finding]) -> bool:
    return any(finding.level == "error" for finding in findings)


def _line(path: Path, finding: Finding, lang: str) -> str:
    said = finding.en if lang == "en" else finding.zh
    place = " ".join(part for part in (f"{path}:{finding.line}", finding.element, finding.code) if part)
    return f"{place}: {said}"


def _document(found: dict[Path, list[Finding]], *, ok: bool) -> str:
    files = [
        {"file": str(path), "findings": [asdict(f) for f in findings]} for path, findings in found.items()
    ]
    return json.dumps({"ok": ok, "files": files}, ensure_ascii=False, indent=2)


@drawings.command("picture")
@click.argument("file", type=FILE)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: standard output."
)
@SPOKEN
def draw(file: Path, output: Path | None, lang: str) -> None:
    """Draw FILE as SVG; a drawing without a layout is given one."""
    try:
        svg = picture.svg(file.read_bytes(), lang=lang, style=_style())
    except xml.Unreadable as wrong:
        raise click.ClickException(wrong.en if lang == "en" else wrong.zh) from None
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    if output is None:
        click.echo(svg)
    else:
        output.write_text(svg, encoding="utf-8")


def _style() -> str:
    """The stylesheet's colours and that of the drawings, so that the file can be opened by itself."""
    folder = Path(current_app.static_folder or "")
    sheet = (folder / "app.css").read_text(encoding="utf-8")
    colours = sheet[sheet.index(":root{") : sheet.index("}", sheet.index(":root{")) + 1]
    return colours + (folder / "picture.css").read_text(encoding="utf-8")


@bp.cli.command("feel")
@click.argument("expression")
@click.option(
    "--given",
    default="{}",
    show_default=True,
    help='The known names, as a JSON object; dates as {"@d": "2026-08-07"}.',
)
@SPOKEN
def evaluate(expression: str, given: str, lang: str) -> None:
    """Evaluate EXPRESSION and print its value; for null also say why, for a mistake where it is.

    now() and today() are known, as in a procedure; deadline() and the like need a case.
    """
    scope = _given(given, lang)
    try:
        value, reasons = feel.compile(expression, names=scope).explain(scope, _clocks())
    except feel.FeelError as wrong:
        raise click.ClickException(wrong.en if lang == "en" else wrong.zh) from None
    click.echo(_shown(value))
    for reason in reasons if value is None else ():
        click.echo(f"{reason.position + 1}: {reason.en if lang == 'en' else reason.zh}")


def _clocks() -> dict[str, Any]:
    """`now()` and `today()`, as a case would be told them; what else a procedure asks needs a case."""
    now = clock.now()
    return {"now": lambda _scope: now, "today": lambda _scope: clock.local(now).date()}


def _shown(value: Any) -> str:
    """A value as FEEL writes it; texts in quotes."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(feel.compile("string(value)").evaluate({"value": value}))


def _given(text: str, lang: str) -> dict[str, Any]:
    try:
        scope = values.loads(text)
    except ValueError as wrong:
        said = "“--given”不是有效的 JSON" if lang == "zh" else "--given is no valid JSON"
        raise click.ClickException(f"{said}: {wrong}") from None
    if not isinstance(scope, dict):
        raise click.ClickException(
            "“--given”须为 JSON 对象。" if lang == "zh" else "--given must be a JSON object."
        )
    return scope

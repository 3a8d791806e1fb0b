"""How long a register of 5,000 facilities takes to come in: checked with planted mistakes, then imported.

The mistakes are those of real tables: a date as a bare number, a formula, a text in a number, a project of
somebody else, a blank code. What is found must be exactly what was planted.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa
from flask import current_app
from openpyxl import Workbook

from benchmarks import office
from casework import files, places, workbooks
from casework.db import db
from casework.people import Post
from casework.places import importing

HEADER = (
    *("项目编号", "设备编号", "种类", "名称", "位置", "数量", "单位", "规格型号", "生产厂家", "权属"),
    *("质保截止日期", "状态"),
)
KINDS = ("电梯", "消防", "给水管网", "照明", "监控", "Lift", "充电设施", "围墙")
#: What is planted: the column and what stands there instead.
MISTAKES: tuple[tuple[int, Any], ...] = (
    (0, "YH-999"),
    (1, None),
    (2, "飞船"),
    (5, "两台"),
    (5, -3),
    (5, "=SUM(A1:A2)"),
    (6, "一二三四五六七八九十百"),
    (10, 46086),
    (10, "2027年2月30日"),
    (11, "不知道"),
)


def table(rows: int, mistakes: bool, projects: list[str]) -> tuple[bytes, int]:
    """A real-looking workbook, and how many of its rows are wrong."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("台帐")
    sheet.append(["设施设备台帐"])
    sheet.append(list(HEADER))
    wrong, planted = 0, count()
    for n in range(rows):
        row: list[Any] = [
            projects[n % len(projects)],
            f"SB-{n:05d}",
            KINDS[n % len(KINDS)],
            f"{n % 40 + 1} 幢设备",
            f"{n % 40 + 1} 幢 {n % 7} 层",
            "１２" if n % 11 == 0 else 1 + n % 5,
            "台",
            f"TYPE-{n % 90}",
            "=不是公式，是厂名" if n % 500 == 7 else "云河机电",
            "全体业主共有",
            date(2027, 3, 1) if n % 3 else "2027.3.1",
            None if n % 4 else "在用",
        ]
        if mistakes and n % 50 == 49:
            column, instead = MISTAKES[next(planted) % len(MISTAKES)]
            row[column] = instead
            wrong += 1
        written = [workbooks.text_cell(sheet, cell) if c == 8 else cell for c, cell in enumerate(row)]
        sheet.append(written)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue(), wrong


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    began = perf_counter()
    found = act()
    return round(perf_counter() - began, 2), found


def peak() -> int:
    """The most memory this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def come_in(data: bytes, by: Post) -> tuple[float, float, places.Import]:
    """As the page does it: kept, checked, then written and committed."""
    took, one = timed(lambda: _received(data, by))
    wrote, done = timed(lambda: _written(one, data, by))
    assert done
    return took, wrote, one


def _received(data: bytes, by: Post) -> places.Import:
    file = files.keep("台帐.xlsx", data, post_id=by.id)
    one = importing.receive(
        "facility", file.name, importing.Sent.of("facility", data), by=by, file_id=file.id
    )
    db.session.commit()
    return one


def _written(one: places.Import, data: bytes, by: Post) -> bool:
    done = importing.write(one, importing.Sent.of("facility", data), by=by)
    db.session.commit()
    return done


def _wrong(data: bytes, by: Post) -> bytes:
    return importing.marked(importing.plan("facility", importing.read("facility", data), by=by))


def main() -> None:
    """Print the figures as JSON on the last line."""
    quick = office.arguments(__doc__ or "").quick
    rows, few = (200, ["approval"]) if quick else (5000, [])
    with office.sqlite() as (place, uri), office.office(place, uri, *few), current_app.test_request_context():
        by = office.post("win1")
        codes = list(db.session.scalars(sa.select(places.Project.code).order_by(places.Project.id).limit(40)))
        data, planted = table(rows, True, codes)
        before = peak()
        checked, one = timed(lambda: _received(data, by))
        counts = one.shown["counts"]
        assert counts == {"new": rows - planted, "changed": 0, "same": 0, "wrong": planted}, counts
        listed, workbook = timed(
            lambda: importing.marked(importing.plan("facility", importing.read("facility", data), by=by))
        )
        assert workbook
        right, _none = table(rows, False, codes)
        took, wrote, whole = come_in(right, by)
        assert whole.shown["counts"]["new"] == rows
        again, same = timed(lambda: _received(right, by))
        assert same.shown["counts"]["same"] == rows
        print(
            json.dumps(
                {
                    "rows": rows,
                    "planted": planted,
                    "check_s": checked,
                    "wrong_rows_s": listed,
                    "check_right_s": took,
                    "import_s": wrote,
                    "check_again_s": again,
                    "memory_mib": max(peak() - before, 1),
                }
            )
        )


if __name__ == "__main__":
    main()

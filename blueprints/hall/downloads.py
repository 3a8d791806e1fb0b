"""What is taken home: a list as a workbook, open data that is asked for again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from flask import Response, request

from casework import clock, files, workbooks
from casework.errors import TooMuch
from casework.words import Words, _

#: Rows that one workbook holds; a longer list is narrowed first.
MOST_ROWS = 50_000


def spreadsheet(
    sheet: workbooks.Sheet, rows: Iterable[Sequence[Any]], *, notes: Sequence[Words] = ()
) -> Response:
    """A list as an Excel workbook; TooMuch when it is too long."""
    every = list(islice(rows, MOST_ROWS + 1))
    if len(every) > MOST_ROWS:
        raise TooMuch(_("超过 %(n)s 行，请先按项目、种类筛选后再导出。", n=f"{MOST_ROWS:,}"))
    return workbook_response(str(sheet.name), workbooks.workbook(sheet, every, notes=notes))


def workbook_response(name: str, data: bytes) -> Response:
    """A workbook to be saved, named with the day."""
    full = quote(f"{name}-{clock.today().isoformat()}.xlsx", safe="")
    headers = {
        "Content-Type": files.KINDS["xlsx"].media,
        "Content-Disposition": f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{full}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(data, headers=headers)


def unchanged(response: Response) -> Response:
    """Open data, kept by whoever reads it and asked for again: 304 while it says the same.

    By its ETag only: what is taken off the board changes a page without anything newer being on it.
    """
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response

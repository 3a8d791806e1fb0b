"""Numbers of official papers (发文字号): without gaps per office, series and year, taken at issue."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, db

_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,16}〔(19|20)\d{2}〕[1-9]\d{0,5}号")


class LastNumber(Base):
    """The last number an office has given in a series and year; rolls back with the paper it was for."""

    __tablename__ = "paper_number"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    series: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


def take(organisation_id: int, series: str, year: int) -> int:
    """The next number, from 1; whoever else wants one waits until this transaction has ended."""
    taken = db.session.execute(
        sa.text(
            "INSERT INTO paper_number (organisation_id, series, year, last) "
            "VALUES (:office, :series, :year, 1) "
            "ON CONFLICT (organisation_id, series, year) DO UPDATE SET last = paper_number.last + 1 "
            "RETURNING last"
        ),
        {"office": organisation_id, "series": series, "year": year},
    )
    return int(taken.scalar_one())


def written(series: str, year: int, serial: int) -> str:
    """云房物〔2026〕5号 (GB/T 9704-2012, 7.2.5)."""
    return f"{series}〔{year}〕{serial}号"


def valid(text: str) -> bool:
    """Whether a text is a number of an official paper: six-corner brackets, no 第, no leading zero."""
    return _NUMBER.fullmatch(text) is not None

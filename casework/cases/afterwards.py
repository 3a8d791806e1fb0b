"""What the worker does for a case after the commit: the next application, begun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.cases.model import Case, Draft
from casework.db import db


def begin_application(key: str, case_id: int, values: Mapping[str, Any], now: datetime) -> None:
    """The applicant finds the application for the next procedure begun, with what is known already."""
    case = db.session.get_one(Case, case_id)
    if case.starter_user_id is None:
        return
    same = sa.select(Draft.id).where(
        Draft.user_id == case.starter_user_id, Draft.key == key, Draft.project_id == case.project_id
    )
    if db.session.scalar(same) is None:
        known = {k: [str(v)] for k, v in values.items() if k != "procedure"}
        db.session.add(
            Draft(
                user_id=case.starter_user_id,
                key=key,
                project_id=case.project_id,
                raw=known,
                files={},
                saved_at=now,
            )
        )

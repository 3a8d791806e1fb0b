"""Photographs and plans as small pictures: whoever may open the file sees its picture, nobody else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g

from casework import clock, files, rules
from casework.cases import attachments, drafts, lists
from casework.files import thumbnails

bp = Blueprint("pictures", __name__)


def _shown(file: files.File, size: str) -> Response:
    drawn = thumbnails.of(file, size)
    return Response(drawn, headers=dict(thumbnails.headers(drawn)))


@bp.get("/case/<number>/file/<int:file_id>/<size>")
@rules.admits(rules.staff)
def of_case(number: str, file_id: int, size: str) -> Any:
    """An attachment of a case."""
    case = lists.find(number, by=g.post)
    return _shown(attachments.of_case(case, file_id, by=g.post, now=clock.now()), size)


@bp.get("/step/<int:step_id>/file/<int:file_id>/<size>")
@rules.admits(rules.staff)
def of_step(step_id: int, file_id: int, size: str) -> Any:
    """What this person has sent with a step, before it is submitted."""
    step = drafts.step_for(step_id, by=g.post)
    return _shown(attachments.of_step(step, file_id, by=g.post, now=clock.now()), size)


@bp.get("/apply/draft/<int:draft_id>/file/<int:file_id>/<size>")
@rules.admits(rules.staff)
def of_application(draft_id: int, file_id: int, size: str) -> Any:
    """What this person has sent with an application, before it is submitted."""
    return _shown(attachments.of_application(drafts.find(draft_id, by=g.post), file_id, by=g.post), size)

"""A step that is taken along where there is no signal: what it began with, what has changed since.

Only for steps whose drawing says `offline` = `true` (workflows/README.md). The sheet itself lies on the
device (static/offline.js); here is what the office checks when it comes back.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app

from casework import files, forms
from casework.cases import drafts
from casework.cases.model import Draft, Step
from casework.db import db
from casework.errors import NotYet, TooMuch, Unknown
from casework.forms import messages
from casework.people import Post
from casework.words import _

#: What a device may hold; the page says so before the next photograph is refused.
MOST_PHOTOS, MOST_BYTES = 60, 150 * 1024 * 1024
#: The longest side of a photograph as a device keeps it, in pixels.
LONGEST_SIDE = 2000
#: Files one step's draft may hold, however many sheets were sent for it.
MOST_FILES = 2 * MOST_PHOTOS


def offered(step: Step) -> bool:
    """Whether the drawing lets this step be taken along."""
    element = step.case.procedure.flow.elements.get(step.element)
    return bool(element and step.form and element.properties.get("offline") == "true")


def find(step_id: int, *, by: Post, alone: bool = False) -> Step:
    """A step of this post that may be taken along, open or not any more."""
    step = drafts.step_for(step_id, by=by, alone=alone)
    if not offered(step):
        raise Unknown
    return step


def key_half(by: Post, device: str) -> str:
    """What opens this person's sheets on one device while they are signed in, in place of the code."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"sheet {by.user_id} {device}".encode(), hashlib.sha256).hexdigest()


def state(bound: forms.Bound) -> str:
    """What the answers stand on: another value says that they, or the rows, have changed meanwhile."""
    given = [own.key for own in bound.form.lists if own.rows and own.rows.source]
    rows = {key: [[row.index, dict(row.given)] for row in bound.rows[key]] for key in given}
    text = json.dumps([bound.raw(), rows], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def with_blank_rows(form: forms.Form, bound: forms.Bound) -> forms.Bound:
    """The same form with a blank row at the end of every list that may grow, for the device to copy."""
    typed, values = bound.raw(), dict(bound.values)
    for own in form.lists:
        rows = bound.rows[own.key]
        if own.rows is None or own.rows.fixed:
            continue
        if bound.is_typed(own):
            following = max((int(row.index) for row in rows if row.index.isdigit()), default=-1) + 1
            typed[f"{own.key}-{following}-_"] = ["1"]
        else:
            values[own.key] = [*(values.get(own.key) or [{}] * len(rows)), {}]
    return form.bind(
        bound.lang,
        draft=typed or None,
        values=values,
        facts=bound.facts,
        files=bound.files,
        today=bound.today,
        functions=bound.functions,
    )


@dataclass(frozen=True)
class Difference:
    """One question, or one row of a list, that says two things; an empty text: there is no such row."""

    id: str
    label: str
    theirs: str
    mine: str

    def dump(self) -> dict[str, str]:
        """As the page gets it."""
        return asdict(self)


def differences(theirs: forms.Bound, mine: forms.Bound, *, typed: bool = True) -> list[Difference]:
    """Where what the office holds and what the device sends are not the same, in the order of the form.

    `typed`: somebody has written something here; else only rows that are no longer there matter.
    """
    one, other = _said(theirs), _said(mine)
    found = []
    for place in dict.fromkeys((*one, *other)):
        label = (other.get(place) or one[place])[0]
        before, after = one.get(place, ("", ""))[1], other.get(place, ("", ""))[1]
        if before != after and (typed or not before or not after):
            found.append(Difference(place, label, before, after))
    return found


def _said(bound: forms.Bound) -> dict[str, tuple[str, str]]:
    """Every answer in words by its place: label and text; files are no matter of choice, they add up."""
    found: dict[str, tuple[str, str]] = {}
    for part in bound.parts():
        for line in part.lines:
            each = bound.form.by_key[line.key]
            if each.type == "dynamiclist":
                found |= _rows(bound, line)
            elif each.type not in ("filepicker", "expression"):
                found[line.key] = (line.label, line.value)
    return found


def _rows(bound: forms.Bound, line: forms.Line) -> dict[str, tuple[str, str]]:
    own, found, none = bound.form.by_key[line.key], {}, messages.around("none", bound.lang)
    colon = "：" if bound.lang == "zh" else ": "
    for place, (row, cells) in enumerate(zip(bound.rows[line.key], line.rows, strict=True)):
        pairs = zip((head for head, _num in line.columns), cells, strict=True)
        said = "\n".join(f"{head}{colon}{text}" for head, text in pairs if text != none)
        found[f"{line.key}-{row.index}"] = (f"{line.label} {bound.row_name(own, place)}", said or none)
    return found


def settled(
    mine: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]], chosen: Collection[str]
) -> dict[str, Sequence[str]]:
    """What the device sends, but at the places where the person chose what the office holds."""

    def there(name: str) -> bool:
        return any(name == place or name.startswith(f"{place}-") for place in chosen)

    kept = {name: texts for name, texts in mine.items() if not there(name)}
    return kept | {name: texts for name, texts in theirs.items() if there(name)}


def sent_before(
    draft: Draft | None, key: str, name: str, data: bytes, *, with_place: bool
) -> dict[str, Any] | None:
    """The file of the draft with the very same contents: sending twice keeps it once."""
    kept = (draft.files or {}).get(key, []) if draft else []
    if not kept:
        return None
    digest = files.digest(name, data, with_place=with_place)
    for one in kept:
        file = db.session.get(files.File, int(one["id"]))
        if file is not None and file.sha256 == digest:
            return dict(one)
    return None


def arrived(data: bytes, sha256: str) -> None:
    """Raises NotYet unless the bytes are those that left the device."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise NotYet(_("照片没有传完整，请再发送一次；本机内容没有丢失。"))


def room_for_one(draft: Draft | None) -> None:
    """Raises TooMuch when the draft holds as many files as it may."""
    held = sum(len(kept) for kept in ((draft.files if draft else None) or {}).values())
    if held >= MOST_FILES:
        raise TooMuch(_("此步骤的草稿已有 %(n)s 个附件，达到上限，请先在办理页删除不需要的。", n=held))

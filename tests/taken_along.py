"""A step that may be taken along: the window's examination of an application, with rows that grow and photographs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from acting import changed

PHOTOS: dict[str, Any] = {
    "type": "filepicker", "id": "Field_site", "key": "file_site", "label": "现场照片", "accept": ".jpg,.jpeg,.png",
    "multiple": True, "properties": {"label.en": "Photographs", "maxMB": "0.2"},
}  # fmt: skip
_TASK = '<bpmn:userTask id="receive" name="审查申请材料">\n      <bpmn:extensionElements>\n'
_GROUND = '{\n          "type": "radio",\n          "id": "Field_refuse_ground",'


def install(place: Path, offline: str = "true") -> int:
    """The approval, with its examination to be taken along."""
    task = f'{_TASK}<zeebe:properties><zeebe:property name="offline" value="{offline}" /></zeebe:properties>'
    photos = f"{json.dumps(PHOTOS, ensure_ascii=False)}, {_GROUND}"
    return changed("exemption", place, process_bpmn=(_TASK, task), forms_receive_form=(_GROUND, photos))

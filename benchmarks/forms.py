"""How long a large form takes: read and compiled from its text (once a version), and shown (every page).

The form is the application of workflows/exemption, whole: 34 questions, 7 computed values and a list of six
columns, with the facts of a real project; the page is bound to no answers and rendered by templates/forms.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa
from flask import current_app

from benchmarks import office
from casework import clock, places
from casework.cases import facts
from casework.db import db
from casework.forms.compiler import compiled
from casework.forms.form import Form
from casework.places import Project

SOURCE = office.ROOT / "workflows" / "exemption" / "forms" / "apply.form"
PAGE = "{% import 'forms/page.html' as form %}{{ form.sections(bound) }}"


def main() -> None:
    """Print the figures as JSON on the last line."""
    quick = office.arguments(__doc__ or "").quick
    times, few = (5, [SOURCE.parent.parent.name]) if quick else (200, [])
    text = SOURCE.read_text("utf-8")
    with office.sqlite() as (place, uri), office.office(place, uri, *few), current_app.test_request_context():
        by = office.post(office.STARTER)
        project_id = db.session.scalar(sa.select(Project.id).where(Project.code == office.PROJECT))
        now = clock.now()
        project = places.find(project_id or 0, by=by)
        known = facts.for_application(by, project, now, key=SOURCE.parent.parent.name)
        page = current_app.jinja_env.from_string(PAGE)

        def compile_form() -> Form:
            form = Form(text, json.loads(text))
            compiled(form, "zh")
            return form

        def render(form: Form) -> str:
            bound = form.bind("zh", facts=known, today=clock.local(now).date())
            return page.render(bound=bound)

        form = compile_form()
        assert len(form.inputs) >= 27
        assert all(f'name="{each.key}' in render(form) for each in form.inputs if not each.hide)
        compiling = [office.timed(compile_form) for _ in range(times)]
        rendering = [office.timed(lambda: render(form)) for _ in range(times)]
    print(
        json.dumps(
            {
                "compile_ms": office.milliseconds(statistics.median(compiling)),
                "render_ms": office.milliseconds(statistics.median(rendering)),
            }
        )
    )


if __name__ == "__main__":
    main()

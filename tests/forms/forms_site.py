"""A site of three pages around the rich sample form: drafts in memory, files too. For tests only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, render_template_string, request

from blueprints.hall.looks import asset, first
from casework import forms
from casework.files import thumbnails

HERE = Path(__file__).parent
TODAY = dt.date(2026, 11, 23)
FACTS: dict[str, Any] = {
    "project": {"gfa_total": 17680},
    "starter": {"name": "云河恒景置业有限公司", "matter": "江南里雅苑前期物业"},
    "profile": {"fee_cap": 3},
    "enterprises": [
        {"value": "E1", "label": "青禾物业服务有限公司", "label.en": "Qinghe Property Service"},
        {"value": "E2", "label": "安和物业服务有限公司", "label.en": "Anhe Property Service"},
    ],
    "pending": [
        {"id": "A", "name": "物业管理用房", "size": 96},
        {"id": "B", "name": "社区用房", "size": 60},
        {"id": "C", "name": "停车场", "size": 1820},
    ],
}
FORM = forms.read((HERE / "rich.form").read_text(encoding="utf-8"))

PAGE = """<!doctype html>
<html lang="{{ 'en' if lang == 'en' else 'zh-CN' }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{% if bound.errors() %}{{ bound.say('error') }}{% endif %}{{ bound.title }} - Tendover</title>
<link rel="stylesheet" href="/static/app.css"><link rel="stylesheet" href="/{{ bound.form.version }}.css">
{% if scripts %}<script src="/static/app.js" defer></script>{% endif %}</head><body>
<a class="skip" href="#main">{{ '跳到正文' if lang == 'zh' else 'Skip to content' }}</a>
<header class="top"><div class="top-in"><a class="brand" href="/"><span>{{ '物业招标与交接办事平台' if lang == 'zh' else 'Tendover' }}<small>{{ '云河区住房和城乡建设局' if lang == 'zh' else 'Yunhe Housing Bureau' }}</small></span></a></div></header>
<main class="page" id="main">
{% import 'forms/page.html' as page %}{% import 'forms/answers.html' as answers %}
{% if check %}
<h1>{{ bound.say('check.title') }}</h1><p class="muted lead">{{ bound.title }}</p>
{{ page.problems(bound, '/SECTION?lang=' ~ lang) }}
{{ answers.check(bound, '/SECTION?lang=' ~ lang, back='/?lang=' ~ lang, file='/file/FILE') }}
{% else %}
<div class="split">{{ page.steps(bound, '/SECTION?lang=' ~ lang, check='/check?lang=' ~ lang) }}<div>
{{ page.problems(bound) }}
<h1>{{ bound.title }}</h1><p class="muted lead">{{ bound.intro }}</p>
{{ page.page(bound, csrf='token', autosave=request.full_path, submit=bound.say('tocheck')) }}
</div></div>
{% endif %}
</main><footer class="foot"><div><span>0571-8200 0000</span></div></footer>
<div id="live" class="vh" aria-live="polite"></div></body></html>"""


def create_site(*, scripts: bool = True) -> Flask:
    """The site; `site.kept` holds the draft, the files and what was asked of it."""
    root = HERE.parents[1]
    site = Flask(__name__, template_folder=str(root / "templates"), static_folder=str(root / "static"))
    site.jinja_env.tests["picture"] = thumbnails.shown
    site.jinja_env.globals.update(asset=asset, first=first)
    kept: dict[str, Any] = {"draft": None, "files": defaultdict(list), "posts": [], "answers": None}
    site.extensions["kept"] = kept

    def bind(section: str | None) -> forms.Bound:
        posted = request.method == "POST"
        return FORM.bind(
            request.args.get("lang", "zh"),
            formdata=request.form if posted else None,
            draft=kept["draft"],
            facts=FACTS,
            files=kept["files"],
            uploads={key: request.files.getlist(key) for key in request.files} if posted else None,
            sections=None if section in (None, "check") else [section],
            today=TODAY,
        )

    @site.get("/<version>.css")
    def css(version: str) -> Response:
        return Response(FORM.css(), mimetype="text/css")

    @site.route("/", methods=["GET", "POST"])
    @site.route("/<section>", methods=["GET", "POST"])
    def fill(section: str | None = None) -> Any:
        bound = bind(section)
        if request.method == "POST":
            kept["posts"].append(
                {"wants": bound.wants, "files": sorted(request.files), "names": list(request.form)}
            )
            for key, new in bound.uploads.copy().items():
                kept["files"][key] += [
                    forms.Stored(f"f{len(kept['posts'])}{place}", each.name, each.size)
                    for place, each in enumerate(new)
                ]
                bound.keep(key, kept["files"][key])
            for key in kept["files"]:
                kept["files"][key] = [each for each in kept["files"][key] if each.id not in bound.drop]
            kept["draft"] = bound.raw()
            if bound.wants == "next" and bound.validate():
                kept["answers"] = bound.answers()
                return redirect(f"/check?lang={bound.lang}", 303)
        if section == "check":
            bound.validate([each.id for each in FORM.sections])
        page = render_template_string(
            PAGE, bound=bound, lang=bound.lang, check=section == "check", scripts=scripts
        )
        response = Response(page, status=422 if bound.errors() and request.method == "POST" else 200)
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    return site

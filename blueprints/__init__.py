"""Where a visitor stands: one file a place, none imports another; what they share is in the hall."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint, Flask
from flask_login import LoginManager

from blueprints.hall import looks, signing, ways
from casework import prose, spoken
from casework.cases import called
from casework.files import thumbnails


def furnish(app: Flask, login: LoginManager) -> None:
    """Give the house every place in this folder; a place that keeps the door says who is signed in."""
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        place = import_module(f"blueprints.{module.name}")
        for thing in vars(place).values():
            if isinstance(thing, Blueprint):
                app.register_blueprint(thing)
        if hasattr(place, "keep_door"):
            place.keep_door(app, login)
    offered = (
        ways.navigation,
        ways.register_ways,
        looks.asset,
        looks.form_version,
        looks.first,
        signing.demo_code,
    )
    app.jinja_env.globals.update({function.__name__: function for function in offered})
    app.jinja_env.filters.update(spoken.FILTERS | called.FILTERS, prose=prose.markup, whole=prose.whole)
    app.jinja_env.tests["picture"] = thumbnails.shown
    app.view_functions["static"] = looks.static

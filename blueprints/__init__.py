"""Where a visitor stands: one file a place, none imports another."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from flask import Blueprint, Flask, redirect, request, url_for
from flask_login import LoginManager


def furnish(app: Flask, login: LoginManager) -> None:
    """Give the house every place in this folder; a place that keeps the door says who is signed in."""
    for module in sorted(iter_modules(__path__), key=lambda m: m.name):
        place = import_module(f"blueprints.{module.name}")
        for thing in vars(place).values():
            if isinstance(thing, Blueprint):
                app.register_blueprint(thing)
        if hasattr(place, "keep_door"):
            place.keep_door(app, login)


def ask_to_sign_in() -> Any:
    """To the sign-in page, and back here afterwards when this page can simply be asked for again."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("door.sign_in", next=here))

"""What test_durability.py kills: opens cases and stamps them, and says so after each commit."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from acting import opened, post, stamp

from app import create_app
from casework import cases, clock, procedures
from casework.db import db


def main(place: str, like: int) -> None:
    """For ever: a new case, then two of its stamps; each with a key, each told after its commit."""
    app = create_app(place, SQLALCHEMY_DATABASE_URI=f"sqlite:///{Path(place) / 'tendover.db'}", TESTING=True)
    with app.app_context():
        while True:
            case = opened(db.session.get_one(cases.Case, like))
            number, case_id = case.number, case.id
            db.session.commit()
            say(f"opened {number}")
            for login in ("exa1", "str2"):
                key = secrets.token_urlsafe(12)
                assert cases.once(key, post(login), clock.now()) is None
                stamp(case_id, login)
                cases.led(key, number)
                db.session.commit()
                say(f"stamped {number} {login} {key}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def again_and_again(place: str, like: int) -> None:
    """A worker for each line that is read, and word when it has died; forked, to begin at once."""
    app = create_app(place, SQLALCHEMY_DATABASE_URI=f"sqlite:///{Path(place) / 'tendover.db'}", TESTING=True)
    with app.app_context():
        procedures.of(db.session.get_one(cases.Case, like).version_id)  # read once, before the first fork
        db.session.remove()
        db.engine.dispose()  # no connection crosses a fork
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            say(f"ready {os.getpid()}")
            main(place, like)
        os.waitpid(child, 0)
        say("died")


if __name__ == "__main__":
    again_and_again(sys.argv[1], int(sys.argv[2]))

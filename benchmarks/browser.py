"""A browser as far as a benchmark needs one: a kept connection, cookies, the hidden fields of a form."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took in seconds."""

    status: int
    body: bytes
    location: str
    took: float

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page: the token against forgery, the key of the act, the section."""
        return dict(_HIDDEN.findall(self.body.decode()))


@dataclass
class Browser:
    """One person's browser on the loopback address."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, path: str, typed: Mapping[str, str] | None = None) -> Answer:
        """GET, or POST when something was typed; the time runs until the whole answer is here."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if typed is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(typed) if typed is not None else None
        began = perf_counter()
        self._connection.request("GET" if body is None else "POST", path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        took = perf_counter() - began
        for given in response.headers.get_all("Set-Cookie") or ():
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, content, response.headers.get("Location", ""), took)

    def sign_in(self, login: str, password: str, code: str = "") -> None:
        """Through the door, as everybody."""
        typed = {**self.ask("/sign-in").hidden, "login": login, "password": password, "code": code}
        answer = self.ask("/sign-in", typed)
        if answer.status != 302:
            raise PermissionError(f"{login}: {answer.status}")


@contextmanager
def server(place: Path, uri: str) -> Iterator[int]:
    """The office served by a process of its own, as `flask serve` does; gives the port."""
    command = [sys.executable, "-c", "import sys; from benchmarks.office import serve; serve(*sys.argv[1:])"]
    with subprocess.Popen(
        [*command, str(place), uri], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()

"""A browser as far as a benchmark needs one: a kept connection, cookies, the hidden fields of a form."""

from __future__ import annotations

import http.client
import io
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
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
    """One person's browser on the loopback address.

    It costs next to nothing itself, so that what is measured is the office: a request leaves in one piece, as
    those of Chromium and Firefox do, and an answer is taken apart when the clock has stopped.
    """

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._socket = socket.create_connection((HOST, self.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, path: str, typed: Mapping[str, str] | None = None) -> Answer:
        """GET, or POST when something was typed; the time runs until the whole answer is here."""
        request = self._request(path, typed)
        began = perf_counter()
        self._socket.sendall(request)
        head, content = self._answer()
        took = perf_counter() - began
        first, _, rest = head.partition(b"\r\n")
        headers = http.client.parse_headers(io.BytesIO(rest))
        for given in headers.get_all("Set-Cookie") or ():
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(int(first.split()[1]), content, headers.get("Location", ""), took)

    def _request(self, path: str, typed: Mapping[str, str] | None) -> bytes:
        body = urlencode(typed or {}).encode()
        lines = [
            f"{'GET' if typed is None else 'POST'} {path} HTTP/1.1",
            f"Host: {HOST}:{self.port}",
            "Accept-Encoding: identity",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        ]
        if typed is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _answer(self) -> tuple[bytes, bytes]:
        """The head with its blank line, and as many bytes after it as it says."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        end = got.index(b"\r\n\r\n") + 4
        said = _LENGTH.search(got, 0, end)
        assert said is not None, got[:end]
        while len(got) < end + int(said[1]):
            got += self._more()
        return got[:end], got[end:]

    def _more(self) -> bytes:
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionError("the office has closed the connection")
        return more

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

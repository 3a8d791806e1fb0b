"""The queue of those who write into SQLite: one at a time, in the order in which they came."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from casework.errors import Busy
from casework.words import _

try:
    import fcntl
except ImportError:  # Windows runs one process; the lock among its threads is enough there
    fcntl = None  # type: ignore[assignment]

#: How long an act waits for its turn before it answers "busy" (seconds).
PATIENCE = 15.0


class HeldUp(Busy):
    """Another process has the turn and does not give it back: it hangs, or is stopped."""

    says = _("另一个程序占用数据库已超过 %(n)s 秒，您的内容未提交，请稍后重试。", n=int(PATIENCE))


class Place:
    """A place in the queue of processes. A thread stands in it, for flock knows no limit of time."""

    def __init__(self, file: int) -> None:
        self.file = file
        self._lock, self._called = threading.Lock(), threading.Event()
        self._wanted, self.given_up = True, False
        threading.Thread(target=self._stand, name="turn", daemon=True).start()

    def _stand(self) -> None:
        fcntl.flock(self.file, fcntl.LOCK_EX)
        with self._lock:
            if self._wanted:
                self._called.set()
            else:  # nobody waits here any more: the next process, please
                os.close(self.file)
                self.given_up = True

    def wait(self, seconds: float) -> bool:
        """Whether the turn came in time; if not, the place is kept for whoever comes next."""
        with self._lock:
            self._wanted = not self.given_up
        if self.given_up or self._called.wait(seconds):
            return not self.given_up
        with self._lock:
            self._wanted = self._called.is_set()
            return self._wanted


class Turnstile:
    """Lets one writer in at a time, in order.

    SQLite's own busy handler sleeps and is unfair; taking turns before BEGIN IMMEDIATE makes the slowest
    writer 14 times faster (trust.md 3.3). The kernel drops the file lock of a process that dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None
        self._place: Place | None = None

    def enter(self) -> None:
        """Wait for the turn; Busy after PATIENCE seconds."""
        began = time.monotonic()
        if not self._threads.acquire(timeout=PATIENCE):
            raise Busy
        entered = False
        try:
            entered = fcntl is None or self._among_processes(began + PATIENCE)
        finally:
            if not entered:
                self._threads.release()
        if not entered:
            raise HeldUp

    def _among_processes(self, until: float) -> bool:
        if self._place is None or self._place.given_up:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._place, self._file = Place(self._file), None
            else:
                self._place = None
                return True
        if not self._place.wait(max(until - time.monotonic(), 0)):
            return self._place.given_up and self._among_processes(until)
        self._file, self._place = self._place.file, None
        return True

    def leave(self) -> None:
        """Let the next one in."""
        if fcntl is not None and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        """No more turns: the engine has been disposed of."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

"""Set up and start from a checkout with nothing but Python 3.11+: `python run.py` (Windows: `py run.py`).

python run.py            makes .venv, installs the locked packages, loads the demo district, serves it
python run.py test       the whole gate: lint, types, contracts, templates, tests, browser walks
python run.py test -k X  only pytest, with these arguments
python run.py flask …    any flask command, e.g. `python run.py flask doctor`
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
#: What reads the code without running it.
CHECKS = (
    ("lint", ["-m", "ruff", "check", "."]),
    ("format", ["-m", "ruff", "format", "--check", "."]),
    ("types", ["-m", "mypy"]),
    ("contracts", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    ("templates", ["-m", "djlint", "--lint", "--quiet", "templates"]),
)
#: One worker a core; beyond four the longest walk decides how long it takes.
WORKERS = max(1, min(4, os.cpu_count() or 1))
TESTS = ["-m", "pytest", "-q", "-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"]


def ensure(lock: str) -> None:
    """The packages of the lock, each checked against its hash; nothing to do when they are there."""
    if sys.version_info < (3, 11):  # noqa: UP036  whoever starts this may have an older one
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in LOCKS}
    stamp = VENV / "installed.txt"
    have = stamp.read_text().split() if stamp.is_file() else []
    # the development lock holds everything of the other one, in the same versions
    if wanted[lock] in have or wanted["requirements-dev.lock"] in have:
        return
    if not PYTHON.is_file():
        print("Making .venv …", flush=True)
        venv.create(VENV, with_pip=True)
    print(f"Installing the packages of {lock} …", flush=True)
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    subprocess.run([*command, "-r", lock], check=True, cwd=ROOT, env=environment)
    stamp.write_text(wanted[lock])


LOCKS = ("requirements.lock", "requirements-dev.lock")


def gate() -> int:
    """The checks side by side, then the tests, whose summary is the last line; 1 when anything failed."""
    # Python starts some thirty times: what it compiles is kept, also where a container says it need not be
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with ThreadPoolExecutor(WORKERS) as pool:
        failed = [name for name, code in pool.map(check, CHECKS) if code]
    if failed:
        print(f"FAILED: {', '.join(failed)}; the tests were not run", flush=True)
        return 1
    return subprocess.call([PYTHON, *TESTS], cwd=ROOT)


def check(named: tuple[str, list[str]]) -> tuple[str, int]:
    """One check, with what it says in one piece."""
    name, command = named
    began = time.monotonic()
    done = subprocess.run(
        [PYTHON, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    verdict = "FAILED" if done.returncode else "ok"
    head = f"{verdict}: {name} ({time.monotonic() - began:.1f} s)"
    said = done.stdout.decode("utf-8", "replace").strip()
    print(f"{head}\n{said}\n" if said else head, flush=True)
    return name, done.returncode


def main(arguments: list[str]) -> int:
    """What the first word says."""
    os.chdir(ROOT)
    os.environ.setdefault("TENDOVER_STARTED", str(time.time()))
    os.environ.setdefault("PYTHONUTF8", "1")
    if arguments[:1] == ["test"]:
        ensure("requirements-dev.lock")
        return subprocess.call([PYTHON, "-m", "pytest", *arguments[1:]]) if arguments[1:] else gate()
    ensure("requirements.lock")
    if arguments[:1] == ["flask"]:
        return subprocess.call([PYTHON, "-m", "flask", *arguments[1:]])
    return subprocess.call([PYTHON, "-m", "flask", "demo", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

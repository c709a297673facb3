"""The steps of setting up, in their order."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT_MODELS = 3
NODE_MIN = (20, 19)
ENGINE_ENV = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


class Missing(Exception):
    """A prerequisite is not there; the message says how to get it."""


class Failed(Exception):
    """A step failed; the message holds the end of its log."""


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One set-up at a time; a second one says what it waits for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("… another set-up is under way; waiting for it", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest(paths: Sequence[Path], *more: str) -> str:
    """A hash over the files at and below ``paths`` (names and contents) and ``more``."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts or "node_modules" in file.parts or not file.exists():
                continue
            total.update(str(file.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:20]


class Setup:
    """Prepares the project folder; ``cache`` holds logs, stamps and what is built."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.logs = cache / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self._print = threading.Lock()

    def prepare(self, *, for_tests: bool) -> None:
        """Every step; independent ones beside each other."""
        python310, npm = find_python310(), find_npm()
        with ThreadPoolExecutor(2) as pool:
            ours = pool.submit(self._our_environment, for_tests)
            engine = pool.submit(self._engine_environment, python310)
            ours.result()
            pages = pool.submit(self._pages, npm)
            knowledge = pool.submit(self._knowledge)
            for job in (engine, pages, knowledge):
                job.result()
        self._classifier()
        self._assistant()
        if for_tests:
            self._browser()

    # -- environments ------------------------------------------------------------------------------------------------

    def _our_environment(self, for_tests: bool) -> None:
        venv = ROOT / ".venv"
        pip = [str(venv / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
        stamp = digest([ROOT / "setup/app.txt"])

        def make() -> list[list[str]]:
            torch = next(
                line for line in (ROOT / "setup/app.txt").read_text().splitlines() if line.startswith("torch==")
            )
            return [
                *([] if (venv / "bin/python").exists() else [[sys.executable, "-m", "venv", str(venv)]]),
                [*pip, torch],
                [*pip, "-r", str(ROOT / "setup/app.txt")],
                [*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)],
            ]

        self._step("Python environment .venv", venv / ".stamp-app", stamp, make)
        if for_tests:
            dev = digest([ROOT / "setup/dev.txt"])
            self._step("test tools", venv / ".stamp-dev", dev, lambda: [[*pip, "-r", str(ROOT / "setup/dev.txt")]])

    def _engine_environment(self, python310: str) -> None:
        venv = ROOT / ".venv-rasa"
        pip = [str(venv / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
        stamp = digest([ROOT / "setup/rasa.txt"])

        def make() -> list[list[str]]:
            return [
                *([] if (venv / "bin/python").exists() else [[python310, "-m", "venv", str(venv)]]),
                [*pip, "--upgrade", "pip<26", "wheel"],
                [*pip, "-r", str(ROOT / "setup/rasa.txt")],
            ]

        self._step("assistant engine .venv-rasa", venv / ".stamp-rasa", stamp, make)

    # -- what is built -------------------------------------------------------------------------------------------------

    def _pages(self, npm: str) -> None:
        ui = ROOT / "ui"
        sources = [p for p in sorted(ui.iterdir()) if p.name not in ("node_modules", "dist", "README.md")]
        stamp = digest(sources)
        commands = [[npm, "ci", "--no-audit", "--no-fund"], [npm, "run", "build"]]
        self._step("web pages ui/dist", ui / "dist/.stamp", stamp, lambda: commands, cwd=ui)

    def _knowledge(self) -> None:
        self._ours("knowledge index", ["-m", "knowledge_index", "build", "--cache", str(self.cache)])

    def _classifier(self) -> None:
        self._ours("sorting of tickets", ["-m", "ticket_bridge.classify", "--cache", str(self.cache)])

    def _ours(self, title: str, arguments: list[str]) -> None:
        """A command of ours that itself skips what is up to date."""
        self._run(title, [[str(ROOT / ".venv/bin/python"), *arguments]], ROOT, None)

    def _assistant(self) -> None:
        inputs = [
            ROOT / name for name in ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/stories", "bot/nlu")
        ]
        stamp = digest([*inputs, ROOT / "setup/rasa.txt"])
        folder = self.cache / "assistant" / stamp
        command = [
            str(ROOT / ".venv-rasa/bin/python"), "-m", "rasa", "train",
            "--config", "config.yml", "--domain", "domain.yml",
            "--data", "data/nlu", "data/rules", "data/stories", "--out", str(folder), "--fixed-model-name", "model",
        ]  # fmt: skip
        self._step("trained assistant", folder / ".stamp", stamp, lambda: [command], env=ENGINE_ENV)
        model = folder / "model.tar.gz"
        os.utime(model)
        self._prune(folder)

    def _prune(self, newest: Path) -> None:
        others = sorted(
            (p for p in newest.parent.iterdir() if p != newest), key=lambda p: p.stat().st_mtime, reverse=True
        )
        for old in others[KEPT_MODELS - 1 :]:
            shutil.rmtree(old, ignore_errors=True)

    def _browser(self) -> None:
        wanted = {"chromium": "/usr/bin/chromium", "fonts-noto-cjk": "/usr/share/fonts/opentype/noto"}
        absent = [name for name, path in wanted.items() if not Path(path).exists()]
        if not absent:
            return
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise Missing(f"the browser tests need {' and '.join(absent)}: sudo apt-get install {' '.join(absent)}")
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *absent]
        commands = [["apt-get", "update", "-qq"], install]
        self._run(" and ".join(absent), commands, ROOT, {"DEBIAN_FRONTEND": "noninteractive"})

    # -- how a step runs -----------------------------------------------------------------------------------------------

    def _step(
        self,
        title: str,
        stamp_file: Path,
        stamp: str,
        commands: Callable[[], list[list[str]]],
        *,
        cwd: Path = ROOT,
        env: dict[str, str] | None = None,
    ) -> None:
        if stamp_file.exists() and stamp_file.read_text() == stamp:
            self._say(f"✓ {title}: up to date")
            return
        stamp_file.unlink(missing_ok=True)
        self._run(title, commands(), cwd, env)
        stamp_file.parent.mkdir(parents=True, exist_ok=True)
        stamp_file.write_text(stamp)

    def _run(self, title: str, commands: list[list[str]], cwd: Path, env: dict[str, str] | None) -> None:
        log = self.logs / (title.split()[0].replace("/", "-") + "-" + title.split()[-1].replace("/", "-") + ".log")
        began = time.monotonic()
        with log.open("w", encoding="utf-8") as file:
            for command in commands:
                self._command(title, command, cwd, env, file, log, began)
        self._say(f"✓ {title}: {time.monotonic() - began:.0f} s")

    def _command(self, title, command, cwd, env, file, log, began) -> None:  # type: ignore[no-untyped-def]
        file.write(f"$ {' '.join(command)}\n")
        file.flush()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=10)
                    break
                except subprocess.TimeoutExpired:
                    self._say(f"… {title}: {time.monotonic() - began:.0f} s · {last_line(log)}")
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if code != 0:
            tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
            raise Failed(f"{title} failed; its log is {log}\n{tail}")

    def _say(self, line: str) -> None:
        with self._print:
            print(line, flush=True)


def last_line(log: Path) -> str:
    """The last thing a log says, short enough for one line."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 2000))
        lines = [
            line for line in file.read().decode("utf-8", "replace").replace("\r", "\n").splitlines() if line.strip()
        ]
    return lines[-1].strip()[:90] if lines else "starting"


def find_python310() -> str:
    """A Python 3.10 that really starts. Raises Missing."""
    for candidate in ("python3.10", str(Path.home() / ".local/bin/python3.10")):
        if works([candidate, "-c", "import sys, venv; raise SystemExit(sys.version_info[:2] != (3, 10))"]):
            return candidate
    if shutil.which("uv"):
        found = subprocess.run(["uv", "python", "find", "3.10"], capture_output=True, text=True)
        if found.returncode != 0:
            subprocess.run(["uv", "python", "install", "3.10"], check=False)
            found = subprocess.run(["uv", "python", "find", "3.10"], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.strip()
    raise Missing(
        "Python 3.10 is missing (the assistant engine needs it): pyenv install 3.10, or install uv and run again"
    )


def find_npm() -> str:
    """npm of a Node that is new enough. Raises Missing."""
    advice = "Node 20.19 or newer is missing: install it from your system or https://nodejs.org, then run again"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing(advice)
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
    if tuple(int(part) for part in version.split(".")[:2]) < NODE_MIN:
        raise Missing(f"{advice} (found {version})")
    return npm


def works(command: list[str]) -> bool:
    """Whether ``command`` ends well."""
    with contextlib.suppress(OSError):
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    return False

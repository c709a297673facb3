"""The whole product in its own state folder, started as ``make run`` starts it."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.keys import own_webhook_secret
from bot.supervisor.parts import free_port
from ticket_bridge.signing import signed_headers

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
UP_S = 180


@dataclass
class Stack:
    """``base`` is the public address; ``admin`` the administrator's password."""

    var: Path
    port: int = field(default_factory=free_port)
    rasa_port: int = field(default_factory=free_port)
    admin: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    step_seconds: float = 1.0
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "INTAKE_VAR": str(self.var),
            "INTAKE_CACHE": os.environ.get("INTAKE_CACHE", str(ROOT / ".cache")),
            "INTAKE_PORT": str(self.port),
            "INTAKE_RASA_PORT": str(self.rasa_port),
            "INTAKE_ADMIN_PASSWORD": self.admin,
            "INTAKE_DISPATCH_STEP_SECONDS": str(self.step_seconds),
            "INTAKE_DISPATCH_POLL_SECONDS": "5",
        }

    def start(self) -> None:
        """Start and wait until turns are served. Raises RuntimeError with the end of the log."""
        RESULTS.mkdir(exist_ok=True)
        self.log = RESULTS / f"stack-{self.port}.log"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self.env, stdout=out, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + UP_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            if self.ready():
                return
            time.sleep(0.3)
        tail = self.log.read_text(errors="replace")[-4000:]
        self.stop()
        raise RuntimeError(f"the product did not come up\n{tail}")

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/readyz", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    async def until_ready(self, timeout: float = 120.0) -> None:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if await asyncio.to_thread(self.ready):
                return
            await asyncio.sleep(0.3)
        raise AssertionError("not ready again in time")

    def children(self) -> dict[str, dict[str, object]]:
        """The supervisor's own status: state, pid and restarts by child."""
        status = json.loads((self.var / "run" / "supervisor.json").read_text())
        return dict(status["children"])

    async def at_dispatch(self, number: str) -> dict[str, Any]:
        """The request as the dispatch backend got it, found over its own interface by our ``client_ref``."""
        with contextlib.closing(sqlite3.connect(f"file:{self.var / 'intake.sqlite'}?mode=ro", uri=True)) as db:
            (client_ref,) = db.execute("SELECT client_ref FROM ticket WHERE number=?", (number,)).fetchone()
        port = json.loads((self.var / "run" / "ports.json").read_text())["dispatch"]
        headers = signed_headers([own_webhook_secret(self.var)], "")
        url = f"http://127.0.0.1:{port}/tickets?client_ref={client_ref}"
        async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
            tickets = (await response.json())["tickets"]
        assert len(tickets) == 1, "one confirmed request must be one ticket"
        return dict(tickets[0]["request"])

    async def count_at_dispatch(self) -> int:
        """How many tickets the backend holds in all."""
        with contextlib.closing(sqlite3.connect(f"file:{self.var / 'dispatch.sqlite'}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM ticket").fetchone()[0])

    def kill(self, child: str) -> int:
        """``kill -9`` of one child; returns its former pid."""
        pid = self.children()[child]["pid"]
        assert isinstance(pid, int), f"{child} is not running"
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> int | None:
        """Ctrl-C; returns the exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=45)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

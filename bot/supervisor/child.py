"""One watched process."""

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.redaction import redact_text

Ready = Callable[[], Awaitable[bool]]
ChildState = Literal["waiting", "starting", "up", "backoff", "stopped"]
FIRST_PAUSE_S, LONGEST_PAUSE_S, HEALTHY_S = 0.5, 30.0, 60.0
READY_LOOK_S = 0.3
MAX_LINE = 64 * 1024
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to start and when it counts as up.

    ``ready`` is asked until it says yes, for at most ``ready_s`` seconds, then the child is started anew;
    ``after`` names children that must be up before this one starts.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Ready
    ready_s: float = 60.0
    after: Sequence[str] = ()
    stop_s: float = 25.0


@dataclass(slots=True)
class Child:
    """The life of one child: ``watch`` runs until it is cancelled."""

    spec: ChildSpec
    say: Callable[[str, str], None]
    changed: Callable[[], None]
    state: ChildState = "waiting"
    pid: int | None = None
    restarts: int = 0
    since: float = field(default_factory=time.time)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None

    async def watch(self) -> None:
        """Start the child and start it again whenever it ends."""
        pause = FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            code = await self._live()
            lived = time.monotonic() - began
            pause = FIRST_PAUSE_S if lived > HEALTHY_S else pause
            self._become("backoff")
            self.say(self.spec.name, f"ended ({_why(code)}); starting again in {pause:.1f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            self.restarts += 1

    async def _live(self) -> int | None:
        self._become("starting")
        self._process = await asyncio.create_subprocess_exec(
            *self.spec.argv,
            env=dict(self.spec.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            limit=MAX_LINE,
        )
        self.pid = self._process.pid
        self.changed()
        lines = asyncio.create_task(self._relay(self._process))
        readiness = asyncio.create_task(self._await_ready())
        try:
            return await self._process.wait()
        finally:
            readiness.cancel()
            self.up.clear()
            self.pid = None
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait_for(lines, 2)

    async def _await_ready(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < self.spec.ready_s:
            with contextlib.suppress(Exception):
                if await self.spec.ready():
                    self._become("up")
                    self.say(self.spec.name, f"up after {time.monotonic() - began:.1f} s")
                    self.up.set()
                    return
            await asyncio.sleep(READY_LOOK_S)
        self.say(self.spec.name, f"not ready after {self.spec.ready_s:.0f} s; ending it")
        await self.stop()

    async def _relay(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # a line over the limit: its rest follows
                continue
            if not line:
                return
            self.say(self.spec.name, redact_text(line.decode("utf-8", "replace").rstrip()))

    async def stop(self) -> None:
        """End the child's whole process group: politely, then for good after ``stop_s``."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self.spec.stop_s)
        except TimeoutError:
            self.say(self.spec.name, "did not stop in time; killed")
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()

    def _become(self, state: ChildState) -> None:
        self.state = state
        self.since = time.time()
        self.changed()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _die_with_parent() -> None:
    """So that a supervisor killed outright leaves no orphan holding a port (Linux; elsewhere nothing happens)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _why(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"

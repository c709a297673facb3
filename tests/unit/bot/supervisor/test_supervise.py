"""The supervisor over real processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.supervisor.child import ChildSpec
from bot.supervisor.supervise import AlreadyRunning, Supervisor, only_one

ROOT = Path(__file__).resolve().parents[4]


async def yes() -> bool:
    return True


def child(name: str, code: str, after: tuple[str, ...] = (), stop_s: float = 5.0) -> ChildSpec:
    return ChildSpec(name, [sys.executable, "-u", "-c", code], dict(os.environ), yes, 10, after, stop_s)


SLEEPER = "import time; print('hello 13800001234', flush=True); time.sleep(60)"


class Run:
    """A supervisor running in the background of a test."""

    def __init__(self, specs: list[ChildSpec], folder: Path) -> None:
        self.lines: list[tuple[str, str]] = []
        self.up = asyncio.Event()
        self.supervisor = Supervisor(specs, folder, lambda name, line: self.lines.append((name, line)))
        self.task = asyncio.create_task(self.supervisor.run(self.up.set))

    async def __aenter__(self) -> "Run":
        await asyncio.wait_for(self.up.wait(), 10)
        return self

    async def __aexit__(self, *_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert await asyncio.wait_for(self.task, 20) == 0

    async def until(self, check) -> None:  # type: ignore[no-untyped-def]
        for _ in range(200):
            if check():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(self.lines)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


async def test_a_killed_child_is_started_again_and_all_stop_together(tmp_path: Path) -> None:
    async with Run([child("one", SLEEPER), child("two", SLEEPER, ("one",))], tmp_path) as run:
        first = run.supervisor.children["one"].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await run.until(lambda: run.supervisor.children["one"].pid not in (None, first))
        status = json.loads((tmp_path / "supervisor.json").read_text())["children"]
        assert status["one"]["restarts"] == 1 and status["two"]["restarts"] == 0
        assert any(name == "one" and "SIGKILL" in line for name, line in run.lines)
        pids = [c.pid for c in run.supervisor.children.values()]
    assert not any(alive(pid) for pid in pids if pid)


async def test_the_pause_grows_while_a_child_keeps_crashing(tmp_path: Path) -> None:
    async with Run([child("bad", "raise SystemExit(3)")], tmp_path) as run:
        await run.until(lambda: sum("exit code 3" in line for _, line in run.lines) >= 3)
    pauses = [float(line.split(" in ")[1].split()[0]) for _, line in run.lines if "starting again" in line]
    assert pauses[:3] == [0.5, 1.0, 2.0]


async def test_lines_are_relayed_without_numbers_of_persons(tmp_path: Path) -> None:
    async with Run([child("one", SLEEPER)], tmp_path) as run:
        await run.until(lambda: any("hello" in line for _, line in run.lines))
    assert not any("13800001234" in line for _, line in run.lines)


async def test_what_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    async with Run([child("deaf", deaf, stop_s=0.5)], tmp_path) as run:
        await run.until(lambda: any(line == "deaf" for _, line in run.lines))
        pid = run.supervisor.children["deaf"].pid
    assert pid is not None and not alive(pid)


def test_one_supervisor_for_one_state_folder(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(AlreadyRunning) as caught, only_one(tmp_path):
        pass
    assert caught.value.args[0] == str(os.getpid())
    with only_one(tmp_path):
        pass


def test_no_child_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.unit.bot.supervisor.test_supervise import child, SLEEPER
from bot.supervisor.supervise import Supervisor
asyncio.run(Supervisor([child("one", SLEEPER)], Path({str(tmp_path)!r}), lambda n, l: None).run(lambda: None))
"""
    process = subprocess.Popen([sys.executable, "-c", code])
    status = tmp_path / "supervisor.json"
    pid = None
    for _ in range(200):
        if status.is_file() and (pid := json.loads(status.read_text())["children"]["one"]["pid"]):
            break
        time.sleep(0.05)
    assert pid
    time.sleep(0.3)
    process.kill()
    process.wait()
    for _ in range(100):
        if not alive(pid):
            return
        time.sleep(0.05)
    raise AssertionError("the child lives on")

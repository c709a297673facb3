"""All children together."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from bot.supervisor.child import Child, ChildSpec

_COLOURS = ("36", "32", "33", "35", "34", "31")


class AlreadyRunning(Exception):
    """Another supervisor works on the same state folder; ``args[0]`` is its pid."""


@contextlib.contextmanager
def only_one(run: Path) -> Iterator[None]:
    """Hold ``run/lock`` while inside. Raises AlreadyRunning."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise AlreadyRunning(file.read().strip() or "?") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


class Printer:
    """Writes each line behind the name of who said it; coloured on a terminal."""

    def __init__(self, out: TextIO, names: Sequence[str]) -> None:
        self._out = out
        self._width = max((len(name) for name in names), default=0)
        colour = out.isatty()
        self._heads = {}
        for number, name in enumerate(names):
            head = f"{name:>{self._width}} |"
            self._heads[name] = f"\x1b[{_COLOURS[number % len(_COLOURS)]}m{head}\x1b[0m " if colour else f"{head} "

    def __call__(self, name: str, line: str) -> None:
        self._out.write(self._heads.get(name, f"{name} | ") + line + "\n")
        self._out.flush()


class Supervisor:
    """Starts children in the order of their needs, keeps them up, and stops them in reverse."""

    def __init__(self, specs: Sequence[ChildSpec], run: Path, say: Callable[[str, str], None]) -> None:
        self._status = run / "supervisor.json"
        self._say = say
        self.children = {spec.name: Child(spec, say, self._write_status) for spec in specs}

    async def run(self, when_up: Callable[[], None]) -> int:
        """Until SIGINT or SIGTERM; ``when_up`` is called once, when every child is up. Returns the exit code."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        watchers = [asyncio.create_task(self._watch(child)) for child in self.children.values()]
        announcer = asyncio.create_task(self._announce(when_up))
        await stop.wait()
        self._say("supervisor", "stopping everything")
        for task in (announcer, *watchers):
            task.cancel()
        await asyncio.gather(announcer, *watchers, return_exceptions=True)
        await self._stop_all()
        return 0

    async def _watch(self, child: Child) -> None:
        for name in child.spec.after:
            other = self.children[name]
            if not other.up.is_set():
                self._say(child.spec.name, f"waits for {name}")
            await other.up.wait()
        await child.watch()

    async def _announce(self, when_up: Callable[[], None]) -> None:
        for child in self.children.values():
            await child.up.wait()
        when_up()

    async def _stop_all(self) -> None:
        for child in reversed(list(self.children.values())):
            await child.stop()
            child.state = "stopped"
        self._write_status()

    def _write_status(self) -> None:
        rows = {
            name: {"state": c.state, "pid": c.pid, "restarts": c.restarts, "since": round(c.since, 1)}
            for name, c in self.children.items()
        }
        fresh = self._status.with_suffix(".new")
        fresh.write_text(json.dumps({"at": round(time.time(), 1), "pid": os.getpid(), "children": rows}, indent=1))
        fresh.replace(self._status)


def to_stdout(names: Sequence[str]) -> Printer:
    """A printer on standard output."""
    return Printer(sys.stdout, names)

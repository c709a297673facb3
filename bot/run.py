"""``intake run``: everything on one machine, in the foreground."""

import asyncio
import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.desk.accounts import ROLES, Accounts
from bot.desk.zones import ZONES
from bot.keys import own_webhook_secret
from bot.migrate import migrate
from bot.settings import ROOT, Settings
from bot.supervisor import parts
from bot.supervisor.child import ChildSpec
from bot.supervisor.supervise import AlreadyRunning, Supervisor, only_one, to_stdout
from core.db import Database

NAMES = ("redis", "dispatch", "service", "worker", "assistant")
DEMO_AGENT = "demo"


async def run_everything(settings: Settings) -> int:
    """Start, watch and stop every part. Returns the exit code."""
    try:
        with only_one(settings.var / "run"):
            return await _run(settings)
    except AlreadyRunning as error:
        print(f"INTAKE_VAR={settings.var} is in use by process {error.args[0]}; stop it or set another INTAKE_VAR.")
        return 1


async def _run(settings: Settings) -> int:
    say = to_stdout((*NAMES, "supervisor"))
    model = newest_model(settings)
    if model is None:
        say("supervisor", "no trained assistant found; run make run, which trains it")
        return 1
    for name, host, port in _wanted_ports(settings):
        if not parts.is_free(host, port):
            say("supervisor", f"{name}={port} is in use by another program; stop it or set another {name}")
            return 1
    await asyncio.to_thread(migrate, settings)
    logins = await first_accounts(settings)
    specs = _specs(settings, model)
    supervisor = Supervisor(specs, settings.var / "run", say)
    return await supervisor.run(lambda: _greet(say, settings, logins))


def _wanted_ports(settings: Settings) -> list[tuple[str, str, int]]:
    wanted = [("INTAKE_PORT", settings.host, settings.port)]
    return wanted if settings.rasa_url else [*wanted, ("INTAKE_RASA_PORT", "127.0.0.1", settings.rasa_port)]


def newest_model(settings: Settings) -> Path | None:
    """The active trained assistant: one activated under INTAKE_VAR, else the newest made at set-up."""
    active = settings.var / "assistant" / "active.tar.gz"
    if active.exists():
        return active.resolve()
    made = sorted((settings.cache / "assistant").glob("*/model.tar.gz"), key=lambda path: path.stat().st_mtime)
    return made[-1] if made else None


@dataclass(frozen=True, slots=True)
class _Plan:
    env: dict[str, str]
    redis_host: str
    ports: Mapping[str, int]


def _plan(settings: Settings) -> _Plan:
    ports = {
        "redis": parts.free_port(),
        "actions": settings.action_port or parts.free_port(),
        "rasa": settings.rasa_port,
    }
    ports["dispatch"] = parts.free_port()
    env = parts.base_env()
    redis_host = "127.0.0.1"
    if settings.redis_url:
        address = urlsplit(settings.redis_url)
        redis_host, ports["redis"] = address.hostname or redis_host, address.port or 6379
    env["INTAKE_REDIS_URL"] = settings.redis_url or f"redis://127.0.0.1:{ports['redis']}/2"
    env["INTAKE_ACTION_PORT"] = str(ports["actions"])
    env["INTAKE_DISPATCH_URL"] = settings.dispatch_url or f"http://127.0.0.1:{ports['dispatch']}"
    env["INTAKE_DISPATCH_SECRET"] = settings.dispatch_secret.get_secret_value() or own_webhook_secret(settings.var)
    return _Plan(env, redis_host, ports)


def _specs(settings: Settings, model: Path) -> list[ChildSpec]:
    plan = _plan(settings)
    (settings.var / "run" / "ports.json").write_text(json.dumps(plan.ports))
    specs: list[ChildSpec] = []
    if not settings.redis_url:
        specs.append(parts.redis(settings.var, plan.ports["redis"], plan.env))
    if not settings.dispatch_url:
        specs.append(_simulator(settings, plan))
    first = [spec.name for spec in specs]
    service_ready = parts.answers(f"http://127.0.0.1:{settings.port}/healthz")
    specs.append(parts.ours("service", ["bot", "serve"], plan.env, service_ready, first))
    specs.append(parts.ours("worker", ["bot", "worker"], plan.env, parts.alive_since("worker"), ["service"]))
    if not settings.rasa_url:
        run = settings.var / "run"
        engine = parts.engine(ROOT, run, model, plan.ports, plan.redis_host, plan.env)
        after = [name for name in engine.after if name in first]
        specs.append(ChildSpec(engine.name, engine.argv, engine.env, engine.ready, engine.ready_s, after))
    return specs


def _simulator(settings: Settings, plan: _Plan) -> ChildSpec:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host
    port = plan.ports["dispatch"]
    arguments = [
        "ticket_bridge.simulator", "--port", str(port),
        "--callback", f"http://{host}:{settings.port}/bridge/callbacks",
        "--state", str(settings.var / "dispatch.sqlite"),
        "--step-seconds", str(settings.dispatch_step_seconds),
    ]  # fmt: skip
    return parts.ours("dispatch", arguments, plan.env, parts.listens(port), [])


async def first_accounts(settings: Settings) -> list[tuple[str, str]]:
    """Make the administrator at the first start, and a demo agent where no password was chosen.

    Returns the names and passwords made now, to be shown once.
    """
    db = Database(settings.effective_database_url())
    try:
        accounts = Accounts(db)
        if await accounts.exists("admin"):
            return []
        chosen = settings.admin_password.get_secret_value()
        password = chosen or secrets.token_urlsafe(9)
        await accounts.add("admin", password, list(ROLES), list(ZONES), "管理员")
        made = [("admin", "(INTAKE_ADMIN_PASSWORD)" if chosen else password)]
        if not chosen:
            demo = secrets.token_urlsafe(9)
            await accounts.add(DEMO_AGENT, demo, ["agent"], list(ZONES), "小宿")
            made.append((DEMO_AGENT, demo))
        return made
    finally:
        await db.close()


def _greet(say: Callable[[str, str], None], settings: Settings, logins: list[tuple[str, str]]) -> None:
    url = settings.effective_public_url()
    width = min(shutil.get_terminal_size().columns, 72)
    lines = [
        "─" * width,
        f"市民页面  {url}/",
        f"坐席工作台 {url}/desk",
        f"知识与意图 {url}/console",
        *(f"登录  {name} / {password}" for name, password in logins),
        "Ctrl-C 停止",
        "─" * width,
    ]
    for line in lines:
        say("supervisor", line)

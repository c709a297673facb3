"""``intake``: the one command of the product."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.settings import Settings
from core.db import Database
from core.errors import AppError
from knowledge_index.cli import Places, kb, use_places
from ticket_bridge.outbox import dead, revive

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="宿迁12345智能助手 · Suqian 12345 intake assistant",
)
users = typer.Typer(no_args_is_help=True, help="Accounts of agents, supervisors, editors, administrators.")
tickets = typer.Typer(no_args_is_help=True, help="The ticket bridge.")
app.add_typer(kb, name="kb")
app.add_typer(users, name="users")
app.add_typer(tickets, name="tickets")


def _settings() -> Settings:
    """The settings; a bad value ends the command with one line that names it."""
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        for line in _problems(error):
            typer.echo(line, err=True)
        raise typer.Exit(2) from None


def _problems(error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"INTAKE_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
    return [f"settings: {error}"]


def _places() -> Places:
    found = _settings()
    return Places(found.cache, found.var, found.embedder)


use_places(_places)


@app.command()
def run() -> None:
    """Start everything in the foreground under one supervisor."""
    from bot.run import run_everything

    raise typer.Exit(asyncio.run(run_everything(_settings())))


@app.command()
def serve() -> None:
    """Start the public service alone (the supervisor does this)."""
    from aiohttp import web

    from bot.app import build
    from bot.observability import configure_logging

    settings = _settings()
    configure_logging(settings.log_level, as_json=settings.log_json)
    web.run_app(
        build(settings),
        host=settings.host,
        port=settings.port,
        access_log=None,
        print=None,
        shutdown_timeout=15,
        keepalive_timeout=75,
    )


@app.command()
def worker() -> None:
    """Start the outbox worker alone (the supervisor does this)."""
    from bot.observability import configure_logging
    from bot.worker import main as work

    settings = _settings()
    configure_logging(settings.log_level, as_json=settings.log_json)
    work(settings)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot.migrate import migrate as upgrade

    upgrade(_settings())


@app.command()
def settings() -> None:
    """Print each setting with its value, where the value comes from, its default and its help."""
    from bot.settings_report import report

    typer.echo(report(_settings()))


@users.command("add")
def users_add(
    name: str,
    role: Annotated[list[str], typer.Option(help="agent, supervisor, editor or administrator; repeatable.")],
    zone: Annotated[list[str] | None, typer.Option(help="A zone, repeatable.")] = None,
    display: Annotated[str, typer.Option(help="Name shown to citizens.")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
) -> None:
    """Add an account."""
    from bot.desk.accounts import Accounts

    password = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("密码", hide_input=True)

    async def add() -> None:
        db = Database(_settings().effective_database_url())
        try:
            await Accounts(db).add(name, password, role, zone or (["general"] if "agent" in role else []), display)
        finally:
            await db.close()

    try:
        asyncio.run(add())
    except AppError as error:
        typer.echo(f"{error.field or 'error'}: {error.message}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"已添加 {name}（{'、'.join(role)}）")


@tickets.command("classify")
def tickets_classify(file: Annotated[typer.FileText, typer.Argument(help="CSV with text,category.")]) -> None:
    """Measure how well request texts are sorted; prints one JSON object."""
    from ticket_bridge.classify import evaluate, load_or_train

    print(json.dumps(evaluate(load_or_train(_settings().cache), file), ensure_ascii=False, indent=2))


@tickets.command("dead")
def tickets_dead() -> None:
    """List what the dispatch system refused or that was given up: it waits for a person."""
    for line in asyncio.run(_on_database(_dead_lines)):
        typer.echo(line)


@tickets.command("retry")
def tickets_retry() -> None:
    """Put all of it back in line; the backend is asked first what became of each."""
    typer.echo(f"{asyncio.run(_on_database(revive))} 件重新排队")


async def _dead_lines(session: AsyncSession) -> list[str]:
    rows = await dead(session)
    return [f"{row.created_at:%Y-%m-%d %H:%M}  {row.kind}  {row.key}  {row.last_error}" for row in rows] or ["没有"]


async def _on_database(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    db = Database(_settings().effective_database_url())
    try:
        async with db.write() as session:
            return await work(session)
    finally:
        await db.close()


def main() -> None:
    """Entry point."""
    app()

"""The composition root of the service: every part is made and joined here, and nowhere else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web
from redis.asyncio import Redis
from sqlalchemy import text

from bot.actions.base import Services
from bot.actions.server import action_app
from bot.assistant import Assistant
from bot.conversation import EventLog
from bot.core_api import Core
from bot.desk.accounts import Accounts
from bot.desk.api import DeskApi
from bot.desk.catalog import catalog_routes
from bot.desk.handoff import Desk
from bot.desk.socket import DeskSocket
from bot.effects import Effects
from bot.files import MAX_FILE, FileStore
from bot.health import Check, Health
from bot.intake import Intake
from bot.keys import own_key, own_webhook_secret
from bot.knowledge import Knowledge
from bot.locks import ConversationLock
from bot.pages import Pages
from bot.redis_client import connect
from bot.reflex import Reflex
from bot.settings import ROOT, Settings
from bot.ticket_news import TicketNews
from bot.turn import Turns
from channels.web.endpoints import WebChannel
from channels.web.socket import WebSocketChannel
from core.db import Database
from core.http import errors_middleware
from core.signals import Signals
from knowledge_index.api import knowledge_routes
from ticket_bridge.callbacks import callback_routes
from ticket_bridge.classify import load_or_train

TURNS_AT_ONCE = 16


@dataclass(slots=True)
class Parts:
    """What runs, and must be started and stopped in order."""

    db: Database
    signals: Signals
    knowledge: Knowledge
    assistant: Assistant
    lock: ConversationLock
    turns: Turns
    services: Services
    sockets: WebSocketChannel
    desk_sockets: DeskSocket
    action_port: int


PARTS = web.AppKey("parts", Parts)


def build(settings: Settings) -> web.Application:
    """The public application; its parts start and stop with it."""
    db = Database(settings.effective_database_url())
    redis = connect(settings.redis_url)
    signals = Signals(redis)
    log = EventLog(signals)
    public_url = settings.effective_public_url()
    files = FileStore(db, settings.var / "uploads", own_key(settings.var, "files"))
    desk = Desk(log, signals)
    knowledge = Knowledge(settings.cache, settings.var, settings.embedder)
    assistant = Assistant(settings.effective_rasa_url(), timeout_s=settings.turn_timeout_s)
    lock = ConversationLock(redis, f"{settings.host}:{settings.port}")
    turns = Turns(db, log, assistant, Effects(log, desk, files, public_url), lock, limit=TURNS_AT_ONCE)
    intake = Intake(db, log, files, Reflex(log, desk), turns.wake)
    core = Core(db, signals, intake, files, session_days=settings.session_days)
    services = Services(knowledge.current, load_or_train(settings.cache).classify, core.tickets_of_citizen)
    accounts = Accounts(db)
    sockets = WebSocketChannel(core, public_url)
    desk_sockets = DeskSocket(db, signals, accounts, public_url)
    health = Health(
        needed={
            "database": _database_answers(db),
            "redis": _redis_answers(redis),
            "assistant": assistant.alive,
            "knowledge": knowledge.alive,
        },
        reported={"dispatch": _dispatch_answers(settings.dispatch_url)},
        metrics_token=settings.metrics_token.get_secret_value(),
    )

    app = web.Application(middlewares=[errors_middleware], client_max_size=MAX_FILE + 64 * 1024)
    app.add_routes(WebChannel(core, max_file=MAX_FILE).routes())
    app.add_routes(sockets.routes())
    app.add_routes(knowledge_routes(knowledge.current))
    app.add_routes(callback_routes(db, dispatch_secret(settings), TicketNews(log)))
    app.add_routes(DeskApi(db, log, desk, accounts, files, knowledge.current, public_url).routes())
    app.add_routes(catalog_routes(accounts))
    app.add_routes(desk_sockets.routes())
    app.add_routes(health.routes())
    app.add_routes(Pages(Path(ROOT) / "ui" / "dist", files).routes())
    app[PARTS] = Parts(
        db, signals, knowledge, assistant, lock, turns, services, sockets, desk_sockets, settings.action_port
    )
    app.cleanup_ctx.append(_running)
    app.on_shutdown.append(_close_sockets)
    return app


def dispatch_secret(settings: Settings) -> str:
    """The secrets shared with the dispatch backend, space-separated; our own for the built-in simulator."""
    return settings.dispatch_secret.get_secret_value() or own_webhook_secret(settings.var)


async def _running(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.signals.start()
    await parts.assistant.start()
    await parts.lock.reclaim()
    runner = web.AppRunner(action_app(parts.services), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", parts.action_port).start()
    await parts.turns.start()
    following = asyncio.create_task(parts.knowledge.follow())
    yield
    following.cancel()
    await parts.turns.stop()
    await runner.cleanup()
    await parts.assistant.stop()
    await parts.signals.stop()
    await parts.db.close()


async def _close_sockets(app: web.Application) -> None:
    parts = app[PARTS]
    for sockets in (parts.sockets, parts.desk_sockets):
        with contextlib.suppress(Exception):
            await sockets.close_all()


def _database_answers(db: Database) -> Check:
    async def check() -> bool:
        async with db.read() as session:
            return bool(await session.scalar(text("SELECT 1")))

    return check


def _dispatch_answers(url: str) -> Check:
    async def check() -> bool:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status < 500

    return check


def _redis_answers(redis: Redis | None) -> Check:
    async def check() -> bool:
        return redis is not None and bool(await redis.ping())

    return check

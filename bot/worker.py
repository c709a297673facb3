"""The worker process: delivers the outbox to the dispatch backend and repairs what callbacks missed."""

import asyncio
import contextlib
import signal

import structlog

from bot.app import dispatch_secret
from bot.conversation import EventLog
from bot.redis_client import connect
from bot.settings import Settings
from bot.ticket_news import TicketNews
from core.db import Database
from core.signals import Signals
from ticket_bridge.dispatch_http import HttpDispatch
from ticket_bridge.worker import Poller, Worker

_log = structlog.get_logger("worker")


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; what is under way is finished or left for the next life."""
    db = Database(settings.effective_database_url())
    signals = Signals(connect(settings.redis_url))
    await signals.start()
    news = TicketNews(EventLog(signals))
    async with HttpDispatch(settings.dispatch_url, dispatch_secret(settings)) as dispatch:
        worker = Worker(db, dispatch, news)
        poller = Poller(db, dispatch, news, interval_s=settings.dispatch_poll_seconds)
        tasks = [asyncio.create_task(worker.run()), asyncio.create_task(poller.run())]
        _log.info("worker_started")
        await _stopped(tasks)
    await signals.stop()
    await db.close()


async def _stopped(tasks: list[asyncio.Task[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (waiting, *tasks):
        task.cancel()
    await asyncio.gather(*tasks, waiting, return_exceptions=True)
    for task in done - {waiting}:
        if (error := task.exception()) is not None:
            raise error


def main(settings: Settings) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_worker(settings))

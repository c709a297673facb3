"""Turns against an engine that is slow, down, or cut off: over real HTTP, on a real SQLite file."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.assistant import Assistant
from bot.conversation import EventLog, locked
from bot.desk.handoff import Desk
from bot.effects import Effects
from bot.files import FileStore
from bot.intake import Intake
from bot.locks import ConversationLock
from bot.models import Citizen, Conversation, EventRow, Inbound, Staff
from bot.reflex import Reflex
from bot.replies import SubmitTicket, text, to_custom
from bot.turn import Turns
from channels.message import InboundMessage
from core.db import Base, Database
from core.errors import Conflict
from core.signals import Signals
from ticket_bridge.models import OutboxItem, Ticket

REQUEST = {
    "request_type": "help", "category": "tk-traffic.city-road", "unit": "housing", "title": "路灯坏了",
    "description": "幸福小区门口路灯坏了", "district": "sucheng", "address": "幸福小区门口",
}  # fmt: skip


class Engine:
    """Speaks the engine's two routes; ``hold`` makes it wait, ``status`` makes it fail."""

    def __init__(self) -> None:
        self.replies: list[Any] = [to_custom(text("好的"))]
        self.asked: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.reached = asyncio.Event()
        self.status = 200

    async def turn(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.reached.set()
        if self.status == 200:
            self.asked.append(body["metadata"]["message_id"])
        await self.hold.wait()
        return web.json_response(self.replies, status=self.status)

    async def tracker(self, _request: web.Request) -> web.Response:
        events: list[dict[str, Any]] = []
        for message in self.asked:
            events.append({"event": "user", "metadata": {"message_id": message}})
            events += [{"event": "bot", "data": {"custom": reply}} for reply in self.replies]
        return web.json_response({"events": events})


class World:
    """One service with its database, and one conversation."""

    def __init__(self, folder: Path, engine_url: str) -> None:
        self.db = Database(f"sqlite+aiosqlite:///{folder / 'w.sqlite'}")
        signals = Signals()
        self.log = EventLog(signals)
        self.desk = Desk(self.log, signals)
        files = FileStore(self.db, folder / "up", b"k" * 32)
        self.assistant = Assistant(engine_url, timeout_s=2)
        effects = Effects(self.log, self.desk, files, "http://x")
        self.turns = Turns(self.db, self.log, self.assistant, effects, ConversationLock(None, "t"), limit=4)
        self.intake = Intake(self.db, self.log, files, Reflex(self.log, self.desk), self.turns.wake)

    async def start(self) -> None:
        await self.assistant.start()
        await self.turns.start()

    async def stop(self) -> None:
        await self.turns.stop()
        await self.assistant.stop()
        await self.db.close()

    async def say(self, words: str, cid: str | None = None) -> int:
        message = InboundMessage("c", cid or str(uuid.uuid4()), "text", text=words)
        return (await self.intake.receive(message)).seq

    async def events(self) -> list[tuple[str, str]]:
        async with self.db.read() as session:
            rows = (await session.scalars(select(EventRow).order_by(EventRow.seq))).all()
        return [(row.sender, row.body.get("code") or row.body.get("text") or row.kind) for row in rows]

    async def settled(self, seconds: float = 8.0) -> None:
        for _ in range(int(seconds / 0.05)):
            async with self.db.read() as session:
                if not (await session.scalars(select(Inbound).where(Inbound.state == "pending"))).all():
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(await self.events())

    async def take_over(self) -> None:
        async with self.db.write() as session:
            agent = await session.get_one(Staff, "a")
            row = await locked(session, "c")
            await self.desk.claim(session, row, agent)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    made = Engine()
    app = web.Application()
    app.router.add_post("/webhooks/intake/turn", made.turn)
    app.router.add_get("/conversations/c/tracker", made.tracker)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"  # type: ignore[attr-defined]
    yield made
    made.hold.set()
    await runner.cleanup()


@pytest.fixture
async def world(tmp_path: Path, engine: Engine) -> AsyncIterator[World]:
    made = World(tmp_path, engine.url)  # type: ignore[attr-defined]
    async with made.db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with made.db.write() as session:
        session.add_all([Citizen(id="p"), Staff(id="a", username="a", display_name="小李", password_hash="x")])
        await session.flush()
        session.add(Conversation(id="c", citizen_id="p", channel="web", audience="citizen"))
    await made.start()
    yield made
    await made.stop()


async def test_messages_are_answered_once_and_in_order(world: World, engine: Engine) -> None:
    for words in ("一", "二", "三"):
        await world.say(words)
    await world.settled()
    events = await world.events()
    assert [e for e in events if e[0] == "user"] == [("user", "一"), ("user", "二"), ("user", "三")]
    assert events.count(("bot", "好的")) == 3 and len(engine.asked) == 3


async def test_the_same_key_is_the_same_message(world: World, engine: Engine) -> None:
    key = str(uuid.uuid4())
    places = await asyncio.gather(*(world.say("你好", key) for _ in range(5)))
    await world.settled()
    assert set(places) == {1} and len(engine.asked) == 1
    with pytest.raises(Conflict):
        await world.say("别的", key)


async def test_a_late_reply_is_dropped_when_a_person_took_over(world: World, engine: Engine) -> None:
    engine.hold.clear()
    await world.say("在吗")
    await engine.reached.wait()
    await world.say("转人工")
    await world.take_over()
    engine.hold.set()
    await world.settled()
    assert ("bot", "好的") not in await world.events()


async def test_a_confirmed_request_counts_all_the_same(world: World, engine: Engine) -> None:
    engine.replies = [to_custom(SubmitTicket(REQUEST)), to_custom(text("别的话"))]
    engine.hold.clear()
    await world.say("确认提交")
    await engine.reached.wait()
    await world.say("转人工")
    await world.take_over()
    engine.hold.set()
    await world.settled()
    async with world.db.read() as session:
        assert len((await session.scalars(select(Ticket))).all()) == 1
        assert len((await session.scalars(select(OutboxItem))).all()) == 1
    events = await world.events()
    assert ("system", "ticket") in events and ("bot", "别的话") not in events


async def test_an_outage_is_told_once_and_the_message_served_afterwards(world: World, engine: Engine) -> None:
    engine.status = 500
    await world.say("失业金怎么领")
    for _ in range(100):
        if ("system", "degraded") in await world.events():
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(1.2)
    engine.status = 200
    await world.settled()
    events = await world.events()
    assert events.count(("system", "degraded")) == 1
    assert events[-1] == ("bot", "好的")


async def test_a_message_that_cannot_be_served_does_not_hold_up_the_rest(world: World, engine: Engine) -> None:
    engine.replies = [to_custom(SubmitTicket({"nonsense": 1}))]
    await world.say("坏消息")
    for _ in range(200):
        if any(words.startswith("抱歉") for _, words in await world.events()):
            break
        await asyncio.sleep(0.1)
    engine.replies = [to_custom(text("好的"))]
    await world.say("好消息")
    await world.settled()
    assert (await world.events())[-1] == ("bot", "好的")


async def test_an_emergency_and_a_wish_for_a_person_need_no_engine(world: World, engine: Engine) -> None:
    engine.status = 500
    await world.say("家里煤气漏了味道很大")
    assert (await world.events())[1] == ("system", "emergency")
    await world.say("转人工")
    async with world.db.read() as session:
        assert (await session.get_one(Conversation, "c")).holder == "queue"


async def test_a_turn_that_was_cut_off_is_not_taken_twice(world: World, engine: Engine, tmp_path: Path) -> None:
    engine.hold.clear()
    await world.say("你好")
    await engine.reached.wait()
    for task in list(world.turns._running.values()):
        task.cancel()  # as a crash would, after the engine saw the message
    engine.hold.set()
    world.turns._first_try.clear()
    await world.settled()
    assert len(engine.asked) == 1
    assert (await world.events()).count(("bot", "好的")) == 1

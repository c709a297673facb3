"""``GET /desk/socket``: live events for agents.

Server frames: ``queue`` (items), ``event`` (conversation, event), ``state`` (conversation, holder),
``read`` (conversation, seq), ``typing``, ``error``, ``pong``.
Client frames: ``watch`` (conversation, last_seq), ``unwatch`` (conversation), ``typing`` (conversation),
``ping``.
"""

import asyncio
import contextlib
from typing import Any

import structlog
from aiohttp import WSMsgType, web

from bot.conversation import EventLog, view
from bot.desk import pack
from bot.desk.accounts import Accounts
from bot.desk.guard import COOKIE, must_see
from bot.desk.handoff import QUEUE_TOPIC
from bot.models import Conversation, Staff
from channels.web.origin import same_origin
from core.db import Database
from core.errors import AppError, Forbidden
from core.http import dumps, parse_json
from core.signals import Follower, Signals

MAX_FRAME = 64 * 1024
LOOK_S = 10.0
MAX_WATCHED = 100
_log = structlog.get_logger("desk.socket")


class DeskSocket:
    """Accepts the sockets of signed-in agents."""

    def __init__(self, db: Database, signals: Signals, accounts: Accounts, public_url: str) -> None:
        self._db = db
        self._signals = signals
        self._accounts = accounts
        self._public_url = public_url
        self._open: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/desk/socket", self.connect)]

    async def close_all(self) -> None:
        for socket in tuple(self._open):
            with contextlib.suppress(Exception):
                await socket.close(code=1001, message=b"going away")

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if not same_origin(request, self._public_url):
            raise Forbidden("foreign_origin", "这个页面不能直接连接。")
        staff, _ = await self._accounts.session_of(request.cookies.get(COOKIE, ""))
        if not {"agent", "supervisor", "administrator"} & set(staff.roles):
            raise Forbidden("no_role", "您的账号没有这个权限，请联系管理员。")
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME, heartbeat=30.0)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            await _Agent(self._db, self._signals, staff, socket).serve()
        finally:
            self._open.discard(socket)
        return socket


class _Agent:
    """One connected agent."""

    def __init__(self, db: Database, signals: Signals, staff: Staff, socket: web.WebSocketResponse) -> None:
        self._db = db
        self._signals = signals
        self._staff = staff
        self._socket = socket
        self._watched: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        queue = asyncio.create_task(self._follow_queue())
        try:
            await self._read()
        finally:
            for task in (queue, *self._watched.values()):
                task.cancel()
            await asyncio.gather(queue, *self._watched.values(), return_exceptions=True)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                await self._socket.close(code=1003, message=b"text only")
                return
            try:
                await self._handle(parse_json(message.data))
            except AppError as error:
                await self._send({"t": "error", "code": error.code, "message": error.message})

    async def _handle(self, frame: dict[str, Any]) -> None:
        conversation = str(frame.get("conversation") or "")
        match frame.get("t"):
            case "ping":
                await self._send({"t": "pong"})
            case "watch" if len(self._watched) < MAX_WATCHED:
                last = frame.get("last_seq")
                await self._watch(conversation, last if isinstance(last, int) else 0)
            case "typing" if conversation in self._watched:
                row = await self._seen_row(conversation)
                if row.holder == "agent" and row.agent_id == self._staff.id:
                    self._signals.publish(f"typing:agent:{conversation}")
            case "unwatch":
                task = self._watched.pop(conversation, None)
                if task is not None:
                    task.cancel()

    async def _watch(self, conversation: str, last_seq: int) -> None:
        await self._seen_row(conversation)
        old = self._watched.pop(conversation, None)
        if old is not None:
            old.cancel()
        self._watched[conversation] = asyncio.create_task(self._follow(conversation, last_seq))

    async def _seen_row(self, conversation: str) -> Conversation:
        async with self._db.read() as session:
            return must_see(self._staff, await session.get(Conversation, conversation))

    async def _follow_queue(self) -> None:
        follower = self._signals.follow(QUEUE_TOPIC)
        try:
            while True:
                async with self._db.read() as session:
                    items = await pack.waiting(session, self._staff)
                await self._send({"t": "queue", "items": items})
                await follower.wait(LOOK_S)
        finally:
            follower.close()

    async def _follow(self, conversation: str, last_seq: int) -> None:
        changes = self._signals.follow(f"conversation:{conversation}")
        typing = asyncio.create_task(self._follow_typing(conversation))
        holder, read = "", -1
        try:
            while True:
                row = await self._seen_row(conversation)
                async with self._db.read() as session:
                    events = await EventLog.after(session, conversation, last_seq, 200)
                for event in events:
                    await self._send({"t": "event", "conversation": conversation, "event": view(event)})
                    last_seq = event.seq
                if row.holder != holder:
                    holder = row.holder
                    await self._send({"t": "state", "conversation": conversation, "holder": holder})
                if row.read_seq != read:
                    read = row.read_seq
                    await self._send({"t": "read", "conversation": conversation, "seq": read})
                if not events:
                    await changes.wait(LOOK_S)
        except AppError:
            await self._send({"t": "state", "conversation": conversation, "holder": "bot"})
        except ConnectionError:
            return
        finally:
            typing.cancel()
            changes.close()

    async def _follow_typing(self, conversation: str) -> None:
        follower: Follower = self._signals.follow(f"typing:user:{conversation}")
        try:
            while True:
                if await follower.wait(60.0):
                    await self._send({"t": "typing", "conversation": conversation, "from": "user", "on": True})
        finally:
            follower.close()

    async def _send(self, frame: dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_str(dumps(frame))

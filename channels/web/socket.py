"""The web channel's WebSocket (contract 2): the same messages and events, pushed."""

import asyncio
import contextlib
import time
from typing import Any

import structlog
from aiohttp import WSMsgType, web

from channels.message import Subscription
from channels.web.endpoints import WebCore
from channels.web.origin import same_origin
from channels.web.parse import parse_message
from core.errors import AppError, BadRequest, Forbidden, Unauthorized
from core.http import dumps, need, parse_json

MAX_FRAME = 64 * 1024
HELLO_S = 10.0
LOOK_S = 15.0
"""Seconds after which the log is read again even when no signal came."""
BURST, PER_SECOND = 20, 5.0
_log = structlog.get_logger("web.socket")


class WebSocketChannel:
    """``GET /web/socket``."""

    def __init__(self, core: WebCore, public_url: str) -> None:
        self._core = core
        self._public_url = public_url
        self._open: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/web/socket", self.connect)]

    async def close_all(self) -> None:
        """Tell every client to come back elsewhere."""
        for socket in tuple(self._open):
            with contextlib.suppress(Exception):
                await socket.close(code=1001, message=b"going away")

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if not same_origin(request, self._public_url):
            raise Forbidden("foreign_origin", "这个页面不能直接连接，请从12345的页面打开。")
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME, heartbeat=30.0, compress=False)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            await _Client(self._core, socket).serve()
        finally:
            self._open.discard(socket)
        return socket


class _Client:
    """One connected socket."""

    def __init__(self, core: WebCore, socket: web.WebSocketResponse) -> None:
        self._core = core
        self._socket = socket
        self._conversation = ""
        self._sent = 0
        self._state: dict[str, Any] | None = None
        self._tokens = float(BURST)
        self._filled = time.monotonic()
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        hello = await self._hello()
        if hello is None:
            return
        subscription = self._core.subscribe(self._conversation)
        typing = self._core.subscribe_typing(self._conversation)
        tasks = [asyncio.create_task(self._pump(subscription)), asyncio.create_task(self._show_typing(typing))]
        try:
            await self._read()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            subscription.close()
            typing.close()

    async def _hello(self) -> dict[str, Any] | None:
        try:
            message = await self._socket.receive(timeout=HELLO_S)
        except TimeoutError:
            await self._socket.close(code=1008, message=b"no hello")
            return None
        if message.type is not WSMsgType.TEXT:
            await self._refuse(message.type)
            return None
        try:
            frame = parse_json(message.data)
            if frame.get("t") != "hello":
                raise BadRequest("no_hello", "请先打招呼。")
            self._conversation = await self._core.conversation_of(need(frame, "token", str))
            self._sent = min(max(0, int(frame.get("last_seq") or 0)), 2**31 - 1)
        except Unauthorized:
            await self._socket.close(code=1008, message=b"bad token")
            return None
        except (AppError, ValueError, TypeError):
            await self._socket.close(code=1003, message=b"not a hello")
            return None
        state = await self._core.state(self._conversation)
        self._state = state
        last = await self._core.last_seq(self._conversation)
        await self._send({"t": "welcome", "conversation": self._conversation, "seq": last, "state": state})
        return frame

    async def _refuse(self, kind: WSMsgType) -> None:
        if kind is WSMsgType.BINARY:
            await self._socket.close(code=1003, message=b"text only")

    async def _pump(self, subscription: Subscription) -> None:
        """Send what is new, whenever something changed, and from time to time without being told."""
        while not self._socket.closed:
            try:
                while events := await self._core.events(self._conversation, self._sent, 200):
                    for event in events:
                        await self._send({"t": "event", "event": event})
                        self._sent = event["seq"]
                await self._send_state()
            except ConnectionError:
                return
            except Exception as error:
                _log.warning("push_failed", kind=type(error).__name__)
                await asyncio.sleep(1.0)
            await subscription.wait(LOOK_S)

    async def _show_typing(self, typing: Subscription) -> None:
        while not self._socket.closed:
            if await typing.wait(LOOK_S):
                await self._send({"t": "typing", "from": "agent", "on": True})

    async def _send_state(self) -> None:
        state = await self._core.state(self._conversation)
        if state != self._state:
            self._state = state
            await self._send({"t": "state", "state": state})

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                await self._refuse(message.type)
                return
            try:
                frame = parse_json(message.data)
            except AppError:
                await self._socket.close(code=1003, message=b"not json")
                return
            await self._handle(frame)

    async def _handle(self, frame: dict[str, Any]) -> None:
        cid = frame["message"].get("cid") if isinstance(frame.get("message"), dict) else None
        if not self._may():
            await self._error("rate_limited", "发得太快了，请稍等一下再发。", cid, retry_after=1)
            return
        try:
            match frame.get("t"):
                case "msg":
                    accepted = await self._core.receive(parse_message(self._conversation, need(frame, "message", dict)))
                    await self._send({"t": "accepted", **accepted.as_json()})
                case "ping":
                    await self._send({"t": "pong"})
                case "read":
                    await self._core.seen(self._conversation, need(frame, "seq", int))
                case "typing":
                    await self._core.typing(self._conversation, need(frame, "on", bool))
                case "ack" | "hello":
                    pass  # the log is replayed by sequence number; nothing waits for an acknowledgement
                case _:
                    await self._error("unknown_frame", "不认识这种消息。", cid)
        except AppError as error:
            await self._error(error.code, error.message, cid, retry_after=error.retry_after)
        except Exception as error:
            _log.exception("frame_failed", kind=type(error).__name__)
            await self._error("internal", "暂时没有收下，请稍后再发一次。", cid, retry_after=2)

    def _may(self) -> bool:
        moment = time.monotonic()
        self._tokens = min(BURST, self._tokens + (moment - self._filled) * PER_SECOND)
        self._filled = moment
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def _error(self, code: str, words: str, cid: Any, *, retry_after: float | None = None) -> None:
        frame: dict[str, Any] = {"t": "error", "code": code, "message": words}
        if isinstance(cid, str):
            frame["cid"] = cid
        if retry_after is not None:
            frame["retry_after"] = retry_after
        await self._send(frame)

    async def _send(self, frame: dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_str(dumps(frame))

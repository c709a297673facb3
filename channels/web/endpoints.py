"""The web channel's HTTP routes (contract 2)."""

import asyncio
from typing import Any, Protocol, get_args

from aiohttp import BodyPartReader, web

from channels.message import Audience, Event, Inbox, Opened
from channels.web.parse import parse_message
from core.errors import BadRequest, TooLarge, Unauthorized
from core.http import json_response, need, read_json

MAX_WAIT_S = 25.0
MAX_WORDS = 1_000


class WebCore(Inbox, Protocol):
    """What the web channel needs beyond an ``Inbox``."""

    async def open_session(self, audience: Audience) -> Opened: ...

    async def conversation_of(self, token: str) -> str:
        """The conversation of a bearer token. Raises Unauthorized."""

    async def last_seq(self, conversation: str) -> int:
        """The number of the newest event."""

    async def save_file(self, conversation: str, name: str, content: bytes) -> dict[str, Any]: ...


class WebChannel:
    """Routes over a ``WebCore``."""

    def __init__(self, core: WebCore, *, max_file: int) -> None:
        self._core = core
        self._max_file = max_file

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/web/session", self.open_session),
            web.post("/web/messages", self.post_message),
            web.get("/web/events", self.get_events),
            web.post("/web/feedback", self.post_feedback),
            web.get("/web/tickets", self.get_tickets),
            web.post("/web/files", self.post_file),
        ]

    async def open_session(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        audience = body.get("audience", "citizen")
        if audience not in get_args(Audience):
            raise BadRequest("bad_audience", "audience 应是 citizen 或 enterprise。", field="audience")
        opened = await self._core.open_session(audience)
        shown = {"token": opened.token, "conversation": opened.conversation, "expires_in": opened.expires_in}
        return json_response(shown, status=201, headers={"Cache-Control": "no-store"})

    async def post_message(self, request: web.Request) -> web.Response:
        conversation = await self._conversation(request)
        accepted = await self._core.receive(parse_message(conversation, await read_json(request)))
        return json_response(accepted.as_json(), status=202)

    async def get_events(self, request: web.Request) -> web.Response:
        conversation = await self._conversation(request)
        after = _whole(request, "after", 0)
        wait = min(_seconds(request, "wait"), MAX_WAIT_S)
        events = await self._wait_for_events(conversation, after, wait)
        body = {"events": events, "state": await self._core.state(conversation)}
        return json_response(body, headers={"Cache-Control": "no-store"})

    async def _wait_for_events(self, conversation: str, after: int, wait: float) -> list[Event]:
        subscription = self._core.subscribe(conversation)
        try:
            events = await self._core.events(conversation, after)
            until = asyncio.get_running_loop().time() + wait
            while not events and (left := until - asyncio.get_running_loop().time()) > 0:
                await subscription.wait(min(left, 5.0))
                events = await self._core.events(conversation, after)
            return events
        finally:
            subscription.close()

    async def post_feedback(self, request: web.Request) -> web.Response:
        conversation = await self._conversation(request)
        body = await read_json(request)
        vote = need(body, "vote", str)
        if vote not in ("up", "down"):
            raise BadRequest("bad_vote", "vote 应是 up 或 down。", field="vote")
        words = need(body, "words", str, optional=True)
        if words is not None and len(words) > MAX_WORDS:
            raise BadRequest("too_long", f"请控制在{MAX_WORDS}字以内。", field="words")
        await self._core.feedback(conversation, need(body, "event", str), vote, words)
        return web.Response(status=204)

    async def get_tickets(self, request: web.Request) -> web.Response:
        conversation = await self._conversation(request)
        return json_response({"tickets": await self._core.tickets(conversation)})

    async def post_file(self, request: web.Request) -> web.Response:
        conversation = await self._conversation(request)
        part = await _file_part(request)
        content = await _content(part, self._max_file)
        saved = await self._core.save_file(conversation, part.filename or "文件", content)
        return json_response(saved, status=201)

    async def _conversation(self, request: web.Request) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("no_token", "请先打开会话，再发送消息。")
        return await self._core.conversation_of(token.strip())


async def _file_part(request: web.Request) -> BodyPartReader:
    wrong = BadRequest("no_file", "请用 multipart 表单的 file 字段上传文件。", field="file")
    if not request.content_type.startswith("multipart/"):
        raise wrong
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.name == "file":
                return part
    except (ValueError, AssertionError) as error:
        raise wrong from error
    raise wrong


async def _content(part: BodyPartReader, limit: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > limit:
            raise TooLarge("too_large", "文件太大了，请控制在10MB以内。", field="file")
    if not content:
        raise BadRequest("empty", "文件是空的，请换一个文件。", field="file")
    return bytes(content)


def _whole(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise BadRequest("bad_value", f"{name} 应是不小于0的整数。", field=name)
    return int(text)


def _seconds(request: web.Request, name: str) -> float:
    text = request.query.get(name, "0")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise BadRequest("bad_value", f"{name} 应是秒数。", field=name)
    return value

"""Receiving: a message is committed, deduplicated and numbered here before anyone is told that it arrived."""

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import router
from bot.conversation import EventLog, locked
from bot.files import FileStore
from bot.models import Conversation, FileRow, Inbound
from bot.reflex import Reflex
from channels.message import MAX_TEXT, Accepted, InboundMessage
from core.db import Database, after_commit
from core.errors import BadRequest, Conflict
from core.http import dumps
from core.text import legal_text

_EVENT_KIND = {"text": "text", "choice": "text", "file": "file", "location": "location"}


class Intake:
    """Turns an ``InboundMessage`` into an event and a pending turn, in one commit."""

    def __init__(
        self, db: Database, log: EventLog, files: FileStore, reflex: Reflex, wake: Callable[[str, str], None]
    ) -> None:
        self._db = db
        self._log = log
        self._files = files
        self._reflex = reflex
        self._wake = wake

    async def receive(self, message: InboundMessage) -> Accepted:
        """Commit ``message``. The same key and content again returns the first place; the same key with other content
        raises Conflict."""
        content = _checked(message.content())
        fingerprint = hashlib.sha256(dumps(content).encode()).hexdigest()
        async with self._db.write() as session:
            conversation = await locked(session, message.conversation)
            earlier = await _earlier(session, message)
            if earlier is not None:
                return _repeated(earlier, fingerprint)
            content = _meant(content, conversation.offered)
            if conversation.holder == "closed":
                router.move(conversation, "reopen")
            body = await self._event_body(session, conversation, content)
            event = await self._log.append(session, conversation, "user", _EVENT_KIND[content["type"]], body)
            handled = await self._reflex.react(session, conversation, content)
            session.add(
                Inbound(
                    id=event.id,
                    conversation_id=conversation.id,
                    cid=message.cid,
                    fingerprint=fingerprint,
                    content=content,
                    seq=event.seq,
                    state="done" if handled else "pending",
                    received_at=event.at,
                    done_at=event.at if handled else None,
                )
            )
            if not handled:
                after_commit(session, lambda: self._wake(conversation.id, event.id))
            return Accepted(message.cid, event.seq, False)

    async def _event_body(
        self, session: AsyncSession, conversation: Conversation, content: dict[str, Any]
    ) -> dict[str, Any]:
        match content["type"]:
            case "file":
                row = await session.get(FileRow, content["file_id"])
                if row is None or row.conversation_id != conversation.id:
                    raise BadRequest("no_file", "没有找到这个文件，请重新上传。", field="file_id")
                return self._files.view(row)
            case "location":
                return dict(content["location"])
            case "choice":
                shown = content.get("typed") or content.get("title") or content["choice"]
                return {"text": shown, "choice": content["choice"]}
            case _:
                return {"text": content["text"]}


async def _earlier(session: AsyncSession, message: InboundMessage) -> Inbound | None:
    query = select(Inbound).where(Inbound.conversation_id == message.conversation, Inbound.cid == message.cid)
    return (await session.scalars(query)).first()


def _repeated(earlier: Inbound, fingerprint: str) -> Accepted:
    if earlier.fingerprint != fingerprint:
        raise Conflict("cid_reused", "同一个消息编号不能用于不同的内容，请换一个编号再发。", field="cid")
    return Accepted(earlier.cid, earlier.seq, True)


def _checked(content: dict[str, Any]) -> dict[str, Any]:
    if content["type"] != "text":
        return content
    text = legal_text(content["text"])
    if not text.strip():
        raise BadRequest("empty", "内容是空的，请输入文字后再发。", field="text")
    if len(text) > MAX_TEXT:
        raise BadRequest("too_long", f"内容太长了，请控制在{MAX_TEXT}字以内，分几次发也可以。", field="text")
    return {**content, "text": text}


def _meant(content: dict[str, Any], offered: list[dict[str, str]]) -> dict[str, Any]:
    """A choice gets its title; typed words that are an offered choice's title or number become that choice."""
    if content["type"] == "choice":
        title = next((o["title"] for o in offered if o["id"] == content["choice"]), "")
        return {**content, "title": title}
    if content["type"] != "text":
        return content
    typed = content["text"].strip()
    for number, option in enumerate(offered, start=1):
        if typed == option["title"] or typed.rstrip(".。、") == str(number):
            return {"type": "choice", "choice": option["id"], "title": option["title"], "typed": typed}
    return content

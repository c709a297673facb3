"""What an agent sees of a conversation at a glance: who, what they want, what was tried, what is filled."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import EventLog, view
from bot.desk.handoff import open_handoff
from bot.desk.zones import ZONES
from bot.files import FileStore
from bot.models import Conversation, EventRow, Staff
from core.clock import iso, now
from core.redaction import redact_text
from ticket_bridge.views import tickets_of

MAX_EVENTS = 500
TELLING = 5
"""Characters that a message must exceed to say more than a yes or a name."""
REASONS = {
    "asked": "市民要求人工",
    "not_understood": "两次没听懂",
    "emergency": "紧急情况",
    "abuse": "言语激动",
    "enterprise": "企业快速通道",
    "transfer": "其他坐席转来",
}


async def story(session: AsyncSession, row: Conversation, files: FileStore) -> dict[str, Any]:
    """The conversation with its transcript and handoff pack."""
    rows = await EventLog.after(session, row.id, max(0, row.last_seq - MAX_EVENTS), MAX_EVENTS)
    agent = await session.get(Staff, row.agent_id) if row.agent_id else None
    handoff = await open_handoff(session, row.id)
    return {
        "conversation": row.id,
        "holder": row.holder,
        "zone": row.zone,
        "zone_name": ZONES[row.zone].name,
        "channel": row.channel,
        "audience": row.audience,
        "urgency": row.urgency,
        "agent": agent.display_name if agent else None,
        "last_seq": row.last_seq,
        "read_seq": row.read_seq,
        "transcript": [_shown(event, files) for event in rows],
        "pack": {
            "reason": handoff.reason if handoff else row.reason,
            "reason_text": REASONS.get(handoff.reason if handoff else row.reason, ""),
            "note": handoff.note if handoff else None,
            "summary": _summary(rows),
            "slots": {name: value for name, value in row.draft.items() if value not in (None, [], "")},
            "tried": _tried(rows),
            "tickets": await tickets_of(session, row.citizen_id),
        },
    }


def _shown(event: EventRow, files: FileStore) -> dict[str, Any]:
    shown = view(event)
    if event.kind == "file":
        shown["body"] = {**event.body, "url": files.link(event.body["file_id"])}
    return shown


def _summary(rows: list[EventRow]) -> str:
    """The citizen's own telling words, newest last: no tapped choices, no bare answers, numbers of persons masked."""
    said = [
        row.body.get("text", "")
        for row in rows
        if row.sender == "user" and row.kind == "text" and "choice" not in row.body
    ]
    masked = [redact_text(words)[:120] for words in said]
    telling = [words for words in masked if len(words) > TELLING and not words.startswith("[")][-3:] or masked[-1:]
    return "；".join(telling)


def _tried(rows: list[EventRow]) -> list[dict[str, Any]]:
    return [
        {
            "question": row.body.get("question", ""),
            "topic": row.body["topic"],
            "citations": row.body.get("citations", []),
            "seq": row.seq,
        }
        for row in rows
        if row.kind == "answer"
    ]


def queue_item(row: Conversation) -> dict[str, Any]:
    """One line of the queue."""
    since = row.queued_at or row.updated_at
    return {
        "conversation": row.id,
        "zone": row.zone,
        "zone_name": ZONES[row.zone].name,
        "reason": row.reason,
        "reason_text": REASONS.get(row.reason, ""),
        "urgency": row.urgency,
        "channel": row.channel,
        "audience": row.audience,
        "queued_at": iso(since),
        "waiting_s": max(0, int((now() - since).total_seconds())),
    }


async def waiting(session: AsyncSession, staff: Staff) -> list[dict[str, Any]]:
    """The queue of the zones of ``staff``: urgent first, then who waits longest."""
    query = select(Conversation).where(Conversation.holder == "queue")
    if "administrator" not in staff.roles:
        query = query.where(Conversation.zone.in_(staff.zones))
    rows = (await session.scalars(query)).all()
    ordered = sorted(rows, key=lambda row: (row.urgency != "urgent", row.queued_at or row.updated_at))
    return [queue_item(row) for row in ordered]


async def held_by(session: AsyncSession, staff: Staff) -> list[dict[str, Any]]:
    """The conversations that ``staff`` holds now, with their newest event."""
    query = select(Conversation).where(Conversation.holder == "agent", Conversation.agent_id == staff.id)
    rows = (await session.scalars(query.order_by(Conversation.claimed_at))).all()
    return [{**queue_item(row), "last_seq": row.last_seq} for row in rows]

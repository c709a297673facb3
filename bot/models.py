"""Tables of conversations and people. Tickets have their own in ``ticket_bridge.models``."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.db import Base, Moment
from core.ids import new_id


class Citizen(Base):
    """One person, as far as they have proved to be one; every channel identity points here."""

    __tablename__ = "citizen"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class ChannelIdentity(Base):
    """Who a citizen is on one channel (an openid, an app user, a web session's own id)."""

    __tablename__ = "channel_identity"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(128))
    citizen_id: Mapped[str] = mapped_column(ForeignKey("citizen.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Conversation(Base):
    """One thread. ``holder`` is who may answer; ``epoch`` rises at each change of holder, so that a reply computed
    for an earlier holder can be told apart. ``last_seq`` numbers the events without gaps."""

    __tablename__ = "conversation"
    __table_args__ = (Index(None, "holder", "queued_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    citizen_id: Mapped[str] = mapped_column(ForeignKey("citizen.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    audience: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(8), default="bot")
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    read_seq: Mapped[int] = mapped_column(Integer, default=0)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), default=None)
    zone: Mapped[str] = mapped_column(String(16), default="general")
    urgency: Mapped[str] = mapped_column(String(8), default="normal")
    reason: Mapped[str] = mapped_column(String(32), default="")
    queued_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    offered: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    degraded: Mapped[bool] = mapped_column(Boolean, default=False)
    assistant_stale: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)


class EventRow(Base):
    """One event of a conversation, never changed once written."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("conversation_id", "seq"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int] = mapped_column(Integer)
    sender: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str | None] = mapped_column(String(32), default=None)
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Inbound(Base):
    """A citizen's message as received: its key, what it said, and whether a turn has answered it."""

    __tablename__ = "inbound"
    __table_args__ = (UniqueConstraint("conversation_id", "cid"), Index(None, "state", "received_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    cid: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    seq: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    received_at: Mapped[datetime] = mapped_column(Moment, default=now)
    done_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class AgentMessage(Base):
    """The key of a message that an agent sent, so that sending it again is no second message."""

    __tablename__ = "agent_message"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    cid: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int] = mapped_column(Integer)


class WebSession(Base):
    """A bearer token of the web channel, by its hash."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)


class FileRow(Base):
    """An upload: its content lies under ``INTAKE_VAR/uploads`` by id, its name is only shown."""

    __tablename__ = "file"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Feedback(Base):
    """A thumb for an answer, with optional words; the last vote of a conversation for an event counts."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("conversation_id", "event_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id"))
    vote: Mapped[str] = mapped_column(String(4))
    words: Mapped[str | None] = mapped_column(Text, default=None)
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Consent(Base):
    """Which privacy notice a citizen agreed to or declined, and when."""

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    citizen_id: Mapped[str] = mapped_column(ForeignKey("citizen.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    version: Mapped[str] = mapped_column(String(16))
    agreed: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(Moment, default=now)


class Handoff(Base):
    """One time that a person was asked for: why, what was known then, who took it, how it ended."""

    __tablename__ = "handoff"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    reason: Mapped[str] = mapped_column(String(32))
    zone: Mapped[str] = mapped_column(String(16))
    queued_at: Mapped[datetime] = mapped_column(Moment, default=now)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), default=None)
    outcome: Mapped[str | None] = mapped_column(String(16), default=None)
    note: Mapped[str | None] = mapped_column(Text, default=None)


class Staff(Base):
    """An agent, supervisor, editor or administrator."""

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    zones: Mapped[list[str]] = mapped_column(JSON, default=list)
    totp_secret: Mapped[str | None] = mapped_column(String(64), default=None)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment, default=None)
    presence: Mapped[str] = mapped_column(String(8), default="offline")
    seen_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    capacity: Mapped[int] = mapped_column(Integer, default=5)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class StaffSession(Base):
    """A signed-in browser of a member of staff, by the hash of its cookie."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Audit(Base):
    """Who did what to which object; no personal data in ``detail``."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(48))
    object: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

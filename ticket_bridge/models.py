"""Tables of the bridge. ``conversation`` and ``citizen`` are opaque to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import now
from core.db import Base, Moment
from core.ids import new_id


class Ticket(Base):
    """One confirmed request. ``version`` is the newest version of the backend's that was applied, 0 before any."""

    __tablename__ = "ticket"
    __table_args__ = (Index(None, "citizen", "submitted_at"), Index(None, "status", "polled_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    client_ref: Mapped[str] = mapped_column(String(64), unique=True)
    conversation: Mapped[str] = mapped_column(String(64))
    citizen: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    audience: Mapped[str] = mapped_column(String(16))
    request_type: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(48))
    unit: Mapped[str | None] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    district: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Text)
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    occurred_at: Mapped[datetime | None] = mapped_column(Moment)
    occurred_until: Mapped[datetime | None] = mapped_column(Moment)
    occurred_text: Mapped[str | None] = mapped_column(String(100))
    contact_name: Mapped[str | None] = mapped_column(String(64))
    contact_phone: Mapped[str | None] = mapped_column(String(32))
    confidential: Mapped[bool] = mapped_column(Boolean, default=False)
    enterprise_name: Mapped[str | None] = mapped_column(String(200))
    uscc: Mapped[str | None] = mapped_column(String(18))
    urgency: Mapped[str] = mapped_column(String(8), default="normal")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(16), default="received")
    version: Mapped[int] = mapped_column(Integer, default=0)
    dispatch_no: Mapped[str | None] = mapped_column(String(64), index=True, default=None)
    submitted_at: Mapped[datetime] = mapped_column(Moment, default=now)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    due_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    polled_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class TicketEvent(Base):
    """One step in a ticket's history. ``source``: intake (our receipt), ack (the backend's answer to the create;
    becomes a dispatch step once the backend numbers it) or dispatch (``version`` is the backend's).
    ``applied`` is false for a step that came too late to move the ticket."""

    __tablename__ = "ticket_event"
    __table_args__ = (UniqueConstraint("ticket_id", "source", "version"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"))
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment)
    unit: Mapped[str | None] = mapped_column(String(120), default=None)
    note: Mapped[str | None] = mapped_column(Text, default=None)
    source: Mapped[str] = mapped_column(String(16))
    applied: Mapped[bool] = mapped_column(Boolean, default=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=now)


class OutboxItem(Base):
    """Something to tell the backend. ``fence`` rises with each lease: only the newest lease may write the outcome."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "state", "next_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    unknown: Mapped[bool] = mapped_column(Boolean, default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    fence: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime] = mapped_column(Moment, default=now)
    lease_until: Mapped[datetime | None] = mapped_column(Moment, default=None)
    last_error: Mapped[str | None] = mapped_column(String(200), default=None)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class CallbackRecord(Base):
    """A callback as it came. ``state``: applied, known, late, held (ticket not acknowledged yet) or aside (unknown)."""

    __tablename__ = "callback"
    __table_args__ = (Index(None, "state", "ticket_no"),)

    webhook_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    ticket_no: Mapped[str] = mapped_column(String(64))
    client_ref: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[datetime] = mapped_column(Moment, default=now)

"""The dispatch backend as the bridge sees it: a protocol with typed outcomes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Accepted:
    """The backend has it. ``ticket_no`` is empty for a note."""

    ticket_no: str
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The backend will never take it (4xx): a person must look."""

    reason: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Not now; ``retry_after`` in seconds."""

    retry_after: float


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing was sent; sending again is safe."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived: time-out, server error, unreadable answer. Ask before sending again."""

    reason: str


Outcome = Accepted | Refused | Throttled | Unreachable | Unknown


@dataclass(frozen=True, slots=True)
class RemoteStep:
    """One step of a ticket as the backend tells it."""

    version: int
    status: str
    at: datetime
    unit: str | None = None
    note: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteTicket:
    """A ticket as the backend holds it."""

    ticket_no: str
    client_ref: str
    accepted_at: datetime | None
    history: tuple[RemoteStep, ...]


class DispatchError(Exception):
    """A question to the backend was not answered; ask again later."""


class Dispatch(Protocol):
    """What the worker and the poller need of a backend."""

    async def create(self, key: str, body: dict[str, Any]) -> Outcome: ...

    async def add_note(self, ticket_no: str, key: str, body: dict[str, Any]) -> Outcome: ...

    async def find(self, client_ref: str) -> RemoteTicket | None:
        """The ticket made under ``client_ref``, None when there is none. Raises DispatchError."""

    async def get(self, ticket_no: str) -> RemoteTicket | None:
        """The ticket with its history. Raises DispatchError."""

"""The dispatch backend over HTTP (contract 6)."""

import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from core.clock import parse_iso
from core.http import dumps
from ticket_bridge.dispatch import (
    Accepted,
    DispatchError,
    Outcome,
    Refused,
    RemoteStep,
    RemoteTicket,
    Throttled,
    Unknown,
    Unreachable,
)
from ticket_bridge.signing import secrets_of, signed_headers

TIMEOUT_S, CONNECT_S = 10.0, 3.0
MAX_ANSWER = 1024 * 1024
DEFAULT_RETRY_S = 5.0


class HttpDispatch:
    """A signed client; use as ``async with``."""

    def __init__(self, url: str, secrets: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url = url.rstrip("/")
        self._secrets = secrets_of(secrets)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_S)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def create(self, key: str, body: dict[str, Any]) -> Outcome:
        """``POST /tickets``."""
        outcome, answer = await self._post("/tickets", key, body)
        if outcome is not None:
            return outcome
        number = answer.get("ticket_no")
        if not isinstance(number, str) or not number:
            return Unknown("no ticket_no in the answer")
        return Accepted(number, _moment(answer.get("accepted_at")))

    async def add_note(self, ticket_no: str, key: str, body: dict[str, Any]) -> Outcome:
        """``POST /tickets/{ticket_no}/notes``."""
        outcome, _ = await self._post(f"/tickets/{quote(ticket_no, safe='')}/notes", key, body)
        return outcome or Accepted("")

    async def find(self, client_ref: str) -> RemoteTicket | None:
        """``GET /tickets?client_ref=``, then the ticket itself. Raises DispatchError."""
        answer = await self._get(f"/tickets?client_ref={quote(client_ref, safe='')}")
        tickets = (answer or {}).get("tickets")
        if not isinstance(tickets, list):
            raise DispatchError("no tickets in the answer")
        numbers = [t["ticket_no"] for t in tickets if isinstance(t, dict) and isinstance(t.get("ticket_no"), str)]
        return await self.get(numbers[0]) if numbers else None

    async def get(self, ticket_no: str) -> RemoteTicket | None:
        """``GET /tickets/{ticket_no}``. Raises DispatchError."""
        answer = await self._get(f"/tickets/{quote(ticket_no, safe='')}")
        return _ticket(answer) if answer is not None else None

    async def _post(self, path: str, key: str, body: dict[str, Any]) -> tuple[Outcome | None, dict[str, Any]]:
        raw = dumps(body)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            **signed_headers(self._secrets, raw),
        }
        try:
            async with self._open().post(self._url + path, data=raw.encode(), headers=headers) as response:
                return await _outcome(response)
        except aiohttp.ClientConnectorError as error:
            return Unreachable(type(error).__name__), {}
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            return Unknown(type(error).__name__), {}

    async def _get(self, path: str) -> dict[str, Any] | None:
        try:
            headers = signed_headers(self._secrets, "")
            async with self._open().get(self._url + path, headers=headers) as response:
                if response.status == 404:
                    return None
                if response.status != 200:
                    raise DispatchError(f"status {response.status}")
                return _object(await response.content.read(MAX_ANSWER))
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            raise DispatchError(type(error).__name__) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use async with")
        return self._session


async def _outcome(response: aiohttp.ClientResponse) -> tuple[Outcome | None, dict[str, Any]]:
    """None and the answer when the backend took it; else what its status means."""
    if response.status in (200, 201):
        return None, _object(await response.content.read(MAX_ANSWER))
    if response.status in (429, 503):
        return Throttled(_retry_after(response.headers.get("Retry-After"))), {}
    if response.status in (408, 425) or response.status >= 500:
        return Unknown(f"status {response.status}"), {}
    return Refused(f"status {response.status}"), {}


def _retry_after(value: str | None) -> float:
    return min(float(value), 3600.0) if value and value.isdecimal() else DEFAULT_RETRY_S


def _object(raw: bytes) -> dict[str, Any]:
    value = json.loads(raw.decode("utf-8"))
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _moment(value: Any) -> Any:
    try:
        return parse_iso(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _ticket(answer: dict[str, Any]) -> RemoteTicket:
    try:
        steps = tuple(step_of(item) for item in answer.get("history") or [])
        return RemoteTicket(
            str(answer["ticket_no"]), str(answer["client_ref"]), _moment(answer.get("accepted_at")), steps
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DispatchError("unreadable ticket") from error


def step_of(item: dict[str, Any]) -> RemoteStep:
    """A step from JSON. Raises KeyError, TypeError, ValueError."""
    version = item["version"]
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 2**31:
        raise ValueError("version")
    return RemoteStep(
        version=version,
        status=str(item["status"]),
        at=parse_iso(item["at"]),
        unit=_text(item.get("unit")),
        note=_text(item.get("note")),
        due_at=_moment(item.get("due_at")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None

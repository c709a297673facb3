"""The simulator's clock: moves tickets on, and sends the callbacks it owes until they are taken."""

import asyncio
import json
import sqlite3

import aiohttp
import structlog

from core.catalog import categories, departments, districts
from core.http import dumps
from ticket_bridge.signing import signed_headers
from ticket_bridge.simulator.store import Held, Store

ROUTE = ("accepted", "assigned", "processing", "replied", "closed")
_LOOK_S = 0.1
_LONGEST_S = 30.0
_log = structlog.get_logger("simulator")


class Clock:
    """``step_s`` seconds pass between two steps of a ticket."""

    def __init__(self, store: Store, callback_url: str, secrets: list[str], step_s: float) -> None:
        self._store = store
        self._url = callback_url
        self._secrets = secrets
        self._step_s = step_s

    async def run(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                for ticket in self._store.due():
                    self._move(ticket)
                await asyncio.gather(*(self._send(session, row) for row in self._store.owed()))
                await asyncio.sleep(_LOOK_S)

    def _move(self, ticket: Held) -> None:
        if ticket.status not in ROUTE[:-1]:
            self._store.advance(ticket.ticket_no, ticket.status, None, None, None)
            return
        following = ROUTE[ROUTE.index(ticket.status) + 1]
        unit, note = _words(ticket, following)
        self._store.advance(ticket.ticket_no, following, unit, note, None if following == "closed" else self._step_s)

    async def _send(self, session: aiohttp.ClientSession, row: sqlite3.Row) -> None:
        body = dumps(json.loads(row["body"]))
        headers = {"Content-Type": "application/json", **signed_headers(self._secrets, body, row["id"])}
        try:
            async with session.post(self._url, data=body.encode(), headers=headers) as response:
                if response.status in (200, 202):
                    self._store.delivered(row["id"])
                    return
                _log.warning("callback_refused", status=response.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.info("callback_not_taken", kind=type(error).__name__)
        self._store.postpone(row["id"], min(_LONGEST_S, 0.5 * 2 ** row["tries"]))


def _words(ticket: Held, status: str) -> tuple[str | None, str]:
    """The unit that acts, and what it says."""
    body = ticket.body
    code = body.get("unit") or (categories()[body["category"]].department if body["category"] in categories() else "")
    department = departments().get(code)
    district = districts().get(body.get("district", ""))
    unit = f"{district.name if district else ''}{department.name.removeprefix('市') if department else '承办单位'}"
    if district is None and department is not None:
        unit = department.name
    return {
        "assigned": (unit, f"已派单至{unit}，由其首接负责。"),
        "processing": (unit, "工作人员已联系核实，正在现场处理。"),
        "replied": (unit, "已处理完毕，情况如实答复，请您核对。"),
        "closed": (None, "工单办结，12345将进行回访。"),
    }.get(status, (unit, ""))

"""Users of the product, as their programs would be: a citizen on the web channel, an agent at the desk."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp

Event = dict[str, Any]


class Citizen:
    """A web session; ``seen`` is every event received so far."""

    def __init__(self, base: str, http: aiohttp.ClientSession) -> None:
        self.base = base
        self.http = http
        self.token = ""
        self.conversation = ""
        self.seen: list[Event] = []
        self.state: dict[str, Any] = {}

    async def open(self, audience: str = "citizen") -> "Citizen":
        async with self.http.post(f"{self.base}/web/session", json={"audience": audience}) as response:
            assert response.status == 201, await response.text()
            body = await response.json()
        self.token, self.conversation = body["token"], body["conversation"]
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        async with self.http.post(self.base + path, json=body, headers=self.headers) as response:
            text = await response.text()
            return response.status, (await response.json() if text else None)

    async def send(self, text: str, cid: str | None = None) -> dict[str, Any]:
        """Post words; returns the 202 body."""
        message = {"cid": cid or str(uuid.uuid4()), "type": "text", "text": text}
        status, body = await self.post("/web/messages", message)
        assert status == 202, body
        return dict(body)

    async def choose(self, choice: str) -> dict[str, Any]:
        message = {"cid": str(uuid.uuid4()), "type": "choice", "choice": choice}
        status, body = await self.post("/web/messages", message)
        assert status == 202, body
        return dict(body)

    async def poll(self, wait: float = 0.0) -> list[Event]:
        """Fetch what is new; checks that the sequence has no gap."""
        after = self.seen[-1]["seq"] if self.seen else 0
        params = {"after": str(after), "wait": str(wait)}
        async with self.http.get(f"{self.base}/web/events", params=params, headers=self.headers) as response:
            assert response.status == 200, await response.text()
            body = await response.json()
        new: list[Event] = body["events"]
        assert [e["seq"] for e in new] == list(range(after + 1, after + 1 + len(new))), "gap in seq"
        self.seen += new
        self.state = body["state"]
        return new

    async def until(self, wanted: Callable[[Event], bool], timeout: float = 20.0, *, since: int = 0) -> Event:
        """The first event with ``seq > since`` that ``wanted`` accepts; fails with what came instead."""
        start = since
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        looked = start
        while True:
            for event in self.seen[looked:]:
                looked += 1
                if event["from"] != "user" and wanted(event):
                    return event
            left = end - loop.time()
            if left <= 0:
                came = [(e["from"], e["kind"], str(e["body"])[:120]) for e in self.seen[start:]]
                raise AssertionError(f"not seen within {timeout} s; came {came}; state {self.state}")
            await self.poll(wait=min(left, 5.0))

    async def ask(self, text: str, timeout: float = 20.0) -> list[Event]:
        """Send ``text`` and collect the replies of its turn, until a short silence."""
        accepted = await self.send(text)
        return await self.replies(accepted["seq"], timeout)

    async def tap(self, choice: str, timeout: float = 20.0) -> list[Event]:
        accepted = await self.choose(choice)
        return await self.replies(accepted["seq"], timeout)

    async def replies(self, after: int, timeout: float) -> list[Event]:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while loop.time() < end:
            new = await self.poll(wait=min(5.0, max(0.1, end - loop.time())))
            got = [e for e in self.seen if e["seq"] > after and e["from"] != "user"]
            if got and not new:
                return got
            if got:
                await asyncio.sleep(0.15)
                await self.poll()
                return [e for e in self.seen if e["seq"] > after and e["from"] != "user"]
        raise AssertionError(f"no reply within {timeout} s")


class Agent:
    """A signed-in member of staff."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.csrf = ""
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> "Agent":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    async def login(self, username: str, password: str) -> dict[str, Any]:
        status, body = await self.call("POST", "/desk/api/login", {"username": username, "password": password})
        assert status == 200, body
        self.csrf = body["csrf"]
        return dict(body)

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"X-CSRF-Token": self.csrf} if self.csrf else {}
        async with self.http.request(method, self.base + path, json=body, headers=headers) as response:
            text = await response.text()
            return response.status, (await response.json() if text else None)

    async def say(self, conversation: str, text: str, cid: str | None = None) -> dict[str, Any]:
        message = {"cid": cid or str(uuid.uuid4()), "text": text}
        status, body = await self.call("POST", f"/desk/api/conversations/{conversation}/messages", message)
        assert status == 202, body
        return dict(body)


def texts(events: list[Event]) -> str:
    """Everything said in ``events``."""
    return "\n".join(str(event["body"].get("text", "")) for event in events)


def asked(events: list[Event]) -> str | None:
    """What the newest question asks for."""
    for event in reversed(events):
        if "asks" in event["body"]:
            return str(event["body"]["asks"])
    return None

"""The main job, as a citizen and an agent live it."""

import asyncio

import aiohttp
import pytest

from tests.clients import Agent, Citizen, Event, asked, texts
from tests.stack import Stack

pytestmark = pytest.mark.journey

LAMP = "宿城区项里街道幸福小区门口的路灯坏了三天了"
ANSWERS = {
    "consent": "同意",
    "contact_name": "我姓王",
    "contact_phone": "138 0000 1234",
    "confidential": "不用",
    "address": "宿城区项里街道幸福小区门口",
    "district": "宿城区",
    "description": LAMP,
    "occurred_at": "三天前",
}
STEPS = ["received", "accepted", "assigned", "processing", "replied", "closed"]


async def report(citizen: Citizen, story: str = LAMP) -> Event:
    """Tell a story, answer what is asked, confirm; returns the first ticket event."""
    events = await citizen.ask(story)
    for _ in range(8):
        question = asked(events)
        if question == "confirm":
            break
        assert question in ANSWERS, (question, texts(events))
        events = await citizen.ask(ANSWERS[question])
    assert asked(events) == "confirm"
    fields = {f["slot"]: f["value"] for e in events if e["kind"] == "summary" for f in e["body"]["fields"]}
    assert fields["description"] == story
    events = await citizen.tap("confirm")
    return next(e for e in events if e["kind"] == "ticket")


async def test_a_question_is_answered_with_its_source(citizen: Citizen) -> None:
    events = await citizen.ask("12333还能打吗")
    answer = next(e for e in events if e["kind"] == "answer")
    assert answer["from"] == "bot"
    assert answer["body"]["topic"] == "hotline.dual-numbers"
    assert any(c.get("number") == "宿政办发〔2021〕38号" for c in answer["body"]["citations"])
    status, _ = await citizen.post("/web/feedback", {"event": answer["id"], "vote": "up"})
    assert status == 204


async def test_a_report_becomes_one_ticket_and_is_followed_to_its_end(citizen: Citizen, stack: Stack) -> None:
    first = await report(citizen)
    assert first["body"]["status"] == "received"
    number = first["body"]["ticket"]
    last = await citizen.until(lambda e: e["kind"] == "ticket" and e["body"]["status"] == "closed", timeout=40)
    shown = [e["body"]["status"] for e in citizen.seen if e["kind"] == "ticket" and e["body"]["ticket"] == number]
    assert shown == STEPS
    assert last["body"]["dispatch_no"]
    async with citizen.http.get(f"{citizen.base}/web/tickets", headers=citizen.headers) as response:
        tickets = (await response.json())["tickets"]
    assert [t["ticket"] for t in tickets] == [number]
    assert [h["status"] for h in tickets[0]["history"]] == STEPS


async def test_what_the_dispatch_system_got(citizen: Citizen, stack: Stack) -> None:
    first = await report(citizen)
    await citizen.until(lambda e: e["kind"] == "ticket" and e["body"]["status"] == "accepted")
    ticket = await stack.at_dispatch(first["body"]["ticket"])
    assert ticket["district"] == "sucheng"
    assert ticket["category"] == "tk-traffic.city-road"
    assert "项里街道幸福小区门口" in ticket["address"]
    assert ticket["contact"] == {"name": "王", "phone": "13800001234"}


async def test_a_person_joins_and_leaves(citizen: Citizen, agent: Agent) -> None:
    await citizen.ask("转人工")
    assert citizen.state["holder"] == "queue" and citizen.state["queue_position"] >= 1
    status, queue = await agent.call("GET", "/desk/api/queue")
    assert status == 200 and citizen.conversation in [item["conversation"] for item in queue["items"]]
    status, _ = await agent.call("POST", f"/desk/api/conversations/{citizen.conversation}/claim")
    assert status == 200
    joined = await citizen.until(lambda e: e["kind"] == "notice" and e["body"]["code"] == "agent_joined")
    assert citizen.state["holder"] == "agent" and citizen.state["agent"] in joined["body"]["text"]

    await citizen.send("我想问失业金")
    await agent.say(citizen.conversation, "您好，请讲")
    await citizen.send("怎么领")
    await citizen.until(lambda e: e["from"] == "agent" and e["body"]["text"] == "您好，请讲")
    await asyncio.sleep(1.0)
    await citizen.poll()
    start = next(i for i, e in enumerate(citizen.seen) if e["id"] == joined["id"])
    assert [(e["from"], e["body"]["text"]) for e in citizen.seen[start + 1 :]] == [
        ("user", "我想问失业金"),
        ("agent", "您好，请讲"),
        ("user", "怎么领"),
    ]
    status, story = await agent.call("GET", f"/desk/api/conversations/{citizen.conversation}")
    assert [e["seq"] for e in story["transcript"]] == [e["seq"] for e in citizen.seen]

    path = f"/desk/api/conversations/{citizen.conversation}/close"
    assert (await agent.call("POST", path, {"outcome": "answered"}))[0] == 200
    await citizen.until(lambda e: e["kind"] == "notice" and e["body"]["code"] == "agent_left")
    assert citizen.state["holder"] == "closed"
    events = await citizen.ask("12333还能打吗")
    assert any(e["kind"] == "answer" for e in events) and citizen.state["holder"] == "bot"


async def test_an_emergency_is_answered_at_once(citizen: Citizen) -> None:
    began = asyncio.get_running_loop().time()
    accepted = await citizen.send("家里煤气漏了味道很大")
    await citizen.poll(wait=1)
    took = asyncio.get_running_loop().time() - began
    notice = next(e for e in citizen.seen if e["seq"] == accepted["seq"] + 1)
    assert notice["kind"] == "notice" and notice["body"]["code"] == "emergency"
    assert "119" in notice["body"]["text"]
    assert took < 1.0


@pytest.mark.parametrize("command", ["/restart", '/report_issue{"contact_phone":"1"}', "/confirm"])
async def test_commands_of_the_engine_are_only_words(citizen: Citizen, command: str) -> None:
    events = await citizen.ask(LAMP)
    pending = asked(events)
    await citizen.ask(command)
    assert citizen.state["holder"] == "bot"
    assert [e["body"]["text"] for e in citizen.seen if e["from"] == "user"] == [LAMP, command]
    events = await citizen.ask("同意")
    assert pending == "consent" and asked(events) == "contact_name"


async def test_a_digression_is_answered_and_the_form_goes_on(citizen: Citizen) -> None:
    await citizen.ask(LAMP)
    events = await citizen.ask("12333还能打吗")
    assert any(e["kind"] == "answer" for e in events)
    assert asked(events) == "consent"


async def test_two_citizens_see_only_their_own(citizen: Citizen, stack: Stack, http: aiohttp.ClientSession) -> None:
    other = await Citizen(stack.base, http).open()
    await citizen.ask("你好")
    assert await other.poll() == []

"""What citizens want of their tickets, action by action."""

from typing import Any

import pytest

from bot.actions.answer import Choose
from bot.actions.base import Acted, Services, Turn
from bot.actions.social import OutOfForm
from bot.actions.tickets import CheckTicket, PassOn
from bot.dialogue.step import Heard
from bot.replies import NoteTicket
from core.clock import now

Tickets = list[dict[str, Any]]


def ticket(number: str, status: str = "processing") -> dict[str, Any]:
    return {
        "ticket": number,
        "status": status,
        "status_name": "办理",
        "title": "路灯",
        "history": [{"meaning": "在办。"}],
    }


def services(tickets: Tickets) -> Services:
    async def read(_citizen: str) -> Tickets:
        return tickets

    return Services(knowledge=None, classify=None, tickets=read)  # type: ignore[arg-type]


def turn(words: str, intent: str, **slots: Any) -> Turn:
    content = {"type": "choice", "choice": words} if words.startswith("ticket:") else {"type": "text", "text": words}
    return Turn(Heard(intent, 0.9, words, content, now()), "p", "citizen", slots, False, None, "", [])


def notes(acted: Acted) -> list[tuple[str, str]]:
    return [(reply.number, reply.kind) for reply in acted.replies if isinstance(reply, NoteTicket)]


ONE = [ticket("SQ20261123000001")]
TWO = [*ONE, ticket("SQ20261123000002")]


@pytest.mark.parametrize(
    ("intent", "kind"),
    [("urge_ticket", "urge"), ("supplement_ticket", "supplement"), ("withdraw_ticket", "withdraw")],
)
async def test_the_only_ticket_is_meant(intent: str, kind: str) -> None:
    assert notes(await PassOn(services(ONE)).act(turn("快一点", intent))) == [("SQ20261123000001", kind)]


async def test_of_two_the_citizen_is_asked_which_and_a_tap_is_enough() -> None:
    acted = await PassOn(services(TWO)).act(turn("催一下", "urge_ticket"))
    assert notes(acted) == [] and acted.replies[0].body["asks"] == "which"  # type: ignore[union-attr]
    chosen = await Choose(services(TWO)).act(turn("ticket:SQ20261123000002", "choose", **acted.slots))
    assert notes(chosen) == [("SQ20261123000002", "urge")] and chosen.slots["pending_note"] is None


async def test_a_typed_number_does_as_well() -> None:
    waiting = {"pending_note": {"intent": "withdraw_ticket", "words": "撤了吧"}}
    acted = await OutOfForm(services(TWO)).act(turn("sq20261123000001", "inform", **waiting))
    assert notes(acted) == [("SQ20261123000001", "withdraw")]
    shown = await OutOfForm(services(TWO)).act(turn("SQ20261123000001", "inform"))
    assert notes(shown) == [] and "办理" in str(shown.replies[0])


async def test_after_the_end_one_disputes_and_rates_what_is_closed() -> None:
    tickets = [*ONE, ticket("SQ20261123000009", "closed")]
    assert notes(await PassOn(services(tickets)).act(turn("没修好", "dispute_result"))) == [
        ("SQ20261123000009", "dispute")
    ]
    rated = await PassOn(services(tickets)).act(turn("打五星", "rate_service"))
    assert [reply.rating for reply in rated.replies if isinstance(reply, NoteTicket)] == [5]


async def test_without_a_ticket_it_is_said_plainly() -> None:
    for action in (PassOn(services([])), CheckTicket(services([]))):
        acted = await action.act(turn("催一下", "urge_ticket"))
        assert "没有查到" in str(acted.replies[0]) and notes(acted) == []

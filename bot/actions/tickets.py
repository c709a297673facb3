"""After the ticket: progress, and what the citizen wants passed on about it."""

import re
from typing import Any

from bot.actions.base import Acted, IntakeAction, Services, Turn
from bot.replies import Choice, NoteTicket, Record, Reply, Say, choices, text

_NUMBER = re.compile(r"SQ\d{8,}", re.IGNORECASE)
_DONE = frozenset({"closed", "evaluated", "rejected", "merged", "withdrawn"})
_KINDS = {
    "urge_ticket": ("urge", "已经帮您催办，承办单位会看到。"),
    "supplement_ticket": ("supplement", "补充的情况已经收到，会转给承办单位。"),
    "withdraw_ticket": ("withdraw", "撤回的请求已经收到，会转给分拨系统办理，结果在这里告诉您。"),
    "dispute_result": ("dispute", "您不认可办理结果，这个意见已经收到，会转给分拨系统核实；诉求合理的会退回重办。"),
    "rate_service": ("evaluate", "谢谢您的评价，已经收到。"),
}
_STARS = re.compile(r"([1-5一二两三四五])\s*(?:星|分|颗)")


def card(ticket: dict[str, Any]) -> Say:
    """The ``ticket`` event that shows where a ticket is now."""
    return Say("ticket", {name: value for name, value in ticket.items() if name != "history"})


class CheckTicket(IntakeAction):
    """``action_check_ticket``: the named ticket, or the citizen's latest ones."""

    action_name = "action_check_ticket"

    async def act(self, turn: Turn) -> Acted:
        tickets = await self.services.tickets(turn.citizen)
        if not tickets:
            return Acted([none_there()])
        named = _named(turn, tickets)
        if named is not None:
            return Acted([progress(named), card(named)])
        if _NUMBER.search(turn.heard.words):
            return Acted(
                [text("没有查到这个工单号，请核对一下。下面是您在这里提交过的工单："), *map(card, tickets[:3])]
            )
        if len(tickets) == 1:
            return Acted([progress(tickets[0]), card(tickets[0])])
        return Acted([text(f"您一共有{len(tickets)}张工单，最近的是："), *map(card, tickets[:3])])


class PassOn(IntakeAction):
    """``action_ticket_note``: urge, supplement, withdraw, dispute or rate the ticket that is meant."""

    action_name = "action_ticket_note"

    async def act(self, turn: Turn) -> Acted:
        kind, _ = _KINDS[turn.heard.intent]
        tickets = await self.services.tickets(turn.citizen)
        if not tickets:
            return Acted([none_there()])
        ticket = _named(turn, tickets) or _likely(kind, tickets)
        if ticket is None:
            options = [Choice(f"ticket:{t['ticket']}", f"{t['title']}（{t['status_name']}）") for t in tickets[:5]]
            waiting = {"intent": turn.heard.intent, "words": turn.heard.words}
            return Acted([choices("您说的是哪一张工单？", options, asks="which")], {"pending_note": waiting})
        return passed_on(ticket, turn.heard.intent, turn.heard.words)


def passed_on(ticket: dict[str, Any], intent: str, words: str) -> Acted:
    """What ``intent`` wants is passed on about ``ticket``, in the citizen's own ``words``."""
    kind, said = _KINDS[intent]
    note = NoteTicket(ticket["ticket"], kind, words, _rating(kind, words))
    replies: list[Reply] = [note, text(f"{said}工单号{ticket['ticket']}。"), Record(f"ticket_{kind}")]
    return Acted(replies, {"pending_note": None})


async def about_named(services: Services, turn: Turn, number: str) -> Acted | None:
    """A ticket was named by ``number``: what was wanted of it before is passed on, else it is shown.

    None when the citizen has no such ticket.
    """
    tickets = await services.tickets(turn.citizen)
    ticket = next((t for t in tickets if t["ticket"].upper() == number.upper()), None)
    if ticket is None:
        return None
    pending = turn.slots.get("pending_note")
    if pending:
        return passed_on(ticket, pending["intent"], pending["words"])
    return Acted([progress(ticket), card(ticket)])


def number_in(words: str) -> str | None:
    """The ticket number in ``words``."""
    found = _NUMBER.search(words)
    return found[0] if found else None


def progress(ticket: dict[str, Any]) -> Say:
    """Where it stands, in one sentence."""
    meaning = ticket["history"][-1].get("meaning", "") if ticket.get("history") else ""
    return text(f"您的工单{ticket['ticket']}现在是「{ticket['status_name']}」。{meaning}")


def none_there() -> Say:
    """Said plainly when there is no ticket."""
    options = [Choice("report", "我要反映问题"), Choice("human", "转人工")]
    return choices(
        "这里没有查到您提交过的工单。如果是打电话反映的，可以转人工查询；要反映新的事，现在就可以说。", options
    )


def _named(turn: Turn, tickets: list[dict[str, Any]]) -> dict[str, Any] | None:
    found = _NUMBER.search(turn.heard.words)
    if found is None:
        return None
    return next((t for t in tickets if t["ticket"].upper() == found[0].upper()), None)


def _likely(kind: str, tickets: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The only ticket that ``kind`` can be about."""
    after = kind in ("dispute", "evaluate")
    fitting = [t for t in tickets if (t["status"] in _DONE) == after]
    return fitting[0] if len(fitting) == 1 else tickets[0] if len(tickets) == 1 else None


def _rating(kind: str, words: str) -> int | None:
    if kind != "evaluate":
        return None
    if stars := _STARS.search(words):
        return {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}.get(stars[1]) or int(stars[1])
    if re.search(r"不满意|差|不好|糟", words):
        return 2 if "非常" not in words else 1
    return 5 if re.search(r"非常满意|很满意|太好|很好|满分", words) else 4

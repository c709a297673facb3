"""The ticket form's two actions: leading it, and ending it."""

from typing import Any

from bot.actions.base import Acted, IntakeAction, Turn
from bot.dialogue.draft import Draft
from bot.dialogue.step import Step, begin, proceed, resume
from bot.replies import KeepDraft, SubmitTicket, text

_SILENT_AFTER = frozenset({"action_request_human"})


class LeadForm(IntakeAction):
    """``validate_ticket_form``: takes the message in, says what comes next, and sets what is asked for."""

    action_name = "validate_ticket_form"

    async def act(self, turn: Turn) -> Acted:
        draft = Draft.from_slots(turn.slots)
        asked = turn.slots.get("requested_slot")
        step = self._step(turn, draft, asked)
        if step.passed:
            return Acted(reject_form=True)
        filled = step.draft.as_slots()
        slots: dict[str, Any] = {name: value for name, value in filled.items() if value != turn.slots.get(name)}
        replies = [*step.replies, KeepDraft(filled)] if slots else step.replies
        if step.asked is None:
            slots["confirm"] = step.confirmed
        # The engine takes a form that sets nothing but requested_slot for one that rejected the message.
        return Acted(replies, {**slots, "misses": 0, "requested_slot": step.asked})

    def _step(self, turn: Turn, draft: Draft, asked: str | None) -> Step:
        if asked is None:
            return begin(draft, turn.heard, self.services.classify, turn.earlier_text)
        if turn.resuming in _SILENT_AFTER:
            return Step(draft, [], asked)
        if turn.resuming is not None:
            return resume(draft, asked)
        return proceed(draft, asked, turn.heard, self.services.classify)


class SubmitForm(IntakeAction):
    """``action_submit_ticket``: the form has ended; a confirmed request is submitted, a cancelled one forgotten."""

    action_name = "action_submit_ticket"

    async def act(self, turn: Turn) -> Acted:
        draft = Draft.from_slots(turn.slots)
        filled = [name for name, value in draft.as_slots().items() if value is not None]
        clean = dict.fromkeys([*filled, "confirm", "requested_slot"])
        if turn.slots.get("confirm") is True:
            return Acted([SubmitTicket(draft.request()), KeepDraft({})], clean)
        words = "好的，这件事先不提交，填过的内容已经清除。需要时随时再告诉我。"
        return Acted([text(words), KeepDraft({})], clean)

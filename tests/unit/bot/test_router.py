import itertools

import pytest

from bot.models import Conversation
from bot.router import MOVES, allowed, move
from core.errors import Conflict


def conversation(holder: str) -> Conversation:
    return Conversation(
        id="c", citizen_id="x", channel="web", audience="citizen", holder=holder, epoch=3, urgency="urgent"
    )


@pytest.mark.parametrize(("step", "holder"), list(itertools.product(MOVES, ["bot", "queue", "agent", "closed"])))
def test_only_legal_moves_change_the_holder(step, holder) -> None:  # type: ignore[no-untyped-def]
    row = conversation(holder)
    if allowed(holder, step):
        move(row, step, agent="a")
        assert (row.holder, row.epoch) == (MOVES[step][1], 4)
        assert (row.agent_id == "a") == (row.holder == "agent")
    else:
        with pytest.raises(Conflict):
            move(row, step, agent="a")
        assert (row.holder, row.epoch) == (holder, 3)


def test_who_goes_back_to_the_queue_keeps_the_place() -> None:
    row = conversation("bot")
    move(row, "ask_person")
    since = row.queued_at
    move(row, "claim", agent="a")
    move(row, "requeue")
    assert row.queued_at == since and row.agent_id is None

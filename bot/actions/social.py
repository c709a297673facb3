"""Greetings, thanks, small talk, who and what the assistant is, abuse."""

from bot.actions.base import Acted, IntakeAction, Turn
from bot.actions.tickets import about_named, number_in
from bot.dialogue.fill import tells_trouble
from bot.replies import Choice, Record, Reply, choices, text

_CAN = [
    Choice("report", "我要反映问题"),
    Choice("topic:hotline.channels", "有哪些反映渠道"),
    Choice("tickets", "查我的工单"),
    Choice("human", "转人工"),
]
_WORDS: dict[str, str] = {
    "greet": "您好，我是宿迁12345的智能助手。政策可以直接问我，有事要反映直接说，也可以随时转人工。",
    "goodbye": "好的，再见。以后有事随时找我，电话12345全天24小时有人接听。",
    "thank": "不客气，能帮上您就好。还有别的事请直接说。",
    "bot_identity": (
        "我是宿迁12345的智能助手，是程序，不是真人。需要真人服务请点「转人工」，电话12345全天24小时有人接听。"
    ),
    "capabilities": (
        "我可以：回答社保、医保、公积金、户籍、税务、企业开办等政策问题；"
        "把您反映的事登记成工单转给部门；帮您查工单进度；随时为您转人工。"
    ),
    "chitchat": "这个我帮不上忙。我能做的是回答政务和惠企政策问题、登记您要反映的事、查工单进度。",
    "abuse": "我知道您着急，这事我愿意帮您办好。请告诉我发生了什么，我来登记；想和人说，请点「转人工」。",
}
_AGAIN: dict[str, str] = {
    "greet": "您好，我在。想问什么、要反映什么，直接说就行。",
    "goodbye": "再见，祝您顺利。",
    "thank": "应该的，祝您生活愉快。",
    "bot_identity": "我是智能助手程序。要找真人，点「转人工」就能排队接入坐席。",
    "capabilities": "您可以直接说一件事，比如「失业金怎么领」「路灯坏了」「我的工单到哪了」，我来处理。",
    "chitchat": "聊天我不太在行，办事我可以。您有政务方面的问题吗？",
    "abuse": "您的事还是可以照常反映，请说说情况，或者点「转人工」找坐席。",
}


class Social(IntakeAction):
    """``action_social``."""

    action_name = "action_social"

    async def act(self, turn: Turn) -> Acted:
        intent = turn.heard.intent if turn.heard.intent in _WORDS else "greet"
        repeated = any(_WORDS[intent] in str(reply) for reply in turn.last_said)
        words = (_AGAIN if repeated else _WORDS)[intent]
        replies: list[Reply] = []
        if intent in ("greet", "capabilities", "chitchat") and not turn.in_form:
            replies.append(choices(words, _CAN))
        elif intent in ("bot_identity", "abuse"):
            replies.append(choices(words, [Choice("human", "转人工")]))
        else:
            replies.append(text(words))
        if intent == "abuse":
            replies.append(Record("abuse"))
        return Acted(replies)


class Repeat(IntakeAction):
    """``action_repeat``: what was said last, once more."""

    action_name = "action_repeat"

    async def act(self, turn: Turn) -> Acted:
        if turn.in_form:
            return Acted([text("我再说一遍。")])
        words = _last_words(turn)
        if words is None:
            return Acted([choices("我换个说法：您可以问政策、反映问题、查工单，或者转人工。", _CAN)])
        return Acted([text(f"我再说一遍：{words}")])


def _last_words(turn: Turn) -> str | None:
    for reply in reversed(turn.last_said):
        words = (reply.get("body") or {}).get("text")
        if words and not str(words).startswith("我再说一遍"):
            return str(words)
    return None


class OutOfForm(IntakeAction):
    """``action_out_of_form``: a yes, a no or a bare fact while nothing was asked."""

    action_name = "action_out_of_form"

    async def act(self, turn: Turn) -> Acted:
        intent = turn.heard.intent
        if intent in ("affirm", "deny", "skip", "cancel"):
            return Acted([choices("好的。还有什么需要我帮忙吗？", _CAN)])
        number = number_in(turn.heard.words)
        if number is not None and (acted := await about_named(self.services, turn, number)) is not None:
            return acted
        if tells_trouble(turn.heard.words):
            return Acted(then="ticket_form")  # a story full of facts, taken for a fact
        words = "收到。这是要反映一件事吗？请说说是什么情况，我来登记。"
        return Acted([choices(words, [Choice("report", "我要反映问题"), Choice("human", "转人工")])])

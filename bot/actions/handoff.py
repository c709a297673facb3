"""A person is wanted, a danger is told of, someone asks about their data, or nothing was understood."""

from bot.actions.answer import Answer
from bot.actions.base import Acted, IntakeAction, Turn
from bot.desk.zones import zone_for
from bot.dialogue.fill import tells_trouble
from bot.replies import Choice, Handoff, Record, choices, notice

_ZONE_WORDS = {
    "hrss": ("人社", "社保", "12333", "就业", "养老金"),
    "tax": ("税务", "税", "12366"),
    "medical": ("医保", "12393"),
    "fund": ("公积金", "12329"),
    "justice": ("法律", "律师", "司法", "12348"),
    "yiqilai": ("政策专员", "一企来", "企业"),
}


class RequestHuman(IntakeAction):
    """``action_request_human``: into the queue, in the zone that was named or that the last topic belongs to."""

    action_name = "action_request_human"

    async def act(self, turn: Turn) -> Acted:
        return Acted([Handoff("asked", _zone(turn))])


def _zone(turn: Turn) -> str:
    for zone, words in _ZONE_WORDS.items():
        if any(word in turn.heard.words for word in words):
            return zone
    department = str(turn.slots.get("last_topic") or "").partition(".")[0] or turn.slots.get("unit")
    return zone_for(department, turn.audience)


class EmergencyAction(IntakeAction):
    """``action_emergency``: the engine understood a danger that the word rules did not know."""

    action_name = "action_emergency"

    async def act(self, turn: Turn) -> Acted:
        words = (
            "如果有人正处在危险中，请马上拨打：报警110，火警和救援119，急救120，交通事故122。先保证自己和身边人的安全。"
        )
        warning = notice("emergency", words, numbers=["110", "119", "120", "122"], about="unknown")
        options = [Choice("human", "转人工"), Choice("emergency:report", "不紧急，我要反映这件事")]
        return Acted([warning, choices("电话打过之后，还需要我帮忙吗？", options)])


class PrivacyRequest(IntakeAction):
    """``action_privacy_request``: recorded for the people who handle it, and said so."""

    action_name = "action_privacy_request"

    async def act(self, turn: Turn) -> Acted:
        words = (
            "您的个人信息只用于办理您反映的事，由12345和承办单位使用，不会公开。"
            "您要查看、导出、更正或删除个人信息的请求已经登记，工作人员核实身份后办理；已进入办理程序的工单按规定保存。"
        )
        return Acted([choices(words, [Choice("human", "转人工核实身份")]), Record("privacy_request")])


class NotUnderstood(IntakeAction):
    """``action_not_understood``: the knowledge base is asked all the same; then a person is offered."""

    action_name = "action_not_understood"

    async def act(self, turn: Turn) -> Acted:
        answering = Answer(self.services)
        result = answering.search(turn)
        if result.decision != "none":
            replies, topic = answering.replies(turn, result)
            return Acted(replies, {"last_topic": topic, "misses": 0})
        if not turn.in_form and tells_trouble(turn.heard.words):
            return Acted(then="ticket_form")
        misses = int(turn.slots.get("misses") or 0) + 1
        options = [Choice("report", "我要反映问题"), Choice("human", "转人工")]
        if misses >= 2:
            words = "还是没弄明白您的意思，不耽误您时间，建议转人工，或者把事情登记下来由工作人员联系您。"
            return Acted([choices(words, options[::-1])], {"misses": misses})
        words = "我没太明白。您是想问政策，还是有事要反映？换个说法再说一次也行。"
        return Acted([choices(words, options)], {"misses": misses})

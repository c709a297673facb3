"""The questions, in words that a person would use."""

from bot.dialogue.draft import Draft
from bot.dialogue.summary import summary
from bot.replies import Choice, Reply, choices, notice, text
from core.catalog import districts

PRIVACY_VERSION = "2026-11"
PRIVACY_NOTICE = (
    "为了能联系您核实和回访，接下来会请您留下称呼和电话。这些信息只用于办理这件事，由12345和承办单位使用，不会公开；"
    "您也可以不留，匿名反映（匿名的事我们无法电话回访您）。"
)

_FIRST = {
    "description": "请您说说是什么事：在哪里、什么情况、多久了，一次说完就行。",
    "address": "好的，记下了。事情发生在什么地方？请说到小区、路口或村组，方便工作人员找到。也可以发位置。",
    "contact_name": "怎么称呼您？",
    "contact_phone": "请留个方便联系的电话，手机、座机都行。",
}
_AGAIN = {
    "description": "我还没听明白是什么事，请再说得具体一点，比如「XX小区门口的路灯坏了三天」。",
    "address": "我还需要知道地点才能转给对的单位。请说一下是哪个小区、哪条路或者哪个村。",
    "contact_name": "没太听清您的称呼，告诉我姓什么就可以，也可以点「不留」。",
    "contact_phone": "这个号码好像不完整，手机号是11位数字，座机请带上区号。请再发一次，也可以点「不留」。",
}


def ask(slot: str, draft: Draft, *, again: bool = False) -> list[Reply]:
    """The question for ``slot``; ``again`` words it differently, for when the answer was not understood."""
    if slot == "confirm":
        return [summary(draft, again=again)]
    if slot == "consent":
        return _consent(again=again)
    if slot == "district":
        return [_district(again=again)]
    words = (_AGAIN if again else _FIRST)[slot]
    if slot == "description":
        return [text(words, asks=slot)]
    skip = {"address": "说不清具体地点", "contact_name": "不留", "contact_phone": "不留"}[slot]
    return [choices(words, [Choice("skip", skip)], asks=slot)]


def _consent(*, again: bool) -> list[Reply]:
    options = [Choice("consent:yes", "同意，留联系方式"), Choice("consent:no", "不留，匿名反映")]
    if again:
        return [choices("您愿意留联系方式吗？点一下选项，或回复「同意」「不留」都行。", options, asks="consent")]
    return [
        notice("privacy", PRIVACY_NOTICE, version=PRIVACY_VERSION),
        choices("您同意留联系方式吗？", options, asks="consent"),
    ]


def _district(*, again: bool) -> Reply:
    options = [Choice(f"district:{d.code}", d.name) for d in districts().values()]
    options.append(Choice("skip", "不清楚"))
    words = "没找到您说的地方，请从下面选一个区县。" if again else "这个地方属于哪个区县？"
    return choices(words, options, asks="district")

"""One message in an open form: what it changes, what is said, what is asked next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.dialogue import fill
from bot.dialogue.ask import PRIVACY_VERSION, ask
from bot.dialogue.draft import Draft, missing
from bot.replies import RecordConsent, Reply, Say, text
from bot.understand.name import as_name
from bot.understand.phone import find_phone, looks_like_number
from bot.understand.place import as_address, find_district, find_place
from bot.understand.when import find_when
from core.catalog import districts
from core.clock import iso

DIGRESSIONS = frozenset(
    {
        "ask_policy", "ask_hotline", "check_ticket", "urge_ticket", "supplement_ticket", "withdraw_ticket",
        "dispute_result", "rate_service", "request_human", "privacy_request", "bot_identity", "capabilities",
        "chitchat", "greet", "goodbye", "thank", "abuse", "repeat", "emergency",
    }
)  # fmt: skip
"""Intents that the form lets pass to their own actions."""

_YES = re.compile(
    r"^(?:好|好的|好吧|行|可以|同意|没问题|嗯+|恩|是|是的|对|对的|要|留|愿意|确认|确认提交|提交|没错|正确|ok|OK|yes|没有问题|确定)[呀啊吧了的哈。.!！~]*$"
)
_NO = re.compile(
    r"^(?:不|否|不要|不用|不同意|不留|不愿意|不想留|匿名|不行|不方便|no|NO|别|算了不留)[了吧啊的呀。.!！~]*$"
)
_SKIP = re.compile(
    r"^(?:跳过|不知道|不清楚|说不清|没有|无|不想说|不说了|不方便说|忘了|记不清|不留|不提供|随便|说不清具体地点)[了吧啊呢呀的。.!！~]*$"
)
_KEEP_BACK = re.compile(r"匿名|不(?:想|要|用|愿意?|方便)?(?:再)?(?:留|给|说|提供|透露|填)|保密(?:吧)?$")
_CANCEL = re.compile(
    r"^(?:取消|算了|不填了|不办了|不反映了|不投诉了|不提交了|停|退出|重来|重新来|不弄了|结束)[吧了啊。.!！~]*$"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the engine understood it. ``content`` is the message of contract 2."""

    intent: str
    confidence: float
    words: str
    content: Mapping[str, Any]
    now: datetime

    @property
    def choice(self) -> str:
        """The id of the tapped choice, or nothing."""
        return str(self.content.get("choice", "")) if self.content.get("type") == "choice" else ""


@dataclass(slots=True)
class Step:
    """``asked`` is the slot now asked for, None ends the form; ``passed`` lets other actions answer."""

    draft: Draft
    replies: list[Reply] = field(default_factory=list)
    asked: str | None = None
    confirmed: bool = False
    passed: bool = False


def begin(draft: Draft, heard: Heard, classify: fill.Classify, earlier: str = "") -> Step:
    """The first message of a request."""
    draft.request_type = {"make_suggestion": "suggestion", "give_praise": "praise"}.get(heard.intent)
    words = earlier or heard.words
    if not fill.is_opener(words) and (earlier or heard.content.get("type") == "text"):
        fill.tell(draft, words, heard.now, classify)
    return _next(draft, [])


def proceed(draft: Draft, asked: str, heard: Heard, classify: fill.Classify) -> Step:
    """A further message while ``asked`` is being asked for."""
    if heard.intent == "cancel" or heard.choice == "cancel" or _CANCEL.match(heard.words.strip()):
        return Step(draft, [], None, confirmed=False)
    if heard.choice:
        return _chosen(draft, asked, heard)
    if heard.content.get("type") in ("file", "location"):
        return _given(draft, asked, heard)
    if heard.intent == "correct_info" and (mended := _mend(draft, heard)):
        return _next(mended, [text("好的，已经改了。")])
    answer = _ANSWERS[asked](draft, heard, classify)
    if answer is not None:
        return answer
    if heard.intent in DIGRESSIONS and heard.confidence >= 0.5:
        return Step(draft, [], asked, passed=True)
    if asked != "confirm" and (mended := _mend(draft, heard)):
        return _next(mended, [])
    return Step(draft, ask(asked, draft, again=True), asked)


def resume(draft: Draft, asked: str) -> Step:
    """After a digression: the same question once more, without the notices that went before it."""
    lead = text("刚才的事我们接着说。")
    question = [reply for reply in ask(asked, draft) if not (isinstance(reply, Say) and reply.kind == "notice")]
    return Step(draft, [lead, *question], asked)


def _next(draft: Draft, replies: list[Reply]) -> Step:
    asked = missing(draft)
    return Step(draft, [*replies, *ask(asked, draft)], asked)


def _chosen(draft: Draft, asked: str, heard: Heard) -> Step:
    kind, _, value = heard.choice.partition(":")
    match kind:
        case "confirm" if asked == "confirm":
            return Step(draft, [], None, confirmed=True)
        case "edit" if value in ("description", "address", "district", "contact_name", "contact_phone", "occurred_at"):
            return _edit(draft, value)
        case "edit" if value == "confidential":
            draft.confidential = not draft.confidential
            return _next(draft, [])
        case "confidential":
            draft.confidential = True
            return _next(draft, [text("好的，您的信息只给12345中心，不给承办单位。")])
        case "consent":
            return _consented(draft, agreed=value == "yes")
        case "district" if value in districts():
            draft.district = value
            return _next(draft, [])
        case "skip":
            return _skipped(draft, asked)
        case "report" | "emergency":
            return Step(draft, ask(asked, draft, again=True), asked)
    return Step(draft, [], asked, passed=True)


def _edit(draft: Draft, slot: str) -> Step:
    questions = {
        "description": "请重新说一下是什么事。",
        "address": "请告诉我正确的地点。",
        "district": "",
        "contact_name": "请告诉我怎么称呼您。",
        "contact_phone": "请告诉我正确的电话。",
        "occurred_at": "是什么时候的事？",
    }
    if slot.startswith("contact") and not draft.consent:
        draft.consent = None
        return _next(draft, [])
    if slot == "district":
        return Step(draft, ask("district", draft), "district")
    return Step(draft, [text(questions[slot], asks=slot)], slot)


def _skipped(draft: Draft, asked: str) -> Step:
    if asked == "consent":
        return _consented(draft, agreed=False)
    if asked in ("description", "confirm"):
        return Step(draft, ask(asked, draft, again=True), asked)
    draft.skipped = sorted({*draft.skipped, asked})
    return _next(draft, [])


def _consented(draft: Draft, *, agreed: bool) -> Step:
    draft.consent = agreed
    return _next(draft, [RecordConsent(PRIVACY_VERSION, agreed)])


def _given(draft: Draft, asked: str, heard: Heard) -> Step:
    if heard.content["type"] == "file":
        draft.file_ids = [*draft.file_ids, str(heard.content["file_id"])]
        return Step(draft, [text("收到，已经附上了。"), *ask(asked, draft)], asked)
    draft.location = dict(heard.content["location"])
    label = str(draft.location.get("label") or "")
    if label:
        fill.place_of(draft, label)
    return _next(draft, [text("收到，位置记下了。")])


def _mend(draft: Draft, heard: Heard) -> Draft | None:
    """Facts within the message replace what was known; None when it holds none."""
    phone = find_phone(heard.words)
    place = find_place(heard.words)
    when = find_when(heard.words, heard.now) if heard.intent in ("correct_info", "inform") else None
    if phone:
        draft.contact_phone = phone
    if place.address:
        fill.place_of(draft, place.address)
    elif place.district and heard.intent in ("correct_info", "inform"):
        draft.district = place.district
    if when:
        draft.occurred_text = when.text
        draft.occurred_at = iso(when.start)
        draft.occurred_until = iso(when.until) if when.until else None
    found = phone or place.address or (place.district and heard.intent in ("correct_info", "inform")) or when
    return draft if found else None


def _describe(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    if fill.is_opener(heard.words) or (heard.intent in DIGRESSIONS and heard.confidence >= 0.8):
        return None
    if len(heard.words.strip()) < 4:
        return None
    earlier = draft.description
    fill.tell(draft, heard.words, heard.now, classify)
    return _next(draft, [text("好的，已经改了。")] if earlier else [])


def _locate(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    if _SKIP.match(heard.words.strip()):
        return _skipped(draft, "address")
    if _KEEP_BACK.search(heard.words):
        return None
    place = find_place(heard.words)
    foreign = heard.intent in DIGRESSIONS and heard.confidence >= 0.6
    if not (place.address or place.district) and (foreign or len(heard.words.strip()) < 2):
        return None
    fill.place_of(draft, as_address(heard.words))
    fill.add_facts(draft, heard.words, heard.now)
    return _next(draft, [])


def _choose_district(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    code = find_district(heard.words)
    if code is not None and find_place(heard.words).address is not None:
        fill.place_of(draft, as_address(heard.words))  # the whole place, said again with its district
        return _next(draft, [])
    if code is not None:
        draft.district = code
        return _next(draft, [])
    return _skipped(draft, "district") if _SKIP.match(heard.words.strip()) else None


def _agree(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    words = heard.words.strip()
    if find_phone(words):
        draft.contact_phone = find_phone(words)
        return _consented(draft, agreed=True)
    if _NO.match(words) or _SKIP.match(words) or _KEEP_BACK.search(words) or heard.intent in ("deny", "skip"):
        return _consented(draft, agreed=False)
    if _YES.match(words) or heard.intent == "affirm" or words.startswith("同意"):
        return _consented(draft, agreed=True)
    if heard.intent == "inform" and (name := as_name(words)) is not None:
        draft.contact_name = name
        return _consented(draft, agreed=True)
    return None


def _name(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    words = heard.words.strip()
    if _SKIP.match(words) or _NO.match(words) or heard.intent == "skip":
        return _skipped(draft, "contact_name")
    phone = find_phone(words)
    if phone:
        draft.contact_phone = phone
        words = re.sub(r"[\d\s\-—]{7,}|电话|手机", "", words).strip("，,。 ")
    name = as_name(words) if words else None
    if name is None and not phone:
        return None
    draft.contact_name = name or draft.contact_name
    return _next(draft, [])


def _phone(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    words = heard.words.strip()
    phone = find_phone(words)
    if phone is None:
        if looks_like_number(words):
            return Step(draft, ask("contact_phone", draft, again=True), "contact_phone")
        skip = _SKIP.match(words) or _NO.match(words) or heard.intent == "skip"
        return _skipped(draft, "contact_phone") if skip else None
    draft.contact_phone = phone
    return _next(draft, [])


def _time(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    when = find_when(heard.words, heard.now)
    if when is None:
        draft.occurred_text, draft.occurred_at, draft.occurred_until = heard.words.strip()[:40], None, None
        return _next(draft, [])
    draft.occurred_text, draft.occurred_at = when.text, iso(when.start)
    draft.occurred_until = iso(when.until) if when.until else None
    return _next(draft, [])


def _confirm(draft: Draft, heard: Heard, classify: fill.Classify) -> Step | None:
    words = heard.words.strip()
    if _YES.match(words) or (heard.intent == "affirm" and heard.confidence >= 0.5):
        return Step(draft, [], None, confirmed=True)
    if "保密" in words and "不" not in words:
        draft.confidential = True
        return _next(draft, [])
    if heard.intent in ("inform", "correct_info", "deny") and _mend(draft, heard):
        return _next(draft, [text("好的，已经改了。")])
    return None


_ANSWERS = {
    "description": _describe,
    "address": _locate,
    "district": _choose_district,
    "consent": _agree,
    "contact_name": _name,
    "contact_phone": _phone,
    "occurred_at": _time,
    "confirm": _confirm,
}

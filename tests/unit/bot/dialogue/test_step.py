"""The ticket form, message by message, without the engine."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from bot.dialogue.draft import Draft, missing
from bot.dialogue.fill import tells_trouble
from bot.dialogue.step import Heard, Step, begin, proceed, resume
from bot.replies import RecordConsent, Say
from core.clock import CST

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=CST)
LAMP = "宿城区项里街道幸福小区门口的路灯坏了三天了"


@dataclass(frozen=True)
class Sorted:
    request_type: str = "help"
    category: str = "tk-traffic.city-road"
    unit: str = "housing"
    urgency: str = "normal"
    confidence: float = 0.9


def classify(title: str, description: str) -> Sorted:
    return Sorted()


def heard(words: str, intent: str = "inform", confidence: float = 0.9, **content: object) -> Heard:
    return Heard(intent, confidence, words, content or {"type": "text", "text": words}, NOW)


def tapped(choice: str) -> Heard:
    return heard("", "choose", 1.0, type="choice", choice=choice)


def lamp() -> Step:
    return begin(Draft(), heard(LAMP, "report_issue"), classify)


def words(step: Step) -> str:
    return " ".join(str(reply.body.get("text")) for reply in step.replies if isinstance(reply, Say))


def test_one_story_fills_all_it_contains() -> None:
    draft = lamp().draft
    assert draft.description == LAMP
    assert draft.address == "宿城区项里街道幸福小区门口"
    assert draft.district == "sucheng"
    assert draft.occurred_text == "三天了"
    assert draft.occurred_at is not None and draft.occurred_at.startswith("2026-11-20")
    assert draft.category == "tk-traffic.city-road"


def test_only_what_is_missing_is_asked_and_the_privacy_notice_comes_first() -> None:
    step = lamp()
    assert step.asked == "consent"
    kinds = [(r.kind, r.body.get("code")) for r in step.replies if isinstance(r, Say)]
    assert kinds[0] == ("notice", "privacy")
    step = proceed(step.draft, "consent", heard("同意", "affirm"), classify)
    assert step.asked == "contact_name"
    assert any(isinstance(reply, RecordConsent) and reply.agreed for reply in step.replies)
    step = proceed(step.draft, "contact_name", heard("我姓王"), classify)
    assert (step.draft.contact_name, step.asked) == ("王", "contact_phone")
    step = proceed(step.draft, "contact_phone", heard("１３８ ００００ 1234"), classify)
    assert (step.draft.contact_phone, step.asked) == ("13800001234", "confirm")
    step = proceed(step.draft, "confirm", tapped("confirm"), classify)
    assert step.confirmed and step.asked is None


def test_an_opener_asks_for_the_story() -> None:
    assert begin(Draft(), heard("我要投诉", "report_issue"), classify).asked == "description"


def test_anonymous_needs_no_name_and_sends_none() -> None:
    step = proceed(lamp().draft, "consent", tapped("consent:no"), classify)
    assert step.asked == "confirm"
    step.draft.contact_phone = "13800001234"
    assert step.draft.request()["contact_phone"] is None


@pytest.mark.parametrize("said", ["不留联系方式", "我不想说", "匿名吧", "不方便留电话", "不"])
def test_whoever_keeps_back_stays_anonymous(said: str) -> None:
    step = proceed(lamp().draft, "consent", heard(said), classify)
    assert step.draft.consent is False and step.asked == "confirm" and step.draft.contact_name is None


def test_a_bad_phone_number_is_asked_again_in_other_words() -> None:
    draft = lamp().draft
    draft.consent, draft.contact_name = True, "王"
    step = proceed(draft, "contact_phone", heard("1380000123"), classify)
    assert step.asked == "contact_phone"
    assert "11位" in words(step)


def test_a_question_in_the_middle_passes_and_the_form_resumes() -> None:
    draft = lamp().draft
    draft.consent = True
    step = proceed(draft, "contact_name", heard("失业金怎么领", "ask_policy", 0.95), classify)
    assert step.passed
    again = resume(draft, "contact_name")
    assert again.asked == "contact_name" and "接着说" in words(again)


@pytest.mark.parametrize("said", ["取消", "算了", "不填了"])
def test_cancel_ends_the_form(said: str) -> None:
    step = proceed(lamp().draft, "consent", heard(said, "inform"), classify)
    assert step.asked is None and not step.confirmed


def test_a_line_is_mended_by_tapping_or_saying() -> None:
    draft = lamp().draft
    draft.consent = False
    step = proceed(draft, "confirm", tapped("edit:address"), classify)
    assert step.asked == "address"
    step = proceed(draft, "address", heard("宿豫区江山大道12号"), classify)
    assert (step.draft.address, step.draft.district) == ("宿豫区江山大道12号", "suyu")
    step = proceed(step.draft, "confirm", heard("地址不对，是沭阳县南湖街道万豪花园", "correct_info"), classify)
    assert (step.draft.district, step.asked) == ("shuyang", "confirm")


def test_a_place_without_district_asks_for_it_by_choice() -> None:
    step = begin(Draft(), heard("幸福路88号门口窨井盖没了", "report_issue"), classify)
    assert step.asked == "district"
    step = proceed(step.draft, "district", tapped("district:sihong"), classify)
    assert step.draft.district == "sihong"


def test_the_whole_place_with_its_district_replaces_the_half_said_one() -> None:
    step = begin(Draft(), heard("路面塌陷了好大一个坑", "report_issue"), classify)
    step = proceed(step.draft, "address", heard("不留联系方式"), classify)
    assert step.asked == "address" and step.draft.address is None
    step = proceed(step.draft, "address", heard("江山花园2号楼"), classify)
    assert step.asked == "district"
    step = proceed(step.draft, "district", heard("宿豫区豫新街道江山花园2号楼"), classify)
    assert (step.draft.district, step.draft.address) == ("suyu", "宿豫区豫新街道江山花园2号楼")


def test_a_pin_and_a_photo_count_at_any_time() -> None:
    step = begin(Draft(), heard("路面塌陷了好大一个坑", "report_issue"), classify)
    assert step.asked == "address"
    pin = {"lat": 33.96, "lng": 118.27, "label": "宿城区黄河南路"}
    step = proceed(step.draft, "address", heard("", "give_location", type="location", location=pin), classify)
    assert (step.draft.district, step.draft.address) == ("sucheng", "宿城区黄河南路")
    step = proceed(step.draft, "consent", heard("", "give_file", type="file", file_id="f1"), classify)
    assert step.draft.file_ids == ["f1"] and step.asked == "consent"


def test_praise_needs_no_place() -> None:
    step = begin(Draft(), heard("表扬人社局窗口的小李办事特别耐心", "give_praise"), classify)
    assert step.draft.request_type == "praise" and missing(step.draft) == "consent"


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (LAMP, True),
        ("宿城区项里街道幸福小区3号楼2单元", False),
        ("昨天晚上八点多", False),
        ("我家楼上天天漏水物业不管", True),
        ("坏了", False),
    ],
)
def test_a_story_is_told_from_a_bare_fact(said: str, trouble: bool) -> None:
    assert tells_trouble(said) is trouble

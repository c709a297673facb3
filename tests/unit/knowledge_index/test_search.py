from datetime import date

import pytest

from knowledge_index.follow_up import is_follow_up
from knowledge_index.search import KnowledgeBase, SearchResult

NOW = date(2026, 11, 23)


def _topics(found: SearchResult) -> list[str]:
    return [hit.entry.topic for hit in found.hits]


def test_a_known_question_is_answered(small: KnowledgeBase) -> None:
    found = small.search("１２３３３還能打嗎", on=NOW)
    assert (found.decision, _topics(found)[0], found.hits[0].score) == ("answer", "hotline.dual-numbers", 1.0)


def test_the_lexicon_finds_the_official_word(small: KnowledgeBase) -> None:
    found = small.search("没工作了保险金怎么弄", on=NOW)
    assert _topics(found)[0] == "hrss.unemployment-benefit"
    assert "没工作→失业" in found.hits[0].explain["lexicon"]


def test_a_citizen_sees_no_enterprise_entry_and_an_enterprise_sees_its_own_first(small: KnowledgeBase) -> None:
    assert "data.company-setup" not in _topics(small.search("想开公司", audience="citizen", on=NOW, limit=9))
    assert _topics(small.search("想开公司", audience="enterprise", on=NOW))[0] == "data.company-setup"
    assert _topics(small.search("失业金咋领", audience="enterprise", on=NOW))[0] == "hrss.unemployment-benefit"


def test_a_district_hides_what_holds_elsewhere(small: KnowledgeBase) -> None:
    asked = "租房子取公积金"
    assert _topics(small.search(asked, district="sucheng", on=NOW))[0] == "fund.withdraw-rent"
    assert _topics(small.search(asked, on=NOW))[0] == "fund.withdraw-rent"
    assert "fund.withdraw-rent" not in _topics(small.search(asked, district="siyang", on=NOW, limit=9))


@pytest.mark.parametrize(
    ("asked", "topic", "day", "shown"),
    [
        ("幼升小报名", "edu.primary-enroll", date(2026, 8, 31), True),
        ("幼升小报名", "edu.primary-enroll", date(2026, 9, 1), False),
        ("契税几个点", "tax.deed-tax", date(2026, 12, 31), False),
        ("契税几个点", "tax.deed-tax", date(2027, 1, 1), True),
    ],
)
def test_only_what_is_in_force_comes_back(small: KnowledgeBase, asked: str, topic: str, day: date, shown: bool) -> None:
    found = small.search(asked, on=day, limit=9)
    assert (topic in _topics(found)) is shown
    assert (found.decision == "answer") is shown
    assert (small.entry(topic, on=day) is not None) is shown


def test_a_withdrawn_entry_is_gone_at_once(small: KnowledgeBase) -> None:
    small.withdraw({"hotline.dual-numbers"})
    assert "hotline.dual-numbers" not in _topics(small.search("12333还能打吗", on=NOW, limit=9))
    assert small.search("12333还能打吗", on=NOW).decision != "answer"
    assert small.entry("hotline.dual-numbers") is None
    assert "hotline.dual-numbers" not in [e.topic for e in small.hot(None, 20)]


def test_a_follow_up_leans_on_the_answer_before(small: KnowledgeBase) -> None:
    before = small.by_topic("police.dog-keeping")
    assert _topics(small.search("那要带什么材料", on=NOW, context=before))[0] == "police.dog-keeping"
    assert small.search("那要带什么材料", on=NOW).decision == "none"


def test_a_new_question_does_not_lean(small: KnowledgeBase) -> None:
    before = small.by_topic("police.dog-keeping")
    assert _topics(small.search("失业金咋领", on=NOW, context=before))[0] == "hrss.unemployment-benefit"


@pytest.mark.parametrize("text", ["那要带什么材料", "企业呢", "多久能办好", "要钱吗", "网上能办吗", "去哪里办"])
def test_what_leans(text: str) -> None:
    assert is_follow_up(text)


@pytest.mark.parametrize("text", ["", "今天天气怎么样", "失业金咋领", "12333还能打吗", "公积金呢", "给我讲个笑话"])
def test_what_does_not_lean(text: str) -> None:
    assert not is_follow_up(text)


@pytest.mark.parametrize("text", ["", "？？？", "龘靐齉", "\ud800", "a" * 5000, "'; drop table--", "\x00"])
def test_strange_queries_are_simply_not_answered(small: KnowledgeBase, text: str) -> None:
    assert small.search(text, on=NOW).decision != "answer"


def test_one_hit_per_topic_in_falling_order(kb: KnowledgeBase) -> None:
    found = kb.search("公积金怎么提取", limit=10)
    scores = [hit.score for hit in found.hits]
    assert len(set(_topics(found))) == len(found.hits) == 10
    assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)


def test_a_hit_explains_itself(kb: KnowledgeBase) -> None:
    reasons = kb.search("房产证怎么办理").hits[0].explain
    assert "房产证→不动产权证书" in reasons["lexicon"]
    assert reasons["matched"] and reasons["signals"]
    assert sum(part["weight"] for part in reasons["components"].values()) == pytest.approx(1)


def test_hot_follows_counts_then_the_curated_order(kb: KnowledgeBase) -> None:
    counted = kb.hot("citizen", 2, counts={"hotline.abuse-consequence": 9})
    assert counted[0].topic == "hotline.abuse-consequence"
    assert all(entry.audience != "enterprise" for entry in kb.hot("citizen", 50))
    assert all(entry.audience != "citizen" for entry in kb.hot("enterprise", 20))


def test_related_entries_exist(small: KnowledgeBase) -> None:
    before = small.by_topic("hrss.unemployment-benefit")
    assert before is not None
    assert [e.topic for e in small.related(before)] == ["hrss.unemployment-registration"]

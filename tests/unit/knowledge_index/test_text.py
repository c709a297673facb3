from hypothesis import given
from hypothesis import strategies as st

from knowledge_index.lexicon import Lexicon, read_pairs
from knowledge_index.text import bigrams, compact, ngrams, normalise


def test_width_case_and_traditional_characters_are_one() -> None:
    assert normalise("請問１２３３３還能打嗎？ＡＰＰ") == "请问12333还能打吗 app"


def test_han_becomes_bigrams_and_numbers_stay_whole() -> None:
    assert bigrams(normalise("打12345吧，好的")) == ["打", "12345", "吧", "好的"]


def test_ngrams_add_each_character() -> None:
    assert ngrams("失业金") == ["失业", "业金", "失", "业", "金"]


@given(st.text(max_size=200))
def test_any_text_is_normalised_once_and_for_all(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert " " not in compact(text)


def test_lexicon_expands_both_ways_and_prefers_the_longer_word() -> None:
    lexicon = Lexicon([("房产证", "不动产权证书"), ("房产", "不动产")])
    assert lexicon.expand("房产证丢了") == [("房产证", "不动产权证书")]
    assert ("不动产权证书", "房产证") in lexicon.expand("不动产权证书丢了")


def test_lexicon_adds_nothing_that_is_already_said() -> None:
    assert Lexicon([("低保", "最低生活保障")]).expand("低保就是最低生活保障") == []


def test_the_projects_lexicon_is_whole() -> None:
    pairs = read_pairs()
    assert len(pairs) >= 120
    assert len(pairs) == len(set(pairs))

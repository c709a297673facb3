from datetime import date

import pytest

from knowledge_index import store
from knowledge_index.entry import Entry, EntryError
from tests.unit.knowledge_index.conftest import entry

TEXT = """---
id: hrss.unemployment-benefit
topic: hrss.unemployment-benefit
audience: citizen
department: hrss
question: 失业保险金怎么申领？
similar: [失业金咋领]
citations:
  - document: 失业保险条例
    number: 国务院令第258号
effective_from: 1999-01-22
updated: 2026-11-23
unit: 市人力资源和社会保障局
related: []
confusable: []
---
第一句就回答。
"""


def test_a_file_becomes_an_entry() -> None:
    found = Entry.parse(TEXT, "a.md")
    assert found.citations[0].number == "国务院令第258号"
    assert found.effective_from == date(1999, 1, 22)
    assert found.body == "第一句就回答。"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("audience: citizen", "audience: people", "audience"),
        ("updated: 2026-11-23", "updated: yesterday", "updated"),
        ("question: 失业保险金怎么申领？\n", "", "question"),
        ("unit:", "colour:", "colour"),
        ("  - document: 失业保险条例\n    number", "  - number", "citations.0.document"),
    ],
)
def test_an_error_names_file_and_field(old: str, new: str, field: str) -> None:
    with pytest.raises(EntryError) as raised:
        Entry.parse(TEXT.replace(old, new), "a.md")
    assert field in [name for name, _ in raised.value.problems]
    assert "a.md" in str(raised.value)


def test_broken_front_matter_is_told() -> None:
    for text in ("no front matter", TEXT.replace("similar: [", "similar: [[")):
        with pytest.raises(EntryError):
            Entry.parse(text, "a.md")


def test_validity_includes_both_days() -> None:
    found = entry("a.b", "问题", effective_from="2026-01-01", expires="2026-12-31")
    assert found.in_force(date(2026, 1, 1)) and found.in_force(date(2026, 12, 31))
    assert not found.in_force(date(2025, 12, 31)) and not found.in_force(date(2027, 1, 1))


def test_dates_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(EntryError):
        entry("a.b", "问题", effective_from="2026-02-01", expires="2026-01-01")


def test_phone_numbers_are_told_from_other_numbers() -> None:
    text = "拨打12345或0527-84331234，2026年起1200元以内，13800138000，共12000元，国务院令第586号，12300投诉，120天"
    assert store.phone_numbers(text) == ["12345", "0527-84331234", "13800138000", "12300"]


def test_the_validator_finds_each_kind_of_problem() -> None:
    bad = entry(
        "hrss.unknown", "怎么办理？", "怎么办", citations=[], related=["no.topic"], body="打0527-84331234问。",
        districts=["mars"],
    )  # fmt: skip
    twin = entry("hrss.severance", "怎么办！", audience="enterprise")
    fields = {(p.entry, p.field) for p in store.validate([bad, twin])}
    assert fields >= {
        ("hrss.unknown", field) for field in ("topic", "similar", "citations", "related", "body", "districts")
    }
    assert {("hrss.severance", "audience"), ("hrss.severance", "similar")} <= fields


def test_the_projects_entries_are_fit_to_publish() -> None:
    entries, unread = store.read()
    assert [str(problem) for problem in [*unread, *store.validate(entries)]] == []
    assert len(entries) >= 60

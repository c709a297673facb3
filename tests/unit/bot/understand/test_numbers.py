from datetime import datetime

import pytest

from bot.understand.name import as_name
from bot.understand.numerals import number
from bot.understand.phone import find_phone
from bot.understand.place import find_district, find_place
from bot.understand.when import find_when
from core.clock import CST

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=CST)  # a Monday


@pytest.mark.parametrize(
    ("said", "phone"),
    [
        ("我的电话是138 0000 1234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("138-0000-1234", "13800001234"),
        ("一三八零零零零一二三四", "13800001234"),
        ("+8613800001234", "13800001234"),
        ("0527-84350000", "0527-84350000"),
        ("座机84350000", "0527-84350000"),
        ("12345", None),
        ("1380000123", None),
        ("工单SQ20261123000123", None),
    ],
)
def test_phone(said: str, phone: str | None) -> None:
    assert find_phone(said) == phone


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("张三", "张三"),
        ("我叫李小明", "李小明"),
        ("姓王", "王"),
        ("王女士就行", "王女士"),
        ("不想说", None),
        ("路灯坏了", None),
    ],
)
def test_name(said: str, name: str | None) -> None:
    assert as_name(said) == name


@pytest.mark.parametrize(
    ("said", "value"), [("三十二", 32), ("十", 10), ("一百零五", 105), ("12", 12), ("１２", 12), ("甲", None)]
)
def test_number(said: str, value: int | None) -> None:
    assert number(said) == value


@pytest.mark.parametrize(
    ("said", "text", "start"),
    [
        ("昨天晚上八点多被狗咬了", "昨天晚上八点多", "2026-11-22T20:00"),
        ("上周三下午停水", "上周三下午", "2026-11-18T12:00"),
        ("10月1日早上", "10月1日早上", "2026-10-01T06:00"),
        ("坏了三天了", "三天了", "2026-11-20T10:00"),
        ("12月5号", "12月5号", "2025-12-05T00:00"),
    ],
)
def test_when(said: str, text: str, start: str) -> None:
    found = find_when(said, NOW)
    assert found is not None
    assert (found.text, found.start.isoformat()[:16]) == (text, start)


@pytest.mark.parametrize(
    ("said", "district"),
    [
        ("沭阳县城", "shuyang"),
        ("洋河镇酒都大道", "yanghe"),
        ("宿豫区大兴镇", "suyu"),
        ("皂河那边", "hubin"),
        ("经开区黄河街道", "sqetdz"),
        ("南京", None),
    ],
)
def test_district(said: str, district: str | None) -> None:
    assert find_district(said) == district


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("宿城区项里街道幸福小区门口的路灯坏了三天了", "宿城区项里街道幸福小区门口"),
        ("我家在湖滨新区晓店街道嶂山村三组，路太烂", "湖滨新区晓店街道嶂山村三组"),
        ("我们小区门口路灯坏了", None),
        ("楼下饭店油烟太大", None),
    ],
)
def test_address(said: str, address: str | None) -> None:
    assert find_place(said).address == address

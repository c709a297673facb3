"""Where it is: the district by our own list of counties, zones, towns and streets, and the address as it was said."""

import re
from dataclasses import dataclass
from functools import cache

from bot.understand.numerals import plain
from core.catalog import districts


@dataclass(frozen=True, slots=True)
class Place:
    """``district`` a code of the catalogue or None; ``address`` the words that name the place, or None."""

    district: str | None
    address: str | None


_STRONG = (
    "小区|花园|花苑|家园|新村|公寓|大厦|广场|商场|市场|超市|公园|学校|小学|中学|幼儿园|大学|医院|卫生院|车站|工地|工业园|产业园|园区|"
    "街道|社区|居委会|大道|大街|公路|高速|国道|省道|县道|路|街|巷|弄|镇|乡|村|庄|组|苑|府|城|区|县|桥|河|湖|渠|厂|公司|酒店|饭店|银行|大队|名都|华府|雅居|世家|公馆|里"
)
_WEAK = (
    "交叉口|路口|门口|大门|东门|南门|西门|北门|门前|门面|后面|前面|旁边|旁|附近|对面|隔壁|楼下|楼上|东侧|西侧|南侧|北侧|东边|西边|南边|北边|东|西|南|北|"
    "号楼|号院|号|栋|幢|单元|楼|层|室|弄|期|段|处|口|"
    "院内|院|内|里面|里|中间|桥头|河边|路边|边上"
    "|停车场|地下车库|车库|广场|篮球场|公交站|站台|红绿灯|加油站|菜场"
)
_UNIT = (
    rf"(?:[\u4e00-\u9fffA-Za-z0-9#\-]{{1,10}}?(?:{_STRONG})"
    rf"|(?:和|与|[A-Za-z0-9一二三四五六七八九十#\-]{{0,5}})(?:{_WEAK})|[0-9#\-]+)"
)
_RUN = re.compile(rf"{_UNIT}{{1,10}}")
_LEAD = re.compile(
    r"^(?:你好|您好|那个|就是|就|我们?家?(?:现在)?(?:是)?(?:住在?|在)|俺们?家?(?:住在?|在)|家住在?|住在?|位于"
    r"|地址(?:是|在|[::])?|地点(?:是|在|[::])?"
    r"|在|是|不对|错了|应该是|到|我要反映|我想反映|反映(?:一下)?|投诉(?:一下)?|举报|[,，:：。\s])+"
)
_VAGUE = re.compile(
    r"^(?:我们?|俺们?|咱们?|你们|他们|这个?|那个?|某|一个|有个|哪个|什么|本|该|自己|人家|隔壁|楼下|家|单位|老板|公司|工厂|厂"
    r"|小区|村|学校|路|街|城市?|农村|乡下|地|社区|街道|全市|市)"
)
_STOP = re.compile(
    r"[了着,，。;；!！?？、:：\s]|的(?!.{0,8}(?:小区|花园|工地|门口|学校|医院|村))|路灯|噪音|垃圾|没人|有人|一直|天天|每天"
    r"|都(?:是|在|没|不)|被|把|坏|停水|停电|漏水|晚上|早上|白天|半夜|夜里|昨天|今天"
)


@cache
def _aliases() -> list[tuple[str, str]]:
    """(alias, district code), longest first."""
    pairs = {(alias, d.code) for d in districts().values() for alias in (d.name, *d.aliases)}
    return sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))


def find_district(text: str) -> str | None:
    """The district that ``text`` names, directly or by one of its towns; a zone before the county around it."""
    words = plain(text)
    named = [(words.find(alias), -len(alias), code) for alias, code in _aliases() if alias in words]
    if not named:
        return None
    zones = {"sqetdz", "hubin", "ssip", "yanghe"}
    in_zone = [hit for hit in named if hit[2] in zones and -hit[1] >= 3]
    return min(in_zone or named, key=lambda hit: (hit[1] > -3, hit[0], hit[1]))[2]


def find_place(text: str) -> Place:
    """District and address within a longer message; the address only when it names something that can be found."""
    words = plain(text)
    district = find_district(words)
    for clause in re.split(r"[,，。;；!！?？\n]", words):
        address = _address(clause)
        if address is not None:
            return Place(district, address)
    return Place(district, None)


def _address(clause: str) -> str | None:
    start = _anchor(clause)
    run = _RUN.match(_until_stop(clause[start:])) if start is not None else None
    if run is None:
        return None
    address = run[0]
    return address if len(address) >= 4 and not _VAGUE.match(address) else None


def _anchor(clause: str) -> int | None:
    """Where an address may begin: at a known place name, else after the words that lead in."""
    known = [clause.find(alias) for alias, _ in _aliases() if len(alias) >= 2 and alias in clause]
    city = clause.find("宿迁")
    places = [index for index in [*known, city] if index >= 0]
    if places:
        return min(places)
    lead = _LEAD.match(clause)
    return lead.end() if lead else 0


def _until_stop(text: str) -> str:
    stop = _STOP.search(text)
    return text[: stop.start()] if stop else text


def as_address(text: str) -> str:
    """The answer to «where is it», without the words that lead in."""
    words = plain(text).strip()
    return _LEAD.sub("", words).strip("。.!！,， ") or words

"""When it happened: everyday time expressions as an interval, the original words kept."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.understand.numerals import NUMBER, number, plain
from core.clock import CST


@dataclass(frozen=True, slots=True)
class When:
    """``text`` as said; ``start`` and ``until`` in +08:00, ``until`` None for what goes on or is a moment."""

    text: str
    start: datetime
    until: datetime | None = None


_PARTS = {
    "凌晨": (0, 6), "清晨": (5, 8), "早上": (6, 9), "早晨": (6, 9), "上午": (8, 12), "中午": (11, 14), "下午": (12, 18),
    "傍晚": (17, 19), "晚上": (18, 24), "夜里": (20, 24), "半夜": (22, 24), "深夜": (22, 24), "晚": (18, 24),
}  # fmt: skip
_PART = r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|晚)?"
_CLOCK = rf"(?:(?P<hour>{NUMBER})(?:点|时)(?P<half>半|多|左右|{NUMBER}分?)?(?:多|左右)?)?"
_DAY = re.compile(
    rf"(?P<day>大前天|前天|昨天|昨日|昨|今天|今日|今早|今晚|刚才|刚刚|(?:上上|上|这|本)个?(?:周|星期|礼拜)[一二三四五六日天]|(?:(?P<year>\d{{4}})年)?(?P<month>{NUMBER})月(?P<dom>{NUMBER})[日号])的?{_PART}{_CLOCK}"
)
_AGO = re.compile(
    rf"(?:都|已经|有|快|大概|大约|持续|连续)*(?P<n>{NUMBER}|半|好几|几)(?:多)?个?(?P<unit>小时|天|周|星期|礼拜|月|年)(?:多|左右)?(?P<how>前|以前|之前|了|来)"
)
_WEEKDAY = "一二三四五六日"


def find_when(text: str, now: datetime) -> When | None:
    """The first time expression in ``text``, read at the moment ``now``; None when there is none."""
    words = plain(text)
    if found := _DAY.search(words):
        return _of_day(found, now)
    if found := _AGO.search(words):
        return _since(found, now)
    return None


def _of_day(found: re.Match[str], now: datetime) -> When | None:
    try:
        day = _day(found, now.date())
    except ValueError:
        return None
    start_hour, end_hour = _PARTS.get(found["part"] or ("晚" if found["day"] == "今晚" else ""), (0, 24))
    if found["hour"] and (hour := number(found["hour"])) is not None and hour <= 24:
        if start_hour >= 12 and hour < 12:
            hour += 12
        start = _at(day, hour) + timedelta(minutes=30 if found["half"] == "半" else 0)
        return When(found[0], start)
    return When(found[0], _at(day, start_hour), _at(day, end_hour))


def _day(found: re.Match[str], today: date) -> date:
    word = found["day"]
    if found["month"]:
        return _month_day(found, today)
    if "周" in word or "星期" in word or "礼拜" in word:
        weeks = 2 if word.startswith("上上") else 1 if word.startswith("上") else 0
        index = _WEEKDAY.index(word[-1].replace("天", "日"))
        return today - timedelta(days=today.weekday()) - timedelta(weeks=weeks) + timedelta(days=index)
    back = {"大前天": 3, "前天": 2, "昨天": 1, "昨日": 1, "昨": 1}.get(word, 0)
    return today - timedelta(days=back)


def _month_day(found: re.Match[str], today: date) -> date:
    month, dom = number(found["month"]) or 0, number(found["dom"]) or 0
    if found["year"]:
        return date(int(found["year"]), month, dom)
    day = date(today.year, month, dom)
    return day if day <= today else date(today.year - 1, month, dom)


def _since(found: re.Match[str], now: datetime) -> When | None:
    count = {"半": 0.5, "好几": 3, "几": 3}.get(found["n"]) or number(found["n"])
    if not count:
        return None
    days = {"小时": 1 / 24, "天": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}[found["unit"]]
    return When(found[0], now - timedelta(days=count * days))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(), CST) + timedelta(hours=hour)

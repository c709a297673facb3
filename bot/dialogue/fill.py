"""What one message adds to a draft."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.dialogue.draft import Draft
from bot.understand.name import find_name
from bot.understand.phone import find_phone
from bot.understand.place import find_district, find_place
from bot.understand.when import find_when
from core.clock import iso

OPENERS = re.compile(
    r"^(?:你好|您好|喂|请问|那个|麻烦|我(?:想|要|来)?|俺|帮我|能不能|可以|怎么)*(?:投诉|反映|举报|求助|报修|反应|提)?(?:一下|个|一个|点)?(?:问题|情况|事情|事|意见|建议|表扬|诉求)?(?:吗|啊|呀|吧|可以吗)?[。！？!?,，.~\s]*$"
)


_TROUBLE = re.compile(
    r"坏|漏|堵|塌|坑|裂|臭|脏|吵|噪|扰民|异味|油烟|黑烟|污水|积水|垃圾|没人(?:管|修|收|扫|来|理)|不(?:亮|通|退|给|发|让|修|管|办|走|理)"
    r"|停(?:水|电|气)|欠|拖|骗|占(?:道|用|着|了)|乱(?:停|收|倒|扔|搭)|违建|私搭|丢了|没了|不见了|烂|翘|断了|倒了|掉(?:了|下)|爆|超载|危险"
    r"|投诉|举报|反映|求助|处理一下|管管|解决"
)
"""Words in which people tell that something is wrong."""


def tells_trouble(words: str) -> bool:
    """Whether ``words`` tell a matter to be seen to, rather than a bare fact such as an address."""
    return len(words.strip()) >= 8 and bool(_TROUBLE.search(words))


class Sorted(Protocol):
    """What the classifier says of a text (``ticket_bridge.classify.Classification``)."""

    @property
    def request_type(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def urgency(self) -> str: ...
    @property
    def confidence(self) -> float: ...


Classify = Callable[[str, str], Sorted]


def is_opener(words: str) -> bool:
    """Whether ``words`` only announce a matter («我要投诉») without telling it."""
    return bool(OPENERS.match(words))


def tell(draft: Draft, words: str, now: datetime, classify: Classify) -> None:
    """Take ``words`` as the story: everything found in it is filled, what is filled already stays."""
    draft.description = words.strip()
    draft.title = title_of(words)
    add_facts(draft, words, now)
    found = classify(draft.title, draft.description)
    draft.category = found.category
    draft.unit = found.unit
    draft.urgency = found.urgency
    draft.request_type = draft.request_type or found.request_type


def add_facts(draft: Draft, words: str, now: datetime) -> None:
    """Fill place, time, name and phone from ``words`` where nothing is known yet."""
    place = find_place(words)
    draft.address = draft.address or place.address
    draft.district = draft.district or place.district
    if draft.occurred_text is None and (when := find_when(words, now)) is not None:
        draft.occurred_text = when.text
        draft.occurred_at = iso(when.start)
        draft.occurred_until = iso(when.until) if when.until else None
    draft.contact_phone = draft.contact_phone or find_phone(words)
    draft.contact_name = draft.contact_name or find_name(words)


def place_of(draft: Draft, address: str) -> None:
    """``address`` is where it is; its district follows when it names one."""
    draft.address = address
    draft.district = find_district(address) or draft.district


def title_of(words: str) -> str:
    """A heading of at most 40 characters: the first clause that says something, without phone numbers."""
    clean = re.sub(r"\d{7,}", "", re.sub(r"\s+", " ", words)).strip()
    clauses = [part.strip() for part in re.split(r"[。！？!?；;\n]", clean) if len(part.strip()) >= 4]
    return (clauses[0] if clauses else clean)[:40]

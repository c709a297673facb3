"""Recognises a question that only makes sense after the answer before it (“那要带什么材料”, “企业呢”)."""

import re

from knowledge_index.text import compact

MAX_CHARACTERS = 18

_LEADING = re.compile(r"^(?:那么|那|这个|这|它|然后|还有|另外|请问|再问下|好的|嗯)+")
_GENERIC = re.compile(
    "材料|证件|手续|资料|条件|要求|办好|弄好|办完|时间|时限|期限|多久|多长|几天|几个|工作日|多少钱|多少|费用|收费|要钱|免费|哪里|哪儿|在哪|地点|"
    "地址|窗口|网上|线上|手机|电话|代办|别人|家人|委托|流程|步骤|怎么|怎样|如何|什么|哪些|需要|可以|能不能|是不是|行不行|"
    "办理|申请|办|去|要|带|准备|到账|下来|查|呢|吗|么|啊|呀|的|了|我|有|没有|就|能|还|得|好|弄|问|到|给|给我|谁|找|是|在|做|下|和|几"
)
_ASKERS = re.compile("企业|公司|单位|个人|老人|小孩|孩子|外地|农村|个体户|退休|在职")


def is_follow_up(text: str) -> bool:
    """Whether the words say nothing of a subject of their own."""
    key = compact(text)
    if not key or len(key) > MAX_CHARACTERS:
        return False
    bare = _LEADING.sub("", key)
    rest = _GENERIC.sub("", _ASKERS.sub("", bare))
    return not rest and bool(_GENERIC.search(bare) or _ASKERS.search(bare))


def names_asker(text: str) -> bool:
    """Whether the follow-up moves the question to someone else (“企业呢”)."""
    return bool(_ASKERS.search(compact(text)))

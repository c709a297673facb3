"""What people call themselves."""

import re

from bot.understand.numerals import plain

_SAID = re.compile(
    r"(?:我(?:的)?(?:名字)?(?:是叫|叫做|叫|姓名是|名字是|名字叫)|联系人(?:是|叫|[::])?|姓名(?:是|[::])?)\s*([\u4e00-\u9fff·]{2,6}?)(?=$|[,，。;；、\s\d]|电话|手机)"
)
_PREFIX = re.compile(
    r"^(?:您好|你好|嗯|好的?|那?就?)?[,，\s]*(?:我(?:的)?(?:名字)?(?:叫做?|是|姓名是?)?|叫做?|姓名是?|名字是?|联系人是?)?[::\s]*"
)
_SUFFIX = re.compile(r"(?:就行|就好|就可以|吧|啊|呀|哈|[。.!！,，\s])+$")
_WHOLE = re.compile(r"(?:姓?[\u4e00-\u9fff·]{1,8}|[A-Za-z][A-Za-z .'\-]{1,30})$")
_SURNAME = re.compile(r"^姓([\u4e00-\u9fff]{1,2})$")
_NO_NAME = re.compile(
    r"怎么|什么|为啥|干嘛|多少|哪|吗|呢|不想|不要|不用|不说|不留|不给|联系|电话|确认|提交|没有|随便|路灯|投诉|反映|人工|取消|可以|同意"
)


def find_name(text: str) -> str | None:
    """A name that the speaker gives as their own within a longer message."""
    found = _SAID.search(plain(text))
    return found[1] if found else None


def as_name(text: str) -> str | None:
    """``text`` as the answer to «what may we call you»; None when it is no name."""
    words = _SUFFIX.sub("", _PREFIX.sub("", plain(text).strip(), count=1))
    if not _WHOLE.match(words) or _NO_NAME.search(words):
        return None
    surname = _SURNAME.match(words)
    return surname[1] if surname else words

"""The states of a ticket: their names, what they mean to a citizen, and which may follow which."""

from typing import Literal, get_args

Status = Literal[
    "received", "accepted", "assigned", "processing", "replied", "supervised", "returned", "closed", "revisited",
    "evaluated", "rejected", "merged", "withdrawn",
]  # fmt: skip
STATUSES: tuple[Status, ...] = get_args(Status)

NAMES: dict[str, str] = {
    "received": "已收到",
    "accepted": "受理",
    "assigned": "派单",
    "processing": "办理",
    "replied": "答复",
    "supervised": "督办",
    "returned": "退回重办",
    "closed": "办结",
    "revisited": "回访",
    "evaluated": "评价",
    "rejected": "不予受理",
    "merged": "并案",
    "withdrawn": "撤回",
}

MEANINGS: dict[str, str] = {
    "received": "您反映的事已经登记在12345，正在转给分拨系统。",
    "accepted": "分拨系统已经受理，马上安排承办单位。",
    "assigned": "已经派给承办单位。",
    "processing": "承办单位正在处理。",
    "replied": "承办单位已经答复，请看答复内容。",
    "supervised": "这件事已列入督办，会催承办单位尽快办好。",
    "returned": "办理不到位，已退回承办单位重新办理。",
    "closed": "已经办结。不满意可以在这里告诉我们。",
    "revisited": "已经回访，谢谢您的反馈。",
    "evaluated": "已经收到您的评价。",
    "rejected": "这件事不属于12345受理的范围，原因见说明。",
    "merged": "和另一件相同的事合并办理。",
    "withdrawn": "已经按您的要求撤回。",
}

_OPEN: frozenset[str] = frozenset({"replied", "supervised", "returned", "closed", "rejected", "merged", "withdrawn"})

TRANSITIONS: dict[str, frozenset[str]] = {
    "received": frozenset({"accepted", "rejected", "merged", "withdrawn"}),
    "accepted": _OPEN | {"assigned", "processing"},
    "assigned": _OPEN | {"processing", "assigned"},
    "processing": _OPEN | {"assigned"},
    "replied": frozenset({"closed", "returned", "supervised", "processing", "withdrawn", "merged"}),
    "supervised": _OPEN | {"assigned", "processing"},
    "returned": _OPEN | {"assigned", "processing"},
    "closed": frozenset({"revisited", "evaluated", "returned", "supervised"}),
    "revisited": frozenset({"evaluated", "returned", "supervised", "closed"}),
    "evaluated": frozenset({"returned", "supervised"}),
    "rejected": frozenset({"accepted"}),
    "merged": frozenset({"closed", "revisited", "evaluated"}),
    "withdrawn": frozenset(),
}
"""The steps in their usual order. The backend is the authority on its own tickets: a newer version is applied also when
steps were skipped, so this table marks what is unusual and never refuses a callback."""


def usual(before: str, after: str) -> bool:
    """Whether ``after`` is a step that normally follows ``before``."""
    return after in TRANSITIONS.get(before, frozenset())

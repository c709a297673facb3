"""The request as it will be submitted, for the citizen to confirm or mend line by line."""

from dataclasses import asdict

from bot.dialogue.draft import NO_PLACE, Draft
from bot.replies import Choice, Say
from core.catalog import categories, departments, districts

REQUEST_TYPES = {
    "consult": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
}
LABELS = {
    "description": "反映的事",
    "address": "地点",
    "district": "所属区县",
    "occurred_at": "时间",
    "contact_name": "称呼",
    "contact_phone": "电话",
    "confidential": "是否保密",
}


def summary(draft: Draft, *, again: bool = False) -> Say:
    """The ``summary`` event: each field editable by its choice ``edit:SLOT``."""
    lines = [{"slot": slot, "label": label, "value": value} for slot, label, value in _lines(draft)]
    words = (
        "请点「确认提交」，或者告诉我哪里要改；不想提交了请点「取消」。"
        if again
        else "请核对一下，没问题就点「确认提交」。哪里不对，点那一行或直接告诉我。"
    )
    options = [Choice("confirm", "确认提交")]
    options += [Choice(f"edit:{line['slot']}", f"修改{line['label']}") for line in lines if line["slot"] in LABELS]
    if not draft.confidential and draft.consent:
        options.append(Choice("confidential:on", "对承办单位保密我的信息"))
    options.append(Choice("cancel", "取消，不提交了"))
    choices = [asdict(option) for option in options]
    return Say("summary", {"text": words, "fields": lines, "choices": choices, "asks": "confirm"})


def _lines(draft: Draft) -> list[tuple[str, str, str]]:
    category = categories().get(draft.category or "")
    unit = departments().get(draft.unit or "")
    district = districts().get(draft.district or "")
    lines = [("description", LABELS["description"], draft.description or "")]
    lines.append(("request_type", "类型", REQUEST_TYPES.get(draft.request_type or "", "求助")))
    if category is not None:
        lines.append(("category", "归类", category.name))
    if unit is not None:
        lines.append(("unit", "拟转单位", unit.name))
    if draft.request_type not in NO_PLACE or draft.address:
        lines.append(("address", LABELS["address"], draft.address or (draft.location or {}).get("label") or "未提供"))
    if district is not None:
        lines.append(("district", LABELS["district"], district.name))
    if draft.occurred_text:
        lines.append(("occurred_at", LABELS["occurred_at"], draft.occurred_text))
    if draft.file_ids:
        lines.append(("file_ids", "附件", f"{len(draft.file_ids)}个"))
    if draft.consent:
        lines.append(("contact_name", LABELS["contact_name"], draft.contact_name or "不留"))
        lines.append(("contact_phone", LABELS["contact_phone"], draft.contact_phone or "不留"))
        lines.append(("confidential", LABELS["confidential"], "保密" if draft.confidential else "不保密"))
    else:
        lines.append(("contact_phone", LABELS["contact_phone"], "匿名，不留"))
    return lines

/** What the assistant filled, in words. */

export interface SlotLine {
  slot: string;
  label: string;
  value: string;
}

/** Codes in words. */
export interface SlotNames {
  district: (code: unknown) => string;
  request_type: (code: unknown) => string;
  category: (code: unknown) => string;
}

const LABELS: Record<string, string> = {
  request_type: "类型",
  description: "反映的事",
  title: "标题",
  category: "类别",
  district: "区县",
  address: "地点",
  location: "位置",
  occurred_text: "时间",
  urgency: "紧急程度",
  contact_name: "称呼",
  contact_phone: "电话",
  confidential: "是否保密",
  consent: "同意留联系方式",
  enterprise_name: "企业名称",
  uscc: "统一社会信用代码",
  file_ids: "附件",
};

const yes = (value: unknown): string => (value === true ? "是" : "否");

/** The filled slots in the order an agent asks for them; what has no meaning for people is left out. */
export function slotLines(slots: Record<string, unknown>, names: SlotNames): SlotLine[] {
  return Object.keys(LABELS)
    .filter((slot) => slots[slot] !== undefined && slots[slot] !== null && slots[slot] !== "")
    .map((slot) => ({ slot, label: LABELS[slot]!, value: shown(slot, slots[slot], names) }));
}

function shown(slot: string, value: unknown, names: SlotNames): string {
  if (slot === "district" || slot === "request_type" || slot === "category") return names[slot](value);
  if (slot === "confidential" || slot === "consent") return yes(value);
  if (slot === "urgency") return value === "urgent" ? "紧急" : "一般";
  if (slot === "file_ids") return `${Array.isArray(value) ? value.length : 0}个`;
  if (slot === "location") return (value as { label?: string }).label || "已发送位置";
  return String(value);
}

/** `138****0000`; shoulders behind an agent see no more than needed. */
export function masked(slot: string, value: string): string {
  if (slot === "contact_phone") return value.replace(/^(.{3}).+(.{4})$/, "$1****$2");
  return value;
}

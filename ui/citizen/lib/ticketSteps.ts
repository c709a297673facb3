/** The way of a ticket as citizens are shown it, and what each status means for them. */

export const STEPS = ["已收到", "受理", "派单", "办理", "答复", "办结"] as const;

/** The place of each status on the line of steps; absent when the ticket left it. */
const PLACE: Record<string, number> = {
  received: 0,
  accepted: 1,
  assigned: 2,
  processing: 3,
  supervised: 3,
  returned: 3,
  replied: 4,
  closed: 5,
  revisited: 5,
  evaluated: 5,
};

const MEANING: Record<string, string> = {
  received: "您的诉求已经登记，正在转到分拨系统。",
  accepted: "12345已经受理，接下来会派给承办单位。",
  assigned: "已经派给承办单位，单位会与您联系或直接处理。",
  processing: "承办单位正在办理。",
  supervised: "12345正在督促承办单位加快办理。",
  returned: "已经退回承办单位重新办理。",
  replied: "承办单位已经答复。",
  closed: "已经办结。如果不满意，可以告诉我要求重新办理。",
  revisited: "12345已经回访。",
  evaluated: "您已经评价，谢谢。",
  rejected: "按规定没有受理。",
  merged: "与同一件事的其他诉求合并办理，结果会一起告诉您。",
  withdrawn: "已经按您的要求撤回。",
};

/** 0…5 on the line of steps, or -1. */
export const stepOf = (status: string): number => PLACE[status] ?? -1;

export const meaningOf = (status: string): string => MEANING[status] ?? "";

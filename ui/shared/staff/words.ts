/** Codes in the words of the staff pages. */

import type { Citation } from "../contract";

/** 《document》number clause. */
export function sourceName(citation: Citation): string {
  const title = /^《.*》$/.test(citation.document) ? citation.document : `《${citation.document}》`;
  return title + [citation.number, citation.clause].filter(Boolean).join(" ");
}

const CHANNELS: Record<string, string> = { web: "网页", wechat: "微信公众号", suqian_app: "我的宿迁APP", app: "我的宿迁APP", terminal: "终端" };
const AUDIENCES: Record<string, string> = { citizen: "市民", enterprise: "企业", both: "市民和企业" };
const HOLDERS: Record<string, string> = { bot: "智能助手接待中", queue: "排队等待坐席", agent: "坐席接待中", closed: "已结束" };

export const channelName = (code: string): string => CHANNELS[code] ?? code;
export const audienceName = (code: string): string => AUDIENCES[code] ?? code;
export const holderName = (code: string): string => HOLDERS[code] ?? code;

/** `0:45`, `12:05`, `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** An answer as it can be sent in a plain message: no Markdown marks, its sources in one closing line. */
export function sendable(answer: string, citations: readonly Citation[]): string {
  const lines = answer.replace(/\r\n?/g, "\n").split("\n");
  const plain = lines.map((line) => line.replace(/^#{1,6}\s+/, "").replace(/\*\*(.+?)\*\*/g, "$1")).join("\n");
  const text = plain.replace(/\n{3,}/g, "\n\n").trim();
  return citations.length ? `${text}\n（依据：${citations.map(sourceName).join("；")}）` : text;
}

/** What outlives a reload: drafts, messages of unknown fate, and what has been seen. It is about citizens, so it goes
 * when the talk ends and when the agent signs out. */

import { drop, keys, loadJson, saveJson } from "@shared/storage";
import type { Outgoing, Talk } from "./talk";

interface Kept {
  draft: string;
  outgoing: Outgoing[];
  seen: number;
}

const START = "desk.talk.";
const key = (user: string, id: string): string => `${START}${user}.${id}`;

export function keptOf(user: string, id: string): Kept {
  const kept = loadJson<Partial<Kept>>(key(user, id));
  const outgoing = (kept?.outgoing ?? []).map((message) =>
    message.state === "pending" ? { ...message, state: "failed" as const, problem: "页面刷新前没有确认发出" } : message,
  );
  return { draft: kept?.draft ?? "", outgoing, seen: kept?.seen ?? 0 };
}

export function keep(user: string, talk: Talk): void {
  saveJson(key(user, talk.id), { draft: talk.draft, outgoing: talk.outgoing, seen: talk.seen });
}

export const forget = (user: string, id: string): void => drop(key(user, id));

export function forgetAll(): void {
  for (const name of keys(START)) drop(name);
}

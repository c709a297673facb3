import type { Audience, ChatEvent, MessageContent } from "@shared/contract";
import { drop, keys, loadJson, saveJson } from "@shared/storage";

/** A message on its way. `title` is what the citizen sees of a choice or a file; `at` in ms since the epoch. */
export interface Outgoing {
  cid: string;
  content: MessageContent;
  title: string;
  at: number;
  status: "pending" | "sent" | "failed";
  /** Set when the server refused it for good: sending it again would not help. */
  refused?: boolean;
  error?: string;
  /** Its place in the conversation, once known. */
  seq?: number;
}

const key = (audience: Audience, cid: string): string => `out.${audience}.${cid}`;

/** One key for each message, so that two tabs do not overwrite each other's. */
export function keep(audience: Audience, message: Outgoing): void {
  saveJson(key(audience, message.cid), message);
}

export function discard(audience: Audience, cid: string): void {
  drop(key(audience, cid));
}

/** What an earlier visit left unsent, oldest first. */
export function left(audience: Audience): Outgoing[] {
  const found: Outgoing[] = [];
  for (const name of keys(`out.${audience}.`)) {
    const message = loadJson<Outgoing>(name);
    if (message?.cid && message.content) found.push(message);
    else drop(name);
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Whether `event` shows what `message` sent. */
export function shows(event: ChatEvent, { content }: Outgoing): boolean {
  if (event.from !== "user") return false;
  if (event.kind === "file") return content.type === "file" && event.body.file_id === content.file_id;
  if (event.kind === "location") {
    return content.type === "location" && event.body.lat === content.location.lat && event.body.lng === content.location.lng;
  }
  if (event.kind !== "text") return false;
  if (content.type === "choice") return event.body.choice === content.choice;
  return content.type === "text" && event.body.text.trim() === content.text.trim();
}

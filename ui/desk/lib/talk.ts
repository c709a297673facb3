/** One conversation on the desk: what was said, what is on its way, what is not yet read. Pure, so it can be tested. */

import type { ChatEvent, Holder } from "@shared/contract";
import type { QueueItem, Story } from "@shared/staff/types";

/** `after`: the newest event when it was written; `seq` once the server has it, else 0; `problem` says why it failed. */
export interface Outgoing {
  cid: string;
  text: string;
  after: number;
  state: "pending" | "sent" | "failed";
  seq: number;
  problem: string;
}

export interface Talk {
  id: string;
  line: QueueItem;
  story: Story | null;
  events: ChatEvent[];
  /** The newest event that we have. */
  last: number;
  /** The newest event that the citizen has seen. */
  readSeq: number;
  /** The newest event that the agent has seen. */
  seen: number;
  holder: Holder;
  outgoing: Outgoing[];
  draft: string;
  typing: boolean;
  /** Why the story could not be loaded; empty when it could. */
  problem: string;
  /** How it ended here, in words; empty while it goes on. */
  ended: string;
}

export function newTalk(line: QueueItem, kept: { draft: string; outgoing: Outgoing[]; seen: number }): Talk {
  const fresh = { story: null, events: [], last: 0, readSeq: 0, holder: "agent" as const, typing: false, problem: "", ended: "" };
  return { id: line.conversation, line, ...fresh, ...kept };
}

/** Adopt what the server knows now; what is newer here stays. */
export function adopt(talk: Talk, story: Story): void {
  talk.story = story;
  talk.holder = story.holder;
  talk.readSeq = Math.max(talk.readSeq, story.read_seq);
  talk.problem = "";
  if (story.last_seq < talk.last) return;
  talk.events = story.transcript;
  talk.last = story.last_seq;
  for (const event of story.transcript) arrived(talk, event);
  settle(talk);
}

/** Add a live event: `fresh`, `known` already, or a `gap` before it, so that what is missing must be fetched. */
export function receive(talk: Talk, event: ChatEvent): "fresh" | "known" | "gap" {
  if (event.seq <= talk.last) return "known";
  if (event.seq !== talk.last + 1) return "gap";
  talk.events.push(event);
  talk.last = event.seq;
  // Who writes to us has the page open, and has seen what was there.
  if (event.from === "user") talk.readSeq = Math.max(talk.readSeq, event.seq);
  if (event.from === "user") talk.typing = false;
  arrived(talk, event);
  return "fresh";
}

/** The event of a message may come before the answer to its request, or after a request that seemed to fail: the message
 * is then shown once, as the event. */
function arrived(talk: Talk, event: ChatEvent): void {
  if (event.from !== "agent" || event.kind !== "text") return;
  const { text } = event.body;
  let at = talk.outgoing.findIndex((message) => message.seq === event.seq);
  if (at < 0) at = talk.outgoing.findIndex((m) => !m.seq && m.text === text && m.after < event.seq);
  if (at >= 0) talk.outgoing.splice(at, 1);
}

/** Forget messages that the server has and whose events are here. */
export function settle(talk: Talk): void {
  talk.outgoing = talk.outgoing.filter((message) => !message.seq || message.seq > talk.last);
}

/** How many of the citizen's events the agent has not seen. */
export function unread(talk: Talk): number {
  return talk.ended ? 0 : talk.events.filter((event) => event.from === "user" && event.seq > talk.seen).length;
}

/** The newest words of the citizen with more than `least` characters; empty when there are none. */
export function lastWords(talk: Talk, least = 0): { seq: number; text: string } {
  for (let i = talk.events.length - 1; i >= 0; i--) {
    const event = talk.events[i]!;
    if (event.from !== "user" || event.kind !== "text") continue;
    if ([...event.body.text.trim()].length > least) return { seq: event.seq, text: event.body.text };
  }
  return { seq: 0, text: "" };
}

/** What the citizen is about: 「转人工」 or 「好的」 says nothing of it, so longer words go before them. */
export function matter(talk: Talk): string {
  return lastWords(talk, 4).text || lastWords(talk).text;
}

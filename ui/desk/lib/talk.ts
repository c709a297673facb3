/** One conversation on the desk: what was said, what is on its way, what is not yet read. Pure, so it can be tested. */

import type { ChatEvent, Holder } from "@shared/contract";
import type { QueueItem, Story } from "@shared/staff/types";

/** `seq` once the server has it; `problem` says why it failed. */
export interface Outgoing {
  cid: string;
  text: string;
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
  settle(talk);
  return "fresh";
}

/** Forget messages on their way whose events have arrived. */
export function settle(talk: Talk): void {
  talk.outgoing = talk.outgoing.filter((message) => !message.seq || message.seq > talk.last);
}

/** What to show after the events. The event of a message may arrive before the answer to its request: then the message
 * is shown once, as the event. `own` is the agent's shown name. */
export function onTheWay(talk: Talk, own: string): Outgoing[] {
  const arrived = talk.events.slice(-20).filter((event) => event.from === "agent" && event.kind === "text");
  const said = arrived.filter((event) => "agent" in event.body && event.body.agent === own && event.seq > talk.seen);
  const texts = said.map((event) => ("text" in event.body ? event.body.text : ""));
  return talk.outgoing.filter((message) => {
    const at = message.state === "pending" && !message.seq ? texts.indexOf(message.text) : -1;
    if (at >= 0) texts.splice(at, 1);
    return at < 0;
  });
}

/** How many of the citizen's events the agent has not seen. */
export function unread(talk: Talk): number {
  return talk.ended ? 0 : talk.events.filter((event) => event.from === "user" && event.seq > talk.seen).length;
}

/** The newest words of the citizen; empty when there are none. */
export function lastWords(talk: Talk): { seq: number; text: string } {
  for (let i = talk.events.length - 1; i >= 0; i--) {
    const event = talk.events[i]!;
    if (event.from === "user" && event.kind === "text") return { seq: event.seq, text: event.body.text };
  }
  return { seq: 0, text: "" };
}

/** The shapes of the desk's API (contract 7), as the staff pages use them. */

import type { Audience, ChatEvent, Citation, Holder, TicketBody } from "../contract";

export type Role = "agent" | "supervisor" | "editor" | "administrator";
export type Presence = "online" | "busy" | "offline";
export type Outcome = "answered" | "ticket" | "user_left" | "abuse" | "back_to_bot";

export interface SignedIn {
  user: string;
  name: string;
  roles: Role[];
  csrf: string;
}

/** `mine`: the account works in this zone. */
export interface Zone {
  code: string;
  name: string;
  mine: boolean;
}

export interface Me extends SignedIn {
  presence: Presence;
  capacity: number;
  zones: Zone[];
}

/** One who waits, or waited, for a person; `waiting_s` as of the answer. */
export interface QueueItem {
  conversation: string;
  zone: string;
  zone_name: string;
  reason: string | null;
  reason_text: string;
  urgency: string;
  channel: string;
  audience: Audience;
  queued_at: string;
  waiting_s: number;
}

export interface Tried {
  question: string;
  topic: string;
  citations: Citation[];
  seq: number;
}

/** `slots`: what the assistant filled, by slot name. */
export interface Pack {
  reason: string | null;
  reason_text: string;
  note: string | null;
  summary: string;
  slots: Record<string, unknown>;
  tried: Tried[];
  tickets: TicketBody[];
}

/** `read_seq`: the newest event that the citizen has seen. */
export interface Story {
  conversation: string;
  holder: Holder;
  zone: string;
  zone_name: string;
  channel: string;
  audience: Audience;
  urgency: string;
  agent: string | null;
  last_seq: number;
  read_seq: number;
  transcript: ChatEvent[];
  pack: Pack;
}

export interface Suggestion {
  topic: string;
  entry: string;
  question: string;
  answer: string;
  score: number;
  citations: Citation[];
  updated: string;
}

export interface Named {
  code: string;
  name: string;
}

export interface TicketCategory extends Named {
  unit: string;
  unit_name: string;
  examples: string[];
}

export interface CategoryGroup extends Named {
  categories: TicketCategory[];
}

export interface Catalog {
  districts: Named[];
  request_types: Named[];
  categories: CategoryGroup[];
}

export type DeskFrame =
  | { t: "queue"; items: QueueItem[] }
  | { t: "event"; conversation: string; event: ChatEvent }
  | { t: "state"; conversation: string; holder: Holder }
  | { t: "typing"; conversation: string; from: string; on: boolean }
  | { t: "read"; conversation: string; seq: number }
  | { t: "error"; code: string; message: string }
  | { t: "pong" };

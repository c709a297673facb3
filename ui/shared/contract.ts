/** The shapes of the web channel (contract 2), as the pages use them. */

export type Audience = "citizen" | "enterprise";
export type Holder = "bot" | "queue" | "agent" | "closed";
export type Sender = "user" | "bot" | "agent" | "system";

/** Who holds the conversation; `estimated_wait_s` in seconds. */
export interface ConversationState {
  holder: Holder;
  queue_position?: number;
  estimated_wait_s?: number;
  agent?: string;
}

export interface Choice {
  id: string;
  title: string;
}

export interface Citation {
  document: string;
  number?: string;
  clause?: string;
  url?: string;
  updated?: string;
}

export interface Place {
  lat: number;
  lng: number;
  label: string;
}

export interface TextBody {
  text: string;
  asks?: string;
  choice?: string;
  agent?: string;
}

export interface ChoicesBody extends TextBody {
  choices: Choice[];
}

export interface SummaryBody extends ChoicesBody {
  fields: { slot: string; label: string; value: string }[];
}

export interface AnswerBody {
  text: string;
  topic: string;
  entry: string;
  citations: Citation[];
  effective_from?: string;
  expires?: string;
  updated?: string;
  suggestions: Choice[];
}

export interface TicketStep {
  status: string;
  status_name: string;
  at?: string;
  ts?: string;
  unit?: string;
  note?: string;
}

export interface TicketBody {
  ticket: string;
  dispatch_no?: string;
  status: string;
  status_name: string;
  title: string;
  /** What the status means for the citizen; beyond the contract, so the page has words of its own. */
  meaning?: string;
  unit?: string;
  note?: string;
  history?: TicketStep[];
}

export interface NoticeBody {
  code: string;
  text: string;
  numbers?: string[];
  agent?: string;
}

/** `size` in bytes; `url` expires. */
export interface FileBody {
  file_id: string;
  name: string;
  type: string;
  size: number;
  url: string;
}

interface Bodies {
  text: TextBody;
  choices: ChoicesBody;
  summary: SummaryBody;
  location: Place;
  answer: AnswerBody;
  ticket: TicketBody;
  notice: NoticeBody;
  file: FileBody;
}

export type Kind = keyof Bodies;

interface EventOf<K extends Kind> {
  seq: number;
  id: string;
  from: Sender;
  kind: K;
  body: Bodies[K];
  ts: string;
}

/** One event of a conversation; `seq` is gapless from 1. */
export type ChatEvent = { [K in Kind]: EventOf<K> }[Kind];

/** What a citizen sends; exactly the field that `type` names is set. */
export type MessageContent =
  | { type: "text"; text: string }
  | { type: "choice"; choice: string }
  | { type: "file"; file_id: string }
  | { type: "location"; location: Place };

export type OutMessage = MessageContent & { cid: string };

export interface Accepted {
  cid: string;
  seq: number;
  dup: boolean;
}

export interface EventPage {
  events: ChatEvent[];
  state: ConversationState;
}

export type ServerFrame =
  | { t: "welcome"; conversation: string; seq: number; state: ConversationState }
  | { t: "event"; event: ChatEvent }
  | ({ t: "accepted" } & Accepted)
  | { t: "state"; state: ConversationState }
  | { t: "typing"; from: Sender; on: boolean }
  | { t: "error"; code: string; message: string; cid?: string; retry_after?: number }
  | { t: "pong" };

/** Characters of text that one message may have, as the server counts them (code points). */
export const MAX_TEXT = 4000;
/** Bytes that one upload may have. */
export const MAX_FILE = 10 * 1024 * 1024;

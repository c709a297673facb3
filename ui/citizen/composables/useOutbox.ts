import { shallowRef, type ShallowRef } from "vue";
import type { Accepted, Audience, ChatEvent, MessageContent, OutMessage } from "@shared/contract";
import { uuid } from "@shared/uuid";
import { discard, keep, left, shows, type Outgoing } from "../lib/outbox";
import { Sender } from "../lib/sender";

export interface Outbox {
  /** In order of writing; what is already in the log is gone from here. Items are replaced, never changed. */
  messages: ShallowRef<Outgoing[]>;
  post(content: MessageContent, title: string): void;
  retry(cid: string): void;
  remove(cid: string): void;
  /** New events of the log: take away what they show. */
  seen(events: ChatEvent[]): void;
  /** The line is back: send what waits and what failed for want of a line. */
  wake(): void;
  stop(): void;
}

const sendable = (message: Outgoing): boolean => message.status !== "sent" && !message.refused;

/** A message of an earlier visit: tried again, unless the server has refused it. */
const anew = (message: Outgoing): Outgoing =>
  message.refused ? message : { ...message, status: "pending", error: undefined, seq: undefined, at: Date.now() };

/** Messages on their way, kept until the server has stored them. */
export function useOutbox(audience: Audience, send: (message: OutMessage) => Promise<Accepted>): Outbox {
  const messages = shallowRef<Outgoing[]>(left(audience).map(anew));
  let last = 0;
  const sender = new Sender({
    next: () => messages.value.find(sendable),
    send,
    onAccepted: ({ cid }, { seq }) => accepted(cid, seq),
    onFailed: ({ cid }, error, refused) => {
      change(cid, { status: "failed", error, refused, seq: undefined });
      // What waits behind it has no line either.
      if (!refused) for (const other of messages.value.filter(sendable)) change(other.cid, { status: "failed", error });
    },
  });

  function change(cid: string, patch: Partial<Outgoing>): void {
    messages.value = messages.value.map((message) => {
      if (message.cid !== cid) return message;
      const changed = { ...message, ...patch };
      keep(audience, changed);
      return changed;
    });
  }

  function accepted(cid: string, seq: number): void {
    if (seq <= last) return remove(cid);
    change(cid, { status: "sent", seq, error: undefined });
    discard(audience, cid);
  }

  function remove(cid: string): void {
    discard(audience, cid);
    messages.value = messages.value.filter((message) => message.cid !== cid);
  }

  function seen(events: ChatEvent[]): void {
    const flying = messages.value.find((message) => message.cid === sender.inFlight);
    const own = flying && flying.seq === undefined ? events.find((event) => shows(event, flying)) : undefined;
    if (flying && own) change(flying.cid, { seq: own.seq });
    if (events.length) last = events[events.length - 1]!.seq;
    messages.value = messages.value.filter((message) => message.status !== "sent" || (message.seq ?? 0) > last);
  }

  return {
    messages,
    remove,
    seen,
    post(content, title) {
      const message: Outgoing = { cid: uuid(), content, title, at: Date.now(), status: "pending" };
      keep(audience, message);
      messages.value = [...messages.value, message];
      sender.wake();
    },
    retry(cid) {
      change(cid, { status: "pending", refused: false, error: undefined, at: Date.now() });
      sender.wake();
    },
    wake: () => sender.wake(),
    stop: () => sender.stop(),
  };
}

import type { ChatEvent, Choice, Holder, TicketBody } from "@shared/contract";
import type { Outgoing } from "./outbox";

type TicketEvent = Extract<ChatEvent, { kind: "ticket" }>;

/** One line of the log. A ticket has one card, where it first appeared, and at most one news line where it last moved. */
export type Item =
  | { type: "event"; key: string; event: ChatEvent }
  | { type: "card"; key: string; event: ChatEvent; ticket: TicketBody; trail: TicketEvent[] }
  | { type: "news"; key: string; event: TicketEvent }
  | { type: "time"; key: string; ts: string }
  | { type: "out"; key: string; out: Outgoing };

const QUIET_MS = 5 * 60_000;

/** The log as it is shown: `events` in order, then what is still on its way. */
export function timeline(events: readonly ChatEvent[], outgoing: readonly Outgoing[]): Item[] {
  const trails = ticketTrails(events);
  const items: Item[] = [];
  let before = 0;
  events.forEach((event, index) => {
    const item = itemOf(event, index, events, trails);
    if (!item) return;
    const at = Date.parse(event.ts);
    if (at - before > QUIET_MS) items.push({ type: "time", key: `t${event.seq}`, ts: event.ts });
    before = at;
    items.push(item);
  });
  const last = events.length ? events[events.length - 1]!.seq : 0;
  for (const out of outgoing) {
    if (out.seq === undefined || out.seq > last) items.push({ type: "out", key: out.cid, out });
  }
  return items;
}

function ticketTrails(events: readonly ChatEvent[]): Map<string, TicketEvent[]> {
  const trails = new Map<string, TicketEvent[]>();
  for (const event of events) {
    if (event.kind !== "ticket") continue;
    const trail = trails.get(event.body.ticket);
    if (trail) trail.push(event);
    else trails.set(event.body.ticket, [event]);
  }
  return trails;
}

function itemOf(event: ChatEvent, index: number, events: readonly ChatEvent[], trails: Map<string, TicketEvent[]>): Item | null {
  if (event.kind !== "ticket") return { type: "event", key: `e${event.seq}`, event };
  const trail = trails.get(event.body.ticket) ?? [event];
  const latest = trail[trail.length - 1]!;
  if (trail[0] === event) return { type: "card", key: `e${event.seq}`, event, ticket: latest.body, trail };
  const apart = events.slice(trail[0]!.seq - events[0]!.seq, index).some((other) => other.kind !== "ticket");
  return latest === event && apart ? { type: "news", key: `e${event.seq}`, event } : null;
}

/** The `seq` of the question whose buttons may be tapped, or 0. Waiting in the queue, its way out stays open. */
export function liveQuestion(events: readonly ChatEvent[], outgoing: readonly Outgoing[], holder: Holder): number {
  const onItsWay = outgoing.filter((out) => out.status !== "failed");
  const chosen = onItsWay.some((out) => out.content.type === "choice");
  let answered = onItsWay.length > 0;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i]!;
    if (event.from === "user") answered = true;
    if (event.kind === "notice" && /^(agent_joined|left_queue)$/.test(event.body.code)) return 0;
    if (event.kind !== "choices" && event.kind !== "summary") continue;
    const wayOut = holder === "queue" && event.body.choices.some((choice: Choice) => choice.id.startsWith("queue:"));
    return !answered || (wayOut && !chosen) ? event.seq : 0;
  }
  return 0;
}
